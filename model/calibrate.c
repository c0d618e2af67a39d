/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/calibrate_curves.h"
#include "model/calibrate_json.h"
#include "model/calibrate_links.h"
#include "model/calibrate_power.h"
#include "model/fitted.h"
#include "model/hardware.h"

/* Rows of a product from which on it is large. */
#define LARGE_ROWS 4096.0

/* [s/B] of the fastest copy: no time is then less than bytes / rate. */
static double best_slope(const struct fit_points *p)
{
	double slope = p->y[0] / p->x[0];

	for (size_t i = 1; i < p->n; i++)
		slope = fmin(slope, p->y[i] / p->x[i]);
	return slope;
}

/* time = latency + bytes / rate: two figures of one fit. */
static void fit_copies(struct fitted *k, size_t i)
{
	static const char *const ways[] = { "h2d", "d2h" };
	const struct fit_points *p = &k->s->pinned[i];
	struct calibrate_row *row;
	char path[64];
	struct fit_line l;

	if (p->n < 2)
		return;
	l = fit_line_of_slope(p, best_slope(p));
	snprintf(path, sizeof path, "link.%s.bytes_per_s", ways[i]);
	row = fitted_add(k, path, QUANTITY_BYTES_PER_S, 1.0 / l.slope);
	fitted_range(row, p, QUANTITY_BYTES);
	row->residual = l.residual;
	fitted_set(k, path, row->value, "measured", row,
		   "Of the largest copies; residual with the latency.");
	snprintf(path, sizeof path, "link.%s.latency_s", ways[i]);
	row = fitted_add(k, path, QUANTITY_SECONDS, l.fixed);
	fitted_range(row, p, QUANTITY_BYTES);
	row->residual = l.residual;
	fitted_set(k, path, row->value, "measured", row,
		   "Of one copy of many in a row.");
	p = &k->s->pageable[i];
	if (p->n < 2)
		return;
	l = fit_line_of_slope(p, best_slope(p));
	snprintf(path, sizeof path, "link.%s.pageable_bytes_per_s", ways[i]);
	row = fitted_add(k, path, QUANTITY_BYTES_PER_S, 1.0 / l.slope);
	fitted_range(row, p, QUANTITY_BYTES);
	row->residual = l.residual;
	fitted_set(k, path, row->value, "measured", row, "");
}

/* The median of rates, and how far they are from it. */
static double median_rate(const struct fit_points *p,
			  struct calibrate_row *row)
{
	double *rates = xcalloc(p->n, sizeof *rates), median;

	for (size_t i = 0; i < p->n; i++)
		rates[i] = p->x[i] / p->y[i];
	median = fit_median(rates, p->n);
	for (size_t i = 0; i < p->n; i++) {
		double e = fabs(rates[i] / median - 1.0);

		row->residual.rms += e * e / (double)p->n;
		row->residual.worst = fmax(row->residual.worst, e);
	}
	row->residual.rms = sqrt(row->residual.rms);
	free(rates);
	fitted_range(row, p, QUANTITY_BYTES);
	row->value = median;
	return median;
}

static void fit_rate(struct fitted *k, const char *path,
		     const struct fit_points *p, const char *confidence,
		     const char *more)
{
	struct calibrate_row *row;

	if (p->n == 0)
		return;
	row = fitted_add(k, path, QUANTITY_BYTES_PER_S, 0.0);
	median_rate(p, row);
	fitted_set(k, path, row->value, confidence, row, more);
}

/* Large products of all shapes, as points of FLOP. */
static void find_large(const struct sampled *s, bool sustained,
		       struct fit_points *p)
{
	for (size_t i = 0; i < s->nproducts; i++) {
		const struct sampled_product *g = &s->products[i];
		double each = 2.0 * g->n * g->k;

		if (sustained && g->sustained_flop_per_s > 0.0)
			fit_add(p, g->sustained_flop_per_s, 1.0, 0.0);
		for (size_t j = 0; j < g->rows.n && !sustained; j++)
			if (g->rows.x[j] >= LARGE_ROWS)
				fit_add(p, each * g->rows.x[j], g->rows.y[j],
					g->rows.noise[j]);
	}
}

