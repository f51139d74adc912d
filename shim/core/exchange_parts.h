/* SPDX-License-Identifier: MIT */
/* What the files behind exchange.h share: the exchange itself, and its journal line. */
#ifndef CORE_EXCHANGE_PARTS_H
#define CORE_EXCHANGE_PARTS_H

#include "api/edge_call.h"
#include "api/edge_date.h"
#include "api/prefix_mark.h"
#include "core.h"
#include "exchange.h"
#include "ignoring.h"
#include "samples.h"
#include "store/lease.h"
#include "store/sample.h"

struct exchange {
    enum verdict verdict;
    bool ended;      /* its journal line is written */
    bool denied;     /* a hit: |record| is a refusal, see denial.h */
    bool has_tenant; /* tenant, key and alias are derived */
    bool keyed;      /* the line's |request| is the key's, not the alias' */
    bool changed;    /* a miss: `request` has another body than the program's */
    bool counted;    /* one of several answers is chosen: `sample`, `ordinal` */
    bool stale;      /* a miss, or a hit since upstream has failed: `entry` has expired */
    bool revalidated;    /* a hit that has expired; a new answer is being fetched */
    bool observed;       /* a miss although there is an entry: mode observe */
    bool edge;           /* a GET or HEAD, see exchange_edge.c */
    bool validates;      /* a stale miss: upstream is asked whether `entry` still holds */
    bool validated;      /* a hit since it does */
    bool fails_over;     /* a stale miss: `entry` may be served if upstream fails */
    bool requested;      /* a stale miss that has not expired: the program asks */
    bool directed;       /* likewise, since HTTP says so: see edge_use_directed() */
    bool following;      /* waiting: a helper is to call */
    bool completed;      /* a hit that upstream has given a part of */
    bool compared;       /* looked up by its words or its meaning, too */
    bool sampled;        /* a miss: |seen|, and |shadow| are filled in */
    bool admitted;       /* what |seen| tells of would be served */
    bool plain;          /* its answer is nothing but text */
    enum reason remark;  /* of a miss that is recorded */
    uint32_t ordinal;    /* which of several answers; 0 where one is all */
    unsigned rounds;     /* how often it has waited */
    unsigned failure;    /* a stale hit: upstream's status, 0 = none came */
    unsigned generation; /* of the process that began it, see core_generation() */
    uint64_t begun_us;   /* the request was complete */
    uint64_t waited_us;  /* how long the program had waited before it could be served */
    struct policy policy; /* what the rules say about it, as far as it is known */
    struct tenant tenant;
    uint8_t alias[STORE_KEY_SIZE];
    uint8_t key[STORE_KEY_SIZE];
    struct journal_record line;
    struct sample_place sample;

    /* A miss: the request's copy, and what it was recognised as. */
    struct call call;
    struct ignoring *ignoring; /* what |call|'s canonical form leaves out; or NULL */
    struct request request;    /* spans into |copy|, headers owned */
    struct buffer copy; /* start line and fields first: |secret_size| bytes to be wiped */
    size_t secret_size;
    uint8_t epoch
        [EDGE_EPOCH_SIZE]; /* edge: its address' when it was looked up; zeroes: none */
    struct buffer
        shadow;         /* a miss: the words that the semantic layer would have served */
    struct sample seen; /* what it was, and how the answer compares */
    struct near_question *near; /* see exchange_near.c; or NULL */
    struct buffer conditions;   /* with `validates`: lines for upstream */
    struct buffer changed_body; /* with `changed`, until it is in |copy| */
    struct buffer marked_body;  /* with |mark|: `request`'s, as upstream gets it */
    enum prefix_mark mark;      /* a miss: what was added to it */
    struct batch *batch;        /* of several vectors: see exchange_batch.h; or NULL */
    struct lease lease;         /* held until it has ended; waiting: somebody else's */

    /* A hit, or a miss with `stale`. */
    struct entry entry;   /* owns what |record| points into */
    struct record record; /* a hit's */
};

