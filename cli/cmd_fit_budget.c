/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/wrap.h"
#include "base/xalloc.h"
#include "cli/fit_budget.h"

enum { OPT_STEP = CASE_OPTIONS, OPT_TOKENS, OPT_COST, OPT_JSON, OPT_CSV,
       OPTIONS };

struct request {
	struct case_request c;
	double step_s, tokens_per_s;	/* one of them is > 0 */
	struct fit_budget fit;
	enum table_format format;
};

/* Leave item `i` out. */
static void drop(struct fit_budget *f, size_t i)
{
	f->n--;
	memmove(&f->items[i], &f->items[i + 1],
		(f->n - i) * sizeof f->items[0]);
}

/* "NAME=COST", where COST is a number or "no". */
static enum status read_cost(struct fit_budget *f, const char *text,
			     struct diag *d)
{
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
		return read_cost(&r->fit, text, d);
	case OPT_JSON:
		return options_format(&r->format, TABLE_JSON, d);
	case OPT_CSV:
		return options_format(&r->format, TABLE_CSV, d);
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
	{ "json", '\0', NULL, "print one JSON object, SI units" },
	{ "csv", '\0', NULL, "print a row for each answer, SI units" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan fit-budget --model NAME --hardware NAME "
		 "--batch N --prompt N\n"
		 "                   --gen N --step TIME|--tokens-per-s N "
		 "[OPTION]...\n"
		 "Find the cheapest change of link, GPU rate or memory that "
		 "reaches a time per token.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
};

/* ---- output ---- */

/* "link, gpu.flop_per_s": what may change in `a`. */
static void name_answer(const struct fit_budget *f,
			const struct fit_answer *a, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < f->n; i++) {
		size_t used = strlen(text);

		if (a->uses[i])
			snprintf(text + used, size - used, "%s%s",
				 used > 0 ? ", " : "",
				 f->items[i].upgrade.name);
	}
}

static const char changes_nothing[] = "-";

static void add_text_row(struct table *t, const struct fit_budget *f,
			 const struct cli_case *c, const struct fit_answer *a)
{
	char text[QUANTITY_SIZE + 8], time[QUANTITY_SIZE];
	bool known = a->outcome.plan.policy != NULL;

	for (size_t i = 0; i < f->n; i++) {
		if (!a->uses[i] || (a->reached && a->factor[i] == 1.0)) {
			table_text(t, changes_nothing);
			continue;
		}
		if (!a->reached) {
			table_text(t, "no");
			continue;
		}
		quantity_format(fit_budget_value(f, c, a, i),
				f->items[i].upgrade.field[0]->quantity, text);
		table_text(t, text);
	}
	if (a->reached)
		table_number(t, a->cost);
	else
		table_empty(t);
	if (!known) {
		table_text(t, "does not fit");
		table_empty(t);
		table_empty(t);
		return;
	}
	quantity_format(a->outcome.step_s, QUANTITY_SECONDS, time);
	snprintf(text, sizeof text, "%s%s", a->reached ? "" : "> ", time);
	table_text(t, text);
	outcome_split(&a->outcome, text, sizeof text);
	table_text(t, text);
	table_text(t, engine_name(a->outcome.bound));
}

static void print_table(const struct fit_budget *f, const struct cli_case *c)
{
	struct table_column columns[BUDGET_MOST + 4];
	struct table *t;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		columns[n++] = (struct table_column){
			f->items[i].upgrade.name, f->items[i].upgrade.name,
			QUANTITY_NUMBER };
	columns[n++] = (struct table_column){ "cost", "cost",
					      QUANTITY_NUMBER };
	columns[n++] = (struct table_column){ "step_s", "per token",
					      QUANTITY_NUMBER };
	columns[n++] = (struct table_column){ "split", "split",
					      QUANTITY_NUMBER };
	columns[n++] = (struct table_column){ "bound", "busiest",
					      QUANTITY_NUMBER };
	t = table_new(columns, n);
	for (size_t i = 0; i < f->nanswers; i++)
		add_text_row(t, f, c, &f->answers[i]);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static void print_why_not(const struct fit_budget *f,
			  const struct cli_case *c, const struct fit_answer *a)
{
	const struct upgrade_case subject = { .policy = c->policy,
					      .options = &c->planner };
	char text[400], time[QUANTITY_SIZE], names[160];
	size_t i = 0;

	name_answer(f, a, names, sizeof names);
	while (!a->uses[i])
		i++;
	if (a->alone && f->items[i].upgrade.memory && f->fits_now &&
	    !upgrade_uses_memory(&subject)) {
		snprintf(text, sizeof text, "More memory is of no use: what "
			 "stays on the GPU is given, or policy %s decides "
			 "it.", c->policy->name);
	} else if (a->outcome.plan.policy == NULL) {
		snprintf(text, sizeof text, "Not by %s%s: however good, the "
			 "rest does not fit.", names,
			 a->alone ? " alone" : " together");
	} else {
		quantity_format(a->outcome.step_s, QUANTITY_SECONDS, time);
		snprintf(text, sizeof text, "Not by %s%s: however good, a "
			 "token takes %s (busiest: %s).", names,
			 a->alone ? " alone" : " together", time,
			 engine_title(a->outcome.bound));
	}
	wrap_print(text, 78, stdout);
}

/* Which of all is the cheapest; NULL: none reaches it. */
static const struct fit_answer *cheapest(const struct fit_budget *f)
{
	const struct fit_answer *best = NULL;

	for (size_t i = 0; i < f->nanswers; i++)
		if (f->answers[i].reached &&
		    (best == NULL || f->answers[i].cost < best->cost))
			best = &f->answers[i];
	return best;
}

/* "link x 2.04 (53.1 GB/s)", of what changes. */
static void write_changes(const struct fit_budget *f,
			  const struct cli_case *c,
			  const struct fit_answer *a, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		char value[QUANTITY_SIZE];

		if (!a->uses[i] || a->factor[i] == 1.0)
			continue;
		quantity_format(fit_budget_value(f, c, a, i),
				f->items[i].upgrade.field[0]->quantity,
				value);
		fprintf(out, "%s %s %.3g times better (%s)", n++ ? "," : "",
			f->items[i].upgrade.name, a->factor[i], value);
	}
	if (n == 0)
		fputs(" the machine as it is", out);
}

