/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fit_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
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

/*
 * Item `i` in four digits, rounded to where the machine is the better: what
 * is printed is to suffice.
 */
static void format_needed(const struct fit_budget *f,
			  const struct decode_case *c,
			  const struct fit_answer *a, size_t i,
			  char text[QUANTITY_SIZE])
{
	enum quantity q = f->items[i].upgrade.field[0]->quantity;
	double value = fit_budget_value(f, c, a, i);
	double digit = pow(10.0, floor(log10(value)) - 3.0);
	double count = value / digit;

	/* what has four digits stays, whatever the division makes of it */
	count = q == QUANTITY_SECONDS ? floor(count + 1e-9)
				      : ceil(count - 1e-9);
	quantity_format(count * digit, q, text);
}

/* A share in steps that print whole, down to where it still fits. */
static double share_down(double share)
{
	return floor(1e5 * share + 1e-9) / 1e5;
}

/* "link  56.93 GB/s": what item `i` becomes; the first of an answer has no
 * sign before it. */
static void add_item(struct table *t, const struct fit_budget *f,
		     const struct decode_case *c, const struct fit_answer *a,
		     size_t i, bool first)
{
	char text[QUANTITY_SIZE], name[64];

	snprintf(name, sizeof name, "%s%s", first ? "" : "+ ",
		 f->items[i].upgrade.name);
	table_text(t, name);
	if (!a->reached) {
		table_text(t, "no");
	} else if (a->factor[i] == 1.0) {
		table_text(t, "as it is");
	} else {
		format_needed(f, c, a, i, text);
		table_text(t, text);
	}
}

/* What the answer as a whole is: on the line of its first item. */
static void add_outcome(struct table *t, const struct fit_answer *a)
{
	char text[QUANTITY_SIZE + 8], time[QUANTITY_SIZE];
	bool known = a->outcome.plan.policy != NULL;

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

/* A line for each item of an answer, so that any number of them has room. */
static void print_table(const struct fit_budget *f, const struct decode_case *c)
{
	static const struct table_column columns[] = {
		{ "change", "change", QUANTITY_NUMBER },
		{ "to", "to", QUANTITY_NUMBER },
		{ "cost", "cost", QUANTITY_NUMBER },
		{ "step_s", "per token", QUANTITY_NUMBER },
		{ "split", "split", QUANTITY_NUMBER },
		{ "bound", "bound", QUANTITY_NUMBER },
	};
	enum { OF_ITEM = 2, COLUMNS = sizeof columns / sizeof columns[0] };
	struct table *t = table_new(columns, COLUMNS);

	for (size_t k = 0; k < f->nanswers; k++) {
		const struct fit_answer *a = &f->answers[k];
		bool first = true;

		for (size_t i = 0; i < f->n; i++) {
			if (!a->uses[i])
				continue;
			add_item(t, f, c, a, i, first);
			if (first)
				add_outcome(t, a);
			else
				for (size_t n = OF_ITEM; n < COLUMNS; n++)
					table_text(t, "");
			first = false;
		}
	}
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static void print_why_not(const struct fit_budget *f,
			  const struct decode_case *c,
			  const struct fit_answer *a)
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
			  const struct decode_case *c,
			  const struct fit_answer *a, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		char value[QUANTITY_SIZE];

		if (!a->uses[i] || a->factor[i] == 1.0)
			continue;
		format_needed(f, c, a, i, value);
		fprintf(out, "%s %s ", n++ ? "," : "",
			f->items[i].upgrade.name);
		/* a factor that would print as 1 */
		if (a->factor[i] < 1.005)
			fprintf(out, "%.2g %% better (%s)",
				100.0 * (a->factor[i] - 1.0), value);
		else
			fprintf(out, "%.3g times better (%s)", a->factor[i],
				value);
	}
	if (n == 0)
		fputs(" the machine as it is", out);
}

/* Whether the user may give `share`, and has not. */
static bool share_is_open(const struct decode_case *c, enum decision share)
{
	return c->policy->rules[share].decider == DECIDED_BY_USER &&
	       !c->planner.fix[share];
}

static void print_cheapest(const struct fit_budget *f,
			   const struct decode_case *c)
{
	static const enum decision shares[] = { DECISION_CACHE_ON_GPU,
						DECISION_WEIGHTS_ON_GPU };
	const struct fit_answer *a = fit_budget_cheapest(f);
	char *text, time[QUANTITY_SIZE];
	size_t size, n = 0;
	FILE *out = xmemstream(&text, &size);

	fputs("Cheapest:", out);
	write_changes(f, c, a, out);
	for (size_t i = 0; i < 2; i++) {
		enum decision share = shares[i];
		double now = f->fits_now ? f->now.plan.decision[share] : 0.0;
		double value = share_down(a->outcome.plan.decision[share]);

		if (value > 0.0 && value > now && share_is_open(c, share))
			fprintf(out, "%s --%s %.5g", n++ ? " and" : ", with",
				decision_specs[share].option, value);
	}
	if (n > 0)
		fputs(", for which there is room", out);
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

static void print_text(const struct fit_budget *f, const struct decode_case *c)
{
	char target[QUANTITY_SIZE], now[QUANTITY_SIZE];

	case_print_title(c, stdout);
	putchar('\n');
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
				   const struct decode_case *c,
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

static void print_json(const struct fit_budget *f, const struct decode_case *c,
		       const struct table *t)
{
	cJSON *json = cJSON_CreateObject(), *costs;

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
	case_add_json(c, json);
	json_print(json, stdout);
	cJSON_Delete(json);
}

void fit_report_print(const struct fit_budget *f, const struct decode_case *c,
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