/* An achieved rate as a peak and a share of it. */
static void set_share(struct fitted *k, const char *peak_path,
		      const char *share_path, double rate, double peak,
		      const struct calibrate_row *row, const char *more)
{
	if (peak > rate) {
		fitted_set(k, share_path, rate / peak, "derived", row, more);
		return;
	}
	fitted_set(k, peak_path, rate, "measured", row, more);
	fitted_set(k, share_path, 1.0, "derived", NULL,
		   "The rate above is what was achieved.");
}

static void fit_gemm(struct fitted *k)
{
	static const char *const names[] = { "gemm rested",
					     "gemm sustained" };
	struct calibrate_row *row = NULL;
	double rates[2] = { 0.0 }, peak = k->o->peak_flop_per_s;
	char more[160];

	for (size_t i = 0; i < 2; i++) {
		struct fit_points p = { .n = 0 };

		find_large(k->s, i == CALIBRATE_SUSTAINED, &p);
		if (p.n > 0) {
			row = fitted_add(k, names[i], QUANTITY_FLOP_PER_S, 0.0);
			rates[i] = median_rate(&p, row);
			row->of = QUANTITY_FLOP;
			if (i == CALIBRATE_SUSTAINED)
				row->from = row->to = 0.0;
			row->in_profile = i == (size_t)k->o->gemm;
		}
		fit_points_clear(&p);
	}
	if (peak > 0.0)
		calibrate_json_figure(k->out->profile, "gpu.flop_per_s", peak,
				      "--peak", "quoted", "");
	else if (fitted_value(k, "gpu.flop_per_s") != NULL)
		peak = *fitted_value(k, "gpu.flop_per_s");
	if (!(rates[k->o->gemm] > 0.0))
		return;
	for (size_t i = 0; i < k->out->nrows; i++)
		if (strcmp(k->out->rows[i].name, names[k->o->gemm]) == 0)
			row = &k->out->rows[i];
	snprintf(more, sizeof more,
		 "%s: %.4g TFLOP/s at %.0f rows or more; %s: %.4g.",
		 names[k->o->gemm], rates[k->o->gemm] / 1e12, LARGE_ROWS,
		 names[1 - k->o->gemm], rates[1 - k->o->gemm] / 1e12);
	set_share(k, "gpu.flop_per_s", "gpu.gemm_derate", rates[k->o->gemm],
		  peak, k->o->gemm == CALIBRATE_RESTED ? row : NULL, more);
	if (k->o->gemm == CALIBRATE_RESTED &&
	    rates[CALIBRATE_SUSTAINED] > 0.0 &&
	    rates[CALIBRATE_SUSTAINED] < rates[CALIBRATE_RESTED])
		fitted_set(k, "gpu.gemm_sustained_derate",
			   rates[CALIBRATE_SUSTAINED] /
				   fmax(peak, rates[CALIBRATE_RESTED]),
			   "derived", NULL,
			   "Products without rests, once the clock has "
			   "settled.");
}

static void fit_memory(struct fitted *k)
{
	const double *peak = fitted_value(k, "gpu.hbm_bytes_per_s");
	struct calibrate_row *row;
	struct fit_line l;

	if (k->s->hbm.n < 2)
		return;
	l = fit_line(&k->s->hbm);
	row = fitted_add(k, "device memory, read", QUANTITY_BYTES_PER_S,
			 1.0 / l.slope);
	fitted_range(row, &k->s->hbm, QUANTITY_BYTES);
	row->residual = l.residual;
	set_share(k, "gpu.hbm_bytes_per_s", "gpu.hbm_derate", row->value,
		  peak ? *peak : 0.0, row,
		  "Reading, beside a fixed time of its kernel.");
}

