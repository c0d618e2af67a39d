/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/workload_json.h"

#include <stddef.h>
#include <string.h>

struct count {
	const char *key;
	size_t offset;		/* of a size_t in struct workload */
	size_t most;
};

static const struct count counts[] = {
	{ "batch", offsetof(struct workload, batch), WORKLOAD_MOST_BATCH },
	{ "num_batches", offsetof(struct workload, num_batches),
	  WORKLOAD_MOST_BATCHES },
	{ "prompt", offsetof(struct workload, prompt), WORKLOAD_MOST_TOKENS },
	{ "gen", offsetof(struct workload, gen), WORKLOAD_MOST_TOKENS },
	{ "gpus", offsetof(struct workload, gpus), WORKLOAD_MOST_GPUS },
};

struct kind {
	const char *key;
	size_t offset;		/* of an enum element in struct workload */
};

static const struct kind kinds[] = {
	{ "weights", offsetof(struct workload, weights) },
	{ "kv", offsetof(struct workload, kv) },
	{ "activations", offsetof(struct workload, activations) },
};

enum {
	COUNTS = sizeof counts / sizeof counts[0],
	KINDS = sizeof kinds / sizeof kinds[0],
};

static size_t *count_of(struct workload *w, const struct count *c)
{
	return (size_t *)(void *)((char *)w + c->offset);
}

static enum element *kind_of(struct workload *w, const struct kind *k)
{
	return (enum element *)(void *)((char *)w + k->offset);
}

cJSON *workload_json(const struct workload *w)
{
	struct workload copy = *w;
	cJSON *o = cJSON_CreateObject();

	for (size_t i = 0; i < COUNTS; i++)
		cJSON_AddNumberToObject(o, counts[i].key,
					(double)*count_of(&copy, &counts[i]));
	for (size_t i = 0; i < KINDS; i++)
		cJSON_AddStringToObject(
			o, kinds[i].key,
			element_names[*kind_of(&copy, &kinds[i])]);
	return o;
}

static enum status parse_element(const struct json *at, const char *key,
				 enum element *out, struct diag *d)
{
	const char *found;

	if (json_get_string(at, key, &found, d) != STATUS_OK)
		return STATUS_INVALID;
	for (int i = 0; i < ELEMENT_COUNT; i++)
		if (strcmp(found, element_names[i]) == 0) {
			*out = (enum element)i;
			return STATUS_OK;
		}
	return json_fail(at, key, d,
			 "found '%.40s', expected fp16, int8 or int4", found);
}

enum status workload_json_parse(const struct json *top, const struct llm *m,
				struct workload *w, struct diag *d)
{
	const char *keys[COUNTS + KINDS];
	struct diag why;
	struct json at;

	for (size_t i = 0; i < COUNTS; i++)
		keys[i] = counts[i].key;
	for (size_t i = 0; i < KINDS; i++)
		keys[COUNTS + i] = kinds[i].key;
	if (json_get_object(top, "workload", &at, d) != STATUS_OK ||
	    json_only_keys(&at, keys, COUNTS + KINDS, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < COUNTS; i++)
		if (json_get_size(&at, counts[i].key, 1, counts[i].most,
				  count_of(w, &counts[i]), d) != STATUS_OK)
			return STATUS_INVALID;
	for (size_t i = 0; i < KINDS; i++)
		if (parse_element(&at, kinds[i].key, kind_of(w, &kinds[i]),
				  d) != STATUS_OK)
			return STATUS_INVALID;
	if (workload_check(w, m, &why) != STATUS_OK)
		return json_fail(&at, NULL, d, "%s", why.text);
	return STATUS_OK;
}
