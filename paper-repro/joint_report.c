/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/joint_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/headlines.h"
#include "paper-repro/html.h"
#include "paper-repro/words.h"

/* [%] that number `p` of `set` is off; NAN: no set. */
static double off_pct(const struct band *b, size_t p, size_t set)
{
	const struct study_fact *paper = &b->headline->parts[p].paper;
	double off = set == STUDY_ANY
		? (double)NAN : fabs(b->parts[p].value[set] - paper->value);

	if (off <= paper->rounding)
		return 0.0;
	return 100.0 * off / fabs(paper->value);
}

static double value_in(const struct band *b, size_t p, size_t set)
{
	return set == STUDY_ANY ? (double)NAN : b->parts[p].value[set];
}

static void lead_headline(const struct reproduction *r, const struct band *b,
			  FILE *out)
{
	const struct item_headline *h = b->headline;

	fprintf(out, "<li><a href=\"#%s-%s\">", r->item.name, h->name);
	reproduce_html_text(h->title, out);
	fprintf(out, "</a>%s: ", h->left_out ? " (another reading, not "
					       "counted)" : "");
	reproduce_headlines_words(b, reproduce_words_joint, out);
	putc('.', out);
	if (b->ngiving_stated == 0 && h->why != NULL) {
		putc(' ', out);
		reproduce_html_text(h->why, out);
	}
	fputs("</li>\n", out);
}

void reproduce_joint_report_lead(const struct reproduction *r, size_t n,
				 FILE *out)
{
	size_t all = 0, given = 0, inferred = 0, crossed = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++) {
			const struct band *b = &r[i].bands[k];
			bool gives = b->ngiving_stated > 0;

			/* a claim in another reading is no other claim */
			if (b->headline->left_out != NULL)
				continue;
			inferred += gives && b->headline->inferred != NULL;
			given += gives && b->headline->inferred == NULL;
			crossed += b->crossing.n > 0;
			all++;
		}
	if (all == 0)
		return;
	fprintf(out, "<p><b>Of the %zu claims below, %zu reproduced "
		"independently, %zu consistent by construction, %zu inside "
		"the band but hit by no set, %zu outside.</b> Reproduced: one "
		"set of assumptions that departs from nothing that the paper "
		"says of its set-up gives all numbers of the claim, to the "
		"digits that it prints. Consistent by construction: one does, "
		"but what it assumes was inferred from these numbers. Inside: "
		"two sets that differ in one continuous assumption alone have "
		"all numbers between them; the value that gives them is "
		"fitted. Why the others miss is said as far as it is known."
		"</p>\n<ul data-list=\"claims\">\n", all, given, inferred,
		crossed, all - given - inferred - crossed);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++)
			lead_headline(&r[i], &r[i].bands[k], out);
	fputs("</ul>\n", out);
}

/* ---- one set for all ---- */

/* The claim's own nearest set, of those that the joint one is chosen from. */
static size_t nearest_own(const struct band *b, bool stated)
{
	return stated ? b->nearest_stated : b->nearest;
}

static void html_row(const struct joint_member *m, size_t p, bool stated,
		     FILE *out)
{
	const struct band *b = m->band;
	enum quantity q = reproduce_band_quantity(b);
	size_t own = nearest_own(b, stated);

	fputs("<tr>", out);
	fputs("<td class=\"l\">", out);
	reproduce_html_text(m->of->item.name, out);
	fputs(": ", out);
	reproduce_html_text(b->headline->parts[p].title, out);
	fputs("</td>", out);
	reproduce_html_cell(b->headline->parts[p].paper.value, q, "paper", "",
			    out);
	reproduce_html_cell(value_in(b, p, m->set), q, "", "value", out);
	reproduce_html_cell(off_pct(b, p, m->set), QUANTITY_PERCENT, "",
			    "distance_pct", out);
	reproduce_html_cell(value_in(b, p, own), q, "", "own_value", out);
	reproduce_html_cell(off_pct(b, p, own), QUANTITY_PERCENT, "",
			    "own_distance_pct", out);
	if (p == 0)
		fprintf(out, "<td rowspan=\"%zu\">%.3g %%</td>",
			b->headline->nparts, 100.0 * m->without);
	fputs("</tr>\n", out);
}

static void html_assumptions(const struct joint *j, FILE *out)
{
	for (size_t i = 0; i < j->naxes; i++) {
		const struct joint_axis *a = &j->axes[i];

		fputs(i ? "; " : "", out);
		reproduce_html_text(a->title, out);
		fputs(" <i>", out);
		reproduce_html_text(a->words[a->chosen], out);
		fputs("</i>", out);
	}
}

static void html_joint(const struct joint *j, bool stated, FILE *out)
{
	fprintf(out, "<p><b>%s</b>: ", stated
		? "Of the sets as the paper describes it"
		: "Of all sets, those that depart from it too");
	if (isnan(j->distance)) {
		fputs("no set gives all numbers.</p>\n", out);
		return;
	}
	html_assumptions(j, out);
	fprintf(out, ". The largest distance is %.3g %%.</p>\n",
		100.0 * j->distance);
	fprintf(out, "<table data-table=\"joint-%s\">\n<tr><th class=\"l\">"
		"claim</th><th>paper</th><th>in this set</th><th>off</th>"
		"<th>nearest set of the claim alone</th><th>off</th>"
		"<th>largest distance without this claim</th></tr>\n",
		stated ? "stated" : "all");
	for (size_t k = 0; k < j->n; k++)
		for (size_t p = 0; p < j->members[k].band->headline->nparts;
		     p++)
			html_row(&j->members[k], p, stated, out);
	fputs("</table>\n", out);
}

