/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/fit_budget.h"
#include "cli/fit_report.h"

enum { OPT_STEP = CASE_OPTIONS, OPT_TOKENS, OPT_COST, OPTIONS };

struct request {
	struct case_request c;
	double step_s, tokens_per_s;	/* one of them is > 0 */
	struct fit_budget fit;
	const char **costs;		/* the names of --cost so far */
	size_t ncosts;
	struct option_result asked;
};

/* Leave item `i` out. */
static void drop(struct fit_budget *f, size_t i)
{
	f->n--;
	memmove(&f->items[i], &f->items[i + 1],
		(f->n - i) * sizeof f->items[0]);
}

/* `name` outlives `r`. */
static enum status note_cost(struct request *r, const char *name,
			     struct diag *d)
{
	for (size_t i = 0; i < r->ncosts; i++)
		if (strcmp(r->costs[i], name) == 0)
			return diag_fail(d, STATUS_USAGE, "%s is there twice",
					 name);
	r->costs = xrealloc_array(r->costs, r->ncosts + 1, sizeof *r->costs);
	r->costs[r->ncosts++] = name;
	return STATUS_OK;
}

/* "NAME=COST", where COST is a number or "no". */
static enum status read_cost(struct request *r, const char *text,
			     struct diag *d)
{
	struct fit_budget *f = &r->fit;
	char name[64];
	const char *value = strchr(text, '=');
	struct fit_item item = { .cost = 0.0 };
	bool no;
	enum status s;
	size_t i = 0;

	if (value == NULL || value == text ||
	    (size_t)(value - text) >= sizeof name)
		return diag_fail(d, STATUS_USAGE,
				 "found '%.60s', expected NAME=COST", text);
	snprintf(name, sizeof name, "%.*s", (int)(value - text), text);
	value++;
	s = upgrade_find(name, &item.upgrade, d);
	if (s == STATUS_OK)
		s = note_cost(r, item.upgrade.name, d);
	if (s != STATUS_OK)
		return s;
	no = strcmp(value, "no") == 0;
	if (!no && (quantity_parse(value, QUANTITY_NUMBER, &item.cost, d) !=
			    STATUS_OK || item.cost <= 0.0))
		return diag_fail(d, STATUS_USAGE,
				 "%s: found '%.40s', expected a number above "
				 "0, or no", name, value);
	while (i < f->n && strcmp(f->items[i].upgrade.name, name) != 0)
		i++;
	if (no && i < f->n)
		drop(f, i);
	if (no)
		return STATUS_OK;
	if (i == BUDGET_MOST)
		return diag_fail(d, STATUS_USAGE,
				 "%s: at most %d figures can be changed "
				 "together; leave one out with NAME=no",
				 name, BUDGET_MOST);
	f->items[i] = item;
	f->n += i == f->n;
	return STATUS_OK;
}

static enum status read_positive(const char *text, enum quantity q,
				 double *out, struct diag *d)
{
	enum status s = quantity_parse(text, q, out, d);

	if (s == STATUS_OK && *out <= 0.0)
		s = diag_fail(d, STATUS_USAGE,
			      "found '%.40s', expected more than 0", text);
	return s == STATUS_INVALID ? STATUS_USAGE : s;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	switch (index) {
	case OPT_STEP:
		return read_positive(text, QUANTITY_SECONDS, &r->step_s, d);
	case OPT_TOKENS:
		return read_positive(text, QUANTITY_NUMBER, &r->tokens_per_s,
				     d);
	case OPT_COST:
		return read_cost(r, text, d);
	}
	return request_option(&r->c, index, text, d);
}

static const struct option_spec own[] = {
	{ "step", '\0', "TIME", "time per token to reach, e.g. 20ms" },
	{ "tokens-per-s", '\0', "N", "or tokens/s of the decode, of all GPUs" },
	{ "cost", '\0', "NAME=COST",
	  "what a doubling of link or of a figure such as\n"
	  "gpu.flop_per_s costs, in any unit (default: 1\n"
	  "for link, gpu.flop_per_s, gpu.memory_bytes); no\n"
	  "for what cannot change; may be repeated" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan fit-budget --model NAME --hardware NAME "
		 "--batch N --prompt N\n"
		 "                   --gen N --step TIME|--tokens-per-s N "
		 "[OPTION]...\n"
		 "Find the cheapest change of link, GPU rate or memory that "
		 "reaches a time per\ntoken.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each answer, SI units",
};

/* Below what all of it together can do there is nothing to buy. */
static enum status check_reached(const struct fit_budget *f, struct diag *d)
{
	const struct fit_answer *last = &f->answers[f->nanswers - 1];
	char target[QUANTITY_SIZE], floor[QUANTITY_SIZE];

	if (fit_budget_cheapest(f) != NULL)
		return STATUS_OK;
	quantity_format(f->target_s, QUANTITY_SECONDS, target);
	if (last->outcome.plan.policy == NULL)
		return diag_fail(d, STATUS_INFEASIBLE,
				 "%s per token cannot be reached: nothing "
				 "that may change makes it fit", target);
	quantity_format(last->outcome.step_s, QUANTITY_SECONDS, floor);
	return diag_fail(d, STATUS_INFEASIBLE,
			 "%s per token cannot be reached: with all that may "
			 "change a million times better a token takes %s "
			 "(busiest: %s)", target, floor,
			 engine_title(last->outcome.bound));
}

static enum status check(const struct request *r, struct diag *d)
{
	if ((r->step_s > 0.0) == (r->tokens_per_s > 0.0))
		return diag_fail(d, STATUS_USAGE,
				 "expected one of --step TIME and "
				 "--tokens-per-s N");
	/* with another program a better machine may be the slower */
	if (r->c.planner.program != PROGRAM_PERIOD)
		return diag_fail(d, STATUS_USAGE,
				 "--program: expected period; fit-budget needs "
				 "the best split");
	if (r->fit.n == 0)
		return diag_fail(d, STATUS_USAGE,
				 "--cost: nothing is left that may change");
	return STATUS_OK;
}

static enum status fit(struct request *r, struct diag *d)
{
	struct decode_case c;
	enum status s = check(r, d);

	if (s == STATUS_OK)
		s = case_load(&r->c, NULL, &c, d);
	if (s != STATUS_OK)
		return s;
	r->fit.target_s = r->step_s > 0.0 ? r->step_s :
		(double)(workload_requests(&c.workload) * c.workload.gpus) /
			r->tokens_per_s;
	s = fit_budget_make(&c, &r->fit, d);
	if (s == STATUS_OK)
		s = check_reached(&r->fit, d);
	if (s == STATUS_OK)
		fit_report_print(&r->fit, &c, r->asked.format);
	fit_budget_clear(&r->fit);
	case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	static const char *const usual[] = { "link", "gpu.flop_per_s",
					     "gpu.memory_bytes" };
	struct request r = { .c = request_new() };
	enum status s = STATUS_OK;

	for (size_t i = 0; i < 3 && s == STATUS_OK; i++) {
		struct fit_item *item = &r.fit.items[r.fit.n++];

		item->cost = 1.0;
		s = upgrade_find(usual[i], &item->upgrade, d);
	}
	if (s == STATUS_OK)
		s = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (s == STATUS_OK && !r.asked.done)
		s = fit(&r, d);
	request_clear(&r.c);
	free(r.costs);
	return s;
}

const struct command command_fit_budget = {
	"fit-budget", "find the cheapest machine for a time per token", run
};
