/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_edit.h - a JSON text with one thing changed, for tests of mistakes. */
#ifndef TESTS_JSON_EDIT_H
#define TESTS_JSON_EDIT_H

#include <cjson/cJSON.h>

/**
 * The value at `path` of `doc`, such as "gpu.launch_s", or `doc` itself at "";
 * the test fails if it is not there.
 */
cJSON *json_edit_at(cJSON *doc, const char *path);

/**
 * `json` with the member `key` of the object at `path` replaced by the JSON
 * text `value`, or without it if that is NULL.  The caller frees.
 */
char *json_edit(const char *json, const char *path, const char *key,
		const char *value);

#endif
