/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_calibrate_links.c - links whose sharing is known give it back.
 *
 * Rates are divided here by looking for the level that fills the limit, which
 * is not how the fit does it.
 */
#include "model/calibrate_links.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/xalloc.h"
#include "model/calibrate.h"
#include "model/calibrate_json.h"
#include "model/hardware.h"
#include "tests/harness.h"

enum { SEED = 41218733, MOST_GPUS = 8, CASES = 120 };

#define NOISE 0.002
#define BYTES 67108864.0

/* Rates that are differences of others, each rounded. */
#define TOLERANCE 1e-9

/* Links, what they share, and how repeats differ. */
struct host {
	size_t gpus, per_switch;	/* 0: a limit on all copies */
	double limit;			/* INFINITY: none */
	double h2d;			/* of the root's limit, with both
					 * directions busy; 0: any part */
	double rate[MOST_GPUS][2];	/* alone, in one direction */
	double duplex;			/* share of it with both busy */
	double noise;
};

/* max-min fair: min(rate, level), with the level that fills the limit. */
static double level_of(const double *rates, size_t n, double limit)
{
	double low = 0.0, high = limit;

	for (int i = 0; i < 100; i++) {
		double level = 0.5 * (low + high), sum = 0.0;

		for (size_t k = 0; k < n; k++)
			sum += fmin(rates[k], level);
		if (sum < limit)
			low = level;
		else
			high = level;
	}
	return high;
}

/* One direction's limit, and what that leaves the other. */
static double part_of(const struct host *h, double own, size_t way, size_t n)
{
	double rates[MOST_GPUS];

	for (size_t g = 0; g < n; g++)
		rates[g] = h->duplex * h->rate[g][way];
	return fmin(own, level_of(rates, n,
				  way == 0 ? h->h2d : h->limit - h->h2d));
}

/* The rate of GPU `gpu` in direction `way` while `n` of them copy so. */
static double rate_of(const struct host *h, size_t gpu, size_t way, bool both,
		      size_t n)
{
	double scale = both ? h->duplex : 1.0, rates[2 * MOST_GPUS];
	double own = scale * h->rate[gpu][way];
	size_t m = 0;

	if (n == 1)
		return own;
	if (both && h->h2d > 0.0)
		return part_of(h, own, way, n);
	for (size_t g = 0; g < n; g++)
		for (size_t d = 0; d < 2; d++) {
			bool shares = h->per_switch == 0
				? both || d == way
				: d == way && g / h->per_switch ==
					      gpu / h->per_switch;

			if (shares)
				rates[m++] = scale * h->rate[g][d];
		}
	return fmin(own, level_of(rates, m, h->limit));
}

/*
 * [s] of a chain: begun at once, and once that in the other direction has
 * ended, alone.
 */
static double time_of(const struct host *h, size_t gpu, size_t way, bool both,
		      size_t n)
{
	double rate = rate_of(h, gpu, way, both, n), begun;

	if (!both)
		return BYTES / rate;
	begun = fmin(BYTES / rate, BYTES / rate_of(h, gpu, 1 - way, both, n));
	return begun + (BYTES - begun * rate) / rate_of(h, gpu, way, false, n);
}

static void write_series(FILE *out, gsl_rng *rng, const struct host *h,
			 size_t n, size_t way, bool both)
{
	static const char *const names[] = { "h2d", "d2h" };

	fprintf(out, "%s{\"series\":\"links\",\"direction\":\"%s\","
		"\"busy\":\"%s\",\"gpus\":%zu,\"columns\":[\"gpu\",\"bytes\","
		"\"q1_s\",\"median_s\",\"q3_s\"],\"rows\":[",
		n == 1 && way == 0 && !both ? "" : ",", names[way],
		both ? "both" : names[way], n);
	/* alone each by itself */
	for (size_t g = 0; g < (n == 1 ? h->gpus : n); g++) {
		double t = time_of(h, g, way, both, n) *
			   (1.0 + gsl_ran_gaussian(rng, h->noise));

		fprintf(out, "%s[%zu,%.17g,%.17g,%.17g,%.17g]",
			g > 0 ? "," : "", g, BYTES, t, t, t);
	}
	fputs("]}", out);
}

