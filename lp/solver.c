/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/solver.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

#include <glpk.h>

#include "base/xalloc.h"

struct solver {
	glp_prob *problem;
	bool has_integers;
	double limit_s;			/* INFINITY: none */
	double tolerance;
};

/* GLPK's own (tol_bnd and tol_dj in its manual). */
#define GLPK_TOLERANCE 1e-7

struct solver *solver_new(void)
{
	struct solver *s = xcalloc(1, sizeof *s);

	glp_term_out(GLP_OFF);
	s->problem = glp_create_prob();
	glp_set_obj_dir(s->problem, GLP_MIN);
	s->limit_s = INFINITY;
	s->tolerance = GLPK_TOLERANCE;
	return s;
}

void solver_set_tolerance(struct solver *s, double tolerance)
{
	assert(tolerance > 0.0 && tolerance < 1.0);
	s->tolerance = tolerance;
}

void solver_set_limit(struct solver *s, double limit_s)
{
	assert(limit_s >= 0.0);
	s->limit_s = limit_s;
}

void solver_free(struct solver *s)
{
	if (s == NULL)
		return;
	glp_delete_prob(s->problem);
	free(s);
}

static int bound_type(double lo, double hi)
{
	if (isinf(lo))
		return isinf(hi) ? GLP_FR : GLP_UP;
	if (isinf(hi))
		return GLP_LO;
	return lo != hi ? GLP_DB : GLP_FX;
}

void solver_end_thread(void)
{
	glp_free_env();
}

size_t solver_add_column(struct solver *s, const char *name, double lo,
			 double hi, double cost, bool integer)
{
	int j = glp_add_cols(s->problem, 1);

	if (integer) {		/* GLPK wants whole bounds for those */
		lo = ceil(lo);
		hi = floor(hi);
	}
	glp_set_col_name(s->problem, j, name);
	glp_set_col_bnds(s->problem, j, bound_type(lo, hi), lo, hi);
	glp_set_obj_coef(s->problem, j, cost);
	if (integer) {
		glp_set_col_kind(s->problem, j, GLP_IV);
		s->has_integers = true;
	}
	return (size_t)j - 1;
}

void solver_add_row(struct solver *s, const char *name, double lo, double hi,
		    const struct solver_term *terms, size_t n)
{
	int i = glp_add_rows(s->problem, 1);
	int *columns = xcalloc(n + 1, sizeof *columns);	/* GLPK's from 1 */
	double *values = xcalloc(n + 1, sizeof *values);

	for (size_t t = 0; t < n; t++) {
		columns[t + 1] = (int)terms[t].column + 1;
		values[t + 1] = terms[t].coefficient;
	}
	glp_set_row_name(s->problem, i, name);
	glp_set_row_bnds(s->problem, i, bound_type(lo, hi), lo, hi);
	glp_set_mat_row(s->problem, i, (int)n, columns, values);
	free(columns);
	free(values);
}

static const char *code_name(int code)
{
	switch (code) {
	case GLP_EBADB:		return "GLP_EBADB";
	case GLP_ESING:		return "GLP_ESING";
	case GLP_ECOND:		return "GLP_ECOND";
	case GLP_EFAIL:		return "GLP_EFAIL";
	case GLP_EITLIM:	return "GLP_EITLIM";
	case GLP_EROOT:		return "GLP_EROOT";
	case GLP_ESTOP:		return "GLP_ESTOP";
	case GLP_EMIPGAP:	return "GLP_EMIPGAP";
	}
	return "an unknown code";
}

