/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_calibrate_power.c - a GPU whose power law is known gives it back.
 *
 * The GPU draws P_0 + F E v^2 + B E', with v for the voltage over that at full
 * clock, E for a FLOP's energy there and E' for a byte's; its products' speed
 * is v^a.  With P for the limit less P_0 and e = a / 2 the law has K = P / E
 * and w = E' / E; and what is found is held against the bounds that hold
 * whatever the GPU does.
 */
#include "model/calibrate_power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/xalloc.h"
#include "model/calibrate_json.h"
#include "tests/harness.h"

enum { SEED = 77310201, CASES = 100, SHARES = 6, WINDOWS = 12 };

#define M 16384.0
#define N 8192.0
#define BURST_S 5e-3
#define NOISE 0.002

struct gpu {
	double power_of_voltage;	/* a: c = v^a */
	double clock_of_voltage;	/* f = v^b */
	double limit, byte_flop;	/* K, w */
	double noise, lead_s;
};

/* A product, and how long it takes when the GPU has rested. */
struct shape {
	double k, rested_s;
};

static const struct shape heavy = { 4096, 1.6e-3 };
static const struct shape middle = { 1024, 4.2e-4 };
static const struct shape reading = { 256, 1.3e-4 };
static const struct shape idle = { 512, 1.6e-3 };	/* far below a limit */

static double flop_per_s(const struct shape *p)
{
	return 2.0 * M * N * p->k / p->rested_s;
}

static double bytes_per_s(const struct shape *p)
{
	return 2.0 * (M * p->k + p->k * N + M * N) / p->rested_s;
}

/* c, where u c R_0 c^(2/a) + w u c B_0 = K, or 1. */
static double speed_of(const struct gpu *g, const struct shape *p,
		       double share)
{
	double low = 0.0, high = 1.0;

	for (int i = 0; i < 60; i++) {
		double c = i == 0 ? 1.0 : 0.5 * (low + high);
		double drawn = share * c *
			(flop_per_s(p) * pow(c, 2.0 / g->power_of_voltage) +
			 g->byte_flop * bytes_per_s(p));

		if (drawn <= g->limit)
			low = c;
		else
			high = c;
		if (low >= 1.0)
			return 1.0;
	}
	return low;
}

struct series {
	const struct shape *shape;
	double duty, burst_s;
	double speed;			/* once it has settled */
};

static void write_series(FILE *out, gsl_rng *rng, const struct gpu *g,
			 const struct series *s)
{
	double mhz = 1980.0 * pow(s->speed, g->clock_of_voltage /
					    g->power_of_voltage);
	double rested_s = s->shape->rested_s;
	double chain = ceil(s->burst_s / rested_s);

	fprintf(out, ",{\"series\":\"power\",\"n\":%g,\"k\":%g,\"m\":%g,"
		"\"element\":\"fp16\",\"duty\":%g,\"burst_s\":%g,"
		"\"rested_s\":%.17g,\"rested_mhz\":1980,\"columns\":["
		"\"elapsed_s\",\"share\",\"sm_mhz\",\"power_w\",\"chain\","
		"\"q1_s\",\"median_s\",\"q3_s\"],\"rows\":[", N, s->shape->k,
		M, s->duty, s->burst_s, rested_s);
	for (size_t i = 0; i < WINDOWS; i++) {
		/* the limit acts after a while */
		double now = i < WINDOWS / 2 ? 1.0 : s->speed;
		double ran = rested_s / now *
			     (1.0 + gsl_ran_gaussian(rng, g->noise));
		double t = ran + g->lead_s / chain;

		fprintf(out, "%s[%g,%.17g,%.17g,null,%g,%.17g,%.17g,%.17g]",
			i > 0 ? "," : "", 0.2 * (double)i, s->duty * t / ran,
			mhz, chain, t, t, t);
	}
	fputs("]}", out);
}

/* At SHARES shares of the time, from all of it on, unless a lead adds to it. */
static size_t write_shape(FILE *out, gsl_rng *rng, const struct gpu *g,
			  const struct shape *p)
{
	size_t slowed = 0;

	for (size_t i = 0; i < SHARES; i++) {
		double share = (g->lead_s > 0.0 ? 0.95 : 1.0) -
			       0.12 * (double)i;
		struct series s = { p, share, BURST_S,
				    speed_of(g, p, share) };

		write_series(out, rng, g, &s);
		slowed += s.speed < 1.0;
	}
	return slowed;
}

static FILE *begin(char **text, size_t *size)
{
	FILE *out = xmemstream(text, size);

	fputs("{\"schema\":\"kvplan-samples-1\",\"made_by\":{\"date\":"
	      "\"2031-07-08T09:10:11Z\"},\"machine\":{\"gpu\":{\"name\":"
	      "\"Toy GPU 1\"}},\"series\":[{\"series\":\"other\","
	      "\"columns\":[\"q1_s\",\"median_s\",\"q3_s\"],\"rows\":[]}",
	      out);
	return out;
}