static char *write_host(gsl_rng *rng, const struct host *h)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	fputs("{\"schema\":\"kvplan-samples-1\",\"made_by\":{\"date\":"
	      "\"2031-07-08T09:10:11Z\"},\"machine\":{\"gpu\":{\"name\":"
	      "\"Toy GPU 1\"}},\"series\":[", out);
	for (size_t n = 1; n <= h->gpus; n++)
		for (size_t i = 0; i < 4; i++)
			write_series(out, rng, h, n, i % 2, i >= 2);
	fputs("]}", out);
	xmemstream_close(out);
	return text;
}

static void read_host(gsl_rng *rng, const struct host *h, struct sampled *s)
{
	char *text = write_host(rng, h);
	struct measurements *m;
	struct diag d = { "" };

	ck_assert_msg(measurements_parse(text, &m, &d) == STATUS_OK, "%s",
		      d.text);
	sampled_make(m, s);
	measurements_free(m);
	free(text);
}

static struct host draw(gsl_rng *rng)
{
	struct host h = { .gpus = 2 + gsl_rng_uniform_int(rng, 7),
			  .limit = INFINITY, .noise = NOISE,
			  .duplex = 0.7 + 0.3 * gsl_rng_uniform(rng) };
	double rate = 1e10 * exp(2.0 * gsl_rng_uniform(rng));

	for (size_t g = 0; g < h.gpus; g++)
		for (size_t d = 0; d < 2; d++)
			h.rate[g][d] = rate *
				       (1.0 - 0.1 * gsl_rng_uniform(rng));
	return h;
}

/* [B/s] of all links of a group alone. */
static double whole(const struct host *h, size_t per_switch)
{
	size_t n = per_switch > 0 ? per_switch : h->gpus;

	return 0.9 * h->rate[0][0] * (double)n;
}

START_TEST(links_that_share_nothing_have_no_limit)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < CASES; cases++) {
		struct host h = draw(rng);
		struct calibrate_links l;
		struct sampled s;

		read_host(rng, &h, &s);
		l = calibrate_links_fit(&s);
		ck_assert_uint_eq(l.gpus, h.gpus);
		ck_assert_double_eq(l.limit_bytes_per_s, 0.0);
		ck_assert_uint_eq(l.copies, 2 * (h.gpus - 1) * (h.gpus + 2));
		ck_assert_double_gt(l.residual.rms, 0.5 * NOISE);
		ck_assert_double_lt(l.residual.rms, 4.0 * NOISE);
		sampled_clear(&s);
	}
	ck_assert_uint_eq(cases, CASES);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(a_shared_limit_is_found)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t roots = 0, switches = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct host h = draw(rng);
		struct calibrate_links l;
		struct sampled s;

		/* groups of all GPUs, or of two or more of them */
		if (i % 2 == 1)
			h.per_switch = 2 + gsl_rng_uniform_int(rng,
							       h.gpus - 1);
		h.limit = whole(&h, h.per_switch) *
			  (0.4 + 0.4 * gsl_rng_uniform(rng));
		read_host(rng, &h, &s);
		l = calibrate_links_fit(&s);
		ck_assert_uint_eq(l.per_switch, h.per_switch);
		ck_assert_msg(fabs(l.limit_bytes_per_s / h.limit - 1.0) <=
				      4.0 * NOISE,
			      "found %g, expected %g", l.limit_bytes_per_s,
			      h.limit);
		ck_assert_double_lt(l.residual.rms, 4.0 * NOISE);
		roots += l.per_switch == 0;
		switches += l.per_switch > 0;
		sampled_clear(&s);
	}
	ck_assert_uint_eq(roots, CASES / 2);
	ck_assert_uint_eq(switches, CASES / 2);
	gsl_rng_free(rng);
}
END_TEST

/*
 * By hand: two GPUs of 55 GB/s each way, 50 with both directions busy, and 80
 * GB/s in all.  One direction: 40 each; both: 20 each.
 */
