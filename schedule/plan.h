/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan.h - what was decided: the policy and the values of its decisions.
 *
 * Plain data apart from the array of splits, which the plan owns.
 */
#ifndef SCHEDULE_PLAN_H
#define SCHEDULE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "model/workload.h"
#include "schedule/decision.h"

struct policy;

enum { PLAN_MOST_PREFETCH = 64 };

struct plan {
	const struct policy *policy;	/* static, from the table */
	size_t steps;			/* decode steps */
	size_t *split;			/* l of each step, <= cached tokens */
	double decision[DECISION_COUNT];
	bool whole_sequence;		/* X of generated tokens is kept too:
					 * l <= s' instead of l <= prompt */
};

/** Slots that loads run ahead of compute. */
size_t plan_prefetch(const struct plan *plan);

/** Shares of the weights, of the requests' KV, that lie on the host. */
double plan_weights_on_host(const struct plan *plan);
double plan_cache_on_host(const struct plan *plan);

/** Largest split of step `step` that `plan` may use on `w`. */
size_t plan_split_limit(const struct plan *plan, const struct workload *w,
			size_t step);

/** Release what `plan` owns. */
void plan_clear(struct plan *plan);

#endif
