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
		return c->host[CALIBRATION_ATTENTION].n > 0;
	case ENGINE_COPY:
		return c->host[CALIBRATION_COPY].n > 0;
	case ENGINE_ISSUE:
	case ENGINE_COUNT:
		break;
	}
	return false;
}

_Static_assert((int)ENGINE_H2D == (int)CALIBRATION_H2D &&
		       (int)ENGINE_D2H == (int)CALIBRATION_D2H,
	       "engines index the curves of the link");

static struct measured_part copy_part(const struct work *w,
				      const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	const struct hardware_direction *now =
		w->engine == ENGINE_H2D ? &hw->h2d : &hw->d2h;
	double rate = w->pageable ? now->pageable_bytes_per_s
				  : now->bytes_per_s;
	double then = w->pageable ? c->at.pageable_bytes_per_s[w->engine]
				  : c->at.bytes_per_s[w->engine];
	double each = 1.0 / w->launches;
	struct measured_part p = {
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

/* A host function: no part of it is a latency of its own. */
static struct measured_part host_part(const struct work *w,
				      const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	bool attends = w->engine == ENGINE_CPU;
	size_t i = attends ? CALIBRATION_ATTENTION : CALIBRATION_COPY;
	double now = attends ? hw->host_attention_bytes_per_s
			     : hw->host_copy_bytes_per_s;
	double then = c->at.host_bytes_per_s[i];
	struct measured_part p = {
		.curve = &c->host[i], .size = w->bytes, .count = 1.0,
		.scale = 1.0, .ratio = 1.0, .least_s = 1.0 / now,
		.more_s = 1.0 / work_rate(w, hw) - 1.0 / now,
		.spread = c->host[i].spread,
		.what = attends ? "attention on the CPU" : "host copy",
	};

	if (then > 0.0) {
		p.ratio = then / now;
		p.least_s = 1.0 / then;
	}
	p.roofline_s = p.least_s;
	return p;
}

static struct measured_part gemm_part(const struct work *w,
				      const struct gemm *g,
				      const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	struct measured_part p = {
		.size = g->m, .count = g->count,
		.launch_s = c->at.launch_s, .launch_now_s = hw->launch_s,
		.element_bytes = w->element_bytes, .what = "product",
	};

	p.curve = calibration_product(c, g->n, g->k, &p.scale);
	p.spread = p.curve->spread;
	p.gemm = g;
	return p;
}

static struct measured_part kernel_part(const struct work_kernel *k,
					const struct hardware *hw)
{
	const struct calibration *c = hw->calibration;
	double hbm = hardware_hbm_bytes_per_s(hw);
	struct measured_part p = {
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

struct measured_work measured_make(const struct work *w,
				   const struct hardware *hw)
{
	const struct calibration_figures *at = &hw->calibration->at;
	struct measured_work m = {
		.gemm_then = at->gemm_flop_per_s,
		.gemm_full = hardware_full_gemm_flop_per_s(hw),
		.gemm_now = hardware_gemm_flop_per_s(hw),
		.hbm_then = at->hbm_bytes_per_s,
		.hbm_now = hardware_hbm_bytes_per_s(hw),
		.event_s = work_event_s(w, hw),
	};

	if (w->engine != ENGINE_SM) {
		m.part[m.n++] = engine_is_link(w->engine) ? copy_part(w, hw)
							  : host_part(w, hw);
		return m;
	}
	for (size_t i = 0; i < w->ngemms; i++)
		m.part[m.n++] = gemm_part(w, &w->gemm[i], hw);
	for (size_t i = 0; i < w->nkernels; i++)
		m.part[m.n++] = kernel_part(&w->kernel[i], hw);
	return m;
}

/* [s] The roofline of the product of `p` at `m` rows. */
static double gemm_roofline(const struct measured_part *p, double m,
			    double flop_per_s, double bytes_per_s)
{
	const struct gemm *g = p->gemm;
	double flop = 2.0 * m * g->n * g->k;
	double bytes = p->element_bytes *
		       (m * g->k + g->k * g->n + m * g->n);

	return fmax(flop / flop_per_s, bytes / bytes_per_s);
}

/* What the launch now adds to `whole_s` at `ratio`; 0 where nothing changed. */
static double launch_extra(const struct measured_part *p, double whole_s,
			   double ratio)
{
	double launch_s = fmin(p->launch_s, whole_s);
	double now_s = p->launch_now_s;

	if (p->launch_s > 0.0)
		now_s *= launch_s / p->launch_s;
	return now_s - launch_s * ratio;
}

static double scaled(const struct measured_part *p, double whole_s,
		     double ratio, double roofline_s)
{
	return p->count * fmax(whole_s * ratio +
				       launch_extra(p, whole_s, ratio),
			       ratio * fmin(whole_s, roofline_s));
}

/*
 * Of `low` to `high` rows, `whole_s` for none less, no more than it takes.  The
 * ratio of two rooflines that are flat at first and then rise goes one way.
 */
static double product_seconds(const struct measured_work *all,
			      const struct measured_part *p, double low,
			      double high, double whole_s)
{
	double then_s = gemm_roofline(p, low, all->gemm_then, all->hbm_then);
	double full_s = gemm_roofline(p, low, all->gemm_full, all->hbm_now);
	double now_s = gemm_roofline(p, low, all->gemm_now, all->hbm_now);
	double ratio = full_s / then_s, slower = now_s / full_s;

	if (high > low) {
		full_s = gemm_roofline(p, high, all->gemm_full,
				       all->hbm_now);
		now_s = gemm_roofline(p, high, all->gemm_now, all->hbm_now);
		ratio = fmin(ratio, full_s / gemm_roofline(p, high,
							   all->gemm_then,
							   all->hbm_then));
		slower = fmin(slower, now_s / full_s);
	}
	return scaled(p, whole_s, ratio, then_s) * slower;
}

/* Of sizes from `low` to `high` no more than the least. */
static double part_seconds(const struct measured_work *all,
			   const struct measured_part *p, double low,
			   double high)
{
	double whole_s;

	if (low <= 0.0)
		return 0.0;
	whole_s = p->scale *
		  (p->curve ? curve_least(p->curve, low, high) : low);
	if (p->gemm != NULL)
		return product_seconds(all, p, low, high, whole_s);
	whole_s = fmax(whole_s, low * p->least_s);
	return scaled(p, whole_s, p->ratio, low * p->roofline_s) +
	       low * p->more_s;
}

double measured_least(const struct measured_work *m, double cached, double low,
		      double high)
{
	double t = 0.0;

	for (size_t i = 0; i < m->n; i++) {
		const struct measured_part *p = &m->part[i];
		double a = amount_at(&p->size, cached, low);
		double b = low == high ? a : amount_at(&p->size, cached, high);

		t += part_seconds(m, p, fmin(a, b), fmax(a, b));
	}
	return t + m->event_s;
}

double measured_at(const struct measured_work *m, double cached, double split)
{
	return measured_least(m, cached, split, split);
}

/* Times by the rates now over those then: the least, whatever the size. */
static double least_ratio(const struct measured_work *all,
			  const struct measured_part *p)
{
	if (p->gemm == NULL)
		return p->ratio;
	return fmin(all->gemm_then / all->gemm_full,
		    all->hbm_then / all->hbm_now);
}

/*
 * Two bounds from below: the least time of the curve, and a line at its best
 * rate, each with the least that the launch can add.
 */
static struct work_piece part_piece(const struct measured_work *all,
				    const struct measured_part *p,
				    double cached)
{
	double start = amount_at(&p->size, cached, 0.0);
	double ratio = least_ratio(all, p), curve_s = 0.0, shift_s, slope_s;
	struct work_piece piece = { .fixed_s = { 0.0 } };

	if (p->size.per_split == 0.0) {
		piece.fixed_s[0] = part_seconds(all, p, start, start);
		piece.fixed_s[1] = piece.fixed_s[0];
		return piece;
	}
	slope_s = ratio * p->scale;
	if (p->curve != NULL) {
		curve_s = p->scale * curve_least(p->curve, 0.0, INFINITY);
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

struct work_duration measured_duration(const struct measured_work *m,
				       double cached)
{
	struct work_duration d = { .npieces = m->n,
				   .overhead_s = m->event_s };

	for (size_t i = 0; i < m->n; i++)
		d.pieces[i] = part_piece(m, &m->part[i], cached);
	return d;
}

double measured_spread(const struct work *w, const struct hardware *hw,
		       double cached, double split)
{
	struct measured_work m;
	double all = 0.0, sum = 0.0;

	if (hw->calibration == NULL)
		return 0.0;
	if (!measured_has(w, hw))
		return hw->calibration->spread;
	m = measured_make(w, hw);
	for (size_t i = 0; i < m.n; i++) {
		const struct measured_part *p = &m.part[i];
		double size = amount_at(&p->size, cached, split);
		double t = part_seconds(&m, p, size, size);

		all += t;
		sum += t * p->spread;
	}
	return all > 0.0 ? sum / all : 0.0;
}

bool measured_is_outside(const struct work *w, const struct hardware *hw,
			 double cached, double split,
			 struct measured_outside *out)
{
	struct measured_work m;

	if (!measured_has(w, hw))
		return false;
	m = measured_make(w, hw);
	for (size_t i = 0; i < m.n; i++) {
		const struct measured_part *p = &m.part[i];
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
