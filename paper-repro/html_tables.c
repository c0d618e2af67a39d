/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/html_tables.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "evaluate/request.h"
#include "paper-repro/html.h"

/* Tables that are longer are folded, or left to the CSV file. */
enum { LONG_TABLE = 14, LONGEST_TABLE = 150 };

void reproduce_html_tables_prose(const char *text, FILE *out)
{
	bool open = false;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		if (n == 0 || text[0] == '#') {
			fputs(open ? "</p>\n" : "", out);
			open = false;
		} else {
			fputs(open ? "\n" : "<p>", out);
			open = true;
			for (size_t i = 0; i < n; i++) {
				const char one[] = { text[i], '\0' };

				reproduce_html_text(one, out);
			}
		}
		text += n + (text[n] == '\n');
	}
	fputs(open ? "</p>\n" : "", out);
}

static void write_options(const struct study_options *o, const char *before,
			  FILE *out)
{
	if (o->n == 0)
		return;
	fputs(before, out);
	for (size_t i = 0; i < o->n; i++) {
		fprintf(out, " --%s ", request_spec(o->list[i].option).name);
		reproduce_html_text(o->list[i].value, out);
	}
}

static void write_sides(const struct study_options *o, FILE *out)
{
	write_options(&o[STUDY_BOTH], "", out);
	write_options(&o[STUDY_SUBJECT], "; subject:", out);
	write_options(&o[STUDY_AGAINST], "; against:", out);
}

/* The options of kvplan that stand behind each choice. */
static void write_inputs(const struct study *s, FILE *out)
{
	fputs("<details><summary>Inputs</summary>\n<ul>\n<li>all:", out);
	write_sides(s->options, out);
	fputs("</li>\n", out);
	for (size_t i = 0; i < s->naxes; i++) {
		fputs("<li>", out);
		reproduce_html_text(s->axes[i].title, out);
		fputs(":\n<ul>\n", out);
		for (size_t k = 0; k < s->axes[i].n; k++) {
			const struct study_choice *c = &s->axes[i].choices[k];

			fputs("<li>", out);
			reproduce_html_text(c->title, out);
			fputs(": <code>", out);
			write_sides(c->options, out);
			fputs(c->bundle ? " the measured GPU's profile" : "",
			      out);
			fputs("</code>", out);
			if (c->source != NULL) {
				fputs(" <small>", out);
				reproduce_html_text(c->source, out);
				fputs("</small>", out);
			}
			fputs("</li>\n", out);
		}
		fputs("</ul>\n</li>\n", out);
	}
	fputs("</ul>\n</details>\n", out);
}

static void write_row(const struct view *v, const struct view_row *r,
		      FILE *out)
{
	enum quantity q = reproduce_view_metric(v)->quantity;
	char label[VIEW_LABEL];

	reproduce_view_label(v, r, label);
	fputs("<tr>", out);
	reproduce_html_element("td", "l", label, out);
	reproduce_html_cell(r->fact ? r->fact->value : (double)NAN, q, "paper",
		   "paper", out);
	reproduce_html_element("td", "l", r->fact ? r->fact->confidence : "",
			       out);
	for (size_t k = 0; k < v->nmachines; k++)
		reproduce_html_cell(r->cell[k].value, q, "", v->key[k], out);
	if (v->has_bundle) {
		reproduce_html_cell(r->measured, q, "", "measured", out);
		reproduce_html_cell(r->predicted, q, "", "same_runs", out);
	}
	fputs("</tr>\n", out);
}

/* Why cells are empty, each reason once. */
static void write_reasons(const struct view *v, FILE *out)
{
	const char *seen[6];
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < v->nmachines; k++) {
			const char *why = v->rows[i].cell[k].why;
			size_t j = 0;

			if (why == NULL || n == 6)
				continue;
			while (j < n && strcmp(seen[j], why) != 0)
				j++;
			if (j == n)
				seen[n++] = why;
		}
	for (size_t j = 0; j < n; j++) {
		fputs(j ? "<br/>" : "<p><small>Empty: ", out);
		reproduce_html_text(seen[j], out);
	}
	fputs(n > 0 ? "</small></p>\n" : "", out);
}

static void write_view(const struct reproduction *r, const struct view *v,
		       FILE *out)
{
	const struct metric *m = reproduce_view_metric(v);
	bool folds = v->n > LONG_TABLE;

	if (v->n > LONGEST_TABLE) {
		fprintf(out, "<p><b>%s</b> <small>%s; %zu rows: %s.csv"
			"</small></p>\n", m->title, m->definition, v->n,
			r->item.name);
		return;
	}
	if (folds)
		fputs("<details><summary>", out);
	else
		fputs("<p>", out);
	fputs("<b>", out);
	reproduce_html_text(m->title, out);
	fputs("</b> <small>", out);
	reproduce_html_text(m->definition, out);
	fprintf(out, "; %zu rows</small>%s\n", v->n,
		folds ? "</summary>" : "</p>");
	fprintf(out, "<table data-table=\"%s\" data-study=\"%s\" "
		"data-metric=\"%s\">\n<tr><th class=\"l\">case</th>"
		"<th>paper</th><th></th>", r->item.name,
		v->results->study->name, m->key);
	for (size_t i = 0; i < v->nmachines; i++)
		reproduce_html_element("th", "", v->machine[i], out);
	if (v->has_bundle)
		fputs("<th>measured</th><th>same runs</th>", out);
	fputs("</tr>\n", out);
	for (size_t i = 0; i < v->n; i++)
		write_row(v, &v->rows[i], out);
	fputs("</table>\n", out);
	write_reasons(v, out);
	fputs(folds ? "</details>\n" : "", out);
}

void reproduce_html_tables_study(const struct reproduction *r, size_t study,
			  FILE *out)
{
	const struct study *s = &r->item.studies[study];

	reproduce_html_element("h3", "", s->title, out);
	putc('\n', out);
	for (size_t i = 0; i < r->nviews; i++)
		if (r->views[i].results->study == s)
			write_view(r, &r->views[i], out);
	write_inputs(s, out);
}
