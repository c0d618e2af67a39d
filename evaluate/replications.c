/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/replications.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/options.h"
#include "base/threads.h"
#include "base/xalloc.h"
#include "model/power_limit.h"

enum { DEFAULT_REPLICATIONS = 30, DEFAULT_SEED = 1 };

static const char *const names[REPLICATIONS_OPTIONS] = {
	[REPLICATIONS_JITTER] = "jitter",
	[REPLICATIONS_SYSTEMATIC] = "systematic",
	[REPLICATIONS_NUMBER] = "replications",
	[REPLICATIONS_SEED] = "seed",
	[REPLICATIONS_JOBS] = "jobs",
};

enum status replications_option(struct replications *r, size_t which,
				const char *text, struct diag *d)
{
	struct replicate_options *o = &r->options;
	enum status s = STATUS_OK;
	size_t seed;

	r->text[which] = text;
	switch (which) {
	case REPLICATIONS_JITTER:
		return jitter_parse(text, o->jitter.task, d);
	case REPLICATIONS_SYSTEMATIC:
		return jitter_parse(text, o->jitter.run, d);
	case REPLICATIONS_NUMBER:
		return options_size(text, 2, JITTER_MOST_REPLICATIONS,
				    &o->replications, d);
	case REPLICATIONS_SEED:
		s = options_size(text, 0, UINT32_MAX, &seed, d);
		if (s == STATUS_OK)
			o->seed = (uint32_t)seed;
		return s;
	}
	return options_size(text, 1, THREADS_MOST, &o->jobs, d);
}

bool replications_wanted(const struct replications *r)
{
	return r->text[REPLICATIONS_JITTER] != NULL ||
	       r->text[REPLICATIONS_SYSTEMATIC] != NULL;
}

static enum status check_calibration(const struct replications *r,
				     const struct hardware *hw,
				     struct diag *d)
{
	const double *const spreads[] = {
		[REPLICATIONS_JITTER] = r->options.jitter.task,
		[REPLICATIONS_SYSTEMATIC] = r->options.jitter.run,
	};

	for (size_t i = 0; i < 2; i++)
		if (hw->calibration == NULL &&
		    jitter_needs_calibration(spreads[i]))
			return diag_fail(d, STATUS_USAGE,
					 "--%s: found 'calibration', but %s "
					 "is a data sheet without one; "
					 "expected a spread such as 5%%",
					 names[i], hw->name);
	return STATUS_OK;
}

enum status replications_finish(struct replications *r,
				const struct hardware *hw, struct diag *d)
{
	for (size_t i = REPLICATIONS_NUMBER; i < REPLICATIONS_OPTIONS; i++)
		if (r->text[i] != NULL && !replications_wanted(r))
			return diag_fail(d, STATUS_USAGE,
					 "--%s needs --jitter or --systematic: "
					 "without them all runs are the same",
					 names[i]);
	if (r->text[REPLICATIONS_NUMBER] == NULL)
		r->options.replications = DEFAULT_REPLICATIONS;
	if (r->text[REPLICATIONS_SEED] == NULL)
		r->options.seed = DEFAULT_SEED;
	if (r->text[REPLICATIONS_JOBS] == NULL)
		r->options.jobs = threads_processors();
	return check_calibration(r, hw, d);
}

/* A spread that meets no task would make all replications the same. */
static enum status check_engines(const struct replications *r,
				 const struct graph *g, struct diag *d)
{
	const double *const spreads[] = {
		[REPLICATIONS_JITTER] = r->options.jitter.task,
		[REPLICATIONS_SYSTEMATIC] = r->options.jitter.run,
	};
	bool runs[ENGINE_COUNT] = { false };

	for (size_t i = 0; i < g->ntasks; i++)
		runs[g->works[g->tasks[i].work].engine] = true;
	for (size_t i = 0; i < 2; i++) {
		bool asked = false, met = false;

		for (size_t e = 0; e < ENGINE_COUNT; e++) {
			asked = asked || spreads[i][e] != 0.0;
			met = met || (spreads[i][e] != 0.0 && runs[e]);
		}
		if (asked && !met)
			return diag_fail(d, STATUS_USAGE, "--%s: found '%.60s',"
					 " but no task of this plan runs there",
					 names[i], r->text[i]);
	}
	return STATUS_OK;
}