START_TEST(two_gpus_by_hand)
{
	struct host h = { .gpus = 2, .limit = 80e9, .duplex = 50.0 / 55.0,
			  .rate = { { 55e9, 55e9 }, { 55e9, 55e9 } } };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct calibrate_links l;
	struct sampled s;

	ck_assert_double_eq_tol(rate_of(&h, 1, 0, false, 2), 40e9, 1.0);
	ck_assert_double_eq_tol(rate_of(&h, 1, 0, true, 2), 20e9, 1.0);
	read_host(rng, &h, &s);
	l = calibrate_links_fit(&s);
	ck_assert_uint_eq(l.per_switch, 0);
	ck_assert_double_eq_tol(l.limit_bytes_per_s, 80e9, 1e3);
	ck_assert_double_lt(l.residual.worst, 1e-6);
	sampled_clear(&s);
	/* the same each way: both directions have 40 each */
	h.per_switch = 2;
	read_host(rng, &h, &s);
	l = calibrate_links_fit(&s);
	ck_assert_uint_eq(l.per_switch, 2);
	ck_assert_double_eq_tol(l.limit_bytes_per_s, 80e9, 1e3);
	sampled_clear(&s);
	gsl_rng_free(rng);
}
END_TEST

/*
 * A root whose copies to the GPUs have less than their part: both figures are
 * found, and a root that shares alike has but one.
 */
START_TEST(copies_to_gpus_may_have_less)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t alike = 0;

	gsl_rng_set(rng, SEED + 2);
	for (size_t i = 0; i < CASES; i++) {
		struct host h = draw(rng);
		/* less than two GPUs' links, so that it binds for any */
		double back = 2.0 * 0.9 * h.duplex * h.rate[0][1] *
			      (0.5 + 0.4 * gsl_rng_uniform(rng));
		double h2d = back * (0.4 + 0.4 * gsl_rng_uniform(rng));
		struct calibrate_links l;
		struct sampled s;

		h.noise = 0.0;
		h.limit = back + h2d;
		h.h2d = i % 3 == 0 ? 0.0 : h2d;
		read_host(rng, &h, &s);
		l = calibrate_links_fit(&s);
		ck_assert_uint_eq(l.per_switch, 0);
		ck_assert_double_eq_tol(l.limit_bytes_per_s, h.limit,
					TOLERANCE * h.limit);
		ck_assert_double_eq_tol(l.h2d_bytes_per_s, h.h2d,
					TOLERANCE * h2d);
		ck_assert_double_lt(l.residual.worst, TOLERANCE);
		ck_assert(!l.several);
		alike += l.h2d_bytes_per_s == 0.0;
		sampled_clear(&s);
	}
	ck_assert_uint_eq(alike, CASES / 3);
	gsl_rng_free(rng);
}
END_TEST

/* A base's limits go, whether the links share another one or none. */
START_TEST(the_profile_has_what_was_measured)
{
	static const struct {
		size_t per_switch;
		double limit;
	} cases[] = { { 0, INFINITY }, { 0, 130e9 }, { 2, 70e9 } };
	struct hardware old = harness_hardware("h100-sxm"), hw;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	char *base, *text;
	struct diag d = { "" };

	ck_assert_int_eq(profile_read(PROFILE_HARDWARE, "h100-sxm", &text,
				      &d), STATUS_OK);
	for (size_t i = 0; i < 3; i++) {
		cJSON *with = cJSON_Parse(text);
		struct host h = { .gpus = 4, .duplex = 0.9,
				  .per_switch = cases[i].per_switch,
				  .limit = cases[i].limit };
		struct calibrate_options o = { .source = "links.json" };
		struct calibrate_result r;
		struct measurements *m;
		struct sampled s;
		char *samples;

		for (size_t g = 0; g < 4; g++)
			h.rate[g][0] = h.rate[g][1] = 50e9;
		calibrate_json_figure(with, "host.root_bytes_per_s", 9e9,
				      "before", "guessed", "");
		base = cJSON_PrintUnformatted(with);
		o.base = base;
		samples = write_host(rng, &h);
		ck_assert_int_eq(measurements_parse(samples, &m, &d),
				 STATUS_OK);
		sampled_make(m, &s);
		ck_assert_msg(calibrate_make(m, &s, &o, &r, &d) == STATUS_OK,
			      "%s", d.text);
		free(samples);
		samples = cJSON_PrintUnformatted(r.profile);
		ck_assert_msg(hardware_parse(samples, &hw, &d) == STATUS_OK,
			      "%s", d.text);
		cJSON_free(samples);
		ck_assert_uint_ge(r.nrows, 1);
		if (i == 1)
			ck_assert_double_eq(hw.host_root_bytes_per_s, 130e9);
		else
			ck_assert_double_eq(hw.host_root_bytes_per_s, 0.0);
		ck_assert_double_eq(hw.host_gpus_per_switch, i == 2 ? 2 : 0);
		ck_assert_double_eq(hw.host_switch_bytes_per_s,
				    i == 2 ? 70e9 : 0);
		ck_assert_str_eq(r.rows[r.nrows - 1].name,
				 i == 0 ? "4 GPUs, nothing shared" :
				 i == 1 ? "host.root_bytes_per_s"
					: "host.switch_bytes_per_s");
		ck_assert(r.rows[r.nrows - 1].in_profile == (i > 0));
		ck_assert_double_eq(hw.flop_per_s, old.flop_per_s);
		hardware_clear(&hw);
		calibrate_clear(&r);
		sampled_clear(&s);
		measurements_free(m);
		cJSON_free(base);
		cJSON_Delete(with);
	}
	free(text);
	gsl_rng_free(rng);
}
END_TEST

