/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/work.h"

#include <math.h>
#include <stdio.h>

#include "tests/harness.h"

#define TIGHT 1e-12	/* relative: a few roundings of a double */

/* 150 TFLOP/s and 1 TB/s achieved; no two figures alike. */
static const struct hardware toy = {
	.name = "toy",
	.flop_per_s = 200e12, .gemm_derate = 0.75,
	.hbm_bytes_per_s = 1.6e12, .hbm_derate = 0.625,
	.launch_s = 2.5e-6,
	.h2d = { .bytes_per_s = 25e9, .latency_s = 3e-6 },
	.d2h = { .bytes_per_s = 20e9, .latency_s = 2e-6 },
};

static void check_near(double x, double expected)
{
	ck_assert_double_eq_tol(x, expected, TIGHT * fabs(expected));
}

START_TEST(an_amount_is_affine)
{
	const struct amount a = { 2.5, 0.25, -0.125 };

	ck_assert_double_eq(amount_at(&a, 17.0, 3.0), 2.5 + 4.25 - 0.375);
	ck_assert_double_eq(amount_at(&a, 0.0, 0.0), 2.5);
}
END_TEST

START_TEST(engines_have_names)
{
	ck_assert_str_eq(engine_name(ENGINE_H2D), "h2d");
	ck_assert_str_eq(engine_name(ENGINE_D2H), "d2h");
	ck_assert_str_eq(engine_name(ENGINE_SM), "sm");
	ck_assert_str_eq(engine_name(ENGINE_CPU), "cpu");
	ck_assert_str_eq(engine_name(ENGINE_COPY), "copy");
	ck_assert_str_eq(engine_name(ENGINE_ISSUE), "issue");
	for (int e = 0; e < ENGINE_COUNT; e++)
		ck_assert_int_eq(engine_is_link((enum engine)e),
				 e == ENGINE_H2D || e == ENGINE_D2H);
	for (int a = 0; a < ENGINE_COUNT; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(engine_title((enum engine)a),
					 engine_title((enum engine)b));
}
END_TEST

/* copies */

START_TEST(a_copy_takes_latency_and_bandwidth)
{
	struct work w = { .engine = ENGINE_H2D,
			  .bytes = { 1e6, 4e3, -2e3 }, .launches = 1.0 };

	/* 1e6 + 4e3 * 250 - 2e3 * 100 = 1.8e6 bytes */
	check_near(work_bytes(&w, 250.0, 100.0), 1.8e6);
	ck_assert_double_eq(work_flop(&w, 250.0, 100.0), 0.0);
	check_near(work_seconds(&w, &toy, 250.0, 100.0), 3e-6 + 72e-6);
	check_near(work_overhead_s(&w, &toy), 3e-6);
	w.engine = ENGINE_D2H;
	check_near(work_seconds(&w, &toy, 250.0, 100.0), 2e-6 + 90e-6);
	check_near(work_overhead_s(&w, &toy), 2e-6);
}
END_TEST

START_TEST(an_empty_copy_takes_no_time)
{
	const struct work w = { .engine = ENGINE_H2D,
				.bytes = { 0.0, 4e3, -4e3 },
				.launches = 1.0 };

	ck_assert(work_is_empty(&w, 145.0, 145.0));
	ck_assert_double_eq(work_seconds(&w, &toy, 145.0, 145.0), 0.0);
	ck_assert(!work_is_empty(&w, 145.0, 144.0));
	check_near(work_seconds(&w, &toy, 145.0, 144.0), 3e-6 + 0.16e-6);
}
END_TEST

/* Pageable: 10 and 5 GB/s; the host: 160 GB/s and 8 GB/s. */
static struct hardware full_toy(void)
{
	struct hardware hw = toy;

	hw.h2d.pageable_bytes_per_s = 10e9;
	hw.d2h.pageable_bytes_per_s = 5e9;
	hw.host_attention_bytes_per_s = 160e9;
	hw.host_copy_bytes_per_s = 8e9;
	return hw;
}

START_TEST(pageable_memory_has_a_rate_of_its_own)
{
	const struct hardware hw = full_toy();
	struct work w = { .engine = ENGINE_H2D, .bytes = { .fixed = 1.8e6 },
			  .launches = 2.0, .pageable = true };

	check_near(work_rate(&w, &hw), 10e9);
	check_near(work_seconds(&w, &hw, 17.0, 3.0), 6e-6 + 180e-6);
	w.engine = ENGINE_D2H;
	check_near(work_rate(&w, &hw), 5e9);
	check_near(work_seconds(&w, &hw, 17.0, 3.0), 4e-6 + 360e-6);
	w.pageable = false;
	check_near(work_rate(&w, &hw), 20e9);
}
END_TEST

/* 12 GB/s for two GPUs, by how often the bytes cross it. */
START_TEST(bytes_count_as_often_as_they_cross_the_hosts_memory)
{
	static const struct {
		enum engine engine;
		bool pageable;
		double stated, crossings;
		double rate;
	} cases[] = {
		{ ENGINE_H2D, false, 0.0, 1.0, 6e9 },
		{ ENGINE_D2H, false, 1.0, 1.0, 6e9 },
		{ ENGINE_H2D, false, 2.0, 2.0, 3e9 },
		{ ENGINE_D2H, false, 3.0, 3.0, 2e9 },
		{ ENGINE_H2D, true, 0.0, 3.0, 2e9 },
		{ ENGINE_D2H, true, 2.0, 3.0, 2e9 },
		{ ENGINE_CPU, false, 3.0, 1.0, 6e9 },
		{ ENGINE_COPY, false, 3.0, 2.0, 3e9 },
		{ ENGINE_SM, false, 3.0, 0.0, 0.0 },
	};
	struct hardware hw = full_toy();

	hw.host_memory_bytes_per_s = 12e9;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct work w = { .engine = cases[i].engine,
					.bytes = { .fixed = 1.8e6 },
					.pageable = cases[i].pageable,
					.sharers = 2.0 };

		hw.link_crossings = cases[i].stated;
		ck_assert_double_eq(work_crossings(&w, &hw),
				    cases[i].crossings);
		if (w.engine != ENGINE_SM)
			check_near(work_rate(&w, &hw), cases[i].rate);
	}
}
END_TEST

