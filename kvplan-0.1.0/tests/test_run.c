/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/layer.h"
#include "schedule/accelerate_sequential.h"
#include "schedule/flexgen.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/offloaded_cache.h"
#include "schedule/recompute_all.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/row_times.h"
#include "tests/run_check.h"

enum { CASES = 1500, SEED = 31337 };

static const struct policy *const policies[] = {
	&policy_kvpr_row, &policy_load_all, &policy_recompute_all,
};

static struct run_oracle oracle(const struct random_case *c,
				const struct plan *plan, struct graph *graph)
{
	return (struct run_oracle){
		.graph = graph, .w = &c->w, .plan = plan, .hw = &c->hw,
		.end_step = plan->steps,
	};
}

/* Copies out that nothing ever waits for. */
static void hide_stores(struct random_case *c)
{
	c->hw.d2h = (struct hardware_direction){
		.bytes_per_s = 1e17, .pageable_bytes_per_s = 1e17,
	};
}

/*
 * Depth 0: a layer's loads begin when it begins, X before KV.  It recomputes
 * when X is there and the token is projected, and attends when KV is there
 * too.  The first layer's loads run under the head of the step before.
 */
static double step_depth_0(const struct random_case *c,
			   const struct row_times *t, double head_before)
{
	double loads = t->load_x + t->load_kv, sum = 0.0;

	for (size_t j = 0; j < c->model.layers; j++) {
		double projected = t->project + (j == 0 ? head_before : 0.0);

		sum += fmax(fmax(projected, t->load_x) + t->recompute,
			    loads) + t->rest;
	}
	return sum + t->head;
}

/* Bytes in over the link: M_X and M_KV of each layer and step. */
static double loaded_bytes(const struct random_case *c,
			   const struct plan *plan)
{
	double sum = 0.0;

	for (size_t i = 0; i < plan->steps; i++) {
		double l = (double)plan->split[i];
		double kept = (double)(c->w.prompt + i) - l;

		sum += (double)c->w.batch * ELEMENT_COMPUTE_BYTES *
		       (l * (double)c->model.hidden +
			2.0 * kept *
				(double)(c->model.kv_heads *
					 c->model.head_dim));
	}
	return sum * (double)c->model.layers;
}

static void check_depth_0(const struct random_case *c,
			  const struct policy *policy, gsl_rng *rng)
{
	struct plan plan = random_case_plan(rng, c, policy, 0);
	struct graph *g = policy->graph(&c->model, &c->w, &plan,
					 SPAN_STEP);
	struct run_oracle r = oracle(c, &plan, g);
	double end = 0.0, head = 0.0;

	run_check(&r);
	for (size_t i = 0; i < plan.steps; i++) {
		struct row_times t = row_times_at(c, c->w.prompt + i,
						  plan.split[i]);

		/* the head's time is within both steps: it hides loads */
		end += step_depth_0(c, &t, head) - head;
		head = t.head;
		if (!run_oracle_close(r.step_end_s[i], end))
			ck_abort_msg("step %zu ends at %.17g, expected %.17g",
				     i, r.step_end_s[i], end);
	}
	ck_assert(run_oracle_close(r.result.makespan_s, end));
	ck_assert(run_oracle_close(r.result.engine[ENGINE_H2D].bytes,
				   loaded_bytes(c, &plan)));
	run_check_clear(&r);
	graph_free(g);
	plan_clear(&plan);
}

START_TEST(depth_0_is_the_closed_form)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);

		hide_stores(&c);
		/* mostly kvpr-row */
		check_depth_0(&c, policies[done % 5 < 3 ? 0 : done % 5 - 2],
			      rng);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

/*
 * Within one step of many layers, with the loads one layer ahead, link and
 * GPU work in parallel and the slower sets the pace:
 *
 *     head starts at first + (layers - 1) * max(loads, compute)
 *
 * where first is the end of the first layer, for which nothing was loaded
 * ahead.
 */
START_TEST(depth_1_is_paced_by_the_busier_engine)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, link_bound[3] = { 0 };

	gsl_rng_set(rng, SEED + 1);
	for (; done < CASES; done++) {
		const struct policy *policy = policies[done % 3];
		struct random_case c = random_case_draw(rng);
		struct run_oracle r;
		struct graph *g;
		struct plan plan;
		struct row_times t;
		double loads, compute, end;

		c.model.layers = random_case_size(rng, 1, 40);
		c.w.gen = 2;
		hide_stores(&c);
		plan = random_case_plan(rng, &c, policy, 1);
		g = policy->graph(&c.model, &c.w, &plan,
					 SPAN_STEP);
		r = oracle(&c, &plan, g);
		run_check(&r);
		t = row_times_at(&c, c.w.prompt, plan.split[0]);
		loads = t.load_x + t.load_kv;
		compute = t.project + t.recompute + t.rest;
		end = fmax(fmax(t.project, t.load_x) + t.recompute, loads) +
		      t.rest + t.head +
		      (double)(c.model.layers - 1) * fmax(loads, compute);
		link_bound[done % 3] += loads > compute;
		if (!run_oracle_close(r.result.makespan_s, end))
			ck_abort_msg("case %zu, %s: %.17g s, expected %.17g",
				     done, policy->name,
				     r.result.makespan_s, end);
		run_check_clear(&r);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_ge(link_bound[i], CASES / 30);
		ck_assert_uint_le(link_bound[i], CASES / 3 - CASES / 30);
	}
	gsl_rng_free(rng);
}
END_TEST

