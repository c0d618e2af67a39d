/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibrate_curves.h"

#include <math.h>
#include <stdio.h>

#include "base/xalloc.h"
#include "model/calibrate_json.h"

/* What a table may miss of the points that it leaves out. */
#define TABLE_TOLERANCE 0.002

struct calibrate_row *calibrate_curves_row(struct calibrate_result *r,
					   const char *name,
					   enum quantity quantity,
					   double value)
{
	struct calibrate_row *row;

	r->rows = xrealloc_array(r->rows, r->nrows + 1, sizeof *r->rows);
	row = &r->rows[r->nrows++];
	*row = (struct calibrate_row){ .quantity = quantity, .value = value,
				       .in_profile = true };
	snprintf(row->name, sizeof row->name, "%s", name);
	return row;
}

/* What a curve is of, and what one of its units stands for. */
struct unit {
	enum quantity size, rate;
	double each;			/* of the rate, in a unit of size */
};

static const struct unit by_bytes = { QUANTITY_BYTES, QUANTITY_BYTES_PER_S,
				      1.0 };

/*
 * The table of `p`, into the object `at`, and a row on it.  No time is less
 * than size * least_s.
 */
static void add_curve(struct calibrate_result *r, cJSON *at,
		      const char *name, const struct fit_points *p,
		      const struct unit *unit, double least_s)
{
	struct curve c = fit_table(p, TABLE_TOLERANCE);
	struct calibrate_row *row = calibrate_curves_row(
		r, name, unit->rate, unit->each * curve_best_rate(&c));

	row->residual = fit_residual(&c, p);
	row->of = unit->size;
	row->from = c.size[0];
	row->to = c.size[c.n - 1];
	row->samples = p->n;
	row->kept = c.n;
	for (size_t i = 0; i < c.n; i++)
		c.time_s[i] = calibrate_json_round(
			fmax(c.time_s[i], least_s * c.size[i]));
	calibrate_json_curve(at, &c);
	curve_clear(&c);
}

/* [s per row] that the power limit allows; 0: it is not known, or asked. */
static double least_row_s(const struct sampled *s,
			  const struct sampled_product *p,
			  enum calibrate_gemm gemm,
			  const struct hardware *hw)
{
	double rate = p->sustained_flop_per_s;

	(void)s;
	if (gemm != CALIBRATE_SUSTAINED)
		return 0.0;
	if (!(rate > 0.0))
		rate = hardware_gemm_flop_per_s(hw);
	return 2.0 * p->n * p->k / rate;
}

static void add_products(const struct sampled *s, const struct hardware *hw,
			 enum calibrate_gemm gemm, cJSON *at,
			 struct calibrate_result *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < s->nproducts; i++) {
		const struct sampled_product *p = &s->products[i];
		const struct unit rows = { QUANTITY_NUMBER,
					   QUANTITY_FLOP_PER_S,
					   2.0 * p->n * p->k };
		char name[64];
		cJSON *o;

		if (p->rows.n == 0)
			continue;
		o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "n", p->n);
		cJSON_AddNumberToObject(o, "k", p->k);
		snprintf(name, sizeof name, "product %.0f x %.0f", p->n,
			 p->k);
		add_curve(r, o, name, &p->rows, &rows,
			  least_row_s(s, p, gemm, hw));
		cJSON_AddItemToArray(list, o);
	}
	cJSON_AddItemToObject(at, "products", list);
}

static void add_attention(const struct sampled *s, cJSON *at,
			  struct calibrate_result *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < s->nattention; i++) {
		const struct sampled_attention *a = &s->attention[i];
		char name[64];
		cJSON *o;

		if (a->bytes.n == 0)
			continue;
		o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "sequences", a->sequences);
		snprintf(name, sizeof name, "attention, %.0f sequences",
			 a->sequences);
		add_curve(r, o, name, &a->bytes, &by_bytes, 0.0);
		cJSON_AddItemToArray(list, o);
	}
	cJSON_AddItemToObject(at, "attention", list);
}

