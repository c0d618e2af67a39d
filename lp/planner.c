/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/planner.h"

#include "base/xalloc.h"
#include "model/layer.h"

struct paper_split planner_paper_program(const struct llm *m,
					 const struct workload *w,
					 const struct hardware *hw,
					 enum paper_form form, size_t cached,
					 size_t limit)
{
	double flop = 4.0 * (double)w->batch * (double)m->hidden *
		      (double)llm_kv_width(m);

	return (struct paper_split){
		.form = form,
		.cached = cached,
		.limit = limit,
		.activation_s = layer_activation_token_bytes(m, w) /
				hw->h2d.bytes_per_s,
		.kv_s = layer_kv_token_bytes(m, w) / hw->h2d.bytes_per_s,
		.recompute_s = flop / hardware_gemm_flop_per_s(hw),
	};
}

/* GLPK's answer, refused if the closed form knows a better or worse one. */
static enum status solve_step(const struct paper_split *p, size_t *l,
			      struct diag *d)
{
	size_t exact = paper_split_closed_form(p);
	enum status s = paper_split_solve(p, l, d);

	if (s != STATUS_OK || *l == exact)
		return s;
	return diag_fail(d, STATUS_SOLVER,
			 "at %zu cached tokens GLPK chose split %zu and the "
			 "closed form %zu: please report this case",
			 p->cached, *l, exact);
}

static enum status choose_split(const struct llm *m, const struct workload *w,
				const struct hardware *hw,
				const struct planner_options *options,
				const struct plan *plan, size_t step,
				size_t *l, struct diag *d)
{
	size_t cached = workload_cached(w, step);
	size_t limit = plan_split_limit(plan, w, step);
	struct paper_split p;

	if (plan->policy->split != SPLIT_OPEN) {
		*l = limit;
		return STATUS_OK;
	}
	if (options->fix_split) {
		*l = options->split < limit ? options->split : limit;
		return STATUS_OK;
	}
	p = planner_paper_program(m, w, hw, options->form, cached, limit);
	return solve_step(&p, l, d);
}

static enum status check_options(const struct plan *plan,
				 const struct workload *w,
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
	if (options->fix_prefetch && options->prefetch > PLAN_MOST_PREFETCH)
		return diag_fail(d, STATUS_INVALID,
				 "prefetch: found %zu, expected 0 to %d",
				 options->prefetch, PLAN_MOST_PREFETCH);
	return STATUS_OK;
}

enum status planner_plan(const struct llm *m, const struct workload *w,
			 const struct hardware *hw,
			 const struct policy *policy,
			 const struct planner_options *options,
			 struct plan *out, struct diag *d)
{
	struct plan plan = {
		.policy = policy,
		.steps = workload_steps(w),
		.prefetch = options->fix_prefetch ? options->prefetch
						  : policy->prefetch,
		.whole_sequence = options->whole_sequence ||
				  policy->split == SPLIT_ALL,
	};
	enum status s = check_options(&plan, w, options, d);

	if (s != STATUS_OK)
		return s;
	plan.split = xcalloc(plan.steps, sizeof *plan.split);
	for (size_t i = 0; i < plan.steps && s == STATUS_OK; i++)
		s = choose_split(m, w, hw, options, &plan, i, &plan.split[i],
				 d);
	if (s != STATUS_OK) {
		plan_clear(&plan);
		return s;
	}
	*out = plan;
	return STATUS_OK;
}
