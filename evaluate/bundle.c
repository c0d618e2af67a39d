/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "model/profile.h"
#include "model/workload_json.h"
#include "schedule/plan_file.h"
#include "schedule/trust.h"
#include "sim/clock.h"

/* The geometry "models" has for the run's model, with the layers run. */
static enum status parse_model(const struct json *at,
			       const struct json *models, struct llm *m,
			       struct diag *d)
{
	const char *name;
	struct json geometry;
	struct diag why;
	size_t layers;
	char *text;
	enum status s;

	if (json_get_string(at, "model", &name, d) != STATUS_OK ||
	    json_get_object(models, name, &geometry, d) != STATUS_OK ||
	    json_get_size(at, "layers", 1, 10000, &layers, d) != STATUS_OK)
		return STATUS_INVALID;
	text = cJSON_PrintUnformatted(geometry.node);
	s = llm_parse(text, name, m, &why);
	cJSON_free(text);
	m->layers = layers;
	return s == STATUS_OK
		? s : json_fail(&geometry, NULL, d, "%s", why.text);
}

/* They rise from one to the next. */
static enum status parse_step(const struct json *at, struct bundle_run *r,
			      struct diag *d)
{
	static const char *const names[] = { "min", "q1", "median", "q3",
					     "max" };
	double found[5], least = BUNDLE_STEP_LEAST;
	struct json step;

	if (json_get_object(at, "step_s", &step, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < 5; i++) {
		if (json_get_quantity(&step, names[i], QUANTITY_SECONDS,
				      JSON_POSITIVE, &found[i], d) !=
		    STATUS_OK)
			return STATUS_INVALID;
		if (found[i] < least || found[i] > BUNDLE_STEP_MOST)
			return json_fail(&step, names[i], d, "found %.9g s, "
					 "expected %.9g to %g%s%s", found[i],
					 least, BUNDLE_STEP_MOST,
					 i > 0 ? ", no less than " : "",
					 i > 0 ? names[i - 1] : "");
		least = found[i];
	}
	r->min_s = found[0];
	r->measured_s = found[2];
	r->max_s = found[4];
	return STATUS_OK;
}

static enum status parse_run(const struct json *at, const struct json *models,
			     struct bundle_run *out, struct diag *d)
{
	struct bundle_run r = { .file = NULL };
	struct json splits;
	const char *file;
	size_t steps;

	if (json_get_string(at, "plan", &file, d) != STATUS_OK ||
	    parse_model(at, models, &r.model, d) != STATUS_OK ||
	    workload_json_parse(at, &r.model, &r.workload, d) != STATUS_OK)
		return STATUS_INVALID;
	steps = workload_steps(&r.workload);
	if (json_get_size(at, "first_step", 0, steps - 1, &r.first_step,
			  d) != STATUS_OK ||
	    json_get_bool(at, "planned", &r.planned, d) != STATUS_OK ||
	    parse_step(at, &r, d) != STATUS_OK ||
	    json_get_array(at, "split", &splits, d) != STATUS_OK)
		return STATUS_INVALID;
	r.steps = json_length(&splits);
	if (r.steps < 1 || r.first_step + r.steps > steps)
		return json_fail(at, "split", d, "found %zu values, expected "
				 "1 to %zu", r.steps, steps - r.first_step);
	if (plan_file_parse_plan(at, &r.workload, r.first_step, r.steps,
				 &r.plan, d) != STATUS_OK)
		return STATUS_INVALID;
	r.file = xstrdup(file);
	*out = r;
	return STATUS_OK;
}

size_t bundle_first_timed(const struct bundle_run *r)
{
	return r->first_step + (r->steps > 1 ? 1 : 0);
}

enum status bundle_predict(const struct hardware *hw, struct bundle_run *r,
			   struct diag *d)
{
	struct graph *g = policy_graph(&r->plan, &r->model, &r->workload, hw,
				       SPAN_STEP);
	size_t first = bundle_first_timed(r);
	size_t last = r->first_step + r->steps - 1;
	double *ends = xcalloc(r->plan.steps, sizeof *ends);
	const struct run_options options = {
		.first_step = r->first_step, .end_step = last + 1,
		.step_end_s = ends };
	struct run_result result;
	double clock;
	enum engine bound = ENGINE_H2D;
	struct trust t;
	enum status s = clock_run(g, &r->workload, &r->plan, hw, &options,
				  &clock, &result, d);

