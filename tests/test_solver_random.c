/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small programs against enumeration, and those without an optimum. */
#include "lp/solver.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { CASES = 500, SEED = 46337, PLANES = 4 };

/* GLPK's tolerances, primal and dual (GLPK manual, tol_bnd, tol_dj). */
#define GLPK_TOLERANCE 1e-7

static const double none = INFINITY;

/* One variable in [lo, hi], with 2x in [row_lo, row_hi]. */
static enum status solve_one(double lo, double hi, double row_lo,
			     double row_hi, bool integer, double cost,
			     double *x, struct diag *d)
{
	struct solver *s = solver_new();
	size_t column = solver_add_column(s, "x", lo, hi, cost, integer);
	enum status st;

	solver_add_row(s, "row", row_lo, row_hi,
		       (struct solver_term[]){ { column, 2.0 } }, 1);
	st = solver_solve(s, d);
	if (st == STATUS_OK)
		*x = solver_value(s, column);
	solver_free(s);
	return st;
}

START_TEST(no_feasible_point_is_infeasible)
{
	static const struct {
		double lo, hi, row_lo, row_hi;
		bool integer;
	} cases[] = {
		{ 0.0, 2.385, 5.0, INFINITY, false },
		{ 0.0, 3.0, 7.0, INFINITY, true },
		{ 0.0, 9.0, 5.0, 5.5, true },		/* feasible relaxed */
	};
	const size_t n = sizeof cases / sizeof cases[0];
	double x = 2.385;

	for (size_t i = 0; i < n; i++) {
		struct diag d = { "" };

		ck_assert_int_eq(solve_one(cases[i].lo, cases[i].hi,
					   cases[i].row_lo, cases[i].row_hi,
					   cases[i].integer, 1.0, &x, &d),
				 STATUS_INFEASIBLE);
		ck_assert_str_eq(d.text,
				 "the program has no feasible point");
	}
}
END_TEST

START_TEST(an_empty_interval_is_infeasible)
{
	struct diag d = { "" };
	double x = 2.385;

	ck_assert_int_eq(solve_one(3.5, 2.5, -none, none, false, 1.0, &x,
				   &d), STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, "the program has no feasible point");
	ck_assert_int_eq(solve_one(0.0, 9.0, 7.5, 4.5, false, 1.0, &x, &d),
			 STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, "the program has no feasible point");
}
END_TEST

START_TEST(an_integer_may_have_uneven_bounds)
{
	struct diag d = { "" };
	double x = 2.385;

	ck_assert_int_eq(solve_one(0.25, 10.75, -none, none, true, -1.0, &x,
				   &d), STATUS_OK);
	ck_assert_double_eq(x, 10.0);
	ck_assert_int_eq(solve_one(0.25, 10.75, -none, none, true, 1.0, &x,
				   &d), STATUS_OK);
	ck_assert_double_eq(x, 1.0);
	ck_assert_int_eq(solve_one(0.25, 0.75, -none, none, true, 1.0, &x,
				   &d), STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, "the program has no feasible point");
}
END_TEST

START_TEST(no_bound_is_reported)
{
	for (int integer = 0; integer < 2; integer++) {
		struct diag d = { "" };
		double x;

		ck_assert_int_eq(solve_one(0.0, none, 5.0, none, integer,
					   -2.385, &x, &d), STATUS_SOLVER);
		ck_assert_str_eq(d.text,
				 "the program has no bounded optimum");
	}
}
END_TEST

/* min cost.x over lo <= x <= hi and planes.x <= limit, in two variables. */
struct program {
	double lo[2], hi[2], cost[2];
	double plane[PLANES][2], limit[PLANES];
};

/* Small whole numbers, so that vertices coincide and planes are parallel. */
static void draw(gsl_rng *rng, struct program *p)
{
	for (size_t k = 0; k < 2; k++) {
		p->lo[k] = -(double)gsl_rng_uniform_int(rng, 6);
		p->hi[k] = (double)gsl_rng_uniform_int(rng, 6);
		p->cost[k] = (double)gsl_rng_uniform_int(rng, 9) - 4.0;
	}
	for (size_t i = 0; i < PLANES; i++) {
		for (size_t k = 0; k < 2; k++)
			p->plane[i][k] =
				(double)gsl_rng_uniform_int(rng, 9) - 4.0;
		p->limit[i] = (double)gsl_rng_uniform_int(rng, 40) / 4.0 -
			      2.5;
	}
}

static enum status solve(const struct program *p, bool integer, double x[2],
			 double *objective)
{
	struct diag d = { "" };
	struct solver *s = solver_new();
	enum status st;

	for (size_t k = 0; k < 2; k++)
		solver_add_column(s, k ? "y" : "x", p->lo[k], p->hi[k],
				  p->cost[k], integer);
	for (size_t i = 0; i < PLANES; i++)
		solver_add_row(s, "plane", -none, p->limit[i],
			       (struct solver_term[]){ { 0, p->plane[i][0] },
						{ 1, p->plane[i][1] } }, 2);
	st = solver_solve(s, &d);
	if (st == STATUS_OK) {
		for (size_t k = 0; k < 2; k++)
			x[k] = solver_value(s, k);
		*objective = solver_objective(s);
	}
	solver_free(s);
	return st;
}

