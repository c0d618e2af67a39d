/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/resource.h"
#include "base/xalloc.h"

static enum status read_index(struct item_index *x, struct diag *d)
{
	static const char *const keys[] = { "schema", "items", "axes" };
	const char *schema;
	struct json list;

	if (json_only_keys(&x->top, keys, 3, d) != STATUS_OK ||
	    json_get_string(&x->top, "schema", &schema, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(schema, ITEM_INDEX_SCHEMA) != 0)
		return json_fail(&x->top, "schema", d, "found '%.40s', "
				 "expected '" ITEM_INDEX_SCHEMA "'", schema);
	if (json_get_object(&x->top, "axes", &x->shared, d) != STATUS_OK ||
	    json_get_array(&x->top, "items", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	x->names = xcalloc(json_length(&list) + 1, sizeof *x->names);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		if (!cJSON_IsString(v))
			return json_fail(&x->top, "items", d,
					 "expected a list of texts");
		x->names[x->n++] = v->valuestring;
	}
	return STATUS_OK;
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
	cJSON_Delete(x->doc);
	*x = (struct item_index){ 0 };
}
