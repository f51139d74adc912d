/* SPDX-License-Identifier: MIT */
/* What stands in which row of `preecho top`. Pure but for local time; ncurses only puts it. */
#ifndef TOOLS_TOP_SCREEN_H
#define TOOLS_TOP_SCREEN_H

#include "columns.h"
#include "top_figures.h"

#define TOP_SCREEN_ROWS 128 /* taller terminals have empty rows below */

enum top_style { TOP_PLAIN, TOP_TITLE, TOP_SAVED, TOP_SPENT, TOP_FAILED, TOP_STYLES };

struct top_screen {
    unsigned rows, columns; /* of the terminal */
    enum top_by by;
    bool paused;
    enum top_style styles[TOP_SCREEN_ROWS];
    char lines[TOP_SCREEN_ROWS][COLUMNS_LINE_SIZE]; /* printable ASCII */
};

/* Sets every row's line and style; what is asked for stands in the other members. */
void top_screen_fill(struct top_screen *screen, const struct top_figures *figures);

/* The totals in one line of text, for where there is no terminal. */
void top_screen_plain(const struct top_figures *figures, char line[COLUMNS_LINE_SIZE]);

#endif
