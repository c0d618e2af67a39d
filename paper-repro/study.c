/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/xalloc.h"
#include "evaluate/request.h"
#include "paper-repro/fact.h"

static const char *const side_keys[STUDY_SIDES] = { "options", "subject",
						     "against" };

size_t reproduce_study_rows(const struct study *s)
{
	size_t n = 1;

	for (size_t i = 0; i < s->naxes; i++)
		n *= s->axes[i].n;
	return n;
}

/* Rows from one choice of axis `axis` to the next. */
static size_t stride(const struct study *s, size_t axis)
{
	size_t n = 1;

	for (size_t i = axis + 1; i < s->naxes; i++)
		n *= s->axes[i].n;
	return n;
}

size_t reproduce_study_choice(const struct study *s, size_t row, size_t axis)
{
	return row / stride(s, axis) % s->axes[axis].n;
}

size_t reproduce_study_with(const struct study *s, size_t row, size_t axis,
			    size_t choice)
{
	size_t step = stride(s, axis);

	return row - step * reproduce_study_choice(s, row, axis) +
	       step * choice;
}

bool reproduce_study_at(const struct study *s, const struct study_place *p,
			size_t row)
{
	for (size_t i = 0; i < s->naxes; i++)
		if (p->at[i] != STUDY_ANY &&
		    p->at[i] != reproduce_study_choice(s, row, i))
			return false;
	return true;
}

size_t reproduce_study_axis(const struct study *s, const char *name)
{
	for (size_t i = 0; i < s->naxes; i++)
		if (strcmp(s->axes[i].name, name) == 0)
			return i;
	return STUDY_ANY;
}

size_t reproduce_study_choice_named(const struct study *s, size_t axis,
				    const char *name)
{
	for (size_t i = 0; i < s->axes[axis].n; i++)
		if (strcmp(s->axes[axis].choices[i].name, name) == 0)
			return i;
	return STUDY_ANY;
}

size_t reproduce_study_metric(const struct study *s, const char *key)
{
	for (size_t i = 0; i < s->nmetrics; i++)
		if (strcmp(s->metrics[i]->key, key) == 0)
			return i;
	return STUDY_ANY;
}

static enum status find_option(const struct json *at, const char *name,
			       size_t *out, struct diag *d)
{
	const char *names[CASE_OPTIONS], *near;

	for (size_t i = 0; i < CASE_OPTIONS; i++) {
		names[i] = request_spec(i).name;
		if (strcmp(names[i], name) == 0) {
			*out = i;
			return STATUS_OK;
		}
	}
	near = nearest_name(name, names, CASE_OPTIONS);
	return json_fail(at, NULL, d, "found '%.40s', expected an option of "
			 "'kvplan plan'%s%s", name,
			 near ? ", the nearest is " : "", near ? near : "");
}

static void add_option(struct study_options *o, size_t option,
		       const char *value)
{
	o->list = xrealloc_array(o->list, o->n + 1, sizeof *o->list);
	o->list[o->n++] = (struct study_option){ option, value };
}

/* {"batch": "64", "set": ["a=b", "c=d"]}: all values are texts. */
static enum status read_options(const struct json *at, const char *key,
				struct study_options *out, struct diag *d)
{
	struct json o;

	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_object(at, key, &o, d) != STATUS_OK)
		return STATUS_INVALID;
	for (const cJSON *v = o.node->child; v != NULL; v = v->next) {
		size_t option;

		if (find_option(&o, v->string, &option, d) != STATUS_OK)
			return STATUS_INVALID;
		if (cJSON_IsString(v)) {
			add_option(out, option, v->valuestring);
			continue;
		}
		if (!cJSON_IsArray(v))
			return json_fail(&o, v->string, d,
					 "expected a text or a list of texts");
		for (const cJSON *e = v->child; e != NULL; e = e->next) {
			if (!cJSON_IsString(e))
				return json_fail(&o, v->string, d, "expected "
						 "a list of texts");
			add_option(out, option, e->valuestring);
		}
	}
	return STATUS_OK;
}

static enum status read_sides(const struct json *at, struct study_options *out,
			      struct diag *d)
{
	enum status s = STATUS_OK;

	for (size_t i = 0; i < STUDY_SIDES && s == STATUS_OK; i++)
		s = read_options(at, side_keys[i], &out[i], d);
	return s;
}

static enum status get_title(const struct json *at, const char *name,
			     const char **title, struct diag *d)
{
	*title = name;
	return json_has(at, "title") ? json_get_string(at, "title", title, d)
				     : STATUS_OK;
}

