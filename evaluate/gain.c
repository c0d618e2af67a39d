/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/gain.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/paper_split.h"

static bool same_workload(const struct workload *a, const struct workload *b)
{
	return a->batch == b->batch && a->num_batches == b->num_batches &&
	       a->prompt == b->prompt && a->gen == b->gen &&
	       a->gpus == b->gpus && a->weights == b->weights &&
	       a->kv == b->kv && a->activations == b->activations;
}

/* When things are done is the policy's; where they are is the setting's. */
static bool same_places(const struct plan *a, const struct plan *b)
{
	for (int i = 0; i < DECISION_COUNT; i++)
		if (i != DECISION_PREFETCH && i != DECISION_PIPELINE &&
		    a->decision[i] != b->decision[i])
			return false;
	return true;
}

static bool same_setting(const struct bundle_run *a,
			 const struct bundle_run *b)
{
	return strcmp(a->model.name, b->model.name) == 0 &&
	       a->model.layers == b->model.layers &&
	       same_workload(&a->workload, &b->workload) &&
	       a->first_step == b->first_step && a->steps == b->steps &&
	       same_places(&a->plan, &b->plan);
}

/* Alike but for the split. */
static bool same_sweep(const struct bundle_run *a, const struct bundle_run *b)
{
	return same_setting(a, b) && a->plan.policy == b->plan.policy &&
	       a->plan.whole_sequence == b->plan.whole_sequence &&
	       a->plan.decision[DECISION_PREFETCH] ==
		       b->plan.decision[DECISION_PREFETCH] &&
	       a->plan.decision[DECISION_PIPELINE] ==
		       b->plan.decision[DECISION_PIPELINE];
}

static double split_of(const struct bundle_run *r)
{
	size_t first = bundle_first_timed(r), end = r->first_step + r->steps;
	double sum = 0.0;

	for (size_t step = first; step < end; step++)
		sum += (double)r->plan.split[step];
	return sum / (double)(end - first);
}

/* `r` with the formula's splits, which the caller frees. */
static struct bundle_run with_paper_splits(const struct bundle_run *r,
					   const struct hardware *hw)
{
	struct bundle_run paper = *r;
	enum paper_form form = paper_split_form(&r->plan);

	paper.plan.split = xcalloc(r->plan.steps, sizeof *paper.plan.split);
	for (size_t i = 0; i < r->steps; i++) {
		size_t step = r->first_step + i;
		struct paper_split p = paper_split_at(&r->model, &r->workload,
						      hw, &r->plan, form,
						      step);

		paper.plan.split[step] = paper_split_closed_form(&p);
	}
	return paper;
}

/* `a`, unless `b` is the shorter run; either may be NULL. */
static const struct bundle_run *shorter(const struct bundle_run *a,
					const struct bundle_run *b)
{
	return a == NULL || (b != NULL && b->measured_s < a->measured_s) ? b
									 : a;
}

static const struct bundle_run *find_load_all(const struct bundle *b,
					      const struct bundle_run *like)
{
	const struct bundle_run *found = NULL;

	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->runs[i].plan.policy->name, "load-all") == 0 &&
		    same_setting(&b->runs[i], like))
			found = shorter(found, &b->runs[i]);
	return found;
}

static const struct bundle_run *find_planned(const struct bundle *b,
					     const struct bundle_run *like)
{
	const struct bundle_run *found = NULL;

	for (size_t i = 0; i < b->n; i++)
		if (b->runs[i].planned && same_sweep(&b->runs[i], like))
			found = shorter(found, &b->runs[i]);
	return found;
}

/* Of the sweep of `like`, the run nearest to `split` on one side or at it. */
static const struct bundle_run *neighbour(const struct bundle *b,
					  const struct bundle_run *like,
					  double split, bool below)
{
	const struct bundle_run *found = NULL;
	double nearest = INFINITY;

	for (size_t i = 0; i < b->n; i++) {
		const struct bundle_run *r = &b->runs[i];
		double away = split_of(r) - split;

		if (below)
			away = -away;
		if (away < 0.0 || away > nearest || !same_sweep(r, like))
			continue;
		found = away < nearest ? r : shorter(found, r);
		nearest = away;
	}
	return found;
}

static void read_off(const struct bundle *b, struct gain *g)
{
	const struct bundle_run *low, *high;
	double share, width;

	g->measured.paper_s = g->predicted.paper_s = NAN;
	low = neighbour(b, g->planned, g->paper_split, true);
	high = neighbour(b, g->planned, g->paper_split, false);
	if (low == NULL || high == NULL)
		return;
	width = split_of(high) - split_of(low);
	share = width > 0.0 ? (g->paper_split - split_of(low)) / width : 0.0;
	g->measured.paper_s = low->measured_s +
		share * (high->measured_s - low->measured_s);
	g->predicted.paper_s = low->predicted_s +
		share * (high->predicted_s - low->predicted_s);
}

static enum status compare(const struct bundle *b,
			   const struct bundle_run *planned,
			   const struct bundle_run *load_all,
			   struct gain *out, struct diag *d)
{
	struct bundle_run paper = with_paper_splits(planned, &b->hardware);
	double split = split_of(planned);
	const struct bundle_run *at = neighbour(b, planned, split, true);
	enum status s = bundle_predict(&b->hardware, &paper, d);

	*out = (struct gain){
		.planned = planned,
		.split = split,
		.paper_split = split_of(&paper),
		.measured = { .load_all_s = load_all->measured_s,
			      .planned_s = at->measured_s },
		.predicted = { .load_all_s = load_all->predicted_s,
			       .planned_s = at->predicted_s },
	};
	read_off(b, out);
	out->exact = out->predicted;
	out->exact.paper_s = paper.predicted_s;
	free(paper.plan.split);
	return s;
}

enum status gain_make(const struct bundle *b, struct gains *out,
		      struct diag *d)
{
	struct gains g = { .of = xcalloc(b->n + 1, sizeof *g.of) };
	enum status s = STATUS_OK;

	for (size_t i = 0; i < b->n && s == STATUS_OK; i++) {
		const struct bundle_run *r = &b->runs[i], *load_all;

		/* each sweep once */
		if (!r->planned || r->plan.policy->split != SPLIT_OPEN ||
		    find_planned(b, r) != r)
			continue;
		load_all = find_load_all(b, r);
		if (load_all != NULL)
			s = compare(b, r, load_all, &g.of[g.n++], d);
	}
	if (s != STATUS_OK) {
		gain_clear(&g);
		return s;
	}
	*out = g;
	return s;
}

void gain_clear(struct gains *g)
{
	free(g->of);
	*g = (struct gains){ .n = 0 };
}

double gain_over_load_all_pct(const struct gain_steps *s)
{
	return 100.0 * (1.0 - s->planned_s / s->load_all_s);
}

double gain_over_paper_pct(const struct gain_steps *s)
{
	return 100.0 * (1.0 - s->planned_s / s->paper_s);
}

struct gain_range gain_range(const double *figures, size_t n)
{
	struct gain_range r = { .least = NAN, .mean = NAN, .most = NAN };
	double sum = 0.0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(figures[i]))
			continue;
		r.least = fmin(r.least, figures[i]);
		r.most = fmax(r.most, figures[i]);
		sum += figures[i];
		r.n++;
	}
	if (r.n > 0)
		r.mean = sum / (double)r.n;
	return r;
}
