/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measured.h"

#include <math.h>

#include "model/calibration.h"

/*
 * A part of a work: a curve of a size and what is done to its times.
 *
 *     count * max(curve(size) * scale * ratio + shift, size * least)
 *     + size * more
 */
struct part {
	const struct curve *curve;	/* NULL: scale and shift are all */
	struct amount size;
	double count, scale, shift_s;
	double least_s, more_s;		/* per unit of size */
	const struct gemm *gemm;	/* whose roofline gives the ratio */
	double element_bytes;
	double spread;
	const char *what;
};

enum { MOST_PARTS = WORK_MOST_GEMMS + WORK_MOST_KERNELS };

bool measured_has(const struct work *w, const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;

	if (c == NULL)
		return false;
	switch (w->engine) {
	case ENGINE_H2D:
	case ENGINE_D2H:
		return (w->pageable ? c->pageable[w->engine]
				    : c->pinned[w->engine]).n > 0;
	case ENGINE_SM:
		return w->ngemms + w->nkernels > 0 &&
		       (w->ngemms == 0 || c->nproducts > 0);
	case ENGINE_CPU:
	case ENGINE_COPY:
	case ENGINE_ISSUE:
	case ENGINE_COUNT:
		break;
	}
	return false;
}

_Static_assert((int)ENGINE_H2D == (int)CALIBRATION_H2D &&
		       (int)ENGINE_D2H == (int)CALIBRATION_D2H,
	       "engines index the curves of the link");

static struct part copy_part(const struct work *w, const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	const struct hardware_direction *now =
		w->engine == ENGINE_H2D ? &hw->h2d : &hw->d2h;
	double rate = w->pageable ? now->pageable_bytes_per_s
				  : now->bytes_per_s;
	double each = 1.0 / w->launches;
	struct part p = {
		.curve = w->pageable ? &c->pageable[w->engine]
				     : &c->pinned[w->engine],
		.size = { each * w->bytes.fixed, each * w->bytes.per_token,
			  each * w->bytes.per_split },
		.count = w->launches,
		.scale = 1.0,
		.shift_s = now->latency_s - c->at.latency_s[w->engine],
		.least_s = 1.0 / rate,
		.what = w->engine == ENGINE_H2D ? "h2d" : "d2h",
	};

	if (!w->pageable)
		p.scale = c->at.bytes_per_s[w->engine] / rate;
	else if (c->at.pageable_bytes_per_s[w->engine] > 0.0)
		p.scale = c->at.pageable_bytes_per_s[w->engine] / rate;
	p.more_s = w->launches * (1.0 / work_rate(w, hw) - p.least_s);
	p.spread = p.curve->spread;
	return p;
}

static struct part gemm_part(const struct work *w, const struct gemm *g,
			     const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	struct part p = {
		.size = g->m, .count = g->count,
		.shift_s = hw->launch_s - c->at.launch_s,
		.element_bytes = w->element_bytes, .what = "product",
	};

	p.curve = calibration_product(c, g->n, g->k, &p.scale);
	p.spread = p.curve->spread;
	p.gemm = g;
	return p;
}

static struct part kernel_part(const struct work_kernel *k,
			       const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	double hbm = hardware_hbm_bytes_per_s(hw);
	struct part p = {
		.size = k->bytes, .count = 1.0,
		.scale = c->at.hbm_bytes_per_s / hbm,
		.shift_s = hw->launch_s - c->at.launch_s,
		.spread = c->spread,
	};

	if (k->kind == KERNEL_ATTENTION) {
		p.curve = calibration_attention(c, k->sequences);
		p.what = "attention";
	} else if (k->kind < KERNEL_CURVES && c->kernels[k->kind].n > 0) {
		p.curve = &c->kernels[k->kind];
		p.what = calibration_kernel_name(k->kind);
	}
	if (p.curve != NULL) {
		p.spread = p.curve->spread;
	} else {
		p.scale = 1.0 / hbm;
		p.shift_s = hw->launch_s;
	}
	return p;
}

static size_t find_parts(const struct work *w, const struct hardware *hw,
			 struct part parts[MOST_PARTS])
{
	size_t n = 0;

	if (w->engine != ENGINE_SM) {
		parts[0] = copy_part(w, hw);
		return 1;
	}
	for (size_t i = 0; i < w->ngemms; i++)
		parts[n++] = gemm_part(w, &w->gemm[i], hw);
	for (size_t i = 0; i < w->nkernels; i++)
		parts[n++] = kernel_part(&w->kernel[i], hw);
	return n;
}

