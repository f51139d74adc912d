/* SPDX-License-Identifier: MIT */
/* The tables behind api.h. A *form* says how a request and its answer are written
 * (several providers share one), an *operation* binds a path to a form, a *dialect* is a
 * provider: its hosts and operations. All of it is constant data. Paths into JSON are
 * those of json_each(); "a|b" means that the first of them that exists counts. */
#ifndef CORE_API_DIALECT_H
#define CORE_API_DIALECT_H

#include "api.h"
#include "json.h"
#include "prompt.h"
#include "prompt_segments.h"

/* What makes a request unfit for the store. Every value that |at| leads to is tested. */
enum refusal_test {
    IF_SET,        /* it is there, and neither null, false nor empty */
    IF_UNSET,      /* it is not, or null, false or empty */
    IF_ZERO,       /* the number 0, or a text that begins with 0 ("0s") */
    IF_IS,         /* a text that equals one of the words */
    IF_CONTAINS,   /* a text that contains one of the words */
    IF_BEGINS,     /* a text that begins with one of the words */
    IF_BEGINS_NOT, /* a text that begins with none of the words */
    IF_LACKS,      /* an object whose member, the word, is not set */
    IF_HAS_OTHER,  /* an object with a set member that is none of the words */
};

struct refusal {
    const char *at; /* NULL ends a list */
    enum refusal_test test;
    const char *words; /* separated by one space */
    enum reason reason;
};

/* Some count what their prompt cache had, or got, within the input, some beside it. */
enum usage_role {
    USAGE_NONE,
    USAGE_IN,
    USAGE_OUT,
    USAGE_CACHED,
    USAGE_WRITTEN,
    USAGE_CACHED_BESIDE,
    USAGE_WRITTEN_BESIDE,
};

/* Where a token count stands. Of one role's fields those with the lowest |rank| that were
 * seen are added up; in a stream the latest value of each counts. */
struct usage_field {
    const char *path;   /* in the answer, or in one event of it */
    const char *header; /* a response header instead */
    enum usage_role role;
    unsigned rank;
};

#define USAGE_FIELDS 24 /* at most */

/* A form's list of them; its end has no role. */
#define USAGE(...)                                                                       \
    (const struct usage_field[])                                                         \
    {                                                                                    \
        __VA_ARGS__,                                                                     \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }

/* Where texts of the prompt stand, see prompt.h. A list ends where |each| is NULL. */
struct texts {
    const char *each; /* leads to the turns of a conversation; "": the body is one */
    const char *at;   /* paths within a turn, separated by '|', of which all count; what
                              is no text is passed over; "**" at the end: all texts beneath */
    enum prompt_role role; /* PROMPT_UNSAID: as the turn's "role" says */
    const char *when;      /* only turns in which this path leads to the text |is| */
    const char *is;
    const struct texts *more; /* at a list's end: it goes on there; or NULL */
};

/* A part of the prompt, in the order in which the provider strings them together: names with '/'
 * between them, of a value or of a list of such. A list ends where |at| is NULL. */
struct layout {
    const char *at;
    enum segment_part part;
};

/* How an answer says that it is finished. */
struct finish {
    const char *list; /* an array whose items finish one by one ("choices"), or NULL */
    const char
        *member; /* "finish_reason", in the item or in the answer; NULL: nothing says */
    const char *value; /* what it must be; NULL: anything but null and false */
};

/* What the objects of an answer, or of a stream's documents, must be for it to be plain words: anything
 * that is set and not named here may be a call of a tool, a picture, a citation. */
struct said {
    const char *at;      /* leads to them; NULL ends a list */
    const char *members; /* what they may have set, separated by one space */
    const char
        *types; /* what their "type" may be; NULL: whatever it is, or they have none */
    const char
        *text; /* which of the members is a piece of the answer's text; NULL: none */
};

/* Where the last user message stands, and what an answer in plain words looks like: for forms of which
 * that is certain. See question.h and wording.h. */
struct dialogue {
    const char *turns;   /* the list of them, a member of the body */
    bool lone;           /* its place may be taken by one user message */
    const char *content; /* in a turn: a text, or a list of parts */
    const char
        *members; /* what a turn may have set besides "role" and |content|; a "type" is
                            "message" then */
    const char *types; /* what a part's "type" is; "": parts have none */
    const struct said *said;
    const char *finish;    /* leads to what says how the answer has ended */
    const char *normal;    /* what it says if that was normal, separated by one space */
    const char *meanwhile; /* what it may say before; NULL: nothing */
};

