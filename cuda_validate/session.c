/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/file.h"
#include "base/progress.h"
#include "base/quantity.h"
#include "base/table.h"
#include "cuda_validate/machine.h"
#include "cuda_validate/runs.h"
#include "schedule/policy.h"
#include "traces/chrome.h"

struct session {
	const struct session_options *o;
	struct device g;
	struct sensors *sensors;
	struct matmul *matmul;
	struct pool pool;
	struct job *jobs;
	size_t njobs;
	struct runs *runs;
	struct table *table;
	struct progress *progress;
	cJSON *head;
};

/* How much host memory the jobs would like, and may have. */
static bool open_pool(struct session *s)
{
	double limit = s->o->host_pool_bytes;
	size_t most[2] = { 0, 0 };

	if (!(limit > 0.0))
		limit = 0.5 * (double)sysconf(_SC_PHYS_PAGES) *
			(double)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < s->njobs; i++) {
		size_t wanted[2];

		workspace_host_bytes(&s->jobs[i], &wanted[0], &wanted[1]);
		for (size_t k = 0; k < 2; k++)
			if (wanted[k] > most[k])
				most[k] = wanted[k];
	}
	for (size_t k = 0; k < 2; k++)
		if ((double)most[k] > limit)
			most[k] = (size_t)limit;
	return pool_open(&s->g, &s->pool, most[0], most[1]);
}

static bool open_session(struct session *s, const cJSON *made_by)
{
	static const struct table_column columns[] = {
		{ "plan", "plan", QUANTITY_NUMBER },
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "split", "split", QUANTITY_NUMBER },
		{ "step_s", "step", QUANTITY_SECONDS },
		{ "spread_pct", "spread", QUANTITY_PERCENT },
		{ "h2d_pct", "h2d busy", QUANTITY_PERCENT },
		{ "h2d_bytes_per_s", "h2d", QUANTITY_BYTES_PER_S },
		{ "sm_pct", "sm busy", QUANTITY_PERCENT },
		{ "issue_s", "issue", QUANTITY_SECONDS },
	};

	s->sensors = sensors_new(s->g.pci);
	s->matmul = matmul_new(&s->g);
	s->runs = runs_new();
	s->table = table_new(columns, sizeof columns / sizeof columns[0]);
	s->progress = progress_new(s->o->progress);
	progress_show(s->progress, 0.0, "allocating");
	if (s->matmul == NULL || !open_pool(s))
		return false;
	s->head = cJSON_CreateObject();
	cJSON_AddStringToObject(s->head, "schema", "kvplan-runs-1");
	cJSON_AddItemToObject(s->head, "made_by", cJSON_Duplicate(made_by, 1));
	cJSON_AddItemToObject(s->head, "machine", machine_json(
			&s->g, s->sensors, matmul_version(s->matmul)));
	cJSON_AddNumberToObject(s->head, "repeat",
				(double)s->o->measure.repeat);
	cJSON_AddNumberToObject(s->head, "warmup",
				(double)s->o->measure.warmup);
	cJSON_AddNumberToObject(s->head, "settle_s", s->o->measure.settle_s);
	cJSON_AddStringToObject(s->head, "streams", s->o->streams ==
				RUNTIME_STREAM_ENGINE ? "engine" : "process");
	return true;
}

static void close_session(struct session *s)
{
	pool_close(&s->pool);
	matmul_free(s->matmul);
	sensors_free(s->sensors);
	runs_free(s->runs);
	table_free(s->table);
	progress_free(s->progress);
	cJSON_Delete(s->head);
}

static void add_row(struct session *s, const struct job *job,
		    const struct measure *m)
{
	const struct usage *u = &m->usage;
	double window = u->end_s - u->begin_s;
	char split[64];

	snprintf(split, sizeof split, m->split_first == m->split_last
			 ? "%zu" : "%zu to %zu", m->split_first,
		 m->split_last);
	table_text(s->table, file_name(job->path));
	table_text(s->table, job->plan.policy->name);
	table_text(s->table, split);
	table_number(s->table, m->step.median_s);
	table_number(s->table, 100.0 * (m->step.max_s - m->step.min_s) /
				       m->step.median_s);
	table_number(s->table,
		     100.0 * u->engine[ENGINE_H2D].busy_s / window);
	table_number(s->table, u->engine[ENGINE_H2D].bytes / window);
	table_number(s->table, 100.0 * u->engine[ENGINE_SM].busy_s / window);
	table_number(s->table, m->issue_s);
}