/* 24 GB/s each way for three GPUs of a switch, of two, of one. */
START_TEST(gpus_behind_a_switch_share_it)
{
	struct hardware hw = full_toy();
	struct work w = { .engine = ENGINE_H2D, .bytes = { .fixed = 1.8e6 },
			  .sharers = 8.0 };

	hw.host_gpus_per_switch = 3.0;
	hw.host_switch_bytes_per_s = 24e9;
	check_near(work_rate(&w, &hw), 8e9);
	w.engine = ENGINE_D2H;
	check_near(work_rate(&w, &hw), 8e9);
	w.sharers = 2.0;
	check_near(work_rate(&w, &hw), 12e9);
	w.sharers = 1.0;
	check_near(work_rate(&w, &hw), 20e9);
	w.engine = ENGINE_CPU;
	check_near(work_rate(&w, &hw), 160e9);
}
END_TEST

/* No latency, no launches: bytes over a share of the rate. */
START_TEST(the_host_takes_bytes_over_its_rate)
{
	const struct hardware hw = full_toy();
	struct work w = { .engine = ENGINE_CPU,
			  .bytes = { .fixed = 8e5, .per_token = 4e3 },
			  .launches = 7.0 };

	/* 8e5 + 4e3 * 250 = 1.8e6 bytes */
	check_near(work_seconds(&w, &hw, 250.0, 3.0), 11.25e-6);
	ck_assert_double_eq(work_overhead_s(&w, &hw), 0.0);
	w.sharers = 8.0;		/* 20 GB/s for each */
	check_near(work_rate(&w, &hw), 20e9);
	check_near(work_seconds(&w, &hw, 250.0, 3.0), 90e-6);
	w.engine = ENGINE_COPY;		/* a thread for each GPU */
	check_near(work_rate(&w, &hw), 8e9);
	check_near(work_seconds(&w, &hw, 250.0, 3.0), 225e-6);
}
END_TEST

START_TEST(what_is_needed_must_be_stated)
{
	static const struct {
		enum engine engine;
		bool pageable;
		const char *path;	/* NULL: nothing is missing */
	} cases[] = {
		{ ENGINE_H2D, false, NULL },
		{ ENGINE_D2H, false, NULL },
		{ ENGINE_SM, false, NULL },
		{ ENGINE_H2D, true, "link.h2d.pageable_bytes_per_s" },
		{ ENGINE_D2H, true, "link.d2h.pageable_bytes_per_s" },
		{ ENGINE_CPU, false, "host.attention_bytes_per_s" },
		{ ENGINE_COPY, false, "host.copy_bytes_per_s" },
	};
	const struct hardware full = full_toy();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct work w = { .engine = cases[i].engine,
				  .pageable = cases[i].pageable,
				  .bytes = { .per_token = 2.385 } };
		struct diag d = { "" };
		char message[256] = "";
		enum status s = work_check(&w, &toy, &d);

		if (cases[i].path != NULL)
			snprintf(message, sizeof message,
				 "toy: %s is not stated; give it with --set "
				 "%s=VALUE", cases[i].path, cases[i].path);
		ck_assert_int_eq(s, cases[i].path ? STATUS_INVALID
						  : STATUS_OK);
		ck_assert_str_eq(d.text, message);
		ck_assert_int_eq(work_check(&w, &full, &d), STATUS_OK);
		/* what asks for nothing needs nothing: it takes no time */
		w.bytes.per_token = 0.0;
		ck_assert_int_eq(work_check(&w, &toy, &d), STATUS_OK);
		ck_assert_double_eq(work_seconds(&w, &toy, 145.0, 17.0),
				    0.0);
	}
}
END_TEST

