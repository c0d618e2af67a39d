/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/plan.h"

#include <stdlib.h>

#include "schedule/policy.h"

size_t plan_prefetch(const struct plan *plan)
{
	return (size_t)plan->decision[DECISION_PREFETCH];
}

double plan_weights_on_host(const struct plan *plan)
{
	return 1.0 - plan->decision[DECISION_WEIGHTS_ON_GPU];
}

double plan_cache_on_host(const struct plan *plan)
{
	return 1.0 - plan->decision[DECISION_CACHE_ON_GPU];
}

size_t plan_split_limit(const struct plan *plan, const struct workload *w,
			size_t step)
{
	size_t cached = workload_cached(w, step);

	switch (plan->policy->split) {
	case SPLIT_NONE:
		return 0;
	case SPLIT_ALL:
		return cached;
	case SPLIT_OPEN:
		break;
	}
	return plan->whole_sequence ? cached : w->prompt;
}

void plan_clear(struct plan *plan)
{
	free(plan->split);
	*plan = (struct plan){ 0 };
}
