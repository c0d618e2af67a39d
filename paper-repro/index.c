/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/resource.h"
#include "base/xalloc.h"

/* As many texts as the list `key` has; the caller frees `*out`. */
static enum status read_texts(const struct json *top, const char *key,
			      const char ***out, size_t *n, struct diag *d)
{
	struct json list;

	if (json_get_array(top, key, &list, d) != STATUS_OK)
		return STATUS_INVALID;
	*out = xcalloc(json_length(&list) + 1, sizeof **out);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		if (!cJSON_IsString(v))
			return json_fail(top, key, d,
					 "expected a list of texts");
		(*out)[(*n)++] = v->valuestring;
	}
	return STATUS_OK;
}

static enum status read_index(struct item_index *x, struct diag *d)
{
	static const char *const keys[] = { "schema", "items", "joint",
					    "axes" };
	const char *schema;

	if (json_only_keys(&x->top, keys, 4, d) != STATUS_OK ||
	    json_get_string(&x->top, "schema", &schema, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(schema, ITEM_INDEX_SCHEMA) != 0)
		return json_fail(&x->top, "schema", d, "found '%.40s', "
				 "expected '" ITEM_INDEX_SCHEMA "'", schema);
	if (json_get_object(&x->top, "axes", &x->shared, d) != STATUS_OK ||
	    read_texts(&x->top, "items", &x->names, &x->n, d) != STATUS_OK)
		return STATUS_INVALID;
	return read_texts(&x->top, "joint", &x->joint, &x->njoint, d);
}

enum status reproduce_index_load(struct item_index *out, struct diag *d)
{
	static const char file[] = "paper-repro/index.json";
	char *text;
	enum status s = resource_read(file, &text, d);

	*out = (struct item_index){ 0 };
	if (s != STATUS_OK)
		return s;
	s = json_parse(text, &out->doc, &out->top, d);
	free(text);
	if (s == STATUS_OK)
		s = read_index(out, d);
	if (s != STATUS_OK) {
		reproduce_index_clear(out);
		return diag_prefix(d, s, "%s", file);
	}
	return STATUS_OK;
}

void reproduce_index_clear(struct item_index *x)
{
	free(x->names);
	free(x->joint);
	cJSON_Delete(x->doc);
	*x = (struct item_index){ 0 };
}
