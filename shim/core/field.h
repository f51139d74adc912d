/* SPDX-License-Identifier: MIT */
/* Header fields that rules name or say (RFC 9110, 5.1 and 5.5). Pure functions; any thread. */
#ifndef CORE_FIELD_H
#define CORE_FIELD_H

#include "store/bytes.h"

/* True when |text| can be a field's value as it is: visible ASCII with blanks between, no tabs. May be empty. */
bool field_is_value(struct span text);
/* True when |text| is a field's name. */
bool field_is_name(struct span text);

/* NULL, or what is wrong with a rule's value, or with its list of names separated by commas: static,
 * as in "is no header field's value". */
MUST_USE const char *field_value_problem(struct span text);
MUST_USE const char *field_names_problem(struct span text);
/* The next name of such a list, cut off |list|; false at its end. */
bool field_names_next(struct span *list, struct span *name);

#endif
