/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measured.h"

#include <math.h>

#include "model/layer.h"
#include "tests/harness.h"
#include "tests/random_calibration.h"
#include "tests/random_case.h"

enum { CASES = 2000, SEED = 49979687 };

static void check_near(double found, double expected)
{
	ck_assert_double_le(fabs(found - expected), 1e-12 * fabs(expected));
}

/* A machine whose curves can be worked out by hand. */
static double bytes[] = { 1e3, 1e6 }, bytes_s[] = { 3e-6, 23e-6 };
static double rows[] = { 1.0, 100.0, 101.0 }, rows_s[] = { 5e-6, 6e-6, 9e-6 };
static double kv[] = { 1e5 }, kv_s[] = { 8e-6 };
static struct calibration_product products[] = {
	{ 2048.0, 1024.0, { rows, rows_s, 3, 0.02 } },
};
static struct calibration_attention attention[] = {
	{ 48.0, { kv, kv_s, 1, 0.05 } },
};

static struct calibration toy_curves = {
	.pinned = { { bytes, bytes_s, 2, 0.01 }, { .n = 0 } },
	.products = products, .nproducts = 1,
	.attention = attention, .nattention = 1,
	.kernels = { [KERNEL_ROTATE] = { bytes, bytes_s, 2, 0.1 } },
	.at = { .bytes_per_s = { 50e9, 40e9 }, .latency_s = { 2e-6, 1e-6 },
		.gemm_flop_per_s = 50e12, .hbm_bytes_per_s = 1e12,
		.launch_s = 2.5e-6 },
	.spread = 0.2,
};

static struct hardware toy(void)
{
	return (struct hardware){
		.name = "toy", .flop_per_s = 100e12, .gemm_derate = 0.5,
		.hbm_bytes_per_s = 2e12, .hbm_derate = 0.5,
		.memory_bytes = 1e10, .launch_s = 2.5e-6,
		.h2d = { .bytes_per_s = 50e9, .latency_s = 2e-6 },
		.d2h = { .bytes_per_s = 40e9, .latency_s = 1e-6 },
		.calibration = &toy_curves,
	};
}

static const struct llm m = {
	.name = "toy", .layers = 2, .hidden = 1024, .heads = 16,
	.kv_heads = 16, .head_dim = 64, .ffn = 4096, .experts = 1,
	.experts_per_token = 1, .vocab = 1000, .max_positions = 4096,
	.rotary = true,
};

START_TEST(a_copy_takes_its_curve)
{
	struct hardware hw = toy();
	struct work w = { .engine = ENGINE_H2D, .launches = 1.0,
			  .bytes = { .per_token = 1000.0 } };

	ck_assert(measured_has(&w, &hw));
	check_near(work_seconds(&w, &hw, 1.0, 0.0), 3e-6);
	check_near(work_seconds(&w, &hw, 500.5, 0.0), 13e-6);
	check_near(work_latency_s(&w, &hw, 500.5, 0.0),
		   13e-6 - 500500.0 / 50e9);
	/* beyond the last point never faster than the link */
	check_near(work_seconds(&w, &hw, 2e3, 0.0), 46e-6);
	ck_assert_double_eq(work_seconds(&w, &hw, 0.0, 0.0), 0.0);
	/* two copies of half the size */
	w.launches = 2.0;
	check_near(work_seconds(&w, &hw, 1001.0, 0.0), 26e-6);
	/* a direction without a curve takes what the figures say */
	w.engine = ENGINE_D2H;
	w.launches = 1.0;
	ck_assert(!measured_has(&w, &hw));
	check_near(work_seconds(&w, &hw, 400.0, 0.0), 1e-6 + 10e-6);
	check_near(work_latency_s(&w, &hw, 400.0, 0.0), 1e-6);
}
END_TEST

