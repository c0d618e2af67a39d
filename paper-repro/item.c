/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/resource.h"
#include "base/xalloc.h"
#include "paper-repro/fact.h"

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

static enum status find_study(const struct json *at, const struct item *item,
			      size_t *out, struct diag *d)
{
	const char *name;

	if (json_get_string(at, "study", &name, d) != STATUS_OK)
		return STATUS_INVALID;
	for (*out = 0; *out < item->nstudies; (*out)++)
		if (strcmp(item->studies[*out].name, name) == 0)
			return STATUS_OK;
	return json_fail(at, "study", d, "found '%.40s', expected the name of "
			 "a study", name);
}

static enum status find_metric(const struct json *at, const char *key,
			       const struct study *s, const char *name,
			       size_t *out, struct diag *d)
{
	*out = reproduce_study_metric(s, name);
	if (*out == STUDY_ANY)
		return json_fail(at, key, d, "found '%.40s', expected a "
				 "metric of study %s", name, s->name);
	return STATUS_OK;
}

static enum status find_axis(const struct json *at, const char *key,
			     const struct study *s, const char *name,
			     size_t *out, struct diag *d)
{
	*out = reproduce_study_axis(s, name);
	if (*out == STUDY_ANY)
		return json_fail(at, key, d, "found '%.40s', expected an axis "
				 "of study %s", name, s->name);
	return STATUS_OK;
}

static enum status get_axis(const struct json *at, const char *key,
			    const struct study *s, size_t *out,
			    struct diag *d)
{
	const char *name;

	*out = STUDY_ANY;
	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_string(at, key, &name, d) != STATUS_OK)
		return STATUS_INVALID;
	return find_axis(at, key, s, name, out, d);
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

		if (find_axis(at, "x", s, name ? name : "", &f->x[f->nx++],
			      d) != STATUS_OK)
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
		"headline" };
	struct item_figure *f = &item->figures[item->nfigures];
	const struct study *s;
	const char *metric, *kind;

	if (json_only_keys(at, keys, 10, d) != STATUS_OK ||
	    json_get_string(at, "name", &f->name, d) != STATUS_OK ||
	    json_get_string(at, "title", &f->title, d) != STATUS_OK ||
	    find_study(at, item, &f->study, d) != STATUS_OK)
		return STATUS_INVALID;
	s = &item->studies[f->study];
	if (json_get_string(at, "metric", &metric, d) != STATUS_OK ||
	    find_metric(at, "metric", s, metric, &f->metric, d) !=
		    STATUS_OK ||
	    json_get_string(at, "kind", &kind, d) != STATUS_OK ||
	    get_axis(at, "panel", s, &f->panel, d) != STATUS_OK ||
	    get_axis(at, "series", s, &f->series, d) != STATUS_OK ||
	    read_x(at, s, f, d) != STATUS_OK ||
	    reproduce_fact_place(s, at, "at", &f->place, d) != STATUS_OK ||
	    get_headline(at, item, &f->headline, d) != STATUS_OK)
		return STATUS_INVALID;
	f->lines = strcmp(kind, "lines") == 0;
	if (!f->lines && strcmp(kind, "bars") != 0)
		return json_fail(at, "kind", d, "found '%.40s', expected bars "
				 "or lines", kind);
	item->nfigures++;
	return check_axes(at, s, f, d);
}

static enum status read_part_metrics(const struct json *at,
				     const struct study *s,
				     const struct item_headline *h,
				     struct item_part *p, struct diag *d)
{
	struct json list;
	size_t n = 0;

	if (json_get_array(at, "metrics", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) != h->ndefinitions)
		return json_fail(at, "metrics", d, "found %zu, expected %zu: "
				 "one for each definition",
				 json_length(&list), h->ndefinitions);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const char *name = cJSON_GetStringValue(v);