/* Its roofline now over that of the calibration, at `m` rows. */
static double roofline_ratio(const struct part *p, const struct hardware *hw,
			     double m)
{
	const struct calibration_figures *at = &hw->calibration->at;
	const struct gemm *g = p->gemm;
	double flop = 2.0 * m * g->n * g->k;
	double bytes = p->element_bytes *
		       (m * g->k + g->k * g->n + m * g->n);
	double now = fmax(flop / hardware_gemm_flop_per_s(hw),
			  bytes / hardware_hbm_bytes_per_s(hw));

	return now / fmax(flop / at->gemm_flop_per_s,
			  bytes / at->hbm_bytes_per_s);
}

static double part_seconds(const struct part *p, const struct hardware *hw,
			   double size)
{
	double t;

	if (size <= 0.0)
		return 0.0;
	t = p->scale * (p->curve ? curve_at(p->curve, size) : size);
	if (p->gemm != NULL)
		t *= roofline_ratio(p, hw, size);
	t = fmax(t + p->shift_s, size * p->least_s);
	return p->count * t + size * p->more_s;
}

double measured_seconds(const struct work *w, const struct hardware *hw,
			double cached, double split)
{
	struct part parts[MOST_PARTS];
	size_t n = find_parts(w, hw, parts);
	double t = 0.0;

	for (size_t i = 0; i < n; i++)
		t += part_seconds(&parts[i], hw,
				  amount_at(&parts[i].size, cached, split));
	return t;
}

/* Least time and best rate of `p`, whatever its size. */
static void find_bounds(const struct part *p, const struct hardware *hw,
			double *least_s, double *slope_s)
{
	const struct calibration_figures *at = &hw->calibration->at;
	double scale = p->scale;

	if (p->gemm != NULL)
		scale *= fmin(at->gemm_flop_per_s /
				      hardware_gemm_flop_per_s(hw),
			      at->hbm_bytes_per_s /
				      hardware_hbm_bytes_per_s(hw));
	*least_s = 0.0;
	*slope_s = scale;
	if (p->curve != NULL) {
		*least_s = scale * curve_least(p->curve);
		*slope_s = scale / curve_best_rate(p->curve);
	}
}

static struct work_piece part_piece(const struct part *p,
				    const struct hardware *hw, double cached)
{
	double start = amount_at(&p->size, cached, 0.0);
	double least_s, slope_s, exact_s;
	struct work_piece piece = { .fixed_s = { 0.0 } };

	if (p->size.per_split == 0.0) {
		exact_s = part_seconds(p, hw, start);
		piece.fixed_s[0] = piece.fixed_s[1] = exact_s;
		return piece;
	}
	find_bounds(p, hw, &least_s, &slope_s);
	piece.fixed_s[0] = p->count * fmax(0.0, least_s + p->shift_s);
	if (slope_s > p->least_s || p->shift_s > 0.0)
		piece.fixed_s[1] = p->count * p->shift_s;
	else
		slope_s = p->least_s;
	slope_s = p->count * slope_s + p->more_s;
	piece.fixed_s[1] += slope_s * start;
	piece.per_split_s[1] = slope_s * p->size.per_split;
	return piece;
}

struct work_duration measured_duration(const struct work *w,
				       const struct hardware *hw,
				       double cached)
{
	struct part parts[MOST_PARTS];
	struct work_duration d = { .npieces = find_parts(w, hw, parts) };

	for (size_t i = 0; i < d.npieces; i++)
		d.pieces[i] = part_piece(&parts[i], hw, cached);
	return d;
}

double measured_spread(const struct work *w, const struct hardware *hw,
		       double cached, double split)
{
	struct part parts[MOST_PARTS];
	double all = 0.0, sum = 0.0;
	size_t n;

	if (hw->calibration == NULL)
		return 0.0;
	if (!measured_has(w, hw))
		return hw->calibration->spread;
	n = find_parts(w, hw, parts);
	for (size_t i = 0; i < n; i++) {
		double t = part_seconds(&parts[i], hw,
					amount_at(&parts[i].size, cached,
						  split));

		all += t;
		sum += t * parts[i].spread;
	}
	return all > 0.0 ? sum / all : 0.0;
}

bool measured_is_outside(const struct work *w, const struct hardware *hw,
			 double cached, double split,
			 struct measured_outside *out)
{
	struct part parts[MOST_PARTS];
	size_t n;

	if (!measured_has(w, hw))
		return false;
	n = find_parts(w, hw, parts);
	for (size_t i = 0; i < n; i++) {
		const struct part *p = &parts[i];
		double size = amount_at(&p->size, cached, split);

		if (p->curve == NULL || size <= 0.0 ||
		    curve_covers(p->curve, size))
			continue;
		*out = (struct measured_outside){
			.what = p->what, .size = size,
			.least = p->curve->size[0],
			.most = p->curve->size[p->curve->n - 1],
			.n = p->gemm ? p->gemm->n : 0.0,
			.k = p->gemm ? p->gemm->k : 0.0,
		};
		return true;
	}
	return false;
}
