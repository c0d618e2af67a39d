/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "schedule/policy.h"

static const char schema[] = "kvplan-plan-1";

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

cJSON *plan_json(const struct plan *plan)
{
	cJSON *o = cJSON_CreateObject(), *split;

	cJSON_AddStringToObject(o, "schema", schema);
	cJSON_AddStringToObject(o, "policy", plan->policy->name);
	cJSON_AddNumberToObject(o, "prefetch", (double)plan->prefetch);
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
	cJSON_AddNumberToObject(o, "prompt", (double)w->prompt);
	cJSON_AddNumberToObject(o, "gen", (double)w->gen);
	cJSON_AddNumberToObject(o, "element_bytes", w->element_bytes);
	return o;
}

static enum status parse_workload(const struct json *top,
				  const struct llm *m, struct workload *w,
				  struct diag *d)
{
	static const char *const keys[] = { "batch", "prompt", "gen",
					    "element_bytes" };
	struct json at;

	if (json_get_object(top, "workload", &at, d) != STATUS_OK ||
	    json_only_keys(&at, keys, 4, d) != STATUS_OK ||
	    json_get_size(&at, "batch", 1, WORKLOAD_MOST_BATCH, &w->batch,
			  d) !=
		    STATUS_OK ||
	    json_get_size(&at, "prompt", 1, WORKLOAD_MOST_TOKENS,
			  &w->prompt, d) !=
		    STATUS_OK ||
	    json_get_size(&at, "gen", 1, WORKLOAD_MOST_TOKENS, &w->gen,
			  d) !=
		    STATUS_OK ||
	    json_get_quantity(&at, "element_bytes", QUANTITY_BYTES,
			      JSON_POSITIVE, &w->element_bytes, d) !=
		    STATUS_OK)
		return STATUS_INVALID;
	if (w->element_bytes != WORKLOAD_FP16_BYTES)
		return json_fail(&at, "element_bytes", d,
				 "found %g, expected 2 (fp16)",
				 w->element_bytes);
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

static enum status parse_decisions(const struct json *top,
				   const struct workload *w,
				   struct plan *plan, struct diag *d)
{
	static const char *const keys[] = { "schema", "policy", "prefetch",
					    "whole_sequence", "split" };
	size_t least = 0, most = PLAN_MOST_PREFETCH;
	const char *found, *policy;
	struct json at;

	if (json_get_object(top, "plan", &at, d) != STATUS_OK ||
	    json_only_keys(&at, keys, 5, d) != STATUS_OK ||
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
	if (plan->policy->prefetch_rule == PREFETCH_FIXED)
		least = most = plan->policy->prefetch;
	if (json_get_size(&at, "prefetch", least, most, &plan->prefetch,
			  d) != STATUS_OK ||
	    json_get_bool(&at, "whole_sequence", &plan->whole_sequence,
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
