/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measurements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "model/measurements_check.h"

/* Quartiles of a normal distribution lie that many deviations apart. */
#define QUARTILES 1.349

struct measurements {
	cJSON *doc;
	char gpu[64], date[11];
	double gpu_bytes, host_bytes;
	struct measurements_series *series;
	size_t n;
};

static enum status parse_columns(const struct json *at,
				 struct measurements_series *s,
				 struct diag *d)
{
	static const char *const needed[] = { "q1_s", "median_s", "q3_s" };
	struct json list;

	if (json_get_array(at, "columns", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	s->columns = xcalloc(json_length(&list) + 1, sizeof *s->columns);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		if (!cJSON_IsString(v))
			return json_fail(at, "columns", d, "expected texts");
		s->columns[s->ncolumns++] = v->valuestring;
	}
	for (size_t i = 0; i < 3; i++) {
		size_t k = 0;

		while (k < s->ncolumns &&
		       strcmp(s->columns[k], needed[i]) != 0)
			k++;
		if (k == s->ncolumns)
			return json_fail(at, "columns", d, "found no '%s'",
					 needed[i]);
	}
	return STATUS_OK;
}

static enum status parse_row(const struct json *at, const cJSON *row,
			     struct measurements_series *s, struct diag *d)
{
	double *to = s->values + s->nrows * s->ncolumns, time;

	if (!cJSON_IsArray(row) ||
	    (size_t)cJSON_GetArraySize(row) != s->ncolumns)
		return json_fail(at, "rows", d,
				 "row %zu: expected %zu values, one for each "
				 "column", s->nrows, s->ncolumns);
	for (const cJSON *v = row->child; v != NULL; v = v->next) {
		if (!cJSON_IsNumber(v) && !cJSON_IsNull(v))
			return json_fail(at, "rows", d,
					 "row %zu: expected numbers",
					 s->nrows);
		*to++ = cJSON_IsNumber(v) ? v->valuedouble : NAN;
	}
	time = measurements_time(s, s->nrows);
	if (!(time >= MEASUREMENTS_LEAST_S && time <= MEASUREMENTS_MOST_S))
		return json_fail(at, "rows", d,
				 "row %zu: expected a median_s from %g to %g",
				 s->nrows, MEASUREMENTS_LEAST_S,
				 MEASUREMENTS_MOST_S);
	s->nrows++;
	return STATUS_OK;
}

static enum status parse_series(const struct json *at,
				struct measurements_series *s,
				struct diag *d)
{
	struct json rows;

	s->attributes = at->node;
	if (json_get_string(at, "series", &s->name, d) != STATUS_OK ||
	    parse_columns(at, s, d) != STATUS_OK ||
	    json_get_array(at, "rows", &rows, d) != STATUS_OK)
		return STATUS_INVALID;
	s->values = xcalloc(json_length(&rows) * s->ncolumns + 1,
			    sizeof *s->values);
	for (const cJSON *v = rows.node->child; v != NULL; v = v->next)
		if (parse_row(at, v, s, d) != STATUS_OK)
			return STATUS_INVALID;
	return measurements_check(at, s, d);
}

static enum status parse_all_series(const struct json *top,
				    struct measurements *m, struct diag *d)
{
	struct json list;

