/* SPDX-License-Identifier: MIT */
/* Which model stands behind a name, as its answers have told (model_history.h). Written only
 * where a rule asks for it: a file per change, not per answer. */
#include "exchange_parts.h"

#include "model_history.h"
#include "store/facts.h"

static void append_subject(struct buffer *out, const struct entry_label *label)
{
    buffer_append_framed(out, span_text(label->host));
    buffer_append_u16(out, label->port);
    buffer_append_framed(out, span_text(label->dialect));
    buffer_append_framed(out, span_text(label->model));
}

static int read_history(struct store *store, const struct entry_label *label,
                        struct buffer *subject, struct buffer *history)
{
    append_subject(subject, label);
    return buffer_ok(subject)
               ? facts_find(store, FACTS_MODELS, buffer_span(subject), history)
               : STORE_NO_MEMORY;
}

static bool is_wanted(const struct exchange *exchange, const struct entry_label *label)
{
    return exchange->policy.on_model_change == MODEL_CHANGE_RETIRE &&
           label->fingerprint[0];
}

void exchange_note_model(const struct exchange *exchange, struct store *store,
                         const struct entry_label *label)
{
    struct buffer subject = {0}, history = {0}, longer = {0};
    if (!is_wanted(exchange, label))
        return;
    int result = read_history(store, label, &subject, &history);
    if ((result == STORE_OK || result == STORE_MISS) &&
        model_history_add(buffer_span(&history), span_text(label->fingerprint),
                          label->created_ms, &longer) &&
        buffer_ok(&longer))
        (void)!facts_record(store, FACTS_MODELS, buffer_span(&subject),
                            buffer_span(&longer));
    buffer_free(&subject);
    buffer_free(&history);
    buffer_free(&longer);
}

bool exchange_is_retired(const struct exchange *exchange, struct store *store)
{
    const struct entry_label *label = &exchange->entry.label;
    struct buffer subject = {0}, history = {0};
    if (!is_wanted(exchange, label))
        return false;
    bool retired =
        read_history(store, label, &subject, &history) == STORE_OK &&
        model_history_changed(buffer_span(&history), span_text(label->fingerprint),
                              label->created_ms);
    buffer_free(&subject);
    buffer_free(&history);
    return retired;
}
