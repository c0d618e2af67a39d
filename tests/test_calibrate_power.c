/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_calibrate_power.c - a GPU whose power law is known gives it back.
 *
 * The GPU draws P_0 + R E v^2, with v for the voltage over that at full clock
 * and E for a FLOP's energy there; its products' speed is v^a.  What is found
 * is held against the bounds that hold whatever the GPU does, and against the
 * closed form e = a / 2.
 */
#include "model/calibrate_power.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/xalloc.h"
#include "tests/harness.h"

enum { SEED = 77310201, CASES = 100, SHARES = 6, WINDOWS = 12 };

#define RESTED_S 1.6e-3
#define NOISE 0.002

struct gpu {
	double power_of_voltage;	/* a: c = v^a */
	double clock_of_voltage;	/* f = v^b */
	double room_w, flop_w;		/* limit less P_0; E R_0 */
	double noise;
};

/* c, where P_0 + u c R_0 E v^2 is the limit: u c c^(2/a) = room / flop. */
static double speed_of(const struct gpu *g, double share)
{
	double c = pow(g->room_w / (g->flop_w * share),
		       1.0 / (1.0 + 2.0 / g->power_of_voltage));

	return fmin(1.0, c);
}

static void write_series(FILE *out, gsl_rng *rng, const struct gpu *g,
			 double k, double share)
{
	double c = speed_of(g, share);
	double mhz = 1980.0 * pow(c, g->clock_of_voltage /
				     g->power_of_voltage);

	fprintf(out, ",{\"series\":\"power\",\"n\":8192,\"k\":%g,\"m\":16384,"
		"\"duty\":%g,\"burst_s\":5e-3,\"rested_s\":%.17g,"
		"\"rested_mhz\":1980,\"columns\":[\"elapsed_s\",\"share\","
		"\"sm_mhz\",\"power_w\",\"q1_s\",\"median_s\",\"q3_s\"],"
		"\"rows\":[", k, share, RESTED_S);
	for (size_t i = 0; i < WINDOWS; i++) {
		/* the limit acts after a while */
		double now = i < WINDOWS / 2 ? 1.0 : c;
		double t = RESTED_S / now *
			   (1.0 + gsl_ran_gaussian(rng, g->noise));

		fprintf(out, "%s[%g,%.17g,%.17g,null,%.17g,%.17g,%.17g]",
			i > 0 ? "," : "", 0.2 * (double)i, share, mhz, t, t,
			t);
	}
	fputs("]}", out);
}

static void sample(gsl_rng *rng, const struct gpu *g, struct sampled *s)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);
	struct gpu light = *g;
	struct measurements *m;
	struct diag d = { "" };

	light.flop_w = 0.3 * g->room_w;
	fputs("{\"schema\":\"kvplan-samples-1\",\"made_by\":{\"date\":"
	      "\"2031-07-08T09:10:11Z\"},\"machine\":{\"gpu\":{\"name\":"
	      "\"Toy GPU 1\"}},\"series\":[{\"series\":\"other\","
	      "\"columns\":[\"q1_s\",\"median_s\",\"q3_s\"],\"rows\":[]}",
	      out);
	for (size_t i = 0; i < SHARES; i++) {
		double share = 1.0 - 0.12 * (double)i;

		write_series(out, rng, g, 4096, share);
		/* one that memory binds, far below the limit */
		write_series(out, rng, &light, 256, share);
	}
	fputs("]}", out);
	xmemstream_close(out);
	ck_assert_msg(measurements_parse(text, &m, &d) == STATUS_OK, "%s",
		      d.text);
	sampled_make(m, s);
	measurements_free(m);
	free(text);
}

static struct gpu draw(gsl_rng *rng)
{
	return (struct gpu){
		.power_of_voltage = 0.4 + 1.6 * gsl_rng_uniform(rng),
		.clock_of_voltage = 1.0 + gsl_rng_uniform(rng),
		.room_w = 570.0, .noise = NOISE,
		.flop_w = 570.0 * (1.6 + 0.5 * gsl_rng_uniform(rng)) };
}

START_TEST(a_known_law_is_recovered)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, within = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < CASES; cases++) {
		struct gpu g = draw(rng);
		struct calibrate_power p;
		struct sampled s;
		double least = speed_of(&g, 1.0);

		g.noise = 0.0;
		sample(rng, &g, &s);
		ck_assert_uint_eq(s.npower, 2 * SHARES);
		p = calibrate_power_fit(&s);
		ck_assert_uint_eq(p.points, SHARES - 1);
		ck_assert_double_eq_tol(p.exponent,
					0.5 * g.power_of_voltage, 1e-4);
		ck_assert_double_lt(p.residual.worst, 1e-4);
		ck_assert_double_eq_tol(p.of_clock, g.power_of_voltage /
						    g.clock_of_voltage, 1e-3);
		ck_assert_double_eq_tol(p.from, 0.4, 1e-12);
		ck_assert_double_eq_tol(p.to, 0.88, 1e-12);
		/* and between the bounds, whatever it is */
		for (size_t i = 1; i <= 20; i++) {
			double u = 0.05 * (double)i, c = fmin(1.0, least *
				pow(u, -p.exponent / (1.0 + p.exponent)));

			ck_assert_double_ge(c, least);
			ck_assert_double_le(c, fmin(1.0, least / u) + 1e-12);
			within++;
		}
		sampled_clear(&s);
	}
	ck_assert_uint_eq(cases, CASES);
	ck_assert_uint_eq(within, 20 * CASES);
	gsl_rng_free(rng);
}
END_TEST

/* Repeats that spread move it by no more than they should. */
START_TEST(noise_moves_it_little)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double worst = 0.0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct gpu g = draw(rng);
		struct calibrate_power p;
		struct sampled s;

		/* most shares slowed, by much */
		g.flop_w = 2.0 * g.room_w;
		sample(rng, &g, &s);
		p = calibrate_power_fit(&s);
		worst = fmax(worst, fabs(p.exponent /
					 (0.5 * g.power_of_voltage) - 1.0));
		ck_assert_double_lt(p.residual.rms, 3.0 * NOISE);
		sampled_clear(&s);
	}
	ck_assert_double_gt(worst, 1e-4);
	ck_assert_double_lt(worst, 0.06);
	gsl_rng_free(rng);
}
END_TEST

/* Products that never reach the limit say nothing about it. */
START_TEST(an_unlimited_gpu_has_no_law)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct gpu g = { .power_of_voltage = 1.0, .clock_of_voltage = 1.0,
			 .room_w = 570.0, .flop_w = 500.0 };
	struct calibrate_power p;
	struct sampled s;

	sample(rng, &g, &s);
	p = calibrate_power_fit(&s);
	ck_assert_uint_eq(p.points, 0);
	ck_assert_double_eq(p.exponent, 0.0);
	ck_assert_double_eq(p.of_clock, 0.0);
	sampled_clear(&s);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/calibrate_power");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_known_law_is_recovered);
	tcase_add_test(tc, noise_moves_it_little);
	tcase_add_test(tc, an_unlimited_gpu_has_no_law);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
