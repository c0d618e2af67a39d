/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/outcome.h"

#include <stdlib.h>

#include "base/table.h"

void outcome_clear(struct outcome *o)
{
	plan_clear(&o->plan);
	free(o->step_end_s);
	*o = (struct outcome){ .bound = ENGINE_H2D };
}

double outcome_busy_pct(const struct outcome *o, enum engine e)
{
	return 100.0 * o->run.engine[e].busy_s / o->run.makespan_s;
}

double outcome_step_s(const struct outcome *o, size_t step)
{
	return o->step_end_s[step] -
	       (step > 0 ? o->step_end_s[step - 1] : 0.0);
}

void outcome_split(const struct outcome *o, char *text, size_t size)
{
	size_t least = o->plan.split[0], most = least;

	for (size_t i = 1; i < o->plan.steps; i++) {
		size_t split = o->plan.split[i];

		least = split < least ? split : least;
		most = split > most ? split : most;
	}
	if (least == most)
		snprintf(text, size, "%zu", least);
	else
		snprintf(text, size, "%zu to %zu", least, most);
}

void outcome_warn(const struct outcome *o, const struct hardware *hw, FILE *out)
{
	char text[TRUST_SIZE];

	if (o->trust.noutside == 0)
		return;
	trust_say(&o->trust, text);
	fprintf(out, "kvplan: warning: %s: %s\n", hw->name, text);
}

void outcome_print_engines(const struct outcome *o, FILE *out)
{
	static const struct table_column columns[] = {
		{ "engine", "engine", QUANTITY_NUMBER },
		{ "busy_pct", "busy", QUANTITY_PERCENT },
		{ "busy_s", "time", QUANTITY_SECONDS },
		{ "bytes", "moved", QUANTITY_BYTES },
		{ "flop", "computed", QUANTITY_FLOP },
	};
	struct table *t = table_new(columns, 5);

	for (int i = 0; i < ENGINE_COUNT; i++) {
		enum engine e = (enum engine)i;
		const struct run_usage *u = &o->run.engine[e];

		if (u->tasks == 0)
			continue;
		table_text(t, engine_title(e));
		table_number(t, outcome_busy_pct(o, e));
		table_number(t, u->busy_s);
		table_number(t, u->bytes);
		if (e == ENGINE_SM)
			table_number(t, u->flop);
		else
			table_empty(t);
	}
	table_print(t, TABLE_TEXT, out);
	table_free(t);
}

void outcome_print_memory(const struct outcome *o, const struct hardware *hw,
			  FILE *out)
{
	static const struct table_column columns[] = {
		{ "memory", "memory", QUANTITY_NUMBER },
		{ "used_bytes", "used", QUANTITY_BYTES },
		{ "capacity_bytes", "capacity", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 3);
	const struct memory *mem = &o->memory;

	for (int i = 0; i < MEMORY_PLACES; i++) {
		enum memory_place place = (enum memory_place)i;
		double capacity = memory_capacity(hw, place);
		char text[QUANTITY_SIZE] = "not stated";

		if (capacity > 0.0)
			quantity_format(capacity, QUANTITY_BYTES, text);
		table_text(t, memory_place_name(place));
		table_number(t, memory_used(mem, place));
		table_text(t, text);
		for (size_t k = 0; k < mem->n; k++) {
			if (mem->items[k].place != place)
				continue;
			snprintf(text, sizeof text, "  %s",
				 mem->items[k].what);
			table_text(t, text);
			table_number(t, mem->items[k].bytes);
			table_text(t, "");
		}
	}
	table_print(t, TABLE_TEXT, out);
	table_free(t);
}

static void add_memory(const struct memory *mem, const struct hardware *hw,
		       cJSON *json)
{
	cJSON *all = cJSON_AddObjectToObject(json, "memory");

	for (int i = 0; i < MEMORY_PLACES; i++) {
		enum memory_place place = (enum memory_place)i;
		double capacity = memory_capacity(hw, place);
		cJSON *at = cJSON_AddObjectToObject(
			all, memory_place_name(place));
		cJSON *items;

		cJSON_AddNumberToObject(at, "used_bytes",
					memory_used(mem, place));
		if (capacity > 0.0)
			cJSON_AddNumberToObject(at, "capacity_bytes",
						capacity);
		else
			cJSON_AddNullToObject(at, "capacity_bytes");
		items = cJSON_AddObjectToObject(at, "items");
		for (size_t k = 0; k < mem->n; k++)
			if (mem->items[k].place == place)
				cJSON_AddNumberToObject(items,
							mem->items[k].what,
							mem->items[k].bytes);
	}
}

void outcome_add_total(const struct outcome *o, cJSON *json)
{
	cJSON_AddNumberToObject(json, "first_token_s", o->first_token_s);
	cJSON_AddNumberToObject(json, "prefill_s", o->prefill_s);
	cJSON_AddNumberToObject(json, "prefill_clock", o->prefill_clock);
	cJSON_AddNumberToObject(json, "total_s", o->total_s);
	cJSON_AddNumberToObject(json, "total_tokens_per_s",
				o->total_tokens_per_s);
}

void outcome_add_json(const struct outcome *o, const struct hardware *hw,
		      cJSON *json)
{
	cJSON *busy;

	cJSON_AddStringToObject(json, "bound", engine_name(o->bound));
	if (hw->calibration != NULL)
		cJSON_AddNumberToObject(json, "error_pct",
					100.0 * o->trust.spread);
	cJSON_AddNumberToObject(json, "clock", o->clock);
	busy = cJSON_AddObjectToObject(json, "utilisation");
	for (int e = 0; e < ENGINE_COUNT; e++)
		cJSON_AddNumberToObject(
			busy, engine_name((enum engine)e),
			outcome_busy_pct(o, (enum engine)e) / 100.0);
	add_memory(&o->memory, hw, json);
}
