/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/link_chains.h"

#include <stdlib.h>

#include "tests/harness.h"

enum { H2D = CALIBRATION_H2D, D2H = CALIBRATION_D2H, MOST = 8 };

#define GB 1e9

static struct sampled_link rows[MOST];
static struct sampled samples;

static void begin(void)
{
	samples = (struct sampled){ .links = rows };
}

static void add(size_t gpus, double gpu, size_t way, bool both,
		double bytes_per_s)
{
	struct sampled_link *l = &rows[samples.nlinks++];

	ck_assert_uint_le(samples.nlinks, MOST);
	*l = (struct sampled_link){ .gpus = gpus, .gpu = gpu, .way = way,
				    .both = both,
				    .bytes_per_s = bytes_per_s };
}

/* Of GPU 1 of two: o and m with both directions busy, r without. */
static void add_pair(double o, double m, double r)
{
	begin();
	add(2, 1.0, D2H, true, o);
	add(2, 1.0, H2D, true, m);
	add(2, 1.0, H2D, false, r);
}

/* The rate of row `i`; all else of a row stays, and the samples do. */
static double rate(size_t i)
{
	struct sampled_link *found = link_chains_rates(&samples);
	double before = rows[i].bytes_per_s, after = found[i].bytes_per_s;

	ck_assert_uint_eq(found[i].gpus, rows[i].gpus);
	ck_assert_double_eq(found[i].gpu, rows[i].gpu);
	ck_assert_uint_eq(found[i].way, rows[i].way);
	ck_assert(found[i].both == rows[i].both);
	free(found);
	ck_assert_double_eq(rows[i].bytes_per_s, before);
	return after;
}

/*
 * A GB each: the faster chain at 50 GB/s ends after 20 ms.  At 36.25 GB/s the
 * other has 0.725 GB by then, and the 0.275 left take 5 ms at 55 GB/s: 25 ms in
 * all, a mean of 40 GB/s.
 */
START_TEST(the_slower_is_what_it_was_beside_the_other)
{
	add_pair(50.0 * GB, 40.0 * GB, 55.0 * GB);
	ck_assert_double_eq_tol(rate(1), 36.25 * GB, 1.0);
	/* the faster had the other beside it all along, and r is no pair */
	ck_assert_double_eq(rate(0), 50.0 * GB);
	ck_assert_double_eq(rate(2), 55.0 * GB);
	/* and so in the other direction */
	for (size_t i = 0; i < 3; i++)
		rows[i].way = rows[i].way == H2D ? D2H : H2D;
	ck_assert_double_eq_tol(rate(1), 36.25 * GB, 1.0);
	ck_assert_double_eq(rate(0), 50.0 * GB);
}
END_TEST

/* What ends together was busy together; r does not count. */
START_TEST(equal_chains_keep_their_rate)
{
	add_pair(40.0 * GB, 40.0 * GB, 55.0 * GB);
	ck_assert_double_eq(rate(0), 40.0 * GB);
	ck_assert_double_eq(rate(1), 40.0 * GB);
}
END_TEST

START_TEST(without_the_others_the_mean_stays)
{
	/* no rate alone */
	add_pair(50.0 * GB, 40.0 * GB, 55.0 * GB);
	samples.nlinks = 2;
	ck_assert_double_eq(rate(1), 40.0 * GB);
	/* of another GPU, of other numbers of them, or the other way */
	add(2, 0.0, H2D, false, 55.0 * GB);
	add(1, 1.0, H2D, false, 55.0 * GB);
	add(2, 1.0, D2H, false, 55.0 * GB);
	ck_assert_double_eq(rate(1), 40.0 * GB);
	add(2, 1.0, H2D, false, 55.0 * GB);
	ck_assert_double_eq_tol(rate(1), 36.25 * GB, 1.0);
	/* no other direction */
	add_pair(50.0 * GB, 40.0 * GB, 55.0 * GB);
	rows[0].both = false;
	ck_assert_double_eq(rate(1), 40.0 * GB);
}
END_TEST

/* 20 + 20 - 20 20 / 10 = 0, and 100 + 20 - 100 20 / 10 = -80. */
START_TEST(no_rate_falls_to_nothing)
{
	add_pair(20.0 * GB, 10.0 * GB, 20.0 * GB);
	ck_assert_double_eq(rate(1), 10.0 * GB);
	add_pair(100.0 * GB, 10.0 * GB, 20.0 * GB);
	ck_assert_double_eq(rate(1), 10.0 * GB);
}
END_TEST

START_TEST(none_are_none)
{
	begin();
	free(link_chains_rates(&samples));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/link_chains");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, the_slower_is_what_it_was_beside_the_other);
	tcase_add_test(tc, equal_chains_keep_their_rate);
	tcase_add_test(tc, without_the_others_the_mean_stays);
	tcase_add_test(tc, no_rate_falls_to_nothing);
	tcase_add_test(tc, none_are_none);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
