/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/headlines.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "paper-repro/html.h"
#include "paper-repro/words.h"

void reproduce_headlines_words(const struct band *b,
			       void (*write)(const struct band *, FILE *),
			       FILE *out)
{
	char *text;
	size_t size;
	FILE *stream = xmemstream(&text, &size);

	write(b, stream);
	xmemstream_close(stream);
	reproduce_html_text(text, out);
	free(text);
}

static void summary_row(const struct reproduction *r, const struct band *b,
			size_t p, FILE *out)
{
	const struct band_part *part = &b->parts[p];
	const struct band_range *const ranges[] = { &part->stated,
						    &part->all };
	const struct item_part *of = &b->headline->parts[p];
	enum quantity q = reproduce_band_quantity(b);
	double near = b->nearest_stated == STUDY_ANY ? (double)NAN
		: part->value[b->nearest_stated];

	fprintf(out, "<tr><td class=\"l\"><a href=\"#%s-%s\">", r->item.name,
		b->headline->name);
	reproduce_html_text(r->item.name, out);
	fputs(": ", out);
	reproduce_html_text(of->title, out);
	fputs("</a></td>", out);
	if (p == 0) {
		fprintf(out, "<td class=\"l%s\" rowspan=\"%zu\">",
			b->headline->inferred || b->crossing.n > 0 ? " none"
			: b->ngiving_stated ? "" : " out", b->headline->nparts);
		reproduce_headlines_words(b, reproduce_words_joint, out);
		fputs("</td>", out);
	}
	reproduce_html_cell(of->paper.value, q, "paper", "", out);
	reproduce_html_element("td", "l", of->paper.confidence, out);
	reproduce_html_cell(part->first, q, "", "base", out);
	reproduce_html_cell(near, q, "", "nearest", out);
	for (size_t i = 0; i < 2; i++) {
		fprintf(out, "<td class=\"l%s\">",
			ranges[i]->wide ? " none"
			: ranges[i]->inside ? "" : " out");
		reproduce_words_verdict(b, p, ranges[i], out);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

void reproduce_headlines_summary(const struct reproduction *r, size_t n,
				   FILE *out)
{
	fputs("<table data-table=\"headlines\">\n<tr><th class=\"l\">claim"
	      "</th><th class=\"l\">one set for all its numbers</th>"
	      "<th>paper</th><th class=\"l\"></th><th>base set</th>"
	      "<th>nearest set</th>"
	      "<th class=\"l\">range, as the paper describes it</th>"
	      "<th class=\"l\">range, all that was tried</th></tr>\n", out);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++)
			for (size_t p = 0;
			     p < r[i].item.headlines[k].nparts; p++)
				summary_row(&r[i], &r[i].bands[k], p, out);
	fputs("</table>\n", out);
}

static void write_part(const struct band *b, size_t p, FILE *out)
{
	const struct item_part *of = &b->headline->parts[p];
	const struct study_fact *f = &of->paper;
	char paper[QUANTITY_SIZE];

	quantity_format(f->value, reproduce_band_quantity(b), paper);
	fputs("<li>", out);
	reproduce_html_text(of->title, out);
	fprintf(out, ": the paper's %s (%s) is ", paper, f->confidence);
	reproduce_words_verdict(b, p, &b->parts[p].stated, out);
	fputs(" over the sets as the paper describes it, and ", out);
	reproduce_words_verdict(b, p, &b->parts[p].all, out);
	fputs(" over all. <small>", out);
	reproduce_html_text(f->source, out);
	if (f->note != NULL) {
		fputs(": ", out);
		reproduce_html_text(f->note, out);
	}
	fputs("</small></li>\n", out);
}

static void write_nearest(const struct band *b, bool stated, FILE *out)
{
	char *text;
	size_t size;
	FILE *stream = xmemstream(&text, &size);

	reproduce_words_nearest(b, stated, stream);
	xmemstream_close(stream);
	reproduce_html_text(text, out);
	free(text);
}

/* Every assumption with its choices. */
static void write_tried(const struct band *b, FILE *out)
{
	const struct item_headline *h = b->headline;

	fputs(" Tried in every combination:", out);
	for (size_t i = 0; i < b->naxes; i++) {
		const struct study_axis *a = &b->study->axes[b->axes[i]];

		fprintf(out, "%s <i>", i ? ";" : "");
		reproduce_html_text(a->title, out);
		fputs("</i> ", out);
		for (size_t k = 0; k < a->n; k++) {
			fputs(k ? " | " : "", out);
			reproduce_html_text(a->choices[k].title, out);
			fputs(a->choices[k].departs ? "*" : "", out);
		}
	}
	if (h->ndefinitions > 1)
		fputs("; <i>what the number is taken to mean</i> ", out);
	for (size_t k = 0; k < h->ndefinitions; k++) {
		fputs(k ? " | " : "", out);
		reproduce_html_text(h->definitions[k], out);
		fputs(k < h->nstated ? "" : "*", out);
	}
	fputs(". <small>*: departs from what the paper says.</small>", out);
}

void reproduce_headlines_verdict(const char *item,
				    const struct band *b, FILE *out)
{
	const struct item_headline *h = b->headline;

	fprintf(out, "<h3 id=\"%s-%s\">", item, h->name);
	reproduce_html_text(h->title, out);
	fputs("</h3>\n<p>", out);
	if (h->note != NULL)
		reproduce_html_text(h->note, out);
	write_tried(b, out);
	fputs("</p>\n<ul>\n", out);
	for (size_t p = 0; p < h->nparts; p++)
		write_part(b, p, out);
	fputs("<li><b>", out);
	reproduce_headlines_words(b, reproduce_words_joint, out);
	fputs("</b>. ", out);
	reproduce_headlines_words(b, reproduce_words_crossing, out);
	fprintf(out, "The nearest of the %zu sets as the paper describes "
		"it is ", b->nstated);
	write_nearest(b, true, out);
	fprintf(out, "; of all %zu, ", b->nsets);
	write_nearest(b, false, out);
	fputs(".</li>\n", out);
	if (h->ordered) {
		fputs("<li>The order of the numbers: ", out);
		reproduce_words_order(b, out);
		fputs(".</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static const char *effect_title(const struct band *b, size_t i)
{
	return i < b->naxes ? b->study->axes[b->axes[i]].title
			    : "what the number is taken to mean";
}

/* The assumption that moves each number most, of what departs from nothing. */
static void write_strongest(const struct band *b, FILE *out)
{
	for (size_t p = 0; p < b->headline->nparts; p++) {
		size_t best = 0;

		for (size_t i = 1; i <= b->naxes; i++)
			if (b->effects[i].most[p] - b->effects[i].least[p] >
			    b->effects[best].most[p] -
				    b->effects[best].least[p])
				best = i;
		fputs(p ? "; " : "Of the choices that depart from nothing, "
		      "what moves ", out);
		reproduce_html_text(b->headline->parts[p].title, out);
		fputs(p ? ": <b>" : " most is <b>", out);
		reproduce_html_text(effect_title(b, best), out);
		fputs("</b>", out);
	}
	putc('.', out);
}

static void effect_row(const struct band *b, size_t i, bool departs,
		       FILE *out)
{
	const struct band_effect *e = &b->effects[i];
	const double *least = departs ? e->far_least : e->least;
	const double *most = departs ? e->far_most : e->most;
	enum quantity q = reproduce_band_quantity(b);
	size_t n = b->headline->nparts, numbers = 0;

	for (size_t p = 0; p < n; p++)
		numbers += isnan(least[p]) ? 0 : 1;
	if (numbers == 0)
		return;
	fputs("<tr>", out);
	reproduce_html_element("td", "l", effect_title(b, i), out);
	reproduce_html_element(
		"td", "l", departs ? "*, choices that depart from the paper"
		: reproduce_band_choice(b, b->nearest_stated, i), out);
	for (size_t p = 0; p < n; p++) {
		reproduce_html_cell(least[p], q, "", "", out);
		reproduce_html_cell(most[p], q, "", "", out);
	}
	fputs("</tr>\n", out);
}

void reproduce_headlines_effects(const struct band *b, FILE *out)
{
	const struct item_headline *h = b->headline;

	if (b->nearest_stated == STUDY_ANY)
		return;
	fputs("<table>\n<tr><th class=\"l\">assumption</th><th class=\"l\">in "
	      "the nearest set</th>", out);
	for (size_t p = 0; p < h->nparts; p++) {
		reproduce_html_element("th", "", h->parts[p].title, out);
		fputs("<th>to</th>", out);
	}
	fputs("</tr>\n", out);
	for (int departs = 0; departs <= 1; departs++)
		for (size_t i = 0; i <= b->naxes; i++) {
			size_t n = i < b->naxes
				? b->study->axes[b->effects[i].axis].n
				: h->ndefinitions;

			if (n > 1)
				effect_row(b, i, departs != 0, out);
		}
	fputs("</table>\n<p>", out);
	write_strongest(b, out);
	fputs(" <small>Each assumption alone, over its choices, the others "
	      "as in the nearest set; those that depart from the paper "
	      "apart.</small></p>\n", out);
}
