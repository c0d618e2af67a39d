/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/solver.h"

#include <math.h>
#include <time.h>

#include "tests/harness.h"

static const double none = INFINITY;

/*
 * Dantzig's factory, in uneven numbers: most of 3x + 5y with x <= 4.25,
 * 2y <= 12.5, 3x + 2y <= 18.5.  Its optimum is x = 2, y = 6.25.
 */
static struct solver *factory(size_t column[2])
{
	struct solver *s = solver_new();

	column[0] = solver_add_column(s, "x", 0.0, none, -3.0, false);
	column[1] = solver_add_column(s, "y", 0.0, none, -5.0, false);
	solver_add_row(s, "one", -none, 4.25,
		       (struct solver_term[]){ { column[0], 1.0 } }, 1);
	solver_add_row(s, "two", -none, 12.5,
		       (struct solver_term[]){ { column[1], 2.0 } }, 1);
	solver_add_row(s, "three", -none, 18.5,
		       (struct solver_term[]){ { column[0], 3.0 },
					       { column[1], 2.0 } }, 2);
	return s;
}

START_TEST(a_known_optimum_and_its_duals)
{
	struct diag d = { "untouched" };
	size_t column[2];
	struct solver *s = factory(column);

	ck_assert_uint_eq(column[0], 0);
	ck_assert_uint_eq(column[1], 1);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	ck_assert_double_eq_tol(solver_value(s, column[0]), 2.0, 1e-9);
	ck_assert_double_eq_tol(solver_value(s, column[1]), 6.25, 1e-9);
	ck_assert_double_eq_tol(solver_objective(s), -37.25, 1e-9);
	/* y's cost is worth 5/2 - 1 of row two, x's a unit of row three */
	ck_assert_double_eq_tol(solver_dual(s, 0), 0.0, 1e-9);
	ck_assert_double_eq_tol(solver_dual(s, 1), -1.5, 1e-9);
	ck_assert_double_eq_tol(solver_dual(s, 2), -1.0, 1e-9);
	ck_assert_str_eq(d.text, "untouched");
	solver_free(s);
	solver_free(NULL);
}
END_TEST

START_TEST(every_kind_of_bound_holds)
{
	struct diag d = { "" };
	struct solver *s = solver_new();
	size_t low, high, both, fixed, free_one;

	low = solver_add_column(s, "low", -2.385, none, 1.0, false);
	high = solver_add_column(s, "high", -none, 7.25, -1.0, false);
	both = solver_add_column(s, "both", -3.5, 4.5, -2.0, false);
	fixed = solver_add_column(s, "fixed", 1.125, 1.125, -9.0, false);
	free_one = solver_add_column(s, NULL, -none, none, 1.0, false);
	solver_add_row(s, NULL, -6.75, 20.0,
		       (struct solver_term[]){ { free_one, 2.0 } }, 1);
	solver_add_row(s, "not bound", -none, none,
		       (struct solver_term[]){ { low, 1.0 } }, 1);
	solver_add_row(s, "equal", 5.5, 5.5,
		       (struct solver_term[]){ { high, 1.0 },
					       { low, 1.0 },
					       { both, 0.5 } }, 3);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	/* low + high = 3.25 at both = 4.5; high - low grows to the bounds */
	ck_assert_double_eq_tol(solver_value(s, both), 4.5, 1e-9);
	ck_assert_double_eq_tol(solver_value(s, low), -2.385, 1e-9);
	ck_assert_double_eq_tol(solver_value(s, high), 5.635, 1e-9);
	ck_assert_double_eq_tol(solver_value(s, fixed), 1.125, 1e-9);
	ck_assert_double_eq_tol(solver_value(s, free_one), -3.375, 1e-9);
	ck_assert_double_eq_tol(solver_objective(s),
				-2.385 - 5.635 - 9.0 - 10.125 - 3.375, 1e-9);
	solver_free(s);
}
END_TEST

START_TEST(a_program_may_grow_and_be_solved_again)
{
	struct diag d = { "" };
	size_t column[2];
	struct solver *s = factory(column);

	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	solver_add_row(s, "four", -none, 5.75,
		       (struct solver_term[]){ { column[0], 1.0 },
					       { column[1], 1.0 } }, 2);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	ck_assert_double_eq_tol(solver_value(s, column[0]), 0.0, 1e-9);
	ck_assert_double_eq_tol(solver_value(s, column[1]), 5.75, 1e-9);
	ck_assert_double_eq_tol(solver_dual(s, 3), -5.0, 1e-9);
	solver_free(s);
}
END_TEST

START_TEST(integers_are_whole)
{
	struct diag d = { "" };
	struct solver *s = solver_new();
	size_t x = solver_add_column(s, "x", 0.0, 40.0, -5.0, true);
	size_t y = solver_add_column(s, "y", 0.0, 40.0, -4.0, true);

	/* relaxed: x = 3.75, y = 1.25, -23.75; rounded down: -19 */
	solver_add_row(s, "area", -none, 5.0,
		       (struct solver_term[]){ { x, 1.0 }, { y, 1.0 } }, 2);
	solver_add_row(s, "work", -none, 45.0,
		       (struct solver_term[]){ { x, 10.0 }, { y, 6.0 } }, 2);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	ck_assert_double_eq(solver_value(s, x), 3.0);
	ck_assert_double_eq(solver_value(s, y), 2.0);
	ck_assert_double_eq_tol(solver_objective(s), -23.0, 1e-9);
	solver_free(s);
}
END_TEST

