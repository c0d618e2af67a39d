/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure.h - a job, run over and over, and what came out.
 *
 * Each split in turn: runs to warm up, then `repeat` runs that are timed as
 * a whole, then one whose tasks are timed.  The events of the last slow it
 * down a little, so its step times are kept apart.
 */
#ifndef CUDA_VALIDATE_MEASURE_H
#define CUDA_VALIDATE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/job.h"
#include "cuda_validate/runtime.h"
#include "cuda_validate/sensors.h"
#include "cuda_validate/timing.h"
#include "cuda_validate/usage.h"

enum { MEASURE_MOST_ATTEMPTS = 4 };

struct measure_options {
	size_t repeat;			/* >= 1 */
	size_t warmup;
	size_t threads;			/* of the CPU, for its attention */
	const struct sensors *sensors;	/* NULL: none */
	double within;			/* 0, or: measure again, up to
					 * MEASURE_MOST_ATTEMPTS times in all,
					 * while (max - min) / median of the
					 * repeats' mean steps is above */
};

/* One split of a job, measured.  Owns its arrays. */
struct measure {
	size_t split;			/* or JOB_OWN_SPLIT */
	size_t split_first, split_last;	/* of the first and the last step */
	size_t steps, repeat;
	size_t attempts;		/* of which the last is kept */
	double *steps_s;		/* [repeat][steps] */
	double *sm_mhz, *power_w;	/* [repeat] right after each, and over
					 * it; NAN: not known */
	struct timing makespan;		/* wall clock of all steps */
	struct timing step;		/* all but the first, which fills the
					 * pipeline; the only one if so */
	double issue_s;			/* of a step, median */
	double timed_step_s;		/* mean step of the timed run */
	struct usage usage;		/* its window: those steps, but for
					 * the last, if there are several */
};

/**
 * Measure split number `i` of the job's list; `timeline` may be NULL, or
 * receives that of the timed run.  measure_clear() only if it succeeds.
 */
bool measure_split(struct runtime *r, struct workspace *w, struct job *job,
		   size_t i, const struct measure_options *o,
		   struct timeline *timeline, struct measure *out);
void measure_clear(struct measure *m);

#endif
