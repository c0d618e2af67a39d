/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/view.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/measured.h"

static const struct study *study_of(const struct view *v)
{
	return v->results->study;
}

const struct metric *reproduce_view_metric(const struct view *v)
{
	return study_of(v)->metrics[v->metric];
}

static const struct study_fact *find_fact(const struct view *v, size_t row)
{
	const struct study *s = study_of(v);

	for (size_t i = 0; i < s->nfacts; i++)
		if (s->facts[i].metric == v->metric &&
		    reproduce_study_at(s, &s->facts[i].place, row))
			return &s->facts[i];
	return NULL;
}

/* False where the row has nothing to say on any machine. */
static bool fill_row(const struct view *v, size_t row,
		     struct view_row *out)
{
	const struct study *s = study_of(v);
	const struct metric *m = reproduce_view_metric(v);
	bool itself = m->relative;
	struct measured measured;

	*out = (struct view_row){ .row = row, .fact = find_fact(v, row),
				  .measured = NAN, .predicted = NAN };
	for (size_t i = 0; i < v->nmachines; i++) {
		size_t at = s->machine == STUDY_ANY ? row
			: reproduce_study_with(s, row, s->machine,
					       v->choice[i]);
		const struct study_cell *cell = &v->results->cells[at];

		out->cell[i] = (struct view_cell){ cell->value[v->metric],
						   cell->why };
		if (cell->subject != cell->against)
			itself = false;
		if (reproduce_run_on_bundle(s, at) &&
		    reproduce_measured(reproduce_run_bundle(v->results->cases),
				       cell, m, &measured)) {
			out->measured = measured.value;
			out->predicted = measured.predicted;
		}
	}
	return !itself;
}

void reproduce_view_make(const struct study_results *r, size_t metric,
			 struct view *out)
{
	const struct study *s = r->study;
	struct view v = { .results = r, .metric = metric, .nmachines = 1 };
	size_t rows = reproduce_study_rows(s);

	snprintf(v.machine[0], RUN_TITLE, "%s", s->column);
	reproduce_run_gpu(r->cases, v.gpu);
	v.key[0] = "simulated";
	if (s->machine != STUDY_ANY) {
		const struct study_axis *a = &s->axes[s->machine];

		assert(a->n <= VIEW_MOST_MACHINES);
		v.nmachines = 0;
		for (size_t i = 0; i < a->n; i++) {
			size_t n = v.nmachines;

			if (a->choices[i].bundle &&
			    reproduce_run_bundle(r->cases) == NULL)
				continue;
			reproduce_run_title(r->cases, &a->choices[i],
					    v.machine[n]);
			v.key[n] = a->choices[i].name;
			v.choice[n] = i;
			v.has_bundle = v.has_bundle || a->choices[i].bundle;
			v.nmachines++;
		}
	}
	v.rows = xcalloc(rows, sizeof *v.rows);
	for (size_t i = 0; i < rows; i++)
		if ((s->machine == STUDY_ANY ||
		     reproduce_study_choice(s, i, s->machine) == 0) &&
		    fill_row(&v, i, &v.rows[v.n]))
			v.n++;
	*out = v;
}

void reproduce_view_clear(struct view *v)
{
	free(v->rows);
	*v = (struct view){ 0 };
}

void reproduce_view_label(const struct view *v, const struct view_row *r,
			  char text[VIEW_LABEL])
{
	const struct study *s = study_of(v);
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < s->naxes; i++) {
		size_t choice = reproduce_study_choice(s, r->row, i);

		if (i == s->machine || s->axes[i].n == 1 || n >= VIEW_LABEL)
			continue;
		n += (size_t)snprintf(text + n, VIEW_LABEL - n, "%s%s",
				      n > 0 ? ", " : "",
				      s->axes[i].choices[choice].title);
	}
}

static void add_number(struct table *t, double value)
{
	if (isnan(value))
		table_empty(t);
	else
		table_number(t, value);
}

void reproduce_view_print(const struct view *v, FILE *out)
{
	struct table_column columns[VIEW_MOST_MACHINES + 5];
	enum quantity q = reproduce_view_metric(v)->quantity;
	char label[VIEW_LABEL];
	struct table *t;
	size_t n = 0;

	columns[n++] = (struct table_column){ "case", "case", q };
	columns[n++] = (struct table_column){ "paper", "paper", q };
	for (size_t i = 0; i < v->nmachines; i++)
		columns[n++] = (struct table_column){ v->key[i], v->key[i],
						      q };
	if (v->has_bundle) {
		columns[n++] = (struct table_column){ "measured", "measured",
						      q };
		columns[n++] = (struct table_column){ "same_runs",
						      "same runs", q };
	}
	t = table_new(columns, n);
	for (size_t i = 0; i < v->n; i++) {
		const struct view_row *r = &v->rows[i];

		reproduce_view_label(v, r, label);
		table_text(t, label);
		add_number(t, r->fact ? r->fact->value : (double)NAN);
		for (size_t k = 0; k < v->nmachines; k++)
			add_number(t, r->cell[k].value);
		if (v->has_bundle) {
			add_number(t, r->measured);
			add_number(t, r->predicted);
		}
	}
	table_print(t, TABLE_TEXT, out);
	table_free(t);
}
