/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

/* `node`, a pair of a size and a time, which rise from the last one. */
static enum status parse_point(const struct json *at, const cJSON *node,
			       struct curve *c, struct diag *d)
{
	const cJSON *size = cJSON_GetArrayItem(node, 0);
	const cJSON *time = cJSON_GetArrayItem(node, 1);

	if (!cJSON_IsArray(node) || cJSON_GetArraySize(node) != 2 ||
	    !cJSON_IsNumber(size) || !cJSON_IsNumber(time) ||
	    !(size->valuedouble > 0.0 && isfinite(size->valuedouble)) ||
	    !(time->valuedouble > 0.0 && isfinite(time->valuedouble)))
		return json_fail(at, "points", d,
				 "value %zu: expected two positive numbers, "
				 "a size and a time in seconds", c->n);
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
	    json_get_quantity(at, "spread", QUANTITY_NUMBER, JSON_NOT_NEGATIVE,
			      &c.spread, d) != STATUS_OK)
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

/* The member `key` of `at`: an object that is a curve. */
static enum status parse_member(const struct json *at, const char *key,
				struct curve *out, struct diag *d)
{
	struct json curve;

	if (json_get_object(at, key, &curve, d) != STATUS_OK)
		return STATUS_INVALID;
	return parse_curve(&curve, out, d);
}

static enum status parse_products(const struct json *at,
				  struct calibration *c, struct diag *d)
{
	struct json list;

	if (json_get_array(at, "products", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	c->products = xcalloc(json_length(&list) + 1, sizeof *c->products);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		struct calibration_product *p = &c->products[c->nproducts];
		const struct json one = { v, &list, NULL, c->nproducts };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d,
					 "expected an object");
		if (json_get_quantity(&one, "n", QUANTITY_NUMBER,
				      JSON_POSITIVE, &p->n, d) != STATUS_OK ||
		    json_get_quantity(&one, "k", QUANTITY_NUMBER,
				      JSON_POSITIVE, &p->k, d) != STATUS_OK ||
		    parse_curve(&one, &p->rows, d) != STATUS_OK)
			return STATUS_INVALID;
		c->nproducts++;
	}
	if (c->nproducts == 0)
		return json_fail(at, "products", d,
				 "found none, expected one at least");
	return STATUS_OK;
}

static enum status parse_figures(const struct json *at,
				 struct calibration *c, struct diag *d)
{
	const struct {
		const char *key;
		enum quantity quantity;
		double *value;
	} all[] = {
		{ "h2d_bytes_per_s", QUANTITY_BYTES_PER_S,
		  &c->copy_bytes_per_s[0] },
		{ "d2h_bytes_per_s", QUANTITY_BYTES_PER_S,
		  &c->copy_bytes_per_s[1] },
		{ "gemm_flop_per_s", QUANTITY_FLOP_PER_S,
		  &c->gemm_flop_per_s },
		{ "hbm_bytes_per_s", QUANTITY_BYTES_PER_S,
		  &c->hbm_bytes_per_s },
	};
	struct json figures;

	if (json_get_object(at, "for", &figures, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (json_get_quantity(&figures, all[i].key, all[i].quantity,
				      JSON_POSITIVE, all[i].value, d) !=
		    STATUS_OK)
			return STATUS_INVALID;
	return STATUS_OK;
}

enum status calibration_parse(const struct json *top,
			      struct calibration **out, struct diag *d)
{
	static const char *const keys[] = { "for", "h2d", "d2h", "products",
					    "attention" };
	struct calibration *c;
	struct json at;

	*out = NULL;
	if (!json_has(top, "calibration"))
		return STATUS_OK;
	c = xcalloc(1, sizeof *c);
	if (json_get_object(top, "calibration", &at, d) != STATUS_OK ||
	    json_only_keys(&at, keys, 5, d) != STATUS_OK ||
	    parse_figures(&at, c, d) != STATUS_OK ||
	    parse_member(&at, "h2d", &c->copy[0], d) != STATUS_OK ||
	    parse_member(&at, "d2h", &c->copy[1], d) != STATUS_OK ||
	    parse_products(&at, c, d) != STATUS_OK ||
	    (json_has(&at, "attention") &&
	     parse_member(&at, "attention", &c->attention, d) !=
		     STATUS_OK)) {
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
	for (size_t i = 0; i < 2; i++)
		curve_clear(&c->copy[i]);
	for (size_t i = 0; i < c->nproducts; i++)
		curve_clear(&c->products[i].rows);
	free(c->products);
	curve_clear(&c->attention);
	free(c);
}

const struct curve *calibration_product(const struct calibration *c,
					double n, double k, double *scale,
					bool *exact)
{
	const struct calibration_product *best = &c->products[0];
	double least = INFINITY;

	for (size_t i = 0; i < c->nproducts; i++) {
		const struct calibration_product *p = &c->products[i];
		double far = fabs(log(n * k / (p->n * p->k))) +
			     0.1 * fabs(log(k / p->k));

		if (far < least) {
			least = far;
			best = p;
		}
	}
	*exact = best->n == n && best->k == k;
	*scale = n * k / (best->n * best->k);
	return &best->rows;
}
