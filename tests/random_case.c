/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/random_case.h"

#include <math.h>

#include "base/xalloc.h"

size_t random_case_size(gsl_rng *rng, size_t low, size_t high)
{
	return low + gsl_rng_uniform_int(rng, high - low + 1);
}

double random_case_log(gsl_rng *rng, double low, double high)
{
	return low * pow(high / low, gsl_rng_uniform(rng));
}

static bool chance(gsl_rng *rng, double p)
{
	return gsl_rng_uniform(rng) < p;
}

static struct llm draw_model(gsl_rng *rng)
{
	static const size_t head_dims[] = { 40, 64, 80, 128 };
	struct llm m = {
		.name = "drawn", .family = "llama",
		.layers = random_case_size(rng, 1, 6),
		.head_dim = head_dims[random_case_size(rng, 0, 3)],
		.ffn = random_case_size(rng, 100, 30000),
		.experts = 1, .experts_per_token = 1,
		.vocab = random_case_size(rng, 1000, 150000),
		.max_positions = 4096,
		.ffn_gated = chance(rng, 0.5), .rotary = chance(rng, 0.5),
		.tied_embeddings = chance(rng, 0.5),
	};

	/* half of the models have a KV head for each query head */
	m.kv_heads = random_case_size(rng, 1, 40);
	m.heads = m.kv_heads *
		  (chance(rng, 0.5) ? 1 : random_case_size(rng, 2, 8));
	m.hidden = m.heads * m.head_dim;
	if (chance(rng, 0.2))	/* as Qwen3 */
		m.hidden = random_case_size(rng, 64, 8192);
	if (chance(rng, 0.25)) {
		m.experts = random_case_size(rng, 2, 64);
		m.experts_per_token = random_case_size(rng, 1, m.experts);
	}
	m.learned_positions = !m.rotary;
	return m;
}

static double draw_overhead(gsl_rng *rng)
{
	return chance(rng, 0.3) ? 0.0 : random_case_log(rng, 1e-7, 1e-4);
}

/* Pageable memory is slower, by a factor of up to 10. */
static struct hardware_direction draw_direction(gsl_rng *rng)
{
	double bytes_per_s = random_case_log(rng, 1e9, 1e12);

	return (struct hardware_direction){
		.bytes_per_s = bytes_per_s,
		.latency_s = draw_overhead(rng),
		.pageable_bytes_per_s =
			bytes_per_s / random_case_log(rng, 1.0, 10.0),
	};
}

static struct hardware draw_hardware(gsl_rng *rng)
{
	return (struct hardware){
		.name = "drawn", .title = "drawn",
		.flop_per_s = random_case_log(rng, 5e12, 5e15),
		.gemm_derate = 0.3 + 0.7 * gsl_rng_uniform(rng),
		.hbm_bytes_per_s = random_case_log(rng, 2e11, 1e13),
		.hbm_derate = 0.3 + 0.7 * gsl_rng_uniform(rng),
		.memory_bytes = random_case_log(rng, 1e10, 1e12),
		.launch_s = 0.1 * draw_overhead(rng),
		.h2d = draw_direction(rng),
		.d2h = draw_direction(rng),
		.host_attention_bytes_per_s =
			random_case_log(rng, 1e9, 1e12),
		.host_copy_bytes_per_s = random_case_log(rng, 1e9, 1e11),
	};
}

void random_case_hand_over(struct hardware *hw)
{
	hw->event_s = 0.7 * hw->launch_s;
	hw->handoff_s = 0.3 * hw->d2h.latency_s;
}

struct random_case random_case_draw(gsl_rng *rng)
{
	return (struct random_case){
		.model = draw_model(rng),
		.hw = draw_hardware(rng),
		.w = {
			.batch = random_case_size(rng, 1, 100),
			.prompt = random_case_size(rng, 1, 700),
			.gen = random_case_size(rng, 2, 9),
			.num_batches = 1, .gpus = 1,
		},
	};
}

void random_case_hide_stores(struct hardware *hw)
{
	hw->d2h = (struct hardware_direction){
		.bytes_per_s = 1e17, .pageable_bytes_per_s = 1e17,
	};
}

void random_case_widen(gsl_rng *rng, struct random_case *c)
{
	c->w.num_batches = random_case_size(rng, 1, 4);
	c->w.weights = (enum element)random_case_size(rng, 0, 2);
	c->w.kv = (enum element)random_case_size(rng, 0, 2);
	c->w.activations = (enum element)random_case_size(rng, 0, 2);
}

