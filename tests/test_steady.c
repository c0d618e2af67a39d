/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/steady.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "lp/period.h"
#include "schedule/bound.h"
#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 10000, SEED = 32452843 };

/*
 * A graph on a machine: half of them with a duplex limit, a quarter with a
 * limit of the host's memory, that may bind.
 */
struct subject {
	struct graph *graph;
	struct hardware hw;
	struct steady *steady;
};

static struct subject draw(gsl_rng *rng)
{
	struct subject s = {
		.graph = random_case_graph(rng),
		.hw = random_case_draw(rng).hw,
	};

	random_case_hand_over(&s.hw);
	if (gsl_rng_uniform_int(rng, 2)) {
		s.hw.d2h.bytes_per_s = s.hw.h2d.bytes_per_s;
		s.hw.duplex_bytes_per_s = s.hw.h2d.bytes_per_s *
					  (0.25 + gsl_rng_uniform(rng));
	}
	if (gsl_rng_uniform_int(rng, 4) == 0) {
		s.hw.link_crossings = (double)random_case_size(rng, 0, 3);
		s.hw.host_memory_bytes_per_s =
			random_case_log(rng, 0.3, 6.0) * s.hw.h2d.bytes_per_s;
		s.graph->gpus = random_case_size(rng, 1, 3);
	}
	s.steady = steady_new(s.graph, &s.hw);
	return s;
}

static void discard(struct subject *s)
{
	steady_free(s->steady);
	graph_free(s->graph);
}

/* Any split that the amounts allow; ends, where work falls away, often. */
static size_t draw_split(gsl_rng *rng, size_t cached)
{
	switch (gsl_rng_uniform_int(rng, 4)) {
	case 0:
		return 0;
	case 1:
		return cached;
	}
	return random_case_size(rng, 0, cached);
}

/* Relatively, and exactly where nothing is done. */
static void check_same(double found, double expected, double tolerance)
{
	if (!(fabs(found - expected) <= tolerance * fabs(expected)))
		ck_abort_msg("found %.17g, expected %.17g", found, expected);
}

/* What binds adds up to the period. */
static double weighted(const struct subject *s, double cached, double split,
		       double on_shared[BOUND_SHARED])
{
	double *on_cycle = xcalloc(s->graph->ntasks, sizeof *on_cycle);
	double sum, on_handoff;

	steady_weights(s->steady, on_cycle, on_shared, &on_handoff);
	sum = on_handoff * s->hw.handoff_s;
	for (int i = 0; i < BOUND_SHARED; i++)
		sum += on_shared[i] *
		       bound_shared(s->graph, &s->hw, (enum bound_shared)i,
				    cached, split);
	for (size_t i = 0; i < s->graph->ntasks; i++)
		sum += on_cycle[i] *
		       work_seconds(&s->graph->works[s->graph->tasks[i].work],
				    &s->hw, cached, split);
	free(on_cycle);
	return sum;
}

START_TEST(periods_are_those_of_the_program)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t points = 0, duplex = 0, memory = 0, nothing = 0;

	gsl_rng_set(rng, SEED);
	for (size_t k = 0; k < CASES; k++) {
		struct subject s = draw(rng);

		for (size_t i = 0; i < 2; i++, points++) {
			size_t cached = random_case_size(rng, 1, 900);
			size_t split = draw_split(rng, cached);
			struct steady_point p = steady_at(
				s.steady, (double)cached, (double)split);
			double t, on_shared[BOUND_SHARED];
			struct diag d;

			ck_assert_int_eq(period_at_split(s.graph, &s.hw,
							 cached, split, &t,
							 &d), STATUS_OK);
			check_same(p.period_s, t, 1e-9);
			check_same(weighted(&s, (double)cached,
					    (double)split, on_shared),
				   p.period_s, 1e-12);
			duplex += on_shared[BOUND_COPIES] == 1.0;
			memory += on_shared[BOUND_MEMORY] == 1.0;
			nothing += t == 0.0;
		}
		discard(&s);
	}
	ck_assert_uint_eq(points, 2 * CASES);
	ck_assert_uint_gt(duplex, points / 25);
	ck_assert_uint_gt(memory, points / 25);
	ck_assert_uint_gt(nothing, 0);
	gsl_rng_free(rng);
}
END_TEST

