/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibrate_power.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_multimin.h>

#include "base/xalloc.h"
#include "model/calibrate_json.h"
#include "model/power_limit.h"

#define EXPONENT_LEAST 0.01	/* gpu.clock_exponent's range */
#define EXPONENT_MOST 16.0
#define BYTE_FLOP_MOST 1e4	/* gpu.byte_flop's */
#define SUSTAINED_LEAST 1e-4	/* gpu.gemm_sustained_derate's */

/* Several times what the speeds of repeats spread. */
#define RESIDUAL_DOUBTED 0.05

/* Shares of the time that are the same but for how a series went. */
#define SAME_SHARE 0.02

/* FLOP per byte that are far enough apart to tell what a byte draws. */
#define OTHER_INTENSITY 2.0

/* Of the search: a simplex' first edges, its size where the better start shows,
 * and where it is a point. */
#define FIRST_EDGE 0.2
#define SMALL 1e-3
#define SMALLEST 1e-9
enum { MOST_STEPS = 4000, NEWTON_STEPS = 60 };

/* What is searched; in the scales of the points all are about 1. */
enum { LOG_LIMIT, LOG_EXPONENT, BYTE_FLOP, PARAMETERS };

struct law {
	double limit;			/* K [FLOP/s] */
	double exponent;		/* e */
	double byte_flop;		/* w [FLOP/B] */
};

struct points {
	const struct sampled_power **list;
	size_t n;
	bool tells_exponent, tells_bytes;
	/* of the slowed, means: [FLOP/s], and that over [B/s] */
	double flop_per_s, flop_per_byte;
};

static bool is_slowed(const struct sampled_power *p)
{
	return p->speed < CALIBRATE_POWER_LIMITED;
}

static bool has_shorter_bursts(const struct sampled *s,
			       const struct sampled_power *p)
{
	for (size_t i = 0; i < s->npower; i++) {
		const struct sampled_power *q = &s->power[i];

		if (q->n == p->n && q->k == p->k && q->duty == p->duty &&
		    q->burst_s < p->burst_s)
			return true;
	}
	return false;
}

/* What the slowed ones of `all` tell. */
static void judge(struct points *all)
{
	double flop = 0.0, bytes = 0.0;
	size_t slowed = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct sampled_power *p = all->list[i];

		if (!is_slowed(p))
			continue;
		slowed++;
		flop += p->share * p->speed * p->flop_per_s;
		bytes += p->share * p->speed * p->bytes_per_s;
		for (size_t j = 0; j < i; j++) {
			const struct sampled_power *q = all->list[j];
			double intensity = p->flop_per_s * q->bytes_per_s /
					   (p->bytes_per_s * q->flop_per_s);

			if (!is_slowed(q))
				continue;
			if (q->n == p->n && q->k == p->k &&
			    fabs(q->share - p->share) > SAME_SHARE)
				all->tells_exponent = true;
			if (fmax(intensity, 1.0 / intensity) >=
			    OTHER_INTENSITY)
				all->tells_bytes = true;
		}
	}
	/* one for each of K, e and w */
	all->tells_bytes = all->tells_bytes && slowed > 2;
	all->flop_per_s = flop / (double)slowed;
	all->flop_per_byte = flop / bytes;
}

static struct points find_points(const struct sampled *s)
{
	struct points all = { .list = xcalloc(s->npower + 1,
					      sizeof(*all.list)) };

	for (size_t i = 0; i < s->npower; i++) {
		const struct sampled_power *p = &s->power[i];

		if (isfinite(p->flop_per_s) && isfinite(p->bytes_per_s) &&
		    p->flop_per_s > 0.0 && p->bytes_per_s > 0.0 &&
		    p->speed >= POWER_LIMIT_SLOWEST &&
		    !has_shorter_bursts(s, p))
			all.list[all.n++] = p;
	}
	judge(&all);
	return all;
}

/*
 * c of `p`, whose share is what it is: c^(g + 1) u R_0 + c u w B_0 = K, which
 * rises and is convex, so that Newton's steps from 1 come down to it.
 */
