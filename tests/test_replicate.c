/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/replicate.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/xalloc.h"
#include "schedule/bound.h"
#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/two_engines.h"

enum { SEED = 1729 };

static struct replicate_options options_of(size_t replications,
					   double task_sm, double task_h2d)
{
	struct replicate_options o = {
		.replications = replications, .seed = SEED, .jobs = 1,
	};

	o.jitter.task[ENGINE_SM] = task_sm;
	o.jitter.task[ENGINE_H2D] = task_h2d;
	return o;
}

static struct replicate_result replicate(const struct jitter_case *c,
					 const struct replicate_options *o)
{
	struct replicate_result r;
	struct diag d;

	ck_assert_int_eq(replicate_run(c, o, &r, &d), STATUS_OK);
	return r;
}

static bool covers(const struct replicate_summary *s, double mean)
{
	return fabs(s->mean - mean) <= s->half;
}

/* A decode with jitter, of a machine on which everything happens. */
struct drawn {
	struct random_case c;
	struct plan plan;
	struct graph *g;
	struct jitter_case of;
};

static void drawn_make(gsl_rng *rng, size_t which, struct drawn *x)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);

	x->c = random_case_draw(rng);
	x->plan = random_case_plan(rng, &x->c, all[which % n],
				   random_case_size(rng, 0, 2));
	x->c.w.gpus = random_case_size(rng, 1, 4);
	x->c.hw.duplex_bytes_per_s = 1.3 * x->c.hw.h2d.bytes_per_s;
	x->c.hw.host_root_bytes_per_s = 2.1 * x->c.hw.h2d.bytes_per_s;
	x->c.hw.host_attention_bytes_per_s = 3e10;
	x->c.hw.host_copy_bytes_per_s = 1e10;
	x->c.hw.h2d.pageable_bytes_per_s = 0.4 * x->c.hw.h2d.bytes_per_s;
	x->c.hw.d2h.pageable_bytes_per_s = 0.4 * x->c.hw.d2h.bytes_per_s;
	x->g = all[which % n]->build(&x->c.model, &x->c.w, &x->plan,
				     SPAN_STEP);
	x->of = (struct jitter_case){ .graph = x->g, .w = &x->c.w,
				      .plan = &x->plan, .hw = &x->c.hw };
}

static void drawn_clear(struct drawn *x)
{
	graph_free(x->g);
	plan_clear(&x->plan);
}

/* One replication, or with NULL the run without jitter, and all of it. */
struct whole {
	struct run_result result;
	struct timeline timeline;
	double *step_end_s;
};

static struct whole run_one(const struct jitter_case *c,
			    const struct replicate_options *o, size_t which)
{
	struct run_options run = run_whole(c->plan);
	struct whole w = { .timeline = { .n = 0 } };
	struct diag d;

	memset(&w.result, 0, sizeof w.result);
	run.timeline = &w.timeline;
	run.step_end_s = w.step_end_s =
		xcalloc(c->plan->steps, sizeof *w.step_end_s);
	ck_assert_int_eq(o == NULL
			 ? run_graph(c->graph, c->w, c->plan, c->hw, &run,
				     &w.result, &d)
			 : replicate_one(c, o, which, &run, &w.result, &d),
			 STATUS_OK);
	return w;
}

static void whole_clear(struct whole *w)
{
	timeline_clear(&w->timeline);
	free(w->step_end_s);
}

static bool whole_same(const struct whole *a, const struct whole *b,
		       size_t steps)
{
	if (memcmp(&a->result, &b->result, sizeof a->result) != 0 ||
	    memcmp(a->step_end_s, b->step_end_s,
		   steps * sizeof *a->step_end_s) != 0 ||
	    a->timeline.n != b->timeline.n)
		return false;
	for (size_t i = 0; i < a->timeline.n; i++) {
		const struct slice *x = &a->timeline.slices[i];
		const struct slice *y = &b->timeline.slices[i];

		if (x->task != y->task || x->step != y->step ||
		    x->gpu != y->gpu || x->start_s != y->start_s ||
		    x->end_s != y->end_s)
			return false;
	}
	return true;
}