static void html_left_out(const struct reproduction *r, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++) {
			const struct item_headline *h =
				&r[i].item.headlines[k];

			if (h->left_out == NULL)
				continue;
			fputs("<p><small>Left out: ", out);
			reproduce_html_text(h->title, out);
			fputs(": ", out);
			reproduce_html_text(h->left_out, out);
			fputs("</small></p>\n", out);
		}
}

void reproduce_joint_report_html(const struct reproduction *r, size_t n,
				 FILE *out)
{
	fputs("<h3 id=\"joint\">One set of assumptions for all</h3>\n<p>The "
	      "nearest sets of two claims may exclude each other: one with "
	      "the link's nominal rate, the other with its measured one. "
	      "Here every claim makes the same choice of what they share; "
	      "what a claim leaves open besides, such as a figure's model or "
	      "batch, stays its own. A number's distance is its difference "
	      "from the paper's over the paper's, 0 where it rounds to the "
	      "printed digits; the set is the one whose largest distance is "
	      "least. The claim's own nearest set is chosen by the same "
	      "distance from the same sets. The last column says what the "
	      "largest distance would be without the claim.</p>\n", out);
	for (int stated = 1; stated >= 0; stated--) {
		struct joint j;

		reproduce_joint_make(r, n, stated != 0, &j);
		html_joint(&j, stated != 0, out);
		reproduce_joint_clear(&j);
	}
	html_left_out(r, n, out);
}

static void add_number(struct table *t, double value)
{
	if (isnan(value))
		table_empty(t);
	else
		table_number(t, value);
}

static void add_member(struct table *t, const struct joint_member *m,
		       bool stated)
{
	const struct band *b = m->band;
	size_t own = nearest_own(b, stated);
	size_t size;

	for (size_t p = 0; p < b->headline->nparts; p++) {
		FILE *stream;
		char *text;

		table_text(t, stated ? "stated" : "all");
		table_text(t, m->of->item.name);
		table_text(t, b->headline->name);
		table_text(t, b->headline->parts[p].title);
		table_number(t, b->headline->parts[p].paper.value);
		add_number(t, value_in(b, p, m->set));
		add_number(t, off_pct(b, p, m->set));
		add_number(t, value_in(b, p, own));
		add_number(t, off_pct(b, p, own));
		add_number(t, 100.0 * m->without);
		stream = xmemstream(&text, &size);
		reproduce_words_set(b, m->set, stream);
		xmemstream_close(stream);
		table_text(t, text);
		free(text);
	}
}

struct table *reproduce_joint_report_table(const struct reproduction *r,
					   size_t n)
{
	static const struct table_column columns[] = {
		{ "sets", "", QUANTITY_NUMBER },
		{ "item", "", QUANTITY_NUMBER },
		{ "headline", "", QUANTITY_NUMBER },
		{ "number", "", QUANTITY_NUMBER },
		{ "paper", "", QUANTITY_NUMBER },
		{ "value", "", QUANTITY_NUMBER },
		{ "distance_pct", "", QUANTITY_NUMBER },
		{ "own_value", "", QUANTITY_NUMBER },
		{ "own_distance_pct", "", QUANTITY_NUMBER },
		{ "without_pct", "", QUANTITY_NUMBER },
		{ "assumptions", "", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 11);

	for (int stated = 1; stated >= 0; stated--) {
		struct joint j;

		reproduce_joint_make(r, n, stated != 0, &j);
		for (size_t k = 0; k < j.n && !isnan(j.distance); k++)
			add_member(t, &j.members[k], stated != 0);
		reproduce_joint_clear(&j);
	}
	return t;
}

/* ---- Markdown ---- */

static void markdown_value(double value, enum quantity q, FILE *out)
{
	char text[QUANTITY_SIZE];

	if (!isnan(value))
		quantity_format(value, q, text);
	fprintf(out, " %s |", isnan(value) ? "-" : text);
}

/* Where `b` is in the joint set, or STUDY_ANY. */
static size_t joint_set(const struct joint *j, const struct band *b)
{
	for (size_t k = 0; k < j->n && !isnan(j->distance); k++)
		if (j->members[k].band == b)
			return j->members[k].set;
	return STUDY_ANY;
}

static void markdown_row(const struct reproduction *r, const struct band *b,
			 size_t p, const struct joint *j, FILE *out)
{
	enum quantity q = reproduce_band_quantity(b);
	const struct band_part *part = &b->parts[p];

	fprintf(out, "| %s: %s |", r->item.name, b->headline->parts[p].title);
	markdown_value(b->headline->parts[p].paper.value, q, out);
	markdown_value(part->first, q, out);
	markdown_value(value_in(b, p, b->nearest_stated), q, out);
	markdown_value(value_in(b, p, joint_set(j, b)), q, out);
	putc(' ', out);
	reproduce_words_verdict(b, p, &part->stated, out);
	fputs(" |\n", out);
}

void reproduce_joint_report_markdown(const struct reproduction *r, size_t n,
				     FILE *out)
{
	struct joint j;

	reproduce_joint_make(r, n, true, &j);
	fputs("| claim | paper | base | nearest | one set for all | range |\n"
	      "| --- | --- | --- | --- | --- | --- |\n", out);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++)
			for (size_t p = 0;
			     p < r[i].item.headlines[k].nparts; p++)
				markdown_row(&r[i], &r[i].bands[k], p, &j,
					     out);
	reproduce_joint_clear(&j);
}
