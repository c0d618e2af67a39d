/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/place.h"

#include <math.h>
#include <stddef.h>

#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/random_place.h"

enum { CASES = 120, SEED = 45103 };

/* Relative: GLPK decides to 1e-7 of each row. */
#define CLOSE 1e-6

/* The shares are some, they fit, and their time is what is claimed. */
static void check_whole(const struct place_result *r, size_t at)
{
	static const int first[] = { SHARE_WEIGHTS_GPU, SHARE_KV_GPU,
				     SHARE_HIDDEN_GPU, SHARE_COUNT };

	for (size_t kind = 0; kind < 3; kind++) {
		double sum = 0.0;

		for (int i = first[kind]; i < first[kind + 1]; i++) {
			ck_assert_double_ge(r->placement.share[i], 0.0);
			sum += r->placement.share[i];
		}
		ck_assert_double_eq_tol(sum, 1.0, 1e-9);
	}
	for (int m = 0; m < ROOM_COUNT; m++)
		if (r->outcome.memory[m] > r->costs.capacity[m] *
						   (1.0 + CLOSE))
			ck_abort_msg("case %zu: %s: %g of %g", at,
				     placement_memory_title(
					     (enum placement_memory)m),
				     r->outcome.memory[m],
				     r->costs.capacity[m]);
	for (int f = 0; f < PHASE_COUNT; f++) {
		double sum = 0.0;

		for (size_t a = 0; a < r->costs.narms[f]; a++)
			sum += r->arm[f][a];
		ck_assert_double_eq_tol(sum / r->costs.layers[f], 1.0, CLOSE);
	}
}

START_TEST(flexgen_finds_its_known_optimum)
{
	struct place_request r = random_place_opt30b(true);
	struct place_result at, open;

	r.batch = 32;
	r.num_batches = 5;
	at = random_place_search(&r);
	ck_assert_double_eq_tol(at.outcome.request_s, 4.510391164, 5e-10);
	check_whole(&at, 0);
	r.batch = r.num_batches = 0;
	open = random_place_search(&r);
	check_whole(&open, 1);
	ck_assert_double_lt(open.outcome.request_s, 4.510391164);
	ck_assert_double_eq_tol(open.outcome.request_s, 4.480938224, 5e-10);
	ck_assert_uint_eq(open.placement.batch, 28);
	ck_assert_uint_eq(open.placement.num_batches, 6);
	ck_assert_uint_le(open.programs, 300);
}
END_TEST

/* The policy that its authors measured, at 1.2 of the memory as they say. */
START_TEST(shares_may_be_given)
{
	struct place_request r = random_place_opt30b(true);
	struct place_result found;

	r.c.machine.memory_share = 1.2;
	r.fixed = (struct place_fixed){
		.given = true,
		.share = { { 0.2, 0.8, 0.0 }, { 0.0, 1.0, 0.0 },
			   { 0.0, 1.0, 0.0 } },
	};
	r.batch = 48;
	r.num_batches = 3;
	found = random_place_search(&r);
	check_whole(&found, 0);
	ck_assert_double_eq_tol(found.outcome.prefill_s, 210.670413, 5e-7);
	ck_assert_double_eq_tol(found.outcome.decode_s, 435.093665, 5e-7);
	ck_assert_double_eq(found.placement.share[SHARE_WEIGHTS_GPU], 0.2);
	ck_assert_double_eq(found.placement.share[SHARE_KV_HOST], 1.0);
	/* hidden state on disk is not searched for, but may be asked for */
	r.fixed.share[2][1] = 0.75;
	r.fixed.share[2][2] = 0.25;
	found = random_place_search(&r);
	check_whole(&found, 1);
	ck_assert_double_eq(found.placement.share[SHARE_HIDDEN_DISK], 0.25);
	/* kvplan decides how the KV on the host is attended to, and has room
	 * for the embeddings */
	r.c.flexgen = false;
	r.c.machine.memory_share = 1.3;
	found = random_place_search(&r);
	check_whole(&found, 2);
	ck_assert_double_gt(found.placement.share[SHARE_KV_SENT], 0.05);
	ck_assert_double_gt(found.placement.share[SHARE_KV_HOST], 0.05);
	ck_assert_double_eq_tol(found.placement.share[SHARE_KV_SENT] +
				found.placement.share[SHARE_KV_RECOMPUTED] +
				found.placement.share[SHARE_KV_HOST], 1.0,
				1e-9);
}
END_TEST