/* To standard output all is written once, at the end. */
static bool prints_output(const struct session *s)
{
	return s->o->output != NULL && strcmp(s->o->output, "-") == 0;
}

static enum status write_output(const struct session *s, struct diag *d)
{
	struct file_writer w;
	enum status st;

	if (s->o->output == NULL)
		return STATUS_OK;
	st = file_create(s->o->output, &w, d);
	if (st != STATUS_OK)
		return st;
	runs_write(s->runs, s->head, w.stream);
	return file_commit(&w, d);
}

static enum status write_trace(const struct session *s, const struct job *job,
			       const struct timeline *t, struct diag *d)
{
	struct file_writer w;
	enum status st;

	if (s->o->trace == NULL)
		return STATUS_OK;
	st = file_create(s->o->trace, &w, d);
	if (st != STATUS_OK)
		return st;
	chrome_write(t, job->graph, &job->workload, &job->plan, s->head,
		     w.stream);
	return file_commit(&w, d);
}

static enum status run_splits(struct session *s, struct job *job,
			      struct workspace *w, struct runtime *r,
			      struct diag *d)
{
	enum status st = STATUS_OK;

	struct measure_options o = s->o->measure;

	o.sensors = s->sensors;
	for (size_t i = 0; i < job->nsplits && st == STATUS_OK; i++) {
		struct timeline t = { .n = 0 };
		struct measure m;

		if (!measure_split(r, job, i, &o, &t, &m)) {
			timeline_clear(&t);
			return device_status(&s->g, d);
		}
		runs_add(s->runs, job, w, &m, s->sensors);
		add_row(s, job, &m);
		st = write_trace(s, job, &t, d);
		timeline_clear(&t);
		measure_clear(&m);
	}
	return st;
}

static enum status run_job(struct session *s, struct job *job,
			   struct diag *d)
{
	struct workspace w;
	struct runtime *r = NULL;
	enum status st = STATUS_DEVICE;

	if (workspace_open(&w, &s->g, job, &s->pool))
		r = runtime_new(&s->g, job, &w, s->matmul,
				s->o->measure.threads, s->o->streams);
	if (r != NULL)
		st = run_splits(s, job, &w, r, d);
	else
		st = device_status(&s->g, d);
	runtime_free(r);
	workspace_close(&w);
	/* what has been measured is kept, whatever happens next */
	if (st == STATUS_OK && !prints_output(s))
		st = write_output(s, d);
	return st == STATUS_OK ? st : diag_prefix(d, st, "%s", job->path);
}

static enum status run_all(struct session *s, struct diag *d)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < s->njobs && st == STATUS_OK; i++) {
		progress_show(s->progress, (double)i / (double)s->njobs,
			      s->jobs[i].path);
		st = run_job(s, &s->jobs[i], d);
	}
	return st;
}

/* Before time is spent: whether it can be written at all. */
static enum status try_file(const char *path, struct diag *d)
{
	struct file_writer trial;
	enum status s;

	if (path == NULL)
		return STATUS_OK;
	s = file_create(path, &trial, d);
	if (s == STATUS_OK)
		file_abandon(&trial);
	return s;
}

enum status session_run(const struct session_options *o, struct job *jobs,
			size_t n, const cJSON *made_by, struct diag *d)
{
	struct session s = { .o = o, .jobs = jobs, .njobs = n };
	enum status st;

	if (o->trace != NULL && (n > 1 || jobs[0].nsplits > 1))
		return diag_fail(d, STATUS_USAGE, "--trace is for one plan "
				 "with one split");
	if (o->trace != NULL && o->output != NULL &&
	    strcmp(o->trace, o->output) == 0)
		return diag_fail(d, STATUS_USAGE, "--trace and --output: "
				 "found %.40s for both, expected two files",
				 o->trace);
	st = try_file(o->output, d);
	if (st == STATUS_OK)
		st = try_file(o->trace, d);
	/* the output is written anew after every plan */
	claim_end();
	if (st == STATUS_OK)
		st = device_open(o->gpu, &s.g, d);
	if (st != STATUS_OK)
		return st;
	st = open_session(&s, made_by) ? run_all(&s, d)
				       : device_status(&s.g, d);
	progress_free(s.progress);
	s.progress = NULL;
	if (st == STATUS_OK && prints_output(&s)) {
		st = write_output(&s, d);
	} else if (st == STATUS_OK) {
		printf("%s, %zu repeats\n\n", s.g.name, o->measure.repeat);
		table_print(s.table, TABLE_TEXT, stdout);
	}
	close_session(&s);
	return st;
}
