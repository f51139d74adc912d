/* SPDX-License-Identifier: MIT */
/* Errors of our own, written as each dialect writes its own, so that a program's SDK reads
 * the message where it always does. */
#include "dialect.h"

/* '@' is where the message goes, as a JSON string. Members that SDKs decide by are those of
 * a gateway's timeout; those that people read say who speaks. */
static const char *const shapes[] = {
    [ERROR_OPENAI] = "{\"error\":{\"message\":@,\"type\":\"preecho_replay\","
                     "\"param\":null,\"code\":\"not_recorded\"}}",
    [ERROR_OPENROUTER] = "{\"error\":{\"code\":504,\"message\":@,"
                         "\"metadata\":{\"provider_name\":\"preecho\"}}}",
    [ERROR_ANTHROPIC] = "{\"type\":\"error\",\"error\":{\"type\":\"timeout_error\","
                        "\"message\":@}}",
    [ERROR_GOOGLE] = "{\"error\":{\"code\":504,\"message\":@,"
                     "\"status\":\"DEADLINE_EXCEEDED\"}}",
    [ERROR_AWS] = "{\"message\":@}",
    [ERROR_MISTRAL] = "{\"object\":\"error\",\"message\":@,\"type\":\"preecho_replay\","
                      "\"param\":null,\"code\":\"not_recorded\"}",
    [ERROR_COHERE] = "{\"message\":@}",
    [ERROR_VOYAGE] = "{\"detail\":@}",
    [ERROR_OLLAMA] = "{\"error\":@}",
    [ERROR_HUGGINGFACE] = "{\"error\":@,\"error_type\":\"preecho_replay\"}",
    [ERROR_WATSONX] = "{\"errors\":[{\"code\":\"not_recorded\",\"message\":@}],"
                      "\"status_code\":504}",
    [ERROR_CLOUDFLARE] = "{\"result\":null,\"success\":false,"
                         "\"errors\":[{\"code\":504,\"message\":@}],\"messages\":[]}",
};

static enum error_shape shape_of(const struct call *call)
{
    const struct form *form = call->operation ? call->operation->form : NULL;
    if (call->dialect && call->dialect->error)
        return call->dialect->error;
    return form && form->error ? form->error : ERROR_OPENAI;
}

void api_error(const struct call *call, struct span message, struct buffer *body)
{
    const char *shape = shapes[shape_of(call)], *gap = strchr(shape, '@');
    bool in_array = call->stream == STREAM_JSON_ARRAY;
    if (in_array)
        buffer_append_byte(body, '[');
    buffer_append(body, shape, (size_t)(gap - shape));
    json_spell_bytes(body, message);
    buffer_append_text(body, gap + 1);
    if (in_array)
        buffer_append_byte(body, ']');
}

const char *api_error_field(const struct call *call, const char **value)
{
    *value = "NotRecordedException";
    return shape_of(call) == ERROR_AWS ? "x-amzn-ErrorType" : NULL;
}
