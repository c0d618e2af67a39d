/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/random_block.h"

#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/recompute_all.h"

enum block_style random_block_style(gsl_rng *rng, const struct plan *plan)
{
	static const enum block_style styles[] = {
		BLOCK_OVERLAPPED, BLOCK_INTERLEAVED, BLOCK_SERIAL,
		BLOCK_COPY_BACK,
	};
	bool cpu = plan->decision[DECISION_ATTENTION] == ATTENTION_CPU;
	bool streamed = plan->decision[DECISION_WEIGHTS_ON_GPU] < 1.0;

	if (plan->policy->split == SPLIT_ALL)
		return BLOCK_OVERLAPPED;
	if (cpu)
		return styles[streamed ? 0 : random_case_size(rng, 0, 1)];
	return styles[random_case_size(rng, 0, 3)];
}

static double draw_share(gsl_rng *rng)
{
	static const double shares[] = { 0.0, 1.0, 0.3, 0.75 };

	return shares[random_case_size(rng, 0, 3)];
}

struct plan random_block_plan(gsl_rng *rng, const struct random_case *c)
{
	static const struct policy *const policies[] = {
		&policy_load_all, &policy_kvpr_row, &policy_recompute_all,
	};
	static const size_t depths[] = { 0, 1, 2, 3, 7, PLAN_MOST_PREFETCH };
	struct plan p = random_case_plan(
		rng, c, policies[random_case_size(rng, 0, 2)],
		depths[random_case_size(rng, 0, 5)]);

	p.decision[DECISION_WEIGHTS_ON_GPU] = draw_share(rng);
	p.decision[DECISION_CACHE_ON_GPU] = draw_share(rng);
	p.decision[DECISION_PIPELINE] = (double)random_case_size(rng, 0, 1);
	if (p.policy->split == SPLIT_NONE)
		p.decision[DECISION_ATTENTION] =
			(double)random_case_size(rng, 0, 1);
	if (p.decision[DECISION_ATTENTION] == ATTENTION_CPU &&
	    gsl_rng_uniform(rng) < 0.6)
		p.decision[DECISION_WEIGHTS_ON_GPU] = 1.0;
	return p;
}

struct random_case random_block_case(gsl_rng *rng)
{
	struct random_case c = random_case_draw(rng);

	c.w.num_batches = random_case_size(rng, 1, 3);
	c.w.weights = (enum element)random_case_size(rng, 0, 2);
	c.w.kv = (enum element)random_case_size(rng, 0, 2);
	c.w.activations = (enum element)random_case_size(rng, 0, 2);
	c.w.gpus = random_case_size(rng, 1, 4);
	return c;
}

struct block_case random_block_table(gsl_rng *rng, const struct random_case *c,
				     const struct plan *plan, struct graph **g)
{
	enum span span = (enum span)random_case_size(rng, 0, 2);
	enum block_style style = random_block_style(rng, plan);

	*g = block_graph(&c->model, &c->w, plan, span, style);
	return block_table_case(&c->model, &c->w, plan, span, style);
}
