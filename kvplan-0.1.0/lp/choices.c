/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/choices.h"

#include <math.h>

enum status choices_check(const struct plan *plan, const struct workload *w,
			  const struct planner_options *options,
			  struct diag *d)
{
	const struct policy *policy = plan->policy;
	size_t limit = plan_split_limit(plan, w, plan->steps - 1);

	if (options->fix_split && policy->split != SPLIT_OPEN)
		return diag_fail(d, STATUS_INVALID,
				 "policy %s decides the split itself: "
				 "a fixed split cannot be used with it",
				 policy->name);
	if (options->fix_split && options->split > limit)
		return diag_fail(d, STATUS_INVALID,
				 "split: found %zu, expected 0 to %zu (%s)",
				 options->split, limit,
				 plan->whole_sequence ? "the longest sequence"
						      : "the prompt");
	for (int i = 0; i < DECISION_COUNT; i++)
		if (options->fix[i] &&
		    policy->rules[i].decider == DECIDED_BY_POLICY &&
		    options->value[i] != policy->rules[i].value)
			return diag_fail(d, STATUS_INVALID,
					 "policy %s decides %s itself: "
					 "another cannot be used with it",
					 policy->name,
					 decision_specs[i].name);
	return STATUS_OK;
}

static struct choices_range find_range(enum decision which,
				       const struct policy *policy,
				       const struct planner_options *options,
				       double batches)
{
	const struct decision_rule *rule = &policy->rules[which];
	const struct decision_spec *spec = &decision_specs[which];

	if (options->fix[which])
		return (struct choices_range){ options->value[which],
					       options->value[which] };
	if (rule->decider != DECIDED_BY_PLANNER)
		return (struct choices_range){ rule->value, rule->value };
	if (which == DECISION_PREFETCH) {
		if (options->program == PROGRAM_PERIOD)
			return (struct choices_range){
				0, PLANNER_MOST_PREFETCH + batches - 1
			};
		if (options->program == PROGRAM_COLUMN)
			return (struct choices_range){ 1, 1 };
		return (struct choices_range){ 0, 0 };
	}
	if (options->program != PROGRAM_PERIOD)
		return (struct choices_range){ rule->value, rule->value };
	return (struct choices_range){ 0, spec->most };
}

struct choices choices_begin(struct plan *plan, const struct workload *w,
			     const struct planner_options *options)
{
	double batches = fmin((double)w->num_batches, PLANNER_MOST_BATCHES);
	struct choices c;

	for (int i = 0; i < DECISION_COUNT; i++) {
		c.of[i] = find_range((enum decision)i, plan->policy, options,
				     batches);
		plan->decision[i] = c.of[i].first;
	}
	return c;
}

bool choices_next(const struct choices *c, double decision[DECISION_COUNT])
{
	for (int i = 0; i < DECISION_COUNT; i++) {
		if (decision[i] < c->of[i].last) {
			decision[i] += 1.0;
			return true;
		}
		decision[i] = c->of[i].first;
	}
	return false;
}
