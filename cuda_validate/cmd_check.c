/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/json.h"
#include "base/options.h"
#include "base/table.h"
#include "cuda_validate/check.h"
#include "cuda_validate/command.h"

enum { OPT_MODEL, OPT_BATCH, OPT_LENGTH, OPT_SPLIT, OPT_SEED, OPT_BREAK,
       OPT_GPU, OPT_JSON, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	{ "model", 'm', "NAME", "whose layer (default: opt-6.7b)" },
	{ "batch", 'b', "N", "requests (default: 8)" },
	{ "length", 's', "N", "tokens that are cached (default: 512)" },
	{ "split", 'l', "N",
	  "of which this many are recomputed (default: half)" },
	{ "seed", '\0', "N", "of the random inputs (default: 1)" },
	{ "break", '\0', "WHAT",
	  "make a mistake that the check must find: split, tail\n"
	  "or length" },
	{ "gpu", '\0', "N", "the GPU to use, from 0 (default: 0)" },
	{ "json", '\0', NULL, "print one JSON object" },
};

static const struct option_set set = {
	.program = "kvplan-gpu",
	.usage = "Usage: kvplan-gpu check [--model NAME] [--batch N] "
		 "[--length N] [--split N] [OPTION]...\n"
		 "Check on the GPU that recomputed K and V are the stored "
		 "ones, and that attention\nover recomputed and loaded parts "
		 "is attention over the whole.  Exits with 1 if not.\n",
	.own = own, .nown = OPTIONS,
};

enum { MOST_BATCH = 4096, MOST_LENGTH = 1 << 20 };

struct request {
	const char *model;
	size_t batch, length, split, seed, gpu;
	bool has_split, json;
	enum check_mistake mistake;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	static const char *const mistakes[] = { "split", "tail", "length" };
	struct request *r = context;
	enum status s;
	size_t i;

	switch (index) {
	case OPT_MODEL:
		r->model = text;
		return STATUS_OK;
	case OPT_BATCH:
		return options_size(text, 1, MOST_BATCH, &r->batch, d);
	case OPT_LENGTH:
		return options_size(text, 1, MOST_LENGTH, &r->length, d);
	case OPT_SPLIT:
		r->has_split = true;
		return options_size(text, 0, MOST_LENGTH, &r->split, d);
	case OPT_SEED:
		return options_size(text, 0, (size_t)1 << 62, &r->seed, d);
	case OPT_GPU:
		return options_size(text, 0, 1023, &r->gpu, d);
	case OPT_JSON:
		r->json = true;
		return STATUS_OK;
	}
	s = options_word(text, mistakes, 3, &i, d);
	if (s == STATUS_OK)
		r->mistake = (enum check_mistake)(i + 1);
	return s;
}

static enum status make_case(const struct request *r, struct llm *m,
			     struct check_case *c, struct diag *d)
{
	enum status s = llm_load(r->model, m, d);

	if (s != STATUS_OK)
		return s;
	*c = (struct check_case){
		.cache = cache_of(m, r->batch), .rotary = m->rotary,
		.length = r->length, .seed = r->seed,
		.split = r->has_split ? r->split : r->length / 2,
		.mistake = r->mistake };
	if (m->head_dim % 16 != 0 || m->head_dim > 256)
		return diag_fail(d, STATUS_USAGE, "%.60s has heads of %zu, "
				 "expected a multiple of 16 up to 256",
				 r->model, m->head_dim);
	if (c->split > c->length)
		return diag_fail(d, STATUS_USAGE, "--split: found %zu, "
				 "expected at most the length, %zu", c->split,
				 c->length);
	if (c->mistake == CHECK_SPLIT &&
	    (c->split == 0 || c->split == c->length))
		return diag_fail(d, STATUS_USAGE, "--break split needs a "
				 "split between 0 and %zu", c->length);
	if (c->mistake == CHECK_TAIL && c->split == c->length)
		return diag_fail(d, STATUS_USAGE, "--break tail needs a "
				 "split below %zu", c->length);
	return STATUS_OK;
}

static struct table *make_table(const struct check_result *r, size_t n)
{
	static const struct table_column columns[] = {
		{ "what", "compared", QUANTITY_NUMBER },
		{ "elements", "elements", QUANTITY_NUMBER },
		{ "error", "||a-b||/||b||", QUANTITY_NUMBER },
		{ "allowed", "allowed", QUANTITY_NUMBER },
		{ "unwritten", "unwritten", QUANTITY_NUMBER },
		{ "verdict", "", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns,
				    sizeof columns / sizeof columns[0]);

	for (size_t i = 0; i < n; i++) {
		table_text(t, r[i].what);
		table_number(t, (double)r[i].compared);
		table_number(t, r[i].error);
		table_number(t, r[i].allowed);
		table_number(t, (double)r[i].unwritten);
		table_text(t, r[i].passed ? "ok" : "WRONG");
	}
	return t;
}

static void print_json(const struct request *r, const struct check_case *c,
		       const struct device *g, struct table *t, bool passed)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "schema", "kvplan-check-1");
	cJSON_AddItemToObject(o, "made_by", command_provenance());
	cJSON_AddStringToObject(o, "gpu", g->name);
	cJSON_AddStringToObject(o, "model", r->model);
	cJSON_AddNumberToObject(o, "batch", (double)c->cache.batch);
	cJSON_AddNumberToObject(o, "length", (double)c->length);
	cJSON_AddNumberToObject(o, "split", (double)c->split);
	cJSON_AddNumberToObject(o, "seed", (double)c->seed);
	cJSON_AddStringToObject(o, "break", check_mistake_name(c->mistake));
	cJSON_AddItemToObject(o, "results", table_json(t));
	cJSON_AddBoolToObject(o, "passed", passed);
	json_print(o, stdout);
	cJSON_Delete(o);
}

static enum status report(const struct request *r, const struct check_case *c,
			  const struct device *g,
			  const struct check_result *results, size_t n,
			  struct diag *d)
{
	struct table *t = make_table(results, n);
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += !results[i].passed;
	if (r->json) {
		print_json(r, c, g, t, wrong == 0);
	} else {
		printf("%s, batch %zu, %zu cached tokens, %zu of them "
		       "recomputed, seed %llu, on %s\n\n", r->model,
		       c->cache.batch, c->length, c->split, c->seed, g->name);
		table_print(t, TABLE_TEXT, stdout);
	}
	table_free(t);
	if (wrong == 0)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "%zu of %zu comparisons are wrong", wrong, n);
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .model = "opt-6.7b", .batch = 8, .length = 512,
			     .seed = 1 };
	struct check_result results[CHECK_MOST_RESULTS];
	struct option_result parsed;
	struct check_case c;
	struct device g;
	struct llm m;
	enum status s;
	size_t n = 0;

	s = options_parse(argc, argv, &set, handle, &r, &parsed, d);
	if (s != STATUS_OK || parsed.done)
		return s;
	s = make_case(&r, &m, &c, d);
	if (s == STATUS_OK)
		s = device_open(r.gpu, &g, d);
	if (s != STATUS_OK)
		return s;
	if (!check_run(&g, &c, results, &n))
		return device_status(&g, d);
	return report(&r, &c, &g, results, n, d);
}

const struct command command_check = {
	.name = "check",
	.summary = "check that recomputing and joining changes nothing",
	.run = run,
};
