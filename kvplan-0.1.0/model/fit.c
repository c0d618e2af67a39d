/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/fit.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/xalloc.h"

void fit_add(struct fit_points *p, double x, double y, double noise)
{
	assert(x > 0.0 && y > 0.0);
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 32;
		p->x = xrealloc_array(p->x, p->room, sizeof *p->x);
		p->y = xrealloc_array(p->y, p->room, sizeof *p->y);
		p->noise = xrealloc_array(p->noise, p->room,
					  sizeof *p->noise);
	}
	p->x[p->n] = x;
	p->y[p->n] = y;
	p->noise[p->n++] = noise;
}

void fit_points_clear(struct fit_points *p)
{
	free(p->x);
	free(p->y);
	free(p->noise);
	*p = (struct fit_points){ .n = 0 };
}

void fit_sort(struct fit_points *p)
{
	size_t *order = xcalloc(p->n + 1, sizeof *order);
	struct fit_points sorted = { .n = 0 };

	gsl_sort_index(order, p->x, 1, p->n);
	for (size_t i = 0; i < p->n; i++)
		fit_add(&sorted, p->x[order[i]], p->y[order[i]],
			p->noise[order[i]]);
	free(order);
	fit_points_clear(p);
	*p = sorted;
}

static struct fit_residual line_residual(const struct fit_line *l,
					 const struct fit_points *p)
{
	struct fit_residual r = { .rms = 0.0 };

	for (size_t i = 0; i < p->n; i++) {
		double e = fabs((l->fixed + l->slope * p->x[i]) / p->y[i] -
				1.0);

		r.rms += e * e / (double)p->n;
		r.worst = fmax(r.worst, e);
	}
	r.rms = sqrt(r.rms);
	return r;
}

struct fit_line fit_line(const struct fit_points *p)
{
	double *w = xcalloc(p->n, sizeof *w), c00, c01, c11, chi2;
	struct fit_line l;

	assert(p->n >= 2);
	for (size_t i = 0; i < p->n; i++)
		w[i] = 1.0 / (p->y[i] * p->y[i]);
	gsl_fit_wlinear(p->x, 1, w, 1, p->y, 1, p->n, &l.fixed, &l.slope,
			&c00, &c01, &c11, &chi2);
	if (l.fixed < 0.0) {
		l.fixed = 0.0;
		gsl_fit_wmul(p->x, 1, w, 1, p->y, 1, p->n, &l.slope, &c11,
			     &chi2);
	}
	free(w);
	l.residual = line_residual(&l, p);
	return l;
}

struct fit_line fit_line_of_slope(const struct fit_points *p, double slope)
{
	struct fit_line l = { .slope = slope };
	double sum = 0.0, weight = 0.0;

	assert(p->n >= 1);
	for (size_t i = 0; i < p->n; i++) {
		double w = 1.0 / (p->y[i] * p->y[i]);

		sum += w * (p->y[i] - slope * p->x[i]);
		weight += w;
	}
	l.fixed = fmax(0.0, sum / weight);
	l.residual = line_residual(&l, p);
	return l;
}

/* The mean of points first .. n - 1 of `from`, into `to`. */
static void add_mean(struct fit_points *to, const struct fit_points *from,
		     size_t first, size_t n)
{
	double x = 0.0, y = 0.0, noise = 0.0;

	if (n - first == 1 || from->x[first] == from->x[n - 1]) {
		/* no rounding of a size that stands for itself */
		for (size_t i = first; i < n; i++) {
			y += from->y[i] / (double)(n - first);
			noise += from->noise[i] / (double)(n - first);
		}
		fit_add(to, from->x[first], y, noise);
		return;
	}
	for (size_t i = first; i < n; i++) {
		x += log(from->x[i]) / (double)(n - first);
		y += log(from->y[i]) / (double)(n - first);
		noise += from->noise[i] / (double)(n - first);
	}
	fit_add(to, exp(x), exp(y), noise);
}

