/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibration.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

/* Wide bounds that still catch a slipped unit. */
#define SIZE_LEAST 1e-3
#define SIZE_MOST 1e18
#define TIME_LEAST 1e-12
#define TIME_MOST 1e6
#define SHAPE_MOST 1e9
#define RATE_LEAST 1e6
#define RATE_MOST 1e21

static const char *const kernel_names[KERNEL_CURVES] = {
	"norm", "rotate", "append", "activate", "copy",
};

const char *calibration_kernel_name(enum kernel k)
{
	assert(k < KERNEL_CURVES);
	return kernel_names[k];
}

/* A number from `least` to `most`. */
static enum status get(const struct json *at, const char *key,
		       enum quantity q, double least, double most,
		       double *out, struct diag *d)
{
	char found[QUANTITY_SIZE], low[QUANTITY_SIZE], high[QUANTITY_SIZE];
	double value;

	if (json_get_quantity(at, key, q, JSON_NOT_NEGATIVE, &value, d) !=
	    STATUS_OK)
		return STATUS_INVALID;
	if (value >= least && value <= most) {
		*out = value;
		return STATUS_OK;
	}
	quantity_format(value, q, found);
	quantity_format(least, q, low);
	quantity_format(most, q, high);
	return json_fail(at, key, d, "found %s, expected %s to %s", found,
			 low, high);
}

/* `node`, a pair of a size and a time, which rise from the last one. */
static enum status parse_point(const struct json *at, const cJSON *node,
			       struct curve *c, struct diag *d)
{
	const cJSON *size = cJSON_GetArrayItem(node, 0);
	const cJSON *time = cJSON_GetArrayItem(node, 1);

	if (!cJSON_IsArray(node) || cJSON_GetArraySize(node) != 2 ||
	    !cJSON_IsNumber(size) || !cJSON_IsNumber(time) ||
	    !(size->valuedouble >= SIZE_LEAST &&
	      size->valuedouble <= SIZE_MOST) ||
	    !(time->valuedouble >= TIME_LEAST &&
	      time->valuedouble <= TIME_MOST))
		return json_fail(at, "points", d,
				 "value %zu: expected two numbers, a size of "
				 "%g to %g and a time of %g to %g s", c->n,
				 SIZE_LEAST, SIZE_MOST, TIME_LEAST,
				 TIME_MOST);
	if (c->n > 0 && size->valuedouble <= c->size[c->n - 1])
		return json_fail(at, "points", d,
				 "value %zu: found size %g, expected more "
				 "than the one before, %g", c->n,
				 size->valuedouble, c->size[c->n - 1]);
	c->size[c->n] = size->valuedouble;
	c->time_s[c->n++] = time->valuedouble;
	return STATUS_OK;
}

static enum status parse_curve(const struct json *at, struct curve *out,
			       struct diag *d)
{
	struct curve c = { .n = 0 };
	struct json points;
	size_t n;

	if (json_get_array(at, "points", &points, d) != STATUS_OK ||
	    get(at, "spread", QUANTITY_NUMBER, 0.0, 1.0, &c.spread, d) !=
		    STATUS_OK)
		return STATUS_INVALID;
	n = json_length(&points);
	if (n == 0)
		return json_fail(at, "points", d,
				 "found none, expected one at least");
	c.size = xcalloc(n, sizeof *c.size);
	c.time_s = xcalloc(n, sizeof *c.time_s);
	for (const cJSON *v = points.node->child; v != NULL; v = v->next)
		if (parse_point(at, v, &c, d) != STATUS_OK) {
			curve_clear(&c);
			return STATUS_INVALID;
		}
	*out = c;
	return STATUS_OK;
}

/* The member `key` of `at`, if it is there: an object that is a curve. */
static enum status parse_member(const struct json *at, const char *key,
				struct curve *out, struct diag *d)
{
	static const char *const keys[] = { "points", "spread" };
	struct json curve;

	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_object(at, key, &curve, d) != STATUS_OK ||
	    json_only_keys(&curve, keys, 2, d) != STATUS_OK)
		return STATUS_INVALID;
	return parse_curve(&curve, out, d);
}

static enum status parse_product(const struct json *at,
				 struct calibration *c, struct diag *d)
{
	static const char *const keys[] = { "n", "k", "points", "spread" };
	struct calibration_product *p = &c->products[c->nproducts];