/* A barrier has a duration even where the CPU's rate is not known. */
START_TEST(a_barrier_lasts_no_time)
{
	const struct work w = { .engine = ENGINE_CPU };
	struct work_duration d = work_duration(&w, &toy, 145.0);

	ck_assert_double_eq(work_duration_at(&d, 0.0), 0.0);
	ck_assert_double_eq(work_duration_at(&d, 17.0), 0.0);
}
END_TEST

/* kernels */

/* 150 rows at split 25; memory-bound. */
static const struct work small = {
	.engine = ENGINE_SM, .ngemms = 1, .element_bytes = 2.0,
	.gemm = { { .m = { 100.0, 0.0, 2.0 }, .n = 300.0, .k = 200.0,
		    .count = 1.0 } },
	.launches = 1.0,
};

START_TEST(a_small_product_is_bound_by_memory)
{
	check_near(work_flop(&small, 17.0, 25.0), 18e6);
	/* 2 * (150 * 200 + 200 * 300 + 150 * 300) */
	check_near(work_bytes(&small, 17.0, 25.0), 270e3);
	/* 0.27 us of bytes, 0.12 us of FLOP */
	check_near(work_seconds(&small, &toy, 17.0, 25.0),
		   2.5e-6 + 0.27e-6);
	check_near(work_overhead_s(&small, &toy), 2.5e-6);
}
END_TEST

START_TEST(a_large_product_is_bound_by_flop)
{
	const struct work w = {
		.engine = ENGINE_SM, .ngemms = 1, .element_bytes = 2.0,
		.gemm = { { .m = { .per_token = 32.0 }, .n = 5000.0,
			    .k = 3000.0, .count = 1.0 } },
		.launches = 2.0,
	};

	/* m = 4000; 120 GFLOP and 2 * (12e6 + 15e6 + 20e6) bytes */
	check_near(work_flop(&w, 125.0, 17.0), 120e9);
	check_near(work_bytes(&w, 125.0, 17.0), 94e6);
	check_near(work_seconds(&w, &toy, 125.0, 17.0), 5e-6 + 800e-6);
}
END_TEST

/* Each product, and the rest, has a bound of its own: no two overlap. */
START_TEST(bounds_are_taken_one_by_one)
{
	const struct work w = {
		.engine = ENGINE_SM, .ngemms = 2, .element_bytes = 2.0,
		.gemm = { { .m = { .fixed = 4000.0 }, .n = 5000.0,
			    .k = 3000.0, .count = 1.0 },
			  { .m = { .fixed = 150.0 }, .n = 300.0, .k = 200.0,
			    .count = 4.0 } },
		.bytes = { .per_token = 2e3 }, .flop = { .per_token = 9e3 },
		.launches = 6.0,
	};

	/* 4 small products: 72 MFLOP, 1.08 MB; rest: 2.5 MB, 11.25 MFLOP */
	check_near(work_flop(&w, 1250.0, 17.0), 120e9 + 72e6 + 11.25e6);
	check_near(work_bytes(&w, 1250.0, 17.0), 94e6 + 1.08e6 + 2.5e6);
	check_near(work_seconds(&w, &toy, 1250.0, 17.0),
		   15e-6 + 800e-6 + 1.08e-6 + 2.5e-6);
}
END_TEST

START_TEST(wider_elements_move_more_bytes)
{
	struct work w = small;

	w.element_bytes = 4.0;
	check_near(work_bytes(&w, 17.0, 25.0), 540e3);
	check_near(work_flop(&w, 17.0, 25.0), 18e6);
}
END_TEST

