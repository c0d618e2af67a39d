/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measurements_check.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "model/element.h"

/* What bounds a size or a rate, far above any. */
#define MOST 1e18

/* The shares are of times that are rounded. */
#define MOST_SHARE 1.05

/* Half of a power series is before the clock has settled. */
enum { POWER_ROWS = 4, MOST_GPUS = 65536 };

enum kind { NUMBER, COLUMN, WORD, WORDS };

/* The numbers that are allowed. */
struct range {
	double least, most;
	bool above;			/* `least` itself is not */
	bool whole;
	bool unknown;			/* null, or not there, is */
};

struct field {
	const char *series, *name;
	enum kind kind;
	struct range range;
	const char *const *words;	/* of a word; NULL: any */
	size_t nwords;
};

static const char *const directions[] = { "h2d", "d2h" };
static const char *const busy[] = { "h2d", "d2h", "both" };

#define SIZE { .most = MOST, .above = true }
#define DURATION { .least = MEASUREMENTS_LEAST_S, .most = MEASUREMENTS_MOST_S }
#define PAUSE { .most = MEASUREMENTS_MOST_S }
#define PART(largest) { .most = largest, .above = true }
#define CLOCK { .most = MOST, .above = true, .unknown = true }
#define COUNT(largest) { .least = 1.0, .most = largest, .whole = true }
#define INDEX(largest) { .most = largest, .whole = true }

static const struct field fields[] = {
	{ "gemm", "n", NUMBER, .range = SIZE },
	{ "gemm", "k", NUMBER, .range = SIZE },
	{ "gemm", "m", COLUMN, .range = SIZE },
	{ "gemm_sustained", "n", NUMBER, .range = SIZE },
	{ "gemm_sustained", "k", NUMBER, .range = SIZE },
	{ "gemm_sustained", "m", NUMBER, .range = SIZE },
	{ "power", "n", NUMBER, .range = SIZE },
	{ "power", "k", NUMBER, .range = SIZE },
	{ "power", "m", NUMBER, .range = SIZE },
	{ "power", "element", WORD, .words = element_names,
	  .nwords = ELEMENT_COUNT },
	{ "power", "duty", NUMBER, .range = PART(1.0) },
	{ "power", "burst_s", NUMBER, .range = DURATION },
	{ "power", "rested_s", NUMBER, .range = DURATION },
	{ "power", "rested_mhz", NUMBER, .range = CLOCK },
	{ "power", "share", COLUMN, .range = PART(MOST_SHARE) },
	{ "power", "sm_mhz", COLUMN, .range = CLOCK },
	{ "power", "chain", COLUMN, .range = SIZE },
	{ "host_attend", "against", WORDS, .nwords = 0 },
	{ "host_attend", "threads", COLUMN, .range = COUNT(MOST) },
	{ "host_attend", "bytes", COLUMN, .range = SIZE },
	{ "host_attend", "idle_s", COLUMN, .range = PAUSE },
	{ "host_stage", "against", WORDS, .nwords = 0 },
	{ "host_stage", "bytes", COLUMN, .range = SIZE },
	{ "links", "direction", WORD, .words = directions, .nwords = 2 },
	{ "links", "busy", WORD, .words = busy, .nwords = 3 },
	{ "links", "gpus", NUMBER, .range = COUNT(MOST_GPUS) },
	{ "links", "gpu", COLUMN, .range = INDEX(MOST_GPUS) },
	{ "links", "bytes", COLUMN, .range = SIZE },
};

static enum status fail(const struct json *at, const char *name,
			const char *found, const char *expected,
			struct diag *d)
{
	return json_fail(at, name, d, "found %s, expected %s", found,
			 expected);
}

static void describe_range(const struct range *r, char *out, size_t n)
{
	snprintf(out, n, "a %snumber %s %.10g%s%.10g%s",
		 r->whole ? "whole " : "", r->above ? "above" : "from",
		 r->least, r->above ? ", up to " : " to ", r->most,
		 r->unknown ? ", or null" : "");
}

static bool is_in(const struct range *r, double x)
{
	return (r->above ? x > r->least : x >= r->least) && x <= r->most &&
	       (!r->whole || x == floor(x));
}

static void describe(const cJSON *v, char *out, size_t n)
{
	if (v == NULL)
		snprintf(out, n, "nothing");
	else if (cJSON_IsString(v))
		snprintf(out, n, "'%.40s'", v->valuestring);
	else if (cJSON_IsNumber(v))
		snprintf(out, n, "%.10g", v->valuedouble);
	else
		snprintf(out, n, "%s", cJSON_IsNull(v) ? "null" :
			 cJSON_IsArray(v) ? "an array" :
			 cJSON_IsObject(v) ? "an object" : "a boolean");
}