	if (json_only_keys(at, keys, 4, d) != STATUS_OK ||
	    get(at, "n", QUANTITY_NUMBER, 1.0, SHAPE_MOST, &p->n, d) !=
		    STATUS_OK ||
	    get(at, "k", QUANTITY_NUMBER, 1.0, SHAPE_MOST, &p->k, d) !=
		    STATUS_OK ||
	    parse_curve(at, &p->rows, d) != STATUS_OK)
		return STATUS_INVALID;
	c->nproducts++;
	return STATUS_OK;
}

static enum status parse_sequences(const struct json *at,
				   struct calibration *c, struct diag *d)
{
	static const char *const keys[] = { "sequences", "points", "spread" };
	struct calibration_attention *a = &c->attention[c->nattention];

	if (json_only_keys(at, keys, 3, d) != STATUS_OK ||
	    get(at, "sequences", QUANTITY_NUMBER, 1.0, SHAPE_MOST,
		&a->sequences, d) != STATUS_OK ||
	    parse_curve(at, &a->bytes, d) != STATUS_OK)
		return STATUS_INVALID;
	c->nattention++;
	return STATUS_OK;
}

/* Each object of the list `key`, if it is there, by `parse`. */
static enum status parse_list(const struct json *at, const char *key,
			      enum status (*parse)(const struct json *,
						   struct calibration *,
						   struct diag *),
			      struct calibration *c, struct diag *d)
{
	struct json list;
	size_t i = 0;

	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_array(at, key, &list, d) != STATUS_OK)
		return STATUS_INVALID;
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d,
					 "expected an object");
		if (parse(&one, c, d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static size_t length(const struct json *at, const char *key)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(at->node, key);

	return cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
}

static enum status parse_figures(const struct json *at,
				 struct calibration *c, struct diag *d)
{
	struct calibration_figures *f = &c->at;
	const struct {
		const char *key;
		double *value;
		bool optional, is_time;
	} all[] = {
		{ "h2d_bytes_per_s", &f->bytes_per_s[0], false, false },
		{ "d2h_bytes_per_s", &f->bytes_per_s[1], false, false },
		{ "h2d_latency_s", &f->latency_s[0], false, true },
		{ "d2h_latency_s", &f->latency_s[1], false, true },
		{ "h2d_pageable_bytes_per_s", &f->pageable_bytes_per_s[0],
		  true, false },
		{ "d2h_pageable_bytes_per_s", &f->pageable_bytes_per_s[1],
		  true, false },
		{ "host_attention_bytes_per_s",
		  &f->host_bytes_per_s[CALIBRATION_ATTENTION], true, false },
		{ "host_copy_bytes_per_s",
		  &f->host_bytes_per_s[CALIBRATION_COPY], true, false },
		{ "gemm_flop_per_s", &f->gemm_flop_per_s, false, false },
		{ "hbm_bytes_per_s", &f->hbm_bytes_per_s, false, false },
		{ "launch_s", &f->launch_s, false, true },
	};
	enum { FIGURES = sizeof all / sizeof all[0] };
	const char *keys[FIGURES];
	struct json figures;

	for (size_t i = 0; i < FIGURES; i++)
		keys[i] = all[i].key;
	if (json_get_object(at, "for", &figures, d) != STATUS_OK ||
	    json_only_keys(&figures, keys, FIGURES, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < FIGURES; i++)
		if ((!all[i].optional || json_has(&figures, all[i].key)) &&
		    get(&figures, all[i].key, QUANTITY_NUMBER,
			all[i].is_time ? 0.0 : RATE_LEAST,
			all[i].is_time ? 1.0 : RATE_MOST, all[i].value, d) !=
			    STATUS_OK)
			return STATUS_INVALID;
	return STATUS_OK;
}

static enum status parse_kernels(const struct json *at,
				 struct calibration *c, struct diag *d)
{
	struct json kernels;

	if (!json_has(at, "kernels"))
		return STATUS_OK;
	if (json_get_object(at, "kernels", &kernels, d) != STATUS_OK ||
	    json_only_keys(&kernels, kernel_names, KERNEL_CURVES, d) !=
		    STATUS_OK)
		return STATUS_INVALID;
	for (int i = 0; i < KERNEL_CURVES; i++)
		if (parse_member(&kernels, kernel_names[i], &c->kernels[i],
				 d) != STATUS_OK)
			return STATUS_INVALID;
	return STATUS_OK;
}

static enum status parse_all(const struct json *at, struct calibration *c,
			     struct diag *d)
{
	static const char *const keys[] = {
		"for", "spread", "h2d", "d2h", "h2d_pageable",
		"d2h_pageable", "products", "attention", "kernels",
		"host_attention", "host_copy",
	};

	if (json_only_keys(at, keys, sizeof keys / sizeof keys[0], d) !=
		    STATUS_OK ||
	    parse_figures(at, c, d) != STATUS_OK ||
	    get(at, "spread", QUANTITY_NUMBER, 0.0, 1.0, &c->spread, d) !=
		    STATUS_OK ||
	    parse_member(at, "h2d", &c->pinned[CALIBRATION_H2D], d) !=
		    STATUS_OK ||
	    parse_member(at, "d2h", &c->pinned[CALIBRATION_D2H], d) !=
		    STATUS_OK ||
	    parse_member(at, "h2d_pageable", &c->pageable[CALIBRATION_H2D],
			 d) != STATUS_OK ||
	    parse_member(at, "d2h_pageable", &c->pageable[CALIBRATION_D2H],
			 d) != STATUS_OK ||
	    parse_member(at, "host_attention",
			 &c->host[CALIBRATION_ATTENTION], d) != STATUS_OK ||
	    parse_member(at, "host_copy", &c->host[CALIBRATION_COPY], d) !=
		    STATUS_OK ||
	    parse_kernels(at, c, d) != STATUS_OK)
		return STATUS_INVALID;
	c->products = xcalloc(length(at, "products") + 1,
			      sizeof *c->products);
	c->attention = xcalloc(length(at, "attention") + 1,
			       sizeof *c->attention);
	if (parse_list(at, "products", parse_product, c, d) != STATUS_OK)
		return STATUS_INVALID;
	return parse_list(at, "attention", parse_sequences, c, d);
}

enum status calibration_parse(const struct json *top,
			      struct calibration **out, struct diag *d)
{
	struct calibration *c;
	struct json at;

	if (json_get_object(top, "calibration", &at, d) != STATUS_OK)
		return STATUS_INVALID;
	c = xcalloc(1, sizeof *c);
	if (parse_all(&at, c, d) != STATUS_OK) {
		calibration_free(c);
		return STATUS_INVALID;
	}
	*out = c;
	return STATUS_OK;
}

void calibration_free(struct calibration *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CALIBRATION_DIRECTIONS; i++) {
		curve_clear(&c->pinned[i]);
		curve_clear(&c->pageable[i]);
	}
	for (size_t i = 0; i < CALIBRATION_HOST; i++)
		curve_clear(&c->host[i]);
	for (size_t i = 0; i < c->nproducts; i++)
		curve_clear(&c->products[i].rows);
	for (size_t i = 0; i < c->nattention; i++)
		curve_clear(&c->attention[i].bytes);
	for (size_t i = 0; i < KERNEL_CURVES; i++)
		curve_clear(&c->kernels[i]);
	free(c->products);
	free(c->attention);
	free(c);
}

/* Of shapes with as many weights, one as wide is nearer. */
static double distance(const struct calibration_product *p, double n,
		       double k)
{
	return fabs(log(n * k / (p->n * p->k))) + 0.1 * fabs(log(k / p->k));
}

const struct curve *calibration_product(const struct calibration *c,
					double n, double k, double *scale)
{
	const struct calibration_product *best = NULL;

	for (size_t i = 0; i < c->nproducts; i++) {
		const struct calibration_product *p = &c->products[i];

		if (p->n == n && p->k == k) {
			best = p;
			break;
		}
		if (best == NULL || distance(p, n, k) < distance(best, n, k))
			best = p;
	}
	if (best == NULL)
		return NULL;
	*scale = n * k / (best->n * best->k);
	return &best->rows;
}

const struct curve *calibration_attention(const struct calibration *c,
					  double sequences)
{
	const struct calibration_attention *best = NULL;

	for (size_t i = 0; i < c->nattention; i++) {
		const struct calibration_attention *a = &c->attention[i];

		if (best == NULL || fabs(log(a->sequences / sequences)) <
				    fabs(log(best->sequences / sequences)))
			best = a;
	}
	return best == NULL ? NULL : &best->bytes;
}
