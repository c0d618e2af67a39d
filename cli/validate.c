/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/validate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/gain_report.h"
#include "model/fit.h"

static double error(const struct validation *v, size_t run)
{
	return bundle_error_pct(&v->bundle->runs[run]);
}

static void find_regret(const struct bundle *b, struct validate_case *c)
{
	const struct bundle_run *r = b->runs;
	size_t end = c->first + c->n;

	c->predicted_best = c->measured_best = c->first;
	for (size_t i = c->first; i < end; i++) {
		if (bundle_split(&r[i]) != bundle_split(&r[c->first]))
			c->has_regret = true;
		if (r[i].predicted_s < r[c->predicted_best].predicted_s)
			c->predicted_best = i;
		if (r[i].measured_s < r[c->measured_best].measured_s)
			c->measured_best = i;
	}
	/* the split may have been measured twice: take what is better */
	for (size_t i = c->first; i < end; i++)
		if (bundle_split(&r[i]) ==
			    bundle_split(&r[c->predicted_best]) &&
		    r[i].measured_s < r[c->predicted_best].measured_s)
			c->predicted_best = i;
	c->regret_pct = 100.0 * (r[c->predicted_best].measured_s /
				 r[c->measured_best].measured_s - 1.0);
}

static void finish_case(const struct validation *v, struct validate_case *c)
{
	double *spreads = xcalloc(c->n, sizeof *spreads);

	c->shown = c->first;
	for (size_t i = c->first; i < c->first + c->n; i++) {
		double e = error(v, i);

		if (v->bundle->runs[i].planned)
			c->shown = i;
		c->mean_pct += fabs(e) / (double)c->n;
		if (fabs(e) > fabs(c->worst_pct))
			c->worst_pct = e;
		spreads[i - c->first] =
			bundle_spread_pct(&v->bundle->runs[i]);
	}
	c->spread_pct = fit_median(spreads, c->n);
	free(spreads);
	find_regret(v->bundle, c);
}

static void summarise(struct validation *v)
{
	struct validate_summary *a = &v->all;
	size_t n = v->bundle->n;
	double *errors = xcalloc(n, sizeof *errors);

	for (size_t i = 0; i < n; i++) {
		double e = error(v, i);

		errors[i] = fabs(e);
		a->mean_pct += fabs(e) / (double)n;
		a->bias_pct += e / (double)n;
		a->within_2_pct += fabs(e) <= 2.0 ? 100.0 / (double)n : 0.0;
		if (fabs(e) > fabs(a->worst_pct)) {
			a->worst_pct = e;
			a->worst_run = i;
		}
		if (bundle_spread_pct(&v->bundle->runs[i]) > VALIDATE_STEADY)
			continue;
		a->nsteady++;
		a->steady_mean_pct += fabs(e);
		if (fabs(e) > fabs(a->steady_worst_pct))
			a->steady_worst_pct = e;
	}
	a->median_pct = fit_median(errors, n);
	if (a->nsteady > 0)
		a->steady_mean_pct /= (double)a->nsteady;
	free(errors);
	for (size_t i = 0; i < v->ncases; i++) {
		const struct validate_case *c = &v->cases[i];

		if (!c->has_regret)
			continue;
		a->nregrets++;
		a->mean_regret_pct += c->regret_pct;
		a->worst_regret_pct = fmax(a->worst_regret_pct,
					   c->regret_pct);
	}
	if (a->nregrets > 0)
		a->mean_regret_pct /= (double)a->nregrets;
}

enum status validate_make(const struct bundle *b, struct validation *out,
			  struct diag *d)
{
	struct validation v = {
		.bundle = b, .cases = xcalloc(b->n + 1, sizeof *v.cases) };
	enum status s = gain_make(b, &v.gains, d);

	if (s != STATUS_OK) {
		free(v.cases);
		return s;
	}

	for (size_t i = 0; i < b->n; i++) {
		bool same = i > 0 && b->runs[i].model.layers ==
					     b->runs[i - 1].model.layers &&
			    strcmp(b->runs[i].file,
				   b->runs[i - 1].file) == 0;

		if (!same)
			v.cases[v.ncases++].first = i;
		v.cases[v.ncases - 1].n++;
	}
	for (size_t i = 0; i < v.ncases; i++)
		finish_case(&v, &v.cases[i]);
	summarise(&v);
	*out = v;
	return STATUS_OK;
}

void validate_clear(struct validation *v)
{
	free(v->cases);
	gain_clear(&v->gains);
	*v = (struct validation){ .ncases = 0 };
}