/* Bit for bit, links, GPUs and host included. */
START_TEST(no_spread_is_the_run_without_jitter)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct replicate_options none = options_of(2, 0.0, 0.0);
	struct replicate_options some = options_of(2, 0.05, 0.05);
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < 60; done++) {
		struct drawn x;
		struct whole plain, with, other;
		struct replicate_result r;

		drawn_make(rng, done, &x);
		plain = run_one(&x.of, NULL, 0);
		with = run_one(&x.of, &none, done);
		other = run_one(&x.of, &some, done);
		ck_assert(whole_same(&plain, &with, x.plan.steps));
		ck_assert(!whole_same(&plain, &other, x.plan.steps));
		r = replicate(&x.of, &none);
		ck_assert_double_eq(r.decode.mean, plain.result.makespan_s);
		ck_assert_double_eq(r.decode.half, 0.0);
		ck_assert_double_eq(r.decode.p50, r.decode.p99);
		ck_assert_double_eq(r.decode.p99, r.decode.mean);
		ck_assert_double_eq(r.decode.sd, 0.0);
		ck_assert_double_eq(r.token.mean,
				    plain.step_end_s[x.plan.steps - 1] /
					    (double)x.plan.steps);
		whole_clear(&plain);
		whole_clear(&with);
		whole_clear(&other);
		drawn_clear(&x);
	}
	ck_assert_uint_eq(done, 60);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(threads_change_nothing)
{
	static const size_t jobs[] = { 2, 5, 64 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < 18; done++) {
		struct replicate_options o = options_of(17, 0.04, 0.07);
		struct replicate_result one, many, other;
		struct drawn x;

		o.jitter.run[ENGINE_H2D] = 0.02;
		drawn_make(rng, done, &x);
		memset(&one, 0, sizeof one);
		memset(&many, 0, sizeof many);
		one = replicate(&x.of, &o);
		for (size_t i = 0; i < 3; i++) {
			o.jobs = jobs[i];
			many = replicate(&x.of, &o);
			ck_assert_mem_eq(&one, &many, sizeof one);
		}
		o.seed++;
		other = replicate(&x.of, &o);
		ck_assert_double_ne(other.decode.mean, one.decode.mean);
		ck_assert_double_ne(other.token.sd, one.token.sd);
		drawn_clear(&x);
	}
	ck_assert_uint_eq(done, 18);
	gsl_rng_free(rng);
}
END_TEST

/* What is summed up is what replications give when asked for one by one. */
START_TEST(a_replication_is_the_same_however_many_there_are)
{
	enum { N = 23 };
	struct two_engines *t = two_engines_new(7, 5, 4, 3);
	struct replicate_options o = options_of(N, 0.2, 0.3);
	double decode[N], token[4 * N], rate[N], means[N];
	struct replicate_result r = replicate(&t->of, &o);
	double half, q = gsl_cdf_tdist_Pinv(0.975, N - 1.0);

	for (size_t i = 0; i < N; i++) {
		struct replicate_options other = o;
		struct whole w;

		other.replications = 3 + i;
		w = run_one(&t->of, &other, i);
		decode[i] = w.result.makespan_s;
		rate[i] = 3.0 * 3.0 * 4.0 / decode[i];
		for (size_t k = 0; k < 4; k++)
			token[4 * i + k] =
				w.step_end_s[k] -
				(k > 0 ? w.step_end_s[k - 1] : 0.0);
		means[i] = gsl_stats_mean(token + 4 * i, 1, 4);
		whole_clear(&w);
	}
	half = q * gsl_stats_sd(decode, 1, N) / sqrt(N);
	ck_assert_double_eq(r.decode.mean, gsl_stats_mean(decode, 1, N));
	ck_assert_double_eq_tol(r.decode.half, half, 1e-12);
	ck_assert_double_eq(r.decode.sd, gsl_stats_sd(decode, 1, N));
	ck_assert_double_eq(r.rate.mean, gsl_stats_mean(rate, 1, N));
	ck_assert_double_eq_tol(r.token.mean,
				gsl_stats_mean(token, 1, 4 * N), 1e-12);
	ck_assert_double_eq_tol(r.token.sd, gsl_stats_sd(token, 1, 4 * N),
				1e-12);
	half = q * gsl_stats_sd(means, 1, N) / sqrt(N);
	ck_assert_double_eq_tol(r.token.half, half, 1e-12);
	gsl_sort(decode, 1, N);
	gsl_sort(rate, 1, N);
	gsl_sort(token, 1, 4 * N);
	ck_assert_double_eq(r.decode.p50, decode[11]);	/* rank 12 of 23 */
	ck_assert_double_eq(r.decode.p95, decode[21]);	/* rank 22 */
	ck_assert_double_eq(r.decode.p99, decode[22]);
	ck_assert_double_eq(r.rate.p95, rate[21]);
	ck_assert_double_eq_tol(r.token.p50, token[45], 4e-5 * token[45]);
	ck_assert_double_eq_tol(r.token.p95, token[87], 4e-5 * token[87]);
	ck_assert_double_eq_tol(r.token.p99, token[91], 4e-5 * token[91]);
	two_engines_free(t);
}
END_TEST

