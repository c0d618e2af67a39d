/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "evaluate/case.h"
#include "paper-repro/crew.h"

struct cases {
	const char *folder;
	const struct bundle *bundle;
	char *profile;			/* the bundle's */
	struct reproduced **list;
	size_t n, cap;
	struct crew *crew;
};

struct cases *reproduce_run_new(const char *folder,
				const struct bundle *bundle)
{
	struct cases *c = xcalloc(1, sizeof *c);
	size_t size;
	FILE *out;

	c->folder = folder;
	c->bundle = bundle;
	c->crew = reproduce_crew_new();
	if (folder != NULL) {
		out = xmemstream(&c->profile, &size);
		fprintf(out, "%s/hardware.json", folder);
		xmemstream_close(out);
	}
	return c;
}

static void free_case(struct reproduced *r)
{
	free(r->key);
	free(r->value);
	plan_clear(&r->plan);
	free(r);
}

void reproduce_run_free(struct cases *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		free_case(c->list[i]);
	reproduce_crew_free(c->crew);
	free(c->list);
	free(c->profile);
	free(c);
}

size_t reproduce_run_count(const struct cases *c)
{
	return c->n;
}

const struct bundle *reproduce_run_bundle(const struct cases *c)
{
	return c->bundle;
}

/* Of "NVIDIA H200, measured on ..." the card. */
void reproduce_run_gpu(const struct cases *c, char out[RUN_TITLE])
{
	static const char maker[] = "NVIDIA ";
	const char *title = c->bundle ? c->bundle->hardware.title
				      : "measured GPU";

	if (strncmp(title, maker, strlen(maker)) == 0)
		title += strlen(maker);
	snprintf(out, RUN_TITLE, "%.*s", (int)strcspn(title, ","), title);
}

void reproduce_run_title(const struct cases *c,
			 const struct study_choice *choice,
			 char out[RUN_TITLE])
{
	char gpu[RUN_TITLE];

	if (!choice->bundle || c->bundle == NULL) {
		snprintf(out, RUN_TITLE, "%s", choice->title);
		return;
	}
	reproduce_run_gpu(c, gpu);
	snprintf(out, RUN_TITLE, "%.60s simulated (calibrated)", gpu);
}

/* The options of side `side` in row `row`, in order: the last one counts. */
static void collect(const struct study *s, size_t row, enum study_side side,
		    struct study_options *out)
{
	const struct study_options *from[2 * (STUDY_MOST_AXES + 1)];
	size_t n = 0;

	from[n++] = &s->options[STUDY_BOTH];
	from[n++] = &s->options[side];
	for (size_t i = 0; i < s->naxes; i++) {
		const struct study_choice *c =
			&s->axes[i].choices[reproduce_study_choice(s, row, i)];

		from[n++] = &c->options[STUDY_BOTH];
		from[n++] = &c->options[side];
	}
	*out = (struct study_options){ 0 };
	for (size_t i = 0; i < n; i++) {
		if (from[i]->n == 0)
			continue;
		out->list = xrealloc_array(out->list, out->n + from[i]->n,
					   sizeof *out->list);
		memcpy(out->list + out->n, from[i]->list,
		       from[i]->n * sizeof *out->list);
		out->n += from[i]->n;
	}
}

static char *options_text(const struct study_options *o)
{
	size_t size;
	char *text;
	FILE *out = xmemstream(&text, &size);

	for (size_t i = 0; i < CASE_OPTIONS; i++)
		for (size_t k = 0; k < o->n; k++)
			if (o->list[k].option == i)
				fprintf(out, "--%s=%s ", request_spec(i).name,
					o->list[k].value);
	xmemstream_close(out);
	return text;
}

/* The metric whose values a relative one is of; else itself. */
static const struct metric *base_of(const struct metric *m)
{
	const struct metric *base = m;
	struct diag d;

	if (m->relative && reproduce_metric_find(m->base, &base, &d) !=
				   STATUS_OK)
		abort();	/* the table names one that it has not */
	return base;
}

static bool wants_timeline(const struct study *s)
{
	for (size_t i = 0; i < s->nmetrics; i++)
		if (base_of(s->metrics[i])->timeline)
			return true;
	return false;
}

/* The case of `o`, to be simulated into `r`. */
static enum status make_case(const struct study_options *o,
			     struct crew *crew, struct reproduced *r,
			     struct diag *d)
{
	struct case_request request = request_new();
	struct decode_case c;
	enum status s = STATUS_OK;