/* A row for each case, for people. */
static struct table *case_table(const struct validation *v)
{
	static const struct table_column columns[] = {
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "workload", "workload", QUANTITY_NUMBER },
		{ "layers", "layers", QUANTITY_NUMBER },
		{ "split", "split", QUANTITY_NUMBER },
		{ "measured_s", "measured", QUANTITY_SECONDS },
		{ "predicted_s", "predicted", QUANTITY_SECONDS },
		{ "error_pct", "error", QUANTITY_PERCENT },
		{ "bar_pct", "bar", QUANTITY_PERCENT },
		{ "spread_pct", "spread", QUANTITY_PERCENT },
		{ "runs", "runs", QUANTITY_NUMBER },
		{ "mean_pct", "mean", QUANTITY_PERCENT },
		{ "worst_pct", "worst", QUANTITY_PERCENT },
		{ "regret_pct", "regret", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 13);

	for (size_t i = 0; i < v->ncases; i++) {
		const struct validate_case *c = &v->cases[i];
		const struct bundle_run *r = &v->bundle->runs[c->shown];
		char text[128];

		bundle_policy(r, text, sizeof text);
		table_text(t, text);
		bundle_workload(r, text, sizeof text);
		table_text(t, text);
		table_number(t, (double)r->model.layers);
		table_number(t, (double)bundle_split(r));
		table_number(t, r->measured_s);
		table_number(t, r->predicted_s);
		table_number(t, bundle_error_pct(r));
		table_number(t, 100.0 * r->bar);
		table_number(t, c->spread_pct);
		table_number(t, (double)c->n);
		table_number(t, c->mean_pct);
		table_number(t, c->worst_pct);
		if (c->has_regret)
			table_number(t, c->regret_pct);
		else
			table_empty(t);
	}
	return t;
}

struct table *validate_runs(const struct validation *v)
{
	static const struct table_column columns[] = {
		{ "plan", "plan", QUANTITY_NUMBER },
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "workload", "workload", QUANTITY_NUMBER },
		{ "layers", "layers", QUANTITY_NUMBER },
		{ "prefetch", "prefetch", QUANTITY_NUMBER },
		{ "split", "split", QUANTITY_NUMBER },
		{ "planned", "planned", QUANTITY_NUMBER },
		{ "measured_s", "measured", QUANTITY_SECONDS },
		{ "predicted_s", "predicted", QUANTITY_SECONDS },
		{ "error_pct", "error", QUANTITY_PERCENT },
		{ "bar_pct", "bar", QUANTITY_PERCENT },
		{ "spread_pct", "spread", QUANTITY_PERCENT },
		{ "outside", "outside", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 13);

	for (size_t i = 0; i < v->bundle->n; i++) {
		const struct bundle_run *r = &v->bundle->runs[i];
		char text[128];

		table_text(t, r->file);
		table_text(t, r->plan.policy->name);
		bundle_workload(r, text, sizeof text);
		table_text(t, text);
		table_number(t, (double)r->model.layers);
		table_number(t, (double)plan_prefetch(&r->plan));
		table_number(t, (double)bundle_split(r));
		table_number(t, r->planned ? 1.0 : 0.0);
		table_number(t, r->measured_s);
		table_number(t, r->predicted_s);
		table_number(t, bundle_error_pct(r));
		table_number(t, 100.0 * r->bar);
		table_number(t, bundle_spread_pct(r));
		table_number(t, r->outside ? 1.0 : 0.0);
	}
	return t;
}

/* One policy's runs, or with NULL all: mean, worst. */
static void add_policy_row(struct table *t, const struct validation *v,
			   const char *policy)
{
	double sum = 0.0, worst = 0.0, bias = 0.0, regret = 0.0;
	size_t n = 0, regrets = 0;
	char name[128];

	for (size_t i = 0; i < v->bundle->n; i++) {
		double e = error(v, i);

		bundle_policy(&v->bundle->runs[i], name, sizeof name);
		if (policy != NULL && strcmp(name, policy) != 0)
			continue;
		n++;
		sum += fabs(e);
		bias += e;
		worst = fabs(e) > fabs(worst) ? e : worst;
	}
	for (size_t i = 0; i < v->ncases; i++) {
		const struct validate_case *c = &v->cases[i];

		bundle_policy(&v->bundle->runs[c->first], name, sizeof name);
		if (!c->has_regret ||
		    (policy != NULL && strcmp(name, policy) != 0))
			continue;
		regrets++;
		regret = fmax(regret, c->regret_pct);
	}
	table_text(t, policy ? policy : "all");
	table_number(t, (double)n);
	table_number(t, sum / (double)n);
	table_number(t, bias / (double)n);
	table_number(t, worst);
	if (regrets > 0)
		table_number(t, regret);
	else
		table_empty(t);
}

