/* SPDX-License-Identifier: MIT */
/* Finding programs, see survey.h. */
#include "survey.h"

#include "mapping.h"
#include "print.h"
#include "script.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 200000 /* below a directory that are looked at */

/* Patterns of fnmatch(3). */
static const char *const agents[] = {
    "aichat",       "aider", "amp",    "claude", "codex",    "copilot",     "crush",
    "cursor-agent", "droid", "gemini", "goose",  "gptme",    "interpreter", "litellm",
    "llm",          "mods",  "ollama", "openai", "opencode", "openhands",   "plandex",
    "qwen",         "sgpt",  "tgpt",   "vibe"};
static const char *const interpreters[] = {"python",
                                           "python[0-9]",
                                           "python[0-9].[0-9]",
                                           "python[0-9].[0-9][0-9]",
                                           "pypy",
                                           "pypy[0-9]*",
                                           "node",
                                           "nodejs",
                                           "deno",
                                           "bun",
                                           "php",
                                           "php[0-9]*",
                                           "ruby",
                                           "ruby[0-9]*",
                                           "perl",
                                           "java",
                                           "dotnet",
                                           "pwsh",
                                           "R",
                                           "Rscript",
                                           "lua",
                                           "lua[0-9]*",
                                           "luajit",
                                           "julia"};
static const char *const tools[] = {
    "curl", "wget", "git",    "npm", "npx",     "uv",      "uvx",     "pipx",  "go",
    "gh",   "http", "pytest", "tsx", "openssl", "jupyter", "ipython", "aria2c"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool matches(const char *name, const char *const patterns[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], name, FNM_NOESCAPE) == 0)
            return true;
    return false;
}

static enum survey_kind kind_of(const char *name)
{
    return matches(name, agents, COUNT(agents))               ? SURVEY_AGENT
           : matches(name, interpreters, COUNT(interpreters)) ? SURVEY_INTERPRETER
           : matches(name, tools, COUNT(tools))               ? SURVEY_TOOL
                                                              : SURVEY_OTHER;
}

/* What the distribution has put there, is judged by name: there is much of it. */
static bool is_distribution(const char *directory)
{
    static const char *const list[] = {"/bin", "/sbin", "/usr/bin", "/usr/sbin",
                                       "/usr/games"};
    char *real = realpath(directory, NULL);
    bool found = false;
    for (size_t i = 0; real && !found && i < COUNT(list); i++)
        found = strcmp(real, list[i]) == 0;
    free(real);
    return found;
}

static bool is_go(const char *path)
{
    struct span file = mapping_open(path);
    struct elf *elf = print_grown(NULL, sizeof(*elf));
    bool go = file.at && elf_parse(file, elf) == 0 && elf->go;
    free(elf);
    mapping_close(file);
    return go;
}

static bool is_executable(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* The programs of all versions that the shim |path|, the latest row, may start. */
static void add_versions(struct survey *survey, const char *path, enum survey_kind kind)
{
    size_t shim = survey->count - 1;
    static const char *const homes[] = {"versions/*", "installs/*/*"};
    const char *name = strrchr(path, '/') + 1;
    int root = (int)(name - path) - (int)strlen("shims/");
    for (size_t i = 0; i < COUNT(homes); i++) {
        char *pattern = print_memory("%.*s%s/bin/%s", root, path, homes[i], name);
        glob_t found = {0};
        if (glob(pattern, 0, NULL, &found) == 0)
            for (size_t j = 0; j < found.gl_pathc; j++)
                if (is_executable(found.gl_pathv[j]))
                    survey_add(survey, found.gl_pathv[j], kind, false);
        globfree(&found);
        free(pattern);
    }
    survey->rows[shim].expanded = survey->count > shim + 1;
}

static void consider(struct survey *survey, const char *directory, const char *name,
                     bool distribution)
{
    enum survey_kind kind = kind_of(name);
    char *path = print_memory("%s/%s", directory, name);
    if (is_executable(path) && (kind != SURVEY_OTHER || !distribution || is_go(path))) {
        survey_add(survey, path, kind, false);
        if (kind != SURVEY_OTHER && script_is_shim(path))
            add_versions(survey, path, kind);
    }
    free(path);
}

static void look_into(struct survey *survey, const char *directory)
{
    struct dirent **items;
    int count = scandir(directory, &items, NULL, alphasort);
    bool distribution = is_distribution(directory);
    for (int i = 0; i < count; i++) {
        consider(survey, directory, items[i]->d_name, distribution);
        free(items[i]);
    }
    if (count >= 0)
        free(items);
}

void survey_path(struct survey *survey)
{
    const char *path = getenv("PATH");
    for (path = path ? path : "/bin:/usr/bin"; *path;) {
        size_t length = strcspn(path, ":");
        char *directory = print_memory("%.*s", (int)length, path);
        if (directory[0] == '/')
            look_into(survey, directory);
        free(directory);
        path += length + (path[length] == ':');
    }
}

/* Libraries are executable with many builders, but nobody starts them. */
static bool is_program(const FTSENT *entry)
{
    const char *name = entry->fts_name;
    bool executable = entry->fts_info == FTS_F
                          ? (entry->fts_statp->st_mode & 0111) != 0
                          : entry->fts_info == FTS_SL && is_executable(entry->fts_path);
    return executable && !span_ends(span_text(name), ".so") && !strstr(name, ".so.") &&
           !span_ends(span_text(name), ".node");
}

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

int survey_tree(struct survey *survey, const char *directory)
{
    char *roots[] = {(char *)directory, NULL};
    struct stat status;
    size_t count = 0;
    if (stat(directory, &status) != 0)
        return -1;
    errno = ENOTDIR;
    if (!S_ISDIR(status.st_mode))
        return -1;
    FTS *walk =
        fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_XDEV, by_name);
    FTSENT *entry;
    for (; walk && count < FILES_MAX && (entry = fts_read(walk)); count++)
        if (is_program(entry))
            survey_add(survey, entry->fts_path, kind_of(entry->fts_name), true);
    survey->cut |= count == FILES_MAX;
    if (walk)
        fts_close(walk);
    return walk ? 0 : -1;
}