static enum status judge(const struct solver *s, int code, int state,
			 struct diag *d)
{
	if (code == GLP_EBOUND)		/* an interval that is empty */
		return diag_fail(d, STATUS_INFEASIBLE,
				 "the program has no feasible point");
	if (code == GLP_ETMLIM)
		return diag_fail(d, STATUS_SOLVER,
				 "the time limit of %g s ended before the "
				 "program was solved", s->limit_s);
	if (code != 0)
		return diag_fail(d, STATUS_SOLVER, "GLPK gave up with %s",
				 code_name(code));
	switch (state) {
	case GLP_OPT:
		return STATUS_OK;
	case GLP_NOFEAS:
		return diag_fail(d, STATUS_INFEASIBLE,
				 "the program has no feasible point");
	case GLP_UNBND:
		return diag_fail(d, STATUS_SOLVER,
				 "the program has no bounded optimum");
	}
	return diag_fail(d, STATUS_SOLVER, "GLPK ended without an optimum");
}

/* What is left of the time limit [ms], which began at `start` [ms]. */
static int left_ms(const struct solver *s, double start)
{
	double left = ceil(1e3 * s->limit_s) - (glp_time() - start);

	return (int)fmax(0.0, fmin(left, INT_MAX));
}

/*
 * Where many vertices are equally good, the simplex method may turn in a
 * circle, and GLPK does not notice.  After more steps than it takes, it is
 * tried from the start by another way to the optimum; last, as GLPK would
 * have it, with its own tolerance.
 */
static int simplex(const struct solver *s, double start)
{
	static const struct {
		int method, pricing;
		bool own_tolerance;
	} ways[] = {
		{ GLP_DUALP, GLP_PT_PSE, true },
		{ GLP_PRIMAL, GLP_PT_PSE, true },
		{ GLP_PRIMAL, GLP_PT_STD, true },
		{ GLP_DUALP, GLP_PT_STD, false },
	};
	glp_smcp p;
	int code = 0;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		glp_init_smcp(&p);
		p.msg_lev = GLP_MSG_OFF;
		p.meth = ways[i].method;
		p.pricing = ways[i].pricing;
		p.it_lim = 1000 + 50 * (glp_get_num_rows(s->problem) +
					glp_get_num_cols(s->problem));
		p.tm_lim = left_ms(s, start);
		if (!s->has_integers && ways[i].own_tolerance)
			p.tol_bnd = p.tol_dj = s->tolerance;
		if (i > 0)
			glp_std_basis(s->problem);
		code = glp_simplex(s->problem, &p);
		if (code != GLP_EITLIM && code != GLP_EFAIL &&
		    code != GLP_ESING && code != GLP_ECOND)
			break;
	}
	return code;
}

static enum status run(struct solver *s, struct diag *d)
{
	double start = glp_time();
	glp_iocp integer;
	int code = simplex(s, start);
	enum status st = judge(s, code, glp_get_status(s->problem), d);

	if (st != STATUS_OK || !s->has_integers)
		return st;
	glp_init_iocp(&integer);
	integer.msg_lev = GLP_MSG_OFF;
	integer.tm_lim = left_ms(s, start);
	code = glp_intopt(s->problem, &integer);
	return judge(s, code, glp_mip_status(s->problem), d);
}

/* GLPK calls this where it would abort() the process. */
static void recover(void *info)
{
	longjmp(*(jmp_buf *)info, 1);
}

enum status solver_solve(struct solver *s, struct diag *d)
{
	jmp_buf back;
	enum status st;

	if (setjmp(back) != 0) {
		/* the library's memory is in an unknown state: start afresh */
		glp_free_env();
		s->problem = glp_create_prob();
		return diag_fail(d, STATUS_SOLVER,
				 "GLPK stopped on an internal error");
	}
	glp_error_hook(recover, &back);
	st = run(s, d);
	glp_error_hook(NULL, NULL);
	return st;
}

double solver_value(const struct solver *s, size_t column)
{
	int j = (int)column + 1;

	return s->has_integers ? glp_mip_col_val(s->problem, j)
			       : glp_get_col_prim(s->problem, j);
}

double solver_objective(const struct solver *s)
{
	return s->has_integers ? glp_mip_obj_val(s->problem)
			       : glp_get_obj_val(s->problem);
}

double solver_dual(const struct solver *s, size_t row)
{
	assert(!s->has_integers);
	return glp_get_row_dual(s->problem, (int)row + 1);
}