START_TEST(kernels_take_their_curves)
{
	struct hardware hw = toy();
	struct workload load = harness_workload(3, 100, 9);
	struct work r = layer_recompute(&m, &load, 1.0);
	struct work a = layer_attend(&m, &load, 1.0);
	struct work o = layer_output(&m, &load, 1.0);
	struct work f = layer_ffn(&m, &load, 1.0);

	/* 3 * 10 rows: the product, and K of them rotated */
	check_near(work_seconds(&r, &hw, 50.0, 10.0),
		   5e-6 + 29.0 / 99.0 * 1e-6 +
			   3e-6 + (2.0 * 30 * 1024 * 2 - 1e3) *
					  20e-6 / 999e3);
	/* 16 heads of 3 requests; more than the last point in proportion */
	check_near(work_seconds(&a, &hw, 49.0, 0.0),
		   8e-6 * (2.0 * 3 * 50 * 1024 * 2) / 1e5);
	/* half the weights of the shape that was measured */
	check_near(work_seconds(&o, &hw, 49.0, 0.0),
		   0.5 * (5e-6 + 2.0 / 99.0 * 1e-6));
	/* norm and activation without a curve: launch and bytes */
	check_near(work_seconds(&f, &hw, 49.0, 0.0),
		   2.0 * 2.0 * (5e-6 + 2.0 / 99.0 * 1e-6) +
			   2.5e-6 + 2.0 * 3 * 1024 * 2 / 1e12 +
			   2.5e-6 + 2.0 * 3 * 4096 * 2 / 1e12);
}
END_TEST

START_TEST(figures_that_are_set_scale_the_curves)
{
	struct hardware hw = toy();
	struct workload load = harness_workload(3, 100, 9);
	struct work c = { .engine = ENGINE_H2D, .launches = 1.0,
			  .bytes = { .fixed = 1e6 } };
	struct work a = layer_attend(&m, &load, 1.0);
	struct work o = layer_output(&m, &load, 1.0);
	double attend_s = work_seconds(&a, &hw, 49.0, 0.0);
	double output_s = work_seconds(&o, &hw, 49.0, 0.0);
	double traffic_s = 2.0 * (1024.0 * 1024.0 + 2.0 * 3.0 * 1024.0) / 1e12;

	hw.h2d.bytes_per_s = 25e9;
	/* 2 us of the 23 are the latency, and stay */
	check_near(work_seconds(&c, &hw, 0.0, 0.0), 2e-6 + 2.0 * 21e-6);
	hw.h2d.latency_s = 5e-6;
	check_near(work_seconds(&c, &hw, 0.0, 0.0), 5e-6 + 2.0 * 21e-6);
	hw.launch_s = 3.5e-6;
	check_near(work_seconds(&a, &hw, 49.0, 0.0), attend_s + 1e-6);
	hw.launch_s = 2.5e-6;
	hw.hbm_derate = 0.25;
	check_near(work_seconds(&a, &hw, 49.0, 0.0), 2.0 * attend_s - 2.5e-6);
	/* three rows: their weights are read from device memory, which at
	 * half the rate takes longer than what is over the launch */
	check_near(work_seconds(&o, &hw, 49.0, 0.0), 2.0 * traffic_s);
	hw.hbm_derate = 0.5;
	hw.gemm_derate = 0.25;
	check_near(work_seconds(&o, &hw, 49.0, 0.0), output_s);
	/* a thousand: that many take long to compute */
	load.batch = 1000;
	o = layer_output(&m, &load, 1.0);
	hw.gemm_derate = 0.5;
	output_s = work_seconds(&o, &hw, 49.0, 0.0);
	hw.gemm_derate = 0.25;
	check_near(work_seconds(&o, &hw, 49.0, 0.0), 2.0 * output_s - 2.5e-6);
	/* a lower clock slows launches, too */
	hw.full_gemm_derate = 0.5;
	check_near(work_seconds(&o, &hw, 49.0, 0.0), 2.0 * output_s);
}
END_TEST

/* Weights of 2 MiB take 2.097 us to read, which a launch of 2.5 us hides. */
START_TEST(without_a_launch_its_traffic_is_left)
{
	struct hardware hw = toy();
	struct workload load = harness_workload(3, 100, 9);
	struct work o = layer_output(&m, &load, 1.0);

	hw.launch_s = 0.0;
	check_near(work_seconds(&o, &hw, 49.0, 0.0),
		   2.0 * (1024.0 * 1024.0 + 2.0 * 3.0 * 1024.0) / 1e12);
}
END_TEST