/* Two GPUs, each alone `rate`; both at once share limits of their own. */
static struct calibrate_links fit_two(double rate, double h2d, double d2h,
				      double both)
{
	struct sampled_link links[16];
	struct sampled s = { .links = links };

	for (size_t i = 0; i < 4; i++) {
		size_t way = i % 2;
		double limit = i >= 2 ? 0.25 * both
				      : 0.5 * (way == 0 ? h2d : d2h);

		for (size_t gpu = 0; gpu < 2; gpu++)
			for (size_t n = 1; n <= 2; n++)
				links[s.nlinks++] = (struct sampled_link){
					.way = way, .both = i >= 2,
					.gpus = n, .gpu = (double)gpu,
					.bytes_per_s = n == 1 ? rate : limit,
				};
	}
	return calibrate_links_fit(&s);
}

/* What no one limit explains is said to be so, and what one does is not. */
START_TEST(several_limits_are_told)
{
	struct calibrate_links l = fit_two(100e9, 180e9, 90e9, 130e9);

	ck_assert(l.several);
	ck_assert_double_gt(l.residual.rms, 0.2);
	/* an uplink: 55 GB/s one way, 50 each way with both directions busy */
	l = fit_two(54e9, 55e9, 55e9, 100e9);
	ck_assert(l.several);
	ck_assert_double_eq_tol(l.limit_bytes_per_s, 52.5e9, 1.0);
	ck_assert_double_eq_tol(l.residual.worst, 2.5 / 52.5, 1e-9);
	l = fit_two(54e9, 55e9, 55e9, 110e9);
	ck_assert(!l.several);
	l = fit_two(54e9, 55e9, 55e9, 55e9);
	ck_assert(!l.several);
}
END_TEST

/* One GPU alone, or samples without links: nothing is said. */
START_TEST(one_gpu_shares_nothing)
{
	struct host h = { .gpus = 1, .duplex = 0.9,
			  .rate = { { 55e9, 54e9 } } };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct calibrate_links l;
	struct sampled s;

	read_host(rng, &h, &s);
	ck_assert_uint_eq(s.nlinks, 4);
	l = calibrate_links_fit(&s);
	ck_assert_uint_eq(l.gpus, 0);
	ck_assert_double_eq(l.limit_bytes_per_s, 0.0);
	sampled_clear(&s);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/calibrate_links");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, links_that_share_nothing_have_no_limit);
	tcase_add_test(tc, a_shared_limit_is_found);
	tcase_add_test(tc, two_gpus_by_hand);
	tcase_add_test(tc, copies_to_gpus_may_have_less);
	tcase_add_test(tc, the_profile_has_what_was_measured);
	tcase_add_test(tc, several_limits_are_told);
	tcase_add_test(tc, one_gpu_shares_nothing);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
