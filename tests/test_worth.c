/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "lp/period.h"
#include "lp/worth.h"
#include "model/layer.h"
#include "schedule/bound.h"
#include "tests/harness.h"
#include "tests/random_calibration.h"
#include "tests/random_case.h"

enum { CASES = 30, CALIBRATED = 24 };

/* Of a figure, to either side: lp/certificate.c. */
#define TANGENT_STEP 1e-4

struct subject {
	struct llm m;
	struct hardware hw;
	struct workload w;
	struct planner_options options;
	struct upgrade_case c;
	struct plan plan;
	struct certificate cert;
};

/* Plan `s`, whose model, machine and workload are set, under `policy`. */
static void plan_subject(struct subject *s, const char *policy)
{
	struct diag d = { "" };

	s->c = (struct upgrade_case){ .m = &s->m, .w = &s->w,
				      .options = &s->options };
	ck_assert_int_eq(policy_find(policy, &s->c.policy, &d), STATUS_OK);
	ck_assert_msg(planner_plan(&s->m, &s->w, &s->hw, s->c.policy,
				   &s->options, &s->plan, &d) == STATUS_OK,
		      "%s", d.text);
	ck_assert_msg(certificate_make(&s->m, &s->w, &s->hw, &s->plan,
				       s->plan.steps / 2,
				       !s->options.fix_split, &s->cert,
				       &d) == STATUS_OK, "%s", d.text);
}

static struct worth worth_of(const struct subject *s, double share)
{
	struct worth w;
	struct diag d = { "" };

	ck_assert_msg(worth_make(&s->c, &s->hw, &s->cert, share, &w,
				 &d) == STATUS_OK, "%s", d.text);
	return w;
}

static const struct worth_figure *figure(const struct worth *w,
					 const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->figure[i].field->path, path) == 0)
			return &w->figure[i];
	ck_abort_msg("no %s", path);
	return NULL;
}

/* Nothing but the link: T = latency + KV / v. */
START_TEST(test_load_all)
{
	struct subject s = { .m = harness_model("opt-6.7b"),
			     .hw = harness_hardware("a100-40gb-pcie4"),
			     .w = harness_workload(64, 128, 9) };
	const struct worth_figure *f;
	struct worth w;
	double kv, t;

	plan_subject(&s, "load-all");
	w = worth_of(&s, 0.15);
	kv = 132.0 * layer_kv_token_bytes(&s.m, &s.w);
	t = s.hw.h2d.latency_s + kv / s.hw.h2d.bytes_per_s;
	ck_assert_uint_eq(w.cached, 132);
	ck_assert_double_eq_tol(w.layer_s, t, 1e-12 * t);
	f = figure(&w, "link.h2d.bytes_per_s");
	ck_assert_double_eq_tol(worth_elasticity(&w, f),
				s.hw.h2d.latency_s / t - 1.0, 1e-6);
	t = s.hw.h2d.latency_s + kv / (1.15 * s.hw.h2d.bytes_per_s);
	ck_assert_double_eq_tol(f->more_s, t, 1e-12 * t);
	t = s.hw.h2d.latency_s + kv / (0.85 * s.hw.h2d.bytes_per_s);
	ck_assert_double_eq_tol(f->less_s, t, 1e-12 * t);
	f = figure(&w, "link.h2d.latency_s");
	ck_assert_double_eq_tol(f->tangent, 1.0, 1e-6);
	ck_assert_double_eq_tol(f->more_s - w.layer_s,
				0.15 * s.hw.h2d.latency_s, 1e-12);
	f = figure(&w, "link.h2d.bytes_per_s");
	ck_assert_double_eq_tol(worth_tangent_s(&w, f) / w.layer_s,
				0.15 * worth_elasticity(&w, f), 1e-12);
	plan_clear(&s.plan);
}
END_TEST

/* [B] on the GPU with `share` of the KV there. */
static double used_with(const struct subject *s, double share)
{
	struct plan plan = s->plan;
	struct memory mem;

	plan.decision[DECISION_CACHE_ON_GPU] = share;
	plan.policy->memory(&s->m, &s->w, &plan, &mem);
	return memory_used(&mem, MEMORY_GPU);
}

