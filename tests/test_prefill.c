/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefill, and streamed weights, against recurrences written here. */
#include "schedule/policy.h"

#include <math.h>
#include <stdlib.h>

#include "model/layer.h"
#include "schedule/accelerate_sequential.h"
#include "schedule/kvpr_column.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/recompute_all.h"
#include "schedule/zero_inference.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/run_check.h"

enum { CASES = 1500, SEED = 13466917 };

/* [s] of a batch in a layer, and after all layers; each alone. */
struct parts {
	double front;			/* project and attend and output */
	double ffn, head;
	double store_kv, store_x;
	double kv, qo, rest;		/* of the weights, streamed */
};

static double seconds(const struct random_case *c, struct work w,
		      double cached)
{
	return work_seconds(&w, &c->hw, cached, 0.0);
}

/* Of `tokens` new tokens of each request; 1 is a decode step. */
static struct parts find_parts(const struct random_case *c,
			       const struct plan *plan, double tokens,
			       double cached)
{
	const struct llm *m = &c->model;
	const struct workload *w = &c->w;
	double on_host = 1.0 - plan->decision[DECISION_WEIGHTS_ON_GPU];
	double kept = 0.0;

	for (size_t i = 0; i < plan->steps; i++)
		kept = fmax(kept, (double)plan->split[i]);
	return (struct parts){
		.front = seconds(c, layer_project(m, w, tokens), cached) +
			 seconds(c, tokens > 1.0
					 ? layer_attend_prompt(m, w)
					 : layer_attend(m, w, 1.0), cached) +
			 seconds(c, layer_output(m, w, tokens), cached),
		.ffn = seconds(c, layer_ffn(m, w, tokens), cached),
		.head = seconds(c, layer_head(m, w), cached),
		.store_kv = seconds(c, layer_store_cache(m, w, 1.0, tokens),
				    cached),
		.store_x = seconds(c, layer_store_activation(
					   m, w, 1.0,
					   fmin(kept, (double)w->prompt)),
				   cached),
		.kv = seconds(c, layer_load_weight(m, w, LAYER_KV, on_host),
			      cached),
		.qo = seconds(c, layer_load_weight(m, w, LAYER_QO, on_host),
			      cached),
		.rest = seconds(c, layer_load_weight(m, w, LAYER_FFN,
						     on_host), cached),
	};
}

static struct run_result simulated(const struct random_case *c,
				   const struct plan *plan, enum span span,
				   double *step_end_s)
{
	struct run_oracle r = run_check_begin(c, plan, span);

	run_check(&r);
	for (size_t i = 0; i < r.end_step && step_end_s != NULL; i++)
		step_end_s[i] = r.step_end_s[i];
	run_check_end(&r);
	return r.result;
}

static struct random_case draw(gsl_rng *rng)
{
	struct random_case c = random_case_draw(rng);

	c.w.prompt++;			/* two at least: no decode step */
	c.w.num_batches = random_case_size(rng, 1, 4);
	return c;
}

static void same(size_t done, double found, double expected)
{
	if (!run_oracle_close(found, expected))
		ck_abort_msg("case %zu: %.17g s, expected %.17g", done,
			     found, expected);
}

/* Nothing overlaps: a sum over layers and batches. */
START_TEST(a_serial_prefill_is_a_sum)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = draw(rng);
		struct plan plan = random_case_plan(
			rng, &c, &policy_accelerate_sequential, 0);
		double slots = (double)(c.model.layers * c.w.num_batches);
		struct run_result r;
		struct parts p;

		plan.decision[DECISION_WEIGHTS_ON_GPU] =
			(double)(done % 3) * 0.5;
		r = simulated(&c, &plan, SPAN_PREFILL, NULL);
		p = find_parts(&c, &plan, (double)c.w.prompt, 1.0);
		same(done, r.makespan_s,
		     slots * (p.front + p.store_kv + p.ffn) +
			     (double)c.model.layers *
				     (p.kv + p.qo + p.rest) +
			     (double)c.w.num_batches * p.head);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	gsl_rng_free(rng);
}
END_TEST

/*
 * Stores run beside compute, from project on, one behind the other; project
 * waits for those of two slots before.  The last ones may outlast the head.
 */
static double overlapped(const struct random_case *c, const struct parts *p,
			 double project, bool kv, bool x)
{
	size_t slots = c->model.layers * c->w.num_batches;
	double t = 0.0, out = 0.0, stored[2] = { 0.0, 0.0 };

	for (size_t n = 0; n < slots; n++) {
		t = fmax(t, stored[n % 2]) + project;
		/* the link takes KV and X as they become ready: at once */
		out = fmax(out, t) + (kv ? p->store_kv : 0.0) +
		      (x ? p->store_x : 0.0);
		stored[n % 2] = out;
		t += p->front - project + p->ffn;
	}
	return fmax(t + (double)c->w.num_batches * p->head, out);
}

