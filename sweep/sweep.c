/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fingerprint.h"
#include "base/xalloc.h"
#include "evaluate/case.h"
#include "model/profile.h"

struct sweep sweep_new(void)
{
	struct sweep s = { .request = request_new() };

	s.request.auto_allowed = true;
	s.space.seed = 1;
	s.uncertain.draws = 200;
	return s;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum status sweep_option(struct sweep *s, size_t index, const char *text,
			 struct diag *d)
{
	const char *name = request_spec(index).name;
	size_t size = strlen(name) + strlen(text) + 2;
	char *given = xcalloc(size, 1);
	bool several = (index == CASE_MODEL || index == CASE_HARDWARE ||
			index == CASE_POLICY) && strchr(text, ',') != NULL;
	enum status st;

	snprintf(given, size, "%s=%s", name, text);
	st = several ? sweep_space_vary(&s->space, given, d)
		     : request_option(&s->request, index, text, d);
	if (st != STATUS_OK || several) {
		free(given);
		return st;
	}
	s->given = xrealloc_array(s->given, s->ngiven + 1, sizeof *s->given);
	s->given[s->ngiven++] = given;
	return STATUS_OK;
}

/* The axis that varies what has one value for each `kind`, and which name. */
static struct sweep_axis *find_axis(struct sweep *s, enum sweep_kind kind,
				    size_t *name)
{
	for (size_t i = 0; i < s->space.naxes; i++)
		for (size_t k = 0; k < s->space.axes[i].nnames; k++)
			if (s->space.axes[i].names[k].kind == kind) {
				*name = k;
				return &s->space.axes[i];
			}
	return NULL;
}

/* Load `text` as entry `i` of a list. */
typedef enum status load_entry(struct sweep *s, const char *text, size_t i,
			       struct diag *d);

static enum status load_model(struct sweep *s, const char *text, size_t i,
			      struct diag *d)
{
	s->models = xrealloc_array(s->models, i + 1, sizeof *s->models);
	s->nmodels = i + 1;
	return llm_load(text, &s->models[i], d);
}

static enum status load_machine(struct sweep *s, const char *text, size_t i,
				struct diag *d)
{
	struct case_request r = s->request;

	s->machines = xrealloc_array(s->machines, i + 1, sizeof *s->machines);
	s->machines[i] = (struct sweep_machine){ .text = NULL };
	s->nmachines = i + 1;
	r.hardware = text;
	return case_hardware(&r, &s->machines[i].text,
			     &s->machines[i].hardware, d);
}

static enum status load_policy(struct sweep *s, const char *text, size_t i,
			       struct diag *d)
{
	struct case_request r = s->request;

	s->policies = xrealloc_array(s->policies, i + 1, sizeof *s->policies);
	s->npolicies = i + 1;
	r.policy = text;
	return request_policy(&r, &s->policies[i], d);
}

/* An entry for each value of the axis, or one for what is given. */
static enum status load_list(struct sweep *s, enum sweep_kind kind,
			     const char *given, load_entry *load,
			     struct diag *d)
{
	size_t name;
	struct sweep_axis *a = find_axis(s, kind, &name);
	enum status st = STATUS_OK;

	if (a == NULL)
		return load(s, given, 0, d);
	for (size_t i = 0; i < a->n && st == STATUS_OK; i++) {
		struct sweep_value *v = &a->values[i * a->nnames + name];

		v->index = i;
		st = load(s, v->text, i, d);
	}
	return st == STATUS_OK
		? st : diag_prefix(d, st, "--vary %s", a->names[name].text);
}

/* What is varied counts as given; what is both would mean nothing. */
/* Whether "set=NAME=..." is among the options. */
static bool is_set(const struct sweep *s, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < s->ngiven; i++)
		if (strncmp(s->given[i], "set=", 4) == 0 &&
		    strncmp(s->given[i] + 4, name, n) == 0 &&
		    s->given[i][4 + n] == '=')
			return true;
	return false;
}

static enum status check_given(struct sweep *s, struct diag *d)
{
	struct case_request r = s->request;
	size_t name;
	enum status st;

