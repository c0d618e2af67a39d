/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/calibrate_links.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "model/calibrate_json.h"
#include "model/link_chains.h"

/* GPUs behind a switch, at most: host.gpus_per_switch's range. */
enum { MOST_PER_SWITCH = 64 };

/* A flow, with the rate that it has alone. */
struct flow {
	const struct sampled_link *link;
	double free_bytes_per_s, predicted_bytes_per_s;
	bool grouped;
};

struct flows {
	struct flow *list;
	size_t n;
};

static bool is_alike(const struct sampled_link *a,
		     const struct sampled_link *b)
{
	return a->way == b->way && a->both == b->both;
}

/* The rate of a GPU alone: its own, or the median of the others'. */
static double alone(const struct sampled *s, const struct sampled_link *l)
{
	double *others = xcalloc(s->nlinks, sizeof *others), rate = 0.0;
	size_t n = 0;

	for (size_t i = 0; i < s->nlinks; i++) {
		const struct sampled_link *a = &s->links[i];

		if (a->gpus != 1 || !is_alike(a, l))
			continue;
		others[n++] = a->bytes_per_s;
		if (a->gpu == l->gpu)
			rate = a->bytes_per_s;
	}
	if (!(rate > 0.0) && n > 0)
		rate = fit_median(others, n);
	free(others);
	return rate;
}

static struct flows find_flows(const struct sampled *s)
{
	struct flows f = { .list = xcalloc(s->nlinks + 1, sizeof *f.list) };

	for (size_t i = 0; i < s->nlinks; i++) {
		double rate = alone(s, &s->links[i]);

		if (s->links[i].gpus > 1 && rate > 0.0)
			f.list[f.n++] = (struct flow){
				.link = &s->links[i],
				.free_bytes_per_s = rate };
	}
	return f;
}

/* Whether two flows were measured at once and would share a limit. */
static bool share(const struct sampled_link *a, const struct sampled_link *b,
		  size_t per_switch)
{
	if (a->gpus != b->gpus || a->both != b->both)
		return false;
	if (per_switch == 0)
		return a->both || a->way == b->way;
	return a->way == b->way && floor(a->gpu / (double)per_switch) ==
				   floor(b->gpu / (double)per_switch);
}

/* The flows that share with the first that is in no group yet. */
static size_t next_group(struct flows *f, size_t per_switch,
			 struct flow **group)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct flow *x = &f->list[i];

		if (x->grouped ||
		    (n > 0 && !share(group[0]->link, x->link, per_switch)))
			continue;
		x->grouped = true;
		group[n++] = x;
	}
	return n;
}

static void ungroup(struct flows *f)
{
	for (size_t i = 0; i < f->n; i++)
		f->list[i].grouped = false;
}