	for (size_t i = 0; i < o->n && s == STATUS_OK; i++) {
		s = request_option(&request, o->list[i].option,
				   o->list[i].value, d);
		if (s != STATUS_OK)
			diag_prefix(d, s, "--%s",
				    request_spec(o->list[i].option).name);
	}
	if (s == STATUS_OK)
		s = case_load(&request, NULL, &c, d);
	if (s == STATUS_OK) {
		/* the closed form is GLPK's answer (test_paper_split) */
		c.planner.without_glpk = true;
		reproduce_crew_add(crew, r, &c);
	}
	request_clear(&request);
	return s;
}

/* FNV-1a: keys are compared only where it is the same. */
static uint64_t hash_of(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3u;
	return h;
}

static struct reproduced *new_case(char *key, bool timeline)
{
	struct reproduced *r = xcalloc(1, sizeof *r);
	size_t n;

	reproduce_metric_list(&n);
	r->key = key;
	r->timeline = timeline;
	r->value = xcalloc(n, sizeof *r->value);
	for (size_t i = 0; i < n; i++)
		r->value[i] = NAN;
	return r;
}

static void keep(struct cases *c, struct reproduced *r)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		c->list = xrealloc_array(c->list, c->cap, sizeof *c->list);
	}
	c->list[c->n++] = r;
}

bool reproduce_run_on_bundle(const struct study *s, size_t row)
{
	return s->machine != STUDY_ANY &&
	       s->axes[s->machine].choices[reproduce_study_choice(
		       s, row, s->machine)].bundle;
}

/* The case of one side of a row into `*out`: NULL without a bundle. */
static enum status find_case(struct cases *c, const struct study *s,
			     size_t row, enum study_side side,
			     const struct reproduced **out, struct diag *d)
{
	bool timeline = wants_timeline(s);
	struct study_options o;
	struct reproduced *r;
	enum status status;
	uint64_t hash;
	char *key;

	*out = NULL;
	collect(s, row, side, &o);
	if (reproduce_run_on_bundle(s, row)) {
		if (c->profile == NULL) {
			free(o.list);
			return STATUS_OK;
		}
		o.list = xrealloc_array(o.list, o.n + 1, sizeof *o.list);
		o.list[o.n++] = (struct study_option){ CASE_HARDWARE,
						       c->profile };
	}
	key = options_text(&o);
	hash = hash_of(key);
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i]->hash == hash &&
		    (c->list[i]->timeline || !timeline) &&
		    strcmp(c->list[i]->key, key) == 0) {
			*out = c->list[i];
			free(key);
			free(o.list);
			return STATUS_OK;
		}
	r = new_case(key, timeline);
	r->hash = hash;
	status = make_case(&o, c->crew, r, d);
	free(o.list);
	if (status != STATUS_OK) {
		diag_prefix(d, STATUS_INVALID, "case %.160s", key);
		free_case(r);
		return STATUS_INVALID;
	}
	keep(c, r);
	*out = r;
	return STATUS_OK;
}

/* Of two cases, where they are two. */
static double value_of(const struct study_cell *cell, const struct metric *m)
{
	size_t i = reproduce_metric_index(base_of(m));

	if (cell->subject == NULL || !cell->subject->done)
		return NAN;
	if (!m->relative)
		return cell->subject->value[i];
	if (cell->against == NULL || !cell->against->done)
		return NAN;
	return m->ratio(cell->subject->value[i], cell->against->value[i]);
}

static void fill_cell(const struct study *s, struct study_cell *cell)
{
	if (cell->subject != NULL && !cell->subject->done)
		cell->why = cell->subject->why;
	else if (cell->against != NULL && !cell->against->done)
		cell->why = cell->against->why;
	for (size_t i = 0; i < s->nmetrics; i++)
		cell->value[i] = value_of(cell, s->metrics[i]);
}

enum status reproduce_run_study(struct cases *c, const struct study *s,
				struct study_results *out, struct diag *d)
{
	size_t rows = reproduce_study_rows(s);
	struct study_results r = { s, c, xcalloc(rows, sizeof *r.cells) };
	enum status status = STATUS_OK;

	for (size_t i = 0; i < rows && status == STATUS_OK; i++) {
		struct study_cell *cell = &r.cells[i];

		status = find_case(c, s, i, STUDY_SUBJECT, &cell->subject, d);
		if (status == STATUS_OK && s->compares)
			status = find_case(c, s, i, STUDY_AGAINST,
					   &cell->against, d);
	}
	if (status == STATUS_OK)
		status = reproduce_crew_run(c->crew, d);
	for (size_t i = 0; i < rows && status == STATUS_OK; i++)
		fill_cell(s, &r.cells[i]);
	if (status != STATUS_OK) {
		reproduce_run_clear(&r);
		return diag_prefix(d, status, "study %s", s->name);
	}
	*out = r;
	return STATUS_OK;
}

void reproduce_run_clear(struct study_results *r)
{
	free(r->cells);
	*r = (struct study_results){ 0 };
}