enum status replications_make(const struct replications *r,
			      const struct decode_case *c,
			      const struct outcome *o,
			      struct timeline *timeline,
			      struct replicate_result *out, struct diag *d)
{
	struct graph *g = policy_graph(&o->plan, &c->model, &c->workload,
				       &c->hardware, SPAN_STEP);
	const struct hardware hw = power_limit_machine(&c->hardware,
						       o->clock);
	const struct jitter_case of = { .graph = g, .w = &c->workload,
					.plan = &o->plan, .hw = &hw };
	struct replicate_options options = r->options;
	struct run_options first = run_whole(&o->plan);
	struct run_result unused;
	enum status s = check_engines(r, g, d);

	if (s == STATUS_OK) {
		options.progress = progress_new(false);
		s = replicate_run(&of, &options, out, d);
		progress_free(options.progress);
	}
	first.timeline = timeline;
	if (s == STATUS_OK && timeline != NULL)
		s = replicate_one(&of, &options, 0, &first, &unused, d);
	graph_free(g);
	return s;
}

static void add_row(struct table *t, const char *name, double decode,
		    double token, double rate)
{
	table_text(t, name);
	table_number(t, decode);
	table_number(t, token);
	table_number(t, rate);
}

/* The statistics, by name and place in a summary. */
static const struct {
	const char *name;
	size_t offset;
} statistics[] = {
	{ "mean", offsetof(struct replicate_summary, mean) },
	{ "ci95", offsetof(struct replicate_summary, half) },
	{ "sd", offsetof(struct replicate_summary, sd) },
	{ "p50", offsetof(struct replicate_summary, p50) },
	{ "p95", offsetof(struct replicate_summary, p95) },
	{ "p99", offsetof(struct replicate_summary, p99) },
};

enum { STATISTICS = sizeof statistics / sizeof statistics[0] };

static double get(const struct replicate_summary *s, size_t i)
{
	const void *at = (const char *)s + statistics[i].offset;

	return *(const double *)at;
}

struct table *replications_table(const struct replicate_result *result,
				 const struct outcome *o)
{
	static const struct table_column columns[] = {
		{ "statistic", "statistic", QUANTITY_NUMBER },
		{ "decode_s", "decode", QUANTITY_SECONDS },
		{ "step_s", "per token", QUANTITY_SECONDS },
		{ "tokens_per_s", "tokens/s", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 4);

	add_row(t, "without", o->decode_s, o->step_s, o->tokens_per_s);
	for (size_t i = 0; i < STATISTICS; i++)
		add_row(t, statistics[i].name, get(&result->decode, i),
			get(&result->token, i), get(&result->rate, i));
	return t;
}

char *replications_title(const struct replications *r)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	for (size_t i = 0; i <= REPLICATIONS_SYSTEMATIC; i++)
		if (r->text[i] != NULL)
			fprintf(out, "%s %s, ", names[i], r->text[i]);
	fprintf(out, "%zu replications, seed %" PRIu32,
		r->options.replications, r->options.seed);
	xmemstream_close(out);
	return text;
}

void replications_add_provenance(const struct replications *r, cJSON *json)
{
	for (size_t i = 0; i <= REPLICATIONS_SYSTEMATIC; i++)
		if (r->text[i] != NULL)
			cJSON_AddStringToObject(json, names[i], r->text[i]);
	cJSON_AddNumberToObject(json, "replications",
				(double)r->options.replications);
	cJSON_AddNumberToObject(json, "seed", (double)r->options.seed);
}

void replications_add_json(const struct replicate_result *result,
			   cJSON *json)
{
	const struct {
		const char *name;
		const struct replicate_summary *summary;
	} all[] = { { "decode_s", &result->decode },
		    { "step_s", &result->token },
		    { "tokens_per_s", &result->rate } };
	cJSON *to = cJSON_AddObjectToObject(json, "replications");

	for (size_t k = 0; k < 3; k++) {
		cJSON *one = cJSON_AddObjectToObject(to, all[k].name);

		for (size_t i = 0; i < STATISTICS; i++)
			cJSON_AddNumberToObject(one, statistics[i].name,
						get(all[k].summary, i));
	}
}