/*
 * Over many steps, depth 1 and one engine always the slower: the decode
 * takes what that engine does, plus what the other adds at an end.
 */
static void check_steady(const struct random_case *c,
			 const struct policy *policy, gsl_rng *rng,
			 size_t *link_bound, size_t *gpu_bound)
{
	struct plan plan = random_case_plan(rng, c, policy, 1);
	struct graph *g = policy->graph(&c->model, &c->w, &plan,
					 SPAN_STEP);
	struct run_oracle r = oracle(c, &plan, g);
	double layers = (double)c->model.layers, link = 0.0, gpu = 0.0;
	bool all_link = true, all_gpu = true;

	run_check(&r);
	for (size_t i = 0; i < plan.steps; i++) {
		struct row_times t = row_times_at(c, c->w.prompt + i,
						  plan.split[i]);
		double loads = t.load_x + t.load_kv;
		double compute = t.project + t.recompute + t.rest;

		/* one engine does two of its layers in one of the other's */
		all_link = all_link && 2.0 * (compute + t.head) < loads;
		all_gpu = all_gpu && 2.0 * loads < compute;
		link += layers * loads;
		if (i == 0)	/* nothing was loaded ahead */
			gpu = fmax(t.project, t.load_x + t.load_kv) -
			      t.project;
		gpu += layers * compute + t.head;
		if (all_link)
			ck_assert(run_oracle_close(
				r.step_end_s[i],
				link + t.rest + t.recompute + t.head));
		if (all_gpu)
			ck_assert(run_oracle_close(r.step_end_s[i], gpu));
	}
	*link_bound += all_link;
	*gpu_bound += all_gpu;
	run_check_clear(&r);
	graph_free(g);
	plan_clear(&plan);
}

START_TEST(depth_1_in_the_long_run)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, link_bound[2] = { 0 }, gpu_bound[2] = { 0 };

	gsl_rng_set(rng, SEED + 2);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		size_t which = done % 2;

		hide_stores(&c);
		if (which == 1)		/* or recomputing is never the less */
			c.hw.flop_per_s *= 20.0;
		check_steady(&c, policies[1 + which], rng,
			     &link_bound[which], &gpu_bound[which]);
	}
	ck_assert_uint_eq(done, CASES);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_uint_ge(link_bound[i], 50);
		ck_assert_uint_ge(gpu_bound[i], 50);
	}
	gsl_rng_free(rng);
}
END_TEST

/* Nothing overlaps: "the step takes the sum of everything". */
START_TEST(accelerate_sequential_is_a_sum)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const struct policy *policy = &policy_accelerate_sequential;
	size_t done = 0;

	gsl_rng_set(rng, SEED + 5);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, policy, 0);
		struct graph *g = policy->graph(&c.model, &c.w, &plan,
						SPAN_STEP);
		struct run_oracle r = oracle(&c, &plan, g);
		double end = 0.0;

		/* a limit that never matters: one way at a time */
		c.hw.duplex_bytes_per_s = 0.5 * c.hw.d2h.bytes_per_s;
		run_check(&r);
		for (size_t i = 0; i < plan.steps; i++) {
			struct row_times t =
				row_times_at(&c, c.w.prompt + i, 0);

			end += (double)c.model.layers *
				       (t.load_kv + t.project + t.store_kv +
					t.rest) + t.head;
			if (!run_oracle_close(r.step_end_s[i], end))
				ck_abort_msg("case %zu: step %zu ends at "
					     "%.17g, expected %.17g", done,
					     i, r.step_end_s[i], end);
		}
		run_check_clear(&r);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

/*
 * offloaded-cache moves every cache both ways: loads run a layer ahead, but
 * the layer waits while it writes s' + 1 tokens anew and copies them back.
 */
