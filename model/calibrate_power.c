/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibrate_power.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

#define EXPONENT_LEAST 0.01	/* gpu.clock_exponent's range */
#define EXPONENT_MOST 16.0
#define EXPONENT_STEP 1.05	/* of the search */
#define REFINEMENTS 40		/* of an interval, by the golden section */

/* Products that hardly ever pause are those that c_1 is of. */
#define ALWAYS 0.97

/* A point that the limit slows, or might. */
struct point {
	double least;			/* c_1 of its shape */
	double room;			/* c_1 R_0 / R */
	double speed;			/* c */
};

struct points {
	struct point *list;
	size_t n, slowed;
};

/* c_1 of the shape of `p`; 1: it was not measured, or is not slowed. */
static double least_speed(const struct sampled *s,
			  const struct sampled_power *p)
{
	double least = 1.0;

	for (size_t i = 0; i < s->npower; i++) {
		const struct sampled_power *q = &s->power[i];

		if (q->n == p->n && q->k == p->k && q->share >= ALWAYS &&
		    q->speed < CALIBRATE_POWER_LIMITED)
			least = q->speed;
	}
	return least;
}

static struct points find_points(const struct sampled *s,
				 struct calibrate_power *out)
{
	struct points all = { .list = xcalloc(s->npower + 1,
					      sizeof *all.list) };

	out->from = 1.0;
	for (size_t i = 0; i < s->npower; i++) {
		const struct sampled_power *p = &s->power[i];
		double least = least_speed(s, p);

		if (least >= 1.0 || p->share >= ALWAYS)
			continue;
		all.list[all.n++] = (struct point){
			.least = least, .speed = p->speed,
			.room = least / (p->share * p->speed) };
		all.slowed += p->speed < CALIBRATE_POWER_LIMITED;
		out->from = fmin(out->from, p->share);
		out->to = fmax(out->to, p->share);
	}
	return all;
}

static double model_error(const struct point *p, double exponent)
{
	return fmin(1.0, p->least * pow(p->room, exponent)) / p->speed - 1.0;
}

static double squares(const struct points *all, double exponent)
{
	double sum = 0.0;

	for (size_t i = 0; i < all->n; i++) {
		double e = model_error(&all->list[i], exponent);

		sum += e * e;
	}
	return sum;
}

/* The best of a dense grid, and then the best beside it. */
static double find_exponent(const struct points *all)
{
	const double golden = 0.5 * (sqrt(5.0) - 1.0);
	double best = EXPONENT_LEAST, low, high;

	for (double e = EXPONENT_LEAST; e <= EXPONENT_MOST;
	     e *= EXPONENT_STEP)
		if (squares(all, e) < squares(all, best))
			best = e;
	low = fmax(EXPONENT_LEAST, best / EXPONENT_STEP);
	high = fmin(EXPONENT_MOST, best * EXPONENT_STEP);
	for (int i = 0; i < REFINEMENTS; i++) {
		double a = high - golden * (high - low);
		double b = low + golden * (high - low);

		if (squares(all, a) <= squares(all, b))
			high = b;
		else
			low = a;
	}
	return 0.5 * (low + high);
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
	struct points all = find_points(s, &out);

	if (all.slowed >= 2) {
		out.points = all.n;
		out.exponent = find_exponent(&all);
		for (size_t i = 0; i < all.n; i++)
			out.residual.worst = fmax(
				out.residual.worst,
				fabs(model_error(&all.list[i],
						 out.exponent)));
		out.residual.rms = sqrt(squares(&all, out.exponent) /
					(double)all.n);
	}
	free(all.list);
	return out;
}

void calibrate_power_set(struct fitted *k)
{
	struct calibrate_power p = calibrate_power_fit(k->s);
	struct calibrate_row *row;

	if (p.of_clock > 0.0) {
		row = fitted_add(k, "speed of products by clock, exponent",
				 QUANTITY_NUMBER, p.of_clock);
		row->in_profile = false;
	}
	if (!(p.exponent > 0.0))
		return;
	row = fitted_add(k, "gpu.clock_exponent", QUANTITY_NUMBER,
			 p.exponent);
	row->residual = p.residual;
	row->samples = p.points;
	row->of = QUANTITY_NUMBER;
	row->from = p.from;
	row->to = p.to;
	fitted_set(k, "gpu.clock_exponent", p.exponent, "measured", row,
		   "Shares of the time that products run; of their speed.");
}
