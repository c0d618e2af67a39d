/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/find.h"

#include <string.h>

enum status reproduce_find_study(const struct json *at,
				 const struct item *item, size_t *out,
				 struct diag *d)
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

enum status reproduce_find_metric(const struct json *at, const char *key,
				  const struct study *s, const char *name,
				  size_t *out, struct diag *d)
{
	*out = reproduce_study_metric(s, name);
	if (*out == STUDY_ANY)
		return json_fail(at, key, d, "found '%.40s', expected a "
				 "metric of study %s", name, s->name);
	return STATUS_OK;
}

enum status reproduce_find_axis(const struct json *at, const char *key,
				const struct study *s, const char *name,
				size_t *out, struct diag *d)
{
	*out = reproduce_study_axis(s, name);
	if (*out == STUDY_ANY)
		return json_fail(at, key, d, "found '%.40s', expected an axis "
				 "of study %s", name, s->name);
	return STATUS_OK;
}

enum status reproduce_find_own_axis(const struct json *at, const char *key,
				    const struct study *s, size_t *out,
				    struct diag *d)
{
	const char *name;

	*out = STUDY_ANY;
	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_string(at, key, &name, d) != STATUS_OK)
		return STATUS_INVALID;
	return reproduce_find_axis(at, key, s, name, out, d);
}

enum status reproduce_find_texts(const struct json *at, const char *key,
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
