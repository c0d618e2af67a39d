/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fit_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wrap.h"
#include "base/xalloc.h"

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
	columns[n++] = (struct table_column){ "bound", "bound",
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
	const struct fit_answer *a = fit_budget_cheapest(f);
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

void fit_report_print(const struct fit_budget *f, const struct cli_case *c,
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
