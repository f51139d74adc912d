/* SPDX-License-Identifier: MIT */
/* See script.h. */
#include "script.h"

#include "print.h"
#include "reach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_SIZE 256 /* the kernel reads no more of it either (BINPRM_BUF_SIZE) */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool script_is_shell(const char *path)
{
    static const char *const shells[] = {"sh",   "bash", "dash", "zsh",     "ksh",
                                         "mksh", "ash",  "fish", "busybox", "rbash"};
    for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
        if (strcmp(base_name(path), shells[i]) == 0)
            return true;
    }
    return false;
}

bool script_is_shim(const char *path)
{
    size_t length = (size_t)(base_name(path) - path);
    if (length < 7 || memcmp(path + length - 7, "/shims/", 7) != 0)
        return false;
    char *versions = print_memory("%.*sversions", (int)length - 6, path);
    char *installs = print_memory("%.*sinstalls", (int)length - 6, path);
    bool found = access(versions, X_OK) == 0 || access(installs, X_OK) == 0;
    free(versions);
    free(installs);
    return found;
}

/* The first line of |path| behind "#!" into |line|. False with errno when there is none.
 */
static bool read_line(const char *path, char line[LINE_MAX_SIZE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return false;
    ssize_t size = read(file, line, LINE_MAX_SIZE - 1);
    close(file);
    errno = 0;
    if (size < 3 || line[0] != '#' || line[1] != '!')
        return false;
    line[size] = '\0';
    line[strcspn(line, "\n")] = '\0';
    memmove(line, line + 2, strlen(line + 2) + 1);
    return true;
}

/* The command that "env |words|" runs: options and settings are passed over (env(1), -S).
 */
static char *env_command(char *words)
{
    char *rest = NULL;
    for (char *word = strtok_r(words, " \t", &rest); word;
         word = strtok_r(NULL, " \t", &rest)) {
        if (strncmp(word, "-S", 2) == 0 && word[2])
            word += 2;
        if (word[0] != '-' && !strchr(word, '='))
            return reach_find(word);
    }
    errno = ENOENT;
    return NULL;
}

char *script_interpreter(const char *path)
{
    char line[LINE_MAX_SIZE];
    if (!read_line(path, line))
        return NULL;
    char *words = line + strspn(line, " \t");
    size_t length = strcspn(words, " \t");
    char *rest = words + length + (words[length] != '\0');
    words[length] = '\0';
    if (strcmp(base_name(words), "env") == 0)
        return env_command(rest);
    if (access(words, X_OK) != 0)
        return NULL;
    return print_memory("%s", words);
}