static enum status check_number(const struct json *at, const struct field *f,
				const cJSON *v, struct diag *d)
{
	char found[64], expected[96];

	if (f->range.unknown && (v == NULL || cJSON_IsNull(v)))
		return STATUS_OK;
	if (cJSON_IsNumber(v) && is_in(&f->range, v->valuedouble))
		return STATUS_OK;
	describe(v, found, sizeof found);
	describe_range(&f->range, expected, sizeof expected);
	return fail(at, f->name, found, expected, d);
}

static bool is_word(const struct field *f, const cJSON *v)
{
	if (!cJSON_IsString(v))
		return false;
	for (size_t i = 0; i < f->nwords; i++)
		if (strcmp(v->valuestring, f->words[i]) == 0)
			return true;
	return f->nwords == 0;
}

static enum status check_word(const struct json *at, const struct field *f,
			      const cJSON *v, struct diag *d)
{
	char found[64], expected[64] = "";
	size_t used = 0;

	if (is_word(f, v))
		return STATUS_OK;
	for (size_t i = 0; i < f->nwords && used < sizeof expected; i++)
		used += (size_t)snprintf(expected + used,
					 sizeof expected - used, "%s%s",
					 i == 0 ? "" : i + 1 < f->nwords
						? ", " : " or ", f->words[i]);
	describe(v, found, sizeof found);
	return fail(at, f->name, found, expected, d);
}

static enum status check_words(const struct json *at, const struct field *f,
			       const cJSON *list, struct diag *d)
{
	bool good = cJSON_IsArray(list);
	const cJSON *wrong = list;
	char found[64];

	if (good)
		for (wrong = list->child; wrong != NULL && good;
		     wrong = good ? wrong->next : wrong)
			good = is_word(f, wrong);
	if (good)
		return STATUS_OK;
	describe(wrong, found, sizeof found);
	return fail(at, f->name, found, "a list of words", d);
}

/* Fail at `name` in `row`, where `x` stands. */
static enum status fail_value(const struct json *at, const char *name,
			      size_t row, double x, const char *expected,
			      struct diag *d)
{
	char found[64];

	if (isnan(x))
		snprintf(found, sizeof found, "null in row %zu", row);
	else
		snprintf(found, sizeof found, "%.10g in row %zu", x, row);
	return fail(at, name, found, expected, d);
}

static bool has_column(const struct measurements_series *s, const char *name)
{
	for (size_t i = 0; i < s->ncolumns; i++)
		if (strcmp(s->columns[i], name) == 0)
			return true;
	return false;
}

static enum status check_column(const struct json *at, const struct field *f,
				const struct measurements_series *s,
				struct diag *d)
{
	char expected[96];

	if (!has_column(s, f->name))
		return f->range.unknown ? STATUS_OK :
		       json_fail(at, "columns", d, "found no '%s', expected "
				 "it in a series %s", f->name, s->name);
	describe_range(&f->range, expected, sizeof expected);
	for (size_t i = 0; i < s->nrows; i++) {
		double x = measurements_value(s, i, f->name);

		if (!is_in(&f->range, x) && !(f->range.unknown && isnan(x)))
			return fail_value(at, f->name, i, x, expected, d);
	}
	return STATUS_OK;
}

static enum status check_field(const struct json *at, const struct field *f,
			       const struct measurements_series *s,
			       struct diag *d)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(s->attributes,
							  f->name);

	switch (f->kind) {
	case NUMBER:
		return check_number(at, f, v, d);
	case COLUMN:
		return check_column(at, f, s, d);
	case WORD:
		return check_word(at, f, v, d);
	case WORDS:
		return check_words(at, f, v, d);
	}
	return STATUS_OK;
}

/* Both within the least and the longest time, where these are there. */
static enum status check_quartiles(const struct json *at,
				   const struct measurements_series *s,
				   struct diag *d)
{
	static const char *const names[] = { "q1_s", "q3_s" };
	char expected[96];

	for (size_t i = 0; i < s->nrows; i++) {
		double least = measurements_value(s, i, "min_s");
		double most = measurements_value(s, i, "max_s");
		struct range r = {
			.least = least > 0.0 ? least : 0.0,
			.most = most < MEASUREMENTS_MOST_S
				? most : MEASUREMENTS_MOST_S };

		describe_range(&r, expected, sizeof expected);
		for (size_t k = 0; k < 2; k++) {
			double x = measurements_value(s, i, names[k]);

			if (!is_in(&r, x))
				return fail_value(at, names[k], i, x,
						  expected, d);
		}
	}
	return STATUS_OK;
}

enum status measurements_check(const struct json *at,
			       const struct measurements_series *s,
			       struct diag *d)
{
	enum status st = check_quartiles(at, s, d);

	for (size_t i = 0; i < sizeof fields / sizeof fields[0] &&
			   st == STATUS_OK; i++)
		if (strcmp(fields[i].series, s->name) == 0)
			st = check_field(at, &fields[i], s, d);
	if (st == STATUS_OK && strcmp(s->name, "power") == 0 &&
	    s->nrows < POWER_ROWS)
		st = json_fail(at, "rows", d, "found %zu, expected %d or more",
			       s->nrows, POWER_ROWS);
	return st;
}
