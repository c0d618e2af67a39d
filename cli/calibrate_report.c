/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/calibrate_report.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/provenance.h"
#include "base/xalloc.h"
#include "model/hardware.h"
#include "plots/gnuplot.h"
#include "plots/palette.h"

static const char *title_of(const cJSON *profile, const char *key)
{
	const char *text = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(profile, key));

	return text ? text : "";
}

/* "4.096 kB to 1.074 GB" */
static void write_range(const struct calibrate_row *row, char *text,
			size_t size)
{
	char from[QUANTITY_SIZE], to[QUANTITY_SIZE];

	text[0] = '\0';
	if (!(row->to > 0.0))
		return;
	quantity_format(row->from, row->of, from);
	quantity_format(row->to, row->of, to);
	snprintf(text, size, "%s to %s", from, to);
}

static void print_text(const struct calibrate_result *r)
{
	static const struct table_column columns[] = {
		{ "name", "figure or curve", QUANTITY_NUMBER },
		{ "value", "value", QUANTITY_NUMBER },
		{ "rms_pct", "rms", QUANTITY_PERCENT },
		{ "worst_pct", "worst", QUANTITY_PERCENT },
		{ "points", "points", QUANTITY_NUMBER },
		{ "kept", "kept", QUANTITY_NUMBER },
		{ "range", "range", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 7);

	for (size_t i = 0; i < r->nrows; i++) {
		const struct calibrate_row *row = &r->rows[i];
		char text[3 * QUANTITY_SIZE];

		table_text(t, row->name);
		quantity_format(row->value, row->quantity, text);
		table_text(t, text);
		if (row->samples > 0) {
			table_number(t, 100.0 * row->residual.rms);
			table_number(t, 100.0 * row->residual.worst);
			table_number(t, (double)row->samples);
		} else {
			table_empty(t);
			table_empty(t);
			table_empty(t);
		}
		if (row->kept > 0)
			table_number(t, (double)row->kept);
		else
			table_empty(t);
		write_range(row, text, sizeof text);
		table_text(t, text);
	}
	printf("%s (%s)\n\n", title_of(r->profile, "title"),
	       title_of(r->profile, "name"));
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static struct table *numbers(const struct calibrate_result *r)
{
	static const struct table_column columns[] = {
		{ "name", "name", QUANTITY_NUMBER },
		{ "value", "value", QUANTITY_NUMBER },
		{ "rms", "rms", QUANTITY_NUMBER },
		{ "worst", "worst", QUANTITY_NUMBER },
		{ "points", "points", QUANTITY_NUMBER },
		{ "kept", "kept", QUANTITY_NUMBER },
		{ "from", "from", QUANTITY_NUMBER },
		{ "to", "to", QUANTITY_NUMBER },
		{ "in_profile", "in profile", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 9);

	for (size_t i = 0; i < r->nrows; i++) {
		const struct calibrate_row *row = &r->rows[i];

		table_text(t, row->name);
		table_number(t, row->value);
		if (row->samples > 0) {
			table_number(t, row->residual.rms);
			table_number(t, row->residual.worst);
		} else {
			table_empty(t);
			table_empty(t);
		}
		table_number(t, (double)row->samples);
		table_number(t, (double)row->kept);
		if (row->to > 0.0) {
			table_number(t, row->from);
			table_number(t, row->to);
		} else {
			table_empty(t);
			table_empty(t);
		}
		table_number(t, row->in_profile ? 1.0 : 0.0);
	}
	return t;
}

static void print_json(const struct calibrate_result *r, const char *text)
{
	cJSON *json = cJSON_CreateObject(), *made_by = provenance_json();
	struct table *t = numbers(r);

	cJSON_AddStringToObject(json, "name", title_of(r->profile, "name"));
	cJSON_AddStringToObject(json, "title",
				title_of(r->profile, "title"));
	cJSON_AddItemToObject(json, "figures", table_json(t));

	provenance_add_input(made_by, "samples", NULL, text);
	cJSON_AddItemToObject(json, "made_by", made_by);
	json_print(json, stdout);
	cJSON_Delete(json);
	table_free(t);
}

void calibrate_report_print(const struct calibrate_result *r,
			    const char *text, enum table_format format)
{
	struct table *t;

	switch (format) {
	case TABLE_TEXT:
		print_text(r);
		return;
	case TABLE_JSON:
		print_json(r, text);
		return;
	case TABLE_CSV:
		t = numbers(r);
		table_print(t, TABLE_CSV, stdout);
		table_free(t);
		return;
	}
}

/* ---- the picture ---- */

struct panel {
	FILE *points, *curves;
	char *texts[2];
	size_t sizes[2];
};

static void open_panel(struct panel *p)
{
	p->points = xmemstream(&p->texts[0], &p->sizes[0]);
	p->curves = xmemstream(&p->texts[1], &p->sizes[1]);
}

/*
 * A block of points (x, rate measured) and one of the curve (x, rate), each
 * rate `each` * x over the time.  Blocks are separated by two empty lines.
 */
static void write_rates(struct panel *panel, const char *name,
			const struct fit_points *p, const struct curve *c,
			double each)
{
	if (p->n == 0 || c == NULL || c->n == 0)
		return;
	for (size_t i = 0; i < p->n; i++)
		fprintf(panel->points, "%.9g %.9g\n", p->x[i],
			each * p->x[i] / p->y[i]);
	fprintf(panel->curves, "\"%s\" rate\n", name);
	/* linear in time, so no straight line of these axes */
	for (size_t i = 0; i < p->n; i++)
		fprintf(panel->curves, "%.9g %.9g\n", p->x[i],
			each * p->x[i] / curve_at(c, p->x[i]));
	fputs("\n\n", panel->points);
	fputs("\n\n", panel->curves);
}

static void close_panel(struct panel *p, const char *name, FILE *out)
{
	static const char *const ends[] = { "points", "curves" };

	xmemstream_close(p->points);
	xmemstream_close(p->curves);
	for (size_t i = 0; i < 2; i++) {
		fprintf(out, "HAVE_%s = %d\n$%s_%s << EOD\n%sEOD\n", name,
			p->sizes[i] > 0, name, ends[i],
			p->sizes[i] > 0 ? p->texts[i] : "0 0\n");
		free(p->texts[i]);
	}
}

static void write_link(const struct sampled *s, const struct calibration *c,
		       FILE *out)
{
	struct panel p;

	open_panel(&p);
	for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++)
		write_rates(&p, i == 0 ? "to GPU" : "to host",
			    &s->pinned[i], &c->pinned[i], 1e-9);
	for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++)
		write_rates(&p, i == 0 ? "to GPU, pageable"
				       : "to host, pageable",
			    &s->pageable[i], &c->pageable[i], 1e-9);
	close_panel(&p, "LINK", out);
}

static void write_products(const struct sampled *s,
			   const struct calibration *c, FILE *out)
{
	struct panel p;

	open_panel(&p);
	for (size_t i = 0; i < s->nproducts; i++) {
		const struct sampled_product *g = &s->products[i];
		double scale;

		write_rates(&p, "", &g->rows,
			    calibration_product(c, g->n, g->k, &scale),
			    2e-12 * g->n * g->k);
	}
	close_panel(&p, "GEMM", out);
}

static void write_attention(const struct sampled *s,
			    const struct calibration *c, FILE *out)
{
	struct panel p;

	open_panel(&p);
	for (size_t i = 0; i < s->nattention; i++) {
		const struct sampled_attention *a = &s->attention[i];

		write_rates(&p, "", &a->bytes,
			    calibration_attention(c, a->sequences), 1e-12);
	}
	close_panel(&p, "KV", out);
}

static void write_kernels(const struct sampled *s,
			  const struct calibration *c, FILE *out)
{
	struct panel p;

	open_panel(&p);
	for (int i = 0; i < KERNEL_CURVES; i++)
		write_rates(&p, calibration_kernel_name((enum kernel)i),
			    &s->kernels[i], &c->kernels[i], 1e-12);
	close_panel(&p, "KERNELS", out);
}

static void write_looks(FILE *out)
{
	struct palette_style styles[PALETTE_OTHERS], samples, curves;

	for (size_t i = 0; i < PALETTE_OTHERS; i++)
		styles[i] = palette_style("", "", i);
	samples = curves = styles[0];
	samples.mark = 7;
	fputs("WIDE = 1\nBODY = '0.70'\n$key << EOD\n", out);
	palette_write_key("dot", samples, "samples", out);
	palette_write_key("plain", curves, "curves", out);
	fputs("EOD\n", out);
	palette_write(styles, PALETTE_OTHERS, out);
}

enum status calibrate_report_draw(const struct calibrate_result *r,
				  const struct sampled *s, const char *path,
				  struct diag *d)
{
	char *text = cJSON_PrintUnformatted(r->profile), *commands;
	struct hardware hw;
	enum status st = hardware_parse(text, &hw, d);
	size_t size;
	FILE *out;

	cJSON_free(text);
	if (st != STATUS_OK)
		return st;
	if (hw.calibration == NULL)
		return diag_fail(d, STATUS_USAGE, "--plot: there are no "
				 "curves in these samples");
	out = xmemstream(&commands, &size);
	gnuplot_assign(out, "TITLE", "Calibration: samples and curves");
	gnuplot_assign(out, "SUBTITLE", hw.title);
	write_link(s, hw.calibration, out);
	write_products(s, hw.calibration, out);
	write_attention(s, hw.calibration, out);
	write_kernels(s, hw.calibration, out);
	write_looks(out);
	xmemstream_close(out);
	st = gnuplot_draw("calibration", commands, path, NULL, d);
	free(commands);
	hardware_clear(&hw);
	return st;
}
