/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/draws.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/statistics.h"
#include "lp/period.h"

/* Whether a policy that the plan is held against is faster on `c`. */
static bool other_wins(const struct sweep_point *c,
		       const struct sweep_uncertain *u, double layer_s)
{
	for (size_t i = 0; i < u->nagainst; i++) {
		struct step_plan other;
		struct diag unused;

		if (sweep_point_plan_as(c, u->against[i], &other, &unused) ==
			    STATUS_OK &&
		    other.layer_s < layer_s * (1.0 - PERIOD_SAME))
			return true;
	}
	return false;
}

static struct sweep_spread spread(double *samples, size_t n)
{
	struct sweep_spread s = { NAN, NAN, NAN, NAN };

	if (n == 0)
		return s;
	gsl_sort(samples, 1, n);
	s.mean = gsl_stats_mean(samples, 1, n);
	s.p05 = statistics_percentile(samples, n, 0.05);
	s.p50 = statistics_percentile(samples, n, 0.5);
	s.p95 = statistics_percentile(samples, n, 0.95);
	return s;
}

enum status sweep_draws(const struct sweep_point *c,
			const struct sweep_uncertain *u, double *samples,
			struct sweep_result *r, struct diag *d)
{
	double layers = (double)c->model->layers;
	double *of[SWEEP_SPREADS];
	size_t n[SWEEP_SPREADS] = { 0 }, wins = 0, fit;
	enum status why = STATUS_OK;

	for (size_t k = 0; k < SWEEP_SPREADS; k++)
		of[k] = samples + k * u->draws;
	for (size_t i = 0; i < u->draws; i++) {
		struct sweep_point drawn = *c;
		double load_all_s = NAN;
		struct diag mine;
		struct step_plan p;
		enum status st = sweep_uncertain_draw(u, i, &drawn.hardware,
						      &mine);

		if (st == STATUS_OK)
			st = sweep_point_plan(&drawn, &p, &mine);
		if (st != STATUS_OK && why == STATUS_OK) {
			*d = mine;
			why = diag_prefix(d, st, "draw %zu", i);
		}
		if (st != STATUS_OK)
			continue;
		if (c->columns->needs.load_all)
			load_all_s = sweep_point_load_all(&drawn, &p);
		of[SWEEP_SPLIT][n[SWEEP_SPLIT]++] = (double)p.split;
		of[SWEEP_STEP][n[SWEEP_STEP]++] = layers * p.layer_s;
		if (!isnan(load_all_s))
			of[SWEEP_GAIN][n[SWEEP_GAIN]++] =
				100.0 * (1.0 - p.layer_s / load_all_s);
		wins += other_wins(&drawn, u, p.layer_s);
	}
	fit = n[SWEEP_STEP];
	if (fit == 0 && why != STATUS_INFEASIBLE)
		return why;
	for (size_t k = 0; k < SWEEP_SPREADS; k++)
		r->spread[k] = spread(of[k], n[k]);
	r->unfit_pct = 100.0 * (double)(u->draws - fit) / (double)u->draws;
	r->win_pct = u->nagainst > 0 && fit > 0
		? 100.0 * (double)wins / (double)fit : NAN;
	return STATUS_OK;
}