/* -- exchange_policy.c: the rules ---------------------------------------------------------- */

/* Looks up the rules for |request| with what the recogniser has found, or with what the found
 * entry says. */
void exchange_policy_of_call(struct exchange *exchange, const struct request *request);
void exchange_policy_of_entry(struct exchange *exchange, const struct request *request);
/* Leaves out of the recognised call's canonical form what they say. REASON_NONE, or why it has none
 * now. */
MUST_USE enum reason exchange_ignore(struct exchange *exchange, struct span body);
/* Appends a miss's tags, framed. Ask buffer_ok(). */
void exchange_tags(const struct exchange *exchange, struct buffer *out);
/* Gives the journal line the tags of |request|; its body is left out unless |readable|. */
void exchange_line_tags(struct journal_record *line, const struct policy *policy,
                        const struct request *request, bool readable);
/* Likewise for a request that was not looked up, as |call| was recognised in its head. */
void exchange_line_head_tags(struct journal_record *line, const struct request *head,
                             const struct call *call);
/* Why they forbid to serve or record such a request, or REASON_NONE. */
enum reason exchange_refusal(const struct exchange *exchange, bool stochastic,
                             bool sensitive);

/* -- exchange_keys.c: who asks, and under which key ---------------------------------- */

/* The tenant of |request|, made when |create|. STORE_OK (has_tenant is set, and the
 * alias), STORE_MISS, or another store_result. */
MUST_USE int exchange_find_tenant(struct exchange *exchange, struct store *store,
                                  const struct request *request, bool create);
/* The exact key of the recognised call. 0, or -1 when memory is short. */
MUST_USE int exchange_make_key(struct exchange *exchange, const struct request *request);

/* Notes that equal requests are told by |key|, which is no sample's yet. */
void exchange_note_key(struct exchange *exchange);

/* Opens |entry| and makes the exchange a hit with it. False, and the entry is freed: it is no
 * answer to |request|. */
MUST_USE bool exchange_open(struct exchange *exchange, const struct request *request);

/* True when the rules do not let the found entry be served. */
bool exchange_is_forbidden(const struct exchange *exchange);
/* True when it has not expired, and the same model would answer. */
bool exchange_is_good(const struct exchange *exchange, struct store *store);

/* There is an answer, but the program gets upstream's: what preecho would save is all that is
 * wanted. */
void exchange_observe(struct exchange *exchange);

/* -- exchange_batch.c, exchange_batch_record.c: requests for vectors --------------------- */

/* A request for one vector becomes the one that a batch with it would be made of, in `changed_body`.
 * True: it was another, and |asked| has that body now. */
MUST_USE bool exchange_as_item(struct exchange *exchange, struct request *asked);
/* Looks the items of a request for several up. True: it is a hit, or observed; else `batch` says
 * what is known, unless it is no such request. */
MUST_USE bool exchange_find_items(struct exchange *exchange, struct store *store);
/* True when such a request is for one vector, as a batch would ask for it. */
MUST_USE bool exchange_is_item(const struct exchange *exchange);
/* An entry for each of the items that |response| answers, with |notes|. STORE_OK, also when there
 * are none, or what store_record() says. */
MUST_USE int exchange_record_items(struct exchange *exchange, struct store *store,
                                   const struct response *response,
                                   const struct entry_label *label,
                                   const struct entry_notes *notes);
/* The same, and |recipe| becomes that of |packed|, the record of |response| as a whole. STORE_OK;
 * STORE_MISS: there is none; STORE_CORRUPT: |response| contradicts the request, and nothing was
 * recorded; STORE_NO_MEMORY: perhaps it does. */
MUST_USE int exchange_record_recipe(struct exchange *exchange, struct store *store,
                                    const struct response *response,
                                    const struct entry_label *label,
                                    const struct entry_notes *notes, struct span packed,
                                    struct buffer *recipe);
/* True when an answer to a request for vectors contradicts it: out of order, or of several sizes. Of a
 * batch exchange_record_recipe() tells. */
