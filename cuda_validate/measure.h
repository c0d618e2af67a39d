/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure.h - a job, run over and over, and what came out.
 *
 * Each split in turn, lap after lap without a pause: first until the GPU is
 * warm and its clock has settled, then `repeat` laps whose steps are timed,
 * then one whose tasks are.  The events of the last slow it down a little, so
 * its step times are kept apart.
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
	size_t warmup;			/* laps before those that count, at
					 * least */
	double settle_s;		/* [s] of laps before those that count,
					 * at least */
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
	size_t lead;			/* laps before those that count */
	double *steps_s;		/* [repeat][steps] */
	double power_w;			/* mean of all laps; NAN: not known */
	struct timing step;		/* mean step of a lap without its first,
					 * which follows the last of the lap
					 * before; of the only one if so */
	double issue_s;			/* of a step, mean */
	double timed_step_s;		/* of the lap with timed tasks */
	struct usage usage;		/* its window: those steps, but for
					 * the last, if there are several */
};

/**
 * Measure split number `i` of the list of `job`, which `r` is for; `timeline`
 * receives the lap with timed tasks.  measure_clear() only if it succeeds.
 */
bool measure_split(struct runtime *r, struct job *job, size_t i,
		   const struct measure_options *o, struct timeline *timeline,
		   struct measure *out);
void measure_clear(struct measure *m);

#endif
