/* SPDX-License-Identifier: MIT */
/* `preecho demo`: hits and misses of unmodified programs against a bundled upstream. */
#include "demo.h"

#include "command.h"
#include "print.h"

#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define QUESTION "Name three rivers that cross a border."
#define KEY_ONE  "demo-key-of-the-first-user"
#define KEY_TWO  "demo-key-of-the-second-user"

static const char python_program[] =
    "import json, os, urllib.request\n"
    "request = urllib.request.Request(\n"
    "    os.environ['DEMO_URL'],\n"
    "    json.dumps({'model': 'gpt-4o-mini', 'messages': [\n"
    "        {'role': 'user', 'content': 'What is a pre-echo?'}]}).encode(),\n"
    "    {'Content-Type': 'application/json',\n"
    "     'Authorization': 'Bearer ' + os.environ['DEMO_KEY']})\n"
    "print(urllib.request.urlopen(request).read().decode())\n";

/* The beginning of the text of a chat answer; empty when there is none. */
static void answer_text(struct span output, char text[33])
{
    json_t *answer = json_loadb((const char *)output.at, output.size, 0, NULL);
    json_t *choice = json_array_get(json_object_get(answer, "choices"), 0);
    json_t *content = json_object_get(json_object_get(choice, "message"), "content");
    span_copy_text(span_text(json_string_value(content)), text, 33);
    json_decref(answer);
}

/* Runs |arguments| for the first time: the upstream has to be asked, once. */
static void first_run(struct demo *demo, char *const arguments[],
                      struct process_result *out)
{
    unsigned before = demo_calls(demo);
    demo_run(demo, arguments, out);
    unsigned calls = demo_calls(demo) - before;
    char text[33], time[32];
    answer_text(buffer_span(&out->output), text);
    bool good = out->status == 0 && calls == 1 && text[0];
    demo_line(demo, good, "first run", good ? "miss" : "WRONG",
              "%8s  upstream asked; \"%s...\"", print_duration(out->seconds, time), text);
    if (!demo->answer[0])
        memcpy(demo->answer, text, sizeof(text));
}

/* Runs |arguments| again: the same bytes, and no request at the upstream. */
static void second_run(struct demo *demo, char *const arguments[],
                       const struct process_result *first)
{
    struct process_result again;
    unsigned before = demo_calls(demo);
    demo_run(demo, arguments, &again);
    unsigned calls = demo_calls(demo) - before;
    bool same = span_equal(buffer_span(&first->output), buffer_span(&again.output));
    bool good = again.status == 0 && calls == 0 && same;
    char time[32];
    demo_line(demo, good, "second run", good ? "hit" : "WRONG",
              "%8s  upstream %s; %s %zu bytes; %.0f times as fast",
              print_duration(again.seconds, time), calls ? "asked" : "not asked",
              same ? "the same" : "OTHER", again.output.size,
              again.seconds > 0 ? first->seconds / again.seconds : 0);
    buffer_free(&again.output);
}

static char *url(const struct demo *demo)
{
    return print_memory("https://localhost:%u/v1/chat/completions", demo->port);
}

/* curl's arguments for a question; |out| of 16, its first three texts to be freed. */
static void curl_arguments(const struct demo *demo, const char *key, const char *more,
                           const char *fault, char *out[16])
{
    char *body =
        print_memory("{\"model\":\"gpt-4o-mini\",%s\"messages\":[{\"role\":\"user\","
                     "\"content\":\"" QUESTION "\"}]}",
                     more);
    char *authorization = print_memory("Authorization: Bearer %s", key);
    char *const all[] = {
        "curl", "-sSN",        "-H",      "Content-Type: application/json",
        "-H",   (char *)fault, "-H",      authorization,
        "-d",   body,          url(demo), NULL};
    memcpy(out, all, sizeof(all));
}

static void free_arguments(char *arguments[16])
{
    free(arguments[7]);
    free(arguments[9]);
    free(arguments[10]);
}

/* Scenes 1 and 4: the first user's answer and another's to the same question. */
static void show_users(struct demo *demo)
{
    char *arguments[16];
    struct process_result first, other;
    demo_title(demo, "1. curl asks a question, twice. An unchanged program, over TLS.",
               "preecho run -- curl https://localhost/v1/chat/completions -H ... -d ...");
    curl_arguments(demo, KEY_ONE, "", "X-Demo: 1", arguments);
    first_run(demo, arguments, &first);
    second_run(demo, arguments, &first);
    free_arguments(arguments);
    demo_title(demo, "2. Another user, with another API key, asks the same question.",
               NULL);
    curl_arguments(demo, KEY_TWO, "", "X-Demo: 1", arguments);
    first_run(demo, arguments, &other);
    bool differs = !span_equal(buffer_span(&first.output), buffer_span(&other.output));
    demo_line(demo, differs, "compared", differs ? "other" : "WRONG",
              "%8s  the first user's answer was %s", "",
              differs ? "not served" : "SERVED");
    free_arguments(arguments);
    buffer_free(&first.output);
    buffer_free(&other.output);
}

static void show_python(struct demo *demo)
{
    demo_title(demo, "3. A plain Python program (urllib) asks something else, twice.",
               "preecho run -- python3 ask.py");
    if (!demo_write(demo, "ask.py", python_program)) {
        demo->failed = true;
        return;
    }
    char *script = print_memory("%s/ask.py", demo->directory);
    char *address = url(demo);
    setenv("DEMO_URL", address, 1);
    setenv("DEMO_KEY", KEY_ONE, 1);
    char *arguments[] = {demo->python, script, NULL};
    struct process_result first;
    first_run(demo, arguments, &first);
    second_run(demo, arguments, &first);
    buffer_free(&first.output);
    free(script);
    free(address);
}

