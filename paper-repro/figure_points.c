/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/figure_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/measured.h"
#include "plots/gnuplot.h"

size_t reproduce_figure_points_count(const struct study *s, size_t axis)
{
	return axis == STUDY_ANY ? 1 : s->axes[axis].n;
}

size_t reproduce_figure_points_choice(const struct study *s, size_t row,
				      size_t axis)
{
	return axis == STUDY_ANY ? 0 : reproduce_study_choice(s, row, axis);
}

/* Which column along the x axis `row` stands in, from 0. */
static size_t column_of(const struct study *s, const struct item_figure *f,
			size_t row)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nx; i++)
		n = n * s->axes[f->x[i]].n +
		    reproduce_study_choice(s, row, f->x[i]);
	return n;
}

/* A datablock that is written beside another. */
struct block {
	char *text;
	size_t size, n;			/* of rows */
	FILE *out;
};

static void open_block(struct block *b)
{
	*b = (struct block){ .n = 0 };
	b->out = xmemstream(&b->text, &b->size);
}

/* gnuplot draws nothing of a block without rows, but says so. */
static size_t close_block(struct block *b, const char *name,
			  const char *if_empty, FILE *out)
{
	xmemstream_close(b->out);
	fprintf(out, "$%s << EOD\n%sEOD\n", name,
		b->n > 0 ? b->text : if_empty);
	free(b->text);
	return b->n;
}

/* Where a row stands: panel, place along x, series; as every block has it. */
struct place {
	size_t panel, series;
	double at;
};

static void write_place(const struct place *p, FILE *out)
{
	fprintf(out, "%zu %.9g %zu", p->panel, p->at, p->series);
}

static void write_measured(const struct item_figure *f,
			   const struct study_results *r, size_t row,
			   const struct place *p, double scale,
			   struct block *to)
{
	struct measured m;

	if (!reproduce_run_on_bundle(r->study, row) ||
	    !reproduce_measured(reproduce_run_bundle(r->cases), &r->cells[row],
				r->study->metrics[f->metric], &m))
		return;
	write_place(p, to->out);
	fprintf(to->out, " %.9g %.9g %.9g\n", m.value * scale,
		m.least * scale, m.most * scale);
	to->n++;
}

static void write_facts(const struct item_figure *f, const struct study *s,
			size_t row, const struct place *p, double scale,
			struct figure_marks *marks, struct block *to)
{
	/* the measured GPU is not the paper's machine */
	if (reproduce_run_on_bundle(s, row))
		return;
	for (size_t k = 0; k < s->nfacts; k++) {
		if (s->facts[k].metric != f->metric ||
		    !reproduce_study_at(s, &s->facts[k].place, row))
			continue;
		write_place(p, to->out);
		fprintf(to->out, " %.9g %u\n", s->facts[k].value * scale,
			(unsigned)s->facts[k].kind);
		to->n++;
		marks->paper[s->facts[k].kind]++;
	}
}

static void write_rows(const struct item_figure *f,
		       const struct study_results *r, const size_t *number,
		       double scale, struct figure_marks *marks, FILE *out)
{
	const struct study *s = r->study;
	size_t rows = reproduce_study_rows(s);
	struct block paper, measured, none;

	open_block(&paper);
	open_block(&measured);
	open_block(&none);
	fputs("$rows << EOD\n", out);
	for (size_t i = 0; i < rows; i++) {
		size_t x = column_of(s, f, i);
		double v = r->cells[i].value[f->metric];
		size_t series = reproduce_figure_points_choice(s, i,
							       f->series);
		const struct place p = {
			reproduce_figure_points_choice(s, i, f->panel) + 1,
			number[series],
			f->lines ? strtod(s->axes[f->x[0]].choices[x].name,
					  NULL)
				 : (double)x + 1.0
		};

		if (!reproduce_study_at(s, &f->place, i) || p.series == 0)
			continue;
		write_place(&p, out);
		fprintf(out, isnan(v) ? " NaN\n" : " %.9g\n", v * scale);
		write_measured(f, r, i, &p, scale, &measured);
		write_facts(f, s, i, &p, scale, marks, &paper);
		if (r->cells[i].why == NULL)
			continue;
		write_place(&p, none.out);
		fputs(" 0\n", none.out);
		none.n++;
	}
	fputs("EOD\n", out);
	marks->measured = close_block(&measured, "measured",
				      "0 0 0 NaN NaN NaN\n", out);
	fprintf(out, "N_PAPER = %zu\n",
		close_block(&paper, "paper", "0 0 0 NaN 0\n", out));
	marks->none = close_block(&none, "none", "0 0 0 NaN\n", out);
}