/* Small kernels that have no curve: launch and bytes. */
static double fit_launch(struct fitted *k)
{
	struct calibrate_row *row;
	struct fit_line l;

	if (k->s->small.n < 2)
		return 0.0;
	l = fit_line(&k->s->small);
	row = fitted_add(k, "gpu.launch_s", QUANTITY_SECONDS, l.fixed);
	fitted_range(row, &k->s->small, QUANTITY_BYTES);
	row->residual = l.residual;
	fitted_set(k, "gpu.launch_s", l.fixed, "derived", row,
		   "Least time of a small kernel, one of many in a row.");
	return l.residual.rms;
}

/* Between streams: what an event costs, and what it takes to be seen. */
static void fit_handoff(struct fitted *k)
{
	const struct fit_points *p = &k->s->handoff;
	struct calibrate_row *row;
	double *times, e;

	if (k->s->event_s > 0.0) {
		fitted_add(k, "gpu.event_s", QUANTITY_SECONDS, k->s->event_s);
		fitted_set(k, "gpu.event_s", k->s->event_s, "measured", NULL,
			   "One of many in a row.");
	}
	if (p->n == 0)
		return;
	times = xcalloc(p->n, sizeof *times);
	memcpy(times, p->y, p->n * sizeof *times);
	row = fitted_add(k, "gpu.handoff_s", QUANTITY_SECONDS,
			 fit_median(times, p->n));
	free(times);
	for (size_t i = 0; i < p->n; i++) {
		e = fabs(p->y[i] / row->value - 1.0);
		row->residual.rms += e * e / (double)p->n;
		row->residual.worst = fmax(row->residual.worst, e);
	}
	row->residual.rms = sqrt(row->residual.rms);
	fitted_range(row, p, QUANTITY_BYTES);
	fitted_set(k, "gpu.handoff_s", row->value, "derived", row,
		   "Kernels and copies that wait for one another.");
}

/*
 * As a run does it, which has a curve beside its best rate; or else, by itself,
 * one rate.
 */
static void fit_host_work(struct fitted *k, size_t i, const char *path,
			  const struct fit_points *alone, const char *more)
{
	const struct fit_points *p = &k->s->host[i];
	struct calibrate_row *row;
	struct fit_line l;

	if (p->n == 0) {
		fit_rate(k, path, alone, "measured", more);
		return;
	}
	l = fit_line_of_slope(p, best_slope(p));
	row = fitted_add(k, path, QUANTITY_BYTES_PER_S, 1.0 / l.slope);
	fitted_range(row, p, QUANTITY_BYTES);
	row->residual = l.residual;
	fitted_set(k, path, row->value, "measured", row,
		   "In a stream, as a run does it; the best.");
}

static void fit_host(struct fitted *k, const struct measurements *m)
{
	double gpu = measurements_gpu_bytes(m);
	double host = measurements_host_bytes(m);

	fit_host_work(k, CALIBRATION_COPY, "host.copy_bytes_per_s",
		      &k->s->host_copy, "memcpy by one thread.");
	fit_host_work(k, CALIBRATION_ATTENTION, "host.attention_bytes_per_s",
		      &k->s->host_attention,
		      "Of threads and code the fastest.");
	if (gpu > 0.0) {
		fitted_add(k, "gpu.memory_bytes", QUANTITY_BYTES, gpu);
		fitted_set(k, "gpu.memory_bytes", gpu, "measured", NULL,
			   "As the driver says.");
	}
	if (host > 0.0) {
		fitted_add(k, "host.memory_bytes", QUANTITY_BYTES, host);
		fitted_set(k, "host.memory_bytes", host, "measured", NULL,
			   "As the system says.");
	}
}

/* The base's figures, under a name of its own. */
static void begin(struct fitted *k, const char *gpu, const char *title)
{
	char name[PROFILE_NAME_SIZE];

	calibrate_json_name(gpu, name);
	k->out->profile = calibrate_json_begin(
		k->o->base, k->o->name ? k->o->name : name, title);
}

static enum status parse(const struct fitted *k, struct hardware *hw,
			 struct diag *d)
{
	char *text = cJSON_PrintUnformatted(k->out->profile);
	enum status s = hardware_parse(text, hw, d);

	cJSON_free(text);
	return s;
}

