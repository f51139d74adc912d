/* SPDX-License-Identifier: MIT */
/* What `preecho prefix` finds out: how much of each prompt its provider's prefix cache can have
 * known, and what kept it from knowing more. Everything comes from the store's entries, which are
 * opened one after the other; of their prompts only keyed hashes are kept (prefix_pieces.h). One
 * thread; ends the command when memory is short.
 *
 * A request is compared with those of the same tenant, model, host and port that began within the
 * hour before it and had begun to be answered. Tokens of a part of a prompt are that part of the
 * request's tokens: bytes are counted as prompt_segments.h strings them together, pictures as
 * PIECE_MEDIA; where a beginning has been counted by its provider, as a whole earlier prompt has, its
 * tokens are known. Where the answer does not tell its tokens, four bytes are one. */
#ifndef TOOLS_PREFIX_H
#define TOOLS_PREFIX_H

#include "call_filter.h"
#include "prefix_beginnings.h"
#include "prefix_cause.h"
#include "prefix_pieces.h"
#include "shim/core/api/prefix_minimum.h"
#include "store/each.h"
#include "store/price.h"

#define PREFIX_WINDOW 64 /* calls whose whole prompts are remembered */

/* Tokens, and whether they are an estimate. */
struct prefix_tokens {
    uint64_t tokens;
    bool about;
};

/* A call that went to the provider and was recorded. */
struct prefix_call {
    uint8_t key[STORE_KEY_SIZE];
    uint32_t number; /* prefix_beginnings.h; from prefix_count() on */
    int64_t begun_ms, answered_ms, ended_ms; /* |answered_ms|: its answer's first byte */
    bool counted; /* false: there only for others to be compared with */
    bool estimated, marks_itself;
    uint64_t tokens_in, tokens_cached, tokens_written;
    char program[16];
    struct prefix_group *group;
    struct pieces pieces;
};

/* A place at which prompts part from earlier ones, again and again. */
struct prefix_loss {
    const struct prefix_group *group;
    char program[16];
    uint64_t calls, tokens, money; /* lost there; money in 1e-12 dollars */
    uint64_t worst_tokens;         /* by this one */
    uint8_t key[STORE_KEY_SIZE], before[STORE_KEY_SIZE];
    int64_t ended_ms, before_ms;
    struct prefix_place place; /* |place.any| false: an entry cannot be opened any more */
};

/* One of a group's system prompts. */
struct prefix_version {
    uint64_t calls;
    uint8_t key[STORE_KEY_SIZE]; /* an entry with it */
    struct pieces pieces;
    size_t cluster; /* which version it is most like: an index; its own if none */
};

/* The calls of one tenant to one model of one host. */
struct prefix_group {
    uint8_t tenant[TENANT_ID_SIZE];
    char label[64], model[96], host[128], dialect[16];
    uint16_t port;
    struct prefix_rules rules;
    bool priced;
    struct price price;
    uint64_t calls, estimated,
        guessed; /* |guessed|: taken in the order of their members */
    uint64_t tokens_in, tokens_cached;
    uint64_t tokens_common; /* could have been read from the provider's cache */
    uint64_t
        tokens_part[SEGMENT_PARTS]; /* of the common beginnings, by enum segment_part */
    uint64_t tokens_forecast[FORECAST_COUNT];
    uint64_t calls_about[FORECAST_COUNT]; /* whose forecast rests on an estimate */
    uint64_t tokens_lost; /* so could these, had nothing changed before them */
    uint64_t money_lost;
    uint64_t stored_calls, stored_tokens; /* never asked for: the store has answered */
    struct prefix_call
        *window[PREFIX_WINDOW]; /* the latest of the hour, the oldest first */
    size_t window_count;
    struct prefix_version *versions;
    size_t version_count;
    uint64_t unlisted; /* calls whose system prompt is one too many */
};

struct prefix {
    struct call_filter filter;
    size_t most;   /* losses and clusters to be explained */
    size_t latest; /* 0, or: so many calls are enough */
    bool json;
    struct piece_hasher hasher;
    struct prices *prices;
    struct store *store;
    struct sums *sums; /* of the journal, by |filter|'s times; NULL: to be read */
    struct prefix_group **groups;
    size_t group_count;
    struct prefix_loss *losses; /* after prefix_read(): explained, the largest first */
    size_t loss_count;
    struct loss_slot *slots; /* private */
    struct beginnings beginnings;
    uint64_t unreadable; /* entries that are left out */
    size_t omitted;      /* calls before the |latest| ones */
};

/* Reads the store. |prefix->store|, |prices|, |filter| and |most| are set. 0, or a code of
 * sysexits.h after a message. */
MUST_USE int prefix_read(struct prefix *prefix);
void prefix_free(struct prefix *prefix);

/* The group of that tenant, model, host and port, made when |create|; or NULL. */
struct prefix_group *prefix_group(struct prefix *prefix,
                                  const uint8_t tenant[TENANT_ID_SIZE], const char *model,
                                  const char *host, uint16_t port, bool create);

/* Compares |call| with the window and counts it; the group takes it over. */
void prefix_count(struct prefix *prefix, struct prefix_call *call);
/* With how many pieces one of the hour before has begun, too. */
size_t prefix_asked_before(const struct prefix *prefix, const struct prefix_call *call);
struct prefix_tokens prefix_tokens_until(const struct prefix *prefix,
                                         const struct prefix_call *call, size_t count);
/* What its provider's cache has for |call|; notes what it has from then on. */
void prefix_forecast(struct prefix *prefix, const struct prefix_call *call,
                     struct prefix_tokens out[FORECAST_COUNT]);
/* For later calls. */
void prefix_remember(struct prefix *prefix, const struct prefix_call *call);
/* Sorts the losses and looks for the reasons of the largest. */
void prefix_explain(struct prefix *prefix);
/* Opens the entry of |key| and gives its call and body to |visit|. False: it cannot be opened. */
typedef void prefix_visit(const struct call *call, struct span body, void *context);
bool prefix_open(struct prefix *prefix, const uint8_t key[STORE_KEY_SIZE],
                 prefix_visit *visit, void *context);

/* Notes the system prompt of |call|. */
void prefix_note_version(struct prefix *prefix, const struct prefix_call *call);
/* Puts versions that differ by little together. */
void prefix_cluster(struct prefix_group *group);
/* How many versions the cluster of |head| has, their calls, and the bytes of |head| that all of
 * them have; 0 when |head| is no cluster's first. */
size_t prefix_cluster_size(const struct prefix_group *group, size_t head, uint64_t *calls,
                           uint64_t *common);
/* Appends the text that all of them have; "[...]" where they differ. False: it cannot be read. */
bool prefix_cluster_text(struct prefix *prefix, const struct prefix_group *group,
                         size_t head, struct buffer *out);

void prefix_print(struct prefix *prefix);
/* The whole report as one JSON object. */
void prefix_print_json(struct prefix *prefix);

#endif
