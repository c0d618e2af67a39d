/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/xalloc.h"
#include "cli/place_case.h"
#include "cli/place_report.h"
#include "model/workload.h"

enum {
	OPT_MODEL, OPT_HARDWARE, OPT_PROMPT, OPT_GEN, OPT_BATCH, OPT_BATCHES,
	OPT_PERCENT, OPT_COSTS, OPT_SHARE, OPT_SET, OPT_LIMIT, OPTIONS
};

static const struct option_spec own[OPTIONS] = {
	[OPT_MODEL] = { "model", 'm', "NAME",
		"model: a name of 'kvplan list models', or a\n"
		"Hugging Face config.json" },
	[OPT_HARDWARE] = { "hardware", 'w', "NAME",
		"machine: a name of 'kvplan list offload' or\n"
		"'kvplan list hardware', or a profile" },
	[OPT_PROMPT] = { "prompt", 's', "N", "tokens of each prompt" },
	[OPT_GEN] = { "gen", 'g', "N",
		"tokens generated of each; prefill gives the\nfirst" },
	[OPT_BATCH] = { "batch", 'b', "N",
		"requests of a batch (default: searched)" },
	[OPT_BATCHES] = { "num-batches", 'n', "N",
		"batches that share a loaded layer (default:\nsearched)" },
	[OPT_PERCENT] = { "percent", '\0', "WG",
		"six numbers, WG WC CG CC HG HC: of weights, KV\n"
		"cache and hidden state, percent on the GPU and\n"
		"on the host; the rest is on disk (default:\n"
		"planned)" },
	[OPT_COSTS] = { "costs", '\0', "MODEL",
		"cost model: flexgen (default with an offload\n"
		"profile) or kvplan" },
	[OPT_SHARE] = { "memory-share", '\0', "X",
		"share of each memory that may be used (default:\n"
		"the profile's, or 1)" },
	[OPT_SET] = { "set", '\0', "PATH=VALUE",
		"change a figure of the machine, e.g.\n"
		"gpu.memory_bytes=24GiB; may be repeated" },
	[OPT_LIMIT] = { "time-limit", '\0', "TIME",
		"fail if the search takes longer, e.g. 5s" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan place --model NAME --hardware NAME --prompt N "
		 "--gen N\n"
		 "                    [OPTION]...\n"
		 "Place weights, KV cache and hidden state on GPU, host and "
		 "disk.\n",
	.own = own, .nown = OPTIONS, .most_operands = PLACE_PERCENTS - 1,
	.json = OPTIONS_ONE_OBJECT, .csv = "print one row, SI units",
};

static enum status read_number(const char *text, double low, double high,
			       double *out, struct diag *d)
{
	double value;

	if (quantity_parse(text, QUANTITY_NUMBER, &value, d) != STATUS_OK ||
	    value < low || value > high)
		return diag_fail(d, STATUS_USAGE,
				 "found '%.40s', expected a number from %g to "
				 "%g", text, low, high);
	*out = value;
	return STATUS_OK;
}

/* A percentage, or several separated by commas or blanks. */
static enum status add_percent(struct place_options *o, const char *text,
			       struct diag *d)
{
	static const char marks[] = ", ";
	char *copy = xstrdup(text), *at = copy + strspn(copy, marks);
	enum status s = *at != '\0' ? STATUS_OK
		: diag_fail(d, STATUS_USAGE, "found '%.40s', expected a "
			    "percentage", text);

	while (s == STATUS_OK && *at != '\0') {
		size_t len = strcspn(at, marks);
		size_t rest = len + strspn(at + len, marks);
		char *next = at + rest;

		at[len] = '\0';
		if (o->npercent == PLACE_PERCENTS)
			s = diag_fail(d, STATUS_USAGE, "unexpected '%.40s' "
				      "after six percentages", at);
		else
			s = read_number(at, 0.0, 100.0,
					&o->percent[o->npercent++], d);
		at = next;
	}
	free(copy);
	return s;
}

static enum status add_set(struct place_options *o, const char *text,
			   struct diag *d)
{
	if (text[0] == '=' || strchr(text, '=') == NULL)
		return diag_fail(d, STATUS_USAGE,
				 "found '%.60s', expected PATH=VALUE", text);
	o->sets = xrealloc_array(o->sets, o->nsets + 1, sizeof *o->sets);
	o->sets[o->nsets++] = text;
	return STATUS_OK;
}

static enum status read_costs(struct place_options *o, const char *text,
			      struct diag *d)
{
	static const char *const words[] = { "flexgen", "kvplan" };
	size_t which;
	enum status s = options_word(text, words, 2, &which, d);

	if (s == STATUS_OK) {
		o->costs_given = true;
		o->flexgen = which == 0;
	}
	return s;
}

static enum status read_limit(const char *text, double *limit_s,
			      struct diag *d)
{
	double value;
	enum status s = quantity_parse(text, QUANTITY_SECONDS, &value, d);

	if (s != STATUS_OK)
		return STATUS_USAGE;
	if (value < 0.0)
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected no "
				 "negative time", text);
	*limit_s = value;
	return STATUS_OK;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct place_options *o = context;

	switch (index) {
	case OPT_MODEL:
		o->model = text;
		return STATUS_OK;
	case OPT_HARDWARE:
		o->hardware = text;
		return STATUS_OK;
	case OPT_PROMPT:
		return options_size(text, 1, WORKLOAD_MOST_TOKENS,
				    &o->prompt, d);
	case OPT_GEN:
		return options_size(text, 1, WORKLOAD_MOST_TOKENS, &o->gen,
				    d);
	case OPT_BATCH:
		return options_size(text, 1, PLACE_MOST_BATCH, &o->batch, d);
	case OPT_BATCHES:
		return options_size(text, 1, PLACE_MOST_BATCHES,
				    &o->num_batches, d);
	case OPT_PERCENT:
		o->npercent = 0;
		return add_percent(o, text, d);
	case OPT_COSTS:
		return read_costs(o, text, d);
	case OPT_SHARE:
		return read_number(text, 0.01, 10.0, &o->memory_share, d);
	case OPT_SET:
		return add_set(o, text, d);
	}
	return read_limit(text, &o->limit_s, d);
}

