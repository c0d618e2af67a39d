/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/sampled.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "model/sampled_power.h"

/* Below, a copy's own start weighs on what both directions share. */
#define DUPLEX_LEAST_BYTES 67108864.0
#define AGAINST_LEAST_BYTES 16777216.0

/* Small kernels of this many per cent more bytes take as long. */
#define KERNEL_WITHIN 0.05

/* Of a larger copy the time itself is too uncertain beside a hand-off. */
#define HANDOFF_MOST_BYTES 1048576.0

static const char *const directions[] = { "h2d", "d2h" };

static void add_row(struct fit_points *p, const struct measurements_series *s,
		    size_t row, double x)
{
	if (x > 0.0)
		fit_add(p, x, measurements_time(s, row),
			measurements_noise(s, row));
}

/* All rows of `s`, by `column`, times `factor`. */
static void add_rows(struct fit_points *p,
		     const struct measurements_series *s, const char *column,
		     double factor)
{
	for (size_t i = 0; i < s->nrows; i++)
		add_row(p, s, i, factor * measurements_value(s, i, column));
}

static void add_transfers(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "transfer", s)) != NULL)
		for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++) {
			if (!measurements_is(s, "direction", directions[i]) ||
			    !measurements_is(s, "mode", "queued"))
				continue;
			if (measurements_is(s, "memory", "pinned"))
				add_rows(&out->pinned[i], s, "bytes", 1.0);
			else
				add_rows(&out->pageable[i], s, "bytes", 1.0);
		}
}

/* Large copies in direction `i` while others, and products at most, go on. */
static void add_contended(const struct measurements *m, size_t i,
			  struct fit_points *p)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "transfer_contended", s)) != NULL) {
		if (!measurements_is(s, "direction", directions[i]) ||
		    !measurements_lists(s, "against", directions[1 - i]) ||
		    measurements_lists(s, "against", "memory") ||
		    !(measurements_number(s, "against_bytes") >=
		      AGAINST_LEAST_BYTES))
			continue;
		for (size_t k = 0; k < s->nrows; k++) {
			double bytes = measurements_value(s, k, "bytes");

			if (bytes >= DUPLEX_LEAST_BYTES)
				add_row(p, s, k, bytes);
		}
	}
}

static double median_rate(const struct fit_points *p)
{
	double *rates = xcalloc(p->n, sizeof *rates), median;

	for (size_t i = 0; i < p->n; i++)
		rates[i] = p->x[i] / p->y[i];
	median = fit_median(rates, p->n);
	free(rates);
	return median;
}

/* Each rate together with the median of the other direction. */
static void add_duplex(const struct measurements *m, struct sampled *out)
{
	struct fit_points way[CALIBRATION_DIRECTIONS] = { { .n = 0 } };

	for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++)
		add_contended(m, i, &way[i]);
	for (size_t i = 0; i < 2 && way[0].n > 0 && way[1].n > 0; i++) {
		double other = median_rate(&way[1 - i]);
		const struct fit_points *p = &way[i];

		for (size_t k = 0; k < p->n; k++)
			fit_add(&out->duplex, p->x[k],
				p->x[k] / (p->x[k] / p->y[k] + other),
				p->noise[k]);
	}
	fit_points_clear(&way[0]);
	fit_points_clear(&way[1]);
}

static struct sampled_product *product(struct sampled *out, double n,
				       double k)
{
	for (size_t i = 0; i < out->nproducts; i++)
		if (out->products[i].n == n && out->products[i].k == k)
			return &out->products[i];
	out->products = xrealloc_array(out->products, out->nproducts + 1,
				       sizeof *out->products);
	out->products[out->nproducts] = (struct sampled_product){ .n = n,
								  .k = k };
	return &out->products[out->nproducts++];
}

/* [FLOP/s] of the later half of a series without rests. */
static double sustained(const struct measurements_series *s, double n,
			double k)
{
	double m = measurements_number(s, "m"), rate = 0.0;
	size_t first = s->nrows / 2, count = s->nrows - first;
	double *times;

	if (count == 0)
		return 0.0;
	times = xcalloc(count, sizeof *times);
	for (size_t i = 0; i < count; i++)
		times[i] = measurements_time(s, first + i);
	rate = 2.0 * m * n * k / fit_median(times, count);
	free(times);
	return rate;
}

