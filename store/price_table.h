/* SPDX-License-Identifier: MIT */
/* prices.tsv as it is built in. Private to store/. */
#ifndef STORE_PRICE_TABLE_H
#define STORE_PRICE_TABLE_H

#include "bytes.h"

/* The whole file; static. */
struct span price_table(void);

#endif
