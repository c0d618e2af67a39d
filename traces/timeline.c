/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/timeline.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

void timeline_add(struct timeline *t, struct slice s)
{
	t->slices = xgrow(t->slices, t->n, sizeof *t->slices);
	t->slices[t->n++] = s;
}

void timeline_add_rate(struct timeline *t, struct rate r)
{
	t->rates = xgrow(t->rates, t->nrates, sizeof *t->rates);
	t->rates[t->nrates++] = r;
}

void timeline_rebase(struct timeline *t)
{
	double first = INFINITY;

	for (size_t i = 0; i < t->n; i++)
		first = fmin(first, t->slices[i].start_s);
	for (size_t i = 0; i < t->n; i++) {
		t->slices[i].start_s -= first;
		t->slices[i].end_s -= first;
	}
}

void timeline_clear(struct timeline *t)
{
	free(t->slices);
	free(t->rates);
	*t = (struct timeline){ 0 };
}
