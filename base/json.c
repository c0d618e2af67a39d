/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/nearest.h"

enum { PATH_SIZE = 160 };

static void write_path(const struct json *at, char *path, size_t size)
{
	size_t len;

	if (at->parent == NULL) {
		path[0] = '\0';
		return;
	}
	write_path(at->parent, path, size);
	len = strlen(path);
	if (at->key == NULL)
		snprintf(path + len, size - len, "[%zu]", at->index);
	else
		snprintf(path + len, size - len, "%s%.64s", len ? "." : "",
			 at->key);
}

enum status json_fail(const struct json *at, const char *key, struct diag *d,
		      const char *fmt, ...)
{
	const struct json member = { .parent = at, .key = key };
	char path[PATH_SIZE];
	va_list ap;

	write_path(key ? &member : at, path, sizeof path);
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof d->text, fmt, ap);
	va_end(ap);
	if (path[0] == '\0') {
		diag_one_line(d);
		return STATUS_INVALID;
	}
	return diag_prefix(d, STATUS_INVALID, "%s", path);
}

static const char *type_name(const cJSON *v)
{
	if (cJSON_IsNull(v))
		return "null";
	if (cJSON_IsBool(v))
		return "a truth value";
	if (cJSON_IsNumber(v))
		return "a number";
	if (cJSON_IsString(v))
		return "a text";
	return cJSON_IsArray(v) ? "an array" : "an object";
}

static enum status syntax_error(const char *text, const char *at,
				struct diag *d)
{
	size_t line = 1, column = 1;

	for (const char *p = text; p < at; p++, column++)
		if (*p == '\n') {
			line++;
			column = 0;
		}
	if (*at == '\0')
		return diag_fail(d, STATUS_INVALID,
				 "line %zu, column %zu: the JSON text ends "
				 "too early", line, column);
	return diag_fail(d, STATUS_INVALID,
			 "line %zu, column %zu: not JSON near '%.12s'", line,
			 column, at);
}

/* Readers disagree on which of two equal names counts, so neither does. */
static enum status refuse_duplicates(const struct json *at, struct diag *d)
{
	enum status s = STATUS_OK;
	size_t i = 0;

	for (const cJSON *v = at->node->child; v != NULL && s == STATUS_OK;
	     v = v->next, i++) {
		const struct json child = { .node = v, .parent = at,
					    .key = v->string, .index = i };

		if (v->string != NULL &&
		    cJSON_GetObjectItemCaseSensitive(at->node, v->string) !=
			    v)
			return json_fail(at, v->string, d,
					 "this name stands twice");
		s = refuse_duplicates(&child, d);
	}
	return s;
}

enum status json_parse(const char *text, cJSON **doc, struct json *top,
		       struct diag *d)
{
	const char *end = text;
	cJSON *root = cJSON_ParseWithOpts(text, &end, 1);

	if (root == NULL)
		return syntax_error(text, end, d);
	if (!cJSON_IsObject(root)) {
		diag_fail(d, STATUS_INVALID,
			  "found %s, expected a JSON object",
			  type_name(root));
		cJSON_Delete(root);
		return STATUS_INVALID;
	}
	if (refuse_duplicates(&(struct json){ .node = root }, d) !=
	    STATUS_OK) {
		cJSON_Delete(root);
		return STATUS_INVALID;
	}
	*doc = root;
	*top = (struct json){ .node = root };
	return STATUS_OK;
}

static const cJSON *member(const struct json *obj, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(obj->node, key);
}

bool json_has(const struct json *obj, const char *key)
{
	const cJSON *v = member(obj, key);

	return v != NULL && !cJSON_IsNull(v);
}

static enum status wrong_type(const struct json *obj, const char *key,
			      const cJSON *v, const char *expected,
			      struct diag *d)
{
	if (v == NULL)
		return json_fail(obj, key, d, "missing, expected %s",
				 expected);
	if (cJSON_IsString(v))
		return json_fail(obj, key, d, "found '%.60s', expected %s",
				 v->valuestring, expected);
	return json_fail(obj, key, d, "found %s, expected %s", type_name(v),
			 expected);
}

enum status json_get_object(const struct json *obj, const char *key,
			    struct json *out, struct diag *d)
{
	const cJSON *v = member(obj, key);

	if (!cJSON_IsObject(v))
		return wrong_type(obj, key, v, "an object", d);
	*out = (struct json){ .node = v, .parent = obj, .key = key };
	return STATUS_OK;
}

