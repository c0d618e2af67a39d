/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "schedule/policy.h"

static const char schema[] = PLAN_SCHEMA;

size_t plan_prefetch(const struct plan *plan)
{
	return (size_t)plan->decision[DECISION_PREFETCH];
}

double plan_weights_on_host(const struct plan *plan)
{
	return 1.0 - plan->decision[DECISION_WEIGHTS_ON_GPU];
}

double plan_cache_on_host(const struct plan *plan)
{
	return 1.0 - plan->decision[DECISION_CACHE_ON_GPU];
}

size_t plan_split_limit(const struct plan *plan, const struct workload *w,
			size_t step)
{
	size_t cached = workload_cached(w, step);

	switch (plan->policy->split) {
	case SPLIT_NONE:
		return 0;
	case SPLIT_ALL:
		return cached;
	case SPLIT_OPEN:
		break;
	}
	return plan->whole_sequence ? cached : w->prompt;
}

void plan_clear(struct plan *plan)
{
	free(plan->split);
	*plan = (struct plan){ 0 };
}

void plan_add_decisions(const struct plan *plan, cJSON *json)
{
	for (int i = 0; i < DECISION_COUNT; i++) {
		const struct decision_spec *spec = &decision_specs[i];
		double value = plan->decision[i];

		if (spec->words != NULL)
			cJSON_AddStringToObject(json, spec->name,
						spec->words[(size_t)value]);
		else
			cJSON_AddNumberToObject(json, spec->name, value);
	}
}

cJSON *plan_json(const struct plan *plan)
{
	cJSON *o = cJSON_CreateObject(), *split;

	cJSON_AddStringToObject(o, "schema", schema);
	cJSON_AddStringToObject(o, "policy", plan->policy->name);
	plan_add_decisions(plan, o);
	cJSON_AddBoolToObject(o, "whole_sequence", plan->whole_sequence);
	split = cJSON_AddArrayToObject(o, "split");
	for (size_t i = 0; i < plan->steps; i++)
		cJSON_AddItemToArray(
			split, cJSON_CreateNumber((double)plan->split[i]));
	return o;
}

cJSON *plan_workload_json(const struct workload *w)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "batch", (double)w->batch);
	cJSON_AddNumberToObject(o, "num_batches", (double)w->num_batches);
	cJSON_AddNumberToObject(o, "prompt", (double)w->prompt);
	cJSON_AddNumberToObject(o, "gen", (double)w->gen);
	cJSON_AddNumberToObject(o, "gpus", (double)w->gpus);
	cJSON_AddStringToObject(o, "weights", element_names[w->weights]);
	cJSON_AddStringToObject(o, "kv", element_names[w->kv]);
	cJSON_AddStringToObject(o, "activations",
				element_names[w->activations]);
	return o;
}

static enum status parse_element(const struct json *at, const char *key,
				 enum element *out, struct diag *d)
{
	const char *found;

	if (json_get_string(at, key, &found, d) != STATUS_OK)
		return STATUS_INVALID;
	for (int i = 0; i < ELEMENT_COUNT; i++)
		if (strcmp(found, element_names[i]) == 0) {
			*out = (enum element)i;
			return STATUS_OK;
		}
	return json_fail(at, key, d,
			 "found '%.40s', expected fp16, int8 or int4", found);
}

static enum status parse_workload(const struct json *top,
				  const struct llm *m, struct workload *w,
				  struct diag *d)
{
	const struct {
		const char *key;
		size_t least, most;
		size_t *value;
	} counts[] = {
		{ "batch", 1, WORKLOAD_MOST_BATCH, &w->batch },
		{ "num_batches", 1, WORKLOAD_MOST_BATCHES, &w->num_batches },
		{ "prompt", 1, WORKLOAD_MOST_TOKENS, &w->prompt },
		{ "gen", 1, WORKLOAD_MOST_TOKENS, &w->gen },
		{ "gpus", 1, WORKLOAD_MOST_GPUS, &w->gpus },
	};
	const struct {
		const char *key;
		enum element *value;
	} elements[] = {
		{ "weights", &w->weights }, { "kv", &w->kv },
		{ "activations", &w->activations },
	};
	const char *keys[8];
	struct json at;

	for (size_t i = 0; i < 5; i++)
		keys[i] = counts[i].key;
	for (size_t i = 0; i < 3; i++)
		keys[5 + i] = elements[i].key;
	if (json_get_object(top, "workload", &at, d) != STATUS_OK ||
	    json_only_keys(&at, keys, 8, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < 5; i++)
		if (json_get_size(&at, counts[i].key, counts[i].least,
				  counts[i].most, counts[i].value, d) !=
		    STATUS_OK)
			return STATUS_INVALID;
	for (size_t i = 0; i < 3; i++)
		if (parse_element(&at, elements[i].key, elements[i].value,
				  d) != STATUS_OK)
			return STATUS_INVALID;
	if (workload_check(w, m, d) != STATUS_OK)
		return diag_prefix(d, STATUS_INVALID, "workload");
	return STATUS_OK;
}

static enum status parse_splits(const struct json *at,
				const struct workload *w, struct plan *plan,
				struct diag *d)
{
	size_t steps = workload_steps(w);
	const cJSON *v;
	struct json arr;

