/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/resource.h"
#include "base/xalloc.h"
#include "paper-repro/claim.h"
#include "paper-repro/fact.h"
#include "paper-repro/find.h"

/* Elements of array `key`, each an object, through `read`. */
typedef enum status reader(const struct json *at, struct item *item,
			   struct diag *d);

static enum status read_list(const struct json *top, const char *key,
			     struct item *item, reader *read,
			     struct diag *d)
{
	struct json list;
	size_t i = 0;

	if (!json_has(top, key))
		return STATUS_OK;
	if (json_get_array(top, key, &list, d) != STATUS_OK)
		return STATUS_INVALID;
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (read(&one, item, d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status read_x(const struct json *at, const struct study *s,
			  struct item_figure *f, struct diag *d)
{
	struct json list;

	if (json_get_array(at, "x", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) < 1 || json_length(&list) > ITEM_MOST_X)
		return json_fail(at, "x", d, "found %zu axes, expected 1 to "
				 "%d", json_length(&list), ITEM_MOST_X);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const char *name = cJSON_GetStringValue(v);

		if (reproduce_find_axis(at, "x", s, name ? name : "",
					&f->x[f->nx++], d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

/* Each axis is drawn, or held at one choice. */
static enum status check_axes(const struct json *at, const struct study *s,
			      const struct item_figure *f, struct diag *d)
{
	for (size_t i = 0; i < s->naxes; i++) {
		bool drawn = i == f->panel || i == f->series;

		for (size_t k = 0; k < f->nx; k++)
			drawn = drawn || i == f->x[k];
		if (!drawn && f->place.at[i] == STUDY_ANY &&
		    s->axes[i].n > 1)
			return json_fail(at, NULL, d, "axis %.40s is neither "
					 "drawn nor in \"at\"",
					 s->axes[i].name);
	}
	return STATUS_OK;
}

/* Headlines are read before. */
static enum status get_headline(const struct json *at, const struct item *item,
				size_t *out, struct diag *d)
{
	const char *name;

	*out = STUDY_ANY;
	if (!json_has(at, "headline"))
		return STATUS_OK;
	if (json_get_string(at, "headline", &name, d) != STATUS_OK)
		return STATUS_INVALID;
	for (*out = 0; *out < item->nheadlines; (*out)++)
		if (strcmp(item->headlines[*out].name, name) == 0)
			return STATUS_OK;
	return json_fail(at, "headline", d, "found '%.40s', expected the name "
			 "of a headline", name);
}

static enum status read_figure(const struct json *at, struct item *item,
			       struct diag *d)
{
	static const char *const keys[] = { "name", "title", "study",
		"metric", "kind", "panel", "series", "x", "at",
		"headline", "log_x", "own_scales" };
	struct item_figure *f = &item->figures[item->nfigures];
	const struct study *s;
	const char *metric, *kind;

	if (json_only_keys(at, keys, 12, d) != STATUS_OK ||
	    json_get_string(at, "name", &f->name, d) != STATUS_OK ||
	    json_get_string(at, "title", &f->title, d) != STATUS_OK ||
	    reproduce_find_study(at, item, &f->study, d) != STATUS_OK)
		return STATUS_INVALID;
	s = &item->studies[f->study];
	if (json_get_string(at, "metric", &metric, d) != STATUS_OK ||
	    reproduce_find_metric(at, "metric", s, metric, &f->metric, d) !=
		    STATUS_OK ||
	    json_get_string(at, "kind", &kind, d) != STATUS_OK ||
	    reproduce_find_own_axis(at, "panel", s, &f->panel, d) !=
		    STATUS_OK ||
	    reproduce_find_own_axis(at, "series", s, &f->series, d) !=
		    STATUS_OK ||
	    read_x(at, s, f, d) != STATUS_OK ||
	    reproduce_fact_place(s, at, "at", &f->place, d) != STATUS_OK ||
	    (json_has(at, "log_x") &&
	     json_get_bool(at, "log_x", &f->log_x, d) != STATUS_OK) ||
	    (json_has(at, "own_scales") &&
	     json_get_bool(at, "own_scales", &f->own_scales, d) !=
		     STATUS_OK) ||
	    get_headline(at, item, &f->headline, d) != STATUS_OK)
		return STATUS_INVALID;
	f->lines = strcmp(kind, "lines") == 0;
	if (!f->lines && strcmp(kind, "bars") != 0)
		return json_fail(at, "kind", d, "found '%.40s', expected bars "
				 "or lines", kind);
	item->nfigures++;
	return check_axes(at, s, f, d);
}

static size_t length(const struct json *top, const char *key)
{
	return (size_t)cJSON_GetArraySize(
		cJSON_GetObjectItemCaseSensitive(top->node, key));
}

static enum status read_studies(const struct json *top,
				const struct json *shared, struct item *item,
				struct diag *d)
{
	struct json list;
	size_t i = 0;

	if (json_get_array(top, "studies", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (reproduce_study_read(&one, shared,
					 &item->studies[item->nstudies++],
					 d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static const char *picture_name(const struct item *item, size_t i)
{
	return i < item->nfigures
		? item->figures[i].name
		: item->headlines[i - item->nfigures].name;
}

/* Figures and headlines are drawn into files of their names. */
static enum status check_names(const struct json *top,
			       const struct item *item, struct diag *d)
{
	for (size_t i = 1; i < item->nfigures + item->nheadlines; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(picture_name(item, i),
				   picture_name(item, k)) == 0)
				return json_fail(top, NULL, d, "two figures or "
						 "headlines are named '%.40s'",
						 picture_name(item, i));
	return STATUS_OK;
}

static enum status read_item(const struct json *top,
			     const struct json *shared, struct item *item,
			     struct diag *d)
{
	static const char *const keys[] = { "schema", "title", "studies",
		"figures", "headlines", "effect", "findings" };
	const char *schema;

	if (json_get_string(top, "schema", &schema, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(schema, ITEM_SCHEMA) != 0)
		return json_fail(top, "schema", d, "found '%.40s', expected "
				 "'" ITEM_SCHEMA "'", schema);
	if (json_only_keys(top, keys, 7, d) != STATUS_OK ||
	    (json_has(top, "effect") &&
	     json_get_string(top, "effect", &item->effect, d) != STATUS_OK) ||
	    json_get_string(top, "title", &item->title, d) != STATUS_OK)
		return STATUS_INVALID;
	item->studies = xcalloc(length(top, "studies") + 1,
				sizeof *item->studies);
	item->figures = xcalloc(length(top, "figures") + 1,
				sizeof *item->figures);
	item->headlines = xcalloc(length(top, "headlines") + 1,
				  sizeof *item->headlines);
	item->findings = xcalloc(length(top, "findings") + 1,
				 sizeof *item->findings);
	if (read_studies(top, shared, item, d) != STATUS_OK ||
	    read_list(top, "headlines", item, reproduce_claim_read, d) !=
		    STATUS_OK ||
	    read_list(top, "figures", item, read_figure, d) != STATUS_OK ||
	    check_names(top, item, d) != STATUS_OK)
		return STATUS_INVALID;
	return reproduce_find_texts(top, "findings", item->findings,
				    length(top, "findings"),
				    &item->nfindings, d);
}

enum status reproduce_item_parse(const struct json *shared, const char *name,
				 const char *json, struct item *out,
				 struct diag *d)
{
	struct item item = { .name = name };
	struct json top;
	enum status s = json_parse(json, &item.doc, &top, d);

	if (s == STATUS_OK)
		s = read_item(&top, shared, &item, d);
	if (s != STATUS_OK) {
		reproduce_item_clear(&item);
		return s;
	}
	*out = item;
	return STATUS_OK;
}

enum status reproduce_item_load(const struct item_index *x, const char *name,
				struct item *out, struct diag *d)
{
	char file[160], *text, *readme;
	const char *near;
	size_t i = 0;
	enum status s;

	while (i < x->n && strcmp(x->names[i], name) != 0)
		i++;
	if (i == x->n) {
		near = nearest_name(name, x->names, x->n);
		return diag_fail(d, STATUS_UNKNOWN, "unknown item '%.40s'%s%s; "
				 "'kvplan list items' prints all", name,
				 near ? ", the nearest is " : "",
				 near ? near : "");
	}
	snprintf(file, sizeof file, "paper-repro/%.80s/README.md", name);
	s = resource_read(file, &readme, d);
	if (s != STATUS_OK)
		return s;
	snprintf(file, sizeof file, "paper-repro/%.80s/item.json", name);
	s = resource_read(file, &text, d);
	if (s == STATUS_OK) {
		s = reproduce_item_parse(&x->shared, x->names[i], text, out,
					 d);
		free(text);
		if (s != STATUS_OK)
			diag_prefix(d, s, "%s", file);
	}
	if (s == STATUS_OK)
		out->text = readme;
	else
		free(readme);
	return s;
}

void reproduce_item_clear(struct item *item)
{
	for (size_t i = 0; i < item->nstudies; i++)
		reproduce_study_clear(&item->studies[i]);
	for (size_t i = 0; i < item->nheadlines; i++)
		free(item->headlines[i].parts);
	free(item->studies);
	free(item->figures);
	free(item->headlines);
	free(item->findings);
	free(item->text);
	cJSON_Delete(item->doc);
	*item = (struct item){ 0 };
}
