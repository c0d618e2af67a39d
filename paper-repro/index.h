/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index.h - which items there are: paper-repro/index.json.
 *
 * Plain data; strings belong to the document.
 */
#ifndef REPRODUCE_INDEX_H
#define REPRODUCE_INDEX_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "base/json.h"

#define ITEM_INDEX_SCHEMA "kvplan-items-1"

struct item_index {
	const char **names;		/* in the report's order */
	size_t n;
	struct json shared;		/* axes */
	cJSON *doc;
	struct json top;
};

/** Read the index into `*out`, which stays where it is until
 * reproduce_index_clear() releases it. */
MUST_CHECK enum status reproduce_index_load(struct item_index *out,
					    struct diag *d);

/** Release what `x` owns. */
void reproduce_index_clear(struct item_index *x);

#endif