	if (json_get_array(top, "series", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	m->series = xcalloc(json_length(&list) + 1, sizeof *m->series);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, m->n };

		m->n++;
		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (parse_series(&one, &m->series[m->n - 1], d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static double bytes_of(const struct json *machine, const char *key)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(machine->node,
							   key);
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(at, "memory_bytes");

	return cJSON_IsNumber(v) && v->valuedouble > 0.0 ? v->valuedouble
							 : 0.0;
}

static enum status parse_header(const struct json *top,
				struct measurements *m, struct diag *d)
{
	const char *schema, *gpu, *date;
	struct json made_by, machine, at;

	if (json_get_string(top, "schema", &schema, d) != STATUS_OK)
		return STATUS_INVALID;
	if (strcmp(schema, "kvplan-samples-1") != 0)
		return json_fail(top, "schema", d,
				 "found '%.40s', expected 'kvplan-samples-1'",
				 schema);
	if (json_get_object(top, "made_by", &made_by, d) != STATUS_OK ||
	    json_get_string(&made_by, "date", &date, d) != STATUS_OK ||
	    json_get_object(top, "machine", &machine, d) != STATUS_OK ||
	    json_get_object(&machine, "gpu", &at, d) != STATUS_OK ||
	    json_get_string(&at, "name", &gpu, d) != STATUS_OK)
		return STATUS_INVALID;
	snprintf(m->gpu, sizeof m->gpu, "%s", gpu);
	snprintf(m->date, sizeof m->date, "%s", date);
	text_clean(m->gpu);
	text_clean(m->date);
	m->gpu_bytes = bytes_of(&machine, "gpu");
	m->host_bytes = bytes_of(&machine, "host");
	return STATUS_OK;
}

enum status measurements_parse(const char *json, struct measurements **out,
			       struct diag *d)
{
	struct measurements *m = xcalloc(1, sizeof *m);
	struct json top;
	enum status s = json_parse(json, &m->doc, &top, d);

	if (s != STATUS_OK)
		m->doc = NULL;
	else
		s = parse_header(&top, m, d);
	if (s == STATUS_OK)
		s = parse_all_series(&top, m, d);
	if (s == STATUS_OK)
		*out = m;
	else
		measurements_free(m);
	return s;
}

void measurements_free(struct measurements *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++) {
		free(m->series[i].columns);
		free(m->series[i].values);
	}
	free(m->series);
	cJSON_Delete(m->doc);
	free(m);
}

const char *measurements_gpu(const struct measurements *m)
{
	return m->gpu;
}

const char *measurements_date(const struct measurements *m)
{
	return m->date;
}

double measurements_gpu_bytes(const struct measurements *m)
{
	return m->gpu_bytes;
}

double measurements_host_bytes(const struct measurements *m)
{
	return m->host_bytes;
}

const struct measurements_series *
measurements_next(const struct measurements *m, const char *name,
		  const struct measurements_series *after)
{
	size_t i = after == NULL ? 0 : (size_t)(after - m->series) + 1;

	for (; i < m->n; i++)
		if (strcmp(m->series[i].name, name) == 0)
			return &m->series[i];
	return NULL;
}

bool measurements_is(const struct measurements_series *s, const char *key,
		     const char *text)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(s->attributes,
							   key);
	const char *found;

	if (cJSON_IsArray(at))
		at = cJSON_GetArraySize(at) == 1 ? at->child : NULL;
	found = cJSON_GetStringValue(at);
	return found != NULL && strcmp(found, text) == 0;
}

bool measurements_lists(const struct measurements_series *s, const char *key,
			const char *text)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(s->attributes,
							   key);

	if (!cJSON_IsArray(at))
		return false;
	for (const cJSON *v = at->child; v != NULL; v = v->next)
		if (cJSON_IsString(v) && strcmp(v->valuestring, text) == 0)
			return true;
	return false;
}

double measurements_number(const struct measurements_series *s,
			   const char *key)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(s->attributes,
							   key);

	return cJSON_IsNumber(at) ? at->valuedouble : NAN;
}

double measurements_value(const struct measurements_series *s, size_t row,
			  const char *column)
{
	for (size_t i = 0; i < s->ncolumns; i++)
		if (strcmp(s->columns[i], column) == 0)
			return s->values[row * s->ncolumns + i];
	return NAN;
}

double measurements_time(const struct measurements_series *s, size_t row)
{
	return measurements_value(s, row, "median_s");
}

double measurements_noise(const struct measurements_series *s, size_t row)
{
	double spread = measurements_value(s, row, "q3_s") -
			measurements_value(s, row, "q1_s");

	return spread > 0.0 ? spread / QUARTILES / measurements_time(s, row)
			    : 0.0;
}