void random_case_decide(gsl_rng *rng, struct plan *plan)
{
	static const double shares[] = { 0.0, 0.3, 1.0 };

	for (int i = 0; i < DECISION_COUNT; i++) {
		const struct decision_spec *spec = &decision_specs[i];

		if (plan->policy->rules[i].decider == DECIDED_BY_POLICY)
			continue;
		if (i == DECISION_PREFETCH)
			plan->decision[i] =
				(double)random_case_size(rng, 0, 4);
		else if (spec->whole)
			plan->decision[i] = (double)random_case_size(
				rng, 0, (size_t)spec->most);
		else
			plan->decision[i] = shares[random_case_size(rng, 0,
								    2)];
	}
}

struct plan random_case_plan(gsl_rng *rng, const struct random_case *c,
			     const struct policy *policy, size_t prefetch)
{
	struct plan plan = {
		.policy = policy,
		.steps = workload_steps(&c->w),
		.whole_sequence = policy->split == SPLIT_ALL ||
				  chance(rng, 0.5),
	};
	double none = gsl_rng_uniform(rng), all = gsl_rng_uniform(rng);

	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy->rules[i].value;
	plan.decision[DECISION_PREFETCH] = (double)prefetch;
	plan.split = xcalloc(plan.steps, sizeof *plan.split);
	for (size_t i = 0; i < plan.steps; i++) {
		size_t most = plan_split_limit(&plan, &c->w, i);

		if (policy->split == SPLIT_ALL || chance(rng, 0.3 * all))
			plan.split[i] = most;
		else if (!chance(rng, 0.3 * none))
			plan.split[i] = random_case_size(rng, 0, most);
	}
	return plan;
}

/* Amounts that are often 0 in some steps, never negative. */
static struct amount draw_amount(gsl_rng *rng, double scale)
{
	struct amount a = { 0.0, 0.0, 0.0 };

	if (gsl_rng_uniform(rng) < 0.6)
		a.fixed = scale * gsl_rng_uniform(rng);
	if (gsl_rng_uniform(rng) < 0.4)
		a.per_split = 0.1 * scale * gsl_rng_uniform(rng);
	if (gsl_rng_uniform(rng) < 0.3) {
		a.per_token = 0.01 * scale * gsl_rng_uniform(rng);
		a.per_split = -a.per_token;	/* the tokens after l */
	}
	return a;
}

static struct work draw_work(gsl_rng *rng)
{
	struct work w = {
		.engine = chance(rng, 0.1) ? ENGINE_CPU :
			  chance(rng, 0.1) ? ENGINE_COPY :
			  (enum engine)random_case_size(rng, 0, ENGINE_SM),
		.launches = (double)random_case_size(rng, 1, 3),
		.element_bytes = 2.0,
	};

	w.bytes = draw_amount(rng, w.engine == ENGINE_SM ? 1e10 : 3e8);
	if (engine_is_link(w.engine))
		w.pageable = chance(rng, 0.2);
	if (w.engine == ENGINE_CPU)
		w.sharers = (double)random_case_size(rng, 0, 1);
	if (w.engine != ENGINE_SM)
		return w;
	w.flop = draw_amount(rng, 3e12);
	w.ngemms = random_case_size(rng, 0, WORK_MOST_GEMMS);
	for (size_t i = 0; i < w.ngemms; i++)
		w.gemm[i] = (struct gemm){
			.m = draw_amount(rng, 5000.0),
			.n = (double)random_case_size(rng, 100, 9000),
			.k = (double)random_case_size(rng, 100, 9000),
			.count = 1.0 + 2.0 * gsl_rng_uniform(rng),
		};
	return w;
}

struct graph *random_case_graph(gsl_rng *rng)
{
	struct graph *g = graph_new(random_case_size(rng, 1, 4), 1);
	size_t nworks = random_case_size(rng, 3, 12);
	bool exists[OP_COUNT][4] = { { false } };

	g->copies_in_order = g->layers % 2 == 0;
	for (size_t i = 0; i < nworks; i++)
		graph_add_work(g, draw_work(rng));
	for (size_t layer = 0; layer < g->layers; layer++)
		for (int k = 0; k < OP_COUNT; k++) {
			size_t waits = random_case_size(rng, 0, 3);
			size_t lag, on;
			int op;

			if (chance(rng, 0.75))
				continue;
			graph_add_task(g, (enum op)k, layer,
				       random_case_size(rng, 0, nworks - 1));
			for (; waits > 0; waits--) {
				op = (int)random_case_size(rng, 0,
							   OP_COUNT - 1);
				on = random_case_size(rng, 0, layer);
				lag = random_case_size(rng, 0, 2);
				if (exists[op][on])
					graph_wait(g, (enum op)op, on,
						   lag * g->layers);
			}
			exists[k][layer] = true;
		}
	if (g->ntasks == 0)
		graph_add_task(g, OP_FFN, 0, 0);
	graph_finish(g);
	return g;
}