START_TEST(offloaded_cache_goes_both_ways)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const struct policy *policy = &policy_offloaded_cache;
	size_t done = 0, link_bound = 0;

	gsl_rng_set(rng, SEED + 6);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct run_oracle r;
		struct row_times t;
		struct graph *g;
		struct plan plan;
		double tokens, kv, after, end;

		c.model.layers = random_case_size(rng, 1, 40);
		c.w.gen = 2;
		plan = random_case_plan(rng, &c, policy, 1);
		g = policy->graph(&c.model, &c.w, &plan, SPAN_STEP);
		r = oracle(&c, &plan, g);
		run_check(&r);
		t = row_times_at(&c, c.w.prompt, 0);
		tokens = (double)c.w.prompt;
		kv = 2.0 * (double)c.w.batch * ELEMENT_COMPUTE_BYTES *
		     (double)(c.model.kv_heads * c.model.head_dim);
		after = 2.0 * c.hw.launch_s +
			kv * (2.0 * tokens + 1.0) /
				(c.hw.hbm_bytes_per_s * c.hw.hbm_derate) +
			c.hw.d2h.latency_s +
			kv * (tokens + 1.0) / c.hw.d2h.bytes_per_s + t.rest;
		end = fmax(t.project, t.load_kv) + after + t.head +
		      (double)(c.model.layers - 1) *
			      fmax(t.load_kv, t.project + after);
		link_bound += t.load_kv > t.project + after;
		if (!run_oracle_close(r.result.makespan_s, end))
			ck_abort_msg("case %zu: %.17g s, expected %.17g",
				     done, r.result.makespan_s, end);
		run_check_clear(&r);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_ge(link_bound, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/* Every step loads both X and KV. */
static void mix_loads(const struct random_case *c, struct plan *plan)
{
	for (size_t i = 0; i < plan->steps; i++) {
		size_t cached = c->w.prompt + i;

		if (plan->split[i] == 0)
			plan->split[i] = 1;
		if (plan->split[i] == cached)
			plan->split[i] = cached - 1;
	}
}

/* One layer's loads after another's: no weights, no units, all on the GPU. */
static bool is_row(const struct plan *plan)
{
	return plan->policy != &policy_flexgen &&
	       plan_weights_on_host(plan) == 0.0 &&
	       plan->decision[DECISION_ATTENTION] == ATTENTION_GPU;
}

/*
 * At any depth, first come first served.  As long as loads run ahead by less
 * than a step, X and KV take turns and no load waits for a store, that is
 * the order of issue, and so the longest path through the graph.
 */
START_TEST(row_schedules_are_longest_paths)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t n, done = 0, paths[4] = { 0 };
	const struct policy *const *list = policy_list(&n);

	gsl_rng_set(rng, SEED + 3);
	for (; done < CASES; done++) {
		const struct policy *policy =
			done % 2 ? &policy_kvpr_row : list[done / 2 % n];
		struct random_case c = random_case_draw(rng);
		size_t depth = random_case_size(rng, 0, 3);
		bool hidden = done % 3 > 0;
		struct run_oracle r;
		struct graph *g;
		struct plan plan;
		double *end_s;

		c.w.prompt++;
		plan = random_case_plan(rng, &c, policy, depth);
		if (hidden) {
			hide_stores(&c);
			if (policy->split == SPLIT_OPEN)
				mix_loads(&c, &plan);
		}
		g = policy->graph(&c.model, &c.w, &plan, SPAN_STEP);
		r = oracle(&c, &plan, g);
		end_s = xcalloc(run_oracle_at(&r, 0, plan.steps),
				sizeof *end_s);
		run_check(&r);
		run_oracle_first_come(&r, end_s);
		run_oracle_compare(&r, end_s);
		if (hidden && depth < c.model.layers && is_row(&plan)) {
			run_oracle_longest_path(&r, end_s);
			run_oracle_compare(&r, end_s);
			paths[depth]++;
		}
		free(end_s);
		run_check_clear(&r);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	for (size_t depth = 0; depth < 4; depth++)
		ck_assert_uint_ge(paths[depth], CASES / 16);
	gsl_rng_free(rng);
}
END_TEST

/* Any graph, against first come, first served; some under a duplex limit. */
START_TEST(any_graph_runs_as_the_header_says)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, slowed = 0;

	gsl_rng_set(rng, SEED + 4);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c,
						    &policy_kvpr_row, 0);
		struct graph *g = random_case_graph(rng);
		struct run_oracle r;
		double *end_s;

		if (done % 2)
			random_case_hand_over(&c.hw);
		r = oracle(&c, &plan, g);
		end_s = xcalloc(run_oracle_at(&r, 0, plan.steps),
				sizeof *end_s);
		r.first_step = random_case_size(rng, 0, plan.steps - 1);
		r.end_step = random_case_size(rng, r.first_step, plan.steps);
		run_check(&r);
		run_oracle_first_come(&r, end_s);
		run_oracle_compare(&r, end_s);
		run_check_clear(&r);
		c.hw.duplex_bytes_per_s =
			random_case_log(rng, 0.2, 1.2) *
			fmin(c.hw.h2d.bytes_per_s, c.hw.d2h.bytes_per_s);
		run_check(&r);
		for (size_t i = 0; i < r.timeline.n; i++)
			if (!run_oracle_close(
				    r.timeline.slices[i].end_s,
				    end_s[run_oracle_at(
					    &r, r.timeline.slices[i].task,
					    r.timeline.slices[i].step)])) {
				slowed++;
				break;
			}
		run_check_clear(&r);
		free(end_s);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_ge(slowed, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

/* A graph of copies by hand, in bytes; 8 B/s in, 6 B/s out, one step. */
struct by_hand {
	struct random_case c;
	struct plan plan;
	size_t split[4];
	struct graph *g;
	struct run_oracle r;
};

static void begin(struct by_hand *t, double duplex, double h2d_latency,
		  double d2h_latency)
{
	*t = (struct by_hand){
		.c.w = { .batch = 3, .prompt = 5, .gen = 2,
			 .num_batches = 1, .gpus = 1 },
		.c.hw = {
			.flop_per_s = 10.0, .gemm_derate = 0.5,
			.hbm_bytes_per_s = 8.0, .hbm_derate = 0.25,
			.launch_s = 0.125,
			.h2d = { .bytes_per_s = 8.0,
				 .latency_s = h2d_latency },
			.d2h = { .bytes_per_s = 6.0,
				 .latency_s = d2h_latency },
			.duplex_bytes_per_s = duplex,
		},
		.plan = { .policy = &policy_kvpr_row, .steps = 1 },
	};
	t->plan.split = t->split;
	t->g = graph_new(3, 1);
}

static void add_copy(struct by_hand *t, enum op op, size_t layer,
		     enum engine e, double bytes)
{
	graph_add_task(t->g, op, layer, graph_add_work(t->g, (struct work){
		.engine = e, .bytes = { .fixed = bytes }, .launches = 1.0 }));
}

static void add_kernel(struct by_hand *t, enum op op, size_t layer,
		       double flop)
{
	graph_add_task(t->g, op, layer, graph_add_work(t->g, (struct work){
		.engine = ENGINE_SM, .flop = { .fixed = flop },
		.launches = 2.0 }));
}

static void finish(struct by_hand *t)
{
	graph_finish(t->g);
	t->r = oracle(&t->c, &t->plan, t->g);
	run_check(&t->r);
}

static void end(struct by_hand *t)
{
	run_check_clear(&t->r);
	graph_free(t->g);
}

/* Slice `i`, in the order of ends, is `task` from `start_s` to `end_s`. */
static void expect(const struct by_hand *t, size_t i, size_t task,
		   double start_s, double end_s)
{
	const struct slice *s = &t->r.timeline.slices[i];

	ck_assert_uint_lt(i, t->r.timeline.n);
	ck_assert_uint_eq(s->task, task);
	ck_assert_double_eq_tol(s->start_s, start_s, 1e-12);
	ck_assert_double_eq_tol(s->end_s, end_s, 1e-12);
}

START_TEST(two_ways_at_once_share_a_duplex_limit)
{
	static const struct {
		double duplex, in, out, in_end, out_end;
	} cases[] = {
		/* 5 and 5; out ends at 4, then 10 B left at 8 B/s */
		{ 10.0, 30.0, 20.0, 5.25, 4.0 },
		/* 5 and 5; in ends at 4, then 12 B left at 6 B/s */
		{ 10.0, 20.0, 32.0, 4.0, 6.0 },
		/* below either one's own rate: 2 and 2, then 8 alone */
		{ 4.0, 30.0, 12.0, 8.25, 6.0 },
		/* out takes its 6 and leaves 7: never slowed */
		{ 13.0, 28.0, 48.0, 4.0, 8.0 },
		{ 13.0, 37.0, 24.0, 5.125, 4.0 },
		/* no limit, and one that is not reached */
		{ 0.0, 30.0, 20.0, 3.75, 10.0 / 3.0 },
		{ 14.0, 30.0, 20.0, 3.75, 10.0 / 3.0 },
		/* both end at once */
		{ 10.0, 20.0, 20.0, 4.0, 4.0 },
		/* one way only: the limit does not count */
		{ 4.0, 30.0, 0.0, 3.75, 0.0 },
		{ 4.0, 0.0, 15.0, 0.0, 2.5 },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (size_t i = 0; i < n; i++) {
		struct by_hand t;
		size_t in = 0, out = 0;

		begin(&t, cases[i].duplex, 0.0, 0.0);
		add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, cases[i].in);
		add_copy(&t, OP_STORE_CACHE, 0, ENGINE_D2H, cases[i].out);
		finish(&t);
		if (cases[i].in > 0.0 && cases[i].out > 0.0) {
			in = cases[i].in_end > cases[i].out_end;
			out = !in;
		}
		if (cases[i].in > 0.0)
			expect(&t, in, 0, 0.0, cases[i].in_end);
		if (cases[i].out > 0.0)
			expect(&t, out, 1, 0.0, cases[i].out_end);
		ck_assert_double_eq_tol(t.r.result.makespan_s,
					fmax(cases[i].in_end,
					     cases[i].out_end), 1e-12);
		end(&t);
	}
}
END_TEST

/* Latencies are spent alone: only bytes that flow share. */
START_TEST(a_copy_slows_when_another_begins_to_flow)
{
	struct by_hand t;

	begin(&t, 10.0, 0.5, 1.5);
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 23.0);
	add_copy(&t, OP_STORE_CACHE, 0, ENGINE_D2H, 9.0);
	add_copy(&t, OP_LOAD_CACHE, 1, ENGINE_H2D, 16.0);
	finish(&t);
	/*
	 * in: from 0.5 at 8, at 1.5 has 15 left, at 5 with out until 3.3;
	 * 6 left, at 8 to 4.05; the next flows from 4.55 for 2 s
	 */
	expect(&t, 0, 1, 0.0, 3.3);
	expect(&t, 1, 0, 0.0, 4.05);
	expect(&t, 2, 2, 4.05, 6.55);
	ck_assert_double_eq_tol(t.r.result.engine[ENGINE_H2D].busy_s, 6.55,
				1e-12);
	ck_assert_double_eq(t.r.result.engine[ENGINE_H2D].bytes, 39.0);
	ck_assert_double_eq_tol(t.r.result.op[OP_STORE_CACHE].busy_s, 3.3,
				1e-12);
	end(&t);
}
END_TEST

