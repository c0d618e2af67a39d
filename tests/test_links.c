/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/links.h"

#include <math.h>

#include "tests/harness.h"

/* What the module promises for the few changes of rate in these cases. */
#define TOLERANCE 1e-9

static const struct max_min_link one_link[] = { { 23.85, 0 } };

static void check_end(struct links *l, double end_s, uint32_t tag)
{
	struct links_end end;
	double next_s;

	do	/* past the moments when flows begin to move */
		next_s = links_next_s(l);
	while (!links_take(l, next_s, &end));
	ck_assert_double_eq_tol(next_s, end_s, TOLERANCE * end_s);
	ck_assert_double_eq(end.end_s, next_s);
	ck_assert_uint_eq(end.tag, tag);
}

static size_t over(struct links *l, uint64_t links)
{
	return links_route(l, (struct max_min_path){ .once = links });
}

START_TEST(a_flow_waits_and_then_moves)
{
	struct links *l = links_new(one_link, 1);
	size_t route = over(l, 1);
	struct links_end end;
	size_t flow;

	ck_assert_double_eq(links_next_s(l), INFINITY);
	ck_assert(!links_take(l, 1.5, &end));
	flow = links_start(l, 1.5, &(struct links_flow){ route, 47.7, 0.25,
							9 });
	ck_assert_double_eq(links_next_s(l), 1.75);
	ck_assert_double_eq(links_rate(l, 0), 0.0);
	ck_assert_uint_eq(links_count(l, 0), 0);
	ck_assert_double_eq(links_left(l, flow), 47.7);
	ck_assert(!links_take(l, 1.75, &end));
	ck_assert_double_eq(links_rate(l, 0), 23.85);
	ck_assert_uint_eq(links_count(l, 0), 1);
	ck_assert_double_eq_tol(links_next_s(l), 3.75, 1e-15);
	ck_assert(!links_take(l, 2.75, &end));
	ck_assert_double_eq_tol(links_left(l, flow), 23.85, 1e-13);
	ck_assert_double_eq_tol(links_carried(l, 0), 23.85, 1e-13);
	/* one call may go past several moments */
	ck_assert(links_take(l, 100.0, &end));
	ck_assert_double_eq_tol(end.end_s, 3.75, 1e-15);
	ck_assert_uint_eq(end.tag, 9);
	ck_assert_uint_eq(end.flow, flow);
	ck_assert(!links_take(l, 100.0, &end));
	ck_assert_double_eq_tol(links_carried(l, 0), 47.7, 1e-13);
	ck_assert_double_eq(links_rate(l, 0), 0.0);
	ck_assert_double_eq(links_next_s(l), INFINITY);
	links_free(l);
	links_free(NULL);
}
END_TEST

START_TEST(two_equal_flows_take_twice_as_long)
{
	for (unsigned n = 1; n <= 7; n++) {
		struct links *l = links_new(one_link, 1);
		size_t route = over(l, 1);

		for (unsigned i = 0; i < n; i++)
			links_start(l, 0.5, &(struct links_flow){
				route, 71.55, 0.125, i });
		/* 71.55 / 23.85 is 3 */
		for (unsigned i = 0; i < n; i++)
			check_end(l, 0.625 + 3.0 * n, i);
		links_free(l);
	}
}
END_TEST

START_TEST(a_guest_takes_what_it_moves_and_no_more)
{
	/* b bytes through the link while the first moves: b/23.85 later */
	for (unsigned i = 0; i < 50; i++) {
		struct links *l = links_new(one_link, 1);
		size_t route = over(l, 1);
		double join_s = 0.3 + 0.05 * i, bytes = 1.0 + 0.5 * i;

		links_start(l, 0.0, &(struct links_flow){ route, 238.5, 0.0,
							 1 });
		links_start(l, join_s, &(struct links_flow){ route, bytes, 0.0,
							    2 });
		check_end(l, join_s + 2.0 * bytes / 23.85, 2);
		check_end(l, 10.0 + bytes / 23.85, 1);
		links_free(l);
	}
}
END_TEST

/* The same from another route: it takes from the shared link alone. */
START_TEST(a_guest_on_another_route)
{
	const struct max_min_link links[] = { { 20.0, 0 }, { 8.0, 0 },
					      { 24.0, 0 } };
	struct links *l = links_new(links, 3);
	size_t a = over(l, 1 | 4), b = over(l, 2 | 4);

	links_start(l, 0.0, &(struct links_flow){ a, 100.0, 0.5, 1 });
	links_start(l, 1.0, &(struct links_flow){ b, 12.0, 0.5, 2 });
	/* a: 20 for 1 s, then 24 - 8 = 16 while b moves at 8 for 1.5 s */
	check_end(l, 3.0, 2);
	check_end(l, 3.0 + (100.0 - 20.0 - 24.0) / 20.0, 1);
	ck_assert_double_eq_tol(links_carried(l, 0), 100.0, 1e-12);
	ck_assert_double_eq_tol(links_carried(l, 1), 12.0, 1e-12);
	ck_assert_double_eq_tol(links_carried(l, 2), 112.0, 1e-12);
	links_free(l);
}
END_TEST