/* What came out is a profile, or says what is missing. */
static enum status finish(struct fitted *k, struct hardware *hw, struct diag *d)
{
	enum status s = parse(k, hw, d);

	if (s != STATUS_OK && k->o->base == NULL)
		return diag_prefix(d, s, "not measured, and no --hardware "
				   "given to take it from");
	return s;
}

/* What the profile is to speak for was measured. */
static enum status check_gemm(const struct sampled *s, enum calibrate_gemm gemm,
			      struct diag *d)
{
	for (size_t i = 0; i < s->nproducts; i++)
		if (s->products[i].sustained_flop_per_s > 0.0)
			return STATUS_OK;
	if (gemm == CALIBRATE_RESTED)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID, "found no series gemm_sustained, "
			 "expected it for --gemm sustained");
}

enum status calibrate_make(const struct measurements *m,
			   const struct sampled *s,
			   const struct calibrate_options *options,
			   struct calibrate_result *out, struct diag *d)
{
	struct calibrate_result r = { .nrows = 0 };
	struct fitted k = { .s = s, .o = options, .out = &r };
	struct hardware hw;
	char title[128];
	double spread;
	enum status st = check_gemm(s, options->gemm, d);

	if (st != STATUS_OK)
		return st;
	snprintf(k.source, sizeof k.source, "%s of %s, %s", options->source,
		 measurements_gpu(m), measurements_date(m));
	snprintf(title, sizeof title, "%s, measured on %s",
		 measurements_gpu(m), measurements_date(m));
	begin(&k, measurements_gpu(m), title);
	fit_copies(&k, CALIBRATION_H2D);
	fit_copies(&k, CALIBRATION_D2H);
	fit_rate(&k, "link.duplex_bytes_per_s", &s->duplex, "measured",
		 "Both directions together, each while the other is busy.");
	fit_gemm(&k);
	fit_memory(&k);
	spread = fit_launch(&k);
	fit_handoff(&k);
	fit_host(&k, m);
	calibrate_links_set(&k);
	calibrate_power_set(&k);
	st = finish(&k, &hw, d);
	if (st == STATUS_OK) {
		calibrate_curves_add(s, &hw, options->gemm, spread, &r);
		hardware_clear(&hw);
		st = parse(&k, &hw, d);
		if (st != STATUS_OK)
			diag_prefix(d, st, "found samples that make no curve");
	}
	if (st != STATUS_OK) {
		calibrate_clear(&r);
		return st;
	}
	hardware_clear(&hw);
	*out = r;
	return STATUS_OK;
}

enum status calibrate_link(const struct nvbandwidth *n,
			   const struct calibrate_options *options,
			   struct calibrate_result *out, struct diag *d)
{
	const struct {
		const char *path;
		double value;
	} all[] = {
		{ "link.h2d.bytes_per_s", n->h2d },
		{ "link.d2h.bytes_per_s", n->d2h },
		{ "link.duplex_bytes_per_s",
		  n->h2d_both > 0.0 && n->d2h_both > 0.0
			? n->h2d_both + n->d2h_both : 0.0 },
	};
	struct calibrate_result r = { .nrows = 0 };
	struct fitted k = { .o = options, .out = &r };
	struct hardware hw;
	enum status st;

	snprintf(k.source, sizeof k.source, "%s of nvbandwidth %s",
		 options->source, n->version);
	begin(&k, "nvbandwidth", k.source);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (!(all[i].value > 0.0))
			continue;
		fitted_add(&k, all[i].path, QUANTITY_BYTES_PER_S, all[i].value);
		fitted_set(&k, all[i].path, all[i].value, "measured", NULL,
			   "Copy engines, the first GPU.");
	}
	st = finish(&k, &hw, d);
	if (st != STATUS_OK) {
		calibrate_clear(&r);
		return st;
	}
	hardware_clear(&hw);
	*out = r;
	return STATUS_OK;
}

void calibrate_clear(struct calibrate_result *r)
{
	cJSON_Delete(r->profile);
	free(r->rows);
	*r = (struct calibrate_result){ .nrows = 0 };
}
