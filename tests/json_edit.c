/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/json_edit.h"

#include <stdio.h>
#include <string.h>

#include <check.h>

cJSON *json_edit_at(cJSON *doc, const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path, ".");
		char key[64];

		snprintf(key, sizeof key, "%.*s", (int)len, path);
		doc = cJSON_GetObjectItemCaseSensitive(doc, key);
		ck_assert_ptr_nonnull(doc);
		path += len + (path[len] == '.');
	}
	return doc;
}

char *json_edit(const char *json, const char *path, const char *key,
		const char *value)
{
	cJSON *doc = cJSON_Parse(json), *obj;
	char *printed, *text;

	ck_assert_ptr_nonnull(doc);
	obj = json_edit_at(doc, path);
	cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
	if (value != NULL) {
		cJSON *made = cJSON_Parse(value);

		ck_assert_ptr_nonnull(made);
		cJSON_AddItemToObject(obj, key, made);
	}
	printed = cJSON_PrintUnformatted(doc);
	text = strdup(printed);
	cJSON_free(printed);
	cJSON_Delete(doc);
	return text;
}