static struct table *by_policy(const struct validation *v)
{
	static const struct table_column columns[] = {
		{ "policy", "policy", QUANTITY_NUMBER },
		{ "runs", "runs", QUANTITY_NUMBER },
		{ "mean_pct", "mean |error|", QUANTITY_PERCENT },
		{ "bias_pct", "mean error", QUANTITY_PERCENT },
		{ "worst_pct", "worst", QUANTITY_PERCENT },
		{ "regret_pct", "worst regret", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 6);
	char (*seen)[128] = xcalloc(v->ncases + 1, sizeof *seen);
	size_t n = 0;

	for (size_t i = 0; i < v->ncases; i++) {
		size_t k = 0;

		bundle_policy(&v->bundle->runs[v->cases[i].first], seen[n],
			      sizeof seen[n]);
		while (k < n && strcmp(seen[k], seen[n]) != 0)
			k++;
		if (k == n)
			add_policy_row(t, v, seen[n++]);
	}
	free(seen);
	add_policy_row(t, v, NULL);
	return t;
}

void validate_print(const struct validation *v)
{
	const struct validate_summary *a = &v->all;
	const struct bundle_run *worst = &v->bundle->runs[a->worst_run];
	struct table *t = case_table(v);
	char policy[128], workload[128];

	printf("%s (%s)\n%zu runs of %zu plans, predicted from the profile "
	       "alone\n\n", v->bundle->hardware.title,
	       v->bundle->hardware.name, v->bundle->n, v->ncases);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
	putchar('\n');
	t = by_policy(v);
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
	bundle_policy(worst, policy, sizeof policy);
	bundle_workload(worst, workload, sizeof workload);
	printf("\nMean error %.2f %%, median %.2f %%; %.0f %% of the runs "
	       "within 2 %%.\nWorst %+.1f %%: %s, %s, split %zu.\n",
	       a->mean_pct, a->median_pct, a->within_2_pct, a->worst_pct,
	       policy, workload, bundle_split(worst));
	if (a->nsteady < v->bundle->n)
		printf("Of the %zu runs whose repeats agree within %g %%: mean "
		       "%.2f %%, worst %+.1f %%.\n", a->nsteady,
		       VALIDATE_STEADY, a->steady_mean_pct,
		       a->steady_worst_pct);
	if (a->nregrets > 0)
		printf("Split regret over %zu sweeps: mean %.2f %%, worst "
		       "%.2f %%.\n", a->nregrets, a->mean_regret_pct,
		       a->worst_regret_pct);
	gain_report_print(&v->gains);
}

static cJSON *left_out_json(const struct bundle *b)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < b->nleft; i++) {
		cJSON *one = cJSON_CreateObject();

		cJSON_AddStringToObject(one, "figure", b->left[i].path);
		cJSON_AddNumberToObject(one, "runs", (double)b->left[i].n);
		cJSON_AddItemToArray(list, one);
	}
	return list;
}

cJSON *validate_json(const struct validation *v)
{
	const struct validate_summary *a = &v->all;
	cJSON *o = cJSON_CreateObject();
	struct table *t;

	cJSON_AddStringToObject(o, "hardware", v->bundle->hardware.name);
	cJSON_AddNumberToObject(o, "runs_count", (double)v->bundle->n);
	cJSON_AddItemToObject(o, "left_out", left_out_json(v->bundle));
	cJSON_AddNumberToObject(o, "mean_pct", a->mean_pct);
	cJSON_AddNumberToObject(o, "median_pct", a->median_pct);
	cJSON_AddNumberToObject(o, "bias_pct", a->bias_pct);
	cJSON_AddNumberToObject(o, "worst_pct", a->worst_pct);
	cJSON_AddNumberToObject(o, "within_2_pct", a->within_2_pct);
	cJSON_AddNumberToObject(o, "steady_count", (double)a->nsteady);
	cJSON_AddNumberToObject(o, "steady_mean_pct", a->steady_mean_pct);
	cJSON_AddNumberToObject(o, "steady_worst_pct", a->steady_worst_pct);
	cJSON_AddNumberToObject(o, "mean_regret_pct", a->mean_regret_pct);
	cJSON_AddNumberToObject(o, "worst_regret_pct", a->worst_regret_pct);
	t = by_policy(v);
	cJSON_AddItemToObject(o, "policies", table_json(t));
	table_free(t);
	t = case_table(v);
	cJSON_AddItemToObject(o, "cases", table_json(t));
	table_free(t);
	gain_report_json(&v->gains, o);
	t = validate_runs(v);
	cJSON_AddItemToObject(o, "runs", table_json(t));
	table_free(t);
	return o;
}