/*
 * Staging reads and writes the host's memory, of 10 B/s, and a copy to the GPU
 * reads it.  Staged alone: at 5 of the thread's 6 B/s.  Beside a copy: 2r + r =
 * 10, the first until 7 at 10/3, then the copy's last 10 B at its own 8 B/s.
 */
START_TEST(staging_takes_the_hosts_memory_twice)
{
	struct by_hand t;
	struct run_options options;
	struct diag d;

	begin(&t, 0.0, 0.0, 0.0);
	t.c.hw.host_copy_bytes_per_s = 6.0;
	t.c.hw.host_memory_bytes_per_s = 10.0;
	add_copy(&t, OP_STAGE_KEY, 0, ENGINE_COPY, 20.0);
	add_copy(&t, OP_LOAD_KEY, 0, ENGINE_H2D, 20.0);
	graph_wait(t.g, OP_STAGE_KEY, 0, 0);
	add_copy(&t, OP_STAGE_VALUE, 0, ENGINE_COPY, 10.0);
	graph_finish(t.g);
	options = run_whole(&t.plan);
	options.timeline = &t.r.timeline;	/* run_check() knows no host */
	ck_assert_int_eq(run_graph(t.g, &t.c.w, &t.plan, &t.c.hw, &options,
				   &t.r.result, &d), STATUS_OK);
	expect(&t, 0, 0, 0.0, 4.0);
	expect(&t, 1, 2, 4.0, 7.0);
	expect(&t, 2, 1, 4.0, 8.25);
	end(&t);
}
END_TEST