/* Every way to deal `parts` equal parts to the shares from `i` to `end`. */
struct grid {
	const struct placement_costs *costs;
	struct placement at;
	double best_s;
	size_t tried, feasible;
	int parts;
};

static void deal(struct grid *g, int i, int left)
{
	static const int last[] = { SHARE_WEIGHTS_DISK, SHARE_KV_DISK_HOST,
				    SHARE_HIDDEN_DISK };
	bool is_last = i == last[0] || i == last[1] || i == last[2];

	for (int mine = is_last ? left : 0; mine <= left; mine++) {
		if (mine > 0 && !g->costs->may[i])
			break;
		g->at.share[i] = (double)mine / g->parts;
		if (i + 1 < SHARE_COUNT) {
			deal(g, i + 1, is_last ? g->parts : left - mine);
		} else {
			struct placement_outcome o =
				placement_evaluate(g->costs, &g->at);
			bool fits = true;

			for (int m = 0; m < ROOM_COUNT; m++)
				fits = fits &&
				       o.memory[m] <= g->costs->capacity[m];
			g->tried++;
			g->feasible += fits;
			if (fits)
				g->best_s = fmin(g->best_s, o.request_s);
		}
	}
}

/* No placement of a grid is faster than the program's, at given sizes. */
START_TEST(the_program_is_no_worse_than_any_grid)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t solved = 0, feasible = 0, tight = 0;

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		bool flexgen = i % 2;
		struct place_request r = random_place_request(rng, flexgen);
		struct grid g = { .best_s = INFINITY,
				  .parts = flexgen ? 8 : 4 };
		struct placement_box x;
		struct placement_costs costs;
		struct place_result found;
		struct diag d;
		enum status s;

		if (r.c.machine.host_memory_bytes <= 0.0)
			continue;
		r.batch = random_case_size(rng, 1, 12);
		r.num_batches = random_case_size(rng, 1, 4);
		x = (struct placement_box){ r.batch, r.batch, r.num_batches,
					    r.num_batches };
		costs = placement_costs_make(&r.c, &x);
		g.costs = &costs;
		g.at.batch = r.batch;
		g.at.num_batches = r.num_batches;
		deal(&g, 0, g.parts);
		ck_assert_uint_gt(g.tried, 100);
		s = place_search(&r, &found, &d);
		ck_assert(s == STATUS_OK || s == STATUS_INFEASIBLE);
		if (s == STATUS_INFEASIBLE) {
			ck_assert_uint_eq(g.feasible, 0);
			continue;
		}
		check_whole(&found, i);
		solved++;
		feasible += g.feasible > 0;
		tight += g.best_s < 1.2 * found.outcome.request_s;
		if (found.outcome.request_s > g.best_s * (1.0 + CLOSE))
			ck_abort_msg("case %zu: %.17g, a grid has %.17g", i,
				     found.outcome.request_s, g.best_s);
	}
	ck_assert_uint_ge(solved, CASES / 3);
	ck_assert_uint_ge(feasible, CASES / 4);
	ck_assert_uint_ge(tight, CASES / 5);
	gsl_rng_free(rng);
}
END_TEST

/* The best of all sizes, one after another; memory only grows with them. */
static double enumerate(struct place_request r, size_t *pairs)
{
	double best_s = INFINITY;

	*pairs = 0;
	for (r.batch = 1;; r.batch++) {
		for (r.num_batches = 1;; r.num_batches++) {
			struct place_result found;
			struct diag d;
			enum status s = place_search(&r, &found, &d);

			ck_assert(s == STATUS_OK || s == STATUS_INFEASIBLE);
			if (s == STATUS_INFEASIBLE)
				break;
			++*pairs;
			best_s = fmin(best_s, found.outcome.request_s);
		}
		if (r.num_batches == 1)
			return best_s;
	}
}

