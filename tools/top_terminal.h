/* SPDX-License-Identifier: MIT */
/* The terminal of `preecho top`: ncurses, and nothing that knows of figures. One thread; one
 * terminal. */
#ifndef TOOLS_TOP_TERMINAL_H
#define TOOLS_TOP_TERMINAL_H

#include "top_screen.h"

/* False when standard output is no terminal, or one on which nothing can be placed (TERM missing,
 * unknown, dumb); nothing has happened to it then. */
MUST_USE bool top_terminal_open(void);
/* Everything as it was before. */
void top_terminal_close(void);

/* Its size as it is now. */
void top_terminal_size(unsigned *rows, unsigned *columns);
void top_terminal_show(const struct top_screen *screen);
/* The key that was pressed within |milliseconds|, 0 for none, -1 when there will be none. */
int top_terminal_key(int milliseconds);

#endif
