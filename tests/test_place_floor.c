/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kvplan's costs of a placement are a floor: no simulated schedule that
 * places so is faster, and none is said to need less memory.
 */
#include "model/placement.h"

#include <math.h>
#include <stdlib.h>

#include "schedule/cpu_attention.h"
#include "schedule/flexgen.h"
#include "schedule/flexgen_tensors.h"
#include "schedule/load_all.h"
#include "schedule/policy.h"
#include "sim/run.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 3000, SEED = 271828 };

/* Relative; sums of many products in another order. */
#define CLOSE 1e-9

static struct placement_outcome evaluated(const struct random_case *c,
					  const struct placement *p)
{
	const struct placement_case pc = {
		.model = c->model, .prompt = c->w.prompt, .gen = c->w.gen,
		.machine = offload_from_hardware(&c->hw),
	};
	const struct placement_box x = { p->batch, p->batch, p->num_batches,
					 p->num_batches };
	struct placement_costs costs = placement_costs_make(&pc, &x);

	return placement_evaluate(&costs, p);
}

/* Where `plan` keeps what. */
static struct placement placed(const struct random_case *c,
			       const struct plan *plan)
{
	const double *d = plan->decision;
	double weights = d[DECISION_WEIGHTS_ON_GPU];
	double off = plan_cache_on_host(plan), split = 0.0, cached = 0.0;
	struct placement p = { .batch = c->w.batch,
			       .num_batches = c->w.num_batches };

	if (plan->policy->build == flexgen_graph)
		weights = flexgen_tensors_on_gpu(&c->model, weights);
	for (size_t i = 0; i < plan->steps; i++) {
		split += (double)plan->split[i];
		cached += (double)workload_cached(&c->w, i);
	}
	p.share[SHARE_WEIGHTS_GPU] = weights;
	p.share[SHARE_WEIGHTS_HOST] = 1.0 - weights;
	p.share[SHARE_KV_GPU] = 1.0 - off;
	if (d[DECISION_ATTENTION] == ATTENTION_CPU) {
		p.share[SHARE_KV_HOST] = off;
	} else {
		p.share[SHARE_KV_RECOMPUTED] = off * split / cached;
		p.share[SHARE_KV_SENT] = off - p.share[SHARE_KV_RECOMPUTED];
	}
	if (plan->policy->build == flexgen_graph &&
	    d[DECISION_HIDDEN] == HIDDEN_HOST)
		p.share[SHARE_HIDDEN_HOST] = 1.0;
	else
		p.share[SHARE_HIDDEN_GPU] = 1.0;
	return p;
}

static struct run_result simulated(const struct random_case *c,
				   const struct plan *plan, enum span span)
{
	struct graph *g = plan->policy->build(&c->model, &c->w, plan, span);
	struct run_options options = run_whole(plan);
	struct run_result r;
	struct diag d = { "" };

	if (span == SPAN_PREFILL)
		options.end_step = 1;
	ck_assert_msg(run_graph(g, &c->w, plan, &c->hw, &options, &r, &d) ==
			      STATUS_OK, "%s", d.text);
	graph_free(g);
	return r;
}

static void at_most(double floor, double found, const char *what,
		    const struct plan *plan, size_t at)
{
	if (floor > found * (1.0 + CLOSE))
		ck_abort_msg("case %zu, %s, %s: floor %.17g, found %.17g", at,
			     plan->policy->name, what, floor, found);
}

static void check_memory(const struct random_case *c,
			 const struct plan *plan, const struct placement *p,
			 const struct placement_outcome *o, size_t at)
{
	struct memory mem;
	/* what footprint.h has on the GPU wherever it is */
	double waiting = p->share[SHARE_HIDDEN_HOST] *
			 (double)(p->batch * p->num_batches) * 2.0 *
			 (double)c->model.hidden;

	plan->policy->memory(&c->model, &c->w, plan, &mem);
	for (int i = ROOM_GPU_PREFILL; i <= ROOM_GPU_DECODE; i++)
		at_most(o->memory[i], memory_used(&mem, MEMORY_GPU),
			placement_memory_title((enum placement_memory)i),
			plan, at);
	at_most(o->memory[ROOM_HOST_PREFILL] -
			waiting * (double)c->w.prompt,
		memory_used(&mem, MEMORY_HOST), "host, prefill", plan, at);
	at_most(o->memory[ROOM_HOST_DECODE] - waiting,
		memory_used(&mem, MEMORY_HOST), "host, decode", plan, at);
	ck_assert_double_eq(o->memory[ROOM_DISK], 0.0);
}