static void compare(const struct place_request *r, size_t at, size_t *pairs,
		    size_t *programs)
{
	double best_s = enumerate(*r, pairs);
	struct place_result found;
	struct diag d;
	enum status s = place_search(r, &found, &d);

	*programs = 0;
	if (isinf(best_s)) {
		ck_assert_int_eq(s, STATUS_INFEASIBLE);
		return;
	}
	ck_assert_msg(s == STATUS_OK, "case %zu: %s", at, d.text);
	check_whole(&found, at);
	*programs = found.programs;
	if (fabs(found.outcome.request_s / best_s - 1.0) > CLOSE)
		ck_abort_msg("case %zu: %.17g at %zu x %zu, the best of %zu "
			     "is %.17g", at, found.outcome.request_s,
			     found.placement.batch,
			     found.placement.num_batches, *pairs, best_s);
}

/*
 * Whatever branch and bound leaves out, it leaves nothing better out.  Among
 * the programs of seed 11 is one on which GLPK's primal simplex, left alone,
 * turns in a circle for ever.
 */
START_TEST(the_search_is_that_of_all_sizes)
{
	static const unsigned long seeds[] = { SEED + 1, 11 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t pairs, programs, all = 0, many = 0;

	gsl_rng_set(rng, seeds[_i]);
	for (size_t i = 0; i < CASES; i++) {
		struct place_request r = random_place_request(rng, i % 2);

		/* a few dozen requests at most, to enumerate */
		r.c.machine.host_memory_bytes *= 0.4;
		r.c.machine.disk_memory_bytes *= 0.4;
		compare(&r, i, &pairs, &programs);
		all += pairs;
		many += pairs >= 20;
	}
	ck_assert_uint_ge(all, 20 * CASES);
	ck_assert_uint_ge(many, CASES / 3);
	gsl_rng_free(rng);
}
END_TEST

/* OPT-30B on the T4: thousands of pairs, and two hundred programs. */
START_TEST(the_known_search_is_that_of_all_sizes)
{
	for (size_t i = 0; i < 2; i++) {
		struct place_request r = random_place_opt30b(i == 0);
		size_t pairs, programs;

		compare(&r, i, &pairs, &programs);
		ck_assert_uint_ge(pairs, 5000);
		ck_assert_uint_le(programs, 300);
	}
}
END_TEST

/* Figures of which more is never a loss. */
static const struct figure *rates(size_t *indices, size_t *n)
{
	size_t all;
	const struct figure *f = offload_fields(&all);

	*n = 0;
	for (size_t i = 0; i < all; i++)
		if (f[i].quantity != QUANTITY_NUMBER)
			indices[(*n)++] = i;
	return f;
}

START_TEST(more_is_never_slower)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t indices[32], n, faster = 0, done = 0;
	const struct figure *f = rates(indices, &n);

	ck_assert_uint_eq(n, 17);
	gsl_rng_set(rng, SEED + 2);
	for (size_t i = 0; i < CASES; i++) {
		struct place_request r = random_place_request(rng, i % 2);
		struct place_result was, is;
		struct diag d;

		if (place_search(&r, &was, &d) != STATUS_OK)
			continue;
		for (size_t k = 0; k < n; k++) {
			struct place_request more = r;
			double *figure = offload_figure(&more.c.machine,
							&f[indices[k]]);

			/* what is not stated is no limit, or is not there */
			if (*figure == 0.0)
				continue;
			*figure *= 1.3;
			is = random_place_search(&more);
			done++;
			faster += is.outcome.request_s <
				  was.outcome.request_s * (1.0 - CLOSE);
			if (is.outcome.request_s > was.outcome.request_s *
							   (1.0 + CLOSE))
				ck_abort_msg("case %zu: more of %s: %.17g "
					     "after %.17g", i,
					     f[indices[k]].path,
					     is.outcome.request_s,
					     was.outcome.request_s);
		}
	}
	ck_assert_uint_ge(done, 10 * CASES);
	ck_assert_uint_ge(faster, CASES);
	gsl_rng_free(rng);
}
END_TEST

