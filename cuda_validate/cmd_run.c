/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/quantity.h"
#include "base/table.h"
#include "base/xalloc.h"
#include "cuda_validate/command.h"
#include "cuda_validate/machine.h"
#include "cuda_validate/runs.h"
#include "schedule/policy.h"
#include "traces/chrome.h"

enum { OPT_LAYERS, OPT_STEPS, OPT_SPLIT, OPT_SPLITS, OPT_SWEEP, OPT_PREFETCH,
       OPT_REPEAT, OPT_WARMUP, OPT_HOST_POOL, OPT_STREAMS, OPT_OUTPUT, OPT_TRACE, OPT_GPU,
       OPT_PROGRESS, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	{ "layers", '\0', "N",
	  "run so many of the model's layers (default: all)" },
	{ "steps", '\0', "FIRST:COUNT",
	  "run these decode steps, from 0 (default: four in the\n"
	  "middle)" },
	{ "split", 'l', "N", "recompute N tokens in every step" },
	{ "splits", '\0', "A:B:STEP", "the same with each of A, A + STEP, "
	  "... up to B" },
	{ "sweep", '\0', "N",
	  "besides the plan's, N splits from 0 to the most that\n"
	  "it may use; policies that decide it run once" },
	{ "prefetch", '\0', "N", "slots that loads run ahead of compute" },
	{ "repeat", 'r', "N", "measure so many times (default: 5)" },
	{ "warmup", '\0', "N", "after so many that do not count (default: "
	  "1)" },
	{ "host-pool", '\0', "SIZE",
	  "pinned memory for caches and streamed weights; layers\n"
	  "share it if it is too small (default: half of the\n"
	  "host's memory, or what is needed)" },
	{ "streams", '\0', "KIND",
	  "one for each copy engine (default: engine), or one for\n"
	  "each process (process), whose copies then pass each\n"
	  "other in no certain order" },
	{ "output", 'o', "FILE", "write what was measured, as JSON" },
	{ "trace", 't', "FILE", "write the timeline of one run, for "
	  "Perfetto or\nchrome://tracing" },
	{ "gpu", '\0', "N", "the GPU to use, from 0 (default: 0)" },
	{ "progress", '\0', NULL,
	  "tell on standard error what goes on, terminal or not" },
};

enum { MOST_PLANS = 10000 };

static const struct option_set set = {
	.program = "kvplan-gpu",
	.usage = "Usage: kvplan-gpu run PLAN... [OPTION]...\n"
		 "Run decode steps of plans on the GPU, with random data, and "
		 "measure them.\n",
	.own = own, .nown = OPTIONS,
	.most_operands = MOST_PLANS,
};

struct request {
	struct job_options job;
	struct measure_options measure;
	double host_pool_bytes;		/* 0: not said */
	size_t layers, gpu;
	enum runtime_streams streams;
	const char *output, *trace;
	bool progress;
};

/* `n` numbers, parted by colons, up to `most`. */
static enum status read_numbers(const char *text, size_t most, size_t *out,
				size_t n, const char *expected,
				struct diag *d)
{
	char part[32];

	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(text, ":");
		bool last = i + 1 == n;

		if (len == 0 || len >= sizeof part ||
		    (text[len] == '\0') != last)
			return diag_fail(d, STATUS_USAGE, "expected %s",
					 expected);
		snprintf(part, sizeof part, "%.*s", (int)len, text);
		if (options_size(part, 0, most, &out[i], d) != STATUS_OK)
			return STATUS_USAGE;
		text += len + !last;
	}
	return STATUS_OK;
}

static enum status read_range(struct job_options *o, const char *text,
			      struct diag *d)
{
	size_t v[3];

	if (read_numbers(text, WORKLOAD_MOST_TOKENS, v, 3,
			 "A:B:STEP, such as 0:512:64", d) != STATUS_OK)
		return STATUS_USAGE;
	if (v[1] < v[0] || v[2] == 0)
		return diag_fail(d, STATUS_USAGE, "expected A:B:STEP with A "
				 "<= B and STEP >= 1");
	o->sweep = JOB_RANGE;
	o->from = v[0];
	o->to = v[1];
	o->by = v[2];
	return STATUS_OK;
}

static enum status read_steps(struct job_options *o, const char *text,
			      struct diag *d)
{
	size_t v[2];

	if (read_numbers(text, WORKLOAD_MOST_TOKENS, v, 2,
			 "FIRST:COUNT, such as 16:4", d) != STATUS_OK)
		return STATUS_USAGE;
	if (v[1] == 0)
		return diag_fail(d, STATUS_USAGE, "expected at least one "
				 "step");
	o->has_steps = true;
	o->first_step = v[0];
	o->steps = v[1];
	return STATUS_OK;
}

static enum status read_pool(const char *text, double *out, struct diag *d)
{
	enum status s = quantity_parse(text, QUANTITY_BYTES, out, d);

	if (s == STATUS_OK && (*out < 1.0 || *out > 1e15))
		s = diag_fail(d, STATUS_USAGE, "found %.40s, expected a size "
			      "of 1 B to 1000 TB", text);
	return s == STATUS_OK ? s : STATUS_USAGE;
}

static enum status read_streams(const char *text, enum runtime_streams *out,
				struct diag *d)
{
	static const char *const kinds[] = { "engine", "process" };
	size_t which;
	enum status s = options_word(text, kinds, 2, &which, d);

	if (s == STATUS_OK)
		*out = (enum runtime_streams)which;
	return s;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;
	struct job_options *o = &r->job;
	enum status s;

