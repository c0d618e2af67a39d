/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibrate_json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware.h"

double calibrate_json_round(double value)
{
	char text[32];

	snprintf(text, sizeof text, "%.6g", value);
	return strtod(text, NULL);
}

/* The object at `path` below `at`, made where it is missing if `make`. */
static cJSON *object_at(cJSON *at, const char *path, bool make)
{
	char names[96], *key = names;

	snprintf(names, sizeof names, "%s", path);
	while (at != NULL && key != NULL) {
		char *dot = strchr(key, '.');
		cJSON *child;

		if (dot != NULL)
			*dot++ = '\0';
		child = cJSON_GetObjectItemCaseSensitive(at, key);
		if (child == NULL && make)
			child = cJSON_AddObjectToObject(at, key);
		at = child;
		key = dot;
	}
	return at;
}

/* Texts such as "989 TFLOP/s" become numbers. */
static void make_numbers(cJSON *profile)
{
	size_t n;
	const struct figure *f = hardware_fields(&n);

	for (size_t i = 0; i < n; i++) {
		cJSON *figure = object_at(profile, f[i].path, false);
		const char *text = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(figure, "value"));
		struct diag d;
		double value;

		if (text != NULL && quantity_parse(text, f[i].quantity,
						   &value, &d) == STATUS_OK)
			cJSON_ReplaceItemInObjectCaseSensitive(
				figure, "value", cJSON_CreateNumber(value));
	}
}

cJSON *calibrate_json_begin(const char *base, const char *name,
			    const char *title)
{
	static const char *const parts[] = { "gpu", "link", "host" };
	cJSON *o = cJSON_CreateObject();
	cJSON *from = base ? cJSON_Parse(base) : NULL;

	cJSON_AddStringToObject(o, "schema", "kvplan-hardware-1");
	cJSON_AddStringToObject(o, "name", name);
	cJSON_AddStringToObject(o, "title", title);
	cJSON_AddStringToObject(o, "kind", "data_sheet");
	for (size_t i = 0; i < 3; i++) {
		const cJSON *part = cJSON_GetObjectItemCaseSensitive(
			from, parts[i]);

		if (part != NULL)
			cJSON_AddItemToObject(o, parts[i],
					      cJSON_Duplicate(part, 1));
	}
	cJSON_Delete(from);
	make_numbers(o);
	return o;
}

void calibrate_json_figure(cJSON *profile, const char *path, double value,
			   const char *source, const char *confidence,
			   const char *note)
{
	cJSON *at = object_at(profile, path, true);

	while (at->child != NULL)
		cJSON_Delete(cJSON_DetachItemViaPointer(at, at->child));
	cJSON_AddNumberToObject(at, "value", value);
	cJSON_AddStringToObject(at, "source", source);
	cJSON_AddStringToObject(at, "confidence", confidence);
	if (note[0] != '\0')
		cJSON_AddStringToObject(at, "note", note);
}

void calibrate_json_forget(cJSON *profile, const char *path)
{
	const char *dot = strrchr(path, '.');
	char parent[96];

	snprintf(parent, sizeof parent, "%.*s", (int)(dot - path), path);
	cJSON_DeleteItemFromObjectCaseSensitive(
		object_at(profile, parent, false), dot + 1);
}

const cJSON *calibrate_json_value(const cJSON *profile, const char *path)
{
	/* it makes nothing here */
	return cJSON_GetObjectItemCaseSensitive(
		object_at((cJSON *)profile, path, false), "value");
}

void calibrate_json_curve(cJSON *object, const struct curve *c)
{
	cJSON *points = cJSON_AddArrayToObject(object, "points");

	for (size_t i = 0; i < c->n; i++) {
		const double pair[] = { c->size[i], c->time_s[i] };

		cJSON_AddItemToArray(points,
				     cJSON_CreateDoubleArray(pair, 2));
	}
	cJSON_AddNumberToObject(object, "spread",
				calibrate_json_round(c->spread));
}

void calibrate_json_name(const char *gpu, char out[PROFILE_NAME_SIZE])
{
	size_t n = 0;

	for (; *gpu != '\0' && n + 1 < PROFILE_NAME_SIZE; gpu++)
		if (isalnum((unsigned char)*gpu))
			out[n++] = (char)tolower((unsigned char)*gpu);
		else if (n > 0 && out[n - 1] != '-')
			out[n++] = '-';
	out[n] = '\0';
}
