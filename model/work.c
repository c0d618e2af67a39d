/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/work.h"

#include <math.h>

#include "model/measured.h"

double amount_at(const struct amount *a, double cached, double split)
{
	return a->fixed + a->per_token * cached + a->per_split * split;
}

const char *engine_name(enum engine e)
{
	static const char *const names[ENGINE_COUNT] = { "h2d", "d2h", "sm",
							"cpu", "copy",
							"issue" };

	return names[e];
}

const char *engine_title(enum engine e)
{
	static const char *const titles[ENGINE_COUNT] = {
		"host-to-GPU link", "GPU-to-host link", "GPU compute",
		"CPU", "host copy thread", "issuing thread"
	};

	return titles[e];
}

bool engine_is_link(enum engine e)
{
	return e == ENGINE_H2D || e == ENGINE_D2H;
}

static double gemm_flop(const struct gemm *g, double cached, double split)
{
	return 2.0 * g->count * amount_at(&g->m, cached, split) * g->n *
	       g->k;
}

/* Both factors read, the product written; nothing if there are no rows. */
static double gemm_bytes(const struct gemm *g, double element_bytes,
			 double cached, double split)
{
	double m = amount_at(&g->m, cached, split);

	if (m <= 0.0)
		return 0.0;
	return g->count * element_bytes *
	       (m * g->k + g->k * g->n + m * g->n);
}

static double bytes_of(const struct work *w, double cached, double split)
{
	double bytes = amount_at(&w->bytes, cached, split);

	for (size_t i = 0; i < w->ngemms; i++)
		bytes += gemm_bytes(&w->gemm[i], w->element_bytes, cached,
				    split);
	return bytes;
}

static double flop_of(const struct work *w, double cached, double split)
{
	double flop = amount_at(&w->flop, cached, split);

	for (size_t i = 0; i < w->ngemms; i++)
		flop += gemm_flop(&w->gemm[i], cached, split);
	return flop;
}

double work_bytes(const struct work *w, double cached, double split)
{
	return w->engine == ENGINE_ISSUE ? 0.0 : bytes_of(w, cached, split);
}

double work_flop(const struct work *w, double cached, double split)
{
	return w->engine == ENGINE_ISSUE ? 0.0 : flop_of(w, cached, split);
}

/* What is issued stays in it, so that it is empty where that is. */
struct work work_issue(const struct work *w)
{
	struct work issue = *w;

	issue.engine = ENGINE_ISSUE;
	return issue;
}

int work_is_empty(const struct work *w, double cached, double split)
{
	return bytes_of(w, cached, split) <= 0.0 &&
	       flop_of(w, cached, split) <= 0.0;
}

double work_event_s(const struct work *w, const struct hardware *hw)
{
	return w->awaited && w->engine == ENGINE_SM ? hw->event_s : 0.0;
}

double work_overhead_s(const struct work *w, const struct hardware *hw)
{
	switch (w->engine) {
	case ENGINE_H2D:
		return w->launches * hw->h2d.latency_s;
	case ENGINE_D2H:
		return w->launches * hw->d2h.latency_s;
	case ENGINE_SM:
		return w->launches * hw->launch_s + work_event_s(w, hw);
	case ENGINE_ISSUE:
		return w->launches * hw->host_issue_s;
	case ENGINE_CPU:
	case ENGINE_COPY:
	case ENGINE_COUNT:
		break;
	}
	return 0.0;
}

/* What `w` has of the host to itself, were nothing else there. */
static double own_rate(const struct work *w, const struct hardware *hw,
		       double sharers)
{
	switch (w->engine) {
	case ENGINE_H2D:
		return w->pageable ? hw->h2d.pageable_bytes_per_s
				   : hw->h2d.bytes_per_s;
	case ENGINE_D2H:
		return w->pageable ? hw->d2h.pageable_bytes_per_s
				   : hw->d2h.bytes_per_s;
	case ENGINE_CPU:
		return hw->host_attention_bytes_per_s / sharers;
	case ENGINE_COPY:
		return hw->host_copy_bytes_per_s;
	case ENGINE_SM:
	case ENGINE_ISSUE:
	case ENGINE_COUNT:
		break;
	}
	return hardware_hbm_bytes_per_s(hw);
}

