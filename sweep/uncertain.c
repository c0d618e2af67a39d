/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/uncertain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/statistics.h"
#include "base/xalloc.h"
#include "sweep/name.h"

static const char *const distributions[] = { "normal", "lognormal",
					     "uniform", "residuals" };

/* Five deviations above zero: a normal draw beyond is no figure. */
#define MOST_NORMAL 0.2

/* "5%" or "0.05" */
static enum status parse_deviation(const char *text, double most, double *out,
				   struct diag *d)
{
	size_t len = strlen(text);
	enum quantity q = len > 0 && text[len - 1] == '%' ? QUANTITY_PERCENT
							   : QUANTITY_NUMBER;
	enum status s = quantity_parse(text, q, out, d);

	if (s != STATUS_OK)
		return s;
	if (q == QUANTITY_PERCENT)
		*out /= 100.0;
	if (*out > 0.0 && *out <= most)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "found %.40s, expected a relative "
			 "deviation above 0 and up to %.0f%%%s", text,
			 100.0 * most, most < 1.0
				? "; lognormal takes more" : "");
}

static enum status parse_ends(char *text, struct sweep_uncertainty *u,
			      struct diag *d)
{
	enum quantity q = u->figure->quantity;
	char *comma = strchr(text, ',');
	enum status s;

	if (comma == NULL)
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected "
				 "uniform(LOW,HIGH)", text);
	*comma = '\0';
	s = quantity_parse(text, q, &u->a, d);
	if (s == STATUS_OK)
		s = quantity_parse(comma + 1, q, &u->b, d);
	if (s == STATUS_OK && !(u->a < u->b && u->a >= u->figure->min &&
				u->b <= u->figure->max))
		s = diag_fail(d, STATUS_USAGE, "found %.40s to %.40s, "
			      "expected two ends that rise, in the figure's "
			      "range", text, comma + 1);
	return s;
}

static enum status parse_distribution(char *text, struct sweep_uncertainty *u,
				      struct diag *d)
{
	char *open = strchr(text, '('), *end = text + strlen(text);
	size_t which;

	if (open != NULL && end[-1] == ')') {
		*open++ = '\0';
		end[-1] = '\0';
	}
	for (which = 0; which < 4; which++)
		if (strcmp(text, distributions[which]) == 0)
			break;
	if (which == 4 || (open == NULL) != (which == SWEEP_RESIDUALS))
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected "
				 "normal(5%%), lognormal(10%%), "
				 "uniform(LOW,HIGH) or residuals", text);
	u->distribution = (enum sweep_distribution)which;
	if (which == SWEEP_UNIFORM)
		return parse_ends(open, u, d);
	if (which == SWEEP_RESIDUALS)
		return STATUS_OK;
	return parse_deviation(open, which == SWEEP_NORMAL ? MOST_NORMAL : 1.0,
			       &u->a, d);
}

enum status sweep_uncertain_add(struct sweep_uncertain *u, const char *text,
				struct diag *d)
{
	struct sweep_uncertainty *to = &u->varied[u->nvaried];
	struct sweep_name name;
	char *copy, *value;
	enum status s;

	if (u->nvaried == SWEEP_MOST_UNCERTAIN)
		return diag_fail(d, STATUS_USAGE, "more than %d figures",
				 SWEEP_MOST_UNCERTAIN);
	if (strchr(text, '=') == NULL)
		return diag_fail(d, STATUS_USAGE, "found '%.60s', expected "
				 "NAME=DISTRIBUTION", text);
	copy = xstrdup(text);
	value = strchr(copy, '=');
	*value++ = '\0';
	s = sweep_name_find(copy, &name, d);
	if (s == STATUS_OK && name.kind != SWEEP_FIGURE)
		s = diag_fail(d, STATUS_USAGE, "found '%.60s', expected a "
			      "figure of the hardware", copy);
	for (size_t i = 0; i < u->nvaried && s == STATUS_OK; i++)
		if (u->varied[i].figure == name.figure)
			s = diag_fail(d, STATUS_USAGE, "%s stands there "
				      "twice", copy);
	if (s == STATUS_OK) {
		*to = (struct sweep_uncertainty){ .figure = name.figure };
		s = parse_distribution(value, to, d);
	}
	u->nvaried += s == STATUS_OK;
	free(copy);
	return s == STATUS_OK ? s : STATUS_USAGE;
}

enum status sweep_uncertain_against(struct sweep_uncertain *u,
				    const char *text, struct diag *d)
{
	char *copy = xstrdup(text), *rest = copy, *name;
	enum status s = STATUS_OK;

	while (s == STATUS_OK && (name = strsep(&rest, ",")) != NULL) {
		for (size_t i = 0; i < u->nagainst && s == STATUS_OK; i++)
			if (strcmp(u->against[i]->name, name) == 0)
				s = diag_fail(d, STATUS_USAGE, "found %s "
					      "twice, expected each policy "
					      "once", name);
		if (s == STATUS_OK && u->nagainst == SWEEP_MOST_AGAINST)
			s = diag_fail(d, STATUS_USAGE, "expected at most %d "
				      "policies", SWEEP_MOST_AGAINST);
		else if (s == STATUS_OK)
			s = policy_find(name, &u->against[u->nagainst], d);
		u->nagainst += s == STATUS_OK;
	}
	free(copy);
	return s;
}

