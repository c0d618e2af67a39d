/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/pageable.h"

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/xalloc.h"
#include "model/hardware.h"

static cJSON *member(const cJSON *of, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(of, key);
}

/* The curve of `direction`, and the rate that it is for. */
static void use_curve(cJSON *calibration, const char *direction, double rate)
{
	cJSON *rates = member(calibration, "for");
	char pageable[40], rate_key[40], pageable_key[40];
	const cJSON *curve, *stated;

	snprintf(pageable, sizeof pageable, "%s_pageable", direction);
	snprintf(rate_key, sizeof rate_key, "%s_bytes_per_s", direction);
	snprintf(pageable_key, sizeof pageable_key,
		 "%s_pageable_bytes_per_s", direction);
	curve = member(calibration, pageable);
	cJSON_DeleteItemFromObjectCaseSensitive(calibration, direction);
	if (curve != NULL)
		cJSON_AddItemToObject(calibration, direction,
				      cJSON_Duplicate(curve, 1));
	stated = member(rates, pageable_key);
	cJSON_ReplaceItemInObjectCaseSensitive(
		rates, rate_key, stated != NULL ? cJSON_Duplicate(stated, 1)
						: cJSON_CreateNumber(rate));
}

/* All that copies of one direction, "h2d" or "d2h", are timed by. */
static enum status use_direction(cJSON *doc, const char *direction,
				 const struct hardware *hw,
				 const struct hardware_direction *figures,
				 struct diag *d)
{
	static const char key[] = "pageable_bytes_per_s";
	cJSON *at = member(member(doc, "link"), direction);
	cJSON *calibration = member(doc, "calibration");
	const cJSON *figure = member(at, key);

	if (!cJSON_IsObject(figure))
		return diag_fail(d, STATUS_INVALID,
				 "%s: link.%s.%s is not stated, so pageable "
				 "host memory cannot be modelled", hw->name,
				 direction, key);
	cJSON_ReplaceItemInObjectCaseSensitive(at, "bytes_per_s",
					       cJSON_Duplicate(figure, 1));
	if (calibration != NULL)
		use_curve(calibration, direction,
			  figures->pageable_bytes_per_s);
	return STATUS_OK;
}

static void use_crossings(cJSON *link)
{
	static const char key[] = "host_crossings";
	cJSON *figure = cJSON_CreateObject();

	cJSON_AddNumberToObject(figure, "value", HARDWARE_PAGEABLE_CROSSINGS);
	cJSON_AddStringToObject(figure, "source",
				"CUDA C++ Best Practices Guide, Pinned Memory:"
				" pageable copies go through a pinned buffer");
	cJSON_AddStringToObject(figure, "confidence", "derived");
	cJSON_DeleteItemFromObjectCaseSensitive(link, key);
	cJSON_AddItemToObject(link, key, figure);
}

enum status pageable_use(char **json, struct diag *d)
{
	struct hardware hw;
	enum status s = hardware_parse(*json, &hw, d);
	cJSON *doc;
	char *printed;

	if (s != STATUS_OK)
		return s;
	doc = cJSON_Parse(*json);
	s = use_direction(doc, "h2d", &hw, &hw.h2d, d);
	if (s == STATUS_OK)
		s = use_direction(doc, "d2h", &hw, &hw.d2h, d);
	if (s == STATUS_OK) {
		use_crossings(member(doc, "link"));
		printed = cJSON_PrintUnformatted(doc);
		free(*json);
		*json = xstrdup(printed);
		cJSON_free(printed);
	}
	cJSON_Delete(doc);
	hardware_clear(&hw);
	return s;
}
