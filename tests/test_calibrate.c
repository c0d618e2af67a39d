/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of a machine that is known give that machine back. */
#include "model/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/calibrate_json.h"
#include "model/hardware.h"
#include "tests/harness.h"
#include "tests/random_samples.h"

enum { SEED = 67867967 };

static struct hardware parse_profile(const cJSON *profile)
{
	char *text = cJSON_PrintUnformatted(profile);
	struct diag d = { "" };
	struct hardware hw;

	ck_assert_msg(hardware_parse(text, &hw, &d) == STATUS_OK, "%s",
		      d.text);
	cJSON_free(text);
	return hw;
}

/* Within `noises` deviations of the samples. */
static void check_rate(double found, double expected, double tolerance)
{
	ck_assert_msg(fabs(found / expected - 1.0) <= tolerance,
		      "found %g, expected %g within %g", found, expected,
		      tolerance);
}

static void check_machine(const struct hardware *hw,
			  const struct random_samples *t, double gemm)
{
	double e = 5.0 * t->noise + 1e-5;

	/* the largest of copies that begin in no time */
	check_rate(hw->h2d.bytes_per_s, t->rate[0], e + 0.001);
	check_rate(hw->d2h.bytes_per_s, t->rate[1], e + 0.001);
	check_rate(hw->h2d.latency_s, t->latency_s[0], 10.0 * e + 0.01);
	check_rate(hw->d2h.latency_s, t->latency_s[1], 10.0 * e + 0.01);
	check_rate(hw->h2d.pageable_bytes_per_s, t->pageable[0], e + 0.001);
	check_rate(hw->duplex_bytes_per_s, t->duplex, e);
	check_rate(hardware_hbm_bytes_per_s(hw), t->hbm, e);
	check_rate(hw->launch_s, t->launch_s, e);
	if (gemm == t->gemm)
		check_rate(hw->gemm_sustained_derate / hw->gemm_derate,
			   t->sustained / t->gemm, e + 0.02);
	else
		ck_assert_double_eq(hw->gemm_sustained_derate, 0.0);
	check_rate(hw->event_s, t->event_s, e);
	check_rate(hw->handoff_s, t->handoff_s, 3.0 * e);
	check_rate(hardware_gemm_flop_per_s(hw), gemm, e + 0.02);
	if (t->attention > 0.0) {
		/* of the largest, 1 GiB */
		check_rate(hw->host_attention_bytes_per_s, 1.0 /
			   (1.0 / t->attention + t->wake_s / 1073741824.0), e);
		check_rate(hw->host_copy_bytes_per_s, t->stage, e);
	} else {
		ck_assert_double_eq(hw->host_attention_bytes_per_s, 0.0);
		check_rate(hw->host_copy_bytes_per_s, t->host_copy, e);
	}
	ck_assert_double_eq(hw->memory_bytes, 2.385e10);
	ck_assert_double_eq(hw->host_memory_bytes, 1.2e11);
}

/* As it is in a stream, alone and by all threads; or not at all. */
static void check_host(const struct calibration *c,
		       const struct random_samples *t, double e)
{
	const struct curve *attend = &c->host[CALIBRATION_ATTENTION];
	const struct curve *copy = &c->host[CALIBRATION_COPY];

	ck_assert_int_eq(attend->n > 0, t->attention > 0.0);
	ck_assert_int_eq(copy->n > 0, t->attention > 0.0);
	for (double x = 1048576.0; x < 1e9 && copy->n > 0; x *= 1.37) {
		check_rate(curve_at(attend, x), t->wake_s + x / t->attention,
			   e);
		check_rate(curve_at(copy, x), x / t->stage, e);
	}
}

static void check_curves(const struct calibration *c,
			 const struct random_samples *t)
{
	double e = 5.0 * t->noise + 0.004, scale;

	for (double x = 5000.0; x < 1e9; x *= 1.37)
		for (int i = 0; i < 2; i++) {
			check_rate(curve_at(&c->pinned[i], x),
				   t->latency_s[i] + x / t->rate[i], e);
			check_rate(curve_at(&c->pageable[i], x),
				   t->latency_s[i] + x / t->pageable[i], e);
		}
	for (double m = 1.0; m < 3e5; m *= 1.37)
		check_rate(curve_at(calibration_product(c, 8192.0, 4096.0,
							&scale), m),
			   random_samples_gemm_s(t, m), e);
	check_host(c, t, e);
	ck_assert_uint_eq(c->nattention, 2);
	ck_assert_double_eq(c->attention[1].sequences, 16.0);
	check_rate(curve_at(&c->attention[1].bytes, 1e6), 7e-6 + 1e6 / t->hbm,
		   e);
	ck_assert_double_le(c->pinned[0].spread, 2.0 * t->noise + 0.002);
	ck_assert_uint_gt(c->kernels[KERNEL_NORM].n, 1);
	ck_assert_uint_eq(c->kernels[KERNEL_ROTATE].n, 0);
}

