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