static void print_cheapest(const struct fit_budget *f,
			   const struct cli_case *c)
{
	static const enum decision shares[] = { DECISION_CACHE_ON_GPU,
						DECISION_WEIGHTS_ON_GPU };
	const struct fit_answer *a = cheapest(f);
	char *text, time[QUANTITY_SIZE];
	size_t size;
	FILE *out = xmemstream(&text, &size);

	fputs("Cheapest:", out);
	write_changes(f, c, a, out);
	for (size_t i = 0; i < 2; i++) {
		enum decision share = shares[i];

		if (f->fits_now && a->outcome.plan.decision[share] >
					   f->now.plan.decision[share])
			fprintf(out, ", with --%s %.4g, for which there is "
				"room", decision_specs[share].option,
				a->outcome.plan.decision[share]);
	}
	quantity_format(a->outcome.step_s, QUANTITY_SECONDS, time);
	fprintf(out, ". A token then takes %s, simulated.", time);
	if (!a->alone && a->cost > 0.0)
		fprintf(out, " No combination is cheaper by more than "
			"%.2g %%.", fmax(0.1, 100.0 * a->slack / a->cost));
	xmemstream_close(out);
	wrap_print(text, 78, stdout);
	free(text);
}

static void print_costs(const struct fit_budget *f)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	fputs("Cost of a doubling:", out);
	for (size_t i = 0; i < f->n; i++)
		fprintf(out, "%s %s %.4g", i > 0 ? "," : "",
			f->items[i].upgrade.name, f->items[i].cost);
	fputs("; of a factor, its logarithm to base 2 times as much.", out);
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->items[i].upgrade.name, "link") == 0)
			fputs(" link is the rate of both directions and their "
			      "duplex limit; shown is host to GPU.", out);
	xmemstream_close(out);
	wrap_print(text, 78, stdout);
	free(text);
}

static void print_text(const struct fit_budget *f, const struct cli_case *c)
{
	char *title = case_title(c), target[QUANTITY_SIZE];
	char now[QUANTITY_SIZE];

	printf("%s\n%s (%s)\n\n", title, c->hardware.title,
	       c->hardware.name);
	free(title);
	quantity_format(f->target_s, QUANTITY_SECONDS, target);
	if (f->fits_now) {
		quantity_format(f->now.step_s, QUANTITY_SECONDS, now);
		printf("%s: a token takes %s and is to take %s.\n\n",
		       c->policy->name, now, target);
	} else {
		printf("%s: does not fit as it is; a token is to take %s.\n\n",
		       c->policy->name, target);
	}
	if (f->fits_now && f->now.step_s <= f->target_s) {
		puts("It is reached: nothing has to change.");
		return;
	}
	print_table(f, c);
	putchar('\n');
	for (size_t i = 0; i < f->nanswers; i++)
		if (!f->answers[i].reached)
			print_why_not(f, c, &f->answers[i]);
	print_cheapest(f, c);
	print_costs(f);
}

/* A row for each answer, SI units. */
static struct table *answers_table(const struct fit_budget *f,
				   const struct cli_case *c,
				   struct table_column *columns)
{
	static const struct table_column rest[] = {
		{ "reached", "", QUANTITY_NUMBER },
		{ "cost", "", QUANTITY_NUMBER },
		{ "step_s", "", QUANTITY_SECONDS },
		{ "split_first", "", QUANTITY_NUMBER },
		{ "split_last", "", QUANTITY_NUMBER },
		{ "cache_on_gpu", "", QUANTITY_NUMBER },
		{ "weights_on_gpu", "", QUANTITY_NUMBER },
		{ "bound", "", QUANTITY_NUMBER },
	};
	enum { REST = sizeof rest / sizeof rest[0] };
	struct table *t;
	size_t n = 0;