START_TEST(a_known_machine_is_recovered)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < 40; cases++) {
		struct random_samples t = random_samples_draw(rng);
		struct calibrate_options o = {
			.source = "toy.json",
			.gemm = cases % 2 ? CALIBRATE_SUSTAINED
					  : CALIBRATE_RESTED };
		char *text = random_samples_write(rng, &t);
		struct calibrate_result r;
		struct measurements *m;
		struct diag d = { "" };
		struct sampled s;
		struct hardware hw;

		ck_assert_msg(measurements_parse(text, &m, &d) == STATUS_OK,
			      "%s", d.text);
		sampled_make(m, &s);
		ck_assert_msg(calibrate_make(m, &s, &o, &r, &d) == STATUS_OK,
			      "%s", d.text);
		hw = parse_profile(r.profile);
		ck_assert_str_eq(hw.name, "toy-gpu-1");
		check_machine(&hw, &t, o.gemm == CALIBRATE_RESTED
				? t.gemm : t.sustained);
		if (o.gemm == CALIBRATE_RESTED)
			check_curves(hw.calibration, &t);
		hardware_clear(&hw);
		calibrate_clear(&r);
		sampled_clear(&s);
		measurements_free(m);
		free(text);
	}
	ck_assert_uint_eq(cases, 40);
	gsl_rng_free(rng);
}
END_TEST

/* At the power limit large products go no faster; small ones as before. */
START_TEST(sustained_products_are_limited)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct random_samples t;
	struct calibrate_result r[2];
	struct measurements *m;
	struct diag d = { "" };
	struct sampled s;
	char *text;

	gsl_rng_set(rng, SEED + 1);
	t = random_samples_draw(rng);
	t.noise = 0.0;
	t.sustained = 0.8 * t.gemm;
	text = random_samples_write(rng, &t);
	ck_assert_int_eq(measurements_parse(text, &m, &d), STATUS_OK);
	sampled_make(m, &s);
	for (int i = 0; i < 2; i++) {
		struct calibrate_options o = {
			.source = "toy.json", .name = "mine",
			.gemm = (enum calibrate_gemm)i,
			.peak_flop_per_s = 2.0 * t.gemm };
		struct hardware hw;
		const struct curve *c;
		double scale, limit = 2.0 * 8192 * 4096 / t.sustained;

		ck_assert_int_eq(calibrate_make(m, &s, &o, &r[i], &d),
				 STATUS_OK);
		hw = parse_profile(r[i].profile);
		ck_assert_str_eq(hw.name, "mine");
		ck_assert_double_eq(hw.flop_per_s, 2.0 * t.gemm);
		check_rate(hw.gemm_derate, i ? 0.4 : 0.5, 0.02);
		c = calibration_product(hw.calibration, 8192.0, 4096.0,
					&scale);
		check_rate(curve_at(c, 1.0), random_samples_gemm_s(&t, 1.0),
			   1e-5);
		check_rate(curve_at(c, 3e5),
			   i ? 3e5 * limit : random_samples_gemm_s(&t, 3e5),
			   0.003);
		hardware_clear(&hw);
		/* both rates are told, whichever is used */
		for (int k = 0; k < 2; k++) {
			const char *name = k ? "gemm sustained"
					     : "gemm rested";
			size_t n = 0;

			while (n < r[i].nrows &&
			       strcmp(r[i].rows[n].name, name) != 0)
				n++;
			ck_assert_uint_lt(n, r[i].nrows);
			ck_assert(r[i].rows[n].in_profile == (k == i));
		}
		calibrate_clear(&r[i]);
	}
	sampled_clear(&s);
	measurements_free(m);
	free(text);
	gsl_rng_free(rng);
}
END_TEST

static char *base_text(void)
{
	struct diag d;
	char *text;

	ck_assert_int_eq(profile_read(PROFILE_HARDWARE, "h100-sxm", &text,
				      &d), STATUS_OK);
	return text;
}

START_TEST(a_base_gives_what_was_not_measured)
{
	char *base = base_text();
	struct calibrate_options o = { .source = "link.json", .base = base,
				       .name = "mine" };
	struct nvbandwidth n = { .h2d = 55.5e9, .d2h = 54e9,
				 .h2d_both = 40e9, .d2h_both = 41e9,
				 .version = "v0.8" };
	struct hardware old = harness_hardware("h100-sxm"), hw;
	struct calibrate_result r;
	struct diag d = { "" };
	const cJSON *v;

	ck_assert_msg(calibrate_link(&n, &o, &r, &d) == STATUS_OK, "%s",
		      d.text);
	hw = parse_profile(r.profile);
	ck_assert_ptr_null(hw.calibration);
	ck_assert_double_eq(hw.h2d.bytes_per_s, 55.5e9);
	ck_assert_double_eq(hw.d2h.bytes_per_s, 54e9);
	ck_assert_double_eq(hw.duplex_bytes_per_s, 81e9);
	ck_assert_double_eq(hw.flop_per_s, old.flop_per_s);
	ck_assert_double_eq(hw.launch_s, old.launch_s);
	ck_assert_str_eq(hw.name, "mine");
	v = calibrate_json_value(r.profile, "gpu.flop_per_s");
	ck_assert(cJSON_IsNumber(v));
	calibrate_clear(&r);
	/* without one, the rest is missing */
	o.base = NULL;
	ck_assert_int_eq(calibrate_link(&n, &o, &r, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "not measured, and no --hardware given to "
			 "take it from: gpu: missing, expected an object");
	free(base);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/calibrate");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_known_machine_is_recovered);
	tcase_add_test(tc, sustained_products_are_limited);
	tcase_add_test(tc, a_base_gives_what_was_not_measured);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