	for (size_t i = 0; i < sweep_space_names(&s->space); i++) {
		const struct sweep_name *n = sweep_space_name(&s->space, i);

		if (n->kind == SWEEP_FIGURE && is_set(s, n->text))
			return diag_fail(d, STATUS_USAGE, "--set %s cannot be "
					 "used with --vary %s", n->text,
					 n->text);
		if (n->kind == SWEEP_FIGURE || n->kind == SWEEP_FIELD)
			continue;
		if (r.given[n->option])
			return diag_fail(d, STATUS_USAGE, "--%s cannot be used "
					 "with --vary %s",
					 request_spec(n->option).name,
					 n->text);
		r.given[n->option] = true;
	}
	if (find_axis(s, SWEEP_POLICY, &name) == NULL) {
		const struct policy *policy;

		st = request_policy(&r, &policy, d);
		return st == STATUS_OK ? case_check(&r, policy, d) : st;
	}
	/* where policies differ, what one does not take is its rows' error */
	memset(r.given + CASE_POLICY, 0,
	       (CASE_OPTIONS - CASE_POLICY) * sizeof r.given[0]);
	return case_check(&r, NULL, d);
}

/* A key that config.json does not have would change nothing. */
static enum status check_fields(const struct sweep *s, struct diag *d)
{
	for (size_t i = 0; i < sweep_space_names(&s->space); i++) {
		const struct sweep_name *n = sweep_space_name(&s->space, i);

		for (size_t m = 0; m < s->nmodels && n->kind == SWEEP_FIELD;
		     m++) {
			cJSON *config = llm_json(&s->models[m]);
			char keys[256] = "";
			bool found = false;

			for (const cJSON *v = config->child; v; v = v->next) {
				size_t len = strlen(keys);

				found |= strcmp(v->string,
						sweep_name_key(n)) == 0;
				if (!cJSON_IsString(v))
					snprintf(keys + len,
						 sizeof keys - len, "%s%s",
						 len ? ", " : "", v->string);
			}
			cJSON_Delete(config);
			if (!found)
				return diag_fail(d, STATUS_USAGE, "--vary: "
						 "found '%s', expected a key "
						 "of %s: %s", n->text,
						 s->models[m].name, keys);
		}
	}
	return STATUS_OK;
}

static enum status check_objective(const struct sweep *s, struct diag *d)
{
	bool any = false;

	for (size_t i = 0; i < s->npolicies; i++)
		any |= s->policies[i] == NULL;
	if (s->has_objective && !any)
		return diag_fail(d, STATUS_USAGE, "--objective needs --policy "
				 "auto, which chooses by it");
	if (s->objective == SWEEP_LEAST_DECODE && !s->simulate)
		return diag_fail(d, STATUS_USAGE, "--objective: decode_s is "
				 "for --simulate");
	return STATUS_OK;
}

/* What would have no effect. */
static enum status check_random(const struct sweep *s, struct diag *d)
{
	bool draws = s->uncertain.nvaried > 0;

	if (s->has_draws && !draws)
		return diag_fail(d, STATUS_USAGE, "--draws is for "
				 "--uncertain");
	if (s->has_seed && !draws && s->space.sample != SWEEP_LHS)
		return diag_fail(d, STATUS_USAGE, "--seed needs --sample "
				 "lhs:N or --uncertain: without them nothing "
				 "is drawn");
	return STATUS_OK;
}

enum status sweep_load(struct sweep *s, const char *columns, struct diag *d)
{
	enum status st = sweep_space_finish(&s->space, d);

	if (s->ngiven > 0)
		qsort(s->given, s->ngiven, sizeof *s->given, compare);
	if (st == STATUS_OK)
		st = check_random(s, d);
	if (st == STATUS_OK)
		st = check_given(s, d);
	if (st == STATUS_OK)
		st = load_list(s, SWEEP_POLICY, s->request.policy,
			       load_policy, d);
	if (st == STATUS_OK)
		st = check_objective(s, d);
	if (st == STATUS_OK)
		st = load_list(s, SWEEP_MODEL, s->request.model, load_model,
			       d);
	if (st == STATUS_OK)
		st = load_list(s, SWEEP_HARDWARE, s->request.hardware,
			       load_machine, d);
	if (st == STATUS_OK)
		st = check_fields(s, d);
	if (st == STATUS_OK)
		st = sweep_uncertain_check(&s->uncertain, s->simulate, d);
	for (size_t i = 0; i < s->nmachines && st == STATUS_OK; i++)
		st = sweep_uncertain_check_machine(
			&s->uncertain, &s->machines[i].hardware, d);
	if (st == STATUS_OK)
		st = sweep_columns_choose(&s->columns, columns, &s->space,
					  s->simulate,
					  s->uncertain.nvaried > 0, d);
	return st;
}

