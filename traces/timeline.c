/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/timeline.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* Capacities are powers of two, so the length tells when one is full. */
void timeline_add(struct timeline *t, struct slice s)
{
	if ((t->n & (t->n - 1)) == 0)
		t->slices = xrealloc_array(t->slices, t->n ? 2 * t->n : 1,
					   sizeof *t->slices);
	t->slices[t->n++] = s;
}

void timeline_clear(struct timeline *t)
{
	free(t->slices);
	*t = (struct timeline){ 0 };
}