/*
 * Bytes that cross the host's memory, of 30 B/s, three times: 24 B/s at the 8
 * of one GPU's link, 30 at 5 for each of two.
 */
START_TEST(pageable_copies_take_the_hosts_memory_three_times)
{
	for (size_t gpus = 1; gpus <= 2; gpus++) {
		struct by_hand t;
		struct run_options options;
		struct diag d;

		begin(&t, 0.0, 0.0, 0.0);
		t.c.hw.link_crossings = HARDWARE_PAGEABLE_CROSSINGS;
		t.c.hw.host_memory_bytes_per_s = 30.0;
		t.g->gpus = gpus;
		add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 40.0);
		graph_finish(t.g);
		options = run_whole(&t.plan);
		ck_assert_int_eq(run_graph(t.g, &t.c.w, &t.plan, &t.c.hw,
					   &options, &t.r.result, &d),
				 STATUS_OK);
		ck_assert_double_eq_tol(t.r.result.makespan_s,
					gpus == 1 ? 5.0 : 8.0, 1e-12);
		graph_free(t.g);
	}
}
END_TEST

/*
 * The copy in would have ended at 6, had the one out not ended at 4 and left
 * it the link.  A kernel that does end at 6 is not overlooked for it.
 */
START_TEST(an_end_that_was_put_forward_is_forgotten)
{
	struct by_hand t;

	begin(&t, 10.0, 0.0, 0.0);
	add_kernel(&t, OP_PROJECT, 0, 28.75);		/* 0.25 + 5.75 */
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 30.0);
	add_copy(&t, OP_STORE_CACHE, 0, ENGINE_D2H, 20.0);
	add_kernel(&t, OP_ATTEND, 0, 3.0);		/* 0.25 + 0.6 */
	finish(&t);
	expect(&t, 0, 2, 0.0, 4.0);
	expect(&t, 1, 1, 0.0, 5.25);
	expect(&t, 2, 0, 0.0, 6.0);
	expect(&t, 3, 3, 6.0, 6.85);
	end(&t);
}
END_TEST