/* A product without rows reads nothing, not even its other factor. */
START_TEST(a_product_without_rows_takes_no_time)
{
	struct work w = small;

	w.gemm[0].m = (struct amount){ .per_split = 64.0 };
	ck_assert(work_is_empty(&w, 145.0, 0.0));
	ck_assert_double_eq(work_bytes(&w, 145.0, 0.0), 0.0);
	ck_assert_double_eq(work_flop(&w, 145.0, 0.0), 0.0);
	ck_assert_double_eq(work_seconds(&w, &toy, 145.0, 0.0), 0.0);
	ck_assert(!work_is_empty(&w, 145.0, 1.0));
	/* 2 * (64 * 200 + 60000 + 64 * 300) bytes */
	check_near(work_seconds(&w, &toy, 145.0, 1.0), 2.5e-6 + 0.184e-6);
}
END_TEST

/* as a function of the split */

static const struct work samples[] = {
	{ .engine = ENGINE_H2D, .bytes = { 1e6, 4e3, -2e3 },
	  .launches = 1.0 },
	{ .engine = ENGINE_D2H, .bytes = { 1e6, 0.0, 2e3 },
	  .launches = 1.0 },
	{ .engine = ENGINE_SM, .ngemms = 1, .element_bytes = 2.0,
	  .gemm = { { .m = { .per_split = 64.0 }, .n = 8192.0,
		      .k = 4096.0, .count = 1.0 } },
	  .bytes = { .per_split = 0.25e6 }, .launches = 2.0 },
	{ .engine = ENGINE_SM, .ngemms = 2, .element_bytes = 2.0,
	  .gemm = { { .m = { 100.0, 2.0, 3.0 }, .n = 300.0, .k = 200.0,
		      .count = 1.0 },
		    { .m = { 1.0, 0.0, 70.0 }, .n = 4000.0, .k = 500.0,
		      .count = 4.625 } },
	  .bytes = { 1e6, 5e3, -3e3 }, .flop = { 2e9, 0.0, 7e7 },
	  .launches = 5.0 },
};

enum { SAMPLES = sizeof samples / sizeof samples[0] };

START_TEST(a_duration_is_the_time_at_every_split)
{
	const struct work *w = &samples[_i];
	size_t checked = 0;

	for (double cached = 145.0; cached < 1100.0; cached += 317.0) {
		struct work_duration d = work_duration(w, &toy, cached);

		check_near(d.overhead_s, work_overhead_s(w, &toy));
		ck_assert_uint_ge(d.npieces, 1);
		ck_assert_uint_le(d.npieces, WORK_MOST_PIECES);
		for (double l = 1.0; l <= 145.0; l += 9.0, checked++)
			check_near(work_duration_at(&d, l),
				   work_seconds(w, &toy, cached, l));
	}
	ck_assert_uint_eq(checked, 4 * 17);
}
END_TEST

START_TEST(a_duration_is_convex)
{
	struct work_duration d = work_duration(&samples[_i], &toy, 238.5);
	size_t checked = 0;

	for (double a = 0.0; a <= 145.0; a += 14.5)
		for (double b = a + 14.5; b <= 145.0; b += 14.5, checked++) {
			double ends = work_duration_at(&d, a) +
				      work_duration_at(&d, b);

			ck_assert_double_le(
				2.0 * work_duration_at(&d, (a + b) / 2.0),
				ends * (1.0 + TIGHT));
		}
	ck_assert_uint_eq(checked, 55);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/work");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, an_amount_is_affine);
	tcase_add_test(tc, engines_have_names);
	tcase_add_test(tc, a_copy_takes_latency_and_bandwidth);
	tcase_add_test(tc, an_empty_copy_takes_no_time);
	tcase_add_test(tc, pageable_memory_has_a_rate_of_its_own);
	tcase_add_test(tc, gpus_behind_a_switch_share_it);
	tcase_add_test(tc,
		       bytes_count_as_often_as_they_cross_the_hosts_memory);
	tcase_add_test(tc, the_host_takes_bytes_over_its_rate);
	tcase_add_test(tc, what_is_needed_must_be_stated);
	tcase_add_test(tc, a_barrier_lasts_no_time);
	tcase_add_test(tc, a_small_product_is_bound_by_memory);
	tcase_add_test(tc, a_large_product_is_bound_by_flop);
	tcase_add_test(tc, bounds_are_taken_one_by_one);
	tcase_add_test(tc, wider_elements_move_more_bytes);
	tcase_add_test(tc, a_product_without_rows_takes_no_time);
	tcase_add_loop_test(tc, a_duration_is_the_time_at_every_split, 0,
			    SAMPLES);
	tcase_add_loop_test(tc, a_duration_is_convex, 0, SAMPLES);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