START_TEST(duplex_by_hand)
{
	enum { H2D = 1, D2H = 2, BOTH = 4, BESIDE = 8 };
	const struct max_min_link links[] = {
		{ 26.0, 0 }, { 20.0, 0 },
		{ 36.0, H2D | D2H },	/* both together */
		{ 15.5, D2H },		/* h2d beside d2h */
	};
	struct links *l = links_new(links, 4);
	size_t up = over(l, H2D | BOTH | BESIDE);
	size_t down = over(l, D2H | BOTH);

	/* alone for 1 s at 26, then 15.5 beside 20 until d2h ends at 3.5 */
	links_start(l, 0.0, &(struct links_flow){ up, 100.0, 0.0, 1 });
	links_start(l, 0.0, &(struct links_flow){ down, 50.0, 1.0, 2 });
	check_end(l, 3.5, 2);
	check_end(l, 3.5 + (100.0 - 26.0 - 15.5 * 2.5) / 26.0, 1);
	links_free(l);
}
END_TEST

START_TEST(what_ends_together_is_told_in_order)
{
	const struct max_min_link links[] = { { 8.0, 0 }, { 8.0, 0 } };
	static const uint32_t order[] = { 12, 13, 10, 11 };
	struct links *l = links_new(links, 2);
	size_t first = over(l, 1), second = over(l, 2);
	struct links_end end;

	ck_assert_uint_eq(over(l, 1), first);
	links_start(l, 0.0, &(struct links_flow){ second, 4.0, 0.0, 10 });
	links_start(l, 0.0, &(struct links_flow){ second, 4.0, 0.0, 11 });
	links_start(l, 0.0, &(struct links_flow){ first, 4.0, 0.0, 12 });
	links_start(l, 0.0, &(struct links_flow){ first, 4.0, 0.0, 13 });
	for (size_t i = 0; i < 4; i++) {
		ck_assert_double_eq(links_next_s(l), 1.0);
		ck_assert(links_take(l, 1.0, &end));
		ck_assert_uint_eq(end.tag, order[i]);
		ck_assert_double_eq(links_left(l, end.flow), 0.0);
	}
	ck_assert(!links_take(l, 1.0, &end));
	/* nothing to move is moved at once; its latency counts */
	links_start(l, 1.0, &(struct links_flow){ first, 0.0, 0.0, 14 });
	links_start(l, 1.0, &(struct links_flow){ first, 0.0, 0.5, 15 });
	ck_assert_double_eq(links_next_s(l), 1.0);
	ck_assert(links_take(l, 1.0, &end));
	ck_assert_uint_eq(end.tag, 14);
	ck_assert_double_eq(links_next_s(l), 1.5);
	ck_assert(links_take(l, 1.5, &end));
	ck_assert_uint_eq(end.tag, 15);
	links_free(l);
}
END_TEST

/* A route that is never idle must not lose the small beside the large. */
START_TEST(a_busy_route_keeps_its_precision)
{
	enum { N = 20000 };
	struct links *l = links_new(one_link, 1);
	size_t route = over(l, 1), flow;
	double large = 1e12, expected_s = 0.0;
	struct links_end end;

	flow = links_start(l, 0.0, &(struct links_flow){ route, large, 0.0,
							1 });
	for (unsigned i = 0; i < N; i++) {
		double now_s = links_next_s(l);
		double small = i % 2 == 0 ? 1e6 : 3e-3;

		ck_assert_double_gt(now_s, expected_s);
		links_start(l, expected_s, &(struct links_flow){
			route, small, 0.0, 2 });
		expected_s += 2.0 * small / 23.85;
		now_s = links_next_s(l);
		if (fabs(now_s - expected_s) > 1e-9 * expected_s)
			ck_abort_msg("flow %u: %.17g, expected %.17g", i,
				     now_s, expected_s);
		ck_assert(links_take(l, now_s, &end));
		ck_assert_uint_eq(end.tag, 2);
		expected_s = now_s;
		large -= small;
		ck_assert_double_eq_tol(links_left(l, flow), large, 1e-3);
	}
	links_free(l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/links");
	TCase *tc = tcase_create("flows");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_flow_waits_and_then_moves);
	tcase_add_test(tc, two_equal_flows_take_twice_as_long);
	tcase_add_test(tc, a_guest_takes_what_it_moves_and_no_more);
	tcase_add_test(tc, a_guest_on_another_route);
	tcase_add_test(tc, duplex_by_hand);
	tcase_add_test(tc, what_ends_together_is_told_in_order);
	tcase_add_test(tc, a_busy_route_keeps_its_precision);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
