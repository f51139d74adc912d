/* SPDX-License-Identifier: MIT */
/* From a request to its tenant and its keys: the same for the hosts, which record and look up, and
 * for `preecho import`. Any thread. */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include "config.h"
#include "store/store.h"

/* The tenant that |request| belongs to, made when |create|. store_tenant()'s results. */
MUST_USE int keys_tenant(const struct config *config, struct store *store,
                         const struct request *request, bool create, struct tenant *out);
/* The alias of |request|, as it is written. */
void keys_alias(const struct config *config, const struct tenant *tenant,
                const struct request *request, uint8_t alias[STORE_KEY_SIZE]);
/* The exact key of |call|, which was recognised in |request| and for which |policy| holds. 0, or
 * -1 when memory is short. */
MUST_USE int keys_exact(const struct policy *policy, const struct tenant *tenant,
                        const struct request *request, const struct call *call,
                        uint8_t key[STORE_KEY_SIZE]);

/* The alias of all calls that are equal to |call|, as in keys_exact(), but for their last user message,
 * the |words| of which are equal. |rest|: what the body is without it. */
void keys_lexical(const struct policy *policy, const struct tenant *tenant,
                  const struct request *request, const struct call *call,
                  struct span rest, struct span words, uint8_t alias[STORE_KEY_SIZE]);

/* All of |call| as there, but for that message: what is equal in all questions that may answer for each
 * other. */
void keys_partition(const struct policy *policy, const struct tenant *tenant,
                    const struct request *request, const struct call *call,
                    struct span rest, uint8_t partition[STORE_KEY_SIZE]);

/* What stands for the |marks| of a lexical key; zeroes for none. */
void keys_marks(const struct tenant *tenant, struct span marks, uint8_t out[16]);

/* The alias that all variants of the answers to a GET of |request|'s address have in common. */
void keys_edge(const struct policy *policy, const struct tenant *tenant,
               const struct request *request, uint8_t alias[STORE_KEY_SIZE]);
/* The key of the variant that |request| asks for by the fields |response| of another, in |epoch|:
 * what was recorded before the address was last written to is not found any more. */
void keys_edge_variant(const struct policy *policy, const struct tenant *tenant,
                       const struct request *request, const struct headers *response,
                       struct span epoch, uint8_t key[STORE_KEY_SIZE]);

/* Makes the exact |key| that of sample number |ordinal|, from 1: number 0 has the key itself. */
void keys_sample(const struct tenant *tenant, uint32_t ordinal,
                 uint8_t key[STORE_KEY_SIZE]);

#endif