/* Whether the part states the figure's metric, of subject or baseline. */
static bool states(const struct study *of, const struct item_part *p,
		   const char *key)
{
	static const char baseline[] = "baseline_";
	const char *stated = of->metrics[p->metric[0]]->key;

	if (strncmp(stated, baseline, strlen(baseline)) == 0)
		stated += strlen(baseline);
	return strcmp(stated, key) == 0;
}

/* Whether the part's place is in panel `i`: it does not say, or says so. */
static bool in_panel(const struct study *of, const struct item_part *p,
		     const struct study *s, size_t panel, size_t i)
{
	size_t axis, at;

	if (panel == STUDY_ANY)
		return true;
	axis = reproduce_study_axis(of, s->axes[panel].name);
	at = axis == STUDY_ANY ? STUDY_ANY : p->place.at[axis];
	return at == STUDY_ANY || strcmp(of->axes[axis].choices[at].name,
					 s->axes[panel].choices[i].name) == 0;
}

/* What a line across says beside itself, where panels have more than one: the
 * part's title, but for the quantity, which is the figure's. */
static const char *claim_label(const struct study *of,
			       const struct item_part *part,
			       const struct study *s, size_t panel)
{
	const char *comma = strrchr(part->title, ',');
	size_t axis = panel == STUDY_ANY ? STUDY_ANY
		: reproduce_study_axis(of, s->axes[panel].name);

	if (axis != STUDY_ANY && part->place.at[axis] != STUDY_ANY)
		return "";
	return comma == NULL ? part->title : comma + 2;
}

/* Numbers of a headline whose case the paper does not say: a line across. */
static void write_claims(const struct item *item,
			 const struct item_figure *f, double scale,
			 struct figure_marks *marks, FILE *out)
{
	const struct study *s = &item->studies[f->study];
	const struct item_headline *h = f->headline == STUDY_ANY ? NULL
		: &item->headlines[f->headline];
	size_t panels = reproduce_figure_points_count(s, f->panel);
	const struct study_choice *on = f->panel == STUDY_ANY ? NULL
		: s->axes[f->panel].choices;

	fputs("$claims << EOD\n", out);
	for (size_t p = 0; h != NULL && p < h->nparts; p++)
		for (size_t i = 0; i < panels; i++) {
			const struct study *of = &item->studies[h->study];
			const struct item_part *part = &h->parts[p];

			if (!states(of, part, s->metrics[f->metric]->key) ||
			    !in_panel(of, part, s, f->panel, i) ||
			    (on != NULL && on[i].bundle))
				continue;
			fprintf(out, "%zu %.9g ", i + 1,
				part->paper.value * scale);
			gnuplot_write_word(claim_label(of, part, s,
						       f->panel), out);
			putc('\n', out);
			marks->claims++;
		}
	fputs(marks->claims > 0 ? "EOD\n" : "0 NaN \"\"\nEOD\n", out);
}

void reproduce_figure_points_write(const struct item *item,
				   const struct item_figure *f,
				   const struct study_results *r,
				   const size_t *number, double scale,
				   struct figure_marks *marks, FILE *out)
{
	write_rows(f, r, number, scale, marks, out);
	write_claims(item, f, scale, marks, out);
	fprintf(out, "N_MEASURED = %zu\nN_CLAIM = %zu\n", marks->measured,
		marks->claims);
}
