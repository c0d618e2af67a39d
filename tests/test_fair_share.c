/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fair_share.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { CASES = 4000, MOST_FLOWS = 40, SEED = 65201 };

/* Sums of up to 40 terms, each rounded. */
#define TOLERANCE 1e-12

START_TEST(a_lone_flow_takes_its_narrowest_link)
{
	const double capacity[] = { 26e9, 20.5e9, INFINITY };
	const uint32_t route[] = { 7 };
	double rate[] = { -2.385 };

	fair_share(capacity, 3, route, 1, rate);
	ck_assert_double_eq(rate[0], 20.5e9);
}
END_TEST

START_TEST(no_flow_no_rate)
{
	const double capacity[] = { 26e9 };
	double rate[] = { -2.385 };

	fair_share(capacity, 1, NULL, 0, rate);
	ck_assert_double_eq(rate[0], -2.385);
}
END_TEST

START_TEST(what_one_cannot_use_goes_to_the_others)
{
	/* two directions under a limit of their sum */
	static const struct {
		double h2d, d2h, duplex, rate[2];
	} cases[] = {
		{ 26.0, 20.0, 30.0, { 15.0, 15.0 } },
		{ 26.0, 20.0, 42.5, { 22.5, 20.0 } },
		{ 26.0, 7.0, 30.0, { 23.0, 7.0 } },
		{ 26.0, 20.0, 5.0, { 2.5, 2.5 } },
		{ 26.0, 20.0, 46.0, { 26.0, 20.0 } },
		{ 26.0, 20.0, INFINITY, { 26.0, 20.0 } },
	};
	const uint32_t route[] = { 1 | 4, 2 | 4 };
	const size_t n = sizeof cases / sizeof cases[0];
	double rate[2];

	for (size_t i = 0; i < n; i++) {
		const double capacity[] = { cases[i].h2d, cases[i].d2h,
					    cases[i].duplex };

		fair_share(capacity, 3, route, 2, rate);
		for (size_t f = 0; f < 2; f++)
			ck_assert_double_eq_tol(rate[f], cases[i].rate[f],
						1e-12);
	}
}
END_TEST

/*
 * Bertsekas and Gallager's example in shape: a chain of links, where the
 * flow that crosses all meets its bottleneck first.
 */
START_TEST(a_chain_fills_in_the_order_of_its_bottlenecks)
{
	const double capacity[] = { 3.0, 9.0, 2.25, 11.5 };
	const uint32_t route[] = {
		1 | 2 | 4, 1, 2, 4, 4, 2 | 8,
	};
	/* link 2: 2.25/3 = 0.75; link 0: 3 - 0.75; link 1: (9 - 0.75)/2 */
	const double expected[] = { 0.75, 2.25, 4.125, 0.75, 0.75, 4.125 };
	double rate[6];

	fair_share(capacity, 4, route, 6, rate);
	for (size_t i = 0; i < 6; i++)
		ck_assert_double_eq_tol(rate[i], expected[i], 1e-14);
}
END_TEST

START_TEST(all_links_may_be_used)
{
	double capacity[FAIR_SHARE_MOST_LINKS];
	uint32_t route[FAIR_SHARE_MOST_LINKS];
	double rate[FAIR_SHARE_MOST_LINKS];

	for (size_t j = 0; j < FAIR_SHARE_MOST_LINKS; j++) {
		capacity[j] = 2.385 + (double)j;
		route[j] = UINT32_C(1) << j;
	}
	fair_share(capacity, FAIR_SHARE_MOST_LINKS, route,
		   FAIR_SHARE_MOST_LINKS, rate);
	for (size_t j = 0; j < FAIR_SHARE_MOST_LINKS; j++)
		ck_assert_double_eq(rate[j], capacity[j]);
}
END_TEST

struct topology {
	double capacity[FAIR_SHARE_MOST_LINKS];
	size_t nlinks;
	uint32_t route[MOST_FLOWS];
	size_t nflows;
};

static bool crosses(const struct topology *t, size_t flow, size_t link)
{
	return t->route[flow] >> link & 1;
}

/* A third each: few whole capacities (ties), 1 to 10, many magnitudes. */
static double draw_capacity(gsl_rng *rng, unsigned kind)
{
	switch (kind) {
	case 0:
		return (double)(1 + gsl_rng_uniform_int(rng, 4));
	case 1:
		return 1.0 + 9.0 * gsl_rng_uniform(rng);
	}
	return pow(10.0, 14.0 * gsl_rng_uniform(rng) - 2.0);
}

static void draw(gsl_rng *rng, unsigned kind, struct topology *t)
{
	double density = gsl_rng_uniform(rng);

	t->nlinks = 1 + gsl_rng_uniform_int(rng, FAIR_SHARE_MOST_LINKS);
	t->nflows = 1 + gsl_rng_uniform_int(rng, MOST_FLOWS);
	for (size_t j = 0; j < t->nlinks; j++)
		t->capacity[j] = draw_capacity(rng, kind);
	for (size_t i = 0; i < t->nflows; i++) {
		t->route[i] = UINT32_C(1)
			      << gsl_rng_uniform_int(rng, t->nlinks);
		for (size_t j = 0; j < t->nlinks; j++)
			if (gsl_rng_uniform(rng) < density)
				t->route[i] |= UINT32_C(1) << j;
	}
	/* a link without a limit, beside the others */
	if (t->nlinks < FAIR_SHARE_MOST_LINKS && kind != 1) {
		for (size_t i = 0; i < t->nflows; i++)
			if (gsl_rng_uniform(rng) < 0.5)
				t->route[i] |= UINT32_C(1) << t->nlinks;
		t->capacity[t->nlinks++] = INFINITY;
	}
}

