/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/trust.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"

struct trust trust_make(const struct graph *g, const struct hardware *hw,
			double cached, double split, enum engine busiest)
{
	struct trust t = { .noutside = 0 };
	double all_s = 0.0, error_s = 0.0;

	if (hw->calibration == NULL)
		return t;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct work *w = &g->works[g->tasks[i].work];
		double time_s;

		if (w->engine != busiest)
			continue;
		time_s = work_seconds(w, hw, cached, split);
		all_s += time_s;
		error_s += time_s * measured_spread(w, hw, cached, split);
	}
	for (size_t i = 0; i < g->nshapes; i++) {
		struct measured_outside found;

		if (!measured_is_outside(&g->works[i], hw, cached, split,
					 &found))
			continue;
		if (t.noutside++ == 0)
			t.first = found;
	}
	t.spread = all_s > 0.0 ? error_s / all_s : 0.0;
	return t;
}

void trust_widen(struct trust *t, const struct trust *more)
{
	if (t->noutside == 0)
		t->first = more->first;
	if (more->noutside > t->noutside)
		t->noutside = more->noutside;
}

/* Rows of a product; bytes of all else. */
static void format(const struct measured_outside *o, double value,
		   char text[QUANTITY_SIZE])
{
	if (o->n > 0.0)
		snprintf(text, QUANTITY_SIZE, "%.0f rows", value);
	else
		quantity_format(value, QUANTITY_BYTES, text);
}

void trust_say(const struct trust *t, char text[TRUST_SIZE])
{
	const struct measured_outside *o = &t->first;
	char asked[QUANTITY_SIZE], least[QUANTITY_SIZE], most[QUANTITY_SIZE];
	size_t n;

	assert(t->noutside > 0);
	format(o, o->size, asked);
	format(o, o->least, least);
	format(o, o->most, most);
	snprintf(text, TRUST_SIZE, "%s", o->what);
	n = strlen(text);
	if (o->n > 0.0) {
		snprintf(text + n, TRUST_SIZE - n, " with n = %.0f, k = %.0f",
			 o->n, o->k);
		n = strlen(text);
	}
	snprintf(text + n, TRUST_SIZE - n,
		 ": %s is outside what was measured, %s to %s", asked, least,
		 most);
	n = strlen(text);
	if (t->noutside > 1)
		snprintf(text + n, TRUST_SIZE - n, "; so %s %zu more",
			 t->noutside == 2 ? "is" : "are", t->noutside - 1);
}
