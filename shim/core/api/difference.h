/* SPDX-License-Identifier: MIT */
/* Where two LLM calls differ, as far as that makes them two: what explains a miss. Pure
 * functions, any thread. */
#ifndef CORE_API_DIFFERENCE_H
#define CORE_API_DIFFERENCE_H

#include "api.h"
#include "json_difference.h"

/* Called for each difference. |place| is "host", "port", "path", "header NAME" or a JSON
 * pointer into the body; a value that is not there has size 0. All are valid during the
 * call. False: no more calls. */
typedef bool api_difference_visit(void *context, struct span place, struct json here,
                                  struct json there);

/* Compares |request|, recognised as |call|, with the request of a record. |likeness| counts
 * in the bodies alone. |visit| may be NULL. 0, or -1: memory is short, or one of the bodies
 * has no canonical form (what stands outside them is compared all the same). */
MUST_USE int api_difference(const struct request *request, const struct call *call,
                            const struct request *recorded, api_difference_visit *visit,
                            void *context, struct json_likeness *likeness);

#endif
