/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contention.h - how long something takes while something else goes on.
 */
#ifndef CUDA_VALIDATE_CONTENTION_H
#define CUDA_VALIDATE_CONTENTION_H

#include "cuda_validate/timing.h"

enum { CONTENTION_MOST_LOADS = 2 };

/**
 * Sample the time of `job`, in chains of about `plan->sample_s`, while the
 * `n` >= 1 `loads`, each on a stream of its own, are issued again and again.
 * The loads are under way before a chain begins and, which is checked, still
 * when it ends.  Neither may block.  `out->n` is 0 if the loads could not be
 * made to last long enough.
 */
bool contention_measure(struct device *g, struct timer *t,
			const struct timing_job *job,
			const struct timing_plan *plan,
			const struct timing_job *loads, size_t n,
			struct timing *out);

#endif
