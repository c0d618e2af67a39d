/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/provenance.h"
#include "base/wrap.h"
#include "base/xalloc.h"
#include "model/pageable.h"
#include "model/profile.h"
#include "model/workload_json.h"
#include "schedule/plan_file.h"

void case_clear(struct decode_case *c)
{
	free(c->hardware_text);
	hardware_clear(&c->hardware);
	plan_clear(&c->plan);
	*c = (struct decode_case){ .has_plan = false };
}

static enum status apply_sets(const struct case_request *r,
			      struct decode_case *c, struct diag *d)
{
	for (size_t i = 0; i < r->nsets; i++) {
		char *path = xstrdup(r->sets[i]);
		char *value = strchr(path, '=');
		enum status s;

		*value++ = '\0';
		s = hardware_set(&c->hardware_text, path, value, d);
		free(path);
		if (s != STATUS_OK)
			return diag_prefix(d, diag_usage(s), "--set");
	}
	return STATUS_OK;
}

/* The hardware that `r` names, or else the text that a plan file gave. */
static enum status load_hardware(const struct case_request *r,
				 struct decode_case *c, struct diag *d)
{
	const char *from = r->hardware ? file_source(r->hardware)
				       : "the plan's hardware";
	enum status s;
	char *text;

	if (r->hardware != NULL) {
		s = profile_read(PROFILE_HARDWARE, r->hardware, &text, d);
		if (s != STATUS_OK)
			return s;
		free(c->hardware_text);
		c->hardware_text = text;
	}
	s = hardware_parse(c->hardware_text, &c->hardware, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", from);
	s = apply_sets(r, c, d);
	if (s == STATUS_OK && r->pageable)
		s = pageable_use(&c->hardware_text, d);
	hardware_clear(&c->hardware);
	if (s != STATUS_OK)
		return s;
	s = hardware_parse(c->hardware_text, &c->hardware, d);
	/* the profile alone was good: what --set made of it is not */
	if (s != STATUS_OK && r->nsets > 0)
		return diag_prefix(d, diag_usage(s), "--set");
	return s;
}

enum status case_hardware(const struct case_request *r, char **text,
			  struct hardware *out, struct diag *d)
{
	struct decode_case c = { .has_plan = false };
	enum status s = load_hardware(r, &c, d);

	if (s != STATUS_OK) {
		case_clear(&c);
		return s;
	}
	*text = c.hardware_text;
	*out = c.hardware;
	return STATUS_OK;
}

static enum status require(const struct case_request *r, struct diag *d)
{
	for (size_t i = CASE_MODEL; i <= CASE_GEN; i++)
		if (!r->given[i])
			return diag_fail(d, STATUS_USAGE,
					 "--%s %s is missing",
					 request_spec(i).name,
					 request_spec(i).argument);
	return STATUS_OK;
}

/* An option that would have no effect is a mistake, not a wish. */
static enum status check_decisions(const struct case_request *r,
				   const struct policy *policy,
				   struct diag *d)
{
	static const size_t about_split[] = { CASE_SPLIT, CASE_PROGRAM,
					      CASE_LIMIT };

	for (size_t i = 0; i < 3; i++)
		if (r->given[about_split[i]] && policy->split != SPLIT_OPEN)
			return diag_fail(d, STATUS_USAGE,
					 "--%s cannot be used with policy %s, "
					 "which decides the split itself",
					 request_spec(about_split[i]).name,
					 policy->name);
	for (size_t i = 0; i < DECISION_COUNT; i++)
		if (r->given[CASE_DECISIONS + i] &&
		    policy->rules[i].decider == DECIDED_BY_POLICY)
			return diag_fail(d, STATUS_USAGE,
					 "--%s cannot be used with policy %s, "
					 "which decides it itself",
					 decision_specs[i].option,
					 policy->name);
	if (r->given[CASE_SPLIT] && r->given[CASE_PROGRAM])
		return diag_fail(d, STATUS_USAGE,
				 "--program cannot be used with --split, "
				 "which leaves it nothing to choose");
	return STATUS_OK;
}

/* With "auto" no split is fixed: some policies decide it themselves. */
static enum status check_auto(const struct case_request *r, struct diag *d)
{
	if (!r->auto_allowed)
		return diag_fail(d, STATUS_USAGE,
				 "--policy auto is for plan and sweep");
	if (r->given[CASE_SPLIT])
		return diag_fail(d, STATUS_USAGE,
				 "--split cannot be used with --policy auto");
	return STATUS_OK;
}

enum status case_check(const struct case_request *r,
		       const struct policy *policy, struct diag *d)
{
	enum status s = require(r, d);

	if (s != STATUS_OK)
		return s;
	return policy == NULL ? check_auto(r, d)
			      : check_decisions(r, policy, d);
}

static enum status load_options(const struct case_request *r,
				struct decode_case *c, struct diag *d)
{
	enum status s = request_policy(r, &c->policy, d);