/* T anywhere is above every tangent, and a tangent is where T is smooth. */
START_TEST(slopes_are_those_of_the_period)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t smooth = 0, kinks = 0, sloping = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t k = 0; k < CASES; k++) {
		struct subject s = draw(rng);
		double cached = (double)random_case_size(rng, 3, 900);
		double l = 1.0 + (cached - 2.0) * gsl_rng_uniform(rng);
		double far = 1.0 + (cached - 2.0) * gsl_rng_uniform(rng);
		double h = 1e-4, up, down, slack;
		struct steady_point p = steady_at(s.steady, cached, l), q;

		ck_assert_double_le(p.left_s, p.right_s);
		slack = 1e-12 * p.period_s;
		q = steady_at(s.steady, cached, far);
		ck_assert_double_ge(q.period_s, p.period_s - slack +
			(far > l ? p.right_s : p.left_s) * (far - l));
		up = steady_at(s.steady, cached, l + h).period_s - p.period_s;
		down = p.period_s - steady_at(s.steady, cached, l - h)
					    .period_s;
		ck_assert_double_ge(up, p.right_s * h - slack);
		ck_assert_double_le(down, p.left_s * h + slack);
		if (up - down <= slack) {
			ck_assert_double_le(fabs(p.right_s * h - up),
					    2.0 * slack);
			ck_assert_double_le(fabs(p.left_s * h - up),
					    2.0 * slack);
			smooth++;
			sloping += p.left_s != 0.0;
		} else {
			kinks++;
		}
		discard(&s);
	}
	ck_assert_uint_eq(smooth + kinks, CASES);
	ck_assert_uint_gt(sloping, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

/*
 * A kernel of two GEMM arms that meet at l = 8: 64 s of bytes against 8 s of
 * FLOP a token.
 */
START_TEST(a_kink_has_two_slopes)
{
	const struct hardware hw = {
		.flop_per_s = 1.0, .gemm_derate = 1.0,
		.hbm_bytes_per_s = 1.0, .hbm_derate = 1.0,
		.h2d = { .bytes_per_s = 1.0 }, .d2h = { .bytes_per_s = 1.0 },
	};
	struct graph *g = graph_new(1, 1);
	struct steady_point p;
	struct steady *s;

	graph_add_task(g, OP_RECOMPUTE, 0, graph_add_work(g, (struct work){
		.engine = ENGINE_SM, .bytes = { .fixed = 64.0 },
		.flop = { .per_split = 8.0 },
	}));
	graph_finish(g);
	s = steady_new(g, &hw);
	p = steady_at(s, 100.0, 8.0);
	ck_assert_double_eq(p.period_s, 64.0);
	ck_assert_double_eq(p.left_s, 0.0);
	ck_assert_double_eq(p.right_s, 8.0);
	p = steady_at(s, 100.0, 7.5);
	ck_assert_double_eq(p.left_s, 0.0);
	ck_assert_double_eq(p.right_s, 0.0);
	p = steady_at(s, 100.0, 8.5);
	ck_assert_double_eq(p.period_s, 68.0);
	ck_assert_double_eq(p.left_s, 8.0);
	steady_free(s);
	graph_free(g);
}
END_TEST

/* Of equals the smallest, by looking at every split. */
static size_t scan(struct steady *s, size_t cached, size_t limit,
		   double *least_s)
{
	double *t = xcalloc(limit + 1, sizeof *t);
	size_t first = 0;

	*least_s = INFINITY;
	for (size_t l = 0; l <= limit; l++) {
		t[l] = steady_at(s, (double)cached, (double)l).period_s;
		*least_s = fmin(*least_s, t[l]);
	}
	while (t[first] * (1.0 - PERIOD_SAME) > *least_s)
		first++;
	*least_s = t[first];
	free(t);
	return first;
}

static void check_best(struct steady *s, size_t cached, size_t limit,
		       size_t *inside)
{
	double least_s, found_s;
	size_t found = steady_best_split(s, cached, limit, &found_s);
	size_t expected = scan(s, cached, limit, &least_s);

	if (found != expected)
		ck_abort_msg("%zu cached, split %zu (%.17g), expected %zu "
			     "(%.17g)", cached, found, found_s, expected,
			     least_s);
	check_same(found_s, least_s, 1e-13);
	*inside += found > 0 && found < limit;
}

START_TEST(best_splits_are_those_of_a_scan)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t inside = 0, points = 0;

	gsl_rng_set(rng, SEED + 2);
	for (size_t k = 0; k < CASES; k++) {
		struct subject s = draw(rng);

		for (size_t i = 0; i < 2; i++, points++) {
			size_t cached = random_case_size(rng, 0, 100);

			check_best(s.steady, cached,
				   random_case_size(rng, 0, cached), &inside);
		}
		discard(&s);
	}
	ck_assert_uint_eq(points, 2 * CASES);
	ck_assert_uint_gt(inside, points / 25);
	gsl_rng_free(rng);
}
END_TEST