double work_crossings(const struct work *w, const struct hardware *hw)
{
	switch (w->engine) {
	case ENGINE_H2D:
	case ENGINE_D2H:
		return w->pageable ? HARDWARE_PAGEABLE_CROSSINGS
				   : fmax(1.0, hw->link_crossings);
	case ENGINE_CPU:
		return 1.0;
	case ENGINE_COPY:
		return 2.0;
	case ENGINE_SM:
	case ENGINE_ISSUE:
	case ENGINE_COUNT:
		break;
	}
	return 0.0;
}

double work_rate(const struct work *w, const struct hardware *hw)
{
	double sharers = w->sharers > 0.0 ? w->sharers : 1.0;
	double crossings = work_crossings(w, hw);
	double rate = own_rate(w, hw, sharers);

	if (engine_is_link(w->engine) && hw->host_root_bytes_per_s > 0.0)
		rate = fmin(rate, hw->host_root_bytes_per_s / sharers);
	if (engine_is_link(w->engine) && hw->host_switch_bytes_per_s > 0.0)
		rate = fmin(rate, hw->host_switch_bytes_per_s /
				  hardware_switch_sharers(hw, sharers));
	if (crossings > 0.0 && hw->host_memory_bytes_per_s > 0.0)
		rate = fmin(rate, hw->host_memory_bytes_per_s / sharers /
				  crossings);
	return rate;
}

/* Whatever the cached tokens and the split: a barrier. */
static bool asks_nothing(const struct work *w)
{
	return w->ngemms == 0 && work_is_empty(w, 0.0, 0.0) &&
	       work_is_empty(w, 1.0, 0.0) && work_is_empty(w, 1.0, 1.0);
}

const char *work_unstated(const struct work *w, const struct hardware *hw)
{
	static const char *const paths[ENGINE_COUNT] = {
		[ENGINE_H2D] = "link.h2d.pageable_bytes_per_s",
		[ENGINE_D2H] = "link.d2h.pageable_bytes_per_s",
		[ENGINE_CPU] = "host.attention_bytes_per_s",
		[ENGINE_COPY] = "host.copy_bytes_per_s",
	};

	return work_rate(w, hw) > 0.0 || asks_nothing(w) ? NULL
							 : paths[w->engine];
}

enum status work_check(const struct work *w, const struct hardware *hw,
		       struct diag *d)
{
	const char *path = work_unstated(w, hw);

	if (path == NULL)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "%s: %s is not stated; give it with --set %s=VALUE",
			 hw->name, path, path);
}

/* A rate that is not stated is 0; it matters to nobody who needs none. */
static double seconds(double amount, double rate)
{
	return amount > 0.0 || amount < 0.0 ? amount / rate : 0.0;
}

/* `a` at `cached` tokens, over `rate`, as an affine function of the split. */
static void set_arm(struct work_piece *p, size_t arm, const struct amount *a,
		    double cached, double rate)
{
	p->fixed_s[arm] = seconds(amount_at(a, cached, 0.0), rate);
	p->per_split_s[arm] = seconds(a->per_split, rate);
}

static struct work_piece roofline(const struct hardware *hw,
				  const struct amount *flop,
				  const struct amount *bytes, double cached)
{
	struct work_piece p;

	set_arm(&p, 0, flop, cached, hardware_gemm_flop_per_s(hw));
	set_arm(&p, 1, bytes, cached, hardware_hbm_bytes_per_s(hw));
	return p;
}

/* factor * a + plus */
static struct amount scale(const struct amount *a, double factor, double plus)
{
	return (struct amount){ .fixed = factor * a->fixed + plus,
				.per_token = factor * a->per_token,
				.per_split = factor * a->per_split };
}

