/* SPDX-License-Identifier: MIT */
/* Parts of a program that bring a TLS of their own, beside that of the program: they are out of
 * reach although it is not. Files are looked at where the usual installers put them. */
#ifndef TOOLS_PARTS_H
#define TOOLS_PARTS_H

#include "reach.h"

/* Packages of the Python that |reach| is about, those that make calls to providers. Adds lines to
 * |reach->parts|, for wheels' own shared libraries to |reach->facts|. */
void parts_of_python(struct reach *reach);
/* Programs that come in the npm package whose script |reach->script| is, and in the packages for
 * this system that belong to it. Adds lines to |reach->parts|. */
void parts_of_package(struct reach *reach);

#endif