	if (s == STATUS_OK)
		s = case_check(r, c->policy, d);
	if (s != STATUS_OK)
		return s;
	c->workload = r->workload;
	c->planner = r->planner;
	s = llm_load(r->model, &c->model, d);
	if (s == STATUS_OK)
		s = diag_usage(workload_check(&c->workload, &c->model, d));
	return s;
}

/* A plan file already holds what the other options would say. */
static enum status load_plan(const struct case_request *r, const char *path,
			     struct decode_case *c, struct diag *d)
{
	enum status s;
	char *text;

	for (size_t i = 0; i < CASE_OPTIONS; i++)
		if (r->given[i] && i != CASE_HARDWARE &&
		    i != CASE_HOST_MEMORY && i != CASE_SET)
			return diag_fail(d, STATUS_USAGE,
					 "--%s cannot be used with the plan "
					 "file %s, which says it",
					 request_spec(i).name, path);
	s = file_read(path, &text, d);
	if (s != STATUS_OK)
		return s;
	s = plan_file_parse(text, &c->model, &c->workload, &c->plan,
			    &c->hardware_text, d);
	free(text);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", file_source(path));
	c->has_plan = true;
	c->policy = c->plan.policy;
	c->planner = (struct planner_options){
		.whole_sequence = c->plan.whole_sequence,
	};
	for (int i = 0; i < DECISION_COUNT; i++) {
		c->planner.fix[i] = true;
		c->planner.value[i] = c->plan.decision[i];
	}
	return STATUS_OK;
}

enum status case_load(const struct case_request *r, const char *plan_path,
		      struct decode_case *out, struct diag *d)
{
	struct decode_case c = { .has_plan = false };
	enum status s;

	s = plan_path ? load_plan(r, plan_path, &c, d)
		      : load_options(r, &c, d);
	if (s == STATUS_OK)
		s = load_hardware(r, &c, d);
	if (s != STATUS_OK) {
		case_clear(&c);
		return s;
	}
	*out = c;
	return STATUS_OK;
}

cJSON *case_provenance(const struct decode_case *c)
{
	cJSON *made_by = provenance_json();
	cJSON *model = llm_json(&c->model);
	cJSON *hardware = cJSON_Parse(c->hardware_text);

	provenance_add_json(made_by, "model", c->model.name, model);
	provenance_add_json(made_by, "hardware", c->hardware.name, hardware);
	cJSON_Delete(model);
	cJSON_Delete(hardware);
	return made_by;
}

void case_add_json(const struct decode_case *c, cJSON *json)
{
	cJSON_AddStringToObject(json, "model", c->model.name);
	cJSON_AddStringToObject(json, "hardware", c->hardware.name);
	cJSON_AddItemToObject(json, "workload",
			      workload_json(&c->workload));
	cJSON_AddItemToObject(json, "made_by", case_provenance(c));
}

/* "fp16", or what is stored in fewer bits. */
static void write_elements(const struct workload *w, FILE *out)
{
	const struct {
		const char *what;
		enum element type;
	} all[] = { { "weights", w->weights }, { "KV", w->kv },
		    { "activations", w->activations } };

	fputs(", fp16", out);
	for (size_t i = 0; i < 3; i++)
		if (element_is_quantised(all[i].type))
			fprintf(out, ", %s %s", all[i].what,
				element_names[all[i].type]);
}

void case_print_title(const struct decode_case *c, FILE *out)
{
	char *title = case_title(c);

	wrap_print(title, 80, out);
	fprintf(out, "%s (%s)\n", c->hardware.title, c->hardware.name);
	free(title);
}

char *case_title(const struct decode_case *c)
{
	const struct workload *w = &c->workload;
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	fprintf(out, "%s, batch %zu", c->model.name, w->batch);
	if (w->num_batches > 1)
		fprintf(out, " x %zu", w->num_batches);
	fprintf(out, ", prompt %zu, %zu tokens generated (%zu decode step%s)",
		w->prompt, w->gen, workload_steps(w),
		workload_steps(w) == 1 ? "" : "s");
	if (w->gpus > 1)
		fprintf(out, ", %zu GPUs", w->gpus);
	write_elements(w, out);
	xmemstream_close(out);
	return text;
}
