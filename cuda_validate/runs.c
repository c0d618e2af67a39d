/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "model/workload_json.h"
#include "schedule/plan_file.h"
#include "schedule/policy.h"

struct runs {
	cJSON *models;		/* object: as they are, with all layers */
	cJSON *runs;		/* array */
};

struct runs *runs_new(void)
{
	struct runs *r = xcalloc(1, sizeof *r);

	r->models = cJSON_CreateObject();
	r->runs = cJSON_CreateArray();
	return r;
}

void runs_free(struct runs *r)
{
	if (r == NULL)
		return;
	cJSON_Delete(r->models);
	cJSON_Delete(r->runs);
	free(r);
}

/* Events and clocks tell no more than nanoseconds. */
static cJSON *seconds(double s)
{
	return cJSON_CreateNumber(round(s * 1e9) / 1e9);
}

static void add_seconds(cJSON *o, const char *key, double s)
{
	cJSON_AddItemToObject(o, key, seconds(s));
}

static void add_timing(cJSON *o, const char *key, const struct timing *t)
{
	cJSON *at = cJSON_AddObjectToObject(o, key);

	add_seconds(at, "median", t->median_s);
	add_seconds(at, "min", t->min_s);
	add_seconds(at, "q1", t->q1_s);
	add_seconds(at, "q3", t->q3_s);
	add_seconds(at, "max", t->max_s);
}

static void add_steps(cJSON *o, const struct measure *m)
{
	cJSON *all = cJSON_AddArrayToObject(o, "steps_s");

	for (size_t i = 0; i < m->repeat; i++) {
		cJSON *run = cJSON_CreateArray();

		for (size_t k = 0; k < m->steps; k++)
			cJSON_AddItemToArray(
				run, seconds(m->steps_s[i * m->steps + k]));
		cJSON_AddItemToArray(all, run);
	}
}

static void add_engines(cJSON *o, const struct usage *u)
{
	cJSON *all = cJSON_AddObjectToObject(o, "engines");
	double window = u->end_s - u->begin_s;

	for (int e = 0; e < ENGINE_COUNT; e++) {
		cJSON *at;

		if (!(u->engine[e].busy_s > 0.0))
			continue;
		at = cJSON_AddObjectToObject(all, engine_name((enum engine)e));
		cJSON_AddNumberToObject(at, "busy", round(
				1e5 * u->engine[e].busy_s / window) / 1e5);
		cJSON_AddNumberToObject(at, "bytes",
					round(u->engine[e].bytes));
	}
	add_seconds(o, "window_s", window);
}

static void add_tasks(cJSON *o, const struct usage *u)
{
	cJSON *all = cJSON_AddObjectToObject(o, "tasks");

	for (int op = 0; op < OP_COUNT; op++) {
		const struct usage_op *k = &u->op[op];
		cJSON *at;

		if (k->tasks == 0)
			continue;
		at = cJSON_AddObjectToObject(all, op_name((enum op)op));
		cJSON_AddNumberToObject(at, "tasks", (double)k->tasks);
		add_seconds(at, "median_s", k->median_s);
		add_seconds(at, "busy_s", k->busy_s);
		cJSON_AddNumberToObject(at, "bytes", k->bytes);
		cJSON_AddNumberToObject(at, "flop", k->flop);
	}
}

/* How many pieces there were, of how many that the job has. */
static void add_pieces(cJSON *o, const char *key, size_t count, size_t wanted)
{
	cJSON *pair = cJSON_CreateArray();

	if (wanted > 0 && count > 0) {
		cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)count));
		cJSON_AddItemToArray(pair, cJSON_CreateNumber((double)wanted));
		cJSON_AddItemToObject(o, key, pair);
	} else {
		cJSON_Delete(pair);
	}
}

static void add_memory(cJSON *o, const struct workspace *w)
{
	cJSON *at = cJSON_AddObjectToObject(o, "pieces");
	size_t layers = w->job->model.layers;

	add_pieces(at, "gpu_weights", w->weights.count, layers);
	add_pieces(at, "host_kv", w->kv_host.count, w->kv_host.wanted);
	add_pieces(at, "host_pageable_kv", w->kv_pageable.count,
		   w->kv_pageable.wanted);
	add_pieces(at, "host_x", w->x_host.count, w->x_host.wanted);
	add_pieces(at, "host_weights", w->weights_host.count,
		   w->weights_host.wanted);
}

static void add_model(struct runs *r, const struct job *j)
{
	struct llm whole = j->model;

	if (cJSON_GetObjectItemCaseSensitive(r->models, whole.name) != NULL)
		return;
	whole.layers = j->model_layers;
	cJSON_AddItemToObject(r->models, whole.name, llm_json(&whole));
}

void runs_add(struct runs *r, const struct job *job,
	      const struct workspace *w, const struct measure *m,
	      const struct sensors *sensors)
{
	cJSON *o = cJSON_CreateObject(), *split;

	add_model(r, job);
	cJSON_AddStringToObject(o, "plan", file_name(job->path));
	cJSON_AddStringToObject(o, "model", job->model.name);
	cJSON_AddNumberToObject(o, "layers", (double)job->model.layers);
	cJSON_AddItemToObject(o, "workload", workload_json(&job->workload));
	cJSON_AddStringToObject(o, "policy", job->plan.policy->name);
	plan_file_add_decisions(&job->plan, o);
	cJSON_AddBoolToObject(o, "whole_sequence", job->plan.whole_sequence);
	cJSON_AddBoolToObject(o, "planned", m->split == JOB_OWN_SPLIT);
	cJSON_AddNumberToObject(o, "first_step", (double)job->first_step);
	split = cJSON_AddArrayToObject(o, "split");
	for (size_t k = job->first_step; k < job->end_step; k++)
		cJSON_AddItemToArray(split, cJSON_CreateNumber(
					     (double)job_split(job, k)));
	add_timing(o, "step_s", &m->step);
	cJSON_AddNumberToObject(o, "lead", (double)m->lead);
	cJSON_AddNumberToObject(o, "attempts", (double)m->attempts);
	add_seconds(o, "issue_s", m->issue_s);
	add_seconds(o, "timed_step_s", m->timed_step_s);
	add_steps(o, m);
	if (isfinite(m->power_w))
		cJSON_AddNumberToObject(o, "power_w", round(m->power_w));
	add_engines(o, &m->usage);
	add_tasks(o, &m->usage);
	add_memory(o, w);
	cJSON_AddItemToObject(o, "sensors", sensors_state(sensors));
	cJSON_AddItemToArray(r->runs, o);
}

void runs_write(const struct runs *r, const cJSON *head, FILE *out)
{
	cJSON *top = cJSON_Duplicate(head, 1);
	char *text;

	cJSON_AddItemToObject(top, "models", cJSON_Duplicate(r->models, 1));
	text = cJSON_PrintUnformatted(top);
	fprintf(out, "%.*s,\n\"runs\":[", (int)strlen(text) - 1, text);
	cJSON_free(text);
	cJSON_Delete(top);
	for (const cJSON *o = r->runs->child; o != NULL; o = o->next) {
		text = cJSON_PrintUnformatted(o);
		fprintf(out, "%s\n%s", o == r->runs->child ? "" : ",", text);
		cJSON_free(text);
	}
	fputs("\n]}\n", out);
}