bool exchange_is_odd(const struct exchange *exchange, const struct response *response);
/* What goes upstream in place of the request, or empty. */
struct span exchange_partial_body(const struct exchange *exchange);
void exchange_free_batch(struct exchange *exchange);

/* -- exchange_commit.c ------------------------------------------------------------------- */

/* An answer without content coding, and what had to be made for it. */
struct plain {
    struct response response;
    struct buffer body;
    struct headers headers;
    struct piece piece;
};
/* REASON_NONE, or why there is none. To be freed whatever the result. */
MUST_USE enum reason exchange_make_plain(const struct response *response,
                                         struct plain *plain);
void exchange_free_plain(struct plain *plain);
/* Records |response|, which answers a part of the batch, and ends the exchange as a miss. */
void exchange_commit_part(struct exchange *exchange, const struct response *response);

/* -- exchange_stochastic.c: answers drawn at random ------------------------------------ */

/* With `stochastic = zero`: gives |asked|, as |call| was recognised in it, a body that
 * leaves nothing to chance, and recognises it anew. REASON_NONE, also when there is
 * nothing to be done; else why it must not be looked up. */
MUST_USE enum reason exchange_remove_chance(struct exchange *exchange,
                                            struct request *asked);
/* True when the found entry was drawn and the rules want none that is. */
bool exchange_is_left_to_chance(const struct exchange *exchange);
/* True when the rules keep several answers to such a request. */
bool exchange_wants_sample(const struct exchange *exchange, bool stochastic);
/* Then chooses one of them, once, and makes |key|, which is the exact key, that answer's.
 * REASON_NONE or REASON_NO_MEMORY. */
MUST_USE enum reason exchange_choose_sample(struct exchange *exchange, bool stochastic);
/* At the end: a request that got none leaves its place to the next one. */
void exchange_return_sample(const struct exchange *exchange);

/* Looks it up by its exact key. True: it is a hit, or observed. */
MUST_USE bool exchange_find(struct exchange *exchange, struct store *store,
                            const struct request *request);

/* Keeps a copy of a miss's request. 0, or -1 when memory is short. */
MUST_USE int exchange_keep_request(struct exchange *exchange,
                                   const struct request *request);

/* -- exchange_edge.c: GET and HEAD ------------------------------------------------------- */

/* True when the edge layer looks |head| up. */
bool exchange_edge_wants(const struct request *head);
/* As exchange_begin()'s judgement: REASON_NONE (hit or miss), or why it is not looked up. */
MUST_USE enum reason exchange_edge_judge(struct exchange *exchange, struct store *store,
                                         const struct request *request);
/* May |response|, a miss's, be kept? REASON_NONE, or why not. */
MUST_USE enum reason exchange_edge_check(const struct exchange *exchange,
                                         const struct response *response);
/* Of a miss's answer: makes its keys. REASON_NONE, or why that is not possible. */
MUST_USE enum reason exchange_edge_keys(struct exchange *exchange, struct store *store,
                                        const struct headers *response);
/* An answer's fields with what it lacks before it is kept: Date (RFC 9110, 6.6.1), and the Vary of
 * the latest variant where the answer has none (RFC 9111, 4.1). */
struct edge_whole {
    struct headers headers;
    char date[EDGE_DATE_SIZE];
    struct buffer vary;
};
/* Makes it of |received|; |store| NULL: without Vary. REASON_NONE or REASON_NO_MEMORY. To be freed
 * whatever the result. */
MUST_USE enum reason exchange_edge_complete(const struct exchange *exchange,
                                            struct store *store,
                                            const struct headers *received,
                                            struct edge_whole *out);
void exchange_edge_free_whole(struct edge_whole *whole);
/* How long the answer with the fields |stored| holds, and when that began, by the |message| that
 * has just come. */
void exchange_edge_label(const struct exchange *exchange, const struct headers *message,
                         const struct headers *stored, struct entry_label *label);
/* A 304 with |fields| has come: the exchange becomes a hit with the entry as they update it, which
 * is recorded. */