enum status json_get_array(const struct json *obj, const char *key,
			   struct json *out, struct diag *d)
{
	const cJSON *v = member(obj, key);

	if (!cJSON_IsArray(v))
		return wrong_type(obj, key, v, "an array", d);
	*out = (struct json){ .node = v, .parent = obj, .key = key };
	return STATUS_OK;
}

enum status json_get_string(const struct json *obj, const char *key,
			    const char **out, struct diag *d)
{
	const cJSON *v = member(obj, key);

	if (!cJSON_IsString(v))
		return wrong_type(obj, key, v, "a text", d);
	*out = v->valuestring;
	return STATUS_OK;
}

enum status json_get_bool(const struct json *obj, const char *key, bool *out,
			  struct diag *d)
{
	const cJSON *v = member(obj, key);

	if (!cJSON_IsBool(v))
		return wrong_type(obj, key, v, "true or false", d);
	*out = cJSON_IsTrue(v);
	return STATUS_OK;
}

/* `v` as a whole number in [min, max]; the message names obj's key or, with
 * no key, obj itself. */
static enum status whole_number(const struct json *obj, const char *key,
				const cJSON *v, size_t min, size_t max,
				size_t *out, struct diag *d)
{
	char expected[96];
	double x;

	snprintf(expected, sizeof expected, "a whole number from %zu to %zu",
		 min, max);
	if (!cJSON_IsNumber(v))
		return wrong_type(obj, key, v, expected, d);
	x = v->valuedouble;
	if (!(x >= (double)min && x <= (double)max) || x != floor(x))
		return json_fail(obj, key, d, "found %.10g, expected %s", x,
				 expected);
	*out = (size_t)x;
	return STATUS_OK;
}

enum status json_get_size(const struct json *obj, const char *key, size_t min,
			  size_t max, size_t *out, struct diag *d)
{
	return whole_number(obj, key, member(obj, key), min, max, out, d);
}

enum status json_get_quantity(const struct json *obj, const char *key,
			      enum quantity q, enum json_sign sign,
			      double *out, struct diag *d)
{
	const cJSON *v = member(obj, key);
	const char *kind = cJSON_IsString(v) ? "" : " or a text";
	char expected[64];
	double x;

	snprintf(expected, sizeof expected, "a number%s such as '%s'", kind,
		 quantity_example(q));
	if (cJSON_IsNumber(v))
		x = v->valuedouble;
	else if (!cJSON_IsString(v) ||
		 quantity_parse(v->valuestring, q, &x, d) != STATUS_OK)
		return wrong_type(obj, key, v, expected, d);
	if (!isfinite(x) || (sign == JSON_POSITIVE && x <= 0.0) ||
	    (sign == JSON_NOT_NEGATIVE && x < 0.0))
		return json_fail(obj, key, d,
				 "found %g, expected a finite number%s", x,
				 sign == JSON_POSITIVE ? " > 0" :
				 sign == JSON_NOT_NEGATIVE ? " >= 0" : "");
	*out = x;
	return STATUS_OK;
}

size_t json_length(const struct json *arr)
{
	return (size_t)cJSON_GetArraySize(arr->node);
}

enum status json_node_size(const struct json *arr, const cJSON *node,
			   size_t i, size_t min, size_t max, size_t *out,
			   struct diag *d)
{
	const struct json at = { .node = node, .parent = arr, .index = i };

	return whole_number(&at, NULL, node, min, max, out, d);
}

enum status json_only_keys(const struct json *obj, const char *const *keys,
			   size_t n, struct diag *d)
{
	for (const cJSON *v = obj->node->child; v != NULL; v = v->next) {
		const char *near;
		size_t i = 0;

		while (i < n && strcmp(v->string, keys[i]) != 0)
			i++;
		if (i < n)
			continue;
		near = nearest_name(v->string, keys, n);
		if (near == NULL)
			return json_fail(obj, v->string, d, "unknown name");
		return json_fail(obj, v->string, d,
				 "unknown name, the nearest is '%s'", near);
	}
	return STATUS_OK;
}

void json_print(const cJSON *json, FILE *out)
{
	char *text = cJSON_Print(json);

	fprintf(out, "%s\n", text);
	cJSON_free(text);
}

enum status json_write(const char *path, const cJSON *json, struct diag *d)
{
	struct file_writer w;
	enum status s = file_create(path, &w, d);

	if (s != STATUS_OK)
		return s;
	json_print(json, w.stream);
	return file_commit(&w, d);
}