	if (json_get_array(at, "split", &arr, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&arr) != steps)
		return json_fail(at, "split", d,
				 "found %zu values, expected one for each of "
				 "%zu decode steps", json_length(&arr),
				 steps);
	plan->steps = steps;
	plan->split = xcalloc(steps, sizeof *plan->split);
	v = arr.node->child;
	for (size_t i = 0; i < steps; i++, v = v->next) {
		size_t most = plan_split_limit(plan, w, i);
		size_t least = plan->policy->split == SPLIT_ALL ? most : 0;

		if (json_node_size(&arr, v, i, least, most, &plan->split[i],
				   d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

/* A decision of the policy's own can only be what the policy says. */
static enum status parse_decision(const struct json *at, enum decision which,
				  struct plan *plan, struct diag *d)
{
	const struct decision_spec *spec = &decision_specs[which];
	const struct decision_rule *rule = &plan->policy->rules[which];
	double *value = &plan->decision[which];
	char expected[DECISION_SIZE], found[DECISION_SIZE];
	const char *word;

	if (spec->words != NULL) {
		if (json_get_string(at, spec->name, &word, d) != STATUS_OK)
			return STATUS_INVALID;
		if (decision_parse(which, word, value, d) != STATUS_OK)
			return json_fail(at, spec->name, d,
					 "found '%.40s', expected %s or %s",
					 word, spec->words[0],
					 spec->words[1]);
	} else if (json_get_quantity(at, spec->name, QUANTITY_NUMBER,
				     JSON_NOT_NEGATIVE, value,
				     d) != STATUS_OK) {
		return STATUS_INVALID;
	}
	decision_format(which, *value, found);
	if (*value > spec->most || (spec->whole && *value != floor(*value)))
		return json_fail(at, spec->name, d,
				 "found %s, expected %s, 0 to %g", found,
				 spec->whole ? "a whole number" : "a number",
				 spec->most);
	if (rule->decider == DECIDED_BY_POLICY && *value != rule->value) {
		decision_format(which, rule->value, expected);
		return json_fail(at, spec->name, d,
				 "found %s, expected %s: policy %s decides it",
				 found, expected, plan->policy->name);
	}
	return STATUS_OK;
}

static enum status parse_decisions(const struct json *top,
				   const struct workload *w,
				   struct plan *plan, struct diag *d)
{
	const char *keys[DECISION_COUNT + 4] = { "schema", "policy",
						 "whole_sequence", "split" };
	const char *found, *policy;
	struct json at;

	for (size_t i = 0; i < DECISION_COUNT; i++)
		keys[4 + i] = decision_specs[i].name;
	if (json_get_object(top, "plan", &at, d) != STATUS_OK ||
	    json_only_keys(&at, keys, DECISION_COUNT + 4, d) != STATUS_OK ||
	    json_get_string(&at, "schema", &found, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(found, schema) != 0)
		return json_fail(&at, "schema", d,
				 "found '%.40s', expected '%s'", found,
				 schema);
	if (json_get_string(&at, "policy", &policy, d) != STATUS_OK)
		return STATUS_INVALID;
	if (policy_find(policy, &plan->policy, d) != STATUS_OK)
		return diag_prefix(d, STATUS_INVALID, "plan.policy");
	for (int i = 0; i < DECISION_COUNT; i++)
		if (parse_decision(&at, (enum decision)i, plan, d) !=
		    STATUS_OK)
			return STATUS_INVALID;
	if (json_get_bool(&at, "whole_sequence", &plan->whole_sequence,
			  d) != STATUS_OK)
		return STATUS_INVALID;
	if (plan->policy->split == SPLIT_ALL && !plan->whole_sequence)
		return json_fail(&at, "whole_sequence", d,
				 "found false, expected true: policy %s "
				 "recomputes generated tokens too",
				 plan->policy->name);
	return parse_splits(&at, w, plan, d);
}

/* The member `key` of `top` printed as JSON text of its own. */
static enum status take_text(const struct json *top, const char *key,
			     char **out, struct diag *d)
{
	struct json at;
	char *printed;

	if (json_get_object(top, key, &at, d) != STATUS_OK)
		return STATUS_INVALID;
	printed = cJSON_PrintUnformatted(at.node);
	*out = xstrdup(printed);
	cJSON_free(printed);
	return STATUS_OK;
}

static enum status parse_model(const struct json *top, struct llm *m,
			       struct diag *d)
{
	const char *name;
	enum status s;
	char *text;

	if (json_get_string(top, "model_name", &name, d) != STATUS_OK ||
	    take_text(top, "model", &text, d) != STATUS_OK)
		return STATUS_INVALID;
	s = llm_parse(text, name, m, d);
	free(text);
	return s == STATUS_OK ? s : diag_prefix(d, s, "model");
}

enum status plan_parse(const char *json, struct llm *m, struct workload *w,
		       struct plan *plan, char **hardware, struct diag *d)
{
	static const char *const keys[] = { "made_by", "model_name", "model",
					    "workload", "plan", "hardware" };
	struct plan made = { 0 };
	struct workload load;
	struct json top;
	struct llm model;
	enum status s;
	cJSON *doc;

	s = json_parse(json, &doc, &top, d);
	if (s != STATUS_OK)
		return s;
	s = json_only_keys(&top, keys, 6, d);
	if (s == STATUS_OK)
		s = parse_model(&top, &model, d);
	if (s == STATUS_OK)
		s = parse_workload(&top, &model, &load, d);
	if (s == STATUS_OK)
		s = parse_decisions(&top, &load, &made, d);
	if (s == STATUS_OK)
		s = take_text(&top, "hardware", hardware, d);
	cJSON_Delete(doc);
	if (s != STATUS_OK) {
		plan_clear(&made);
		return s;
	}
	*m = model;
	*w = load;
	*plan = made;
	return STATUS_OK;
}