/* All KV would fit: a byte more is worth nothing, nor is one less. */
START_TEST(test_free_memory)
{
	struct subject s = { .m = harness_model("opt-6.7b"),
			     .hw = harness_hardware("a100-40gb-pcie4"),
			     .w = harness_workload(64, 128, 9) };
	struct plan kept;
	struct worth w;
	double step_s;
	struct diag d = { "" };

	plan_subject(&s, "kvpr-row");
	w = worth_of(&s, 0.1);
	for (size_t i = 0; i < w.n; i++)
		ck_assert_str_ne(w.figure[i].field->path, "gpu.memory_bytes");
	ck_assert(!w.has_memory && worth_leaves_memory(&w));
	ck_assert_double_eq(w.filled[0], 1.0);
	/* as fit-budget finds it with no memory more */
	ck_assert_int_eq(upgrade_plan(&s.c, &s.hw, true, &kept, &step_s, &d),
			 STATUS_OK);
	ck_assert_double_eq(kept.decision[DECISION_CACHE_ON_GPU], 1.0);
	ck_assert_double_eq_tol(w.filled_s * 32.0, step_s, 0.05 * step_s);
	ck_assert_double_lt(w.filled_s, 0.8 * w.layer_s);
	plan_clear(&kept);
	plan_clear(&s.plan);
}
END_TEST

/*
 * Room for three tenths of the KV: T = latency + (1 - share) KV / v, and the
 * share is what lies there less what lies there without any, over what all of
 * it adds.
 */
START_TEST(test_memory)
{
	struct subject s = { .m = harness_model("opt-6.7b"),
			     .hw = harness_hardware("a100-40gb-pcie4"),
			     .w = harness_workload(64, 128, 9) };
	const struct worth_figure *f;
	struct worth w;
	double all, none, kv_s, slope;

	plan_subject(&s, "load-all");
	none = used_with(&s, 0.0);
	all = used_with(&s, 1.0) - none;
	ck_assert_double_eq_tol(used_with(&s, 0.3) - none, 0.3 * all,
				1e-9 * all);
	s.hw.memory_bytes = none + 0.3 * all;
	plan_clear(&s.plan);
	plan_subject(&s, "load-all");
	ck_assert_double_eq(s.plan.decision[DECISION_CACHE_ON_GPU], 0.0);
	w = worth_of(&s, 0.02);
	kv_s = 132.0 * layer_kv_token_bytes(&s.m, &s.w) /
	       s.hw.h2d.bytes_per_s;
	slope = kv_s / all;
	f = figure(&w, "gpu.memory_bytes");
	ck_assert(w.has_memory && w.memory_for == DECISION_CACHE_ON_GPU);
	ck_assert_double_eq_tol(w.filled[0], 0.3, 1e-9);
	ck_assert_double_eq_tol(w.filled_s, w.layer_s - 0.3 * kv_s,
				1e-9 * w.layer_s);
	ck_assert_double_eq_tol(f->tangent, -slope, 1e-6 * slope);
	ck_assert_double_eq_tol(f->more_s, w.layer_s - 0.02 * f->value * slope,
				1e-9 * w.layer_s);
	ck_assert_double_eq_tol(f->less_s, w.layer_s + 0.02 * f->value * slope,
				1e-9 * w.layer_s);
	ck_assert_double_eq_tol(f->most_more, 0.7 * all, 1e-6 * all);
	w = worth_of(&s, 0.9);
	f = figure(&w, "gpu.memory_bytes");
	ck_assert(isnan(f->less_s));
	ck_assert_double_eq_tol(worth_tangent_s(&w, f), -0.7 * kv_s,
				1e-6 * kv_s);
	plan_clear(&s.plan);
}
END_TEST

/*
 * T is a sum of latencies and of work over rates, the least of the longest of
 * such: twice all latencies and half of all rates make it twice as long.  So,
 * by Euler's theorem, elasticities of latencies less those of rates are 1.  The
 * tangent is that of a split which need not be whole, so it is of that T.
 */
static double euler_sum(const struct worth *w)
{
	double sum = 0.0;

	for (size_t i = 0; i < w->n; i++) {
		const struct worth_figure *f = &w->figure[i];

		if (f->field->quantity != QUANTITY_BYTES)
			sum += worth_elasticity(w, f) *
			       (f->field->quantity == QUANTITY_SECONDS
					? 1.0 : -1.0);
	}
	return sum;
}