/* How an error is written; see error.c. */
enum error_shape {
    ERROR_UNSAID, /* a dialect: as the form says; a form: as OpenAI does */
    ERROR_OPENAI,
    ERROR_OPENROUTER,
    ERROR_ANTHROPIC,
    ERROR_GOOGLE,
    ERROR_AWS,
    ERROR_MISTRAL,
    ERROR_COHERE,
    ERROR_VOYAGE,
    ERROR_OLLAMA,
    ERROR_HUGGINGFACE,
    ERROR_WATSONX,
    ERROR_CLOUDFLARE,
};

/* Whether an answer is drawn at random, and how it is asked for so that it is not. All
 * zeroes: it never is (vectors, counts). */
struct chance {
    const char *at; /* what decides, usually the temperature: a number, drawn above 0 */
    const char
        *none;   /* not a number: its one value, as JSON, that leaves nothing to chance */
    bool greedy; /* absent or null leaves nothing to chance, either */
    const struct refusal *also;  /* what else makes it drawn; or NULL */
    const struct refusal *fixed; /* where `at` is not the caller's to choose; or NULL */
};

/* How the items of a request for vectors are told apart, where each one's vector depends on nothing
 * but itself. Paths as above, within what they are said to be in. */
struct itemised {
    bool lone; /* one item may stand without a list, and is answered alike */
    bool
        kinds; /* the answer may have several lists of vectors, in an object: one of each kind */
    const char
        *index; /* in a vector's item: its place in the request; NULL: nothing says */
    const char *vector; /* in a vector's item: the numbers, or their base64 */
    const char *
        echoes; /* in the answer: lists that may say something for each item, too, if they
                           are named like the request's; else they must be empty; or NULL */
    const char *costs; /* in the answer: an integer that sums up what each has cost, or an
                           object of such; of several paths all count; NULL: there is none */
    const struct refusal *together; /* when they do depend on each other; or NULL */
};

struct form {
    /* Members that tell such a request from others: "model messages[]" (both, the second
     * an array), "prompt|input" (one of them). */
    const char *needs;
    const char *model;   /* where its name stands; NULL: in the path, or nowhere */
    const char *choices; /* how many answers are asked for; NULL: always one */
    const char
        *prompts; /* a list of prompts multiplies them (completions); NULL: no lists */
    const char
        *inputs; /* what is to be embedded, one item or a list; NULL: not an embedding */
    const char *outputs; /* where the list of as many vectors stands in the answer */
    const struct itemised *
        itemised; /* `inputs` are names of lists, `outputs` begins with a path to one; or NULL */
    const struct texts *texts;      /* the prompt; NULL: there are none */
    const struct layout *layout;    /* its order; NULL: not known */
    const struct refusal *refusals; /* may be NULL */
    struct chance chance;
    const char *const
        *content; /* an answer with none of these set is empty; ended by NULL */
    struct finish finish;
    struct finish stream_finish;     /* where it differs in a stream */
    const struct usage_field *usage; /* USAGE(...), or NULL */
    const struct dialogue *dialogue; /* NULL: not certain, or there is none */
    bool bytes;                      /* the answer is no JSON: audio */
    enum error_shape error;
};

/* The |i|-th field of a form, counted from 0; NULL behind the last. */
static inline const struct usage_field *form_usage(const struct form *form, unsigned i)
{
    bool there = form->usage && i < USAGE_FIELDS && form->usage[i].role != USAGE_NONE;
    return there ? &form->usage[i] : NULL;
}

enum streamed {
    STREAMED_NEVER,
    STREAMED_IF_ASKED,      /* "stream": true */
    STREAMED_UNLESS_DENIED, /* no "stream": false */
    STREAMED_ALWAYS,
};

struct operation {
    const char *name; /* at most 31 characters; NULL ends a list */
    /* "*": anything without '/'; "**": anything; "$": the model's name, without '/'. */
    const char *path;
    const struct form *form; /* NULL: bypassed whatever the body says */
    const char *const
        *ignored; /* members that cannot change the answer; NULL: every one counts */
    enum streamed streamed;
    enum stream_kind stream;
    enum reason bypass; /* REASON_NONE: cacheable */
};