/*
 * One engine: a sum of n independent times d F has the mean of the run without
 * jitter and the variance c^2 sum d^2.  The mean of R of them is within 3
 * standard errors, their variance within 3 sqrt(2 / R).
 */
static void check_sum(const struct two_engines *t, double spread_sm,
		      double spread_h2d, double sum_s, double squares)
{
	enum { R = 2000 };
	struct replicate_options o = options_of(R, spread_sm, spread_h2d);
	struct replicate_result r = replicate(&t->of, &o);
	double c = spread_sm > 0.0 ? spread_sm : spread_h2d;
	double steps = (double)t->plan.steps;
	double variance = c * c * steps * squares;

	ck_assert_double_eq_tol(r.decode.mean, steps * sum_s,
				3.0 * sqrt(variance / R));
	ck_assert(covers(&r.decode, steps * sum_s));
	ck_assert_double_eq_tol(r.decode.sd * r.decode.sd / variance, 1.0,
				3.0 * sqrt(2.0 / R));
}

START_TEST(one_engine_is_a_sum)
{
	struct two_engines *t = two_engines_new(11, 0, 3, 1);

	check_sum(t, 0.07, 0.0, t->kernel_s, t->kernel_s2);
	two_engines_free(t);
	t = two_engines_new(1, 9, 3, 1);	/* a kernel that is hidden */
	check_sum(t, 0.0, 0.07, t->copy_s, t->copy_s2);
	two_engines_free(t);
}
END_TEST

/* A systematic error does not average out: the variance is c^2 (sum d)^2. */
START_TEST(a_systematic_error_does_not_average_out)
{
	enum { R = 2000 };
	struct two_engines *t = two_engines_new(11, 0, 3, 1);
	struct replicate_options o = options_of(R, 0.0, 0.0);
	struct replicate_result r;
	double sum_s = 3.0 * t->kernel_s;

	o.jitter.run[ENGINE_SM] = 0.03;
	r = replicate(&t->of, &o);
	ck_assert_double_eq_tol(r.decode.mean, sum_s,
				3.0 * 0.03 * sum_s / sqrt(R));
	ck_assert_double_eq_tol(r.decode.sd / (0.03 * sum_s), 1.0,
				3.0 * sqrt(0.5 / R));
	/* half of the runs are below the median, exp(-s^2/2) of the mean */
	ck_assert_double_eq_tol(r.decode.p50, sum_s / sqrt(1.0 + 9e-4),
				3.0 * 1.2533 * 0.03 * sum_s / sqrt(R));
	/* 1.645 standard deviations of a near normal are at 95 % */
	ck_assert_double_eq_tol((r.decode.p95 - sum_s) / (0.03 * sum_s),
				1.645, 0.15);
	two_engines_free(t);
}
END_TEST

/*
 * Two engines at once: the mean and variance of the larger of two independent
 * normal times (Clark, Operations Research 9, 1961, equations 2 to 4):
 *
 *     a^2 = v1 + v2,  x = (m1 - m2) / a
 *     E max   = m1 P(x) + m2 P(-x) + a p(x)
 *     E max^2 = (m1^2 + v1) P(x) + (m2^2 + v2) P(-x) + (m1 + m2) a p(x)
 *
 * which waiting brings above both means.  A sum of 150 lognormal times is
 * skewed by 3 c / sqrt(150), 0.05 for c = 0.2, and the larger of two by less
 * than a tenth of that in units of its deviation, a fifth of the tolerance.
 */
