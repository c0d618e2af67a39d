/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * times.h - how long the works of a graph take, as functions of the split.
 *
 * What work_seconds() gives for each work of one graph on one machine, with
 * as little as possible to do for another split: works that the split does
 * not change are worked out when the number of cached tokens changes.  Works
 * without tasks are left at 0.  On a machine with curves, `convex` asks for
 * work_duration() instead, which is convex in the split and nowhere above;
 * elsewhere the two are the same.  Only times_make() allocates; nothing can
 * fail.
 */
#ifndef LP_TIMES_H
#define LP_TIMES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/hardware.h"
#include "model/measured.h"
#include "schedule/bound.h"
#include "schedule/graph.h"

/*
 * The arrays are of g->nworks; the first ones are to be read, and have one
 * more element, the hand-off between engines, which no split changes.
 */
struct times {
	double cached;			/* [tokens] that all is for, or NAN */
	bool convex;			/* to be set at will; false at first */
	double *work_s;			/* [s] at the split set last */
	double *left_s, *right_s;	/* [s per token] its slopes there */
	/* kept for the functions below */
	const struct graph *graph;
	struct hardware hw;
	double *count;			/* tasks of each work */
	size_t *moving, nmoving;	/* works that the split changes */
	size_t *still, nstill;		/* the others that have tasks */
	struct measured_work *measured;	/* of each work, where n > 0 */
	struct work_duration *durations;	/* of moving works */
	double still_s[ENGINE_COUNT];	/* busy with the others */
	struct times_shared {
		double fixed_s, token_s, split_s;	/* affine */
	} shared[BOUND_SHARED];
};

/** Prepare `g`, which must outlive the result, on `hw`; times_clear(). */
void times_make(struct times *t, const struct graph *g,
		const struct hardware *hw);

/** Release what `t` owns. */
void times_clear(struct times *t);

/** Go over to the machine `hw`, as if `t` had been made for it. */
void times_set_hardware(struct times *t, const struct hardware *hw);

/** Go to `cached` tokens; what is there already is kept. */
void times_set_cached(struct times *t, double cached);

/** Set `work_s` for `split`. */
void times_set_split(struct times *t, double split);

/**
 * Set `left_s` and `right_s` for `split`, which was set last: they differ
 * where the two arms of a maximum meet, left <= right.  They are those of
 * work_duration(), whatever `convex`.
 */
void times_set_slopes(struct times *t, double split);

/**
 * The limit of bound_shared() that takes the longest at `split`, how long [s]
 * into `*seconds`; its slope is `shared[].split_s`.
 */
enum bound_shared times_shared(const struct times *t, double split,
			       double *seconds);

/** bound_step() [s] at `split`; also sets `work_s` for it. */
double times_floor(struct times *t, double split);

/**
 * No more [s] than times_floor() at any split of `low` to `high`, the same if
 * that is one; also sets `work_s` to no more than it is at any of them.
 */
double times_floor_over(struct times *t, double low, double high);

/** Whether some work whose time depends on the split is empty at `split`. */
bool times_drop_work(const struct times *t, double split);

#endif