static void add_products(const struct measurements *m, struct sampled *out)
{
	static const char *const names[] = { "gemm", "gemm_sustained" };

	for (size_t i = 0; i < 2; i++) {
		const struct measurements_series *s = NULL;

		while ((s = measurements_next(m, names[i], s)) != NULL) {
			double n = measurements_number(s, "n");
			double k = measurements_number(s, "k");
			struct sampled_product *p;

			p = product(out, n, k);
			if (i == 0)
				add_rows(&p->rows, s, "m", 1.0);
			else
				p->sustained_flop_per_s = sustained(s, n, k);
		}
	}
	for (size_t i = 0; i < out->nproducts; i++)
		fit_merge(&out->products[i].rows, 0.0);
}

static struct sampled_attention *attention(struct sampled *out,
					   double sequences)
{
	for (size_t i = 0; i < out->nattention; i++)
		if (out->attention[i].sequences == sequences)
			return &out->attention[i];
	out->attention = xrealloc_array(out->attention, out->nattention + 1,
					sizeof *out->attention);
	out->attention[out->nattention] =
		(struct sampled_attention){ .sequences = sequences };
	return &out->attention[out->nattention++];
}

static void add_attention(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "attention", s)) != NULL)
		for (size_t i = 0; i < s->nrows; i++) {
			double all = measurements_number(s, "kv_heads") *
				     measurements_value(s, i, "batch");

			if (all > 0.0)
				add_row(&attention(out, all)->bytes, s, i,
					measurements_value(s, i,
							   "kv_bytes"));
		}
	for (size_t i = 0; i < out->nattention; i++)
		fit_merge(&out->attention[i].bytes, 0.0);
}

static void add_kernels(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "elementwise", s)) != NULL) {
		add_rows(&out->small, s, "bytes", 1.0);
		for (int k = 0; k < KERNEL_CURVES; k++)
			if (measurements_is(s, "kernel",
					    calibration_kernel_name(
						    (enum kernel)k)))
				add_rows(&out->kernels[k], s, "bytes", 1.0);
	}
	while ((s = measurements_next(m, "device_memory", s)) != NULL) {
		if (measurements_is(s, "way", "read"))
			add_rows(&out->hbm, s, "bytes", 1.0);
		if (measurements_is(s, "way", "copy_kernel"))
			add_rows(&out->kernels[KERNEL_COPY], s, "bytes", 2.0);
	}
	for (int k = 0; k < KERNEL_CURVES; k++) {
		fit_merge(&out->kernels[k], KERNEL_WITHIN);
		fit_rise(&out->kernels[k]);
	}
}

static void add_host(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "host_copy", s)) != NULL) {
		if (!measurements_is(s, "from", "pageable") ||
		    !measurements_is(s, "to", "pinned"))
			continue;
		for (size_t i = 0; i < s->nrows; i++)
			if (measurements_value(s, i, "threads") == 1.0)
				add_row(&out->host_copy, s, i,
					measurements_value(s, i, "bytes"));
	}
	while ((s = measurements_next(m, "host_attention", s)) != NULL)
		for (size_t i = 0; i < s->nrows; i++) {
			struct fit_points *p = &out->host_attention;
			double bytes = measurements_value(s, i, "bytes");
			double rate = bytes / measurements_time(s, i);

			if (!(rate > 0.0) ||
			    (p->n > 0 && p->x[0] / p->y[0] >= rate))
				continue;
			p->n = 0;
			add_row(p, s, i, bytes);
		}
}

static bool is_alone(const struct measurements_series *s)
{
	return !measurements_lists(s, "against", "h2d");
}

/* The most threads of any row, as a run takes all that there are. */
static double most_threads(const struct measurements *m)
{
	const struct measurements_series *s = NULL;
	double most = 0.0;

	while ((s = measurements_next(m, "host_attend", s)) != NULL)
		for (size_t i = 0; i < s->nrows; i++)
			most = fmax(most, measurements_value(s, i, "threads"));
	return most;
}