static void check_euler(const struct subject *s, const struct worth *w)
{
	struct graph *g = s->c.policy->build(&s->m, &s->w, &s->plan,
					     SPAN_LAYER);
	size_t limit = plan_split_limit(&s->plan, &s->w, w->step);
	struct period p;
	struct diag d;
	double sum = euler_sum(w);

	ck_assert_int_eq(period_solve(g, &s->hw, (double)w->cached, 0.0,
				      (double)limit, &p, &d), STATUS_OK);
	if (fabs(sum - 1.0) > 1e-6)	/* not whole */
		ck_assert_double_eq_tol(sum, p.period_s / w->layer_s, 1e-6);
	period_clear(&p);
	graph_free(g);
}

/* A better figure never slows, a worse one never speeds up. */
static size_t check_sides(const struct worth *w)
{
	size_t changed = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct worth_figure *f = &w->figure[i];
		double sign = f->field->quantity == QUANTITY_SECONDS ? -1.0
								     : 1.0;
		double slack = 1e-9 * w->layer_s;

		if (!isnan(f->more_s))
			ck_assert_double_le(sign * (f->more_s - w->layer_s),
					    slack);
		if (!isnan(f->less_s))
			ck_assert_double_ge(sign * (f->less_s - w->layer_s),
					    -slack);
		changed += f->more_s != w->layer_s;
	}
	return changed;
}

START_TEST(test_random)
{
	static const char *const models[] = { "opt-6.7b", "llama-2-13b",
					      "llama-3.1-8b" };
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t changed = 0;

	gsl_rng_set(r, 20261121);
	for (size_t i = 0; i < CASES; i++) {
		struct subject s = {
			.m = harness_model(models[i % 3]),
			.hw = harness_hardware("a100-40gb-pcie4"),
			.w = harness_workload(random_case_size(r, 1, 64),
					      random_case_size(r, 16, 500),
					      2),
		};
		struct worth w;

		s.hw.memory_bytes = 1e12;
		s.hw.flop_per_s = random_case_log(r, 3e13, 3e15);
		s.hw.h2d.bytes_per_s = random_case_log(r, 8e9, 4e11);
		s.hw.duplex_bytes_per_s = i % 2 == 0 ? 0.0 :
			s.hw.h2d.bytes_per_s * (1.0 + gsl_rng_uniform(r));
		plan_subject(&s, "kvpr-row");
		w = worth_of(&s, 0.2);
		check_euler(&s, &w);
		changed += check_sides(&w);
		plan_clear(&s.plan);
	}
	ck_assert_uint_ge(changed, 2 * CASES);
	gsl_rng_free(r);
}
END_TEST

/* So it is with measured times, which have launches and latencies in them. */
START_TEST(test_calibrated)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t launches = 0;

	gsl_rng_set(r, 20261122);
	for (size_t i = 0; i < CALIBRATED; i++) {
		struct subject s = {
			.m = harness_model("opt-125m"),
			.hw = harness_hardware("a100-40gb-pcie4"),
			.w = harness_workload(random_case_size(r, 1, 6),
					      random_case_size(r, 16, 200),
					      2),
		};
		struct worth w;

		random_calibration_draw(r, &s.hw);
		if (i % 2 == 1) {
			s.hw.launch_s *= random_case_log(r, 0.2, 5.0);
			s.hw.hbm_bytes_per_s *= random_case_log(r, 0.2, 5.0);
			s.hw.h2d.bytes_per_s *= random_case_log(r, 0.2, 5.0);
		}
		s.options.fix_split = true;
		s.options.split = random_case_size(r, 1, s.w.prompt - 1);
		plan_subject(&s, "kvpr-row");
		w = worth_of(&s, 0.2);
		/* a kink can be nearer than the step of the tangents */
		ck_assert_double_eq_tol(euler_sum(&w), 1.0, TANGENT_STEP);
		for (size_t k = 0; k < w.n; k++)
			launches += strcmp(w.figure[k].field->path,
					   "gpu.launch_s") == 0;
		check_sides(&w);
		plan_clear(&s.plan);
		hardware_clear(&s.hw);
	}
	ck_assert_uint_ge(launches, CALIBRATED / 4);
	gsl_rng_free(r);
}
END_TEST

/* An A100 without latencies and with endless device memory bandwidth. */
static void make_ideal(struct subject *s)
{
	*s = (struct subject){ .m = harness_model("opt-6.7b"),
			       .hw = harness_hardware("a100-40gb-pcie4"),
			       .w = harness_workload(64, 700, 2) };
	s->hw.memory_bytes = 1e12;
	s->hw.launch_s = s->hw.h2d.latency_s = s->hw.d2h.latency_s = 0.0;
	s->hw.hbm_bytes_per_s = 1e18;
	s->hw.duplex_bytes_per_s = 0.0;
	plan_subject(s, "kvpr-row");
}