/* Duals against a moved bound, where the optimum stays at its vertex. */
START_TEST(duals_are_the_worth_of_a_bound)
{
	const double bound[3] = { 4.25, 12.5, 18.5 }, delta = 0.125;
	double base, moved;

	for (size_t row = 0; row < 3; row++) {
		struct diag d = { "" };
		size_t column[2];
		struct solver *s = factory(column), *t = factory(column);
		struct solver_term terms[] = { { column[0], 1.0 },
					       { column[1], 0.0 } };

		if (row == 1)
			terms[0].coefficient = 0.0;
		if (row == 2)
			terms[0].coefficient = 3.0;
		if (row > 0)
			terms[1].coefficient = 2.0;
		/* a tighter copy of the row */
		solver_add_row(t, "tighter", -none, bound[row] - delta,
			       terms, 2);
		ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
		ck_assert_int_eq(solver_solve(t, &d), STATUS_OK);
		base = solver_objective(s);
		moved = solver_objective(t);
		ck_assert_double_eq_tol(moved - base,
					-delta * solver_dual(s, row), 1e-9);
		solver_free(s);
		solver_free(t);
	}
}
END_TEST

/* x >= 1 is overstepped by what the tolerance allows, and no further. */
START_TEST(a_tolerance_may_be_set)
{
	static const double tolerances[] = { 1e-3, 1e-7, 1e-10 };

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 2; k++) {
			struct diag d = { "" };
			struct solver *s = solver_new();
			double t = tolerances[i], beyond = k ? 3.0 : 0.3;
			size_t x = solver_add_column(s, "x", 0.0, 1.0, 0.0,
						     false);
			size_t y = solver_add_column(s, "y", 0.0, 1.0, 0.0,
						     false);

			/* x + y as much as 2 + beyond t, each at most 1 */
			solver_add_row(s, "sum", 2.0 + beyond * t, none,
				       (struct solver_term[]){ { x, 1.0 },
							       { y, 1.0 } },
				       2);
			solver_set_tolerance(s, t);
			ck_assert_int_eq(solver_solve(s, &d),
					 k ? STATUS_INFEASIBLE : STATUS_OK);
			solver_free(s);
		}
}
END_TEST

/*
 * Jeroslow's program: 2 (x_1 + ... + x_41) + y = 41 with y in {0, 1} to be as
 * small as possible.  y = 1 alone will do, but branching finds that out only
 * after about 2^20 nodes.
 */
static struct solver *jeroslow(void)
{
	enum { N = 41 };
	struct solver_term terms[N + 1];
	struct solver *s = solver_new();

	for (size_t i = 0; i < N; i++)
		terms[i] = (struct solver_term){
			solver_add_column(s, NULL, 0.0, 1.0, 0.0, true), 2.0
		};
	terms[N] = (struct solver_term){
		solver_add_column(s, "y", 0.0, 1.0, 1.0, true), 1.0
	};
	solver_add_row(s, "odd", N, N, terms, N + 1);
	return s;
}

START_TEST(a_time_limit_ends_it)
{
	static const double limits[] = { 0.0, 0.0301, 0.125 };
	static const char *const messages[] = {
		"the time limit of 0 s ended before the program was solved",
		"the time limit of 0.0301 s ended before the program was "
		"solved",
		"the time limit of 0.125 s ended before the program was "
		"solved",
	};

	for (size_t i = 0; i < 3; i++) {
		struct diag d = { "" };
		struct solver *s = jeroslow();
		struct timespec start, end;

		solver_set_limit(s, limits[i]);
		clock_gettime(CLOCK_MONOTONIC, &start);
		ck_assert_int_eq(solver_solve(s, &d), STATUS_SOLVER);
		clock_gettime(CLOCK_MONOTONIC, &end);
		ck_assert_str_eq(d.text, messages[i]);
		ck_assert_double_ge((double)(end.tv_sec - start.tv_sec) +
				    1e-9 * (double)(end.tv_nsec -
						    start.tv_nsec),
				    limits[i] - 2e-3);
		solver_free(s);
	}
}
END_TEST

/* A limit that is not reached changes nothing, and may be lifted again. */
START_TEST(a_time_limit_may_be_kept)
{
	struct diag d = { "" };
	size_t column[2];
	struct solver *s = factory(column);

	solver_set_limit(s, 1e9);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	ck_assert_double_eq_tol(solver_objective(s), -37.25, 1e-9);
	solver_set_limit(s, INFINITY);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_OK);
	solver_free(s);
	s = factory(column);
	solver_set_limit(s, 0.0);
	ck_assert_int_eq(solver_solve(s, &d), STATUS_SOLVER);
	solver_free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/solver");
	TCase *tc = tcase_create("programs");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_known_optimum_and_its_duals);
	tcase_add_test(tc, every_kind_of_bound_holds);
	tcase_add_test(tc, a_program_may_grow_and_be_solved_again);
	tcase_add_test(tc, integers_are_whole);
	tcase_add_test(tc, duals_are_the_worth_of_a_bound);
	tcase_add_test(tc, a_tolerance_may_be_set);
	tcase_add_test(tc, a_time_limit_ends_it);
	tcase_add_test(tc, a_time_limit_may_be_kept);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