/* What follows --percent's first number stands as operands. */
static enum status take_operands(struct place_options *o,
				 const struct option_result *parsed,
				 struct diag *d)
{
	if (o->npercent == 0 && parsed->noperands > 0)
		return diag_fail(d, STATUS_USAGE,
				 "unexpected '%.60s'; 'kvplan place --help' "
				 "tells what place takes",
				 parsed->operands[0]);
	for (int i = 0; i < parsed->noperands; i++)
		if (add_percent(o, parsed->operands[i], d) != STATUS_OK)
			return diag_prefix(d, STATUS_USAGE, "--percent");
	if (o->npercent != 0 && o->npercent != PLACE_PERCENTS)
		return diag_fail(d, STATUS_USAGE,
				 "--percent: found %zu numbers, expected six",
				 o->npercent);
	return STATUS_OK;
}

static enum status place(const struct place_options *o,
			 enum table_format format, struct diag *d)
{
	struct place_result result;
	struct place_case c;
	enum status s = place_case_load(o, &c, d);

	if (s != STATUS_OK)
		return s;
	s = place_search(&c.request, &result, d);
	if (s == STATUS_OK)
		place_report_print(&c, &result, format);
	place_case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct place_options o = { .limit_s = INFINITY };
	struct option_result parsed;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &o, &parsed, d);
	if (s == STATUS_OK && !parsed.done) {
		s = take_operands(&o, &parsed, d);
		if (s == STATUS_OK)
			s = place(&o, parsed.format, d);
	}
	free(o.sets);
	return s;
}

const struct command command_place = {
	"place", "place weights, KV and hidden state on GPU, host and disk",
	run
};
