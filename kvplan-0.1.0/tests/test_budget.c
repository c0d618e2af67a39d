/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include <gsl/gsl_rng.h>

#include "lp/budget.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { N = 3, CASES = 12 };

/*
 * A time of factors f: the longest of a few rows sum a_i / f_i + rest, and,
 * where `swap` is above 0, a part that either of the first two can do:
 * swap / (f_0 + 2 f_1).
 */
struct shape {
	size_t n, rows;
	double a[N][N], rest[N], swap;
	size_t calls;
};

static enum status shape_time(void *context, const double *x, double *time_s,
			      struct diag *d)
{
	struct shape *s = context;
	double longest = 0.0;

	(void)d;
	s->calls++;
	for (size_t k = 0; k < s->rows; k++) {
		double sum = s->rest[k];

		for (size_t i = 0; i < s->n; i++)
			sum += s->a[k][i] * exp2(-x[i]);
		longest = fmax(longest, sum);
	}
	if (s->swap > 0.0)
		longest += s->swap / (exp2(x[0]) + 2.0 * exp2(x[1]));
	*time_s = longest;
	return STATUS_OK;
}

static struct budget ask(struct shape *s, double target_s)
{
	return (struct budget){ .n = s->n, .cost = { 1.0, 1.0, 1.0 },
				.target_s = target_s, .time = shape_time,
				.context = s, .most_times = 100000 };
}

static struct budget_answer cheapest(const struct budget *b)
{
	struct budget_answer a = { .cost = NAN };
	struct diag d;

	ck_assert_int_eq(budget_cheapest(b, 1e-3, &a, &d), STATUS_OK);
	return a;
}

START_TEST(test_longer_of_two)
{
	struct shape s = { .n = 2, .rows = 2,
			   .a = { { 2.385, 0.0 }, { 0.0, 7.1 } } };
	struct budget b = ask(&s, 1.3);
	struct budget_answer a = cheapest(&b);

	/* each must come down by itself */
	ck_assert_double_eq_tol(a.x[0], log2(2.385 / 1.3), 1e-3);
	ck_assert_double_eq_tol(a.x[1], log2(7.1 / 1.3), 1e-3);
	ck_assert_double_le(a.time_s, 1.3);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(budget_alone(&b, i, &a, &(struct diag){ "" }),
				 STATUS_OK);
		ck_assert(isinf(a.cost));
		ck_assert_double_eq_tol(a.time_s, i == 0 ? 7.1 : 2.385, 1e-5);
	}
}
END_TEST

START_TEST(test_one_after_another)
{
	struct shape s = { .n = 2, .rows = 1, .a = { { 3.7, 2.9 } } };
	struct budget b = ask(&s, 1.1);
	struct budget_answer a;

	/* Lagrange: what is left of each is as its cost */
	b.cost[0] = 1.5;
	b.cost[1] = 0.7;
	a = cheapest(&b);
	ck_assert_double_eq_tol(a.cost,
				1.5 * log2(3.7 / (1.1 * 1.5 / 2.2)) +
					0.7 * log2(2.9 / (1.1 * 0.7 / 2.2)),
				2e-3 * a.cost);
	ck_assert_double_le(a.slack, 1e-3 * a.cost + 1e-12);
	ck_assert_int_eq(budget_alone(&b, 0, &a, &(struct diag){ "" }),
			 STATUS_OK);
	ck_assert(isinf(a.cost));
}
END_TEST

/* Of what can stand in for one another, one alone is the cheapest. */
START_TEST(test_instead_of_one_another)
{
	struct shape s = { .n = 2, .swap = 9.0 };
	struct budget b = ask(&s, 1.0);
	struct budget_answer a = cheapest(&b);

	/* f_0 + 2 f_1 = 9: (7, 1), log2 7; or (1, 4), log2 4 */
	ck_assert_double_eq_tol(a.x[0], 0.0, 1e-3);
	ck_assert_double_eq_tol(a.x[1], 2.0, 1e-3);
	b.cost[1] = 2.0;
	a = cheapest(&b);
	ck_assert_double_eq_tol(a.x[0], log2(7.0), 1e-3);
	ck_assert_double_eq_tol(a.x[1], 0.0, 1e-3);
}
END_TEST

/* The least cost on a grid of 1/STEPS doublings, by trying all. */
static double by_grid(const struct budget *b, size_t steps, double most)
{
	size_t across = (size_t)(most * (double)steps) + 1, total = 1;
	double least = INFINITY;

	for (size_t i = 0; i < b->n; i++)
		total *= across;
	for (size_t k = 0; k < total; k++) {
		double x[BUDGET_MOST] = { 0.0 }, cost = 0.0, time_s;
		size_t rest = k;

		for (size_t i = 0; i < b->n; i++) {
			x[i] = (double)(rest % across) / (double)steps;
			cost += b->cost[i] * x[i];
			rest /= across;
		}
		if (cost >= least)
			continue;
		ck_assert_int_eq(shape_time(b->context, x, &time_s,
					    &(struct diag){ "" }), STATUS_OK);
		if (time_s <= b->target_s)
			least = cost;
	}
	return least;
}