void fit_merge(struct fit_points *p, double within)
{
	struct fit_points merged = { .n = 0 };
	size_t first = 0;

	fit_sort(p);
	for (size_t i = 0; i < p->n; i++)
		if (i + 1 == p->n ||
		    p->x[i + 1] > p->x[first] * (1.0 + within)) {
			add_mean(&merged, p, first, i + 1);
			first = i + 1;
		}
	if (p->n > 0) {
		merged.x[0] = p->x[0];
		merged.x[merged.n - 1] = p->x[p->n - 1];
	}
	fit_points_clear(p);
	*p = merged;
}

/* Blocks of equal y, each the mean of what it pools. */
void fit_rise(struct fit_points *p)
{
	double *y = xcalloc(p->n + 1, sizeof *y);
	size_t *count = xcalloc(p->n + 1, sizeof *count), n = 0;

	for (size_t i = 0; i < p->n; i++) {
		y[n] = p->y[i];
		count[n++] = 1;
		while (n > 1 && y[n - 2] > y[n - 1]) {
			size_t both = count[n - 2] + count[n - 1];

			y[n - 2] = (y[n - 2] * (double)count[n - 2] +
				    y[n - 1] * (double)count[n - 1]) /
				   (double)both;
			count[--n - 1] = both;
		}
	}
	for (size_t b = 0, i = 0; b < n; b++)
		for (size_t k = 0; k < count[b]; k++)
			p->y[i++] = y[b];
	free(y);
	free(count);
}

static double between(const struct fit_points *p, size_t a, size_t b,
		      double x)
{
	return p->y[a] + (x - p->x[a]) / (p->x[b] - p->x[a]) *
				 (p->y[b] - p->y[a]);
}

/* Keep what interpolation from `a` to `b` misses most, and so on. */
static void keep(const struct fit_points *p, size_t a, size_t b,
		 double tolerance, bool *kept)
{
	double worst = tolerance;
	size_t which = b;

	kept[a] = kept[b] = true;
	for (size_t i = a + 1; i < b; i++) {
		double e = fabs(between(p, a, b, p->x[i]) / p->y[i] - 1.0);

		if (e > worst) {
			worst = e;
			which = i;
		}
	}
	if (which == b)
		return;
	keep(p, a, which, tolerance, kept);
	keep(p, which, b, tolerance, kept);
}

static double find_spread(const struct curve *c, const struct fit_points *p)
{
	double sum = pow(fit_residual(c, p).rms, 2.0);
	size_t inner = p->n > 2 ? p->n - 2 : 0;

	for (size_t i = 0; i < p->n; i++)
		sum += pow(p->noise[i], 2.0) / (double)p->n;
	for (size_t i = 1; i <= inner; i++)
		sum += pow(0.5 * (between(p, i - 1, i + 1, p->x[i]) /
					  p->y[i] - 1.0), 2.0) /
		       (double)inner;
	return sqrt(sum);
}

struct curve fit_table(const struct fit_points *p, double tolerance)
{
	bool *kept = xcalloc(p->n, sizeof *kept);
	struct curve c = {
		.size = xcalloc(p->n, sizeof *c.size),
		.time_s = xcalloc(p->n, sizeof *c.time_s),
	};

	assert(p->n >= 1);
	keep(p, 0, p->n - 1, tolerance, kept);
	for (size_t i = 0; i < p->n; i++) {
		if (!kept[i])
			continue;
		c.size[c.n] = p->x[i];
		c.time_s[c.n++] = p->y[i];
	}
	c.spread = find_spread(&c, p);
	free(kept);
	return c;
}

struct fit_residual fit_residual(const struct curve *c,
				 const struct fit_points *p)
{
	struct fit_residual r = { .rms = 0.0 };

	for (size_t i = 0; i < p->n; i++) {
		double e = fabs(curve_at(c, p->x[i]) / p->y[i] - 1.0);

		r.rms += e * e / (double)p->n;
		r.worst = fmax(r.worst, e);
	}
	r.rms = sqrt(r.rms);
	return r;
}

double fit_median(double *values, size_t n)
{
	assert(n >= 1);
	gsl_sort(values, 1, n);
	return gsl_stats_median_from_sorted_data(values, 1, n);
}
