/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/diff_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wrap.h"
#include "base/xalloc.h"

/* An op or an engine that has something to say. */
static bool is_there(const struct diff_part *p)
{
	return p->tasks[DIFF_A] + p->tasks[DIFF_B] > 0 ||
	       p->busy_s[DIFF_A] + p->busy_s[DIFF_B] > 0.0;
}

static double more(const double sides[DIFF_SIDES])
{
	return sides[DIFF_B] - sides[DIFF_A];
}

/* What the rounding of the times in a trace explains is nothing. */
static double shown(double value_s, const struct diff_part *p)
{
	size_t tasks = p->tasks[DIFF_A] + p->tasks[DIFF_B];

	return fabs(value_s) > TRACE_DIGIT_S * (double)tasks ? value_s : 0.0;
}

/* ---- text ---- */

enum { TEXT_COLUMNS = 7 };

/* A table whose first column is headed `first`; `columns` outlives it. */
static struct table *new_text(const char *first,
			      struct table_column columns[TEXT_COLUMNS])
{
	const struct table_column all[TEXT_COLUMNS] = {
		{ "name", first, QUANTITY_NUMBER },
		{ "tasks", "tasks", QUANTITY_NUMBER },
		{ "busy_a_s", "busy A", QUANTITY_SECONDS },
		{ "busy_b_s", "busy B", QUANTITY_SECONDS },
		{ "busy_s", "B - A", QUANTITY_SECONDS },
		{ "run_s", "run", QUANTITY_SECONDS },
		{ "wait_s", "wait", QUANTITY_SECONDS },
	};

	memcpy(columns, all, sizeof all);
	return table_new(columns, TEXT_COLUMNS);
}

static void add_row(struct table *t, const char *name,
		    const struct diff_part *p)
{
	char tasks[48];

	if (!is_there(p))
		return;
	snprintf(tasks, sizeof tasks,
		 p->tasks[DIFF_A] == p->tasks[DIFF_B] ? "%zu" : "%zu, %zu",
		 p->tasks[DIFF_A], p->tasks[DIFF_B]);
	table_text(t, name);
	table_text(t, tasks);
	table_number(t, p->busy_s[DIFF_A]);
	table_number(t, p->busy_s[DIFF_B]);
	table_number(t, shown(more(p->busy_s), p));
	table_number(t, shown(more(p->run_s), p));
	table_number(t, shown(more(p->wait_s), p));
}

/* Sums of what sums to the difference of the step. */
static void add_sum(struct table *t, const struct diff_part *parts, size_t n)
{
	double run_s = 0.0, wait_s = 0.0;

	for (size_t i = 0; i < n; i++) {
		run_s += shown(more(parts[i].run_s), &parts[i]);
		wait_s += shown(more(parts[i].wait_s), &parts[i]);
	}
	table_text(t, "sum");
	for (size_t i = 0; i < 4; i++)
		table_empty(t);
	table_number(t, run_s);
	table_number(t, wait_s);
}

static void print_ops(const struct diff *diff)
{
	struct table_column columns[TEXT_COLUMNS];
	struct table *t = new_text("task", columns);

	for (int i = 0; i < OP_COUNT; i++)
		add_row(t, op_name((enum op)i), &diff->op[i]);
	add_sum(t, diff->op, OP_COUNT);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
	putchar('\n');
}