MUST_USE bool exchange_edge_confirm(struct exchange *exchange,
                                    const struct headers *fields);
/* Upstream has answered a HEAD with |fields|: what is kept as the answer to the GET is updated by
 * them, or counts as expired (RFC 9111, 4.3.5). */
void exchange_edge_compare(struct exchange *exchange, struct store *store,
                           const struct headers *fields);
/* Finds what is kept as the answer to |request|: `entry`, `record`, `key`, `epoch`. */
MUST_USE bool exchange_edge_find(struct exchange *exchange, struct store *store,
                                 const struct request *request);
/* Forgets it. */
void exchange_edge_forget(struct exchange *exchange);
/* Makes it a hit with `entry` and `record`, or by the condition of |request| a 304. */
void exchange_edge_serve(struct exchange *exchange, const struct request *request);
/* A stale miss becomes a hit as it is. */
MUST_USE bool exchange_edge_open(struct exchange *exchange);

/* -- exchange_lexical.c: equal words ------------------------------------------------------ */

/* Looks |request|, the recognised call, up by the words of its last user message, if the rules say so.
 * True: it is a hit, or observed. */
MUST_USE bool exchange_lexical_find(struct exchange *exchange, struct store *store,
                                    const struct request *request);
/* Of a miss that is about to be recorded, and whose answer is plain words: notes in |label| by what
 * others may find it, and appends the |words| that it teaches. And once it is recorded, lets them find
 * it. */
void exchange_lexical_label(const struct exchange *exchange, struct entry_label *label,
                            struct buffer *words);
void exchange_lexical_record(const struct exchange *exchange, struct store *store,
                             const struct entry_label *label);

/* -- exchange_near.c: near in meaning ------------------------------------------------------- */

/* Of a miss: it waits for its message's embedding, if the rules say so and it has one. */
void exchange_near_begin(struct exchange *exchange, struct store *store);
/* True while it does. */
bool exchange_near_waits(const struct exchange *exchange);
/* Then: asks for it; somebody calls at |far|. False: that cannot be done. */
MUST_USE bool exchange_near_ask(struct exchange *exchange, int far);
/* How long that takes at most, in microseconds. */
uint64_t exchange_near_patience_us(void);
/* Does without. */
void exchange_near_give_up(struct exchange *exchange);
/* After the call. True: it is a hit. */
MUST_USE bool exchange_near_find(struct exchange *exchange, struct store *store);
/* Appends the note of a miss that is about to be recorded, if there is an embedding. */
void exchange_near_note(const struct exchange *exchange, struct buffer *out);
void exchange_near_free(struct exchange *exchange);

/* -- exchange_semantic.c: what was found for another text ------------------------------------ */

/* Gives the opened entry up: a miss, and the line as it was |before|. */
void exchange_semantic_forget(struct exchange *exchange,
                              const struct journal_record *before);
/* Serves it, whose key is |key|, or observes. */
void exchange_semantic_serve(struct exchange *exchange,
                             const uint8_t key[STORE_KEY_SIZE]);
/* Keeps its words and |seen|, to be compared with the answer that comes; it remains open. */
void exchange_semantic_keep(struct exchange *exchange, const struct sample *seen);
/* What a certificate for it would be about. */
void exchange_semantic_scope(const struct exchange *exchange, struct span model,
                             uint32_t guards, struct certificate_scope *scope);
/* Of a miss that is about to be recorded: what |response| is worth to other texts, the |words| that it
 * teaches, and how it compares.
 * Afterwards the notes (ask buffer_ok()), and a remark for the journal or REASON_NONE. */
void exchange_semantic_label(struct exchange *exchange, const struct response *response,
                             struct entry_label *label, struct buffer *words);
void exchange_semantic_notes(const struct exchange *exchange, struct buffer *vector,
                             struct buffer *sample);
enum reason exchange_semantic_remark(const struct exchange *exchange);

/* -- exchange_epoch.c: addresses that are written to --------------------------------------- */