enum status sweep_uncertain_check(struct sweep_uncertain *u, bool simulate,
				  struct diag *d)
{
	gsl_rng *rng;

	if (u->nvaried == 0 && u->nagainst > 0)
		return diag_fail(d, STATUS_USAGE, "--against is for "
				 "--uncertain");
	if (u->nvaried == 0)
		return STATUS_OK;
	if (simulate)
		return diag_fail(d, STATUS_USAGE, "--simulate cannot be used "
				 "with --uncertain, whose draws are planned "
				 "only");
	u->deviate = xcalloc(u->draws * u->nvaried, sizeof *u->deviate);
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, u->seed);
	for (size_t i = 0; i < u->draws * u->nvaried; i++)
		u->deviate[i] =
			u->varied[i % u->nvaried].distribution ==
					SWEEP_UNIFORM
				? gsl_rng_uniform(rng)
				: gsl_ran_gaussian_ziggurat(rng, 1.0);
	gsl_rng_free(rng);
	return STATUS_OK;
}

void sweep_uncertain_clear(struct sweep_uncertain *u)
{
	free(u->deviate);
	*u = (struct sweep_uncertain){ .nvaried = 0 };
}

/* The mean of the spreads of curves that a figure scales; 0: none. */
static double residual(const struct hardware *hw,
		       const struct figure *figure)
{
	const struct calibration *c = hw->calibration;
	double sum = 0.0;

	if (c == NULL)
		return 0.0;
	if (strcmp(figure->path, "link.h2d.bytes_per_s") == 0)
		return c->pinned[CALIBRATION_H2D].spread;
	if (strcmp(figure->path, "link.d2h.bytes_per_s") == 0)
		return c->pinned[CALIBRATION_D2H].spread;
	if (strcmp(figure->path, "gpu.flop_per_s") == 0 && c->nproducts > 0) {
		for (size_t i = 0; i < c->nproducts; i++)
			sum += c->products[i].rows.spread;
		return sum / (double)c->nproducts;
	}
	if (strcmp(figure->path, "gpu.hbm_bytes_per_s") == 0 &&
	    c->nattention > 0) {
		for (size_t i = 0; i < c->nattention; i++)
			sum += c->attention[i].bytes.spread;
		return sum / (double)c->nattention;
	}
	return 0.0;
}

enum status sweep_uncertain_check_machine(const struct sweep_uncertain *u,
					  const struct hardware *hw,
					  struct diag *d)
{
	for (size_t i = 0; i < u->nvaried; i++) {
		const struct sweep_uncertainty *v = &u->varied[i];

		if (v->distribution == SWEEP_RESIDUALS &&
		    residual(hw, v->figure) <= 0.0)
			return diag_fail(d, STATUS_USAGE, "--uncertain "
					 "%s=residuals: %s has none for it: "
					 "it is not calibrated",
					 v->figure->path, hw->name);
	}
	return STATUS_OK;
}

enum status sweep_uncertain_draw(const struct sweep_uncertain *u, size_t draw,
				 struct hardware *hw, struct diag *d)
{
	const double *z = &u->deviate[draw * u->nvaried];

	for (size_t i = 0; i < u->nvaried; i++) {
		const struct sweep_uncertainty *v = &u->varied[i];
		double *figure = hardware_figure(hw, v->figure);
		struct statistics_lognormal f;

		if (*figure == 0.0 && v->distribution != SWEEP_UNIFORM)
			return diag_fail(d, STATUS_INVALID, "%s: %s is not "
					 "stated", hw->name, v->figure->path);
		switch (v->distribution) {
		case SWEEP_NORMAL:
			*figure *= 1.0 + v->a * z[i];
			break;
		case SWEEP_LOGNORMAL:
			f = statistics_lognormal(v->a);
			*figure *= exp(f.s * z[i] - f.shift);
			break;
		case SWEEP_UNIFORM:
			*figure = v->a + (v->b - v->a) * z[i];
			break;
		case SWEEP_RESIDUALS:
			*figure *= 1.0 + residual(hw, v->figure) * z[i];
			break;
		}
		*figure = fmin(fmax(*figure, v->figure->min), v->figure->max);
	}
	return STATUS_OK;
}

cJSON *sweep_uncertain_json(const struct sweep_uncertain *u)
{
	cJSON *o, *list;

	if (u->nvaried == 0)
		return cJSON_CreateNull();
	o = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(o, "varied");
	for (size_t i = 0; i < u->nvaried; i++) {
		const struct sweep_uncertainty *v = &u->varied[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "figure", v->figure->path);
		cJSON_AddStringToObject(item, "distribution",
					distributions[v->distribution]);
		cJSON_AddNumberToObject(item, "a", v->a);
		cJSON_AddNumberToObject(item, "b", v->b);
		cJSON_AddItemToArray(list, item);
	}
	list = cJSON_AddArrayToObject(o, "against");
	for (size_t i = 0; i < u->nagainst; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(
						   u->against[i]->name));
	cJSON_AddNumberToObject(o, "draws", (double)u->draws);
	cJSON_AddNumberToObject(o, "seed", (double)u->seed);
	return o;
}
