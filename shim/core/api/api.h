/* SPDX-License-Identifier: MIT */
/* Recognising LLM calls. One table of operations per provider dialect (one file each);
 * pure functions of bytes: no I/O, no locks, no global state that changes; any thread. */
#ifndef CORE_API_API_H
#define CORE_API_API_H

#include "json.h"
#include "message.h"
#include "store/label.h"
#include "store/reason.h"
#include "store/tenant.h"

/* Requests with larger bodies are never held back (REASON_TOO_LARGE). */
#define API_BODY_LIMIT ((size_t)32 << 20)

/* How a streamed answer is framed and how its end is told. */
enum stream_kind {
    STREAM_NONE,
    STREAM_SSE_DONE,      /* data: [DONE] */
    STREAM_SSE_RESPONSES, /* event response.completed */
    STREAM_SSE_ANTHROPIC, /* event message_stop */
    STREAM_SSE_GEMINI,    /* clean end and a finishReason */
    STREAM_SSE_COHERE,    /* message-end */
    STREAM_JSON_ARRAY,    /* Gemini without alt=sse */
    STREAM_NDJSON,        /* Ollama "done":true, Cohere v1 stream-end */
    STREAM_AWS,           /* application/vnd.amazon.eventstream */
    STREAM_SSE_PLAIN,     /* clean end of the body only (TGI, llama.cpp's native paths) */
};

struct operation; /* a row of a dialect's table, see dialect.h */
struct dialect;

/* A recognised request. Free with api_call_free(). */
struct call {
    const struct dialect *dialect;
    const struct operation *operation;
    struct buffer canonical;    /* the body's one form, owned; empty when bypassed */
    struct json_ignoring *more; /* what api_canonicalise() has left out; or NULL */
    uint32_t choices;           /* how many answers were asked for, at least 1 */
    uint32_t inputs;            /* how many vectors were asked for; 0: no embedding */
    bool stochastic; /* the answer is drawn at random: temperature above zero */
    char model[96];
    enum stream_kind stream; /* STREAM_NONE when the answer comes in one piece */
};

const char *api_dialect_name(const struct call *call);
const char *api_operation_name(const struct call *call);
/* The members that the dialect leaves out of the key since they cannot change the answer: paths as
 * in json_each(), ended by NULL; or NULL. */
const char *const *api_ignored(const struct call *call);

/* Judges a request by its head alone (method, host, path, content type, headers). True:
 * worth holding back until the body is there. False: it can be no LLM call whose answer
 * is reusable;
 * |*reason| says why: REASON_NOT_LLM for everything that is nobody's business, another
 * reason for an LLM operation that is bypassed (worth a line in the journal). */
bool api_may_be_call(const struct request *head, enum reason *reason);

/* Judges a whole request. REASON_NONE: cacheable, |*call| is filled in and to be freed.
 * Any other reason: bypass; |*call| still names dialect, operation and model as far as
 * they were recognised, and is to be freed too (api_call_free is safe on zeroes). */
MUST_USE enum reason api_recognise(const struct request *request, struct call *call);
/* Makes the canonical form of a call that api_recognise() found cacheable anew, also without what
 * |more| leaves out, which must stay as long as |call|. Results as api_recognise(). */
MUST_USE enum reason api_canonicalise(struct call *call, struct span body,
                                      struct json_ignoring *more);
void api_call_free(struct call *call);

/* True when the dialect tables name |host| (they know no port but the default ones). */
bool api_known_host(struct span host);

/* Who asks. Appends framed parts to |out|: what a tenant's keys are derived from. The
 * credential itself goes in (the caller hashes |out| under the master secret and wipes
 * it). */
enum scope { SCOPE_CREDENTIAL, SCOPE_TENANT, SCOPE_USER };
struct identity_rules {
    enum scope scope;
    uint32_t uid;
    struct span tenant; /* the label, may be empty */
};
void api_identity(const struct request *request, const struct identity_rules *rules,
                  struct buffer *out);

/* True for the fields that carry a credential or name an account. */
bool api_secret_header(struct span name);
/* The body of |request|, which |call| was recognised in, changed so that nothing is left
 * to chance: one member replaced or added, all other bytes as they are; appended to
 * |out|. REASON_NONE; REASON_STOCHASTIC: there is no such body (the request is signed, or
 * its model takes no temperature); REASON_NO_MEMORY. What it asks for is to be recognised
 * anew. */
MUST_USE enum reason api_without_chance(const struct request *request,
                                        const struct call *call, struct buffer *out);

/* The target without the credentials in its query, appended to |out|. */
void api_public_target(struct span target, struct buffer *out);

/* The exact key's parts: dialect, operation, scheme, host, port, public target, the
 * headers that change the answer, the canonical body. |call| is what api_recognise()
 * found cacheable. Always 0. */
MUST_USE int api_exact_key(const struct request *request, const struct call *call,
                           struct key_hash *hash);
/* The same over the bytes as sent, without parsing JSON; content type and encoding
 * included. To be looked up only for requests that api_may_be_call() lets through: it
 * judges what the alias does not cover (Cache-Control, Upgrade). */
void api_alias_key(const struct request *request, struct key_hash *hash);

/* May this answer be kept? REASON_NONE, or why not (status, truncated stream, error
 * inside a 200, empty, unreadable). |response->body| must be free of content coding. */
MUST_USE enum reason api_check(const struct call *call, const struct response *response);

/* The provider does not like the request and never will: the one error that may be kept. */
bool api_is_refusal(unsigned status);

/* A refusal with status 504 as the call's dialect writes its errors, appended to |body| as JSON;
 * |message| may be any bytes. |call| need not be recognised: then it is OpenAI's form, which most
 * others have taken over. */
void api_error(const struct call *call, struct span message, struct buffer *body);
/* The field beside it that names the error's kind; NULL: the body says all. */
const char *api_error_field(const struct call *call, const char **value);

/* Which model has really answered, as far as the answer says so: its name and the fingerprint of
 * its configuration, cut to |capacity| and ended by a zero; "" when it says nothing. */
void api_fingerprint(const struct call *call, const struct response *response, char *out,
                     size_t capacity);

/* What a call has taken. Zeroes where neither of the first two is set. */
struct usage {
    bool known;     /* the answer says so */
    bool estimated; /* we say so */
    uint64_t
        tokens_in; /* all input tokens, the next two included, which do not overlap */
    uint64_t tokens_cached;      /* read from the provider's prompt cache */
    uint64_t tokens_cache_write; /* written into it */
    uint64_t tokens_out;
};
/* What |response|, free of content coding, says. */
void api_usage(const struct call *call, const struct response *response,
               struct usage *usage);
/* Notes |usage| in an entry's label. */
void usage_note(const struct usage *usage, struct entry_label *label);
/* True when the response field |name| is one that api_usage() counts by. */
bool api_counts_in(const struct call *call, struct span name);
/* Where api_usage() has found nothing, an estimate: a token is four bytes of UTF-8, of the prompt's
 * texts (prompt.h) in |body|, which |call| was recognised in, and of the answer's texts and calls of
 * tools. Only what such answers usually count: no output of embeddings, nothing of audio. |response|,
 * an answer that api_check() likes, may be NULL: the input alone. */
void api_estimate(const struct call *call, struct span body,
                  const struct response *response, struct usage *usage);

#endif
