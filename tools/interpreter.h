/* SPDX-License-Identifier: MIT */
/* Interpreters, and programs like them: the modules or helpers through which they get TLS, at
 * the places where the usual builds and distributions keep them. */
#ifndef TOOLS_INTERPRETER_H
#define TOOLS_INTERPRETER_H

#include "store/bytes.h"

struct interpreter {
    const char *name;   /* what its file name starts with: "python" for python3.11 */
    bool wrapped;       /* the file is a shell script in front of the real one */
    const char *module; /* for people: "Python's _ssl" */
    /* Patterns of glob(3) below the prefix that bin/ lies in, the best first; %n stands
     * for the program's file name, %v for the version at its end. */
    const char *patterns[4];
};

/* The interpreter that the program |path| is, or NULL. Static. */
const struct interpreter *interpreter_of(const char *path);
/* The file of its module, to be freed; NULL when it is not there. |path| is canonical. */
MUST_USE char *interpreter_module(const struct interpreter *interpreter,
                                  const char *path);

#endif
