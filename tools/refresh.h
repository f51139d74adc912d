/* SPDX-License-Identifier: MIT */
/* The helper that fetches a new answer in the place of an expired one. */
#ifndef TOOLS_REFRESH_H
#define TOOLS_REFRESH_H

/* As a command's function. */
int refresh_run(int count, char **arguments);

#endif
