/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/histogram.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>

#include "base/xalloc.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { NUMBERS = 5000, SEED = 90210 };

/* Half a bin, relatively. */
static const double RESOLUTION = 1.0 / 32768.0;

static void check(const struct histogram *h, const double *sorted, size_t n)
{
	static const double shares[] = { 1e-9, 0.01, 0.5, 0.95, 0.99, 1.0 };

	ck_assert_uint_eq(h->n, n);
	for (size_t i = 0; i < 6; i++) {
		size_t rank = (size_t)ceil(shares[i] * (double)n);
		double exact = sorted[rank - 1];

		ck_assert_double_eq_tol(histogram_percentile(h, shares[i]),
					exact, RESOLUTION * exact);
	}
}

/* Against sorting, over one decade and over many. */
START_TEST(percentiles_are_those_of_the_sorted_numbers)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double *x = xcalloc(NUMBERS, sizeof *x);

	gsl_rng_set(rng, SEED);
	for (size_t n = 1; n <= NUMBERS; n = 3 * n + 1) {
		struct histogram h = { .n = 0 };
		double high = n % 2 ? 1e-2 : 1e3;

		for (size_t i = 0; i < n; i++) {
			x[i] = random_case_log(rng, 1e-3, high);
			histogram_add(&h, x[i]);
		}
		gsl_sort(x, 1, n);
		check(&h, x, n);
		histogram_clear(&h);
	}
	free(x);
	gsl_rng_free(rng);
}
END_TEST

/* In parts, which overlap or not, and in any order: the same. */
START_TEST(parts_merge)
{
	enum { PARTS = 3 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double *x = xcalloc(NUMBERS, sizeof *x);
	struct histogram part[PARTS] = { { .n = 0 } };
	struct histogram up = { .n = 0 }, down = { .n = 0 };

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < NUMBERS; i++) {
		size_t p = i % PARTS;

		x[i] = random_case_log(rng, p == 1 ? 0.2 : 3.0,
				       p == 1 ? 0.7 : 5.0);
		histogram_add(&part[p], x[i]);
	}
	for (size_t p = 0; p < PARTS; p++)
		histogram_merge(&up, &part[p]);
	for (size_t p = PARTS; p-- > 0;)
		histogram_merge(&down, &part[p]);
	histogram_merge(&up, &(struct histogram){ .n = 0 });
	gsl_sort(x, 1, NUMBERS);
	check(&up, x, NUMBERS);
	check(&down, x, NUMBERS);
	for (double p = 0.05; p < 1.0; p += 0.05)
		ck_assert_double_eq(histogram_percentile(&up, p),
				    histogram_percentile(&down, p));
	for (size_t p = 0; p < PARTS; p++)
		histogram_clear(&part[p]);
	histogram_clear(&up);
	histogram_clear(&down);
	ck_assert_uint_eq(up.n, 0);
	free(x);
	gsl_rng_free(rng);
}
END_TEST

/* A million numbers need no more memory than a thousand. */
START_TEST(memory_is_of_the_range_alone)
{
	struct histogram h = { .n = 0 };
	size_t bins;

	for (size_t i = 0; i < 1000; i++)
		histogram_add(&h, 0.5 + 1e-3 * (double)i);
	bins = h.bins;
	ck_assert_uint_lt(bins, 2 << (HISTOGRAM_BITS + 1));
	for (size_t i = 0; i < 1000000; i++)
		histogram_add(&h, 0.5 + 0.9e-6 * (double)i);
	ck_assert_uint_eq(h.bins, bins);
	ck_assert_uint_eq(h.n, 1001000);
	histogram_clear(&h);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/histogram");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, percentiles_are_those_of_the_sorted_numbers);
	tcase_add_test(tc, parts_merge);
	tcase_add_test(tc, memory_is_of_the_range_alone);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