START_TEST(an_overlapped_prefill_is_a_recurrence)
{
	static const struct policy *const policies[] = {
		&policy_load_all, &policy_recompute_all, &policy_kvpr_row,
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, outlast = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < CASES; done++) {
		const struct policy *policy = policies[done % 3];
		struct random_case c = draw(rng);
		struct plan plan = random_case_plan(rng, &c, policy, 1);
		struct run_result r = simulated(&c, &plan, SPAN_PREFILL,
						NULL);
		struct parts p = find_parts(&c, &plan, (double)c.w.prompt,
					    1.0);
		double project = seconds(&c, layer_project(
			&c.model, &c.w, (double)c.w.prompt), 1.0);

		same(done, r.makespan_s,
		     overlapped(&c, &p, project,
				policy->split != SPLIT_ALL,
				policy->split != SPLIT_NONE));
		outlast += r.engine[ENGINE_D2H].busy_s >
			   r.engine[ENGINE_SM].busy_s;
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(outlast, CASES / 10);
	ck_assert_uint_lt(outlast, CASES - CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/* When the weights of the layers, and the layers, are done. */
struct stream {
	double loaded, ended, before;	/* the last, last, last but one */
};

/* The next layer; `there`: its weights are, already. */
static void next_layer(const struct random_case *c, const struct parts *p,
		       bool there, struct stream *s)
{
	double parts = 0.0, all = 0.0, t = s->ended;

	if (!there) {
		parts = fmax(s->loaded, s->before) + p->kv + p->qo;
		all = parts + p->rest;
		s->loaded = all;
	}
	t = fmax(t, parts) + p->front;
	t = fmax(t, all) + p->ffn;
	t += (double)(c->w.num_batches - 1) * (p->front + p->ffn);
	s->before = s->ended;
	s->ended = t;
}

/*
 * Weights alone on the link: those of layer j + 1 travel under layer j, and
 * when decode begins those of its first layer are there.
 */
START_TEST(weights_travel_under_the_layer_before)
{
	static const struct policy *const policies[] = {
		&policy_zero_inference, &policy_kvpr_column,
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, link_bound = 0;

	gsl_rng_set(rng, SEED + 2);
	for (; done < CASES; done++) {
		struct random_case c = draw(rng);
		struct plan plan = random_case_plan(rng, &c,
						    policies[done % 2], 1);
		double heads, step_end[8], head = 0.0;
		struct stream s = { .loaded = 0.0 };
		struct run_result r;
		struct parts p;

		plan.decision[DECISION_WEIGHTS_ON_GPU] = done % 3 ? 0.0 : 0.7;
		plan.decision[DECISION_CACHE_ON_GPU] = 1.0;
		r = simulated(&c, &plan, SPAN_PREFILL, NULL);
		p = find_parts(&c, &plan, (double)c.w.prompt, 1.0);
		heads = (double)c.w.num_batches * p.head;
		for (size_t j = 0; j < c.model.layers; j++)
			next_layer(&c, &p, false, &s);
		same(done, r.makespan_s, s.ended + heads);

		s = (struct stream){ .loaded = 0.0 };
		r = simulated(&c, &plan, SPAN_STEP, step_end);
		for (size_t i = 0; i < plan.steps; i++) {
			p = find_parts(&c, &plan, 1.0,
				       (double)(c.w.prompt + i));
			for (size_t j = 0; j < c.model.layers; j++) {
				next_layer(&c, &p, i == 0 && j == 0, &s);
				/* the head is no part of the layer */
				s.before -= j == 0 ? head : 0.0;
			}
			head = heads;
			s.ended += heads;
			same(done, step_end[i], s.ended);
		}
		link_bound += r.engine[ENGINE_H2D].busy_s >
			      r.engine[ENGINE_SM].busy_s;
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(link_bound, CASES / 10);
	ck_assert_uint_lt(link_bound, CASES - CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/* KV of the whole prompt, of every batch and layer: OPT-6.7B, by hand. */
START_TEST(all_kv_is_stored)
{
	struct random_case c = {
		.model = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(17, 128, 5),
	};
	size_t split[4] = { 0, 31, 91, 17 };
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 4,
			     .split = split,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };
	struct run_result r;

	c.w.num_batches = 3;
	r = simulated(&c, &plan, SPAN_PREFILL, NULL);
	/* 32 * 3 slots of 128 tokens, 2 * 17 * 4096 * 2 B each */
	ck_assert_double_eq(r.op[OP_STORE_CACHE].bytes,
			    96.0 * 128.0 * 278528.0);
	/* and of 91 tokens X, half of that */
	ck_assert_double_eq(r.op[OP_STORE_ACTIVATION].bytes,
			    96.0 * 91.0 * 139264.0);
	ck_assert_uint_eq(r.op[OP_HEAD].tasks, 3);
	ck_assert_uint_eq(r.op[OP_LOAD_CACHE].tasks, 0);
	ck_assert_uint_eq(r.op[OP_RECOMPUTE].tasks, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule, prefill");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, a_serial_prefill_is_a_sum);
	tcase_add_test(tc, an_overlapped_prefill_is_a_recurrence);
	tcase_add_test(tc, weights_travel_under_the_layer_before);
	tcase_add_test(tc, all_kv_is_stored);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