static bool feasible(const struct program *p, const double x[2], double slack)
{
	for (size_t k = 0; k < 2; k++)
		if (x[k] < p->lo[k] - slack || x[k] > p->hi[k] + slack)
			return false;
	for (size_t i = 0; i < PLANES; i++)
		if (p->plane[i][0] * x[0] + p->plane[i][1] * x[1] >
		    p->limit[i] + slack)
			return false;
	return true;
}

static double objective_at(const struct program *p, const double x[2])
{
	return p->cost[0] * x[0] + p->cost[1] * x[1];
}

/* Side `i` of the feasible set as a line: a.x = *b. */
static void side(const struct program *p, size_t i, double a[2], double *b)
{
	if (i < PLANES) {
		a[0] = p->plane[i][0];
		a[1] = p->plane[i][1];
		*b = p->limit[i];
		return;
	}
	i -= PLANES;
	a[0] = i < 2 ? 1.0 : 0.0;
	a[1] = 1.0 - a[0];
	*b = i % 2 ? p->hi[i / 2] : p->lo[i / 2];
}

/* The best vertex; INFINITY if there is none. */
static double best_vertex(const struct program *p)
{
	double best = INFINITY;

	for (size_t i = 0; i < PLANES + 4; i++)
		for (size_t j = 0; j < i; j++) {
			double a[2], b, c[2], e, det, x[2];

			side(p, i, a, &b);
			side(p, j, c, &e);
			det = a[0] * c[1] - a[1] * c[0];
			if (det == 0.0)
				continue;
			x[0] = (b * c[1] - a[1] * e) / det;
			x[1] = (a[0] * e - b * c[0]) / det;
			if (feasible(p, x, 1e-9))
				best = fmin(best, objective_at(p, x));
		}
	return best;
}

static double best_whole_point(const struct program *p)
{
	double best = INFINITY, x[2];

	for (x[0] = p->lo[0]; x[0] <= p->hi[0]; x[0] += 1.0)
		for (x[1] = p->lo[1]; x[1] <= p->hi[1]; x[1] += 1.0)
			if (feasible(p, x, 0.0))
				best = fmin(best, objective_at(p, x));
	return best;
}

START_TEST(small_programs_match_enumeration)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, infeasible = 0, apart = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct program p;
		double best[2], x[2], value;

		draw(rng, &p);
		best[0] = best_vertex(&p);
		best[1] = best_whole_point(&p);
		infeasible += isinf(best[1]) != 0;
		apart += best[0] != best[1];
		for (int integer = 0; integer < 2; integer++) {
			enum status st = solve(&p, integer, x, &value);

			if (isinf(best[integer])) {
				ck_assert_int_eq(st, STATUS_INFEASIBLE);
				continue;
			}
			ck_assert_int_eq(st, STATUS_OK);
			ck_assert(feasible(&p, x, 10.0 * GLPK_TOLERANCE));
			ck_assert_double_eq_tol(objective_at(&p, x), value,
						1e-9);
			ck_assert_double_eq_tol(value, best[integer],
						100.0 * GLPK_TOLERANCE);
			if (integer)
				ck_assert(x[0] == floor(x[0]) &&
					  x[1] == floor(x[1]));
		}
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_ge(infeasible, CASES / 20);
	ck_assert_uint_ge(apart, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/* Everything that goes to the terminal while programs are solved. */
static long bytes_printed(void)
{
	FILE *sink = tmpfile();
	int saved[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	double x[2], value;
	struct diag d;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	long size;

	ck_assert_ptr_nonnull(sink);
	fflush(NULL);
	dup2(fileno(sink), STDOUT_FILENO);
	dup2(fileno(sink), STDERR_FILENO);
	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < 20; i++) {
		struct program p;

		draw(rng, &p);
		if (solve(&p, i % 2, x, &value) == STATUS_OK)
			continue;
	}
	if (solve_one(0.0, none, 5.0, none, false, -1.0, x, &d) == STATUS_OK)
		fputs("bounded", stdout);
	if (solve_one(0.5, 0.75, 0.0, 9.0, true, 1.0, x, &d) == STATUS_OK)
		fputs("feasible", stdout);
	fflush(NULL);
	fseek(sink, 0, SEEK_END);
	size = ftell(sink);
	dup2(saved[0], STDOUT_FILENO);
	dup2(saved[1], STDERR_FILENO);
	close(saved[0]);
	close(saved[1]);
	fclose(sink);
	gsl_rng_free(rng);
	return size;
}

START_TEST(glpk_prints_nothing)
{
	ck_assert_int_eq(bytes_printed(), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/solver, random");
	TCase *tc = tcase_create("programs");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, no_feasible_point_is_infeasible);
	tcase_add_test(tc, an_empty_interval_is_infeasible);
	tcase_add_test(tc, an_integer_may_have_uneven_bounds);
	tcase_add_test(tc, no_bound_is_reported);
	tcase_add_test(tc, small_programs_match_enumeration);
	tcase_add_test(tc, glpk_prints_nothing);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
