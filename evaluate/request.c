/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static const struct option_spec specs[CASE_DECISIONS] = {
	[CASE_MODEL] = { "model", 'm', "NAME",
		"model: a name of 'kvplan list models', or a\n"
		"Hugging Face config.json" },
	[CASE_HARDWARE] = { "hardware", 'w', "NAME",
		"hardware: a name of 'kvplan list hardware',\n"
		"or a profile" },
	[CASE_BATCH] = { "batch", 'b', "N", "requests of a batch" },
	[CASE_PROMPT] = { "prompt", 's', "N", "tokens of each prompt" },
	[CASE_GEN] = { "gen", 'g', "N",
		"tokens generated of each; prefill gives the\nfirst" },
	[CASE_NUM_BATCHES] = { "num-batches", '\0', "N",
		"batches that go through each layer in turn\n(default 1)" },
	[CASE_GPUS] = { "gpus", '\0', "N",
		"GPUs that share the host's CPU and memory, each\n"
		"with such a workload (default 1)" },
	[CASE_WEIGHTS] = { "weights", '\0', "TYPE",
		"how weights are stored: fp16 (default), int8 or\nint4" },
	[CASE_KV] = { "kv", '\0', "TYPE", "the same of the KV cache" },
	[CASE_ACTIVATIONS] = { "activations", '\0', "TYPE",
		"the same of the stored activations" },
	[CASE_POLICY] = { "policy", 'p', "NAME",
		"schedule (default kvpr-row); with plan and sweep\n"
		"auto takes the best that fits: plan by the whole\n"
		"decode, sweep by its middle step" },
	[CASE_SPLIT] = { "split", '\0', "N",
		"recompute N tokens in every step, do not plan" },
	[CASE_PROGRAM] = { "program", '\0', "FORM",
		"what the split minimises: period (default,\n"
		"the schedule's own), or the paper's row or\n"
		"column form" },
	[CASE_LIMIT] = { "limit", '\0', "WHICH",
		"split up to the prompt (default) or the whole\nsequence" },
	[CASE_HOST_MEMORY] = { "host-memory", '\0', "KIND",
		"all that the link reaches: pinned (default), or\n"
		"pageable, at the link's pageable rates; for KV\n"
		"alone: --home" },
	[CASE_SET] = { "set", '\0', "PATH=VALUE",
		"change a figure of the hardware, e.g.\n"
		"link.h2d.bytes_per_s=64GB/s; may be repeated" },
};

struct option_spec request_spec(size_t i)
{
	const struct decision_spec *spec;

	if (i < CASE_DECISIONS)
		return specs[i];
	spec = &decision_specs[i - CASE_DECISIONS];
	return (struct option_spec){ spec->option, '\0', spec->argument,
				     spec->help };
}

struct case_request request_new(void)
{
	return (struct case_request){
		.workload = { .num_batches = 1, .gpus = 1 },
	};
}

static enum status read_element(const char *text, enum element *out,
				struct diag *d)
{
	size_t which;
	enum status s = options_word(text, element_names, ELEMENT_COUNT,
				     &which, d);

	if (s == STATUS_OK)
		*out = (enum element)which;
	return s;
}

static enum status read_words(struct case_request *r, size_t index,
			      const char *text, struct diag *d)
{
	static const char *const programs[] = { "period", "row",
						"column" };
	static const char *const limits[] = { "prompt", "sequence" };
	static const char *const kinds[] = { "pinned", "pageable" };
	bool program = index == CASE_PROGRAM;
	size_t which;
	enum status s;

	s = options_word(text, program ? programs :
			 index == CASE_LIMIT ? limits : kinds,
			 program ? 3 : 2, &which, d);
	if (s != STATUS_OK)
		return s;
	if (program)
		r->planner.program = (enum planner_program)which;
	else if (index == CASE_LIMIT)
		r->planner.whole_sequence = which == 1;
	else
		r->pageable = which == 1;
	return STATUS_OK;
}

static enum status read_decision(struct case_request *r, size_t which,
				 const char *text, struct diag *d)
{
	r->planner.fix[which] = true;
	return diag_usage(decision_parse((enum decision)which, text,
					 &r->planner.value[which], d));
}

static enum status add_set(struct case_request *r, const char *text,
			   struct diag *d)
{
	if (text[0] == '=' || strchr(text, '=') == NULL)
		return diag_fail(d, STATUS_USAGE,
				 "found '%.60s', expected PATH=VALUE", text);
	r->sets = xrealloc_array(r->sets, r->nsets + 1, sizeof *r->sets);
	r->sets[r->nsets++] = text;
	return STATUS_OK;
}

enum status request_option(struct case_request *r, size_t index,
			const char *text, struct diag *d)
{
	struct workload *w = &r->workload;

	r->given[index] = true;
	if (index >= CASE_DECISIONS)
		return read_decision(r, index - CASE_DECISIONS, text, d);
	switch (index) {
	case CASE_MODEL:
		r->model = text;
		return STATUS_OK;
	case CASE_HARDWARE:
		r->hardware = text;
		return STATUS_OK;
	case CASE_POLICY:
		r->policy = text;
		return STATUS_OK;
	case CASE_BATCH:
		return options_size(text, 1, WORKLOAD_MOST_BATCH, &w->batch,
				    d);
	case CASE_PROMPT:
		return options_size(text, 1, WORKLOAD_MOST_TOKENS,
				    &w->prompt, d);
	case CASE_GEN:
		return options_size(text, 1, WORKLOAD_MOST_TOKENS, &w->gen,
				    d);
	case CASE_NUM_BATCHES:
		return options_size(text, 1, WORKLOAD_MOST_BATCHES,
				    &w->num_batches, d);
	case CASE_GPUS:
		return options_size(text, 1, WORKLOAD_MOST_GPUS, &w->gpus,
				    d);
	case CASE_WEIGHTS:
		return read_element(text, &w->weights, d);
	case CASE_KV:
		return read_element(text, &w->kv, d);
	case CASE_ACTIVATIONS:
		return read_element(text, &w->activations, d);
	case CASE_SPLIT:
		r->planner.fix_split = true;
		return options_size(text, 0, WORKLOAD_MOST_TOKENS,
				    &r->planner.split, d);
	case CASE_SET:
		return add_set(r, text, d);
	}
	return read_words(r, index, text, d);
}

enum status request_policy(const struct case_request *r,
			   const struct policy **out, struct diag *d)
{
	*out = NULL;
	if (r->policy != NULL && strcmp(r->policy, "auto") == 0)
		return STATUS_OK;
	return policy_find(r->policy ? r->policy : "kvpr-row", out, d);
}

void request_clear(struct case_request *r)
{
	free(r->sets);
	*r = (struct case_request){ 0 };
}
