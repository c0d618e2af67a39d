/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/jitter.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/nearest.h"
#include "base/quantity.h"
#include "base/statistics.h"
#include "base/xalloc.h"
#include "model/measured.h"

/* Streams of one replication, whether there are so many sources or not: what
 * a source draws must not depend on how many others there are. */
enum { MOST_GPUS = 64, MOST_ENGINES = 16,
       SOURCES = MOST_GPUS * MOST_ENGINES };

_Static_assert((int)ENGINE_COUNT <= (int)MOST_ENGINES &&
	       (int)WORKLOAD_MOST_GPUS <= (int)MOST_GPUS,
	       "sources have no number");
_Static_assert(JITTER_MOST_REPLICATIONS <= UINT32_MAX / SOURCES,
	       "two streams would be the same");

/* Of a work at a step; streams may be a step apart. */
struct known {
	bool known;
	size_t step;
	struct statistics_lognormal task, run;
};

struct source {
	gsl_rng *rng;
	double run_z;		/* standard normal, of this run */
};

struct jitter {
	struct jitter_spec spec;
	struct jitter_case of;
	struct known (*works)[2];	/* of each work, by the step's parity */
	struct source *sources;		/* [gpu][engine] */
	size_t nsources;
};

static enum status read_spread(const char *text, double *out,
			       struct diag *d)
{
	bool percent = strchr(text, '%') != NULL;
	double value;

	if (strcmp(text, "calibration") == 0) {
		*out = JITTER_CALIBRATION;
		return STATUS_OK;
	}
	if (quantity_parse(text, percent ? QUANTITY_PERCENT : QUANTITY_NUMBER,
			   &value, d) == STATUS_OK) {
		value *= percent ? 0.01 : 1.0;
		if (value >= 0.0 && value <= 1.0) {
			*out = value;
			return STATUS_OK;
		}
	}
	return diag_fail(d, STATUS_USAGE,
			 "found '%.60s', expected 0 to 100 %%, such as '5%%', "
			 "or 'calibration'", text);
}

static enum status read_engine(const char *name, size_t *out,
			       struct diag *d)
{
	const char *names[ENGINE_COUNT], *near;

	for (size_t e = 0; e < ENGINE_COUNT; e++) {
		names[e] = engine_name((enum engine)e);
		if (strcmp(name, names[e]) == 0) {
			*out = e;
			return STATUS_OK;
		}
	}
	near = nearest_name(name, names, ENGINE_COUNT);
	return diag_fail(d, STATUS_USAGE,
			 "found the engine '%.40s'%s%s, expected h2d, d2h, "
			 "sm, cpu, copy or issue", name,
			 near ? ", the nearest is " : "", near ? near : "");
}

/* One of the parts between commas; `first` and for all engines, or of one. */
static enum status read_part(char *part, bool first, bool *given,
			     double *spread, struct diag *d)
{
	char *value = strchr(part, '=');
	double all = 0.0;
	size_t e = 0;

	if (value == NULL) {
		if (!first)
			return diag_fail(d, STATUS_USAGE,
					 "found '%.60s', expected "
					 "ENGINE=SPREAD after a comma", part);
		if (read_spread(part, &all, d) != STATUS_OK)
			return STATUS_USAGE;
		for (; e < ENGINE_COUNT; e++)
			spread[e] = all;
		return STATUS_OK;
	}
	*value++ = '\0';
	if (read_engine(part, &e, d) != STATUS_OK ||
	    read_spread(value, &spread[e], d) != STATUS_OK)
		return STATUS_USAGE;
	if (given[e])
		return diag_fail(d, STATUS_USAGE, "found %s twice", part);
	given[e] = true;
	return STATUS_OK;
}

enum status jitter_parse(const char *text, double spread[ENGINE_COUNT],
			 struct diag *d)
{
	double found[ENGINE_COUNT] = { 0.0 };
	bool given[ENGINE_COUNT] = { false };
	char *copy = xstrdup(text), *part = copy;
	enum status s = STATUS_OK;

