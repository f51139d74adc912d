/* SPDX-License-Identifier: MIT */
/* What the files behind exchange.h share: the exchange itself, and its journal line. */
#ifndef CORE_EXCHANGE_PARTS_H
#define CORE_EXCHANGE_PARTS_H

#include "core.h"
#include "exchange.h"
#include "store/lease.h"

struct exchange {
    enum verdict verdict;
    bool ended;           /* its journal line is written */
    bool denied;          /* a hit: |record| is a refusal, see denial.h */
    bool has_tenant;      /* tenant, key and alias are derived */
    unsigned generation;  /* of the process that began it, see core_generation() */
    uint64_t begun_us;    /* the request was complete */
    struct policy policy; /* what the rules say about it, as far as it is known */
    struct tenant tenant;
    uint8_t alias[STORE_KEY_SIZE];
    uint8_t key[STORE_KEY_SIZE];
    struct journal_record line;

    /* A miss: the request's copy, and what it was recognised as. */
    struct call call;
    struct request request; /* spans into |copy|, headers owned */
    struct buffer copy; /* start line and fields first: |secret_size| bytes to be wiped */
    size_t secret_size;

    /* A hit, or a miss whose expired entry is kept in case upstream fails. */
    bool stale;
    struct entry entry;   /* owns what |record| points into */
    struct record record; /* a hit's */
    unsigned failure;     /* a stale hit: upstream's status, 0 = none came */
    uint64_t waited_us;   /* and how long the program had waited by then */
    struct lease lease;   /* a miss': held until it has ended; waiting: the other one's */
    unsigned rounds;      /* how often it has waited */
    bool following;       /* a helper waits for it */
    bool observed;        /* a miss although there is an entry: mode observe */
};

/* -- exchange_policy.c: the rules ---------------------------------------------------------- */

/* Looks up the rules for |request|; empty texts are not known yet. */
void exchange_policy(struct exchange *exchange, const struct request *request,
                     const char *dialect, const char *operation, const char *model);
/* The same with what the recogniser has found, and with what the found entry says. */
void exchange_policy_of_call(struct exchange *exchange, const struct request *request);
void exchange_policy_of_entry(struct exchange *exchange, const struct request *request);
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

/* Opens |entry| and makes the exchange a hit with it. False, and the entry is freed: it is no
 * answer to |request|. */
MUST_USE bool exchange_open(struct exchange *exchange, const struct request *request);

/* Looks it up by its exact key. True: it is a hit, or observed. */
MUST_USE bool exchange_find(struct exchange *exchange, struct store *store,
                            const struct request *request);

/* -- exchange_coalesce.c: the same question at the same time ---------------------------- */

/* Of a miss: takes its lease. It is a hit afterwards, if an answer has come meanwhile, or
 * waits, if somebody else has the lease. */
void exchange_compete(struct exchange *exchange, struct store *store);
/* Lets the others go on. */
void exchange_release(struct exchange *exchange);

/* -- exchange_stale.c: expired entries ------------------------------------------------- */

/* How long an answer that came with |status| lives by the rules that hold now, in seconds. */
uint64_t exchange_lifetime(const struct exchange *exchange, unsigned status,
                           bool sensitive);
/* Of |entry| as it was found under |key|: true when it has not expired. One that has is
 * replaced by a newer one, kept as `stale`, or freed. */
MUST_USE bool exchange_is_fresh(struct exchange *exchange, struct store *store);

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
/* True when there is nothing left to say about it: it has ended, or it is a parent's. */
bool exchange_is_over(const struct exchange *exchange);
/* Writes it; |exchange| may be NULL (a bypass without one). */
void exchange_line_end(struct exchange *exchange, struct journal_record *line,
                       enum journal_verdict verdict, enum reason reason);
/* Milliseconds since 1970. */
int64_t exchange_now_ms(void);

#endif