static struct work_piece gemm_piece(const struct gemm *g,
				    double element_bytes,
				    const struct hardware *hw, double cached)
{
	double each = g->count * element_bytes;
	struct amount flop = scale(&g->m, 2.0 * g->count * g->n * g->k, 0.0);
	struct amount bytes = scale(&g->m, each * (g->k + g->n),
				    each * g->k * g->n);

	return roofline(hw, &flop, &bytes, cached);
}

struct work_duration work_duration(const struct work *w,
				   const struct hardware *hw, double cached)
{
	struct work_duration d = { .overhead_s = work_overhead_s(w, hw) };
	double rate = work_rate(w, hw);

	if (measured_has(w, hw)) {
		struct measured_work m = measured_make(w, hw);

		return measured_duration(&m, cached);
	}
	if (w->engine == ENGINE_ISSUE)
		return d;
	if (w->engine == ENGINE_SM) {
		for (size_t i = 0; i < w->ngemms; i++)
			d.pieces[d.npieces++] = gemm_piece(
				&w->gemm[i], w->element_bytes, hw, cached);
		d.pieces[d.npieces++] =
			roofline(hw, &w->flop, &w->bytes, cached);
	} else {
		for (size_t arm = 0; arm < WORK_ARMS; arm++)
			set_arm(&d.pieces[0], arm, &w->bytes, cached, rate);
		d.npieces = 1;
	}
	return d;
}

struct work_duration work_duration_near(const struct work *w,
					const struct hardware *hw,
					double cached, double near)
{
	struct work_duration d = work_duration(w, hw, cached);
	double found = work_duration_at(&d, near);
	double factor = work_seconds(w, hw, cached, near) / found;

	if (!measured_has(w, hw) || !(found > 0.0) || !(factor > 0.0))
		return d;
	for (size_t i = 0; i < d.npieces; i++)
		for (size_t arm = 0; arm < WORK_ARMS; arm++) {
			d.pieces[i].fixed_s[arm] *= factor;
			d.pieces[i].per_split_s[arm] *= factor;
		}
	d.overhead_s *= factor;
	return d;
}

double work_duration_at(const struct work_duration *d, double split)
{
	double t = d->overhead_s;

	for (size_t i = 0; i < d->npieces; i++) {
		const struct work_piece *p = &d->pieces[i];

		t += fmax(p->fixed_s[0] + p->per_split_s[0] * split,
			  p->fixed_s[1] + p->per_split_s[1] * split);
	}
	return t;
}

double work_seconds(const struct work *w, const struct hardware *hw,
		    double cached, double split)
{
	struct work_duration d;

	if (work_is_empty(w, cached, split))
		return 0.0;
	if (measured_has(w, hw)) {
		struct measured_work m = measured_make(w, hw);

		return measured_at(&m, cached, split);
	}
	d = work_duration(w, hw, cached);
	return work_duration_at(&d, split);
}

double work_latency_s(const struct work *w, const struct hardware *hw,
		      double cached, double split)
{
	if (!measured_has(w, hw))
		return work_overhead_s(w, hw);
	return fmax(0.0, work_seconds(w, hw, cached, split) -
			 work_bytes(w, cached, split) / work_rate(w, hw));
}

/* By bytes, if these take longer. */
static double memory_s(struct work_piece p, double split)
{
	double by_flop_s = p.fixed_s[0] + p.per_split_s[0] * split;
	double by_bytes_s = p.fixed_s[1] + p.per_split_s[1] * split;

	return by_bytes_s >= by_flop_s ? by_bytes_s : 0.0;
}

double work_memory_s(const struct work *w, const struct hardware *hw,
		     double cached, double split)
{
	double most = work_seconds(w, hw, cached, split) -
		      work_overhead_s(w, hw);
	double sum;

	if (w->engine != ENGINE_SM)
		return 0.0;
	sum = memory_s(roofline(hw, &w->flop, &w->bytes, cached), split);
	for (size_t i = 0; i < w->ngemms; i++)
		sum += memory_s(gemm_piece(&w->gemm[i], w->element_bytes, hw,
					   cached), split);
	return fmax(0.0, fmin(sum, most));
}
