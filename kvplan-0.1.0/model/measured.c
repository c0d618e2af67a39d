/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/measured.h"

#include <math.h>

#include "model/calibration.h"

/*
 * A part of a work.  On the machine as it was calibrated it takes
 *
 *     whole = max(curve(size) * scale, size * least)
 *
 * of which `launch`, or all if that is less, was its launch.  The ratio is
 * that of times by the rates now over those then:
 *
 *     count * max((whole - launch) * ratio + launch now,
 *                 min(whole, roofline) * ratio) + size * more
 *
 * The launch hides what the roofline says of a small kernel: without it that
 * shows, but for what was measured to be faster.  A lower clock slows all of
 * a product, its launch too, as its roofline.
 */
struct part {
	const struct curve *curve;	/* NULL: scale and launch_now_s are
					 * all */
	struct amount size;
	double count, scale, ratio;
	double launch_s, launch_now_s;
	double least_s, roofline_s, more_s;	/* per unit of size */
	const struct gemm *gemm;	/* whose roofline, and ratio, it is */
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
	double then = w->pageable ? c->at.pageable_bytes_per_s[w->engine]
				  : c->at.bytes_per_s[w->engine];
	double each = 1.0 / w->launches;
	struct part p = {
		.curve = w->pageable ? &c->pageable[w->engine]
				     : &c->pinned[w->engine],
		.size = { each * w->bytes.fixed, each * w->bytes.per_token,
			  each * w->bytes.per_split },
		.count = w->launches,
		.scale = 1.0, .ratio = 1.0,
		.launch_s = c->at.latency_s[w->engine],
		.launch_now_s = now->latency_s,
		.least_s = 1.0 / rate,
		.what = w->engine == ENGINE_H2D ? "h2d" : "d2h",
	};

	p.more_s = w->launches * (1.0 / work_rate(w, hw) - p.least_s);
	if (then > 0.0) {
		p.ratio = then / rate;
		p.least_s = 1.0 / then;
	}
	p.roofline_s = p.least_s;
	p.spread = p.curve->spread;
	return p;
}

static struct part gemm_part(const struct work *w, const struct gemm *g,
			     const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	struct part p = {
		.size = g->m, .count = g->count,
		.launch_s = c->at.launch_s, .launch_now_s = hw->launch_s,
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
		.size = k->bytes, .count = 1.0, .scale = 1.0,
		.ratio = c->at.hbm_bytes_per_s / hbm,
		.launch_s = c->at.launch_s, .launch_now_s = hw->launch_s,
		.roofline_s = 1.0 / c->at.hbm_bytes_per_s,
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
		p.ratio = 1.0;
		p.launch_s = 0.0;
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

/* [s] The roofline of the product of `p` at `m` rows. */
static double gemm_roofline(const struct part *p, double m, double flop_per_s,
			    double bytes_per_s)
{
	const struct gemm *g = p->gemm;
	double flop = 2.0 * m * g->n * g->k;
	double bytes = p->element_bytes *
		       (m * g->k + g->k * g->n + m * g->n);

	return fmax(flop / flop_per_s, bytes / bytes_per_s);
}

/* What the launch now adds to `whole_s` at `ratio`; 0 where nothing changed. */
static double launch_extra(const struct part *p, double whole_s, double ratio)
{
	double launch_s = fmin(p->launch_s, whole_s);
	double now_s = p->launch_now_s;

	if (p->launch_s > 0.0)
		now_s *= launch_s / p->launch_s;
	return now_s - launch_s * ratio;
}

static double scaled(const struct part *p, double whole_s, double ratio,
		     double roofline_s)
{
	return p->count * fmax(whole_s * ratio +
				       launch_extra(p, whole_s, ratio),
			       ratio * fmin(whole_s, roofline_s));
}

static double product_seconds(const struct part *p, const struct hardware *hw,
			      double m, double whole_s)
{
	const struct calibration_figures *at = &hw->calibration->at;
	double hbm = hardware_hbm_bytes_per_s(hw);
	double then_s = gemm_roofline(p, m, at->gemm_flop_per_s,
				      at->hbm_bytes_per_s);
	double full_s = gemm_roofline(p, m, hardware_full_gemm_flop_per_s(hw),
				      hbm);
	double now_s = gemm_roofline(p, m, hardware_gemm_flop_per_s(hw), hbm);

	return scaled(p, whole_s, full_s / then_s, then_s) *
	       (now_s / full_s);
}

static double part_seconds(const struct part *p, const struct hardware *hw,
			   double size)
{
	double whole_s;

	if (size <= 0.0)
		return 0.0;
	whole_s = p->scale * (p->curve ? curve_at(p->curve, size) : size);
	if (p->gemm != NULL)
		return product_seconds(p, hw, size, whole_s);
	whole_s = fmax(whole_s, size * p->least_s);
	return scaled(p, whole_s, p->ratio, size * p->roofline_s) +
	       size * p->more_s;
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

/* Times by the rates now over those then: the least, whatever the size. */
static double least_ratio(const struct part *p, const struct hardware *hw)
{
	const struct calibration_figures *at = &hw->calibration->at;

	if (p->gemm == NULL)
		return p->ratio;
	return fmin(at->gemm_flop_per_s /
			    hardware_full_gemm_flop_per_s(hw),
		    at->hbm_bytes_per_s / hardware_hbm_bytes_per_s(hw));
}

/*
 * Two bounds from below: the least time of the curve, and a line at its best
 * rate, each with the least that the launch can add.
 */
static struct work_piece part_piece(const struct part *p,
				    const struct hardware *hw, double cached)
{
	double start = amount_at(&p->size, cached, 0.0);
	double ratio = least_ratio(p, hw), curve_s = 0.0, shift_s, slope_s;
	struct work_piece piece = { .fixed_s = { 0.0 } };

	if (p->size.per_split == 0.0) {
		piece.fixed_s[0] = part_seconds(p, hw, start);
		piece.fixed_s[1] = piece.fixed_s[0];
		return piece;
	}
	slope_s = ratio * p->scale;
	if (p->curve != NULL) {
		curve_s = p->scale * curve_least(p->curve);
		slope_s /= curve_best_rate(p->curve);
	}
	shift_s = fmin(launch_extra(p, curve_s, ratio),
		       launch_extra(p, p->launch_s, ratio));
	piece.fixed_s[0] = p->count * (ratio * curve_s +
				       launch_extra(p, curve_s, ratio));
	if (slope_s > ratio * p->least_s || shift_s > 0.0)
		piece.fixed_s[1] = p->count * shift_s;
	else
		slope_s = ratio * p->least_s;
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