START_TEST(the_host_shares_what_it_has)
{
	struct hardware hw = toy();
	struct work c = { .engine = ENGINE_H2D, .launches = 1.0,
			  .bytes = { .fixed = 1e6 }, .sharers = 4.0 };

	hw.host_root_bytes_per_s = 100e9;	/* 25 GB/s each */
	check_near(work_seconds(&c, &hw, 0.0, 0.0), 23e-6 + 1e6 / 25e9 -
							    1e6 / 50e9);
	check_near(work_latency_s(&c, &hw, 0.0, 0.0), 23e-6 - 1e6 / 50e9);
}
END_TEST

/* Attention of all cores, and one thread's copy. */
START_TEST(the_host_takes_its_curves)
{
	struct calibration curves = toy_curves;
	struct hardware hw = toy();
	struct work a = { .engine = ENGINE_CPU,
			  .bytes = { .fixed = 500.0, .per_token = 1000.0 } };
	struct work c = { .engine = ENGINE_COPY, .launches = 1.0,
			  .bytes = { .per_token = 1000.0,
				     .per_split = -1000.0 } };
	struct measured_outside o;

	hw.calibration = &curves;
	hw.host_attention_bytes_per_s = 50e9;
	hw.host_copy_bytes_per_s = 25e9;
	/* no curve: the figures, which are without a latency */
	ck_assert(!measured_has(&a, &hw) && !measured_has(&c, &hw));
	check_near(work_seconds(&a, &hw, 499.5, 0.0), 10e-6);
	curves.host[CALIBRATION_ATTENTION] =
		(struct curve){ bytes, bytes_s, 2, 0.03 };
	curves.host[CALIBRATION_COPY] =
		(struct curve){ kv, kv_s, 1, 0.04 };
	curves.at.host_bytes_per_s[CALIBRATION_ATTENTION] = 50e9;
	curves.at.host_bytes_per_s[CALIBRATION_COPY] = 25e9;
	ck_assert(measured_has(&a, &hw) && measured_has(&c, &hw));
	check_near(work_seconds(&a, &hw, 500.0, 0.0), 13e-6);
	check_near(work_latency_s(&a, &hw, 500.0, 0.0),
		   13e-6 - 500500.0 / 50e9);
	check_near(measured_spread(&a, &hw, 500.0, 0.0), 0.03);
	/* a copy is constant below its only point, and never faster than its
	 * rate above */
	check_near(work_seconds(&c, &hw, 60.0, 10.0), 8e-6);
	check_near(work_seconds(&c, &hw, 1000.0, 0.0), 80e-6);
	ck_assert(measured_is_outside(&c, &hw, 60.0, 10.0, &o));
	ck_assert_str_eq(o.what, "host copy");
	ck_assert_double_eq(work_seconds(&c, &hw, 10.0, 10.0), 0.0);
	/* half the rate takes twice as long, with what wakes the threads */
	hw.host_attention_bytes_per_s = 25e9;
	check_near(work_seconds(&a, &hw, 500.0, 0.0), 26e-6);
	/* of four GPUs each has a quarter of the CPU: its rate, not what a
	 * call takes beside */
	hw.host_attention_bytes_per_s = 50e9;
	a.sharers = 4.0;
	check_near(work_seconds(&a, &hw, 500.0, 0.0),
		   13e-6 + 3.0 * 500500.0 / 50e9);
}
END_TEST