/* The graphs that are planned: a layer of the row schedule, step by step. */
START_TEST(best_splits_of_layers_are_those_of_a_scan)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t points = 0, inside = 0;

	gsl_rng_set(rng, SEED + 3);
	for (size_t k = 0; k < 300; k++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, &policy_kvpr_row,
						    k % 4);
		struct graph *g = policy_kvpr_row.build(
			&c.model, &c.w, &plan,
			k % 3 ? SPAN_LAYER : SPAN_STEP);
		struct steady *s;

		random_case_hand_over(&c.hw);
		s = steady_new(g, &c.hw);
		for (size_t i = 0; i < plan.steps; i++, points++)
			check_best(s, workload_cached(&c.w, i),
				   plan_split_limit(&plan, &c.w, i), &inside);
		steady_free(s);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_gt(points, 600);
	ck_assert_uint_gt(inside, points / 10);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(the_floor_is_that_of_a_scan)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0;

	gsl_rng_set(rng, SEED + 4);
	for (; cases < CASES; cases++) {
		struct subject s = draw(rng);
		size_t cached = random_case_size(rng, 0, 100);
		size_t high = random_case_size(rng, 0, cached);
		size_t low = random_case_size(rng, 0, high);
		double least_s = INFINITY, found_s;

		for (size_t l = low; l <= high; l++)
			least_s = fmin(least_s, bound_step(s.graph, &s.hw,
							   (double)cached,
							   (double)l));
		found_s = steady_floor(s.steady, cached, low, high);
		check_same(found_s, least_s, 1e-13);
		/* and it is a floor */
		ck_assert_double_ge(
			steady_at(s.steady, (double)cached, (double)low)
				.period_s, found_s * (1.0 - 1e-12));
		discard(&s);
	}
	ck_assert_uint_eq(cases, CASES);
	gsl_rng_free(rng);
}
END_TEST

/* To the last bit, whatever was asked for on the machine before. */
START_TEST(another_machine_is_as_if_made_for_it)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED + 9);
	for (size_t i = 0; i < CASES / 10; i++) {
		struct subject s = draw(rng), other = draw(rng);
		struct steady *new = steady_new(s.graph, &other.hw);
		size_t cached = random_case_size(rng, 1, 1000), l, m;
		double changed_s, new_s;

		l = steady_best_split(s.steady, cached, cached, &changed_s);
		steady_guess(s.steady, l);
		steady_set_hardware(s.steady, &other.hw);
		l = steady_best_split(s.steady, cached, cached, &changed_s);
		m = steady_best_split(new, cached, cached, &new_s);
		ck_assert_uint_eq(l, m);
		ck_assert_double_eq(changed_s, new_s);
		ck_assert_double_eq(steady_floor(s.steady, cached, 0, cached),
				    steady_floor(new, cached, 0, cached));
		/* and a guess changes nothing but the way */
		steady_set_hardware(s.steady, &other.hw);
		steady_guess(s.steady, random_case_size(rng, 0, cached));
		ck_assert_uint_eq(steady_best_split(s.steady, cached, cached,
						    &changed_s), m);
		check_same(changed_s, new_s, 1e-12);
		steady_free(new);
		discard(&s);
		discard(&other);
	}
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/steady");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, periods_are_those_of_the_program);
	tcase_add_test(tc, slopes_are_those_of_the_period);
	tcase_add_test(tc, a_kink_has_two_slopes);
	tcase_add_test(tc, best_splits_are_those_of_a_scan);
	tcase_add_test(tc, best_splits_of_layers_are_those_of_a_scan);
	tcase_add_test(tc, the_floor_is_that_of_a_scan);
	tcase_add_test(tc, another_machine_is_as_if_made_for_it);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