/* One copy a direction, whatever the streams; kernels one after another. */
START_TEST(an_engine_serves_one_at_a_time)
{
	struct by_hand t;

	begin(&t, 0.0, 0.25, 0.0);
	add_kernel(&t, OP_PROJECT, 0, 5.0);		/* 0.25 + 1 */
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 14.0);	/* 2 */
	add_copy(&t, OP_LOAD_ACTIVATION, 0, ENGINE_H2D, 6.0);	/* 1 */
	graph_wait(t.g, OP_PROJECT, 0, 0);
	add_copy(&t, OP_LOAD_WEIGHT_FFN, 0, ENGINE_H2D, 22.0);	/* 3 */
	add_kernel(&t, OP_ATTEND, 0, 3.0);		/* 0.25 + 0.6 */
	graph_wait(t.g, OP_LOAD_CACHE, 0, 0);
	finish(&t);
	/* load_weight was ready at 0, before load_activation at 1.25 */
	expect(&t, 0, 0, 0.0, 1.25);
	expect(&t, 1, 1, 0.0, 2.0);
	expect(&t, 2, 4, 2.0, 2.85);
	expect(&t, 3, 3, 2.0, 5.0);
	expect(&t, 4, 2, 5.0, 6.0);
	ck_assert_double_eq_tol(t.r.result.makespan_s, 6.0, 1e-12);
	ck_assert_double_eq(t.r.result.engine[ENGINE_SM].flop, 8.0);
	ck_assert_uint_eq(t.r.result.engine[ENGINE_H2D].tasks, 3);
	end(&t);
}
END_TEST

/* Waits of lag 1 and 2 count steps; what lies before the first is done. */
START_TEST(waits_reach_into_earlier_steps)
{
	struct by_hand t;

	begin(&t, 0.0, 0.0, 0.0);
	t.plan.steps = 4;
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 8.0);	/* 1 */
	graph_wait(t.g, OP_FFN, 0, 6);
	add_kernel(&t, OP_FFN, 0, 11.25);			/* 2.5 */
	graph_wait(t.g, OP_LOAD_CACHE, 0, 0);
	finish(&t);
	expect(&t, 0, 0, 0.0, 1.0);
	expect(&t, 1, 0, 1.0, 2.0);
	expect(&t, 2, 1, 1.0, 3.5);
	expect(&t, 3, 0, 3.5, 4.5);	/* step 2 waits for step 0 */
	expect(&t, 4, 1, 3.5, 6.0);
	expect(&t, 5, 0, 6.0, 7.0);	/* step 3 waits for step 1 */
	expect(&t, 6, 1, 6.0, 8.5);
	expect(&t, 7, 1, 8.5, 11.0);
	run_check_clear(&t.r);
	t.r.first_step = 2;		/* starts idle, with nothing before */
	run_check(&t.r);
	ck_assert_uint_eq(t.r.timeline.slices[0].step, 2);
	expect(&t, 0, 0, 0.0, 1.0);
	expect(&t, 1, 0, 1.0, 2.0);
	ck_assert_double_eq_tol(t.r.result.makespan_s, 6.0, 1e-12);
	end(&t);
}
END_TEST

/* What has nothing to do takes no time and leaves no trace. */
START_TEST(empty_work_is_passed_over)
{
	struct by_hand t;

	begin(&t, 0.0, 0.25, 0.0);
	t.plan.steps = 3;
	t.split[0] = 2;			/* of 5, 6 and 7 cached tokens */
	t.split[1] = 0;
	t.split[2] = 7;
	graph_add_work(t.g, (struct work){ .engine = ENGINE_H2D,
		.bytes = { .per_split = 4.0 }, .launches = 1.0 });
	graph_add_work(t.g, (struct work){ .engine = ENGINE_H2D,
		.bytes = { .per_token = 6.0, .per_split = -6.0 },
		.launches = 1.0 });
	graph_add_work(t.g, (struct work){ .engine = ENGINE_SM,
		.gemm = { { .m = { .per_split = 3.0 }, .n = 2.0, .k = 4.0,
			    .count = 1.0 } },
		.ngemms = 1, .element_bytes = 0.5, .launches = 1.0 });
	graph_add_task(t.g, OP_LOAD_ACTIVATION, 0, 0);
	graph_wait(t.g, OP_RECOMPUTE, 0, 3);
	graph_add_task(t.g, OP_LOAD_CACHE, 0, 1);
	graph_wait(t.g, OP_LOAD_ACTIVATION, 0, 0);
	graph_add_task(t.g, OP_RECOMPUTE, 0, 2);
	graph_wait(t.g, OP_LOAD_CACHE, 0, 0);
	finish(&t);
	/* step 0: 8 B, 18 B, then 96 FLOP at 5 against 22 B at 2 */
	expect(&t, 0, 0, 0.0, 1.25);
	expect(&t, 1, 1, 1.25, 3.75);
	expect(&t, 2, 2, 3.75, 23.075);
	/* step 1: nothing but 36 B */
	expect(&t, 3, 1, 23.075, 27.825);
	/* step 2: 28 B, no KV, 336 FLOP */
	expect(&t, 4, 0, 27.825, 31.575);
	expect(&t, 5, 2, 31.575, 98.9);
	ck_assert_uint_eq(t.r.timeline.n, 6);
	ck_assert_uint_eq(t.r.result.op[OP_RECOMPUTE].tasks, 2);
	ck_assert_uint_eq(t.r.result.op[OP_LOAD_ACTIVATION].tasks, 2);
	ck_assert_uint_eq(t.r.result.engine[ENGINE_H2D].tasks, 4);
	ck_assert_double_eq_tol(t.r.step_end_s[1], 27.825, 1e-12);
	ck_assert_double_eq_tol(t.r.step_end_s[2], 98.9, 1e-12);
	end(&t);
}
END_TEST

