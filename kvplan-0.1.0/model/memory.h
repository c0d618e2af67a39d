/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memory.h - what lies where, and whether it fits.
 *
 * A policy adds one line for each thing that it keeps; the sums are held
 * against the machine's capacity.  Plain data.
 */
#ifndef MODEL_MEMORY_H
#define MODEL_MEMORY_H

#include <stddef.h>

#include "base/diag.h"
#include "model/hardware.h"

enum memory_place { MEMORY_GPU, MEMORY_HOST, MEMORY_PLACES };

struct memory_item {
	enum memory_place place;
	const char *what;		/* static text: "weights" */
	double bytes;			/* [B] */
};

enum { MEMORY_MOST_ITEMS = 16 };

struct memory {
	struct memory_item items[MEMORY_MOST_ITEMS];
	size_t n;
};

/** Add `bytes` [B] of `what` (static text) in `place`. */
void memory_add(struct memory *mem, enum memory_place place,
		const char *what, double bytes);

/** Sum [B] of what lies in `place`. */
double memory_used(const struct memory *mem, enum memory_place place);

/** [B] that `hw` has in `place`; 0 where the profile does not say. */
double memory_capacity(const struct hardware *hw, enum memory_place place);

/** "gpu" or "host". */
const char *memory_place_name(enum memory_place place);

/**
 * STATUS_INFEASIBLE if a place overflows, with the need, the capacity and
 * the largest item.  A place of unknown capacity holds anything.
 */
MUST_CHECK enum status memory_check(const struct memory *mem,
				    const struct hardware *hw,
				    struct diag *d);

#endif
