/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timeline.h - when each task ran: simulated or measured.
 *
 * Plain data that grows; a slice refers to its task by its index in the
 * graph and its decode step.
 */
#ifndef TRACES_TIMELINE_H
#define TRACES_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
	size_t task;		/* index into graph.tasks */
	size_t step;
	size_t gpu;		/* from 0 */
	double start_s, end_s;	/* [s] from the start of the run */
};

/* From `time_s` on, until its next one, a link carries so much. */
struct rate {
	const char *link;	/* its name, static */
	size_t gpu;		/* whose it is, from 0 */
	bool shared;		/* by all GPUs: `gpu` is not meant */
	double time_s, bytes_per_s;
};

struct timeline {
	struct slice *slices;	/* in the order of their ends */
	size_t n;
	struct rate *rates;	/* in the order of time */
	size_t nrates;
};

/** Append a slice, a rate. */
void timeline_add(struct timeline *t, struct slice s);
void timeline_add_rate(struct timeline *t, struct rate r);

/** Let the first slice of `t` begin at 0; it has no rates. */
void timeline_rebase(struct timeline *t);

/** Release what `t` owns and empty it. */
void timeline_clear(struct timeline *t);

#endif
