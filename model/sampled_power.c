/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/sampled_power.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "model/element.h"

/* Of the rested clock, above which it counts as that: the sensor tells it in
 * steps of 15 MHz, of which two are 1.5 % of an H200's 1980 MHz. */
#define RESTED_CLOCK 0.98

/* The median of `column` in the later half; NAN if it is not known. */
static double settled(const struct measurements_series *s,
		      const char *column)
{
	double *values = xcalloc(s->nrows, sizeof *values), median = NAN;
	size_t n = 0;

	for (size_t i = s->nrows / 2; i < s->nrows; i++) {
		double v = measurements_value(s, i, column);

		if (isfinite(v))
			values[n++] = v;
	}
	if (n > 0)
		median = fit_median(values, n);
	free(values);
	return median;
}

/* A series of bursts of products. */
struct bursts {
	double chain;			/* products in each */
	double rested_s, product_s;	/* of one */
};

static struct bursts find_bursts(const struct measurements_series *s)
{
	return (struct bursts){
		.chain = settled(s, "chain"),
		.rested_s = measurements_number(s, "rested_s"),
		.product_s = settled(s, "median_s") };
}

static double settled_clock(const struct measurements_series *s)
{
	return settled(s, "sm_mhz") / measurements_number(s, "rested_mhz");
}

/* [s] from the start of a burst to that of its first timed product; 0: not
 * known. */
static double find_lead(const struct measurements *m)
{
	const struct measurements_series *s = NULL;
	double lead_s = INFINITY;

	while ((s = measurements_next(m, "power", s)) != NULL) {
		struct bursts b = find_bursts(s);
		double more_s = b.chain * (b.product_s - b.rested_s);

		if (settled_clock(s) > RESTED_CLOCK && more_s < lead_s)
			lead_s = more_s;
	}
	return isfinite(lead_s) ? fmax(0.0, lead_s) : 0.0;
}

static double product_element_bytes(const struct measurements_series *s)
{
	for (int i = 0; i < ELEMENT_COUNT; i++)
		if (measurements_is(s, "element", element_names[i]))
			return element_bytes((enum element)i);
	return NAN;
}

static void add_power_series(const struct measurements_series *s,
			     double lead_s, struct sampled *out)
{
	struct bursts b = find_bursts(s);
	double m = measurements_number(s, "m");
	struct sampled_power p = {
		.n = measurements_number(s, "n"),
		.k = measurements_number(s, "k"),
		.duty = measurements_number(s, "duty"),
		.burst_s = measurements_number(s, "burst_s"),
		.clock = settled_clock(s) };
	double ran_s = b.product_s, bytes;

	if (lead_s > 0.0 && b.chain > 0.0)
		ran_s -= lead_s / b.chain;
	p.share = settled(s, "share") * (ran_s / b.product_s);
	p.speed = b.rested_s / ran_s;
	if (!(p.share > 0.0 && p.share <= 1.0) || !(p.speed > 0.0))
		return;
	bytes = product_element_bytes(s) *
		(m * p.k + p.k * p.n + m * p.n);
	p.flop_per_s = 2.0 * m * p.k * p.n / b.rested_s;
	p.bytes_per_s = bytes / b.rested_s;
	out->power = xrealloc_array(out->power, out->npower + 1,
				    sizeof *out->power);
	out->power[out->npower++] = p;
}

void sampled_power_add(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;
	double lead_s = find_lead(m);

	while ((s = measurements_next(m, "power", s)) != NULL)
		add_power_series(s, lead_s, out);
}
