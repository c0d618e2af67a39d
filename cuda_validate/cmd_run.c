/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/quantity.h"
#include "base/xalloc.h"
#include "cuda_validate/command.h"
#include "cuda_validate/machine.h"
#include "cuda_validate/session.h"

enum { OPT_LAYERS, OPT_STEPS, OPT_SPLIT, OPT_SPLITS, OPT_SWEEP, OPT_PREFETCH,
       OPT_REPEAT, OPT_WARMUP, OPT_SETTLE, OPT_WITHIN, OPT_HOST_POOL,
       OPT_STREAMS, OPT_OUTPUT, OPT_TRACE, OPT_GPU, OPT_PROGRESS, OPTIONS };

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
	{ "repeat", 'r', "N", "measure them so many times (default: 5)" },
	{ "warmup", '\0', "N", "after as many times that do not count "
	  "(default: 1)" },
	{ "settle", '\0', "SECONDS",
	  "and as long, without a pause, so that the GPU's clock\n"
	  "settles (default: 0.3)" },
	{ "within", '\0', "PERCENT",
	  "measure a split again, up to three times, while its\n"
	  "repeats differ by more" },
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

enum { MOST_PLANS = 10000, MOST_SETTLE_S = 600 };

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
	struct session_options session;
};

/* `n` numbers, separated by colons, up to `most`. */
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

static enum status read_settle(const char *text, double *out, struct diag *d)
{
	enum status s = quantity_parse(text, QUANTITY_SECONDS, out, d);

	if (s == STATUS_OK && !(*out >= 0.0 && *out <= MOST_SETTLE_S))
		s = diag_fail(d, STATUS_USAGE, "found %.40s, expected 0 to %d "
			      "s", text, MOST_SETTLE_S);
	return s == STATUS_OK ? s : STATUS_USAGE;
}

/* A percentage, as a share. */
static enum status read_within(const char *text, double *out, struct diag *d)
{
	enum status s = quantity_parse(text, QUANTITY_NUMBER, out, d);

	if (s == STATUS_OK && *out < 0.0)
		s = diag_fail(d, STATUS_USAGE, "found %.40s, expected a "
			      "percentage", text);
	*out *= 0.01;
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
	struct session_options *e = &r->session;
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
		return options_size(text, 1, 10000, &e->measure.repeat, d);
	case OPT_WARMUP:
		return options_size(text, 0, 10000, &e->measure.warmup, d);
	case OPT_SETTLE:
		return read_settle(text, &e->measure.settle_s, d);
	case OPT_WITHIN:
		return read_within(text, &e->measure.within, d);
	case OPT_HOST_POOL:
		return read_pool(text, &e->host_pool_bytes, d);
	case OPT_STREAMS:
		return read_streams(text, &e->streams, d);
	case OPT_OUTPUT:
		e->output = text;
		return STATUS_OK;
	case OPT_TRACE:
		e->trace = text;
		return STATUS_OK;
	case OPT_GPU:
		return options_size(text, 0, 1023, &e->gpu, d);
	}
	e->progress = true;
	return STATUS_OK;
}

static enum status run_jobs(const struct session_options *o, struct job *jobs,
			    size_t n, struct diag *d)
{
	cJSON *made_by = command_provenance();
	enum status s = session_run(o, jobs, n, made_by, d);

	cJSON_Delete(made_by);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = {
		.session.measure = { .repeat = 5, .warmup = 1,
				     .settle_s = 0.3 } };
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
	r.session.measure.threads = machine_threads();
	jobs = xcalloc((size_t)parsed.noperands, sizeof *jobs);
	while (s == STATUS_OK && n < (size_t)parsed.noperands) {
		s = job_load(parsed.operands[n], &r.job, &jobs[n], d);
		n += s == STATUS_OK;
	}
	if (s == STATUS_OK)
		s = run_jobs(&r.session, jobs, n, d);
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