	while (s == STATUS_OK && part != NULL) {
		char *comma = strchr(part, ',');

		if (comma != NULL)
			*comma++ = '\0';
		s = read_part(part, part == copy, given, found, d);
		part = comma;
	}
	free(copy);
	if (s == STATUS_OK)
		memcpy(spread, found, sizeof found);
	return s;
}

bool jitter_needs_calibration(const double spread[ENGINE_COUNT])
{
	for (size_t e = 0; e < ENGINE_COUNT; e++)
		if (spread[e] < 0.0)
			return true;
	return false;
}

struct jitter *jitter_new(const struct jitter_spec *spec,
			  const struct jitter_case *c)
{
	struct jitter *j = xcalloc(1, sizeof *j);

	assert(c->hw->calibration != NULL ||
	       (!jitter_needs_calibration(spec->task) &&
		!jitter_needs_calibration(spec->run)));
	j->spec = *spec;
	j->of = *c;
	j->works = xcalloc(c->graph->nworks, sizeof *j->works);
	j->nsources = c->graph->gpus * ENGINE_COUNT;
	j->sources = xcalloc(j->nsources, sizeof *j->sources);
	for (size_t i = 0; i < j->nsources; i++)
		j->sources[i].rng = gsl_rng_alloc(gsl_rng_taus2);
	return j;
}

void jitter_free(struct jitter *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < j->nsources; i++)
		gsl_rng_free(j->sources[i].rng);
	free(j->sources);
	free(j->works);
	free(j);
}

/* MurmurHash3's last step, a bijection: different numbers stay different, and
 * neighbours are no longer neighbours. */
static uint32_t mix(uint32_t x)
{
	x ^= x >> 16;
	x *= UINT32_C(0x85ebca6b);
	x ^= x >> 13;
	x *= UINT32_C(0xc2b2ae35);
	return x ^ x >> 16;
}

void jitter_seed(struct jitter *j, uint32_t seed, size_t replication)
{
	assert(replication < JITTER_MOST_REPLICATIONS);
	for (size_t i = 0; i < j->nsources; i++) {
		size_t gpu = i / ENGINE_COUNT, e = i % ENGINE_COUNT;
		uint32_t number = (uint32_t)(replication * SOURCES +
					     e * MOST_GPUS + gpu);

		gsl_rng_set(j->sources[i].rng, mix(mix(seed) + number));
		j->sources[i].run_z =
			gsl_ran_gaussian_ziggurat(j->sources[i].rng, 1.0);
	}
}

static struct statistics_lognormal make_scale(const struct jitter *j,
					      double spread,
					      const struct work *w,
					      size_t step)
{
	if (spread < 0.0)
		spread = measured_spread(
			w, j->of.hw,
			(double)workload_cached(j->of.w, step),
			(double)j->of.plan->split[step]);
	return statistics_lognormal(spread);
}

static const struct known *know(struct jitter *j, size_t work, size_t step)
{
	struct known *k = &j->works[work][step % 2];
	const struct work *w = &j->of.graph->works[work];

	if (k->known && k->step == step)
		return k;
	*k = (struct known){
		.known = true, .step = step,
		.task = make_scale(j, j->spec.task[w->engine], w, step),
		.run = make_scale(j, j->spec.run[w->engine], w, step),
	};
	return k;
}

double jitter_factor(struct jitter *j, size_t gpu, size_t work, size_t step)
{
	const struct known *k = know(j, work, step);
	const struct source *s =
		&j->sources[gpu * ENGINE_COUNT +
			    (size_t)j->of.graph->works[work].engine];
	double z = gsl_ran_gaussian_ziggurat(s->rng, 1.0);

	return exp(k->task.s * z - k->task.shift +
		   (k->run.s * s->run_z - k->run.shift));
}
