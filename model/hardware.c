/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/hardware.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "base/xalloc.h"

static const char schema[] = "kvplan-hardware-1";

/* Wide bounds that still catch a slipped unit ("26" for "26 GB/s"). */
#define RATE_MIN 1e6
#define RATE_MAX 1e18
#define BYTES_MIN 1e6
#define BYTES_MAX 1e18

#define FIELD(path, meaning, quantity, member, required, min, max) \
	{ path, meaning, quantity, offsetof(struct hardware, member), \
	  required, min, max }

static const struct hardware_field fields[] = {
	FIELD("gpu.flop_per_s", "fp16 dense peak", QUANTITY_FLOP_PER_S,
	      flop_per_s, true, RATE_MIN, 1e21),
	FIELD("gpu.gemm_derate", "achieved share of it, large GEMM",
	      QUANTITY_NUMBER, gemm_derate, true, 1e-4, 1.0),
	FIELD("gpu.hbm_bytes_per_s", "device memory bandwidth",
	      QUANTITY_BYTES_PER_S, hbm_bytes_per_s, true, RATE_MIN,
	      RATE_MAX),
	FIELD("gpu.hbm_derate", "achieved share of it", QUANTITY_NUMBER,
	      hbm_derate, true, 1e-4, 1.0),
	FIELD("gpu.memory_bytes", "device memory", QUANTITY_BYTES,
	      memory_bytes, true, BYTES_MIN, BYTES_MAX),
	FIELD("gpu.launch_s", "overhead of a kernel", QUANTITY_SECONDS,
	      launch_s, true, 0.0, 1.0),
	FIELD("link.h2d.bytes_per_s", "host to GPU, pinned",
	      QUANTITY_BYTES_PER_S, h2d.bytes_per_s, true, RATE_MIN,
	      RATE_MAX),
	FIELD("link.h2d.latency_s", "before its first byte",
	      QUANTITY_SECONDS, h2d.latency_s, true, 0.0, 1.0),
	FIELD("link.h2d.pageable_bytes_per_s", "host to GPU, pageable",
	      QUANTITY_BYTES_PER_S, h2d.pageable_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("link.d2h.bytes_per_s", "GPU to host, pinned",
	      QUANTITY_BYTES_PER_S, d2h.bytes_per_s, true, RATE_MIN,
	      RATE_MAX),
	FIELD("link.d2h.latency_s", "before its first byte",
	      QUANTITY_SECONDS, d2h.latency_s, true, 0.0, 1.0),
	FIELD("link.d2h.pageable_bytes_per_s", "GPU to host, pageable",
	      QUANTITY_BYTES_PER_S, d2h.pageable_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("link.duplex_bytes_per_s", "limit of both directions together",
	      QUANTITY_BYTES_PER_S, duplex_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.memory_bytes", "host memory", QUANTITY_BYTES,
	      host_memory_bytes, false, BYTES_MIN, BYTES_MAX),
	FIELD("host.root_bytes_per_s", "copies of all GPUs together",
	      QUANTITY_BYTES_PER_S, host_root_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.memory_bytes_per_s", "host memory: copies and CPU",
	      QUANTITY_BYTES_PER_S, host_memory_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
	FIELD("host.attention_bytes_per_s", "KV that the CPU attends to",
	      QUANTITY_BYTES_PER_S, host_attention_bytes_per_s, false,
	      RATE_MIN, RATE_MAX),
	FIELD("host.copy_bytes_per_s", "one thread, pageable to pinned",
	      QUANTITY_BYTES_PER_S, host_copy_bytes_per_s, false, RATE_MIN,
	      RATE_MAX),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

const struct hardware_field *hardware_fields(size_t *n)
{
	*n = FIELDS;
	return fields;
}

double *hardware_figure(struct hardware *hw, const struct hardware_field *f)
{
	return (double *)(void *)((char *)hw + f->offset);
}

static enum status check_range(const struct hardware_field *f, double value,
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
				const struct hardware_field *f,
				struct hardware *hw, struct diag *d)
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
	*hardware_figure(hw, f) = value;
	return STATUS_OK;
}

static const struct hardware_field *find_field(const char *path)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].path, path) == 0)
			return &fields[i];
	return NULL;
}

static bool is_folder(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < FIELDS; i++)
		if (strncmp(fields[i].path, path, len) == 0 &&
		    fields[i].path[len] == '.')
			return true;
	return false;
}

static enum status unknown_field(const char *path, struct diag *d)
{
	const char *paths[FIELDS], *near;

	for (size_t i = 0; i < FIELDS; i++)
		paths[i] = fields[i].path;
	near = nearest_name(path, paths, FIELDS);
	return diag_fail(d, STATUS_UNKNOWN,
			 "%.80s: unknown figure%s%s", path,
			 near ? ", the nearest is " : "", near ? near : "");
}

/* Refuse members of `obj`, which stands at `prefix`, that no field names. */
static enum status check_known(const cJSON *obj, const char *prefix,
			       struct diag *d)
{
	static const char *const top[] = { "schema", "name", "title", "kind",
					   "note" };
	char path[PATH_SIZE];
	enum status s = STATUS_OK;

