/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/plan_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/workload_json.h"
#include "schedule/policy.h"

static const char schema[] = "kvplan-plan-2";

void plan_file_add_decisions(const struct plan *plan, cJSON *json)
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

static cJSON *plan_json(const struct plan *plan)
{
	cJSON *o = cJSON_CreateObject(), *split;

	cJSON_AddStringToObject(o, "schema", schema);
	cJSON_AddStringToObject(o, "policy", plan->policy->name);
	plan_file_add_decisions(plan, o);
	cJSON_AddBoolToObject(o, "whole_sequence", plan->whole_sequence);
	split = cJSON_AddArrayToObject(o, "split");
	for (size_t i = 0; i < plan->steps; i++)
		cJSON_AddItemToArray(
			split, cJSON_CreateNumber((double)plan->split[i]));
	return o;
}

cJSON *plan_file_json(const struct llm *m, const struct workload *w,
		      const struct plan *plan, const char *hardware,
		      cJSON *made_by)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "made_by", made_by);
	cJSON_AddStringToObject(o, "model_name", m->name);
	cJSON_AddItemToObject(o, "model", llm_json(m));
	cJSON_AddItemToObject(o, "workload", workload_json(w));
	cJSON_AddItemToObject(o, "plan", plan_json(plan));
	cJSON_AddItemToObject(o, "hardware", cJSON_Parse(hardware));
	return o;
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
	struct diag why;
	enum status s;

	if (spec->words != NULL) {
		if (json_get_string(at, spec->name, &word, d) != STATUS_OK)
			return STATUS_INVALID;
		s = decision_parse(which, word, value, &why);
	} else {
		if (json_get_quantity(at, spec->name, QUANTITY_NUMBER,
				      JSON_NOT_NEGATIVE, value, d) !=
		    STATUS_OK)
			return STATUS_INVALID;
		s = decision_check(which, *value, &why);
	}
	if (s != STATUS_OK)
		return json_fail(at, spec->name, d, "%s", why.text);
	if (rule->decider == DECIDED_BY_POLICY && *value != rule->value) {
		decision_format(which, *value, found);
		decision_format(which, rule->value, expected);
		return json_fail(at, spec->name, d,
				 "found %s, expected %s: policy %s decides it",
				 found, expected, plan->policy->name);
	}
	return STATUS_OK;
}

static enum status parse_splits(const struct json *at,
				const struct workload *w, size_t first,
				size_t n, struct plan *plan, struct diag *d)
{
	bool all = plan->policy->split == SPLIT_ALL;
	const cJSON *v;
	struct json arr;

	if (json_get_array(at, "split", &arr, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&arr) != n)
		return json_fail(at, "split", d,
				 "found %zu values, expected one for each of "
				 "%zu decode steps", json_length(&arr), n);
	v = arr.node->child;
	for (size_t step = 0; step < plan->steps; step++) {
		size_t most = plan_split_limit(plan, w, step);
		size_t least = all ? most : 0;

		plan->split[step] = least;
		if (step < first || step - first >= n)
			continue;
		if (json_node_size(&arr, v, step - first, least, most,
				   &plan->split[step], d) != STATUS_OK)
			return STATUS_INVALID;
		v = v->next;
	}
	return STATUS_OK;
}

static enum status parse_decided(const struct json *at,
				 const struct workload *w, size_t first,
				 size_t n, struct plan *plan, struct diag *d)
{
	const char *policy;
	struct diag why;

	if (json_get_string(at, "policy", &policy, d) != STATUS_OK)
		return STATUS_INVALID;
	if (policy_find(policy, &plan->policy, &why) != STATUS_OK)
		return json_fail(at, "policy", d, "%s", why.text);
	for (int i = 0; i < DECISION_COUNT; i++)
		if (parse_decision(at, (enum decision)i, plan, d) !=
		    STATUS_OK)
			return STATUS_INVALID;
	if (json_get_bool(at, "whole_sequence", &plan->whole_sequence,
			  d) != STATUS_OK)
		return STATUS_INVALID;
	if (plan->policy->split == SPLIT_ALL && !plan->whole_sequence)
		return json_fail(at, "whole_sequence", d,
				 "found false, expected true: policy %s "
				 "recomputes generated tokens too",
				 plan->policy->name);
	return parse_splits(at, w, first, n, plan, d);
}

enum status plan_file_parse_plan(const struct json *at,
				 const struct workload *w, size_t first,
				 size_t n, struct plan *out, struct diag *d)
{
	size_t steps = workload_steps(w);
	struct plan made = {
		.steps = steps, .split = xcalloc(steps, sizeof *made.split),
	};
	enum status s = parse_decided(at, w, first, n, &made, d);

	if (s == STATUS_OK)
		*out = made;
	else
		plan_clear(&made);
	return s;
}

static enum status parse_plan(const struct json *top,
			      const struct workload *w, struct plan *out,
			      struct diag *d)
{
	const char *keys[DECISION_COUNT + 4] = { "schema", "policy",
						 "whole_sequence", "split" };
	const char *found;
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
	return plan_file_parse_plan(&at, w, 0, workload_steps(w), out, d);
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

enum status plan_file_parse(const char *json, struct llm *m,
			    struct workload *w, struct plan *plan,
			    char **hardware, struct diag *d)
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
		s = workload_json_parse(&top, &model, &load, d);
	if (s == STATUS_OK)
		s = parse_plan(&top, &load, &made, d);
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
