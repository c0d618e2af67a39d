/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/figures.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/xalloc.h"

double *figures_value(void *holder, const struct figure *f)
{
	return (double *)(void *)((char *)holder + f->offset);
}

static enum status check_range(const struct figure *f, double value,
			       struct diag *d)
{
	char found[QUANTITY_SIZE], min[QUANTITY_SIZE], max[QUANTITY_SIZE];

	if (value >= f->min && value <= f->max)
		return STATUS_OK;
	quantity_format(value, f->quantity, found);
	quantity_format(f->min, f->quantity, min);
	quantity_format(f->max, f->quantity, max);
	return diag_fail(d, STATUS_INVALID,
			 "%s: found %s, expected %s to %s", f->path, found,
			 min, max);
}

/* Where a figure's value comes from and how sure that is. */
static enum status check_origin(const struct json *figure, struct diag *d)
{
	static const char *const keys[] = { "value", "source", "confidence",
					    "note" };
	static const char *const sure[] = { "measured", "quoted", "derived",
					    "recalled", "guessed" };
	const char *source, *confidence;

	if (json_only_keys(figure, keys, 4, d) != STATUS_OK ||
	    json_get_string(figure, "source", &source, d) != STATUS_OK ||
	    json_get_string(figure, "confidence", &confidence, d) !=
		    STATUS_OK)
		return STATUS_INVALID;
	if (source[0] == '\0')
		return json_fail(figure, "source", d,
				 "found an empty text, expected where the "
				 "figure comes from");
	for (size_t i = 0; i < 5; i++)
		if (strcmp(confidence, sure[i]) == 0)
			return STATUS_OK;
	return json_fail(figure, "confidence", d,
			 "found '%.40s', expected measured, quoted, derived, "
			 "recalled or guessed", confidence);
}

enum { DEPTH = 4, PATH_SIZE = 96 };

/*
 * Read the figure of `f`, following its path down from `top`.  A missing
 * figure that is not required leaves its member 0.
 */
static enum status parse_figure(const struct json *top,
				const struct figure *f,
				void *out, struct diag *d)
{
	struct json at[DEPTH] = { *top };
	char names[PATH_SIZE], *key = names, *dot;
	size_t depth = 0;
	double value;

	snprintf(names, sizeof names, "%s", f->path);
	for (;;) {
		dot = strchr(key, '.');
		if (dot != NULL)
			*dot = '\0';
		assert(depth + 1 < DEPTH);
		if (!f->required && !json_has(&at[depth], key))
			return STATUS_OK;
		if (json_get_object(&at[depth], key, &at[depth + 1], d) !=
		    STATUS_OK)
			return STATUS_INVALID;
		depth++;
		if (dot == NULL)
			break;
		key = dot + 1;
	}
	if (check_origin(&at[depth], d) != STATUS_OK ||
	    json_get_quantity(&at[depth], "value", f->quantity, JSON_ANY,
			      &value, d) != STATUS_OK ||
	    check_range(f, value, d) != STATUS_OK)
		return STATUS_INVALID;
	*figures_value(out, f) = value;
	return STATUS_OK;
}

static const struct figure *find_field(const struct figures *set,
				       const char *path)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->fields[i].path, path) == 0)
			return &set->fields[i];
	return NULL;
}

static bool is_folder(const struct figures *set, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < set->n; i++)
		if (strncmp(set->fields[i].path, path, len) == 0 &&
		    set->fields[i].path[len] == '.')
			return true;
	return false;
}

static enum status unknown_field(const struct figures *set, const char *path,
				 struct diag *d)
{
	const char **paths = xcalloc(set->n, sizeof *paths), *near;

	for (size_t i = 0; i < set->n; i++)
		paths[i] = set->fields[i].path;
	near = nearest_name(path, paths, set->n);
	free(paths);
	return diag_fail(d, STATUS_UNKNOWN,
			 "%.80s: unknown figure%s%s", path,
			 near ? ", the nearest is " : "", near ? near : "");
}

