/* SPDX-License-Identifier: MIT */
/* See top_terminal.h. */
#include "top_terminal.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

/* term.h makes macros of these. */
#undef columns
#undef lines

static SCREEN *terminal;

/* Cursor addressing is what a screen needs. */
static bool can_place(void)
{
    int problem;
    if (!isatty(STDOUT_FILENO) || !getenv("TERM"))
        return false;
    if (setupterm(NULL, STDOUT_FILENO, &problem) != OK)
        return false;
    const char *move = tigetstr("cup");
    return move && move != (const char *)-1;
}

static void colours_start(void)
{
    static const short colours[TOP_STYLES] = {
        [TOP_SAVED] = COLOR_GREEN, [TOP_SPENT] = COLOR_YELLOW, [TOP_FAILED] = COLOR_RED};
    if (getenv("NO_COLOR") || !has_colors() || start_color() != OK ||
        use_default_colors() != OK)
        return;
    for (int style = TOP_SAVED; style < TOP_STYLES; style++)
        init_pair((short)style, colours[style], -1);
}

bool top_terminal_open(void)
{
    if (!can_place())
        return false;
    terminal = newterm(NULL, stdout, stdin);
    if (!terminal)
        return false;
    colours_start();
    cbreak();
    noecho();
    nonl();
    curs_set(0);
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    return true;
}

void top_terminal_close(void)
{
    if (!terminal)
        return;
    endwin();
    delscreen(terminal);
    terminal = NULL;
}

/* ncurses hears of a new size by a signal, which may come before it listens: so we look. */
void top_terminal_size(unsigned *rows, unsigned *columns)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col &&
        is_term_resized(size.ws_row, size.ws_col)) {
        resizeterm(size.ws_row, size.ws_col);
        clearok(stdscr, TRUE);
    }
    *rows = (unsigned)getmaxy(stdscr);
    *columns = (unsigned)getmaxx(stdscr);
}

static attr_t attributes(enum top_style style)
{
    if (style == TOP_TITLE)
        return A_REVERSE;
    if (style == TOP_PLAIN || getenv("NO_COLOR") || !has_colors())
        return A_NORMAL;
    return (attr_t)COLOR_PAIR(style);
}

void top_terminal_show(const struct top_screen *screen)
{
    erase();
    for (unsigned row = 0; row < screen->rows && row < TOP_SCREEN_ROWS; row++) {
        attrset(attributes(screen->styles[row]));
        mvaddnstr((int)row, 0, screen->lines[row], (int)screen->columns);
    }
    attrset(A_NORMAL);
    refresh();
}

int top_terminal_key(int milliseconds)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    bool keys = isatty(STDIN_FILENO);
    int ready = poll(&input, keys ? 1 : 0, milliseconds);
    if (ready > 0 && !(input.revents & POLLIN))
        return -1; /* the terminal has gone */
    int key = getch();
    if (key == ERR)
        return ready > 0 && errno == EIO ? -1 : 0;
    return key == KEY_RESIZE ? 0 : key;
}