static enum status read_choice(const struct json *at, struct study_choice *c,
			       struct diag *d)
{
	static const char *const keys[] = { "name", "title", "source",
		"options", "subject", "against", "bundle", "departs",
		"value" };

	c->value = NAN;
	if (json_only_keys(at, keys, 9, d) != STATUS_OK ||
	    (json_has(at, "value") &&
	     json_get_quantity(at, "value", QUANTITY_NUMBER, JSON_POSITIVE,
			       &c->value, d) != STATUS_OK) ||
	    json_get_string(at, "name", &c->name, d) != STATUS_OK ||
	    get_title(at, c->name, &c->title, d) != STATUS_OK ||
	    (json_has(at, "source") &&
	     json_get_string(at, "source", &c->source, d) != STATUS_OK) ||
	    (json_has(at, "bundle") &&
	     json_get_bool(at, "bundle", &c->bundle, d) != STATUS_OK) ||
	    (json_has(at, "departs") &&
	     json_get_bool(at, "departs", &c->departs, d) != STATUS_OK))
		return STATUS_INVALID;
	return read_sides(at, c->options, d);
}

static enum status read_choices(const struct json *at, struct study_axis *a,
				struct diag *d)
{
	struct json list;
	size_t i = 0;

	if (json_get_array(at, "choices", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	a->choices = xcalloc(json_length(&list) + 1, sizeof *a->choices);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (read_choice(&one, &a->choices[a->n++], d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

/* "values": each of option `name` of the axis. */
static enum status read_values(const struct json *at, struct study_axis *a,
			       struct diag *d)
{
	struct json list;
	size_t option;

	if (json_get_array(at, "values", &list, d) != STATUS_OK ||
	    find_option(at, a->name, &option, d) != STATUS_OK)
		return STATUS_INVALID;
	a->choices = xcalloc(json_length(&list) + 1, sizeof *a->choices);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		struct study_choice *c = &a->choices[a->n++];

		if (!cJSON_IsString(v))
			return json_fail(at, "values", d,
					 "expected a list of texts");
		c->name = c->title = v->valuestring;
		add_option(&c->options[STUDY_BOTH], option, c->name);
	}
	return STATUS_OK;
}

static enum status read_between(const struct json *at,
				struct study_continuous *c, struct diag *d)
{
	static const char *const keys[] = { "set", "unit", "one" };
	struct json o;

	if (!json_has(at, "continuous"))
		return STATUS_OK;
	if (json_get_object(at, "continuous", &o, d) != STATUS_OK ||
	    json_only_keys(&o, keys, 3, d) != STATUS_OK ||
	    json_get_string(&o, "set", &c->set, d) != STATUS_OK ||
	    json_get_string(&o, "unit", &c->unit, d) != STATUS_OK)
		return STATUS_INVALID;
	return json_get_quantity(&o, "one", QUANTITY_NUMBER, JSON_POSITIVE,
				 &c->one, d);
}

static enum status read_axis(const struct json *at, struct study_axis *a,
			     struct diag *d)
{
	static const char *const keys[] = { "name", "title", "choices",
					    "values", "continuous" };
	enum status s;

	if (json_only_keys(at, keys, 5, d) != STATUS_OK ||
	    json_get_string(at, "name", &a->name, d) != STATUS_OK ||
	    get_title(at, a->name, &a->title, d) != STATUS_OK ||
	    read_between(at, &a->between, d) != STATUS_OK)
		return STATUS_INVALID;
	a->machine = strcmp(a->name, "machine") == 0;
	s = json_has(at, "values") ? read_values(at, a, d)
				   : read_choices(at, a, d);
	if (s != STATUS_OK)
		return s;
	if (a->n == 0)
		return json_fail(at, NULL, d, "found no choice, expected one "
				 "or more");
	for (size_t i = 1; i < a->n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(a->choices[i].name, a->choices[k].name) ==
			    0)
				return json_fail(at, NULL, d, "two choices "
						 "are named '%.40s'",
						 a->choices[i].name);
	return STATUS_OK;
}

static enum status read_axes(const struct json *at, const struct json *shared,
			     struct study *s, struct diag *d)
{
	struct json list, common;
	size_t i = 0;

	if (json_get_array(at, "axes", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) > STUDY_MOST_AXES)
		return json_fail(at, "axes", d, "found %zu, expected %d at "
				 "most", json_length(&list), STUDY_MOST_AXES);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };
		const struct json *from = &one;

		if (cJSON_IsString(v)) {
			if (json_get_object(shared, v->valuestring, &common,
					    d) != STATUS_OK)
				return STATUS_INVALID;
			from = &common;
		} else if (!cJSON_IsObject(v)) {
			return json_fail(&one, NULL, d, "expected an object "
					 "or the name of a shared axis");
		}
		if (read_axis(from, &s->axes[s->naxes++], d) != STATUS_OK)
			return STATUS_INVALID;
	}
	s->machine = reproduce_study_axis(s, "machine");
	return STATUS_OK;
}

static enum status read_metrics(const struct json *at, struct study *s,
				struct diag *d)
{
	struct json list;

	if (json_get_array(at, "metrics", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) < 1 || json_length(&list) > STUDY_MOST_METRICS)
		return json_fail(at, "metrics", d, "found %zu, expected 1 to "
				 "%d", json_length(&list), STUDY_MOST_METRICS);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const char *key = cJSON_GetStringValue(v);
		const struct metric **m = &s->metrics[s->nmetrics];

		if (reproduce_metric_find(key ? key : "", m, d) != STATUS_OK) {
			struct diag why = *d;

			return json_fail(at, "metrics", d, "%.200s", why.text);
		}
		if ((*m)->relative && !s->compares)
			return json_fail(at, "metrics", d, "%s needs "
					 "\"against\" options", (*m)->key);
		s->nmetrics++;
	}
	return STATUS_OK;
}

static enum status read_facts(const struct json *at, struct study *s,
			      struct diag *d)
{
	static const char *const keys[] = { "at", "metric", "value",
		"confidence", "source", "note", "rounding" };
	struct json list;
	size_t i = 0;

