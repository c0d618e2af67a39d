/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/figure_band.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "paper-repro/fact.h"
#include "plots/gnuplot.h"
#include "plots/label.h"
#include "plots/palette.h"

static void write_number(double value, FILE *out)
{
	if (isnan(value))
		fputs(" NaN", out);
	else
		fprintf(out, " %.9g", value);
}

static void write_points(const struct band *b, double scale, FILE *out)
{
	const struct item_headline *h = b->headline;

	fputs("$points << EOD\n", out);
	for (size_t p = 0; p < h->nparts; p++) {
		const struct band_part *part = &b->parts[p];
		double near = b->nearest_stated == STUDY_ANY ? (double)NAN
			: part->value[b->nearest_stated];
		const double row[] = { h->parts[p].paper.value, near,
				       part->stated.least, part->stated.most,
				       part->all.least, part->all.most };

		fprintf(out, "%zu", p + 1);
		for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
			write_number(row[i] * scale, out);
		fprintf(out, " %u\n", (unsigned)h->parts[p].paper.kind);
	}
	fputs("EOD\n", out);
}

/* Ranges and their nearest set are no system's, so in greys. */
static void write_key(const struct item_headline *h, FILE *out)
{
	static const struct {
		const char *variable, *sample, *text;
		struct palette_style style;
	} rows[] = {
		{ "ALL", "box", "all sets",
		  { .rgb = 0xE2E2E2, .pattern = PALETTE_SOLID } },
		{ "STATED", "box", "as the paper describes it",
		  { .rgb = 0x9A9A9A, .pattern = PALETTE_SOLID } },
		{ "NEAREST", "dot", "nearest of those",
		  { .rgb = PALETTE_DARK, .mark = 9 } },
	};
	const struct palette_style paper = { .rgb = 0 };

	for (size_t i = 0; i < 3; i++)
		fprintf(out, "%s = %u\n", rows[i].variable,
			rows[i].style.rgb);
	fputs("$key << EOD\n", out);
	for (size_t i = 0; i < 3; i++)
		palette_write_key(rows[i].sample, rows[i].style, rows[i].text,
				  out);
	for (enum fact_kind k = FACT_QUOTED; k < FACT_KINDS; k++) {
		bool any = false;

		for (size_t p = 0; p < h->nparts; p++)
			any = any || h->parts[p].paper.kind == k;
		if (any)
			palette_write_key(reproduce_fact_mark(k), paper,
					  reproduce_fact_words(k), out);
	}
	fputs("EOD\n", out);
}

enum status reproduce_figure_band(const struct band *b, const char *path,
				  struct diag *d)
{
	const struct item_headline *h = b->headline;
	const struct metric *m = b->study->metrics[h->parts[0].metric[0]];
	const char *unit;
	double most = 0.0, scale;
	char *commands, name[48], text[32] = "";
	size_t size;
	FILE *out = xmemstream(&commands, &size);
	enum status s;

	for (size_t p = 0; p < h->nparts; p++)
		most = fmax(most, h->parts[p].paper.value);
	unit = label_unit(m->quantity, most, &scale);
	if (unit != NULL)
		snprintf(text, sizeof text, "[%s]", unit);
	fprintf(out, "TITLE = ''\nSUBTITLE = ''\nN_PART = %zu\n"
		"OWN = %d\narray PART[%zu]\n", h->nparts, h->own_axes,
		h->nparts);
	gnuplot_assign(out, "UNIT", text);
	for (size_t p = 0; p < h->nparts; p++) {
		snprintf(name, sizeof name, "PART[%zu]", p + 1);
		gnuplot_assign(out, name, h->parts[p].title);
	}
	write_points(b, scale, out);
	write_key(h, out);
	fputs("BODY = 'LINE * (2.1 * N_PART + (OWN ? N_PART : 1) * 1.5 + "
	      "1.1)'\n", out);
	xmemstream_close(out);
	s = gnuplot_draw("band", commands, path, NULL, d);
	free(commands);
	return s;
}