static int by_size(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/* Every policy, its decisions and splits drawn; splits do not shrink. */
START_TEST(no_schedule_is_faster_or_smaller)
{
	size_t n;
	const struct policy *const *policies = policy_list(&n);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t near[PHASE_COUNT] = { 0, 0 };

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = random_case_draw(rng);
		struct placement_outcome o;
		struct placement p;
		struct plan plan;
		double prefill_s, decode_s;

		c.w.num_batches = random_case_size(rng, 1, 4);
		if (gsl_rng_uniform(rng) < 0.5)
			c.hw.duplex_bytes_per_s =
				(1.0 + gsl_rng_uniform(rng)) *
				fmax(c.hw.h2d.bytes_per_s,
				     c.hw.d2h.bytes_per_s);
		plan = random_case_plan(rng, &c, policies[i % n], i % 3);
		random_case_decide(rng, &plan);
		qsort(plan.split, plan.steps, sizeof *plan.split, by_size);
		p = placed(&c, &plan);
		o = evaluated(&c, &p);
		prefill_s = simulated(&c, &plan, SPAN_PREFILL).makespan_s;
		decode_s = simulated(&c, &plan, SPAN_STEP).makespan_s;
		at_most(o.prefill_s, prefill_s, "prefill", &plan, i);
		at_most(o.decode_s, decode_s, "decode", &plan, i);
		near[PHASE_PREFILL] += o.prefill_s > 0.9 * prefill_s;
		near[PHASE_DECODE] += o.decode_s > 0.9 * decode_s;
		check_memory(&c, &plan, &p, &o, i);
		plan_clear(&plan);
	}
	/* and it is not far below all of them */
	ck_assert_uint_ge(near[PHASE_PREFILL], CASES / 2);
	ck_assert_uint_ge(near[PHASE_DECODE], CASES / 2);
	gsl_rng_free(rng);
}
END_TEST

/*
 * VALIDATION.md's case: what the CPU takes is what the simulator says it
 * does, with a KV head for each query head and with fewer.
 */
START_TEST(the_cpu_is_the_simulators)
{
	static const char *const models[] = { "opt-6.7b", "llama-3.1-8b" };
	struct placement p = {
		.batch = 64, .num_batches = 2,
		.share = { [SHARE_WEIGHTS_GPU] = 1.0, [SHARE_KV_HOST] = 1.0,
			   [SHARE_HIDDEN_GPU] = 1.0 },
	};
	struct random_case c = {
		.model = harness_model(models[_i]),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(64, 512, 32),
	};
	size_t split[31] = { 0 };
	struct plan plan = { .policy = &policy_cpu_attention, .steps = 31,
			     .split = split };
	/* 64 * 2 * 528 tokens of 4 * 4096, or of 4 * 1024 B */
	double bytes = 128.0 * 528.0 * (_i == 0 ? 16384.0 : 4096.0);
	struct placement_outcome o;
	struct run_result r;

	c.w.num_batches = 2;
	c.hw.host_attention_bytes_per_s = 300e9;
	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy_cpu_attention.rules[i].value;
	o = evaluated(&c, &p);
	r = simulated(&c, &plan, SPAN_STEP);
	ck_assert_double_eq_tol(o.term_s[PHASE_DECODE][TERM_CPU],
				bytes / 300e9, 1e-15);
	ck_assert_double_eq_tol(r.engine[ENGINE_CPU].busy_s,
				31.0 * 32.0 * bytes / 300e9, 1e-9);
	ck_assert_double_le(o.decode_s, r.makespan_s);
}
END_TEST

/* The long prompt of a review: prefill, and what it needs. */
START_TEST(a_long_prompt_is_causal)
{
	struct placement p = {
		.batch = 1, .num_batches = 1,
		.share = { [SHARE_WEIGHTS_GPU] = 1.0, [SHARE_KV_GPU] = 1.0,
			   [SHARE_HIDDEN_GPU] = 1.0 },
	};
	struct random_case c = {
		.model = harness_model("llama-3.1-8b"),
		.hw = harness_hardware("a100-80gb"),
		.w = harness_workload(1, 32000, 2),
	};
	size_t split[] = { 0 };
	struct plan plan = { .policy = &policy_load_all, .steps = 1,
			     .split = split };
	struct placement_outcome o = evaluated(&c, &p);
	struct memory mem;
	double prefill_s;

	for (int i = 0; i < DECISION_COUNT; i++)
		plan.decision[i] = policy_load_all.rules[i].value;
	plan.decision[DECISION_CACHE_ON_GPU] = 1.0;
	prefill_s = simulated(&c, &plan, SPAN_PREFILL).makespan_s;
	/* 4 * 4096 * 32000 * 32001 / 2 FLOP */
	ck_assert_double_eq_tol(o.term_s[PHASE_PREFILL][TERM_ATTEND],
				8388870144000.0 /
					hardware_gemm_flop_per_s(&c.hw),
				1e-12);
	ck_assert_double_le(o.prefill_s, prefill_s);
	ck_assert_double_ge(o.prefill_s, 0.999 * prefill_s);
	plan.policy->memory(&c.model, &c.w, &plan, &mem);
	ck_assert_double_eq_tol(o.memory[ROOM_GPU_PREFILL],
				memory_used(&mem, MEMORY_GPU), 1.0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/offload_cost");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, no_schedule_is_faster_or_smaller);
	tcase_add_loop_test(tc, the_cpu_is_the_simulators, 0, 2);
	tcase_add_test(tc, a_long_prompt_is_causal);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
