/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/timeline.h"

#include "tests/harness.h"

static struct slice made(size_t i)
{
	return (struct slice){ .task = 7 * i + 3, .step = i / 17,
			       .start_s = 2.385e-3 * (double)i,
			       .end_s = 2.385e-3 * (double)i + 1.7e-3 };
}

/* Across many capacities, as it grows from nothing. */
START_TEST(keeps_every_slice_in_order)
{
	struct timeline t = { 0 };
	size_t checked = 0;

	for (size_t i = 0; i < 1000; i++) {
		timeline_add(&t, made(i));
		ck_assert_uint_eq(t.n, i + 1);
	}
	for (size_t i = 0; i < t.n; i++, checked++) {
		struct slice s = made(i);

		ck_assert_uint_eq(t.slices[i].task, s.task);
		ck_assert_uint_eq(t.slices[i].step, s.step);
		ck_assert_double_eq(t.slices[i].start_s, s.start_s);
		ck_assert_double_eq(t.slices[i].end_s, s.end_s);
	}
	ck_assert_uint_eq(checked, 1000);
	timeline_clear(&t);
}
END_TEST

/* The slices are in the order of their ends: the first need not begin first. */
START_TEST(rebased_it_begins_at_0)
{
	struct timeline t = { 0 };

	timeline_rebase(&t);	/* nothing to move */
	timeline_add(&t, (struct slice){ .start_s = 3.0, .end_s = 4.0 });
	timeline_add(&t, (struct slice){ .start_s = 2.5, .end_s = 6.0 });
	timeline_rebase(&t);
	ck_assert_double_eq(t.slices[0].start_s, 0.5);
	ck_assert_double_eq(t.slices[0].end_s, 1.5);
	ck_assert_double_eq(t.slices[1].start_s, 0.0);
	ck_assert_double_eq(t.slices[1].end_s, 3.5);
	timeline_clear(&t);
}
END_TEST

START_TEST(a_cleared_timeline_can_be_used_again)
{
	struct timeline t = { 0 };

	timeline_clear(&t);	/* nothing to release */
	ck_assert_uint_eq(t.n, 0);
	for (size_t i = 0; i < 5; i++)
		timeline_add(&t, made(i));
	timeline_clear(&t);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_ptr_null(t.slices);
	for (size_t i = 0; i < 3; i++)
		timeline_add(&t, made(i + 10));
	ck_assert_uint_eq(t.n, 3);
	ck_assert_uint_eq(t.slices[2].task, 87);
	timeline_clear(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("traces/timeline");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, keeps_every_slice_in_order);
	tcase_add_test(tc, rebased_it_begins_at_0);
	tcase_add_test(tc, a_cleared_timeline_can_be_used_again);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