static unsigned count_events(struct span output)
{
    unsigned events = 0;
    struct span mark = span_text("data: ");
    for (size_t at; (at = span_find(output, mark)) < output.size; events++)
        output = span_skip(output, at + mark.size);
    return events;
}

static void stream_line(struct demo *demo, const char *what, const char *word, bool good,
                        const struct process_result *run)
{
    char first[32], last[32];
    demo_line(demo, good, what, good ? word : "WRONG",
              "%8s  first byte after %s; %u events, %zu bytes",
              print_duration(run->seconds, last), print_duration(run->first_byte, first),
              count_events(buffer_span(&run->output)), run->output.size);
}

static void show_stream(struct demo *demo)
{
    demo_title(demo, "4. A streamed answer (server-sent events), twice.",
               "preecho run -- curl -N ... -d '{\"stream\":true, ...}'");
    char *arguments[16];
    struct process_result first, again;
    curl_arguments(demo, KEY_ONE, "\"stream\":true,", "X-Test-Fault: pause=60",
                   arguments);
    unsigned before = demo_calls(demo);
    demo_run(demo, arguments, &first);
    unsigned between = demo_calls(demo);
    stream_line(demo, "first run", "miss", first.status == 0 && between == before + 1,
                &first);
    demo_run(demo, arguments, &again);
    bool same = span_equal(buffer_span(&first.output), buffer_span(&again.output));
    stream_line(demo, "second run", "hit",
                again.status == 0 && demo_calls(demo) == between && same, &again);
    buffer_free(&first.output);
    buffer_free(&again.output);
    free_arguments(arguments);
}

/* Looks for |word| in everything that preecho has written. That the search finds what is
 * there shows in a file that holds the word. */
static void show_search(struct demo *demo, const char *what, const char *word)
{
    unsigned files, more_files;
    uint64_t bytes, more_bytes;
    char size[32];
    struct span text = span_text(word);
    unsigned found = demo_search(demo, "store", text, &files, &bytes) +
                     demo_search(demo, "config", text, &more_files, &more_bytes);
    files += more_files;
    bytes += more_bytes;
    bool proof = demo_write(demo, "proof", word) &&
                 demo_search(demo, "proof", text, &more_files, &more_bytes) == 1;
    bool good = found == 0 && proof && files > 0 && word[0];
    demo_line(demo, good, what,
              found  ? "FOUND"
              : good ? "none"
                     : "WRONG",
              "%8s  in %u files, %s: \"%.40s\"", "", files, print_size(bytes, size),
              word);
}

static void show_secrecy(struct demo *demo)
{
    demo_title(demo, "5. What lies on disk: the store and the configuration, searched.",
               "preecho merge; grep -rF ... ~/.cache/preecho ~/.config/preecho");
    char *arguments[] = {demo->command, "merge", "--quiet", NULL};
    struct process_result merged;
    process_capture(arguments, 10, &merged);
    demo->failed = demo->failed || merged.status != 0;
    buffer_free(&merged.output);
    show_search(demo, "question", QUESTION);
    show_search(demo, "answer", demo->answer);
    show_search(demo, "key", KEY_ONE);
}

static void show_statistics(struct demo *demo)
{
    demo_title(demo, "6. What it saved.", "preecho stats");
    char *arguments[] = {demo->command, "stats", NULL};
    struct process_result result;
    process_capture(arguments, 10, &result);
    fwrite(result.output.at, 1, result.output.size, stdout);
    if (result.status != 0)
        demo->failed = true;
    buffer_free(&result.output);
}

static void show_usage(struct demo *demo)
{
    demo_title(demo, "Your own program:", NULL);
    printf("  %s run -- PROGRAM [ARG...]\n"
           "  eval \"$(%s env)\"      for everything that this shell starts\n"
           "  %s doctor -- PROGRAM   can it be reached?\n",
           demo->command, demo->command, demo->command);
}

static void show_all(struct demo *demo)
{
    static void (*const scenes[])(struct demo *) = {show_users, show_python, show_stream,
                                                    show_secrecy, show_statistics};
    printf(
        "A bundled upstream answers on loopback after " DEMO_DELAY_MS " ms; it invents a "
        "new answer\nevery time. Store and keys lie in %s and are removed at the\nend. "
        "Times are those of whole programs, from start to exit.\n",
        demo->directory);
    for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes) && !process_signal(); i++)
        scenes[i](demo);
    if (!process_signal())
        show_usage(demo);
}

int command_demo(int count, char **arguments)
{
    static const struct option options[] = {{"plain", no_argument, NULL, 'p'}, {0}};
    struct demo demo = {.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (option != 'p')
            return command_usage(arguments);
        demo.colour = false;
    }
    if (optind != count)
        return command_usage(arguments);
    process_catch_signals();
    int status = demo_open(&demo);
    if (status == 0)
        show_all(&demo);
    demo_close(&demo);
    if (process_signal())
        return 128 + process_signal();
    if (status == 0 && demo.failed) {
        print_error("the demo did not come out as it should; see 'preecho doctor'");
        return EX_SOFTWARE;
    }
    return status;
}
