/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shapes.h - work that shapes written out in a test say, in 16 bits. */
#ifndef TESTS_SHAPES_H
#define TESTS_SHAPES_H

#include "model/work.h"

/* Tokens in the cache and split at which work is asked for. */
#define SHAPES_CACHED 145.0
#define SHAPES_SPLIT 102.0
#define SHAPES_P 2.0		/* [B] of an element */

/** [FLOP] and [B] of an m x k by k x n product. */
double shapes_flop(double m, double k, double n);
double shapes_bytes(double m, double k, double n);

/** `w` is a kernel of one such product. */
void shapes_product(struct work w, double m, double k, double n);

/** `w` copies `bytes` on `e`, and is one launch. */
void shapes_copy(struct work w, enum engine e, double bytes);

#endif