	for (const cJSON *v = obj->child; v != NULL && s == STATUS_OK;
	     v = v->next) {
		bool known = false;

		for (size_t i = 0; i < 5 && prefix[0] == '\0'; i++)
			known = known || strcmp(v->string, top[i]) == 0;
		snprintf(path, sizeof path, "%s%s%.64s", prefix,
			 prefix[0] ? "." : "", v->string);
		if (known)
			continue;
		/* a dot in a name is not a path, however it reads */
		if (strchr(v->string, '.') == NULL && is_folder(path))
			s = cJSON_IsObject(v) ? check_known(v, path, d)
					      : STATUS_OK;
		else if (strchr(v->string, '.') != NULL ||
			 find_field(path) == NULL)
			s = unknown_field(path, d);
	}
	return s == STATUS_OK ? s : STATUS_INVALID;
}

static enum status parse_header(const struct json *top, struct hardware *hw,
				struct diag *d)
{
	const char *found, *name, *title, *kind;

	if (json_get_string(top, "schema", &found, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(found, schema) != 0)
		return json_fail(top, "schema", d,
				 "found '%.40s', expected '%s'", found,
				 schema);
	if (json_get_string(top, "name", &name, d) != STATUS_OK ||
	    json_get_string(top, "title", &title, d) != STATUS_OK ||
	    json_get_string(top, "kind", &kind, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(kind, "data_sheet") != 0)
		return json_fail(top, "kind", d,
				 "found '%.40s', expected 'data_sheet'",
				 kind);
	snprintf(hw->name, sizeof hw->name, "%s", name);
	snprintf(hw->title, sizeof hw->title, "%s", title);
	text_clean(hw->name);
	text_clean(hw->title);
	return STATUS_OK;
}

enum status hardware_parse(const char *json, struct hardware *out,
			   struct diag *d)
{
	struct hardware hw = { 0 };
	struct json top;
	enum status s;
	cJSON *doc;

	s = json_parse(json, &doc, &top, d);
	if (s != STATUS_OK)
		return s;
	s = parse_header(&top, &hw, d);
	if (s == STATUS_OK)
		s = check_known(top.node, "", d);
	for (size_t i = 0; i < FIELDS && s == STATUS_OK; i++)
		s = parse_figure(&top, &fields[i], &hw, d);
	cJSON_Delete(doc);
	if (s == STATUS_OK)
		*out = hw;
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

enum status hardware_set(char **json, const char *path, const char *text,
			 struct diag *d)
{
	const struct hardware_field *f = find_field(path);
	cJSON *doc, *figure;
	char *printed;
	double value;
	enum status s;

	if (f == NULL)
		return unknown_field(path, d);
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

void hardware_describe(const char *json, struct table *t)
{
	struct hardware hw;
	struct diag d;
	cJSON *doc = cJSON_Parse(json);
	enum status s = hardware_parse(json, &hw, &d);

	assert(doc != NULL && s == STATUS_OK);
	(void)s;
	for (size_t i = 0; i < FIELDS; i++) {
		const cJSON *figure = figure_at(doc, fields[i].path);
		char value[QUANTITY_SIZE];

		table_text(t, fields[i].path);
		if (figure == NULL) {
			table_empty(t);
			table_empty(t);
			table_text(t, "not stated");
			continue;
		}
		quantity_format(*hardware_figure(&hw, &fields[i]),
				fields[i].quantity, value);
		table_text(t, value);
		table_text(t, text_of(figure, "confidence"));
		table_text(t, text_of(figure, "source"));
	}
	cJSON_Delete(doc);
}

size_t hardware_unsure(const char *json, const char **paths)
{
	cJSON *doc = cJSON_Parse(json);
	size_t n = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		const cJSON *figure = figure_at(doc, fields[i].path);
		const char *sure = figure ? text_of(figure, "confidence") : "";

		if (strcmp(sure, "recalled") == 0 ||
		    strcmp(sure, "guessed") == 0)
			paths[n++] = fields[i].path;
	}
	cJSON_Delete(doc);
	return n;
}

double hardware_gemm_flop_per_s(const struct hardware *hw)
{
	return hw->flop_per_s * hw->gemm_derate;
}

double hardware_hbm_bytes_per_s(const struct hardware *hw)
{
	return hw->hbm_bytes_per_s * hw->hbm_derate;
}

enum status hardware_use_pageable(char **json, struct diag *d)
{
	static const char *const directions[] = { "h2d", "d2h" };
	static const char key[] = "pageable_bytes_per_s";
	struct hardware hw;
	enum status s = hardware_parse(*json, &hw, d);
	cJSON *doc, *link;
	char *printed;

	if (s != STATUS_OK)
		return s;
	doc = cJSON_Parse(*json);
	link = cJSON_GetObjectItemCaseSensitive(doc, "link");
	for (size_t i = 0; i < 2 && s == STATUS_OK; i++) {
		cJSON *at = cJSON_GetObjectItemCaseSensitive(link,
							     directions[i]);
		const cJSON *figure =
			cJSON_GetObjectItemCaseSensitive(at, key);

		if (!cJSON_IsObject(figure))
			s = diag_fail(d, STATUS_INVALID,
				      "%s: link.%s.%s is not stated, so "
				      "pageable host memory cannot be "
				      "modelled", hw.name, directions[i],
				      key);
		else
			replace(at, "bytes_per_s",
				cJSON_Duplicate(figure, 1));
	}
	if (s == STATUS_OK) {
		printed = cJSON_PrintUnformatted(doc);
		free(*json);
		*json = xstrdup(printed);
		cJSON_free(printed);
	}
	cJSON_Delete(doc);
	return s;
}