	columns[n++] = (struct table_column){ "change", "", QUANTITY_NUMBER };
	for (size_t i = 0; i < f->n; i++)
		columns[n++] = (struct table_column){
			f->items[i].upgrade.name, "",
			f->items[i].upgrade.field[0]->quantity };
	memcpy(columns + n, rest, sizeof rest);
	t = table_new(columns, n + REST);
	for (size_t k = 0; k < f->nanswers; k++) {
		const struct fit_answer *a = &f->answers[k];
		const struct plan *p = &a->outcome.plan;
		char names[160];

		name_answer(f, a, names, sizeof names);
		table_text(t, names);
		for (size_t i = 0; i < f->n; i++)
			if (a->reached)
				table_number(t, fit_budget_value(f, c, a, i));
			else
				table_empty(t);
		table_text(t, a->reached ? "yes" : "no");
		if (a->reached)
			table_number(t, a->cost);
		else
			table_empty(t);
		if (p->policy == NULL) {
			for (size_t i = 0; i < REST - 2; i++)
				table_empty(t);
			continue;
		}
		table_number(t, a->outcome.step_s);
		table_number(t, (double)p->split[0]);
		table_number(t, (double)p->split[p->steps - 1]);
		table_number(t, p->decision[DECISION_CACHE_ON_GPU]);
		table_number(t, p->decision[DECISION_WEIGHTS_ON_GPU]);
		table_text(t, engine_name(a->outcome.bound));
	}
	return t;
}

static void print_json(const struct fit_budget *f, const struct cli_case *c,
		       const struct table *t)
{
	cJSON *json = cJSON_CreateObject(), *costs;
	char *text;

	cJSON_AddNumberToObject(json, "target_s", f->target_s);
	if (f->fits_now)
		cJSON_AddNumberToObject(json, "step_s", f->now.step_s);
	else
		cJSON_AddNullToObject(json, "step_s");
	costs = cJSON_AddObjectToObject(json, "cost_of_doubling");
	for (size_t i = 0; i < f->n; i++)
		cJSON_AddNumberToObject(costs, f->items[i].upgrade.name,
					f->items[i].cost);
	cJSON_AddItemToObject(json, "answers", table_json(t));
	cJSON_AddStringToObject(json, "policy", c->policy->name);
	cJSON_AddStringToObject(json, "model", c->model.name);
	cJSON_AddStringToObject(json, "hardware", c->hardware.name);
	cJSON_AddItemToObject(json, "workload",
			      plan_workload_json(&c->workload));
	cJSON_AddItemToObject(json, "made_by", case_provenance(c));
	text = cJSON_Print(json);
	puts(text);
	cJSON_free(text);
	cJSON_Delete(json);
}

static void print_result(const struct fit_budget *f, const struct cli_case *c,
			 enum table_format format)
{
	struct table_column columns[BUDGET_MOST + 16];
	struct table *t;

	if (format == TABLE_TEXT) {
		print_text(f, c);
		return;
	}
	t = answers_table(f, c, columns);
	if (format == TABLE_CSV)
		table_print(t, TABLE_CSV, stdout);
	else
		print_json(f, c, t);
	table_free(t);
}

/* Below what all of it together can do there is nothing to buy. */
static enum status check_reached(const struct fit_budget *f, struct diag *d)
{
	const struct fit_answer *last = &f->answers[f->nanswers - 1];
	char target[QUANTITY_SIZE], floor[QUANTITY_SIZE];

	if (cheapest(f) != NULL)
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

/* ---- the command ---- */

static enum status check(const struct request *r, struct diag *d)
{
	if ((r->step_s > 0.0) == (r->tokens_per_s > 0.0))
		return diag_fail(d, STATUS_USAGE,
				 "expected one of --step TIME and "
				 "--tokens-per-s N");
	if (r->fit.n == 0)
		return diag_fail(d, STATUS_USAGE,
				 "--cost: nothing is left that may change");
	return STATUS_OK;
}

static enum status fit(struct request *r, struct diag *d)
{
	struct cli_case c;
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
		print_result(&r->fit, &c, r->format);
	fit_budget_clear(&r->fit);
	case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	static const char *const usual[] = { "link", "gpu.flop_per_s",
					     "gpu.memory_bytes" };
	struct request r = { .c = request_new(), .format = TABLE_TEXT };
	struct option_result parsed;
	enum status s = STATUS_OK;

	for (size_t i = 0; i < 3 && s == STATUS_OK; i++) {
		struct fit_item *item = &r.fit.items[r.fit.n++];

		item->cost = 1.0;
		s = upgrade_find(usual[i], &item->upgrade, d);
	}
	if (s == STATUS_OK)
		s = options_parse(argc, argv, &set, handle, &r, &parsed, d);
	if (s == STATUS_OK && !parsed.done)
		s = fit(&r, d);
	request_clear(&r.c);
	return s;
}

const struct command command_fit_budget = {
	"fit-budget", "find the cheapest machine for a time per token", run
};
