/* SPDX-License-Identifier: MIT */
/* One request and what becomes of it. The levels (OpenSSL, libcurl) hand in whole
 * requests and whole responses; the layers behind say hit, miss or bypass; the journal
 * gets its line.
 *
 * Life: exchange_begin() -> verdict
 *   hit:    the level serves exchange_record(), then exchange_served(), exchange_free()
 *   miss:   the level sends the request upstream, as it is or with the body that
 *           exchange_upstream_body() gives, then exchange_commit() with the whole
 *           response or exchange_drop() with a reason, then exchange_free()
 *   wait:   somebody else is asking the same, or an embedding model what it means:
 *           exchange_follow(), and when the program has been
 *           called exchange_again(), whose verdict is one of these three; or
 *           exchange_go_alone(), which makes it a miss
 *   bypass: exchange_free(); the journal line has been written
 * An exchange that is freed without one of these was aborted.
 *
 * In replay mode there is no miss: what is not recorded, and what would be bypassed, becomes
 * a hit whose record is a refusal (denial.h). In a forked child the parent's exchanges are
 * silent: nothing is recorded or written about them twice. Thread class: any thread; one
 * exchange belongs to one thread at a time. Not for signals. */
#ifndef CORE_EXCHANGE_H
#define CORE_EXCHANGE_H

#include "api/record.h"
#include "cache_mark.h"
#include "store/journal.h"

enum verdict {
    VERDICT_IS_BYPASS,
    VERDICT_IS_MISS,
    VERDICT_IS_HIT,
    VERDICT_IS_WAIT, /* a miss that somebody else has, too, or whose meaning is asked for */
    VERDICT_IS_LOST, /* replay mode, and no memory for an answer: not to be sent either */
};

struct exchange;

/* Judges |request| (whole, body included) and looks it up. NULL means
 * bypass: not an LLM call, one that is not reusable (its journal line is written), no
 * store, no memory. The request is copied as far as needed. */
MUST_USE struct exchange *exchange_begin(const struct request *request,
                                         enum journal_level level);
/* True when it is a GET or HEAD. */
bool exchange_is_edge(const struct exchange *exchange);
enum verdict exchange_verdict(const struct exchange *exchange);

/* After a hit: the recording, valid until exchange_free(). */
const struct record *exchange_record(const struct exchange *exchange);
/* After a hit: what to say about the cache; also whether the record is a refusal. */
struct cache_mark exchange_mark(const struct exchange *exchange);
/* After a hit that the program has read: when it saw the first and last byte, counted in
 * microseconds from the verdict. What that took is added. */
void exchange_served(struct exchange *exchange, uint64_t first_us, uint64_t last_us);

/* After a miss: the body that is to go upstream in place of the program's, valid until
 * exchange_free(); empty: the program's own. Of the fields only those that tell its
 * length change. */
struct span exchange_upstream_body(const struct exchange *exchange);
/* After a miss: that body could not be sent. True: it only had something added for the provider's
 * prefix cache, which is forgotten; what was to be sent without it is to be asked for anew. */
MUST_USE bool exchange_unmark(struct exchange *exchange);
/* After a miss: lines, each with its line end, that are to be added to the program's fields, valid
 * until exchange_free(); empty: none. Who adds them must be able to serve an entry. */
struct span exchange_upstream_fields(const struct exchange *exchange);
/* After a miss: the whole response, framing complete. Decodes, checks (design, section
 * 9), packs, seals and spools it, and writes the journal line. |level| is stored beside
 * (may be empty). Times in |response| count from the request's completion. Never fails
 * towards the caller. */
void exchange_commit(struct exchange *exchange, const struct response *response,
                     struct span level);
/* After exchange_commit(): true when the response was recorded. */
bool exchange_recorded(const struct exchange *exchange);
/* After a miss whose response cannot be kept, or a hit that could not be served and went
 * upstream (then a bypass in the journal). |status| may be 0 when none was seen. */
void exchange_drop(struct exchange *exchange, enum reason reason, unsigned status);
void exchange_free(struct exchange *exchange);

/* After a miss: true when an expired entry may be served should upstream fail. Then the level
 * shows nothing of upstream's answer until its status is known, and calls one of the two
 * below; further questions are answered by false. */