	switch (index) {
	case OPT_LAYERS:
		return options_size(text, 1, 10000, &o->layers, d);
	case OPT_STEPS:
		return read_steps(o, text, d);
	case OPT_SPLIT:
		s = options_size(text, 0, WORKLOAD_MOST_TOKENS, &o->from, d);
		o->sweep = JOB_RANGE;
		o->to = o->from;
		o->by = 1;
		return s;
	case OPT_SPLITS:
		return read_range(o, text, d);
	case OPT_SWEEP:
		o->sweep = JOB_EVEN;
		return options_size(text, 2, 10000, &o->count, d);
	case OPT_PREFETCH:
		o->has_prefetch = true;
		return options_size(text, 0, PLAN_MOST_PREFETCH, &o->prefetch,
				    d);
	case OPT_REPEAT:
		return options_size(text, 1, 10000, &r->measure.repeat, d);
	case OPT_WARMUP:
		return options_size(text, 0, 10000, &r->measure.warmup, d);
	case OPT_HOST_POOL:
		return read_pool(text, &r->host_pool_bytes, d);
	case OPT_STREAMS:
		return read_streams(text, &r->streams, d);
	case OPT_OUTPUT:
		r->output = text;
		return STATUS_OK;
	case OPT_TRACE:
		r->trace = text;
		return STATUS_OK;
	case OPT_GPU:
		return options_size(text, 0, 1023, &r->gpu, d);
	}
	r->progress = true;
	return STATUS_OK;
}

/* ---- one call ---- */

struct session {
	const struct request *r;
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
	double limit = s->r->host_pool_bytes;
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

static bool open_session(struct session *s)
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
	s->progress = progress_new(s->r->progress);
	progress_show(s->progress, 0.0, "allocating");
	if (s->matmul == NULL || !open_pool(s))
		return false;
	s->head = cJSON_CreateObject();
	cJSON_AddStringToObject(s->head, "schema", "kvplan-runs-1");
	cJSON_AddItemToObject(s->head, "made_by", command_provenance());
	cJSON_AddItemToObject(s->head, "machine", machine_json(
			&s->g, s->sensors, matmul_version(s->matmul)));
	cJSON_AddNumberToObject(s->head, "repeat",
				(double)s->r->measure.repeat);
	cJSON_AddNumberToObject(s->head, "warmup",
				(double)s->r->measure.warmup);
	cJSON_AddStringToObject(s->head, "streams", s->r->streams ==
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
	const char *slash = strrchr(job->path, '/');
	char split[64];

	snprintf(split, sizeof split, m->split_first == m->split_last
			 ? "%zu" : "%zu to %zu", m->split_first,
		 m->split_last);
	table_text(s->table, slash != NULL ? slash + 1 : job->path);
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

static enum status write_output(const struct session *s, struct diag *d)
{
	struct file_writer w;
	enum status st;

	if (s->r->output == NULL)
		return STATUS_OK;
	st = file_create(s->r->output, &w, d);
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

	if (s->r->trace == NULL)
		return STATUS_OK;
	st = file_create(s->r->trace, &w, d);
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

	for (size_t i = 0; i < job->nsplits && st == STATUS_OK; i++) {
		struct timeline t = { .n = 0 };
		struct measure m;

		if (!measure_split(r, w, job, i, &s->r->measure, &t, &m)) {
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
				s->r->measure.threads, s->r->streams);
	if (r != NULL)
		st = run_splits(s, job, &w, r, d);
	else
		st = device_status(&s->g, d);
	runtime_free(r);
	workspace_close(&w);
	/* what has been measured is kept, whatever happens next */
	if (st == STATUS_OK)
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

static enum status start(const struct request *r, struct job *jobs, size_t n,
			 struct diag *d)
{
	struct session s = { .r = r, .jobs = jobs, .njobs = n };
	enum status st;

	if (r->trace != NULL && (n > 1 || jobs[0].nsplits > 1))
		return diag_fail(d, STATUS_USAGE, "--trace is for one plan "
				 "with one split");
	st = device_open(r->gpu, &s.g, d);
	if (st == STATUS_OK)
		st = try_file(r->output, d);
	if (st == STATUS_OK)
		st = try_file(r->trace, d);
	if (st != STATUS_OK)
		return st;
	st = open_session(&s) ? run_all(&s, d) : device_status(&s.g, d);
	progress_free(s.progress);
	s.progress = NULL;
	if (st == STATUS_OK && (r->output == NULL ||
				strcmp(r->output, "-") != 0)) {
		printf("%s, %zu repeats\n\n", s.g.name, r->measure.repeat);
		table_print(s.table, TABLE_TEXT, stdout);
	}
	close_session(&s);
	return st;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .measure = { .repeat = 5, .warmup = 1 } };
	struct option_result parsed;
	struct job *jobs;
	enum status s;
	size_t n = 0;

	s = options_parse(argc, argv, &set, handle, &r, &parsed, d);
	if (s != STATUS_OK || parsed.done)
		return s;
	if (parsed.noperands == 0)
		return diag_fail(d, STATUS_USAGE, "expected a plan file; "
				 "'kvplan plan --output FILE' makes one");
	r.measure.threads = machine_threads();
	jobs = xcalloc((size_t)parsed.noperands, sizeof *jobs);
	while (s == STATUS_OK && n < (size_t)parsed.noperands) {
		s = job_load(parsed.operands[n], &r.job, &jobs[n], d);
		n += s == STATUS_OK;
	}
	if (s == STATUS_OK)
		s = start(&r, jobs, n, d);
	for (size_t i = 0; i < n; i++)
		job_clear(&jobs[i]);
	free(jobs);
	return s;
}

const struct command command_run = {
	.name = "run",
	.summary = "run plans on the GPU and measure them",
	.run = run,
};