	if (!json_has(at, "paper"))
		return STATUS_OK;
	if (json_get_array(at, "paper", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	s->facts = xcalloc(json_length(&list) + 1, sizeof *s->facts);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };
		struct study_fact *f = &s->facts[s->nfacts++];
		const char *metric;

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (json_only_keys(&one, keys, 7, d) != STATUS_OK ||
		    json_get_string(&one, "metric", &metric, d) !=
			    STATUS_OK ||
		    reproduce_fact_place(s, &one, "at", &f->place, d) !=
			    STATUS_OK)
			return STATUS_INVALID;
		f->metric = reproduce_study_metric(s, metric);
		if (f->metric == STUDY_ANY)
			return json_fail(&one, "metric", d, "found '%.40s', "
					 "expected a metric of the study",
					 metric);
		if (reproduce_fact_read(&one, s->metrics[f->metric]->quantity,
					 f, d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

/* Whether a subject is held against something. */
static bool compares(const struct study *s)
{
	if (s->options[STUDY_AGAINST].n > 0)
		return true;
	for (size_t i = 0; i < s->naxes; i++)
		for (size_t k = 0; k < s->axes[i].n; k++)
			if (s->axes[i].choices[k].options[STUDY_AGAINST].n >
			    0)
				return true;
	return false;
}

enum status reproduce_study_read(const struct json *at,
				 const struct json *shared, struct study *out,
				 struct diag *d)
{
	static const char *const keys[] = { "name", "title", "options",
		"subject", "against", "axes", "metrics", "paper", "column" };

	*out = (struct study){ .machine = STUDY_ANY, .column = "simulated" };
	if (json_only_keys(at, keys, 9, d) != STATUS_OK ||
	    (json_has(at, "column") &&
	     json_get_string(at, "column", &out->column, d) != STATUS_OK) ||
	    json_get_string(at, "name", &out->name, d) != STATUS_OK ||
	    json_get_string(at, "title", &out->title, d) != STATUS_OK ||
	    read_sides(at, out->options, d) != STATUS_OK ||
	    read_axes(at, shared, out, d) != STATUS_OK)
		return STATUS_INVALID;
	out->compares = compares(out);
	if (read_metrics(at, out, d) != STATUS_OK)
		return STATUS_INVALID;
	return read_facts(at, out, d);
}

static void clear_options(struct study_options *o)
{
	for (size_t i = 0; i < STUDY_SIDES; i++)
		free(o[i].list);
}

void reproduce_study_clear(struct study *s)
{
	clear_options(s->options);
	for (size_t i = 0; i < s->naxes; i++) {
		for (size_t k = 0; k < s->axes[i].n; k++)
			clear_options(s->axes[i].choices[k].options);
		free(s->axes[i].choices);
	}
	free(s->facts);
	*s = (struct study){ .machine = STUDY_ANY };
}