START_TEST(spread_and_range_are_those_of_the_curves)
{
	struct hardware hw = toy();
	struct workload load = harness_workload(3, 100, 9);
	struct work r = layer_recompute(&m, &load, 1.0);
	struct work c = { .engine = ENGINE_CPU };
	struct measured_outside o;
	double gemm = 5e-6 + 29.0 / 99.0 * 1e-6;
	double all = work_seconds(&r, &hw, 50.0, 10.0);

	check_near(measured_spread(&r, &hw, 50.0, 10.0),
		   (0.02 * gemm + 0.1 * (all - gemm)) / all);
	ck_assert_double_eq(measured_spread(&c, &hw, 50.0, 10.0), 0.2);
	ck_assert(!measured_is_outside(&r, &hw, 50.0, 10.0, &o));
	ck_assert(measured_is_outside(&r, &hw, 50.0, 34.0, &o));
	ck_assert_str_eq(o.what, "product");
	ck_assert_double_eq(o.n, 2048.0);
	ck_assert_double_eq(o.k, 1024.0);
	ck_assert_double_eq(o.size, 102.0);
	ck_assert_double_eq(o.most, 101.0);
	ck_assert_double_eq(o.least, 1.0);
	hw.calibration = NULL;
	ck_assert_double_eq(measured_spread(&r, &hw, 50.0, 10.0), 0.0);
	ck_assert(!measured_is_outside(&r, &hw, 50.0, 34.0, &o));
}
END_TEST

static struct work draw_work(gsl_rng *rng, const struct random_case *c)
{
	switch (gsl_rng_uniform_int(rng, 9)) {
	case 0:
		return layer_load_cache(&c->model, &c->w, 1.0);
	case 1:
		return layer_load_activation(&c->model, &c->w, 1.0);
	case 2:
		return layer_recompute(&c->model, &c->w, 1.0);
	case 3:
		return layer_attend(&c->model, &c->w, 1.0);
	case 4:
		return layer_ffn(&c->model, &c->w, 1.0);
	case 5:
		return layer_append(&c->model, &c->w);
	case 6:
		return layer_attend_host(&c->model, &c->w, 1.0);
	case 7:
		return layer_stage_half(&c->model, &c->w, 1.0);
	}
	return layer_project(&c->model, &c->w, 1.0);
}

/* Every rate that a work depends on. */
static void scale_rates(struct hardware *hw, double factor)
{
	hw->flop_per_s *= factor;
	hw->hbm_bytes_per_s *= factor;
	hw->h2d.bytes_per_s *= factor;
	hw->d2h.bytes_per_s *= factor;
	hw->host_attention_bytes_per_s *= factor;
	hw->host_copy_bytes_per_s *= factor;
}

static void scale_latencies(struct hardware *hw, double factor)
{
	hw->launch_s *= factor;
	hw->event_s *= factor;
	hw->h2d.latency_s *= factor;
	hw->d2h.latency_s *= factor;
}

/* What the bytes and FLOP of a copy, product or kernel take at the least. */
static double least_seconds(const struct work *w, const struct hardware *hw,
			    double cached, double split)
{
	double amount = work_bytes(w, cached, split);

	if (w->engine != ENGINE_SM)
		return amount / work_rate(w, hw);
	if (w->ngemms > 0)
		amount -= amount_at(&w->bytes, cached, split);
	else
		amount = amount_at(&w->kernel[0].bytes, cached, split);
	return fmax((work_flop(w, cached, split) -
		     amount_at(&w->flop, cached, split)) /
			    hardware_gemm_flop_per_s(hw),
		    amount / hardware_hbm_bytes_per_s(hw));
}

/* Figures that are not those of the calibration. */
static void change(gsl_rng *rng, struct hardware *hw)
{
	hw->h2d.bytes_per_s *= random_case_log(rng, 0.2, 5.0);
	hw->d2h.latency_s *= random_case_log(rng, 0.2, 5.0);
	hw->launch_s *= random_case_log(rng, 0.2, 5.0);
	hw->gemm_derate *= random_case_log(rng, 0.2, 1.0);
	hw->hbm_bytes_per_s *= random_case_log(rng, 0.2, 5.0);
	hw->host_attention_bytes_per_s *= random_case_log(rng, 0.2, 5.0);
	hw->host_copy_bytes_per_s *= random_case_log(rng, 0.2, 5.0);
}

/*
 * The convex durations are nowhere above, exact where the split changes
 * nothing, and convex; scaled, they are exact where they should be.
 */