/* total_s with figure `f` times `factor`, at the same sizes, if it fits. */
static double with(const struct place_request *r,
		   const struct figure *f, double factor)
{
	struct place_request other = *r;
	struct place_result found;
	struct diag d;

	*offload_figure(&other.c.machine, f) *= factor;
	return place_search(&other, &found, &d) == STATUS_OK
		       ? found.outcome.total_s : INFINITY;
}

/* By the dual values: a rate's worth, or a memory's. */
static double worth(const struct place_request *r,
		    const struct place_result *found,
		    const struct figure *f)
{
	const double step = 1e-6;
	double share = r->c.machine.memory_share;
	struct offload more = r->c.machine, less = more;

	if (f->offset == offsetof(struct offload, gpu_memory_bytes))
		return share * (found->room[ROOM_GPU_PREFILL] +
				found->room[ROOM_GPU_DECODE]);
	if (f->offset == offsetof(struct offload, host_memory_bytes))
		return share * (found->room[ROOM_HOST_PREFILL] +
				found->room[ROOM_HOST_DECODE]);
	if (f->offset == offsetof(struct offload, disk_memory_bytes))
		return share * found->room[ROOM_DISK];
	*offload_figure(&more, f) *= 1.0 + step;
	*offload_figure(&less, f) *= 1.0 - step;
	return (place_shift_s(r, found, &more) -
		place_shift_s(r, found, &less)) /
	       (2.0 * step * *offload_figure(&more, f));
}

/* The worth of a figure lies between the slopes to its left and right. */
START_TEST(duals_are_slopes)
{
	const double step = 1e-3;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t indices[32], n, done = 0, felt = 0, rooms = 0;
	const struct figure *f = rates(indices, &n);

	gsl_rng_set(rng, SEED + 3);
	for (size_t i = 0; i < 2 * CASES; i++) {
		struct place_request r = random_place_request(rng, i % 2);
		struct place_result found;
		struct diag d;

		if (place_search(&r, &found, &d) != STATUS_OK)
			continue;
		r.batch = found.placement.batch;
		r.num_batches = found.placement.num_batches;
		for (size_t k = 0; k < n; k++) {
			const struct figure *g = &f[indices[k]];
			double value = *offload_figure(&r.c.machine, g);
			double here = found.outcome.total_s, less, more, w;
			/* to the next order, and GLPK's tolerance */
			double slack = 5e-3 * here / value;
			bool room = g->quantity == QUANTITY_BYTES;

			if (value == 0.0)
				continue;
			w = worth(&r, &found, g);
			more = (with(&r, g, 1.0 + step) - here) /
			       (step * value);
			less = (here - with(&r, g, 1.0 - step)) /
			       (step * value);
			done++;
			felt += fabs(w) > slack;
			rooms += room && fabs(w) > slack;
			if (w > fmax(less, more) + slack ||
			    w < fmin(less, more) - slack)
				ck_abort_msg("case %zu: %s: worth %g, slopes "
					     "%g and %g", i, g->path, w,
					     less, more);
		}
	}
	ck_assert_uint_ge(done, 10 * CASES);
	ck_assert_uint_ge(felt, CASES);
	ck_assert_uint_ge(rooms, CASES / 6);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/place");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, flexgen_finds_its_known_optimum);
	tcase_add_test(tc, shares_may_be_given);
	tcase_add_test(tc, the_program_is_no_worse_than_any_grid);
	tcase_add_loop_test(tc, the_search_is_that_of_all_sizes, 0, 2);
	tcase_add_test(tc, the_known_search_is_that_of_all_sizes);
	tcase_add_test(tc, more_is_never_slower);
	tcase_add_test(tc, duals_are_slopes);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
