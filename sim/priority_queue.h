/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * priority_queue.h - values by their keys, least first.
 *
 * Order is total, (key, insertion): of equal keys, the value that went in
 * first comes out first, so what comes out depends on what went in alone.
 * Misuse is asserted; nothing here returns an error.
 *
 * A push that follows a pop, with no other pop between, costs one pass over
 * the heap for both.
 */
#ifndef SIM_PRIORITY_QUEUE_H
#define SIM_PRIORITY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct priority_queue;		/* opaque */

struct queued {
	double key;		/* finite */
	uint32_t value;		/* the caller's */
};

/** Empty queue; the caller releases it with priority_queue_free(). */
struct priority_queue *priority_queue_new(void);

/** Release `q`; NULL is a no-op. */
void priority_queue_free(struct priority_queue *q);

/** Insert a copy of `x`.  Up to 15 million are in at once.  O(log n). */
void priority_queue_push(struct priority_queue *q, struct queued x);

/**
 * The least, which stays; false if `q` is empty.  A key of -0 comes back as 0.
 * O(1).
 */
bool priority_queue_peek(const struct priority_queue *q, struct queued *out);

/** Move the least to `*out`; false if `q` is empty.  O(log n). */
bool priority_queue_pop(struct priority_queue *q, struct queued *out);

/** How many are in. */
size_t priority_queue_length(const struct priority_queue *q);

#endif