static void add_host_work(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;
	double threads = most_threads(m);

	while ((s = measurements_next(m, "host_attend", s)) != NULL)
		for (size_t i = 0; i < s->nrows && is_alone(s); i++)
			if (measurements_value(s, i, "threads") == threads &&
			    measurements_value(s, i, "idle_s") == 0.0)
				add_row(&out->host[CALIBRATION_ATTENTION], s, i,
					measurements_value(s, i, "bytes"));
	while ((s = measurements_next(m, "host_stage", s)) != NULL)
		if (is_alone(s))
			add_rows(&out->host[CALIBRATION_COPY], s, "bytes", 1.0);
	for (size_t i = 0; i < CALIBRATION_HOST; i++) {
		fit_merge(&out->host[i], 0.0);
		fit_rise(&out->host[i]);
		if (out->host[i].n < 2)		/* no curve */
			fit_points_clear(&out->host[i]);
	}
}

/* [s] of one `request` in a chain of such; NAN: not measured. */
static double executed(const struct measurements *m, const char *request)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "execute", s)) != NULL)
		if (measurements_is(s, "request", request) && s->nrows > 0)
			return measurements_time(s, 0);
	return NAN;
}

static double time_of(const struct fit_points *p, double size)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->x[i] == size)
			return p->y[i];
	return NAN;
}

/* There and back takes both, the kernel's event and two hand-offs. */
static void add_handoffs(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;
	double kernel_s = executed(m, "kernel");
	double event_s = executed(m, "event");

	if (event_s > 0.0)
		out->event_s = event_s;
	while ((s = measurements_next(m, "relay", s)) != NULL)
		for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++) {
			if (!measurements_is(s, "first", "kernel") ||
			    !measurements_is(s, "second", directions[i]) ||
			    measurements_number(s, "streams") != 2.0)
				continue;
			for (size_t k = 0; k < s->nrows; k++) {
				double bytes = measurements_value(s, k,
								  "bytes");
				double left = measurements_time(s, k) -
					kernel_s - out->event_s -
					time_of(&out->pinned[i], bytes);

				if (bytes <= HANDOFF_MOST_BYTES && left > 0.0)
					fit_add(&out->handoff, bytes,
						0.5 * left, 0.0);
			}
		}
}

static void add_links(const struct measurements *m, struct sampled *out)
{
	const struct measurements_series *s = NULL;

	while ((s = measurements_next(m, "links", s)) != NULL) {
		struct sampled_link l = {
			.way = measurements_is(s, "direction", "d2h"),
			.both = measurements_is(s, "busy", "both") };
		double gpus = measurements_number(s, "gpus");

		for (size_t i = 0; i < s->nrows; i++) {
			double bytes = measurements_value(s, i, "bytes");

			l.gpus = (size_t)gpus;
			l.gpu = measurements_value(s, i, "gpu");
			l.bytes_per_s = bytes / measurements_time(s, i);
			out->links = xrealloc_array(out->links,
						    out->nlinks + 1,
						    sizeof *out->links);
			out->links[out->nlinks++] = l;
		}
	}
}

void sampled_make(const struct measurements *m, struct sampled *s)
{
	*s = (struct sampled){ .nproducts = 0 };
	add_transfers(m, s);
	for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++) {
		fit_merge(&s->pinned[i], 0.0);
		fit_merge(&s->pageable[i], 0.0);
	}
	add_duplex(m, s);
	add_products(m, s);
	add_attention(m, s);
	add_kernels(m, s);
	fit_sort(&s->small);
	fit_merge(&s->hbm, 0.0);
	add_host(m, s);
	add_host_work(m, s);
	add_handoffs(m, s);
	add_links(m, s);
	sampled_power_add(m, s);
}

void sampled_clear(struct sampled *s)
{
	for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++) {
		fit_points_clear(&s->pinned[i]);
		fit_points_clear(&s->pageable[i]);
	}
	fit_points_clear(&s->duplex);
	for (size_t i = 0; i < s->nproducts; i++)
		fit_points_clear(&s->products[i].rows);
	for (size_t i = 0; i < s->nattention; i++)
		fit_points_clear(&s->attention[i].bytes);
	for (int k = 0; k < KERNEL_CURVES; k++)
		fit_points_clear(&s->kernels[k]);
	fit_points_clear(&s->small);
	fit_points_clear(&s->hbm);
	fit_points_clear(&s->host_copy);
	fit_points_clear(&s->host_attention);
	for (size_t i = 0; i < CALIBRATION_HOST; i++)
		fit_points_clear(&s->host[i]);
	fit_points_clear(&s->handoff);
	free(s->products);
	free(s->attention);
	free(s->links);
	free(s->power);
	*s = (struct sampled){ .nproducts = 0 };
}
