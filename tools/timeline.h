/* SPDX-License-Identifier: MIT */
/* A stretch of time cut into at most 64 equal slots: whole hours, days or weeks, which begin where
 * a calendar's do. All of it is UTC, as the journal's sums are. Pure. */
#ifndef TOOLS_TIMELINE_H
#define TOOLS_TIMELINE_H

#include "scale.h"

#define TIMELINE_SLOTS      64
#define TIMELINE_LABEL_SIZE 48

struct timeline {
    uint32_t start; /* hours since 1970 */
    uint32_t step;  /* hours in a slot */
    size_t count;   /* slots */
};

/* That from hour |first| to hour |last|, both in it, in steps of |least| hours at least. */
struct timeline timeline_of(uint32_t first, uint32_t last, uint32_t least);
/* The slot in which |hour| is, |count| when it is outside. */
size_t timeline_slot(const struct timeline *timeline, uint32_t hour);
/* "27 Nov 2026, 14:00", "27 Nov 2026", "week of 23 Nov 2026", "4 weeks from ...". */
char *timeline_label(const struct timeline *timeline, size_t slot,
                     char label[TIMELINE_LABEL_SIZE]);
/* "an hour", "6 hours", "a day", "a week": what a slot is. */
char *timeline_unit(const struct timeline *timeline, char label[TIMELINE_LABEL_SIZE]);
/* Hours, days or months, as fits. */
void timeline_ticks(const struct timeline *timeline, struct ticks *out);

#endif