	if (s == STATUS_OK) {
		for (int e = 0; e < ENGINE_COUNT; e++)
			if (result.engine[e].busy_s >
			    result.engine[bound].busy_s)
				bound = (enum engine)e;
		t = trust_make(g, hw, (double)workload_cached(&r->workload,
							      last),
			       (double)r->plan.split[last], bound);
		r->bar = t.spread;
		r->outside = t.noutside > 0;
		r->predicted_s =
			(ends[last] - (first > r->first_step ? ends[first - 1]
							     : 0.0)) /
			(double)(last + 1 - first);
	}
	free(ends);
	graph_free(g);
	return s;
}

static enum status add_runs(struct bundle *b, const struct json *top,
			    struct diag *d)
{
	struct json list, models;
	size_t i = 0;

	if (json_get_object(top, "models", &models, d) != STATUS_OK ||
	    json_get_array(top, "runs", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	b->runs = xrealloc_array(b->runs, b->n + json_length(&list) + 1,
				 sizeof *b->runs);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };
		enum status s = STATUS_INVALID;

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		s = parse_run(&one, &models, &b->runs[b->n], d);
		if (s != STATUS_OK)
			return s;
		b->n++;
	}
	return STATUS_OK;
}

/* What is not a file of runs, such as a timeline, is passed over. */
static enum status add_file(struct bundle *b, const char *path,
			    struct diag *d)
{
	const char *schema;
	struct json top;
	cJSON *doc;
	char *text;
	enum status s = file_read(path, &text, d);

	if (s != STATUS_OK)
		return s;
	s = json_parse(text, &doc, &top, d);
	free(text);
	if (s == STATUS_OK) {
		schema = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(doc, "schema"));
		if (schema != NULL && strcmp(schema, "kvplan-runs-1") == 0)
			s = add_runs(b, &top, d);
		cJSON_Delete(doc);
	}
	return s == STATUS_OK ? s : diag_prefix(d, s, "%s", path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_json(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

static enum status add_folder(struct bundle *b, const char *folder,
			      struct diag *d)
{
	char path[4096];
	struct dirent **names;
	enum status s = STATUS_OK;
	int n;

	snprintf(path, sizeof path, "%s/runs", folder);
	n = scandir(path, &names, is_json, by_name);
	if (n < 0)
		return diag_fail(d, STATUS_IO, "%.200s: %s", path,
				 strerror(errno));
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/runs/%s", folder,
			 names[i]->d_name);
		if (s == STATUS_OK)
			s = add_file(b, path, d);
		free(names[i]);
	}
	free(names);
	if (s == STATUS_OK && b->n == 0)
		return diag_fail(d, STATUS_INVALID,
				 "%.200s/runs: found no file of measured "
				 "runs", folder);
	return s;
}

static const char *find_unstated(const struct hardware *hw,
				 const struct bundle_run *r)
{
	struct graph *g = policy_graph(&r->plan, &r->model, &r->workload, hw,
				       SPAN_STEP);
	const char *path = NULL;

	for (size_t i = 0; i < g->nworks && path == NULL; i++)
		path = work_unstated(&g->works[i], hw);
	graph_free(g);
	return path;
}

static void clear_run(struct bundle_run *r)
{
	free(r->file);
	plan_clear(&r->plan);
}

static void count_left(struct bundle *b, const char *path)
{
	size_t i = 0;

	while (i < b->nleft && strcmp(b->left[i].path, path) != 0)
		i++;
	if (i == b->nleft)
		b->left[b->nleft++] = (struct bundle_left){ .path = path };
	b->left[i].n++;
}

/* What the machine states too little for; an error if that is every run. */
static enum status leave_out(struct bundle *b, const char *folder,
			     struct diag *d)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const char *path = find_unstated(&b->hardware, &b->runs[i]);

		if (path == NULL) {
			b->runs[n++] = b->runs[i];
			continue;
		}
		count_left(b, path);
		clear_run(&b->runs[i]);
	}
	b->n = n;
	if (n > 0)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID, "%.200s: every run needs a figure "
			 "that %s does not state, the first %s", folder,
			 b->hardware.name, b->left[0].path);
}