START_TEST(durations_lie_below)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t below = 0, exact = 0;

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = random_case_draw(rng);
		double cached = (double)random_case_size(rng, 2, 4000);
		double l = (double)random_case_size(rng, 1,
						    (size_t)cached - 1);
		double end = cached - 1.0, found, t;
		struct work_duration d, near;
		struct work w;

		random_calibration_draw(rng, &c.hw);
		if (i % 2)
			change(rng, &c.hw);
		w = draw_work(rng, &c);
		t = work_seconds(&w, &c.hw, cached, l);
		d = work_duration(&w, &c.hw, cached);
		found = work_duration_at(&d, l);
		ck_assert_double_le(found, t * (1.0 + 1e-12));
		if (w.gemm[0].m.per_split == 0.0 && w.bytes.per_split == 0.0)
			check_near(found, t);
		exact += found > t * (1.0 - 1e-12);
		below += found < t * 0.999;
		ck_assert_double_le(2.0 * work_duration_at(&d, 0.5 * end),
				    (work_duration_at(&d, 0.0) +
				     work_duration_at(&d, end)) *
					    (1.0 + 1e-12));
		near = work_duration_near(&w, &c.hw, cached, l);
		if (t > 0.0 && found > 0.0)
			check_near(work_duration_at(&near, l), t);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_gt(exact, CASES / 3);
	ck_assert_uint_gt(below, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/*
 * A time is a sum of latencies and of amounts over rates, each at least its
 * roofline's: all rates times f, with all latencies over f, divide it by f,
 * from wherever one begins; each alone never makes it longer; and where the
 * curve was not below what the rates say, no figure takes it there.
 */
START_TEST(times_are_homogeneous)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t launches = 0, rates = 0, floors = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = random_case_draw(rng);
		double cached = (double)random_case_size(rng, 2, 4000);
		double l = (double)random_case_size(rng, 1,
						    (size_t)cached - 1);
		double f = random_case_log(rng, 1.1, 20.0);
		double t, by_rates, by_launch, slack = 1.0 + 1e-12;
		bool above;
		struct hardware faster;
		struct work w;

		random_calibration_draw(rng, &c.hw);
		w = draw_work(rng, &c);
		above = work_seconds(&w, &c.hw, cached, l) >=
			least_seconds(&w, &c.hw, cached, l);
		if (i % 2)
			change(rng, &c.hw);
		t = work_seconds(&w, &c.hw, cached, l);
		faster = c.hw;
		scale_rates(&faster, f);
		by_rates = work_seconds(&w, &faster, cached, l);
		scale_latencies(&faster, 1.0 / f);
		check_near(work_seconds(&w, &faster, cached, l), t / f);
		scale_rates(&faster, 1.0 / f);
		by_launch = work_seconds(&w, &faster, cached, l);
		ck_assert_double_le(by_rates, t * slack);
		ck_assert_double_le(by_launch, t * slack);
		rates += by_rates < 0.99 * t;
		launches += by_launch < 0.99 * t;
		scale_latencies(&faster, 0.0);
		t = work_seconds(&w, &faster, cached, l);
		ck_assert(t > 0.0 || work_is_empty(&w, cached, l));
		if (above && w.ngemms + w.nkernels < 2) {
			ck_assert_double_ge(t * slack, least_seconds(
						&w, &faster, cached, l));
			floors++;
		}
		hardware_clear(&c.hw);
	}
	ck_assert_uint_gt(rates, CASES / 2);
	ck_assert_uint_gt(launches, CASES / 10);
	ck_assert_uint_gt(floors, CASES / 5);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/measured");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_copy_takes_its_curve);
	tcase_add_test(tc, kernels_take_their_curves);
	tcase_add_test(tc, figures_that_are_set_scale_the_curves);
	tcase_add_test(tc, the_host_shares_what_it_has);
	tcase_add_test(tc, the_host_takes_its_curves);
	tcase_add_test(tc, spread_and_range_are_those_of_the_curves);
	tcase_add_test(tc, without_a_launch_its_traffic_is_left);
	tcase_add_test(tc, durations_lie_below);
	tcase_add_test(tc, times_are_homogeneous);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