static void print_engines(const struct diff *diff)
{
	struct table_column columns[TEXT_COLUMNS];
	struct table *t = new_text("engine", columns);

	for (int i = 0; i < ENGINE_COUNT; i++)
		add_row(t, engine_title((enum engine)i), &diff->engine[i]);
	add_sum(t, diff->engine, ENGINE_COUNT);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static void print_idle(const struct diff *diff)
{
	static const struct table_column columns[] = {
		{ "engine", "engine", QUANTITY_NUMBER },
		{ "idle_a_s", "idle A", QUANTITY_SECONDS },
		{ "idle_b_s", "idle B", QUANTITY_SECONDS },
		{ "idle_s", "B - A", QUANTITY_SECONDS },
	};
	struct table *t = table_new(columns, 4);

	for (int i = 0; i < ENGINE_COUNT; i++) {
		const struct diff_part *p = &diff->engine[i];
		double idle_s[DIFF_SIDES];

		if (!is_there(p))
			continue;
		for (int k = 0; k < DIFF_SIDES; k++)
			idle_s[k] = shown(diff->step_s[k] - p->busy_s[k], p);
		table_text(t, engine_title((enum engine)i));
		table_number(t, idle_s[DIFF_A]);
		table_number(t, idle_s[DIFF_B]);
		table_number(t, shown(more(idle_s), p));
	}
	putchar('\n');
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static bool has_gpus(const struct diff *diff)
{
	return diff->gpus[DIFF_A] > 1 || diff->gpus[DIFF_B] > 1;
}

static void print_only(const struct diff *diff, int side)
{
	const struct trace_event *e = &diff->only[side];
	const char *from = "";
	char *text, gpu[32] = "";
	size_t size;
	FILE *list;

	if (e->op == OP_COUNT)
		return;
	if (has_gpus(diff))
		snprintf(gpu, sizeof gpu, "GPU %zu, ", e->gpu);
	printf("\nOnly in %c, first in step %zu, %slayer %zu, batch %zu:\n",
	       "AB"[side], e->step, gpu, e->layer, e->batch);
	list = xmemstream(&text, &size);
	for (int i = 0; i < OP_COUNT; i++)
		if (diff->op[i].only[side] > 0) {
			fprintf(list, "%s%zu %s", from, diff->op[i].only[side],
				op_name((enum op)i));
			from = ", ";
		}
	xmemstream_close(list);
	wrap_print(text, 78, stdout);
	free(text);
}

/* A share for people: no "6.6e+03", no "4e-09". */
static void format_pct(double pct, char *text, size_t size)
{
	double up = fabs(pct);

	if (up > 0.0 && up < 0.001)
		snprintf(text, size, "under 0.001");
	else
		snprintf(text, size, up < 99.5 ? "%.2g" : "%.0f", pct);
}

static void print_head(const struct diff *diff, const char *const titles[2])
{
	char time[3][QUANTITY_SIZE], pct[QUANTITY_SIZE];
	double more_s = more(diff->step_s), a_s = diff->step_s[DIFF_A];

	quantity_format(diff->step_s[DIFF_A], QUANTITY_SECONDS, time[0]);
	quantity_format(diff->step_s[DIFF_B], QUANTITY_SECONDS, time[1]);
	quantity_format(more_s, QUANTITY_SECONDS, time[2]);
	format_pct(a_s > 0.0 ? 100.0 * more_s / a_s : 0.0, pct, sizeof pct);
	printf("A  %s\nB  %s\n\n", titles[DIFF_A], titles[DIFF_B]);
	if (!diff->by_task)
		printf("All of it as one step, as the tasks of its events are "
		       "not known in one");
	else if (diff->steps == 1)
		printf("Step %zu", diff->first_step);
	else
		printf("Mean of %zu steps, %zu to %zu", diff->steps,
		       diff->first_step, diff->last_step);
	printf(":\nA %s, B %s, B - A %s (%s %% of A)\n\n", time[0], time[1],
	       time[2], pct);
	if (has_gpus(diff))
		printf("GPUs: A %zu, B %zu; busy and idle are the mean of "
		       "each side's.\n\n", diff->gpus[DIFF_A],
		       diff->gpus[DIFF_B]);
}

void diff_report_print(const struct diff *diff, const char *const titles[2])
{
	print_head(diff, titles);
	if (diff->by_task)
		print_ops(diff);
	print_engines(diff);
	puts("\nrun, wait: B - A along the critical chain, where they sum to "
	     "the difference of\nthe step.");
	print_idle(diff);
	for (int side = 0; side < DIFF_SIDES; side++)
		print_only(diff, side);
}

/* ---- for programs ---- */

static void add_full_row(struct table *t, const char *part,
			 const char *process, const char *name,
			 const struct diff_part *p)
{
	const double *const values[] = { p->busy_s, p->run_s, p->wait_s };

	if (!is_there(p))
		return;
	table_text(t, part);
	if (process != NULL)
		table_text(t, process);
	else
		table_empty(t);
	table_text(t, name);
	for (int k = 0; k < DIFF_SIDES; k++)
		table_number(t, (double)p->tasks[k]);
	for (int k = 0; k < DIFF_SIDES; k++)
		table_number(t, (double)p->only[k]);
	for (size_t i = 0; i < 3; i++)
		for (int k = 0; k < DIFF_SIDES; k++)
			table_number(t, values[i][k]);
}

struct table *diff_report_table(const struct diff *diff)
{
	static const struct table_column columns[] = {
		{ "part", "part", QUANTITY_NUMBER },
		{ "process", "process", QUANTITY_NUMBER },
		{ "name", "name", QUANTITY_NUMBER },
		{ "tasks_a", "tasks A", QUANTITY_NUMBER },
		{ "tasks_b", "tasks B", QUANTITY_NUMBER },
		{ "only_a", "only A", QUANTITY_NUMBER },
		{ "only_b", "only B", QUANTITY_NUMBER },
		{ "busy_a_s", "busy A", QUANTITY_SECONDS },
		{ "busy_b_s", "busy B", QUANTITY_SECONDS },
		{ "run_a_s", "run A", QUANTITY_SECONDS },
		{ "run_b_s", "run B", QUANTITY_SECONDS },
		{ "wait_a_s", "wait A", QUANTITY_SECONDS },
		{ "wait_b_s", "wait B", QUANTITY_SECONDS },
	};
	struct table *t = table_new(columns,
				    sizeof columns / sizeof columns[0]);

	for (int i = 0; i < OP_COUNT; i++)
		add_full_row(t, "task", process_name(op_process((enum op)i)),
			     op_name((enum op)i), &diff->op[i]);
	for (int i = 0; i < ENGINE_COUNT; i++)
		add_full_row(t, "engine", NULL, engine_name((enum engine)i),
			     &diff->engine[i]);
	return t;
}

cJSON *diff_report_json(const struct diff *diff)
{
	cJSON *json = cJSON_CreateObject();
	struct table *t = diff_report_table(diff);

	cJSON_AddBoolToObject(json, "by_task", diff->by_task);
	cJSON_AddNumberToObject(json, "steps", (double)diff->steps);
	cJSON_AddNumberToObject(json, "first_step", (double)diff->first_step);
	cJSON_AddNumberToObject(json, "last_step", (double)diff->last_step);
	cJSON_AddNumberToObject(json, "gpus_a", (double)diff->gpus[DIFF_A]);
	cJSON_AddNumberToObject(json, "gpus_b", (double)diff->gpus[DIFF_B]);
	cJSON_AddNumberToObject(json, "step_a_s", diff->step_s[DIFF_A]);
	cJSON_AddNumberToObject(json, "step_b_s", diff->step_s[DIFF_B]);
	cJSON_AddNumberToObject(json, "difference_s", more(diff->step_s));
	cJSON_AddItemToObject(json, "parts", table_json(t));
	table_free(t);
	return json;
}