bool exchange_stale(const struct exchange *exchange);
/* True when |status|, of upstream's answer, is one that the program is not to see: a failure that
 * the entry replaces, or the 304 to exchange_upstream_fields(). */
bool exchange_hides(const struct exchange *exchange, unsigned status);
/* Upstream has answered with such a |status| and |fields|, or, with 0 and NULL, not at all. True:
 * the miss is a hit now, and to be served like one. False: the program gets what upstream has
 * answered; a 304 is no answer for it. */
MUST_USE bool exchange_serve_stale(struct exchange *exchange, unsigned status,
                                   const struct headers *fields);
/* Upstream's answer is the one that counts. */
void exchange_forget_stale(struct exchange *exchange);

/* After a miss: true when upstream is asked for some of the vectors alone. Then nothing of an answer
 * with a status of success is the program's: the level keeps all of it back and calls
 * exchange_complete(). Other answers are shown as they are and handed to exchange_commit(). */
bool exchange_is_partial(const struct exchange *exchange);
/* With that whole answer: true when the exchange is a hit now, to be served like one; it has been
 * recorded. False: it does not fit, and upstream is to be asked again, for all: as after a miss
 * that is not partial; exchange_upstream_body() is the program's own body, as a copy. */
MUST_USE bool exchange_complete(struct exchange *exchange,
                                const struct response *response);
/* Before anything was sent: the answer could not be kept back. The program's request is to be sent
 * as it is. */
void exchange_ask_whole(struct exchange *exchange);

/* -- what tells of stored answers: RFC 9111, 4.3.5 and 4.4 ----------------------------- */

/* Of a request that goes upstream unlooked at, by its head: what is to be done when it has been
 * answered, or NULL: nothing. To be freed with exchange_free(). */
struct exchange *exchange_watch_begin(const struct request *head);
/* It has, with |status| and |fields|, or NULL where they are not known. After something else than a
 * GET or HEAD, and no failure, answers to a GET of the same address that were recorded before are not
 * found any more. After a HEAD the one that it would have got has new fields, or counts as expired. */
void exchange_watch_end(struct exchange *exchange, unsigned status,
                        const struct headers *fields);

/* -- waiting: for the same question of somebody else, or for an embedding ---------------- */

/* While waiting: makes sure that the other end of |far|, a socket, becomes readable, by one
 * byte, when it is time for exchange_again(): there is an answer, or there will be none, or the
 * waiting has lasted long enough. False: that cannot be done, or not for longer; then
 * exchange_go_alone(). */
MUST_USE bool exchange_follow(struct exchange *exchange, int far);
/* The verdict now: hit, miss, or wait once more. Not before the byte has come. */
MUST_USE enum verdict exchange_again(struct exchange *exchange);
/* While waiting: true when the byte should have come long ago: somebody has killed the helper. */
bool exchange_is_overdue(const struct exchange *exchange);
/* Waits no longer: a miss. */
void exchange_go_alone(struct exchange *exchange);
/* True when it is this very thread that asks the same already: if the thread stands still
 * until there is an answer, there will be none. */
bool exchange_leader_is_here(const struct exchange *exchange);

/* -- replay mode --------------------------------------------------------------------- */

/* True when |host| is one that nothing is sent to in replay mode: the dialect tables or
 * PREECHO_HOSTS name it, or it was recorded over libssl. |port| 0: not known. */
bool exchange_confines(struct span host, uint16_t port);
/* True when |request|, which is not looked up for |reason|, must not be sent: it is for such
 * a host, or it is an LLM call. */
bool exchange_must_deny(const struct request *request, enum reason reason);
/* Its answer, as exchange_begin() would give it: a hit, or VERDICT_IS_LOST; never NULL. The
 * journal line is written. */
MUST_USE struct exchange *exchange_deny(const struct request *request, enum reason reason,
                                        enum journal_level level);

/* Judges a request by its head alone, as api_may_be_call() does, for all layers: true: worth holding
 * back for exchange_begin(). */
bool exchange_may_begin(const struct request *head, enum reason *reason);

/* A journal line for a request that was recognised by its head and never looked up. */
void exchange_bypass(const struct request *head, enum reason reason,
                     enum journal_level level);

#endif
