/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/place_export.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/table.h"

static const char *const phases[PHASE_COUNT] = { "prefill", "decode" };

/* The arms that bind in `phase`: their terms, and their shares of it. */
static cJSON *bound_json(const struct place_result *r, int phase)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t a = 0; a < r->costs.narms[phase]; a++) {
		double share = r->arm[phase][a] / r->costs.layers[phase];
		cJSON *arm, *terms;

		if (share == 0.0)
			continue;
		arm = cJSON_CreateObject();
		terms = cJSON_AddArrayToObject(arm, "terms");
		for (int t = 0; t < TERM_COUNT; t++)
			if (r->costs.arms[phase][a] & 1u << t)
				cJSON_AddItemToArray(
					terms, cJSON_CreateString(
						       placement_term_key(
							(enum placement_term)
								t)));
		cJSON_AddNumberToObject(arm, "share", share);
		cJSON_AddItemToArray(list, arm);
	}
	return list;
}

static void add_phases(const struct place_result *r, cJSON *json)
{
	cJSON *layer = cJSON_AddObjectToObject(json, "layer_s");
	cJSON *bound = cJSON_AddObjectToObject(json, "bound");
	cJSON *terms = cJSON_AddObjectToObject(json, "terms");

	for (int f = 0; f < PHASE_COUNT; f++) {
		cJSON *each = cJSON_AddObjectToObject(terms, phases[f]);

		cJSON_AddNumberToObject(layer, phases[f],
					r->outcome.layer_s[f]);
		cJSON_AddItemToObject(bound, phases[f], bound_json(r, f));
		for (int t = 0; t < TERM_COUNT; t++)
			cJSON_AddNumberToObject(
				each,
				placement_term_key((enum placement_term)t),
				r->outcome.term_s[f][t]);
	}
}

static void add_memory(const struct place_result *r, cJSON *json)
{
	cJSON *all = cJSON_AddObjectToObject(json, "memory");

	for (int m = 0; m < ROOM_COUNT; m++) {
		cJSON *at = cJSON_AddObjectToObject(
			all, placement_memory_key((enum placement_memory)m));

		cJSON_AddNumberToObject(at, "used_bytes",
					r->outcome.memory[m]);
		if (isfinite(r->costs.capacity[m]))
			cJSON_AddNumberToObject(at, "usable_bytes",
						r->costs.capacity[m]);
		else
			cJSON_AddNullToObject(at, "usable_bytes");
		cJSON_AddNumberToObject(at, "worth_s_per_byte", r->room[m]);
	}
}

static void add_worth(const struct place_case *c,
		      const struct place_result *r, cJSON *json)
{
	cJSON *all = cJSON_AddObjectToObject(json, "worth");
	size_t n;
	const struct figure *fields = place_case_fields(c, &n);

	for (size_t i = 0; i < n; i++) {
		double worth = place_case_worth(c, r, &fields[i]);

		if (worth != 0.0)
			cJSON_AddNumberToObject(all, fields[i].path, worth);
	}
}

/* What both CSV and JSON have, in the same order. */
static const char *const keys[] = {
	"batch", "num_batches", "prefill_s", "decode_s", "total_s",
	"request_s", "tokens_per_s"
};

enum { KEYS = sizeof keys / sizeof keys[0] };

static void values_of(const struct place_result *r, double out[KEYS])
{
	const double values[KEYS] = {
		(double)r->placement.batch, (double)r->placement.num_batches,
		r->outcome.prefill_s, r->outcome.decode_s,
		r->outcome.total_s, r->outcome.request_s,
		r->outcome.tokens_per_s
	};

	for (size_t i = 0; i < KEYS; i++)
		out[i] = values[i];
}

void place_export_json(const struct place_case *c,
		       const struct place_result *r)
{
	cJSON *json = cJSON_CreateObject(), *shares, *workload;
	double values[KEYS];

	values_of(r, values);
	cJSON_AddStringToObject(json, "costs", c->request.c.flexgen
						       ? "flexgen"
						       : "kvplan");
	for (size_t i = 0; i < KEYS; i++)
		cJSON_AddNumberToObject(json, keys[i], values[i]);
	shares = cJSON_AddObjectToObject(json, "shares");
	for (int i = 0; i < SHARE_COUNT; i++)
		cJSON_AddNumberToObject(
			shares, placement_share_key((enum placement_share)i),
			r->placement.share[i]);
	add_phases(r, json);
	add_memory(r, json);
	add_worth(c, r, json);
	cJSON_AddNumberToObject(json, "programs", (double)r->programs);
	cJSON_AddStringToObject(json, "model", c->request.c.model.name);
	cJSON_AddStringToObject(json, "hardware", c->request.c.machine.name);
	workload = cJSON_AddObjectToObject(json, "workload");
	cJSON_AddNumberToObject(workload, "prompt",
				(double)c->request.c.prompt);
	cJSON_AddNumberToObject(workload, "gen", (double)c->request.c.gen);
	cJSON_AddItemToObject(json, "made_by", place_case_provenance(c));
	json_print(json, stdout);
	cJSON_Delete(json);
}

void place_export_csv(const struct place_result *r)
{
	struct table_column columns[KEYS + SHARE_COUNT];
	double values[KEYS];
	struct table *t;

	values_of(r, values);
	for (size_t i = 0; i < KEYS; i++)
		columns[i] = (struct table_column){ keys[i], keys[i],
						    QUANTITY_NUMBER };
	for (size_t i = 0; i < SHARE_COUNT; i++) {
		const char *key = placement_share_key(
			(enum placement_share)i);

		columns[KEYS + i] = (struct table_column){ key, key,
							   QUANTITY_NUMBER };
	}
	t = table_new(columns, KEYS + SHARE_COUNT);
	for (size_t i = 0; i < KEYS; i++)
		table_number(t, values[i]);
	for (size_t i = 0; i < SHARE_COUNT; i++)
		table_number(t, r->placement.share[i]);
	table_print(t, TABLE_CSV, stdout);
	table_free(t);
}
