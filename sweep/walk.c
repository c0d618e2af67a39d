/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/walk.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_rng.h>

#include "base/xalloc.h"

enum { ROUNDS = 6, MOST_NAMES = SWEEP_MOST_AXES * SWEEP_MOST_PAIRED };

struct sweep_walk {
	const struct sweep_space *space;
	gsl_qrng *sequence;		/* of a Sobol sample */
	uint64_t next;			/* what that gives next */
	unsigned half;			/* bits, of a hypercube's network */
	uint64_t key[SWEEP_MOST_AXES][ROUNDS];
	struct sweep_value value[MOST_NAMES];
	char text[SWEEP_MOST_AXES][SWEEP_VALUE_SIZE];
};

/* A bijection of 64 bits (Steele, Lea, Flood, Fast splittable pseudorandom
 * number generators, 2014). */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void draw_keys(struct sweep_walk *w)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, w->space->seed);
	for (size_t i = 0; i < SWEEP_MOST_AXES; i++)
		for (size_t k = 0; k < ROUNDS; k++)
			w->key[i][k] = (uint64_t)gsl_rng_get(rng) << 32 |
				       gsl_rng_get(rng);
	gsl_rng_free(rng);
	w->half = 1;
	while (w->half < 31 &&
	       (uint64_t)1 << (2 * w->half) < w->space->points)
		w->half++;
}

struct sweep_walk *sweep_walk_new(const struct sweep_space *space)
{
	struct sweep_walk *w = xcalloc(1, sizeof *w);

	w->space = space;
	if (space->sample == SWEEP_SOBOL)
		w->sequence = gsl_qrng_alloc(gsl_qrng_sobol,
					     (unsigned)space->naxes);
	if (space->sample == SWEEP_LHS)
		draw_keys(w);
	return w;
}

void sweep_walk_free(struct sweep_walk *w)
{
	if (w == NULL)
		return;
	if (w->sequence != NULL)
		gsl_qrng_free(w->sequence);
	free(w);
}

static uint64_t permute_once(const struct sweep_walk *w, size_t axis,
			     uint64_t x)
{
	uint64_t mask = ((uint64_t)1 << w->half) - 1;
	uint64_t left = x >> w->half, right = x & mask;

	for (size_t k = 0; k < ROUNDS; k++) {
		uint64_t next = left ^ (mix(right + w->key[axis][k]) & mask);

		left = right;
		right = next;
	}
	return left << w->half | right;
}

/* Where point `index` stands along `axis`: its stratum, and where in it. */
static double stratum(const struct sweep_walk *w, size_t axis, uint64_t index)
{
	uint64_t n = w->space->points, x = index, inside;

	do
		x = permute_once(w, axis, x);
	while (x >= n);
	inside = mix(mix(w->key[axis][0] + index) + axis) >> 11;
	return fmin(((double)x + (double)inside * 0x1p-53) / (double)n,
		    1.0 - 0x1p-53);
}

static void sample(struct sweep_walk *w, uint64_t index,
		   double u[SWEEP_MOST_AXES])
{
	if (w->space->sample == SWEEP_LHS) {
		for (size_t i = 0; i < w->space->naxes; i++)
			u[i] = stratum(w, i, index);
		return;
	}
	if (index < w->next) {
		gsl_qrng_init(w->sequence);
		w->next = 0;
	}
	for (; w->next <= index; w->next++) {
		int failed = gsl_qrng_get(w->sequence, u);

		assert(!failed);	/* up to SWEEP_MOST_SOBOL */
		(void)failed;
	}
}

const struct sweep_value *sweep_walk_at(struct sweep_walk *w, uint64_t index)
{
	const struct sweep_space *space = w->space;
	double u[SWEEP_MOST_AXES];
	size_t last = sweep_space_names(space);

	if (space->sample != SWEEP_GRID)
		sample(w, index, u);
	for (size_t i = space->naxes; i-- > 0;) {
		const struct sweep_axis *a = &space->axes[i];
		struct sweep_value *to = &w->value[last -= a->nnames];
		size_t at;

		if (space->sample != SWEEP_GRID && a->ranges) {
			for (size_t k = 0; k < a->nnames; k++)
				sweep_axis_between(a, u[i], w->text[i],
						   &to[k]);
			continue;
		}
		if (space->sample == SWEEP_GRID) {
			at = (size_t)(index % a->n);
			index /= a->n;
		} else {
			at = (size_t)(u[i] * (double)a->n);
		}
		memcpy(to, &a->values[at * a->nnames],
		       a->nnames * sizeof *to);
	}
	return w->value;
}