		if (find_metric(at, "metrics", s, name ? name : "",
				&p->metric[n++], d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status read_part(const struct json *at, const struct study *s,
			     const struct item_headline *h,
			     struct item_part *p, struct diag *d)
{
	static const char *const keys[] = { "title", "at", "metrics",
					    "paper" };
	struct json paper;

	if (json_only_keys(at, keys, 4, d) != STATUS_OK ||
	    json_get_string(at, "title", &p->title, d) != STATUS_OK ||
	    reproduce_fact_place(s, at, "at", &p->place, d) != STATUS_OK ||
	    read_part_metrics(at, s, h, p, d) != STATUS_OK ||
	    json_get_object(at, "paper", &paper, d) != STATUS_OK)
		return STATUS_INVALID;
	return reproduce_fact_read(&paper,
				    s->metrics[p->metric[0]]->quantity,
				    &p->paper, d);
}

static enum status read_parts(const struct json *at, const struct study *s,
			      struct item_headline *h, struct diag *d)
{
	struct json list;
	size_t i = 0;

	if (json_get_array(at, "parts", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) > ITEM_MOST_PARTS)
		return json_fail(at, "parts", d, "found %zu, expected %d at "
				 "most", json_length(&list), ITEM_MOST_PARTS);
	h->parts = xcalloc(json_length(&list) + 1, sizeof *h->parts);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (read_part(&one, s, h, &h->parts[h->nparts++], d) !=
		    STATUS_OK)
			return STATUS_INVALID;
	}
	if (h->nparts == 0)
		return json_fail(at, "parts", d, "expected one or more");
	return STATUS_OK;
}

/* Names of axes, or titles: a list of texts. */
static enum status read_texts(const struct json *at, const char *key,
			      const char **out, size_t most, size_t *n,
			      struct diag *d)
{
	struct json list;

	*n = 0;
	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_array(at, key, &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) > most)
		return json_fail(at, key, d, "found %zu, expected %zu at most",
				 json_length(&list), most);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		if (!cJSON_IsString(v))
			return json_fail(at, key, d,
					 "expected a list of texts");
		out[(*n)++] = v->valuestring;
	}
	return STATUS_OK;
}

static enum status read_definitions(const struct json *at,
				    struct item_headline *h, struct diag *d)
{
	size_t more;

	if (read_texts(at, "definitions", h->definitions,
		       ITEM_MOST_DEFINITIONS, &h->nstated, d) != STATUS_OK)
		return STATUS_INVALID;
	if (h->nstated == 0)
		h->definitions[h->nstated++] = "";
	if (read_texts(at, "redefinitions", h->definitions + h->nstated,
		       ITEM_MOST_DEFINITIONS - h->nstated, &more, d) !=
	    STATUS_OK)
		return STATUS_INVALID;
	h->ndefinitions = h->nstated + more;
	return STATUS_OK;
}

static enum status read_headline(const struct json *at, struct item *item,
				 struct diag *d)
{
	static const char *const keys[] = { "name", "title", "note", "study",
		"definitions", "redefinitions", "ordered", "best_over",
		"parts" };
	struct item_headline *h = &item->headlines[item->nheadlines++];
	const char *best[STUDY_MOST_AXES];
	const struct study *s;
	size_t n, axis;

	if (json_only_keys(at, keys, 9, d) != STATUS_OK ||
	    json_get_string(at, "name", &h->name, d) != STATUS_OK ||
	    json_get_string(at, "title", &h->title, d) != STATUS_OK ||
	    (json_has(at, "note") &&
	     json_get_string(at, "note", &h->note, d) != STATUS_OK) ||
	    find_study(at, item, &h->study, d) != STATUS_OK ||
	    read_definitions(at, h, d) != STATUS_OK ||
	    (json_has(at, "ordered") &&
	     json_get_bool(at, "ordered", &h->ordered, d) != STATUS_OK) ||
	    read_texts(at, "best_over", best, STUDY_MOST_AXES, &n, d) !=
		    STATUS_OK)
		return STATUS_INVALID;
	s = &item->studies[h->study];
	for (size_t i = 0; i < n; i++) {
		if (find_axis(at, "best_over", s, best[i], &axis, d) !=
		    STATUS_OK)
			return STATUS_INVALID;
		h->best_over[axis] = true;
	}
	return read_parts(at, s, h, d);
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
		"figures", "headlines", "findings" };
	const char *schema;

	if (json_get_string(top, "schema", &schema, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(schema, ITEM_SCHEMA) != 0)
		return json_fail(top, "schema", d, "found '%.40s', expected "
				 "'" ITEM_SCHEMA "'", schema);
	if (json_only_keys(top, keys, 6, d) != STATUS_OK ||
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
	    read_list(top, "headlines", item, read_headline, d) !=
		    STATUS_OK ||
	    read_list(top, "figures", item, read_figure, d) != STATUS_OK ||
	    check_names(top, item, d) != STATUS_OK)
		return STATUS_INVALID;
	return read_texts(top, "findings", item->findings,
			  length(top, "findings"), &item->nfindings, d);
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