/* The GPU's work [s] in a layer without recomputation. */
static double other_work_s(const struct subject *s)
{
	struct graph *g = s->c.policy->build(&s->m, &s->w, &s->plan,
					     SPAN_LAYER);
	double engine_s[ENGINE_COUNT];

	bound_engines(g, &s->hw, (double)workload_cached(&s->w, 0), 0.0,
		      engine_s);
	graph_free(g);
	return engine_s[ENGINE_SM];
}

static struct worth_limit limit_of(const struct subject *s, const char *name)
{
	struct worth_limit limit;
	struct upgrade u;
	struct diag d = { "" };

	ck_assert_int_eq(upgrade_find(name, &u, &d), STATUS_OK);
	ck_assert_msg(worth_find_limit(&s->c, &s->hw, &u, 0, &limit, &d) ==
			      STATUS_OK, "%s", d.text);
	return limit;
}

/*
 * With c the GPU's other work and r what a token's recomputation takes, the
 * first token pays while KV s' / v_com > c + r.  Without c that is the
 * paper's h v_com / v_gpu < p s' / 2.
 */
START_TEST(test_limit)
{
	struct subject s;
	struct worth_limit limit;
	double kv, v_gpu, h, r, c, v;

	make_ideal(&s);
	kv = 700.0 * layer_kv_token_bytes(&s.m, &s.w);
	v_gpu = hardware_gemm_flop_per_s(&s.hw);
	h = (double)s.m.hidden;
	r = 4.0 * 64.0 * h * h / v_gpu;
	c = other_work_s(&s);
	limit = limit_of(&s, "link");
	v = limit.factor * s.hw.h2d.bytes_per_s;
	ck_assert(limit.pays && limit.found);
	ck_assert_double_eq_tol(v, kv / (c + r), 1e-5 * v);
	ck_assert_double_lt(v, 2.0 * 700.0 * v_gpu / (2.0 * h));
	ck_assert_double_eq_tol(v * (1.0 + c / r),
				2.0 * 700.0 * v_gpu / (2.0 * h), 1e-5 * v *
				(1.0 + c / r));
	/* all work is FLOP here, so the GPU's rate is the link's inverse */
	limit = limit_of(&s, "gpu.flop_per_s");
	ck_assert(limit.pays && limit.found);
	ck_assert_double_eq_tol(limit.factor, (c + r) * s.hw.h2d.bytes_per_s /
						      kv, 1e-5);
	plan_clear(&s.plan);
}
END_TEST

/* From where it does not pay the same limit is found. */
START_TEST(test_limit_from_above)
{
	struct subject s;
	struct worth_limit from_below, limit;
	struct upgrade u;
	struct diag d = { "" };

	make_ideal(&s);
	from_below = limit_of(&s, "link");
	ck_assert_int_eq(upgrade_find("link", &u, &d), STATUS_OK);
	upgrade_apply(&u, 64.0 * from_below.factor, &s.hw);
	limit = limit_of(&s, "link");
	ck_assert(!limit.pays && limit.found);
	ck_assert_double_eq_tol(limit.factor, 1.0 / 64.0, 1e-6);
	plan_clear(&s.plan);
}
END_TEST

/* X as large as KV: no link makes it pay. */
START_TEST(test_no_limit)
{
	struct subject s = { .m = harness_model("llama-3.1-8b"),
			     .hw = harness_hardware("a100-40gb-pcie4"),
			     .w = harness_workload(16, 300, 2) };
	struct worth_limit limit;

	plan_subject(&s, "kvpr-row");
	limit = limit_of(&s, "link");
	ck_assert(!limit.pays && !limit.found);
	plan_clear(&s.plan);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("worth");
	TCase *t = tcase_create("worth");

	tcase_add_test(t, test_load_all);
	tcase_add_test(t, test_free_memory);
	tcase_add_test(t, test_memory);
	tcase_add_test(t, test_random);
	tcase_add_test(t, test_calibrated);
	tcase_add_test(t, test_limit);
	tcase_add_test(t, test_limit_from_above);
	tcase_add_test(t, test_no_limit);
	suite_add_tcase(s, t);
	return harness_run(s);
}