/* Refuse members of `obj`, which stands at `prefix`, that no field names. */
static enum status check_known(const struct figures *set, const cJSON *obj,
			       const char *prefix, struct diag *d)
{
	const char *const top[] = { "schema", "name", "title", "kind", "note",
				    set->other_member ? set->other_member
						      : "note" };
	char path[PATH_SIZE];
	enum status s = STATUS_OK;

	for (const cJSON *v = obj->child; v != NULL && s == STATUS_OK;
	     v = v->next) {
		bool known = false;

		for (size_t i = 0; i < 6 && prefix[0] == '\0'; i++)
			known = known || strcmp(v->string, top[i]) == 0;
		snprintf(path, sizeof path, "%s%s%.64s", prefix,
			 prefix[0] ? "." : "", v->string);
		if (known)
			continue;
		/* a dot in a name is not a path, however it reads */
		if (strchr(v->string, '.') == NULL && is_folder(set, path))
			s = cJSON_IsObject(v) ? check_known(set, v, path, d)
					      : STATUS_OK;
		else if (strchr(v->string, '.') != NULL ||
			 find_field(set, path) == NULL)
			s = unknown_field(set, path, d);
	}
	return s == STATUS_OK ? s : STATUS_INVALID;
}

static enum status expect(const struct json *top, const char *key,
			  const char *expected, struct diag *d)
{
	const char *found;

	if (json_get_string(top, key, &found, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(found, expected) != 0)
		return json_fail(top, key, d, "found '%.40s', expected '%s'",
				 found, expected);
	return STATUS_OK;
}

/* One of the kinds, and its member if and only if it has one. */
static enum status check_kind(const struct json *top,
			      const struct figures *set, struct diag *d)
{
	const char *found;
	bool other;

	if (set->other_kind == NULL)
		return expect(top, "kind", set->kind, d);
	if (json_get_string(top, "kind", &found, d) != STATUS_OK)
		return STATUS_INVALID;
	other = strcmp(found, set->other_kind) == 0;
	if (!other && strcmp(found, set->kind) != 0)
		return json_fail(top, "kind", d,
				 "found '%.40s', expected '%s' or '%s'",
				 found, set->kind, set->other_kind);
	if (other == json_has(top, set->other_member))
		return STATUS_OK;
	return json_fail(top, set->other_member, d, other
				? "missing: kind is '%.40s'"
				: "found one, expected none: kind is '%.40s'",
			 found);
}

static enum status parse_header(const struct json *top,
				const struct figures *set, char *out,
				struct diag *d)
{
	const char *name, *title;

	if (expect(top, "schema", set->schema, d) != STATUS_OK ||
	    json_get_string(top, "name", &name, d) != STATUS_OK ||
	    json_get_string(top, "title", &title, d) != STATUS_OK ||
	    check_kind(top, set, d) != STATUS_OK)
		return STATUS_INVALID;
	snprintf(out + set->name, PROFILE_NAME_SIZE, "%s", name);
	snprintf(out + set->title, FIGURES_TITLE_SIZE, "%s", title);
	text_clean(out + set->name);
	text_clean(out + set->title);
	return STATUS_OK;
}

enum status figures_parse(const char *json, const struct figures *set,
			  void *out, struct diag *d)
{
	void *found;
	struct json top;
	enum status s;
	cJSON *doc;

	s = json_parse(json, &doc, &top, d);
	if (s != STATUS_OK)
		return s;
	found = xcalloc(1, set->size);
	s = parse_header(&top, set, found, d);
	if (s == STATUS_OK)
		s = check_known(set, top.node, "", d);
	for (size_t i = 0; i < set->n && s == STATUS_OK; i++)
		s = parse_figure(&top, &set->fields[i], found, d);
	cJSON_Delete(doc);
	if (s == STATUS_OK)
		memcpy(out, found, set->size);
	free(found);
	return s;
}

/* The object at `path` below `obj`, made where it is missing. */
static cJSON *make_figure(cJSON *obj, const char *path)
{
	char names[PATH_SIZE], *key = names, *dot;

	snprintf(names, sizeof names, "%s", path);
	for (; key != NULL; key = dot ? dot + 1 : NULL) {
		cJSON *child;

		dot = strchr(key, '.');
		if (dot != NULL)
			*dot = '\0';
		child = cJSON_GetObjectItemCaseSensitive(obj, key);
		if (!cJSON_IsObject(child)) {
			cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
			child = cJSON_AddObjectToObject(obj, key);
		}
		obj = child;
	}
	return obj;
}

static void replace(cJSON *obj, const char *key, cJSON *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
	cJSON_AddItemToObject(obj, key, value);
}

enum status figures_set(char **json, const struct figures *set,
			const char *path, const char *text, struct diag *d)
{
	const struct figure *f = find_field(set, path);
	cJSON *doc, *figure;
	char *printed;
	double value;
	enum status s;

	if (f == NULL)
		return unknown_field(set, path, d);
	s = quantity_parse(text, f->quantity, &value, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", path);
	s = check_range(f, value, d);
	if (s != STATUS_OK)
		return s;
	doc = cJSON_Parse(*json);
	if (doc == NULL)
		return diag_fail(d, STATUS_INVALID, "not a JSON text");
	figure = make_figure(doc, path);
	replace(figure, "value", cJSON_CreateNumber(value));
	replace(figure, "source", cJSON_CreateString("set by the user"));
	replace(figure, "confidence", cJSON_CreateString("guessed"));
	cJSON_DeleteItemFromObjectCaseSensitive(figure, "note");
	printed = cJSON_PrintUnformatted(doc);
	free(*json);
	*json = xstrdup(printed);
	cJSON_free(printed);
	cJSON_Delete(doc);
	return STATUS_OK;
}

/* The figure at `path` below `obj`, or NULL. */
static const cJSON *figure_at(const cJSON *obj, const char *path)
{
	char names[PATH_SIZE], *key = names, *dot;

	snprintf(names, sizeof names, "%s", path);
	for (; obj != NULL && key != NULL; key = dot ? dot + 1 : NULL) {
		dot = strchr(key, '.');
		if (dot != NULL)
			*dot = '\0';
		obj = cJSON_GetObjectItemCaseSensitive(obj, key);
	}
	return cJSON_IsObject(obj) ? obj : NULL;
}

static const char *text_of(const cJSON *figure, const char *key)
{
	const char *text = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(figure, key));

	return text ? text : "";
}

void figures_describe(const char *json, const struct figures *set,
		      struct table *t)
{
	void *found = xcalloc(1, set->size);
	struct diag d;
	cJSON *doc = cJSON_Parse(json);
	enum status s = figures_parse(json, set, found, &d);

	assert(doc != NULL && s == STATUS_OK);
	(void)s;
	for (size_t i = 0; i < set->n; i++) {
		const struct figure *f = &set->fields[i];
		const cJSON *figure = figure_at(doc, f->path);
		char value[QUANTITY_SIZE];

		table_text(t, f->path);
		if (figure == NULL) {
			table_empty(t);
			table_empty(t);
			table_text(t, "not stated");
			continue;
		}
		quantity_format(*figures_value(found, f), f->quantity, value);
		table_text(t, value);
		table_text(t, text_of(figure, "confidence"));
		table_text(t, text_of(figure, "source"));
	}
	cJSON_Delete(doc);
	free(found);
}

size_t figures_unsure(const char *json, const struct figures *set,
		      const char **paths)
{
	cJSON *doc = cJSON_Parse(json);
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		const char *path = set->fields[i].path;
		const cJSON *figure = figure_at(doc, path);
		const char *sure = figure ? text_of(figure, "confidence") : "";

		if (strcmp(sure, "recalled") == 0 ||
		    strcmp(sure, "guessed") == 0)
			paths[n++] = path;
	}
	cJSON_Delete(doc);
	return n;
}
