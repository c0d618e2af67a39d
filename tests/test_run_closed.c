/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules of a layer at a time, whose makespan has a closed form. */
#include "sim/run.h"

#include <math.h>

#include "schedule/accelerate_sequential.h"
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
	struct run_oracle r = run_check_begin(c, &plan, SPAN_STEP);
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
	run_check_end(&r);
	plan_clear(&plan);
}

START_TEST(depth_0_is_the_closed_form)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);

		random_case_hide_stores(&c.hw);
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
		struct plan plan;
		struct row_times t;
		double loads, compute, end;

		c.model.layers = random_case_size(rng, 1, 40);
		c.w.gen = 2;
		random_case_hide_stores(&c.hw);
		plan = random_case_plan(rng, &c, policy, 1);
		r = run_check_begin(&c, &plan, SPAN_STEP);
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
		run_check_end(&r);
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
	struct run_oracle r = run_check_begin(c, &plan, SPAN_STEP);
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
	run_check_end(&r);
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

		random_case_hide_stores(&c.hw);
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
		struct run_oracle r = run_check_begin(&c, &plan, SPAN_STEP);
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
		run_check_end(&r);
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
		struct plan plan;
		double tokens, kv, after, end;

		c.model.layers = random_case_size(rng, 1, 40);
		c.w.gen = 2;
		plan = random_case_plan(rng, &c, policy, 1);
		r = run_check_begin(&c, &plan, SPAN_STEP);
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
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_ge(link_bound, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run, closed forms");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, depth_0_is_the_closed_form);
	tcase_add_test(tc, depth_1_is_paced_by_the_busier_engine);
	tcase_add_test(tc, depth_1_in_the_long_run);
	tcase_add_test(tc, accelerate_sequential_is_a_sum);
	tcase_add_test(tc, offloaded_cache_goes_both_ways);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