/* Each its even part of what is left, or less if it has less alone. */
static void divide(struct flow **group, size_t n, double limit)
{
	size_t open = n;
	bool changed = true;

	for (size_t i = 0; i < n; i++)
		group[i]->predicted_bytes_per_s = 0.0;
	while (changed && open > 0) {
		double even = limit / (double)open;

		changed = false;
		for (size_t i = 0; i < n; i++) {
			struct flow *x = group[i];

			if (x->predicted_bytes_per_s > 0.0 ||
			    x->free_bytes_per_s > even)
				continue;
			x->predicted_bytes_per_s = x->free_bytes_per_s;
			limit -= x->free_bytes_per_s;
			open--;
			changed = true;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (!(group[i]->predicted_bytes_per_s > 0.0))
			group[i]->predicted_bytes_per_s =
				limit / (double)open;
}

/* [B/s] the limit of such groups; INFINITY: none is held back. */
static double find_limit(struct flows *f, size_t per_switch)
{
	struct flow **group = xcalloc(f->n + 1, sizeof *group);
	double *limits = xcalloc(f->n + 1, sizeof *limits), limit = INFINITY;
	size_t n, found = 0;

	ungroup(f);
	while ((n = next_group(f, per_switch, group)) > 0) {
		double rate = 0.0, unshared = 0.0;

		for (size_t i = 0; i < n; i++) {
			rate += group[i]->link->bytes_per_s;
			unshared += group[i]->free_bytes_per_s;
		}
		if (n > 1 && rate < (1.0 - CALIBRATE_LINKS_WITHIN) * unshared)
			limits[found++] = rate;
	}
	if (found > 0)
		limit = fit_median(limits, found);
	free(group);
	free(limits);
	return limit;
}

/* Copies to the GPUs go to the front of `group`: how many they are. */
static size_t to_gpus_first(struct flow **group, size_t n)
{
	size_t in = 0;

	for (size_t i = 0; i < n; i++)
		if (group[i]->link->way == CALIBRATION_H2D) {
			struct flow *x = group[in];

			group[in++] = group[i];
			group[i] = x;
		}
	return in;
}

/*
 * All share `limit`: the result is the part of those to the GPUs.  With both
 * directions busy they have no more than `h2d`, and the others the rest.
 */
static double divide_both(struct flow **group, size_t n, double limit,
			  double h2d)
{
	size_t in = to_gpus_first(group, n);
	double part = 0.0;

	divide(group, n, limit);
	for (size_t i = 0; i < in; i++)
		part += group[i]->predicted_bytes_per_s;
	if (group[0]->link->both && h2d < part) {
		divide(group, in, h2d);
		divide(group + in, n - in, limit - h2d);
	}
	return part;
}

/*
 * [B/s] to the GPUs while all copy both ways, in groups in which these have
 * less than their part of `limit`; INFINITY: there is none.
 */
static double find_h2d(struct flows *f, double limit)
{
	struct flow **group = xcalloc(f->n + 1, sizeof *group);
	double *limits = xcalloc(f->n + 1, sizeof *limits), h2d = INFINITY;
	size_t n, found = 0;

	ungroup(f);
	while ((n = next_group(f, 0, group)) > 0) {
		double part = divide_both(group, n, limit, INFINITY);
		double rate = 0.0;

		for (size_t i = 0; i < n; i++)
			if (group[i]->link->way == CALIBRATION_H2D)
				rate += group[i]->link->bytes_per_s;
		if (group[0]->link->both &&
		    rate < (1.0 - CALIBRATE_LINKS_WITHIN) * part)
			limits[found++] = rate;
	}
	if (found > 0)
		h2d = fit_median(limits, found);
	free(group);
	free(limits);
	return h2d;
}

static struct fit_residual residual(struct flows *f, size_t per_switch,
				    double limit, double h2d)
{
	struct flow **group = xcalloc(f->n + 1, sizeof *group);
	struct fit_residual r = { .rms = 0.0 };
	size_t n;

	ungroup(f);
	while ((n = next_group(f, per_switch, group)) > 0)
		divide_both(group, n, limit, h2d);
	for (size_t i = 0; i < f->n; i++) {
		const struct flow *x = &f->list[i];
		double e = fabs(x->link->bytes_per_s /
				x->predicted_bytes_per_s - 1.0);

		r.rms += e * e / (double)f->n;
		r.worst = fmax(r.worst, e);
	}
	r.rms = sqrt(r.rms);
	free(group);
	return r;
}

/* All flows of any measurement together, at most. */
static double most_rate(struct flows *f)
{
	struct flow **group = xcalloc(f->n + 1, sizeof *group);
	double most = 0.0;
	size_t n;

	ungroup(f);
	while ((n = next_group(f, 0, group)) > 0) {
		double rate = 0.0;

		for (size_t i = 0; i < n; i++)
			rate += group[i]->link->bytes_per_s;
		most = fmax(most, rate);
	}
	free(group);
	return most;
}

/* `limit` on such groups; on all copies, where it is not all, that beside. */
static void try_limit(struct flows *f, size_t per_switch, double limit,
		      struct calibrate_links *best)
{
	struct fit_residual r = residual(f, per_switch, limit, INFINITY);
	double h2d = INFINITY;

	if (per_switch == 0 && r.rms > CALIBRATE_LINKS_WITHIN) {
		h2d = find_h2d(f, limit);
		r = residual(f, 0, limit, h2d);
	}
	if (r.rms >= best->residual.rms)
		return;
	best->residual = r;
	best->per_switch = per_switch;
	best->limit_bytes_per_s = limit;
	best->h2d_bytes_per_s = isfinite(h2d) ? h2d : 0.0;
}

struct calibrate_links calibrate_links_fit(const struct sampled *s)
{
	struct calibrate_links out = { .gpus = 0 };
	struct sampled beside = { .links = link_chains_rates(s),
				  .nlinks = s->nlinks };
	struct flows f = find_flows(&beside);

	for (size_t i = 0; i < f.n; i++)
		if (f.list[i].link->gpus > out.gpus)
			out.gpus = f.list[i].link->gpus;
	out.copies = f.n;
	out.most_bytes_per_s = most_rate(&f);
	if (f.n > 0)
		out.residual = residual(&f, 0, INFINITY, INFINITY);
	for (size_t k = 0; k <= out.gpus && k <= MOST_PER_SWITCH; k++) {
		double limit = k == 1 ? INFINITY : find_limit(&f, k);

		if (isfinite(limit))
			try_limit(&f, k, limit, &out);
	}
	out.several = out.residual.rms > CALIBRATE_LINKS_WITHIN;
	free(f.list);
	free(beside.links);
	return out;
}

static void set_h2d(struct fitted *k, const char *path,
		    const struct calibrate_links *l)
{
	struct calibrate_row *row = fitted_add(k, path, QUANTITY_BYTES_PER_S,
					       l->h2d_bytes_per_s);

	row->residual = l->residual;
	row->of = QUANTITY_NUMBER;
	row->samples = l->copies;
	row->from = 2.0;
	row->to = (double)l->gpus;
	fitted_set(k, path, l->h2d_bytes_per_s, "measured", row,
		   "Of those, to the GPUs while each copies both ways.");
}

void calibrate_links_set(struct fitted *k)
{
	static const char *const root = "host.root_bytes_per_s";
	static const char *const root_h2d = "host.root_h2d_bytes_per_s";
	static const char *const each_way = "host.switch_bytes_per_s";
	static const char *const per_switch = "host.gpus_per_switch";
	struct calibrate_links l = calibrate_links_fit(k->s);
	bool limited = l.limit_bytes_per_s > 0.0;
	const char *path = l.per_switch > 0 ? each_way : root;
	struct calibrate_row *row;
	char name[64];

	if (l.gpus < 2)
		return;
	calibrate_json_forget(k->out->profile, root);
	calibrate_json_forget(k->out->profile, root_h2d);
	calibrate_json_forget(k->out->profile, each_way);
	calibrate_json_forget(k->out->profile, per_switch);
	snprintf(name, sizeof name, "%zu GPUs, nothing shared", l.gpus);
	row = fitted_add(k, limited ? path : name, QUANTITY_BYTES_PER_S,
			 limited ? l.limit_bytes_per_s : l.most_bytes_per_s);
	row->residual = l.residual;
	row->of = QUANTITY_NUMBER;
	row->samples = l.copies;
	row->from = 2.0;
	row->to = (double)l.gpus;
	row->in_profile = limited;
	if (l.several)
		row->doubt = "these GPUs share more than one limit";
	if (!limited)
		return;
	fitted_set(k, path, l.limit_bytes_per_s, "measured", row,
		   l.several ? "GPUs that copy at once, which share more "
			       "than one limit." : "GPUs that copy at once.");
	if (l.h2d_bytes_per_s > 0.0)
		set_h2d(k, root_h2d, &l);
	if (l.per_switch > 0)
		fitted_set(k, per_switch, (double)l.per_switch, "derived",
			   NULL, "Such groups fit the copies best.");
}
