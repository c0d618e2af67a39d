/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_queue.h - pending events, earliest first.
 *
 * Order is total, (time, insertion): events at equal times come out in the
 * order in which they went in, so a run depends on its inputs alone.  Misuse
 * is asserted; nothing here returns an error.
 *
 * An event that is pushed soon after one is popped, with no other pop
 * between, costs one pass over the heap for both: handle an event, then push
 * what follows from it.
 */
#ifndef SIM_EVENT_QUEUE_H
#define SIM_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_queue;		/* opaque */

struct event {
	double time_s;		/* [s] simulated, finite */
	uint32_t kind;		/* the caller's */
	uint32_t stamp;		/* the caller's: to tell events outdated */
};

/** Empty queue; the caller releases it with event_queue_free(). */
struct event_queue *event_queue_new(void);

/** Release `q`; NULL is a no-op. */
void event_queue_free(struct event_queue *q);

/** Insert a copy of `ev`.  Up to 15 million pend at once.  O(log n). */
void event_queue_push(struct event_queue *q, struct event ev);

/**
 * The earliest event, which stays; false if `q` is empty.  A time of -0 comes
 * back as 0.  O(1).
 */
bool event_queue_peek(const struct event_queue *q, struct event *out);

/** Move the earliest event to `*out`; false if `q` is empty.  O(log n). */
bool event_queue_pop(struct event_queue *q, struct event *out);

/** Number of pending events. */
size_t event_queue_length(const struct event_queue *q);

#endif