void sweep_clear(struct sweep *s)
{
	for (size_t i = 0; i < s->ngiven; i++)
		free(s->given[i]);
	free(s->given);
	for (size_t i = 0; i < s->nmachines; i++) {
		free(s->machines[i].text);
		hardware_clear(&s->machines[i].hardware);
	}
	free(s->machines);
	free(s->models);
	free(s->policies);
	sweep_uncertain_clear(&s->uncertain);
	sweep_columns_clear(&s->columns);
	sweep_space_clear(&s->space);
	request_clear(&s->request);
	*s = (struct sweep){ .ngiven = 0 };
}

/* The same JSON data, the same print. */
static void add_input(cJSON *to, const char *name, cJSON *data)
{
	char hash[FINGERPRINT_SIZE], *text = cJSON_PrintUnformatted(data);
	cJSON *o = cJSON_CreateObject();

	fingerprint_text(text, hash);
	cJSON_free(text);
	cJSON_Delete(data);
	cJSON_AddStringToObject(o, "name", name);
	cJSON_AddStringToObject(o, "fnv1a", hash);
	cJSON_AddItemToArray(to, o);
}

/* "batch+prompt=8:512,16:1024", as it was understood. */
static cJSON *axis_json(const struct sweep_axis *a)
{
	cJSON *o = cJSON_CreateObject(), *names, *values;

	names = cJSON_AddArrayToObject(o, "names");
	for (size_t i = 0; i < a->nnames; i++)
		cJSON_AddItemToArray(names,
				     cJSON_CreateString(a->names[i].text));
	if (a->ranges) {
		cJSON_AddNumberToObject(o, "low", a->low);
		cJSON_AddNumberToObject(o, "high", a->high);
		cJSON_AddBoolToObject(o, "logarithmic", a->logarithmic);
	}
	values = cJSON_AddArrayToObject(o, "values");
	for (size_t i = 0; i < a->n * a->nnames; i++)
		cJSON_AddItemToArray(values,
				     cJSON_CreateString(a->values[i].text));
	return o;
}

cJSON *sweep_identity(const struct sweep *s)
{
	static const char *const samples[] = { "grid", "lhs", "sobol" };
	cJSON *o = cJSON_CreateObject(), *list;

	list = cJSON_AddArrayToObject(o, "options");
	for (size_t i = 0; i < s->ngiven; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(s->given[i]));
	list = cJSON_AddArrayToObject(o, "vary");
	for (size_t i = 0; i < s->space.naxes; i++)
		cJSON_AddItemToArray(list, axis_json(&s->space.axes[i]));
	cJSON_AddStringToObject(o, "sample", samples[s->space.sample]);
	cJSON_AddNumberToObject(o, "seed", (double)s->space.seed);
	cJSON_AddNumberToObject(o, "points", (double)s->space.points);
	cJSON_AddBoolToObject(o, "simulate", s->simulate);
	cJSON_AddStringToObject(o, "objective",
				sweep_point_objectives[s->objective]);
	cJSON_AddItemToObject(o, "uncertain",
			      sweep_uncertain_json(&s->uncertain));
	list = cJSON_AddArrayToObject(o, "models");
	for (size_t i = 0; i < s->nmodels; i++)
		add_input(list, s->models[i].name, llm_json(&s->models[i]));
	list = cJSON_AddArrayToObject(o, "hardware");
	for (size_t i = 0; i < s->nmachines; i++)
		add_input(list, s->machines[i].hardware.name,
			  cJSON_Parse(s->machines[i].text));
	cJSON_AddItemToObject(o, "columns", sweep_columns_json(&s->columns));
	cJSON_AddStringToObject(o, "format", s->format == SWEEP_CSV
						     ? "csv" : "json_lines");
	return o;
}
