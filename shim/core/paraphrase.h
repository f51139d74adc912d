/* SPDX-License-Identifier: MIT */
/* What a request is compared by when nobody has asked the same in the same bytes: the words of its last
 * user message, and everything else of it. Any thread. */
#ifndef CORE_PARAPHRASE_H
#define CORE_PARAPHRASE_H

#include "api/question.h"
#include "policy.h"
#include "store/store.h"

/* A request as it is recognised, who asks, and which rules hold. */
struct paraphrase_of {
    const struct policy *policy;
    const struct tenant *tenant;
    const struct request *request;
    const struct call *call;
};

struct paraphrase {
    bool plain;                   /* the request is made of words alone */
    enum lexical_verdict verdict; /* of those words */
    struct question question;
    struct lexical_key key;
    uint8_t words[STORE_KEY_SIZE]; /* the alias of what may answer it */
    uint8_t marks[16];             /* as in an entry's label */
};

/* Fills |out|. True when there is a key; to be freed in any case. */
MUST_USE bool paraphrase_make(const struct paraphrase_of *of, struct paraphrase *out);
/* Makes |paraphrase|, which has a key, that of the words that its misspelt ones are taken for, after
 * what the tenant's prompts in |store| teach; nobody is filed under it. False, and |paraphrase| as it
 * was: no word of it is misspelt beyond doubt, or that cannot be said now. */
MUST_USE bool paraphrase_fold(const struct paraphrase_of *of, struct store *store,
                              struct paraphrase *paraphrase);
void paraphrase_free(struct paraphrase *paraphrase);

/* True when the entry that |paraphrase|'s alias has led to answers it, as its |label| says. */
bool paraphrase_fits(const struct paraphrase *paraphrase,
                     const struct entry_label *label);

#endif
