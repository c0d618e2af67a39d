/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json.h - typed reads from a JSON document, with the path in each message.
 *
 * cJSON parses; this adds what a user needs when a file is wrong: where
 * ("link.h2d.latency_s"), what was found, what was expected, and the nearest
 * valid name.  A `struct json` is a cursor: plain data on the stack that
 * borrows the document and its parent cursor.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "base/quantity.h"

struct json {
	const cJSON *node;
	const struct json *parent;	/* NULL at the top */
	const char *key;		/* NULL for an array's element */
	size_t index;			/* of an array's element */
};

/* Which values of a number are meaningful. */
enum json_sign { JSON_ANY, JSON_NOT_NEGATIVE, JSON_POSITIVE };

/**
 * Parse `text`, which must be one JSON object, into a document that the
 * caller releases with cJSON_Delete(), and a cursor `*top` on it.
 * STATUS_INVALID with line and column where the text is not JSON, or with
 * the path of a name that stands twice in one object.
 */
MUST_CHECK enum status json_parse(const char *text, cJSON **doc,
				  struct json *top, struct diag *d);

/** Whether `obj` has the member `key` with a value other than null. */
bool json_has(const struct json *obj, const char *key);

/**
 * The member `key` of `obj` into `*out`, by type.  STATUS_INVALID if it is
 * missing or of another type or range.  Strings are borrowed from the
 * document.  A quantity is a number [SI] or a text with a unit.
 */
MUST_CHECK enum status json_get_object(const struct json *obj,
				       const char *key, struct json *out,
				       struct diag *d);
MUST_CHECK enum status json_get_array(const struct json *obj, const char *key,
				      struct json *out, struct diag *d);
MUST_CHECK enum status json_get_string(const struct json *obj,
				       const char *key, const char **out,
				       struct diag *d);
MUST_CHECK enum status json_get_bool(const struct json *obj, const char *key,
				     bool *out, struct diag *d);
MUST_CHECK enum status json_get_size(const struct json *obj, const char *key,
				     size_t min, size_t max, size_t *out,
				     struct diag *d);
MUST_CHECK enum status json_get_quantity(const struct json *obj,
					 const char *key, enum quantity q,
					 enum json_sign sign, double *out,
					 struct diag *d);

/** Number of elements of the array `arr`. */
size_t json_length(const struct json *arr);

/**
 * `node`, element `i` of the array `arr`, as a whole number in [min, max].
 * Walk `arr->node->child` and its `next`: a look-up by index takes as long
 * as the index is high.
 */
MUST_CHECK enum status json_node_size(const struct json *arr,
				      const cJSON *node, size_t i, size_t min,
				      size_t max, size_t *out,
				      struct diag *d);

/**
 * STATUS_INVALID, naming the nearest valid one, if `obj` has a member that
 * is not among the `n` `keys`.
 */
MUST_CHECK enum status json_only_keys(const struct json *obj,
				      const char *const *keys, size_t n,
				      struct diag *d);

/** Print `json` and a line end to `out`. */
void json_print(const cJSON *json, FILE *out);

/** The same into the file `path`, file_create(). */
MUST_CHECK enum status json_write(const char *path, const cJSON *json,
				  struct diag *d);

/** Fail with "PATH.key: MESSAGE"; `key` may be NULL for `at` itself. */
enum status json_fail(const struct json *at, const char *key, struct diag *d,
		      const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
