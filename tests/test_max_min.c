/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/max_min.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_rng.h>

#include "tests/harness.h"

enum { CASES = 3000, MOST_ROUTES = 12, MOST_FLOWS = 4, SEED = 41983 };

/* Sums of up to MOST_ROUTES terms, each rounded. */
#define TOLERANCE 1e-12

struct topology {
	struct max_min_link links[MAX_MIN_MOST_LINKS];
	size_t nlinks, nroutes;
	struct max_min_path paths[MOST_ROUTES];
	size_t count[MOST_ROUTES];
};

static size_t over(struct max_min *m, uint64_t links)
{
	return max_min_route(m, (struct max_min_path){ .once = links });
}

static struct max_min *build(const struct topology *t)
{
	struct max_min *m = max_min_new(t->links, t->nlinks);

	for (size_t r = 0; r < t->nroutes; r++) {
		ck_assert_uint_eq(max_min_route(m, t->paths[r]), r);
		for (size_t i = 0; i < t->count[r]; i++)
			max_min_join(m, r);
	}
	return m;
}

START_TEST(a_lone_flow_takes_its_narrowest_link)
{
	const struct topology t = {
		{ { 26e9, 0 }, { 20.5e9, 0 }, { INFINITY, 0 } }, 3, 2,
		{ { .once = 7 }, { .once = 5 } }, { 1, 0 },
	};
	struct max_min *m = build(&t);
	const double *rate = max_min_rates(m);

	ck_assert_double_eq(rate[0], 20.5e9);
	ck_assert_double_eq(rate[1], 0.0);
	/* the path is known, and no route is new */
	ck_assert_uint_eq(over(m, 5), 1);
	ck_assert_uint_eq(over(m, 3), 2);
	ck_assert_uint_eq(max_min_crosses(m, 1, 0), 1);
	ck_assert_uint_eq(max_min_crosses(m, 1, 1), 0);
	ck_assert_uint_eq(max_min_count(m, 0), 1);
	max_min_free(m);
	max_min_free(NULL);
}
END_TEST

/*
 * A bus of two directions: a limit for both together, and a direction that
 * does less while the other is in use.  Bits: h2d, d2h, both, h2d beside d2h.
 */