static void add_kernels(const struct sampled *s, cJSON *at,
			struct calibrate_result *r)
{
	cJSON *kernels = cJSON_AddObjectToObject(at, "kernels");

	for (int i = 0; i < KERNEL_CURVES; i++) {
		const char *kind = calibration_kernel_name((enum kernel)i);
		char name[64];

		if (s->kernels[i].n == 0)
			continue;
		snprintf(name, sizeof name, "kernel %s", kind);
		add_curve(r, cJSON_AddObjectToObject(kernels, kind), name,
			  &s->kernels[i], &by_bytes, 0.0);
	}
}

static void add_byte_curves(const struct sampled *s, const struct hardware *hw,
			    cJSON *at, struct calibrate_result *r)
{
	const struct {
		const char *key, *name;
		const struct fit_points *p;
		double rate;
	} all[] = {
		{ "h2d", "copies h2d", &s->pinned[0], hw->h2d.bytes_per_s },
		{ "d2h", "copies d2h", &s->pinned[1], hw->d2h.bytes_per_s },
		{ "h2d_pageable", "copies h2d, pageable", &s->pageable[0],
		  0.0 },
		{ "d2h_pageable", "copies d2h, pageable", &s->pageable[1],
		  0.0 },
		{ "host_attention", "attention on the CPU",
		  &s->host[CALIBRATION_ATTENTION],
		  hw->host_attention_bytes_per_s },
		{ "host_copy", "host copies", &s->host[CALIBRATION_COPY],
		  hw->host_copy_bytes_per_s },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].p->n > 0)
			add_curve(r, cJSON_AddObjectToObject(at, all[i].key),
				  all[i].name, all[i].p, &by_bytes,
				  all[i].rate > 0.0 ? 1.0 / all[i].rate
						    : 0.0);
}

static void add_figures(const struct sampled *s, const struct hardware *hw,
			cJSON *at)
{
	const struct {
		const char *key;
		double value;
	} all[] = {
		{ "h2d_bytes_per_s", hw->h2d.bytes_per_s },
		{ "d2h_bytes_per_s", hw->d2h.bytes_per_s },
		{ "h2d_latency_s", hw->h2d.latency_s },
		{ "d2h_latency_s", hw->d2h.latency_s },
		{ "h2d_pageable_bytes_per_s", hw->h2d.pageable_bytes_per_s },
		{ "d2h_pageable_bytes_per_s", hw->d2h.pageable_bytes_per_s },
		{ "gemm_flop_per_s", hardware_gemm_flop_per_s(hw) },
		{ "hbm_bytes_per_s", hardware_hbm_bytes_per_s(hw) },
		{ "launch_s", hw->launch_s },
		{ "host_attention_bytes_per_s",
		  s->host[CALIBRATION_ATTENTION].n > 0
			? hw->host_attention_bytes_per_s : 0.0 },
		{ "host_copy_bytes_per_s",
		  s->host[CALIBRATION_COPY].n > 0 ? hw->host_copy_bytes_per_s
						  : 0.0 },
	};
	cJSON *o = cJSON_AddObjectToObject(at, "for");

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].value > 0.0 || i == 2 || i == 3 || i == 8)
			cJSON_AddNumberToObject(o, all[i].key, all[i].value);
}

void calibrate_curves_add(const struct sampled *s, const struct hardware *hw,
			  enum calibrate_gemm gemm, double spread,
			  struct calibrate_result *r)
{
	cJSON *at = cJSON_AddObjectToObject(r->profile, "calibration");

	cJSON_ReplaceItemInObjectCaseSensitive(
		r->profile, "kind", cJSON_CreateString("calibration"));
	add_figures(s, hw, at);
	cJSON_AddNumberToObject(at, "spread", calibrate_json_round(spread));
	add_byte_curves(s, hw, at, r);
	add_products(s, hw, gemm, at, r);
	add_attention(s, at, r);
	add_kernels(s, at, r);
}