static void check_against_grid(size_t n, size_t steps, double most)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t reached = 0;

	gsl_rng_set(r, 20261121 + n);
	for (size_t k = 0; k < CASES; k++) {
		struct shape s = { .n = n, .rows = n };
		struct budget b;
		struct budget_answer a;
		double grid, all = 0.0, time_s;
		double x[BUDGET_MOST] = { 0.0 };

		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j < n; j++)
				s.a[i][j] = random_case_log(r, 0.01, 1.0);
			s.rest[i] = 0.1 * gsl_rng_uniform(r);
		}
		s.swap = k % 2 == 0 ? random_case_log(r, 0.1, 5.0) : 0.0;
		b = ask(&s, 0.0);
		ck_assert_int_eq(shape_time(&s, x, &time_s,
					    &(struct diag){ "" }), STATUS_OK);
		b.target_s = time_s / (1.5 + gsl_rng_uniform(r));
		for (size_t i = 0; i < n; i++) {
			b.cost[i] = random_case_log(r, 0.5, 2.0);
			all += b.cost[i];
		}
		grid = by_grid(&b, steps, most);
		a = cheapest(&b);
		if (isinf(grid))
			continue;
		reached++;
		/* the grid's is an answer; the best rounded up is on it */
		ck_assert_double_le(a.cost, grid * 1.001 + 1e-3);
		ck_assert_double_ge(a.cost, grid - all / (double)steps);
		ck_assert_double_le(a.time_s, b.target_s);
	}
	ck_assert_uint_ge(reached, CASES / 2);
	gsl_rng_free(r);
}

START_TEST(test_grid_of_two)
{
	check_against_grid(2, 64, 6.0);
}
END_TEST

START_TEST(test_grid_of_three)
{
	check_against_grid(3, 12, 5.0);
}
END_TEST

START_TEST(test_nothing_needed)
{
	struct shape s = { .n = 2, .rows = 1, .a = { { 3.7, 2.9 } } };
	struct budget b = ask(&s, 6.7);
	struct budget_answer a = cheapest(&b);

	ck_assert_double_eq(a.cost, 0.0);
	ck_assert_double_eq(a.x[0], 0.0);
	ck_assert_double_eq(a.x[1], 0.0);
}
END_TEST

START_TEST(test_out_of_reach)
{
	struct shape s = { .n = 2, .rows = 1, .a = { { 3.7, 2.9 } },
			   .rest = { 0.5 } };
	struct budget b = ask(&s, 0.5);
	struct budget_answer a = cheapest(&b);

	ck_assert(isinf(a.cost));
	ck_assert_double_eq_tol(a.time_s, 0.5, 1e-4);
}
END_TEST

/* It stops when told, and says how much it may have missed. */
START_TEST(test_stopped)
{
	struct shape s = { .n = 3, .rows = 1, .a = { { 3.7, 2.9, 1.3 } } };
	struct budget b = ask(&s, 1.1);
	struct budget_answer full = cheapest(&b), early;

	s.calls = 0;
	b.most_times = 120;
	early = cheapest(&b);
	ck_assert_uint_le(s.calls, 250);
	ck_assert_double_gt(early.slack, 0.0);
	ck_assert_double_le(early.cost - early.slack, full.cost + 1e-9);
	ck_assert_double_ge(early.cost, full.cost - full.slack - 1e-9);
	ck_assert_double_le(early.time_s, 1.1);
}
END_TEST

static enum status refuse(void *context, const double *x, double *time_s,
			  struct diag *d)
{
	(void)context;
	*time_s = 2.385;
	return x[0] > 0.0 ? diag_fail(d, STATUS_SOLVER, "no more")
			  : STATUS_OK;
}

START_TEST(test_failure)
{
	const struct budget b = { .n = 1, .cost = { 1.0 }, .target_s = 1.0,
				  .time = refuse, .most_times = 100 };
	struct budget_answer a = { .cost = 2.385 };
	struct diag d = { "" };

	ck_assert_int_eq(budget_cheapest(&b, 0.01, &a, &d), STATUS_SOLVER);
	ck_assert_str_eq(d.text, "no more");
	ck_assert_double_eq(a.cost, 2.385);
	ck_assert_int_eq(budget_alone(&b, 0, &a, &d), STATUS_SOLVER);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("budget");
	TCase *t = tcase_create("budget");

	tcase_add_test(t, test_longer_of_two);
	tcase_add_test(t, test_one_after_another);
	tcase_add_test(t, test_instead_of_one_another);
	tcase_add_test(t, test_grid_of_two);
	tcase_add_test(t, test_grid_of_three);
	tcase_add_test(t, test_nothing_needed);
	tcase_add_test(t, test_out_of_reach);
	tcase_add_test(t, test_stopped);
	tcase_add_test(t, test_failure);
	suite_add_tcase(s, t);
	return harness_run(s);
}