struct dialect {
    const char *name;         /* at most 15 characters */
    const char *const *hosts; /* "*" stands for any characters; ended by NULL */
    const char *const
        *mixed_hosts; /* serve much else: other paths are nobody's business */
    const struct operation *operations;
    const struct operation
        *anywhere;          /* recognised on unknown hosts by path and body; or NULL */
    enum error_shape error; /* where it is the same for all operations */
};

#define BYPASS(NAME, PATH, WHY)                                                          \
    {                                                                                    \
        .name = (NAME), .path = (PATH), .bypass = (WHY)                                  \
    }
#define STATEFUL(PATH) BYPASS("stored-objects", PATH, REASON_STATEFUL)

extern const struct dialect dialect_openai, dialect_azure, dialect_anthropic,
    dialect_gemini, dialect_vertex, dialect_bedrock, dialect_mistral, dialect_cohere,
    dialect_ollama, dialect_groq, dialect_openrouter, dialect_deepseek, dialect_together,
    dialect_fireworks, dialect_perplexity, dialect_xai, dialect_voyage,
    dialect_huggingface, dialect_watsonx, dialect_cloudflare, dialect_compatible;

/* Forms that several dialects share, each defined in the file of its inventor. */
extern const struct form form_openai_chat, form_openai_completion, form_openai_responses,
    form_openai_embeddings, form_openai_moderation, form_openai_count, form_openai_speech,
    form_rerank, form_anthropic_messages, form_anthropic_count, form_gemini_generate,
    form_gemini_count, form_gemini_embed, form_cohere_embed, form_fim, form_tokenize,
    form_xai_chat;
extern const struct refusal refusals_anthropic[], fixed_anthropic[];
extern const struct texts texts_openai_chat[], texts_prompt[], texts_input[],
    texts_anthropic[], texts_gemini[];
extern const struct dialogue dialogue_anthropic;
extern const struct layout layout_openai_chat[], layout_prompt[], layout_anthropic[],
    layout_converse[];
extern const char *const ignored_openai_chat[],
    *const ignored_user[], *const ignored_openai_responses[], *const ignored_anthropic[],
                                                                  *const ignored_gemini[];

/* True when |text| fits |pattern| ("*", "**", "$" as above); |*model| is what "$" stood
 * for. */
bool pattern_matches(const char *pattern, struct span text, struct span *model);

/* Walks over the operations that a request's host and path allow. */
struct operation_search {
    struct span path;
    const struct dialect *host_dialect; /* of the host; NULL: unknown */
    bool known;                         /* the host is known and not mixed */
    unsigned stage;                     /* private */
    const struct operation *next;
    /* results */
    const struct dialect *dialect;
    const struct operation *operation;
    struct span model;
};
void operation_search_begin(struct operation_search *search,
                            const struct request *request);
bool operation_search_next(struct operation_search *search);

/* True when the answer to |body| is drawn at random. */
bool chance_in(const struct chance *chance, struct json body);
/* True when something in the request vouches for its body: with another one it would be
 * refused, or would say what its sender has not said. */
bool request_is_signed(const struct request *request);

/* True when |test| holds for |value| and one of the |words|, which are separated by one space. */
bool any_word(const char *words, struct json value,
              bool (*test)(struct json value, const char *word));
/* Why |body| must not be answered from the store, or REASON_NONE. */
enum reason refusal_of(const struct refusal *refusals, struct json body);

/* The header fields that change the answer: they are part of the keys and of the record.
 */
bool key_header(struct span name);
/* Adds where the request goes, the public part of it. */
void key_upstream(struct key_hash *hash, const struct request *request);
/* The dialect that |host| speaks as far as the tables know, or NULL. */
const struct dialect *dialect_of(struct span host);
/* The value of the query parameter |name|, empty when there is none. */
struct span query_value(struct span target, const char *name);
/* The path without the query. */
struct span target_path(struct span target);
/* Calls |visit| for each parameter of the query that carries a credential (|secret|), or
 * for each that does not. |whole| is "name=value" as sent. */
typedef void (*query_visit)(struct span name, struct span value, struct span whole,
                            void *context);
void query_each(struct span target, bool secret, query_visit visit, void *context);

#endif