/* The runs of a plan together, whichever file they are in. */
static int by_plan(const void *a, const void *b)
{
	const struct bundle_run *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (order == 0)
		order = (x->model.layers > y->model.layers) -
			(x->model.layers < y->model.layers);
	if (order == 0)
		order = (bundle_split(x) > bundle_split(y)) -
			(bundle_split(x) < bundle_split(y));
	if (order == 0)
		order = (int)y->planned - (int)x->planned;
	if (order == 0)
		order = (x->measured_s > y->measured_s) -
			(x->measured_s < y->measured_s);
	return order;
}

enum status bundle_load(const char *folder, const char *profile,
			struct bundle *out, struct diag *d)
{
	struct bundle b = { .n = 0 };
	char path[4096];
	enum status s;

	snprintf(path, sizeof path, "%s/hardware.json", folder);
	if (profile == NULL)
		profile = path;
	s = profile_read(PROFILE_HARDWARE, profile, &b.hardware_text, d);
	if (s == STATUS_OK) {
		s = hardware_parse(b.hardware_text, &b.hardware, d);
		if (s != STATUS_OK)
			diag_prefix(d, s, "%s", file_source(profile));
	}
	if (s == STATUS_OK)
		s = add_folder(&b, folder, d);
	if (s == STATUS_OK)
		s = leave_out(&b, folder, d);
	if (b.n > 0)
		qsort(b.runs, b.n, sizeof *b.runs, by_plan);
	for (size_t i = 0; i < b.n && s == STATUS_OK; i++)
		s = bundle_predict(&b.hardware, &b.runs[i], d);
	if (s != STATUS_OK) {
		bundle_clear(&b);
		return s;
	}
	*out = b;
	return STATUS_OK;
}

void bundle_warn(const struct bundle *b, FILE *out)
{
	for (size_t i = 0; i < b->nleft; i++)
		fprintf(out, "kvplan: warning: %s: %s is not stated: runs "
			"left out that need it: %zu\n", b->hardware.name,
			b->left[i].path, b->left[i].n);
}

void bundle_clear(struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++)
		clear_run(&b->runs[i]);
	free(b->runs);
	free(b->hardware_text);
	hardware_clear(&b->hardware);
	*b = (struct bundle){ .n = 0 };
}

size_t bundle_split(const struct bundle_run *r)
{
	return r->plan.split[r->first_step + r->steps - 1];
}

double bundle_error_pct(const struct bundle_run *r)
{
	return 100.0 * (r->predicted_s / r->measured_s - 1.0);
}

double bundle_spread_pct(const struct bundle_run *r)
{
	return 100.0 * (r->max_s - r->min_s) / r->measured_s;
}

void bundle_workload(const struct bundle_run *r, char *text, size_t size)
{
	const struct workload *w = &r->workload;
	size_t n;

	snprintf(text, size, "%s b%zu s%zu", r->model.name, w->batch,
		 w->prompt);
	n = strlen(text);
	if (w->num_batches > 1)
		snprintf(text + n, size - n, " n%zu", w->num_batches);
	n = strlen(text);
	if (w->gpus > 1)
		snprintf(text + n, size - n, " g%zu", w->gpus);
}

void bundle_policy(const struct bundle_run *r, char *text, size_t size)
{
	const struct policy *p = r->plan.policy;
	char word[DECISION_SIZE];

	if (p->rules[DECISION_PREFETCH].decider == DECIDED_BY_POLICY ||
	    p->split != SPLIT_OPEN)
		snprintf(text, size, "%s", p->name);
	else
		snprintf(text, size, "%s, %zu", p->name,
			 plan_prefetch(&r->plan));
	for (int d = 0; d < DECISION_COUNT; d++) {
		size_t n = strlen(text);

		if (decision_specs[d].words == NULL ||
		    p->rules[d].decider != DECIDED_BY_USER ||
		    r->plan.decision[d] == p->rules[d].value)
			continue;
		decision_format((enum decision)d, r->plan.decision[d], word);
		snprintf(text + n, size - n, ", %s", word);
	}
}