static struct by_hand *stuck_graph(void)
{
	struct by_hand *t = xcalloc(1, sizeof *t);

	begin(t, 0.0, 0.0, 0.0);
	t->plan.steps = 4;
	add_kernel(t, OP_PROJECT, 2, 5.0);
	add_copy(t, OP_LOAD_CACHE, 1, ENGINE_H2D, 16.0);
	graph_wait(t->g, OP_PROJECT, 2, 0);
	add_kernel(t, OP_ATTEND, 1, 3.0);
	graph_wait(t->g, OP_LOAD_CACHE, 1, 0);
	add_copy(t, OP_STORE_CACHE, 0, ENGINE_D2H, 6.0);
	graph_finish(t->g);
	return t;
}

static void check_stuck(struct by_hand *t, size_t first, const char *message)
{
	struct run_options options = { .first_step = first, .end_step = 4 };
	struct run_result result;
	struct diag d = { "" };
	unsigned char before[sizeof result];

	memset(&result, 0x5a, sizeof result);
	memcpy(before, &result, sizeof before);
	ck_assert_int_eq(run_graph(t->g, &t->c.w, &t->plan, &t->c.hw,
				   &options, &result, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
	ck_assert_mem_eq(&result, before, sizeof before);
	graph_free(t->g);
	free(t);
}

/* Tasks 1 and 2 wait for each other; store_cache needs neither. */
START_TEST(streams_that_wait_for_each_other_are_named)
{
	struct by_hand *t = stuck_graph();

	ck_assert_uint_eq(t->g->nwaits, 2);
	t->g->waits[0] = (struct wait){ .task = 2, .lag = 0 };
	check_stuck(t, 0,
		    "the schedule waits for itself: load_cache of layer 1, "
		    "step 0; attend of layer 1, step 0");
}
END_TEST

/* The first task of a stream waits for a later one of the same stream. */
START_TEST(a_stream_that_waits_for_itself_is_named)
{
	struct by_hand *t = stuck_graph();

	t->g->tasks[0].first_wait = 0;
	t->g->tasks[0].nwaits = 1;
	t->g->tasks[1].nwaits = 0;
	t->g->waits[0] = (struct wait){ .task = 2, .lag = 0 };
	check_stuck(t, 1,
		    "the schedule waits for itself: project of layer 2, "
		    "step 1");
}
END_TEST

/* Steps 2 and 3 of a run that begins at 1: the loop closes over steps. */
START_TEST(a_loop_over_steps_is_named)
{
	struct by_hand *t = stuck_graph();

	/* project(2) of a step waits for attend(1) of the same */
	t->g->tasks[0].first_wait = 0;
	t->g->tasks[0].nwaits = 1;
	t->g->waits[0] = (struct wait){ .task = 2, .lag = 0 };
	t->g->tasks[1].nwaits = 0;
	t->g->tasks[3].first_wait = 1;
	t->g->tasks[3].nwaits = 1;
	t->g->waits[1] = (struct wait){ .task = 2, .lag = 1 };
	check_stuck(t, 1,
		    "the schedule waits for itself: project of layer 2, "
		    "step 1; store_cache of layer 0, step 2");
}
END_TEST

/* A whole decode of a real model, for the tests of options below. */
static struct random_case real_case(void)
{
	struct random_case c = {
		.model = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(17, 128, 9),
	};

	return c;
}

static struct plan real_plan(void)
{
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 8,
			     .decision[DECISION_PREFETCH] = 1,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };

	plan.split = xcalloc(8, sizeof *plan.split);
	for (size_t i = 0; i < 8; i++)
		plan.split[i] = 91 + i;
	return plan;
}

START_TEST(nothing_need_be_kept)
{
	struct random_case c = real_case();
	struct plan plan = real_plan();
	struct graph *g = plan.policy->graph(&c.model, &c.w, &plan,
					 SPAN_STEP);
	struct run_oracle r = oracle(&c, &plan, g);
	struct run_options whole = run_whole(&plan);
	struct run_result result;
	struct diag d = { "" };

	ck_assert_uint_eq(whole.first_step, 0);
	ck_assert_uint_eq(whole.end_step, 8);
	ck_assert_ptr_null(whole.step_end_s);
	ck_assert_ptr_null(whole.timeline);
	memset(&result, 0, sizeof result);
	ck_assert_int_eq(run_graph(g, &c.w, &plan, &c.hw, &whole, &result,
				   &d), STATUS_OK);
	run_check(&r);
	ck_assert_double_eq(result.makespan_s, r.result.makespan_s);
	for (int e = 0; e < ENGINE_COUNT; e++) {
		ck_assert_double_eq(result.engine[e].busy_s,
				    r.result.engine[e].busy_s);
		ck_assert_double_eq(result.engine[e].bytes,
				    r.result.engine[e].bytes);
		ck_assert_uint_eq(result.engine[e].tasks,
				  r.result.engine[e].tasks);
	}
	run_check_clear(&r);
	graph_free(g);
	plan_clear(&plan);
}
END_TEST

/* Each part of a decode, run alone, is what the oracle says of it. */
START_TEST(a_part_of_the_steps_may_be_run)
{
	struct random_case c = real_case();
	struct plan plan = real_plan();
	struct graph *g = plan.policy->graph(&c.model, &c.w, &plan,
					 SPAN_STEP);
	double *end_s = xcalloc(8 * g->ntasks, sizeof *end_s);
	size_t done = 0;

	c.hw.duplex_bytes_per_s = 0.0;
	for (size_t first = 0; first <= 8; first++)
		for (size_t last = first; last <= 8; last++, done++) {
			struct run_oracle r = oracle(&c, &plan, g);

			r.first_step = first;
			r.end_step = last;
			run_check(&r);	/* step ends of others untouched */
			run_oracle_longest_path(&r, end_s);
			run_oracle_compare(&r, end_s);
			ck_assert((r.result.makespan_s > 0.0) ==
				  (first < last));
			run_check_clear(&r);
		}
	ck_assert_uint_eq(done, 45);
	free(end_s);
	graph_free(g);
	plan_clear(&plan);
}
END_TEST

/* The same inputs give the same run, to the last bit. */
START_TEST(a_run_can_be_repeated)
{
	struct random_case c = real_case();
	struct plan plan = real_plan();
	struct graph *g = plan.policy->graph(&c.model, &c.w, &plan,
					 SPAN_STEP);
	struct run_oracle a = oracle(&c, &plan, g), b = a;

	ck_assert_double_gt(c.hw.duplex_bytes_per_s, 0.0);
	run_check(&a);
	run_check(&b);
	ck_assert_uint_eq(a.timeline.n, b.timeline.n);
	for (size_t i = 0; i < a.timeline.n; i++) {
		const struct slice *x = &a.timeline.slices[i];
		const struct slice *y = &b.timeline.slices[i];

		if (x->task != y->task || x->step != y->step ||
		    x->start_s != y->start_s || x->end_s != y->end_s)
			ck_abort_msg("slice %zu differs", i);
	}
	run_check_clear(&a);
	run_check_clear(&b);
	graph_free(g);
	plan_clear(&plan);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run");
	TCase *random = tcase_create("against oracles");
	TCase *hand = tcase_create("by hand");

	tcase_set_timeout(random, 300);
	tcase_add_test(random, depth_0_is_the_closed_form);
	tcase_add_test(random, depth_1_is_paced_by_the_busier_engine);
	tcase_add_test(random, depth_1_in_the_long_run);
	tcase_add_test(random, accelerate_sequential_is_a_sum);
	tcase_add_test(random, offloaded_cache_goes_both_ways);
	tcase_add_test(random, row_schedules_are_longest_paths);
	tcase_add_test(random, any_graph_runs_as_the_header_says);
	suite_add_tcase(s, random);
	tcase_set_timeout(hand, 120);
	tcase_add_test(hand, two_ways_at_once_share_a_duplex_limit);
	tcase_add_test(hand, a_copy_slows_when_another_begins_to_flow);
	tcase_add_test(hand, staging_takes_the_hosts_memory_twice);
	tcase_add_test(hand,
		       pageable_copies_take_the_hosts_memory_three_times);
	tcase_add_test(hand, an_end_that_was_put_forward_is_forgotten);
	tcase_add_test(hand, an_engine_serves_one_at_a_time);
	tcase_add_test(hand, waits_reach_into_earlier_steps);
	tcase_add_test(hand, empty_work_is_passed_over);
	tcase_add_test(hand, streams_that_wait_for_each_other_are_named);
	tcase_add_test(hand, a_stream_that_waits_for_itself_is_named);
	tcase_add_test(hand, a_loop_over_steps_is_named);
	tcase_add_test(hand, nothing_need_be_kept);
	tcase_add_test(hand, a_part_of_the_steps_may_be_run);
	tcase_add_test(hand, a_run_can_be_repeated);
	suite_add_tcase(s, hand);
	return harness_run(s);
}