static void end(FILE *out, char **text, struct sampled *s)
{
	struct measurements *m;
	struct diag d = { "" };

	fputs("]}", out);
	xmemstream_close(out);
	ck_assert_msg(measurements_parse(*text, &m, &d) == STATUS_OK, "%s",
		      d.text);
	sampled_make(m, s);
	measurements_free(m);
	free(*text);
}

/* One shape, or three that read more and more, and one that is never slowed;
 * returns how many series are slowed. */
static size_t sample(gsl_rng *rng, const struct gpu *g, struct sampled *s)
{
	char *text;
	size_t size, slowed;
	FILE *out = begin(&text, &size);

	slowed = write_shape(out, rng, g, &heavy);
	if (g->byte_flop > 0.0) {
		slowed += write_shape(out, rng, g, &middle);
		slowed += write_shape(out, rng, g, &reading);
	}
	write_shape(out, rng, g, &idle);
	end(out, &text, s);
	return slowed;
}

static struct gpu draw(gsl_rng *rng, bool bytes)
{
	struct gpu g = {
		.power_of_voltage = 0.4 + 1.6 * gsl_rng_uniform(rng),
		.clock_of_voltage = 1.0 + gsl_rng_uniform(rng),
		.limit = flop_per_s(&heavy) /
			 (1.6 + 0.5 * gsl_rng_uniform(rng)) };

	if (bytes)
		g.byte_flop = 40.0 + 80.0 * gsl_rng_uniform(rng);
	return g;
}

static void check_bounds(const struct calibrate_power *p,
			 const struct gpu *g)
{
	double least = speed_of(g, &heavy, 1.0);

	for (size_t i = 1; i <= 20; i++) {
		double u = 0.05 * (double)i, c = fmin(1.0, least *
			pow(u, -p->exponent / (1.0 + p->exponent)));

		ck_assert_double_ge(c, least);
		ck_assert_double_le(c, fmin(1.0, least / u) + 1e-12);
	}
}

static void check_law(const struct calibrate_power *p, const struct gpu *g,
		      size_t slowed)
{
	ck_assert_uint_eq(p->points, slowed);
	ck_assert_double_eq_tol(p->exponent, 0.5 * g->power_of_voltage, 1e-4);
	ck_assert_double_eq_tol(p->limit, g->limit, 1e-4 * g->limit);
	ck_assert_double_le(fabs(p->byte_flop - g->byte_flop),
			    1e-4 * g->byte_flop);
	ck_assert_double_lt(p->residual.worst, 1e-4);
}

START_TEST(a_known_law_is_recovered)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct gpu g = draw(rng, i % 2 == 1);
		struct calibrate_power p;
		struct sampled s;
		size_t slowed = sample(rng, &g, &s);

		ck_assert_uint_eq(s.npower, (i % 2 == 1 ? 4 : 2) * SHARES);
		p = calibrate_power_fit(&s);
		check_law(&p, &g, slowed);
		ck_assert_double_eq_tol(p.of_clock, g.power_of_voltage /
						    g.clock_of_voltage, 1e-3);
		ck_assert_double_eq_tol(p.to, 1.0, 1e-12);
		if (i % 2 == 0)
			check_bounds(&p, &g);
		sampled_clear(&s);
	}
	gsl_rng_free(rng);
}
END_TEST

/* A burst that is timed from too early on, and bursts that are too long. */
START_TEST(leads_and_long_bursts_do_not_count)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED + 2);
	for (size_t i = 0; i < CASES / 2; i++) {
		struct gpu g = draw(rng, true);
		struct series slower = { &heavy, 0.95, 8.0 * BURST_S, 0.0 };
		char *text;
		size_t size, slowed;
		FILE *out = begin(&text, &size);
		struct calibrate_power p;
		struct sampled s;

		g.lead_s = 1e-4 * gsl_rng_uniform(rng);
		slowed = write_shape(out, rng, &g, &heavy);
		slowed += write_shape(out, rng, &g, &reading);
		write_shape(out, rng, &g, &idle);
		slower.speed = 0.95 * speed_of(&g, &heavy, 0.95);
		write_series(out, rng, &g, &slower);
		end(out, &text, &s);
		p = calibrate_power_fit(&s);
		check_law(&p, &g, slowed);
		sampled_clear(&s);
	}
	gsl_rng_free(rng);
}
END_TEST

