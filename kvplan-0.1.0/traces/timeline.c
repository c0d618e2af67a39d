/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/timeline.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* Capacities are powers of two, so the length tells when one is full. */
static void *grow(void *array, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return array;
	return xrealloc_array(array, n ? 2 * n : 1, size);
}

void timeline_add(struct timeline *t, struct slice s)
{
	t->slices = grow(t->slices, t->n, sizeof *t->slices);
	t->slices[t->n++] = s;
}

void timeline_add_rate(struct timeline *t, struct rate r)
{
	t->rates = grow(t->rates, t->nrates, sizeof *t->rates);
	t->rates[t->nrates++] = r;
}

void timeline_clear(struct timeline *t)
{
	free(t->slices);
	free(t->rates);
	*t = (struct timeline){ 0 };
}