START_TEST(two_engines_wait_for_the_longer)
{
	enum { R = 1500 };
	static const size_t copies[] = { 144, 158, 163 };
	size_t done = 0;

	for (; done < 3; done++) {
		struct two_engines *t =
			two_engines_new(150, copies[done], 1, 1);
		struct replicate_options o = options_of(R, 0.2, 0.2);
		double m1 = t->kernel_s, v1 = 0.04 * t->kernel_s2;
		double m2 = t->copy_s, v2 = 0.04 * t->copy_s2;
		double a = sqrt(v1 + v2), x, mean, variance;
		struct replicate_result r;

		x = (m1 - m2) / a;
		mean = m1 * gsl_cdf_ugaussian_P(x) +
		       m2 * gsl_cdf_ugaussian_Q(x) +
		       a * gsl_ran_ugaussian_pdf(x);
		variance = (m1 * m1 + v1) * gsl_cdf_ugaussian_P(x) +
			   (m2 * m2 + v2) * gsl_cdf_ugaussian_Q(x) +
			   (m1 + m2) * a * gsl_ran_ugaussian_pdf(x) -
			   mean * mean;
		r = replicate(&t->of, &o);
		ck_assert_double_eq_tol(r.decode.mean, mean,
					3.0 * sqrt(variance / R));
		ck_assert_double_eq_tol(r.decode.sd / sqrt(variance), 1.0,
					3.0 * sqrt(0.5 / R));
		if (copies[done] == 158)	/* a / sqrt(2 pi) above */
			ck_assert_double_gt(r.decode.mean - r.decode.half,
					    fmax(m1, m2));
		two_engines_free(t);
	}
	ck_assert_uint_eq(done, 3);
}
END_TEST

/*
 * Of 200 intervals of 20 replications each, one in 20 misses the mean: 190 +-
 * sqrt(200 * 0.95 * 0.05) = 3.1 cover it.
 */
START_TEST(intervals_cover_the_mean)
{
	struct two_engines *t = two_engines_new(9, 0, 1, 1);
	struct replicate_options o = options_of(20, 0.1, 0.0);
	size_t decode = 0, token = 0;

	for (o.seed = 0; o.seed < 200; o.seed++) {
		struct replicate_result r = replicate(&t->of, &o);

		decode += covers(&r.decode, t->kernel_s);
		token += covers(&r.token, t->kernel_s);
	}
	ck_assert_uint_ge(decode, 181);
	ck_assert_uint_le(decode, 199);
	ck_assert_uint_eq(decode, token);	/* one step each */
	two_engines_free(t);
}
END_TEST

/* Waiting only ever costs: the mean is no less than each engine's mean. */
START_TEST(no_mean_is_below_the_busiest_engine)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED + 2);
	for (; done < 27; done++) {
		struct replicate_options o = options_of(12, 0.1, 0.1);
		double floor_s[ENGINE_COUNT] = { 0.0 }, most_s = 0.0;
		struct replicate_result r;
		struct drawn x;

		drawn_make(rng, done, &x);
		for (size_t i = 0; i < x.plan.steps; i++) {
			double busy_s[ENGINE_COUNT];

			bound_engines(x.g, &x.c.hw,
				      (double)workload_cached(&x.c.w, i),
				      (double)x.plan.split[i], busy_s);
			for (size_t e = 0; e < ENGINE_COUNT; e++)
				floor_s[e] += busy_s[e];
		}
		for (size_t e = 0; e < ENGINE_COUNT; e++)
			most_s = fmax(most_s, floor_s[e]);
		r = replicate(&x.of, &o);
		ck_assert_double_gt(r.decode.mean + r.decode.half, most_s);
		drawn_clear(&x);
	}
	ck_assert_uint_eq(done, 27);
	gsl_rng_free(rng);
}
END_TEST

/* A graph that is stuck is so in each replication, and said once. */
START_TEST(a_failure_is_the_runs)
{
	struct two_engines *t = two_engines_new(3, 2, 2, 2);
	struct replicate_options o = options_of(9, 0.1, 0.1);
	struct replicate_result r;
	struct diag d;
	struct wait wait = { .task = 2, .lag = 0 };

	o.jobs = 3;
	t->graph->waits = &wait;
	t->graph->nwaits = 1;
	t->graph->tasks[0].nwaits = 1;
	memset(&r, 0x5a, sizeof r);
	ck_assert_int_eq(replicate_run(&t->of, &o, &r, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "the schedule waits for itself: ffn of "
				 "layer 0, step 0");
	ck_assert_int_eq(((unsigned char *)&r)[0], 0x5a);
	t->graph->waits = NULL;
	two_engines_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/replicate");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, no_spread_is_the_run_without_jitter);
	tcase_add_test(tc, threads_change_nothing);
	tcase_add_test(tc, a_replication_is_the_same_however_many_there_are);
	tcase_add_test(tc, one_engine_is_a_sum);
	tcase_add_test(tc, a_systematic_error_does_not_average_out);
	tcase_add_test(tc, two_engines_wait_for_the_longer);
	tcase_add_test(tc, intervals_cover_the_mean);
	tcase_add_test(tc, no_mean_is_below_the_busiest_engine);
	tcase_add_test(tc, a_failure_is_the_runs);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