/* The epoch of a record whose request has the body |from|. False: it has none. */
MUST_USE bool exchange_epoch_take(struct span from, uint8_t epoch[EDGE_EPOCH_SIZE]);
struct span exchange_epoch(const struct exchange *exchange);
/* Of a miss whose answer has come: makes the alias, and the epoch where there was none. False: the
 * address was written to since it was looked up, or is new to somebody else, too. */
MUST_USE bool exchange_epoch_keep(struct exchange *exchange, struct store *store);
/* The address of |exchange|, whose tenant is known, was written to: where anything is kept of it
 * another epoch begins. */
void exchange_written(struct exchange *exchange, struct store *store);

/* -- exchange_prefix.c: the provider's prefix cache ---------------------------------------- */

/* Of a miss: adds to what upstream gets what the rules say, if that can be. */
void exchange_mark_prefix(struct exchange *exchange, struct store *store);
/* Notes what was added in the tags of a miss's journal line. */
void exchange_line_mark(const struct exchange *exchange, struct journal_record *line);

/* -- exchange_coalesce.c: the same question at the same time ---------------------------- */

/* Of a miss: takes its lease. It is a hit afterwards, if an answer has come meanwhile, or
 * waits, if somebody else has the lease. */
void exchange_compete(struct exchange *exchange, struct store *store);
/* Makes sure of tenant and keys, which come into being with the first recording, or lease. */
MUST_USE bool exchange_has_keys(struct exchange *exchange, struct store *store);
/* Lets the others go on. */
void exchange_release(struct exchange *exchange);

/* -- exchange_stale.c: expired entries ------------------------------------------------- */

/* Of |entry| as it was found under |key|: true when it has not expired, or is served all the same
 * (`revalidated`). One that has is replaced by a newer one, kept as `stale`, or freed. */
MUST_USE bool exchange_is_fresh(struct exchange *exchange, struct store *store,
                                const struct request *request);

/* -- exchange_model.c: on_model_change = retire ------------------------------------------ */

/* Remembers which model has answered what |label| stands for. */
void exchange_note_model(const struct exchange *exchange, struct store *store,
                         const struct entry_label *label);
/* True when another model has come since the entry was recorded. */
MUST_USE bool exchange_is_retired(const struct exchange *exchange, struct store *store);

/* -- exchange_deny.c: replay mode ---------------------------------------------------- */

/* The end of exchange_begin() for |exchange|, which is no hit; |reason| is judge()'s, and
 * |store| where the nearest recording is looked for. The refusal, or NULL when |request| is
 * nobody's business. Takes |exchange| over. */
MUST_USE struct exchange *exchange_replayed(struct exchange *exchange,
                                            struct store *store,
                                            const struct request *request,
                                            enum reason reason);
/* For a candidate that could not be judged, for |reason|. In other modes NULL. */
MUST_USE struct exchange *exchange_deny_unjudged(const struct request *request,
                                                 enum reason reason,
                                                 enum journal_level level);

/* -- exchange_line.c: the journal ---------------------------------------------------- */

/* What is known from the start. */
void exchange_line_begin(struct journal_record *line, const struct request *request,
                         enum journal_level level);
/* What the recogniser knows. */
void exchange_line_call(struct journal_record *line, const struct call *call);
/* What a found entry knows. */
void exchange_line_hit(struct journal_record *line, const struct entry_label *label);
/* What it has taken. */
void exchange_line_usage(struct journal_record *line, const struct usage *usage);
/* It was none, after all: forgets what the entry knows. */
void exchange_line_no_hit(struct journal_record *line);
/* True when there is nothing left to say about it: it has ended, or it is a parent's. */
bool exchange_is_over(const struct exchange *exchange);
/* Writes it; |exchange| may be NULL (a bypass without one). */
void exchange_line_end(struct exchange *exchange, struct journal_record *line,
                       enum journal_verdict verdict, enum reason reason);
/* Milliseconds since 1970. */
int64_t exchange_now_ms(void);

#endif