/* What link `j` carries, and the rate of its fastest flow. */
static double carried(const struct topology *t, const double *rate, size_t j,
		      double *fastest)
{
	double sum = 0.0;

	*fastest = 0.0;
	for (size_t i = 0; i < t->nflows; i++)
		if (crosses(t, i, j)) {
			sum += rate[i];
			*fastest = fmax(*fastest, rate[i]);
		}
	return sum;
}

/*
 * An allocation is max-min fair if and only if it fits every link and every
 * flow has a bottleneck: a full link on which no flow is faster.
 */
static void check_optimal(const struct topology *t, const double *rate,
			  size_t at)
{
	bool served[MOST_FLOWS] = { false };

	for (size_t j = 0; j < t->nlinks; j++) {
		double fastest, sum = carried(t, rate, j, &fastest);

		if (sum > t->capacity[j] * (1.0 + TOLERANCE))
			ck_abort_msg("case %zu: link %zu carries %.17g of "
				     "%.17g", at, j, sum, t->capacity[j]);
		if (sum < t->capacity[j] * (1.0 - TOLERANCE))
			continue;
		for (size_t i = 0; i < t->nflows; i++)
			if (crosses(t, i, j) &&
			    rate[i] >= fastest * (1.0 - TOLERANCE))
				served[i] = true;
	}
	for (size_t i = 0; i < t->nflows; i++)
		if (!served[i])
			ck_abort_msg("case %zu: flow %zu at %.17g has no "
				     "bottleneck", at, i, rate[i]);
}

START_TEST(every_flow_has_a_bottleneck)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, levels = 0;
	struct topology t;
	double rate[MOST_FLOWS];

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		draw(rng, (unsigned)(done % 3), &t);
		fair_share(t.capacity, t.nlinks, t.route, t.nflows, rate);
		check_optimal(&t, rate, done);
		for (size_t i = 1; i < t.nflows; i++)
			levels += rate[i] != rate[0];
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(levels, CASES);	/* not all flows alike */
	gsl_rng_free(rng);
}
END_TEST

/*
 * The same by brute force: raise one common level by bisection until a link
 * overflows, fix the flows on links that are then full, and go on.
 */
static bool fits(const struct topology *t, const double *fixed, double level)
{
	for (size_t j = 0; j < t->nlinks; j++) {
		double sum = 0.0;

		for (size_t i = 0; i < t->nflows; i++)
			if (crosses(t, i, j))
				sum += fixed[i] < 0.0 ? level : fixed[i];
		if (sum > t->capacity[j])
			return false;
	}
	return true;
}

static double highest_level(const struct topology *t, const double *fixed)
{
	double low = 0.0, high = 0.0;

	for (size_t j = 0; j < t->nlinks; j++)
		if (!isinf(t->capacity[j]))
			high = fmax(high, 2.0 * t->capacity[j]);
	for (int i = 0; i < 200; i++) {
		double middle = 0.5 * (low + high);

		if (fits(t, fixed, middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void brute_force(const struct topology *t, double *rate)
{
	const double slack = 1e-9;	/* far above bisection's error */
	size_t open = t->nflows;

	for (size_t i = 0; i < t->nflows; i++)
		rate[i] = -1.0;
	while (open > 0) {
		double level = highest_level(t, rate);
		double next[MOST_FLOWS];

		for (size_t i = 0; i < t->nflows; i++) {
			double raised[MOST_FLOWS];

			next[i] = rate[i];
			if (rate[i] >= 0.0)
				continue;
			/* could this one alone have more? */
			for (size_t k = 0; k < t->nflows; k++)
				raised[k] = rate[k] < 0.0 ? level : rate[k];
			raised[i] = level * (1.0 + slack);
			if (!fits(t, raised, 0.0)) {
				next[i] = level;
				open--;
			}
		}
		for (size_t i = 0; i < t->nflows; i++)
			rate[i] = next[i];
	}
}

START_TEST(bisection_finds_the_same_rates)
{
	enum { SMALL = 400 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double rate[MOST_FLOWS], expected[MOST_FLOWS];
	struct topology t;
	size_t done = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < SMALL; done++) {
		/* of one magnitude, so that the slack above is enough */
		draw(rng, (unsigned)(done % 2), &t);
		if (t.nflows > 12)
			t.nflows = 12;
		fair_share(t.capacity, t.nlinks, t.route, t.nflows, rate);
		brute_force(&t, expected);
		for (size_t i = 0; i < t.nflows; i++)
			if (gsl_fcmp(rate[i], expected[i], 1e-7) != 0)
				ck_abort_msg("case %zu: flow %zu at %.17g, "
					     "bisection %.17g", done, i,
					     rate[i], expected[i]);
	}
	ck_assert_uint_eq(done, SMALL);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/fair_share");
	TCase *tc = tcase_create("rates");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_lone_flow_takes_its_narrowest_link);
	tcase_add_test(tc, no_flow_no_rate);
	tcase_add_test(tc, what_one_cannot_use_goes_to_the_others);
	tcase_add_test(tc, a_chain_fills_in_the_order_of_its_bottlenecks);
	tcase_add_test(tc, all_links_may_be_used);
	tcase_add_test(tc, every_flow_has_a_bottleneck);
	tcase_add_test(tc, bisection_finds_the_same_rates);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