/* Repeats that spread move it by no more than they should. */
START_TEST(noise_moves_it_little)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double exponent = 0.0, limit = 0.0, byte_flop = 0.0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct gpu g = draw(rng, i % 2 == 1);
		struct calibrate_power p;
		struct sampled s;

		/* most shares slowed, by much */
		g.limit = 0.5 * flop_per_s(&heavy);
		g.noise = NOISE;
		sample(rng, &g, &s);
		p = calibrate_power_fit(&s);
		exponent = fmax(exponent, fabs(p.exponent /
				(0.5 * g.power_of_voltage) - 1.0));
		limit = fmax(limit, fabs(p.limit / g.limit - 1.0));
		if (i % 2 == 1)
			byte_flop = fmax(byte_flop, fabs(p.byte_flop /
							 g.byte_flop - 1.0));
		ck_assert_double_lt(p.residual.rms, 3.0 * NOISE);
		sampled_clear(&s);
	}
	ck_assert_double_gt(exponent, 1e-4);
	ck_assert_double_lt(exponent, 0.04);
	ck_assert_double_lt(limit, 0.015);
	ck_assert_double_lt(byte_flop, 0.04);
	gsl_rng_free(rng);
}
END_TEST

/* Products that never reach the limit say nothing about it. */
START_TEST(an_unlimited_gpu_has_no_law)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct gpu g = { .power_of_voltage = 1.0, .clock_of_voltage = 1.0,
			 .limit = 1.1 * flop_per_s(&heavy), .noise = NOISE };
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

/* Each shape slowed at one share: a byte and the clock cannot be told apart. */
START_TEST(one_share_says_nothing)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct gpu g = { .power_of_voltage = 1.0, .clock_of_voltage = 1.0,
			 .limit = 0.6 * flop_per_s(&heavy),
			 .byte_flop = 90.0 };
	const struct shape *const shapes[] = { &heavy, &middle, &reading };
	struct sampled s;
	char *text;
	size_t size;
	FILE *out = begin(&text, &size);

	for (size_t i = 0; i < 6; i++) {
		/* the same twice */
		struct series one = { shapes[i / 2], 0.9, BURST_S,
				      speed_of(&g, shapes[i / 2], 0.9) };

		write_series(out, rng, &g, &one);
	}
	end(out, &text, &s);
	ck_assert_uint_eq(s.npower, 6);
	ck_assert_double_eq(calibrate_power_fit(&s).exponent, 0.0);
	sampled_clear(&s);
	gsl_rng_free(rng);
}
END_TEST

static void check_profile(gsl_rng *rng, const struct gpu *g,
			  enum calibrate_gemm gemm)
{
	struct calibrate_options options = { .gemm = gemm };
	struct calibrate_result r = {
		.profile = calibrate_json_begin(NULL, "toy", "A toy") };
	struct sampled s;
	struct fitted k = { .s = &s, .o = &options, .source = "x",
			    .out = &r };
	const double *least, *bytes;

	fitted_set(&k, "gpu.flop_per_s", 1e15, "quoted", NULL, "");
	fitted_set(&k, "gpu.gemm_derate", 0.8, "measured", NULL, "");
	fitted_set(&k, "gpu.byte_flop", 7.0, "guessed", NULL, "");
	sample(rng, g, &s);
	calibrate_power_set(&k);
	least = fitted_value(&k, "gpu.gemm_sustained_derate");
	bytes = fitted_value(&k, "gpu.byte_flop");
	if (gemm == CALIBRATE_SUSTAINED) {
		ck_assert_ptr_null(least);
		ck_assert_double_eq(*bytes, 7.0);
	} else {
		double e = 0.5 * g->power_of_voltage;

		/* K = c_1^g c_1 R_0, figures having six digits */
		ck_assert_double_eq_tol(
			pow(*least / 0.8, 1.0 / e + 1.0) * 0.8e15, g->limit,
			(1e-4 + 2e-6 / e) * g->limit);
		ck_assert_double_eq_tol(
			*fitted_value(&k, "gpu.clock_exponent"), e, 1e-4);
		if (g->byte_flop > 0.0)
			ck_assert_double_eq_tol(*bytes, g->byte_flop,
						1e-3 * g->byte_flop);
		else
			ck_assert_ptr_null(bytes);
	}
	sampled_clear(&s);
	calibrate_clear(&r);
}

/* c_1 is of products alone; a byte that nothing tells of is not another's. */
START_TEST(the_profile_has_products_alone)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED + 3);
	for (size_t i = 0; i < 20; i++) {
		struct gpu g = draw(rng, i % 2 == 1);

		check_profile(rng, &g, CALIBRATE_RESTED);
		check_profile(rng, &g, CALIBRATE_SUSTAINED);
	}
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/calibrate_power");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, a_known_law_is_recovered);
	tcase_add_test(tc, leads_and_long_bursts_do_not_count);
	tcase_add_test(tc, noise_moves_it_little);
	tcase_add_test(tc, an_unlimited_gpu_has_no_law);
	tcase_add_test(tc, one_share_says_nothing);
	tcase_add_test(tc, the_profile_has_products_alone);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
