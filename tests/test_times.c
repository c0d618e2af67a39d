/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/times.h"

#include <math.h>

#include "schedule/bound.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 3000, SEED = 86028121 };

static void check_same(double found, double expected, double scale)
{
	ck_assert_double_le(fabs(found - expected), 1e-13 * scale);
}

static bool has_tasks(const struct graph *g, size_t work)
{
	for (size_t i = 0; i < g->ntasks; i++)
		if (g->tasks[i].work == work)
			return true;
	return false;
}

static void check_works(const struct graph *g, struct times *t, double split)
{
	double cached = t->cached;

	times_set_split(t, split);
	for (size_t w = 0; w < g->nworks; w++) {
		double expected = !has_tasks(g, w) ? 0.0 :
			work_seconds(&g->works[w], &t->hw, cached, split);

		ck_assert_double_eq(t->work_s[w], expected);
	}
}

/* The quotients of a convex function lie outside its slopes. */
static void check_slopes(const struct graph *g, struct times *t, double split)
{
	const double step = 1e-3;

	times_set_split(t, split);
	times_set_slopes(t, split);
	for (size_t w = 0; w < g->nworks; w++) {
		const struct work *work = &g->works[w];
		double here = t->work_s[w];
		double up = work_seconds(work, &t->hw, t->cached,
					 split + step) - here;
		double down = here - work_seconds(work, &t->hw, t->cached,
						  split - step);

		if (!has_tasks(g, w))
			continue;
		ck_assert_double_le(t->left_s[w], t->right_s[w]);
		ck_assert_double_le(step * t->right_s[w], up + 1e-12 * here);
		ck_assert_double_ge(step * t->left_s[w], down - 1e-12 * here);
	}
}

/* The longest of what is shared, and which. */
static void check_shared(const struct graph *g, const struct hardware *hw,
			 const struct times *t, double split, double scale)
{
	double found, most = 0.0;
	enum bound_shared which = times_shared(t, split, &found);

	for (int i = 0; i < BOUND_SHARED; i++)
		most = fmax(most, bound_shared(g, hw, (enum bound_shared)i,
					       t->cached, split));
	check_same(found, most, scale);
	check_same(bound_shared(g, hw, which, t->cached, split), most, scale);
}

/* In turn for several lengths and splits, ends among them. */
START_TEST(times_are_those_of_the_works)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, dropped = 0, points = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < CASES; cases++) {
		struct graph *g = random_case_graph(rng);
		struct hardware hw = random_case_draw(rng).hw;
		struct times t;

		random_case_hand_over(&hw);
		hw.duplex_bytes_per_s = cases % 2 ? 1.3 * hw.h2d.bytes_per_s
						  : 0.0;
		hw.host_memory_bytes_per_s =
			cases % 3 ? 2.0 * hw.h2d.bytes_per_s : 0.0;
		times_make(&t, g, &hw);
		for (size_t k = 0; k < 6; k++, points++) {
			size_t cached = random_case_size(rng, 2, 5000);
			size_t split = k % 3 == 0 ? 0 : k % 3 == 1 ? cached :
				random_case_size(rng, 1, cached - 1);
			double s = (double)cached, l = (double)split;
			double floor_s = bound_step(g, &hw, s, l), scale;
			bool drops;

			times_set_cached(&t, s);
			check_works(g, &t, l);
			/* bytes of all tokens less those of the split */
			scale = bound_step(g, &hw, s, 0.0) + floor_s;
			check_same(times_floor_over(&t, l, l), floor_s, scale);
			check_same(times_floor(&t, l), floor_s, scale);
			check_shared(g, &hw, &t, l, scale);
			drops = times_drop_work(&t, l);
			if (k % 3 == 2)
				check_slopes(g, &t, l);
			dropped += drops;
		}
		times_clear(&t);
		graph_free(g);
	}
	ck_assert_uint_eq(points, 6 * CASES);
	ck_assert_uint_gt(dropped, points / 10);
	ck_assert_uint_lt(dropped, points);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/times");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, times_are_those_of_the_works);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
