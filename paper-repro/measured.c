/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/measured.h"

#include <math.h>
#include <string.h>

/* Splits of one plan that differ by less [of the prompt] are one. */
static const double same_split = 0.02;

/* Steps of which one has at most so many more cached tokens [of the prompt]
 * are one: a step's time grows with them. */
static const double same_step = 0.02;

/* Whether the run's middle step is that of the decode, the simulated mean. */
static bool same_cache(const struct bundle_run *run,
		       const struct reproduced *r)
{
	double at = (double)run->first_step + 0.5 * (double)(run->steps - 1);
	double mean = 0.5 * (double)(r->plan.steps - 1);

	return fabs(at - mean) <= same_step * (double)r->workload.prompt;
}

static bool same_plan(const struct bundle_run *run,
		      const struct reproduced *r)
{
	const struct workload *a = &run->workload, *b = &r->workload;

	if (strcmp(run->model.name, r->model) != 0 ||
	    run->plan.policy != r->plan.policy || a->batch != b->batch ||
	    a->num_batches != b->num_batches || a->prompt != b->prompt ||
	    a->gpus != b->gpus || a->weights != b->weights ||
	    a->kv != b->kv || a->activations != b->activations)
		return false;
	for (size_t i = 0; i < DECISION_COUNT; i++)
		if (fabs(run->plan.decision[i] - r->plan.decision[i]) > 1e-9)
			return false;
	return true;
}

/* `m` of two times [s]; as many requests in both. */
static double compare(const struct metric *m, double a_s, double b_s)
{
	return m->measured == MEASURED_RATES ? m->ratio(1.0 / a_s, 1.0 / b_s)
					     : m->ratio(a_s, b_s);
}

/* The run of `r`'s plan whose split is the nearest, among those with
 * `layers` layers, or any if that is 0. */
static const struct bundle_run *find_run(const struct bundle *b,
					 const struct reproduced *r,
					 size_t layers)
{
	const struct bundle_run *best = NULL;
	double least = INFINITY;

	for (size_t i = 0; i < b->n; i++) {
		const struct bundle_run *run = &b->runs[i];
		size_t step = run->first_step + run->steps - 1;
		double off;

		if (step >= r->plan.steps)	/* the nearest that there is */
			step = r->plan.steps - 1;
		if (!same_plan(run, r) || !same_cache(run, r) ||
		    (layers != 0 && run->model.layers != layers))
			continue;
		off = fabs((double)bundle_split(run) -
			   (double)r->plan.split[step]);
		if (off <= same_split * (double)r->workload.prompt &&
		    off < least) {
			least = off;
			best = run;
		}
	}
	return best;
}

bool reproduce_measured(const struct bundle *bundle,
			const struct study_cell *cell, const struct metric *m,
			struct measured *out)
{
	const struct bundle_run *a, *b;
	double n;

	if (bundle == NULL || m->measured == NOT_MEASURED ||
	    cell->subject == NULL || !cell->subject->done)
		return false;
	a = find_run(bundle, cell->subject, 0);
	if (a == NULL)
		return false;
	n = (double)(a->model.layers * a->workload.num_batches);
	if (m->measured == MEASURED_LAYER) {
		*out = (struct measured){ a->measured_s / n, a->min_s / n,
					  a->max_s / n, a->predicted_s / n };
		return true;
	}
	if (cell->against == NULL || !cell->against->done ||
	    workload_requests(&cell->subject->workload) !=
		    workload_requests(&cell->against->workload))
		return false;
	b = find_run(bundle, cell->against, a->model.layers);
	if (b == NULL)
		return false;
	*out = (struct measured){
		compare(m, a->measured_s, b->measured_s),
		compare(m, a->max_s, b->min_s),
		compare(m, a->min_s, b->max_s),
		compare(m, a->predicted_s, b->predicted_s),
	};
	return true;
}