static double law_speed(const struct law *l, const struct sampled_power *p)
{
	double g = 1.0 / l->exponent, c = 1.0;
	double flop = p->share * p->flop_per_s / l->limit;
	double bytes = p->share * p->bytes_per_s * l->byte_flop / l->limit;

	if (flop + bytes <= 1.0)
		return 1.0;
	for (int i = 0; i < NEWTON_STEPS; i++) {
		double power = pow(c, g) * flop;
		double step = (c * (power + bytes) - 1.0) /
			      ((g + 1.0) * power + bytes);

		c -= step;
		if (step <= 1e-15 * c)
			break;
	}
	return c;
}

static double model_error(const struct law *l, const struct sampled_power *p)
{
	return law_speed(l, p) / p->speed - 1.0;
}

static double clamp(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

static struct law law_of(const gsl_vector *x, const struct points *all)
{
	double w = x->size > BYTE_FLOP ? fabs(gsl_vector_get(x, BYTE_FLOP))
				       : 0.0;

	return (struct law){
		.limit = all->flop_per_s * exp(clamp(
			gsl_vector_get(x, LOG_LIMIT), -20.0, 20.0)),
		.exponent = exp(clamp(gsl_vector_get(x, LOG_EXPONENT),
				      log(EXPONENT_LEAST),
				      log(EXPONENT_MOST))),
		.byte_flop = fmin(w * all->flop_per_byte, BYTE_FLOP_MOST) };
}

static double squares(const gsl_vector *x, void *points)
{
	const struct points *all = points;
	struct law l = law_of(x, all);
	double sum = 0.0;

	for (size_t i = 0; i < all->n; i++) {
		double e = model_error(&l, all->list[i]);

		sum += e * e;
	}
	return isfinite(sum) ? sum : DBL_MAX;	/* as GSL wants it */
}

/* From `x` to where a simplex has the size `small`; the squares there. */
static double descend(gsl_multimin_fminimizer *m, struct points *all,
		      gsl_vector *x, const gsl_vector *edges, double small)
{
	gsl_multimin_function of = { .f = squares, .n = x->size,
				     .params = all };
	int going = gsl_multimin_fminimizer_set(m, &of, x, edges);

	for (int i = 0; i < MOST_STEPS && going == GSL_SUCCESS; i++) {
		going = gsl_multimin_fminimizer_iterate(m);
		if (gsl_multimin_fminimizer_size(m) < small)
			break;
	}
	gsl_vector_memcpy(x, gsl_multimin_fminimizer_x(m));
	return gsl_multimin_fminimizer_minimum(m);
}

/* The best of several starts, gone on with twice. */
static struct law find_law(struct points *all)
{
	enum { EXPONENTS = 3, BYTES = 2 };
	static const double exponents[EXPONENTS] = { 0.1, 0.5, 2.0 };
	static const double bytes[BYTES] = { 0.1, 0.5 };
	size_t n = all->tells_bytes ? PARAMETERS : BYTE_FLOP;
	size_t tries = EXPONENTS * (all->tells_bytes ? BYTES : 1);
	gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(
		gsl_multimin_fminimizer_nmsimplex2, n);
	gsl_vector *x = gsl_vector_alloc(n), *edges = gsl_vector_alloc(n);
	gsl_vector *best = gsl_vector_calloc(n);
	struct law law;
	double least = INFINITY;

	gsl_vector_set_all(edges, FIRST_EDGE);
	for (size_t i = 0; i < tries; i++) {
		double sum;

		gsl_vector_set(x, LOG_LIMIT, 0.0);
		gsl_vector_set(x, LOG_EXPONENT, log(exponents[i % EXPONENTS]));
		if (n > BYTE_FLOP)
			gsl_vector_set(x, BYTE_FLOP, bytes[i / EXPONENTS]);
		sum = descend(m, all, x, edges, SMALL);
		if (sum < least) {
			least = sum;
			gsl_vector_memcpy(best, x);
		}
	}
	descend(m, all, best, edges, SMALLEST);
	descend(m, all, best, edges, SMALLEST);
	law = law_of(best, all);
	gsl_multimin_fminimizer_free(m);
	gsl_vector_free(x);
	gsl_vector_free(edges);
	gsl_vector_free(best);
	return law;
}

/* Over those that are slowed, or by the law would be. */
static void find_residual(const struct points *all, const struct law *l,
			  struct calibrate_power *out)
{
	double sum = 0.0;

	out->from = 1.0;
	for (size_t i = 0; i < all->n; i++) {
		const struct sampled_power *p = all->list[i];
		double e = model_error(l, p);

		if (!is_slowed(p) && law_speed(l, p) >= 1.0)
			continue;
		out->points++;
		out->from = fmin(out->from, p->share);
		out->to = fmax(out->to, p->share);
		out->residual.worst = fmax(out->residual.worst, fabs(e));
		sum += e * e;
	}
	out->residual.rms = sqrt(sum / (double)out->points);
}

/* Least squares of ln c = x ln clock; both are 1 at rest. */
static double by_clock(const struct sampled *s)
{
	double xx = 0.0, xy = 0.0;

	for (size_t i = 0; i < s->npower; i++) {
		double x = log(s->power[i].clock);

		if (!isfinite(x))
			continue;
		xx += x * x;
		xy += x * log(s->power[i].speed);
	}
	return xx > 0.0 ? xy / xx : 0.0;
}

struct calibrate_power calibrate_power_fit(const struct sampled *s)
{
	struct calibrate_power out = { .of_clock = by_clock(s) };
	struct points all = find_points(s);

	if (all.tells_exponent) {
		struct law l = find_law(&all);

		out.limit = l.limit;
		out.exponent = l.exponent;
		out.byte_flop = l.byte_flop;
		find_residual(&all, &l, &out);
	}
	free(all.list);
	return out;
}

static struct calibrate_row *set_figure(struct fitted *k,
					const struct calibrate_power *p,
					const char *path, double value,
					const char *confidence,
					const char *more)
{
	struct calibrate_row *row = fitted_add(k, path, QUANTITY_NUMBER,
					       value);

	row->residual = p->residual;
	row->samples = p->points;
	row->of = QUANTITY_NUMBER;
	row->from = p->from;
	row->to = p->to;
	fitted_set(k, path, value, confidence, row, more);
	return row;
}

void calibrate_power_set(struct fitted *k)
{
	static const char byte_flop[] = "gpu.byte_flop";
	const double *peak = fitted_value(k, "gpu.flop_per_s");
	const double *share = fitted_value(k, "gpu.gemm_derate");
	struct calibrate_power p = calibrate_power_fit(k->s);
	struct calibrate_row *row;
	double sustained;
	char more[160];

	if (p.of_clock > 0.0)
		fitted_add(k, "speed of products by clock, exponent",
			   QUANTITY_NUMBER, p.of_clock)->in_profile = false;
	if (!(p.exponent > 0.0) || k->o->gemm != CALIBRATE_RESTED ||
	    peak == NULL || share == NULL)
		return;
	sustained = pow(p.limit / (*peak * *share),
			p.exponent / (1.0 + p.exponent));
	/* a limit that products alone do not reach, or samples of no GPU */
	if (!(sustained < 1.0 && sustained * *share >= SUSTAINED_LEAST))
		return;
	snprintf(more, sizeof more, "Products alone, without memory traffic: "
		 "%.4g TFLOP/s; the limit is %.4g at full clock.",
		 sustained * *peak * *share / 1e12, p.limit / 1e12);
	set_figure(k, &p, "gpu.gemm_sustained_derate", sustained * *share,
		   "derived", more);
	row = set_figure(k, &p, "gpu.clock_exponent", p.exponent, "measured",
			 "Shares of the time that products run; of their "
			 "speed.");
	if (p.residual.worst > RESIDUAL_DOUBTED)
		row->doubt = "the power limit does not go by one law";
	if (p.byte_flop > 0.0)
		set_figure(k, &p, byte_flop, p.byte_flop, "derived",
			   "With the exponent; of products of several shapes.");
	else
		calibrate_json_forget(k->out->profile, byte_flop);
}