START_TEST(duplex_by_hand)
{
	static const struct {
		double h2d, d2h, both, beside;
		size_t up, down;
		double rate[2];
	} cases[] = {
		{ 26.0, 20.0, 30.0, 26.0, 1, 1, { 15.0, 15.0 } },
		{ 26.0, 20.0, 42.5, 26.0, 1, 1, { 22.5, 20.0 } },
		{ 26.0, 7.0, 30.0, 26.0, 1, 1, { 23.0, 7.0 } },
		/* below what one direction does: no limit for it alone */
		{ 26.0, 20.0, 5.0, 26.0, 1, 1, { 2.5, 2.5 } },
		{ 26.0, 20.0, 5.0, 26.0, 1, 0, { 26.0, 0.0 } },
		{ 26.0, 20.0, 5.0, 26.0, 0, 4, { 0.0, 5.0 } },
		/* flows share, not directions */
		{ 26.0, 20.0, 30.0, 26.0, 3, 1, { 7.5, 7.5 } },
		{ 26.0, 20.0, 40.0, 26.0, 4, 1, { 6.5, 14.0 } },
		/* the direction that gives way */
		{ 26.0, 20.0, INFINITY, 23.5, 1, 1, { 23.5, 20.0 } },
		{ 26.0, 20.0, INFINITY, 23.5, 1, 0, { 26.0, 0.0 } },
		{ 26.0, 20.0, 42.0, 23.5, 2, 1, { 11.75, 18.5 } },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (size_t i = 0; i < n; i++) {
		const struct topology t = {
			{ { cases[i].h2d, 0 }, { cases[i].d2h, 0 },
			  { cases[i].both, 3 }, { cases[i].beside, 2 } },
			4, 2, { { .once = 1 | 4 | 8 }, { .once = 2 | 4 } },
			{ cases[i].up, cases[i].down },
		};
		struct max_min *m = build(&t);
		const double *rate = max_min_rates(m);

		for (size_t r = 0; r < 2; r++)
			ck_assert_double_eq_tol(rate[r], cases[i].rate[r],
						1e-12);
		max_min_free(m);
	}
}
END_TEST

/*
 * Bertsekas and Gallager's example in shape: a chain of links, where the
 * flow that crosses all meets its bottleneck first.
 */
START_TEST(a_chain_fills_in_the_order_of_its_bottlenecks)
{
	const struct topology t = {
		{ { 3.0, 0 }, { 9.0, 0 }, { 2.25, 0 }, { 11.5, 0 } }, 4, 5,
		{ { .once = 1 | 2 | 4 }, { .once = 1 }, { .once = 2 },
		  { .once = 4 }, { .once = 2 | 8 } },
		{ 1, 1, 1, 2, 1 },
	};
	/* link 2: 2.25/3 = 0.75; link 0: 3 - 0.75; link 1: (9 - 0.75)/2 */
	const double expected[] = { 0.75, 2.25, 4.125, 0.75, 4.125 };
	struct max_min *m = build(&t);
	const double *rate = max_min_rates(m);

	for (size_t i = 0; i < 5; i++)
		ck_assert_double_eq_tol(rate[i], expected[i], 1e-14);
	max_min_free(m);
}
END_TEST

/*
 * A host's memory of 8 beside a bus of 3: copies that cross the memory once,
 * twice and three times.
 */
START_TEST(a_flow_takes_what_it_crosses_as_often)
{
	static const struct {
		size_t count[3];	/* by how often */
		double rate[3];
	} cases[] = {
		{ { 1, 0, 0 }, { 3.0, 0.0, 0.0 } },	/* the bus */
		{ { 0, 0, 1 }, { 0.0, 0.0, 8.0 / 3.0 } },
		{ { 0, 1, 1 }, { 0.0, 1.6, 1.6 } },	/* 2r + 3r = 8 */
		{ { 3, 0, 1 }, { 1.0, 0.0, 5.0 / 3.0 } },
		{ { 2, 1, 1 }, { 8.0 / 7.0, 8.0 / 7.0, 8.0 / 7.0 } },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (size_t i = 0; i < n; i++) {
		struct topology t = {
			{ { 8.0, 0 }, { 3.0, 0 } }, 2, 3,
			{ { .once = 1 | 2 }, { .once = 1, .twice = 1 },
			  { .once = 1, .twice = 1, .thrice = 1 } },
			{ 0 },
		};
		struct max_min *m;
		const double *rate;

		for (size_t r = 0; r < 3; r++)
			t.count[r] = cases[i].count[r];
		m = build(&t);
		rate = max_min_rates(m);
		for (size_t r = 0; r < 3; r++) {
			ck_assert_double_eq_tol(rate[r], cases[i].rate[r],
						1e-14);
			ck_assert_uint_eq(max_min_crosses(m, r, 0), r + 1);
		}
		max_min_free(m);
	}
}
END_TEST

START_TEST(all_links_may_be_used)
{
	struct max_min_link links[MAX_MIN_MOST_LINKS];
	struct max_min *m;
	const double *rate;

	for (size_t j = 0; j < MAX_MIN_MOST_LINKS; j++)
		links[j] = (struct max_min_link){ 2.385 + (double)j, 0 };
	m = max_min_new(links, MAX_MIN_MOST_LINKS);
	for (size_t j = 0; j < MAX_MIN_MOST_LINKS; j++)
		max_min_join(m, over(m, UINT64_C(1) << j));
	rate = max_min_rates(m);
	for (size_t j = 0; j < MAX_MIN_MOST_LINKS; j++)
		ck_assert_double_eq(rate[j], links[j].bytes_per_s);
	max_min_free(m);
}
END_TEST

/* What rounding leaves of a full link may be nothing, or less. */
START_TEST(no_flow_starves)
{
	enum { N = 200 };
	struct max_min_link links[2] = { { 0.1, 0 }, { 0.1, 0 } };
	struct max_min *m = max_min_new(links, 2);
	size_t both = over(m, 3), one = over(m, 1);

	max_min_join(m, one);
	for (size_t n = 1; n < N; n++) {
		const double *rate;

		max_min_join(m, both);
		rate = max_min_rates(m);
		ck_assert_double_eq_tol(rate[one], 0.1 / (double)(n + 1),
					1e-16);
		ck_assert_double_eq_tol(rate[both], 0.1 / (double)(n + 1),
					1e-16);
	}
	max_min_free(m);
}
END_TEST

/* Mostly once, else twice or three times. */
static void cross(struct max_min_path *p, size_t link, size_t drawn)
{
	uint64_t bit = UINT64_C(1) << link;

	p->once |= bit;
	p->twice |= drawn > 2 ? bit : 0;
	p->thrice |= drawn > 3 ? bit : 0;
}

static double times(const struct topology *t, size_t route, size_t link)
{
	const struct max_min_path *p = &t->paths[route];

	return (double)((p->once >> link & 1) + (p->twice >> link & 1) +
			(p->thrice >> link & 1));
}

/* Half each: few whole capacities (many ties), and any from 1 to 10. */
static void draw(gsl_rng *rng, bool whole, struct topology *t)
{
	double density = 0.5 * gsl_rng_uniform(rng);

	*t = (struct topology){
		.nlinks = 1 + gsl_rng_uniform_int(rng, MAX_MIN_MOST_LINKS),
		.nroutes = 1 + gsl_rng_uniform_int(rng, MOST_ROUTES),
	};
	for (size_t j = 0; j < t->nlinks; j++) {
		t->links[j].bytes_per_s =
			whole ? (double)(1 + gsl_rng_uniform_int(rng, 4))
			      : 1.0 + 9.0 * gsl_rng_uniform(rng);
		/* a third are limits while one or two others are busy */
		for (size_t i = 0; i < 2 && j % 3 == 2; i++)
			t->links[j].while_busy |= UINT64_C(1)
				<< gsl_rng_uniform_int(rng, t->nlinks);
	}
	for (size_t r = 0; r < t->nroutes; r++) {
		/* from link r / 3 * 3 on, so that no two are the same */
		uint64_t first = 3 * gsl_rng_uniform_int(
			rng, (t->nlinks + 2) / 3);

		t->paths[r].once = UINT64_C(1) << first;
		if (gsl_rng_uniform_int(rng, 3) == 0)
			t->paths[r].most_bytes_per_s =
				whole ? 0.5 : 2.0 * gsl_rng_uniform_pos(rng);
		for (size_t j = 0; j < t->nlinks; j++)
			if (gsl_rng_uniform(rng) < density)
				cross(&t->paths[r], j,
				      gsl_rng_uniform_int(rng, 5));
		for (size_t i = 0; i < r; i++)
			if (t->paths[i].once == t->paths[r].once)
				t->nroutes = r;	/* perhaps known: stop */
		t->count[r] = gsl_rng_uniform_int(rng, MOST_FLOWS + 1);
	}
}

/* The limit of link `j`, where flows are as counted. */
static double limit(const struct topology *t, size_t j)
{
	uint64_t busy = 0;

	for (size_t r = 0; r < t->nroutes; r++)
		if (t->count[r] > 0)
			busy |= t->paths[r].once;
	return (t->links[j].while_busy & ~busy) == 0 ?
		t->links[j].bytes_per_s : INFINITY;
}

static bool is_capped(const struct topology *t, size_t r, double rate)
{
	double most = t->paths[r].most_bytes_per_s;

	return most > 0.0 && rate >= most * (1.0 - TOLERANCE);
}

static bool fits(const struct topology *t, const double *rate)
{
	for (size_t r = 0; r < t->nroutes; r++)
		if (t->paths[r].most_bytes_per_s > 0.0 &&
		    rate[r] > t->paths[r].most_bytes_per_s)
			return false;
	for (size_t j = 0; j < t->nlinks; j++) {
		double sum = 0.0;

		for (size_t r = 0; r < t->nroutes; r++)
			sum += times(t, r, j) * (double)t->count[r] * rate[r];
		if (sum > limit(t, j))
			return false;
	}
	return true;
}

/* `fixed` with `level` for the open routes, which have less than 0. */
static void fill(const struct topology *t, const double *fixed, double level,
		 double *rate)
{
	for (size_t r = 0; r < t->nroutes; r++)
		rate[r] = fixed[r] < 0.0 ? level : fixed[r];
}

/*
 * Brute force that knows nothing of bottlenecks: raise one common level by
 * bisection until a link overflows, settle each route of which not even one
 * more flow's worth fits, and go on.
 */
static void brute_force(const struct topology *t, double *rate)
{
	const double slack = 1e-9;	/* far above bisection's error */
	double raised[MOST_ROUTES];
	size_t open = 0;

	for (size_t r = 0; r < t->nroutes; r++) {
		rate[r] = t->count[r] > 0 ? -1.0 : 0.0;
		open += t->count[r] > 0;
	}
	while (open > 0) {
		double low = 0.0, high = 16.0, next[MOST_ROUTES];

		for (int i = 0; i < 100; i++) {
			double middle = 0.5 * (low + high);

			fill(t, rate, middle, raised);
			if (fits(t, raised))
				low = middle;
			else
				high = middle;
		}
		for (size_t r = 0; r < t->nroutes; r++) {
			next[r] = rate[r];
			if (rate[r] >= 0.0)
				continue;
			fill(t, rate, low, raised);
			raised[r] = low * (1.0 + slack);
			if (!fits(t, raised)) {
				next[r] = low;
				open--;
			}
		}
		for (size_t r = 0; r < t->nroutes; r++)
			rate[r] = next[r];
	}
}

START_TEST(brute_force_finds_the_same_rates)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, levels = 0, conditional = 0, capped = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		double expected[MOST_ROUTES];
		struct topology t;
		struct max_min *m;
		const double *rate;

		draw(rng, done % 2 == 0, &t);
		m = build(&t);
		rate = max_min_rates(m);
		brute_force(&t, expected);
		for (size_t r = 0; r < t.nroutes; r++) {
			if (gsl_fcmp(rate[r], expected[r], 1e-7) != 0)
				ck_abort_msg("case %zu: route %zu at %.17g, "
					     "brute force %.17g", done, r,
					     rate[r], expected[r]);
			levels += rate[r] != rate[0];
			capped += is_capped(&t, r, rate[r]);
		}
		for (size_t j = 0; j < t.nlinks; j++)
			conditional += t.links[j].while_busy != 0 &&
				       isfinite(limit(&t, j));
		max_min_free(m);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(levels, CASES);
	ck_assert_uint_gt(conditional, CASES);
	ck_assert_uint_gt(capped, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

/*
 * An allocation is max-min fair if and only if it fits every link and every
 * flow has a bottleneck: a full link on which no flow is faster, or itself.
 */
static void check_bottlenecks(const struct topology *t, const double *rate,
			      size_t at)
{
	bool served[MOST_ROUTES] = { false };

	for (size_t j = 0; j < t->nlinks; j++) {
		double sum = 0.0, fastest = 0.0;

		for (size_t r = 0; r < t->nroutes; r++)
			if (times(t, r, j) > 0.0) {
				sum += times(t, r, j) *
				       (double)t->count[r] * rate[r];
				fastest = fmax(fastest, rate[r]);
			}
		if (sum > limit(t, j) * (1.0 + TOLERANCE))
			ck_abort_msg("step %zu: link %zu carries %.17g of "
				     "%.17g", at, j, sum, limit(t, j));
		for (size_t r = 0; r < t->nroutes; r++)
			served[r] |= times(t, r, j) > 0.0 &&
				sum >= limit(t, j) * (1.0 - TOLERANCE) &&
				rate[r] >= fastest * (1.0 - TOLERANCE);
	}
	for (size_t r = 0; r < t->nroutes; r++)
		if (t->count[r] > 0 && !served[r] &&
		    !is_capped(t, r, rate[r]))
			ck_abort_msg("step %zu: route %zu at %.17g has no "
				     "bottleneck", at, r, rate[r]);
}

/* What is remembered is what would be found anew, to the last bit. */
START_TEST(rates_depend_on_the_counts_alone)
{
	enum { TOPOLOGIES = 20, STEPS = 2000 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < TOPOLOGIES * STEPS; done++) {
		static struct topology t;
		static struct max_min *m;
		struct max_min *anew;
		const double *rate, *fresh;
		size_t r;

		if (done % STEPS == 0) {
			max_min_free(m);
			do
				draw(rng, false, &t);
			while (t.nroutes < 6);
			m = build(&t);
		}
		r = gsl_rng_uniform_int(rng, t.nroutes);
		if (t.count[r] > 0 && gsl_rng_uniform(rng) < 0.5) {
			max_min_leave(m, r);
			t.count[r]--;
		} else if (t.count[r] < MOST_FLOWS) {
			max_min_join(m, r);
			t.count[r]++;
		}
		rate = max_min_rates(m);
		check_bottlenecks(&t, rate, done);
		anew = build(&t);
		fresh = max_min_rates(anew);
		for (r = 0; r < t.nroutes; r++)
			if (rate[r] != fresh[r])
				ck_abort_msg("step %zu: route %zu at %.17g, "
					     "anew %.17g", done, r, rate[r],
					     fresh[r]);
		max_min_free(anew);
		if (done == TOPOLOGIES * STEPS - 1)
			max_min_free(m);
	}
	ck_assert_uint_eq(done, TOPOLOGIES * STEPS);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/max_min");
	TCase *tc = tcase_create("rates");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_lone_flow_takes_its_narrowest_link);
	tcase_add_test(tc, duplex_by_hand);
	tcase_add_test(tc, a_chain_fills_in_the_order_of_its_bottlenecks);
	tcase_add_test(tc, a_flow_takes_what_it_crosses_as_often);
	tcase_add_test(tc, all_links_may_be_used);
	tcase_add_test(tc, no_flow_starves);
	tcase_add_test(tc, brute_force_finds_the_same_rates);
	tcase_add_test(tc, rates_depend_on_the_counts_alone);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
