/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "evaluate/case.h"
#include "evaluate/evaluate.h"
#include "evaluate/replications.h"
#include "traces/chrome.h"

enum {
	OPT_TRACE = CASE_OPTIONS,
	OPT_REPLICATIONS,		/* the first of them */
	OPTIONS = OPT_REPLICATIONS + REPLICATIONS_OPTIONS
};

static const struct option_spec own[] = {
	{ "trace", 't', "FILE",
	  "write the timeline, for Perfetto or\nchrome://tracing" },
	{ "jitter", '\0', "SPREADS",
	  "draw each task's time; standard deviations, as\n"
	  "5%, h2d=3%,sm=1% or calibration" },
	{ "systematic", '\0', "SPREADS",
	  "draw a factor on all times of an engine, for each\nreplication" },
	{ "replications", '\0', "N",
	  "with jitter (default 30); p95 is the slow tail of\n"
	  "times, the fast one of tokens/s" },
	{ "seed", '\0', "N", "of the jitter (default 1)" },
	{ "jobs", '\0', "N",
	  "threads (default: one for each processor); they\n"
	  "change no result" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan simulate PLAN [--trace FILE] [OPTION]...\n"
		 "   or: kvplan simulate --model NAME --hardware NAME "
		 "--batch N --prompt N --gen N\n"
		 "                       [OPTION]...\n"
		 "Simulate every decode step of a plan file, or of the plan "
		 "that 'kvplan plan'\nwould make.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each process, SI units",
	.most_operands = 1,
};

struct request {
	struct case_request c;
	const char *trace;
	struct option_result asked;
	struct replications replications;
};

/* What there is to print. */
struct result {
	const struct decode_case *c;
	const struct outcome *o;
	const struct replications *replications;	/* NULL: none */
	struct replicate_result replicated;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	if (index == OPT_TRACE) {
		r->trace = text;
		return STATUS_OK;
	}
	if (index >= OPT_REPLICATIONS)
		return replications_option(&r->replications,
					   index - OPT_REPLICATIONS, text, d);
	return request_option(&r->c, index, text, d);
}

static struct table *process_table(const struct outcome *o)
{
	static const struct table_column columns[] = {
		{ "process", "process", QUANTITY_NUMBER },
		{ "task", "task", QUANTITY_NUMBER },
		{ "tasks", "count", QUANTITY_NUMBER },
		{ "busy_s", "time", QUANTITY_SECONDS },
		{ "busy_pct", "of total", QUANTITY_PERCENT },
		{ "bytes", "bytes", QUANTITY_BYTES },
		{ "flop", "computed", QUANTITY_FLOP },
	};
	struct table *t = table_new(columns, 7);

	for (int i = 0; i < OP_COUNT; i++) {
		enum op op = (enum op)i;
		const struct run_usage *u = &o->run.op[op];

		if (u->tasks == 0)
			continue;
		table_text(t, process_name(op_process(op)));
		table_text(t, op_name(op));
		table_number(t, (double)u->tasks);
		table_number(t, u->busy_s);
		table_number(t, 100.0 * u->busy_s / o->run.makespan_s);
		table_number(t, u->bytes);
		if (u->flop > 0.0)
			table_number(t, u->flop);
		else
			table_empty(t);
	}
	return t;
}

static void print_replications(const struct result *r)
{
	struct table *t = replications_table(&r->replicated, r->o);
	char *title = replications_title(r->replications);

	printf("%s\n", title);
	table_print(t, TABLE_TEXT, stdout);
	putchar('\n');
	table_free(t);
	free(title);
}

static void print_text(const struct result *r)
{
	const struct decode_case *c = r->c;
	const struct outcome *o = r->o;
	struct table *t = process_table(o);
	size_t last = o->plan.steps - 1;
	char total[QUANTITY_SIZE], mean[QUANTITY_SIZE];
	char prefill[QUANTITY_SIZE], whole[QUANTITY_SIZE];
	char split[64], first_step[QUANTITY_SIZE], last_step[QUANTITY_SIZE];

	outcome_split(o, split, sizeof split);
	quantity_format(o->decode_s, QUANTITY_SECONDS, total);
	quantity_format(o->step_s, QUANTITY_SECONDS, mean);
	quantity_format(outcome_step_s(o, 0), QUANTITY_SECONDS, first_step);
	quantity_format(outcome_step_s(o, last), QUANTITY_SECONDS, last_step);
	quantity_format(o->prefill_s, QUANTITY_SECONDS, prefill);
	quantity_format(o->total_s, QUANTITY_SECONDS, whole);
	case_print_title(c, stdout);
	printf("%s, split %s, prefetch %zu\n\n"
	       "prefill    %s\n"
	       "decode     %s, %.4g tokens/s\n"
	       "per token  %s (first %s, last %s)\n"
	       "in all     %s, %.4g tokens/s\n\n",
	       o->plan.policy->name, split, plan_prefetch(&o->plan), prefill,
	       total, o->tokens_per_s, mean, first_step, last_step, whole,
	       o->total_tokens_per_s);
	if (fmin(o->prefill_clock, o->clock) < 1.0)
		printf("clock      %.1f %%, prefill %.1f %%, by the power "
		       "limit\n", 100.0 * o->clock, 100.0 * o->prefill_clock);
	if (c->hardware.calibration != NULL)
		printf("error bar  %.2g %%, of the curves of the %s\n\n",
		       100.0 * o->trust.spread, engine_title(o->bound));
	if (r->replications != NULL)
		print_replications(r);
	outcome_print_engines(o, stdout);
	putchar('\n');
	table_print(t, TABLE_TEXT, stdout);
	putchar('\n');
	outcome_print_memory(o, &c->hardware, stdout);
	table_free(t);
}

/* How the result was made, jitter included. */
static cJSON *provenance(const struct result *r)
{
	cJSON *about = case_provenance(r->c);

	if (r->replications != NULL)
		replications_add_provenance(r->replications, about);
	return about;
}

static void print_json(const struct result *r)
{
	const struct decode_case *c = r->c;
	const struct outcome *o = r->o;
	cJSON *json = cJSON_CreateObject(), *steps;
	struct table *t = process_table(o);

	cJSON_AddStringToObject(json, "policy", o->plan.policy->name);
	cJSON_AddNumberToObject(json, "decode_s", o->decode_s);
	cJSON_AddNumberToObject(json, "step_s", o->step_s);
	cJSON_AddNumberToObject(json, "tokens_per_s", o->tokens_per_s);
	outcome_add_total(o, json);
	outcome_add_json(o, &c->hardware, json);
	cJSON_AddItemToObject(json, "processes", table_json(t));
	steps = cJSON_AddArrayToObject(json, "steps_s");
	for (size_t i = 0; i < o->plan.steps; i++)
		cJSON_AddItemToArray(steps,
				     cJSON_CreateNumber(outcome_step_s(o, i)));
	if (r->replications != NULL)
		replications_add_json(&r->replicated, json);
	cJSON_AddItemToObject(json, "made_by", provenance(r));
	json_print(json, stdout);
	cJSON_Delete(json);
	table_free(t);
}

static enum status write_trace(const struct result *r,
			       const struct timeline *timeline,
			       const char *path, struct diag *d)
{
	const struct plan *plan = &r->o->plan;
	struct file_writer w;
	struct graph *g;
	cJSON *about;
	enum status s = file_create(path, &w, d);

	if (s != STATUS_OK)
		return s;
	g = policy_graph(plan, &r->c->model, &r->c->workload, &r->c->hardware,
			 SPAN_STEP);
	about = provenance(r);
	chrome_write(timeline, g, &r->c->workload, plan, about, w.stream);
	cJSON_Delete(about);
	graph_free(g);
	return file_commit(&w, d);
}

static void print_result(const struct result *r, enum table_format format)
{
	struct table *t;

	switch (format) {
	case TABLE_TEXT:
		print_text(r);
		return;
	case TABLE_JSON:
		print_json(r);
		return;
	case TABLE_CSV:
		t = r->replications == NULL
			? process_table(r->o)
			: replications_table(&r->replicated, r->o);
		table_print(t, TABLE_CSV, stdout);
		table_free(t);
		return;
	}
}

/* With jitter the timeline is that of the first replication. */
static enum status run_all(const struct request *r, struct result *result,
			   struct outcome *o, struct timeline *timeline,
			   struct diag *d)
{
	const struct decode_case *c = result->c;
	bool jitter = result->replications != NULL;
	enum status s = evaluate(c, c->policy, NULL, jitter ? NULL : timeline,
				 o, d);

	if (s == STATUS_OK && jitter)
		s = replications_make(&r->replications, c, o, timeline,
				      &result->replicated, d);
	if (s == STATUS_OK && timeline != NULL)
		s = write_trace(result, timeline, r->trace, d);
	return s;
}

static enum status simulate(struct request *r, const char *plan_path,
			    struct diag *d)
{
	struct timeline timeline = { 0 };
	struct outcome o = { .bound = ENGINE_H2D };
	struct decode_case c;
	struct result result = { .c = &c, .o = &o };
	enum status s = case_load(&r->c, plan_path, &c, d);

	if (s != STATUS_OK)
		return s;
	s = replications_finish(&r->replications, &c.hardware, d);
	if (replications_wanted(&r->replications))
		result.replications = &r->replications;
	if (s == STATUS_OK)
		s = run_all(r, &result, &o, r->trace ? &timeline : NULL, d);
	if (s == STATUS_OK)
		outcome_warn(&o, &c.hardware, stderr);
	/* a trace on standard output is for a pipe, so it stands alone there */
	if (s == STATUS_OK &&
	    (r->trace == NULL || strcmp(r->trace, "-") != 0))
		print_result(&result, r->asked.format);
	timeline_clear(&timeline);
	outcome_clear(&o);
	case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .c = request_new() };
	const struct option_result *asked = &r.asked;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (s == STATUS_OK && !asked->done)
		s = options_one_output(asked->format, r.trace, d);
	if (s == STATUS_OK && !asked->done)
		s = simulate(&r, asked->noperands ? asked->operands[0] : NULL,
			     d);
	request_clear(&r.c);
	return s;
}

const struct command command_simulate = {
	"simulate", "run every step on the simulated machine", run
};
