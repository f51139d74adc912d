/* SPDX-License-Identifier: MIT */
/* The version, once: the command, the man pages (man/build reads this line) and
 * CHANGELOG. */
#ifndef TOOLS_VERSION_H
#define TOOLS_VERSION_H

#define PREECHO_VERSION "0.1.0"

#endif
