/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/waiting.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

struct waiting_flow {
	double begin_s;
	uint32_t flow;
};

enum { FEWEST = 16 };		/* first room */

void waiting_clear(struct waiting *w)
{
	free(w->ring);
	*w = (struct waiting){ .ring = NULL };
}

static struct waiting_flow *at(const struct waiting *w, size_t i)
{
	return &w->ring[(w->head + i) & (w->room - 1)];
}

static void grow(struct waiting *w)
{
	size_t room = w->room > 0 ? 2 * w->room : FEWEST;
	struct waiting_flow *ring = xcalloc(room, sizeof *ring);

	for (size_t i = 0; i < w->n; i++)
		ring[i] = *at(w, i);
	free(w->ring);
	w->ring = ring;
	w->room = room;
	w->head = 0;
}

void waiting_add(struct waiting *w, double begin_s, uint32_t flow)
{
	size_t i = w->n;

	if (w->n == w->room)
		grow(w);
	for (; i > 0 && at(w, i - 1)->begin_s > begin_s; i--)
		*at(w, i) = *at(w, i - 1);
	*at(w, i) = (struct waiting_flow){ begin_s, flow };
	w->n++;
}

double waiting_next_s(const struct waiting *w)
{
	return w->n > 0 ? at(w, 0)->begin_s : INFINITY;
}

uint32_t waiting_take(struct waiting *w)
{
	uint32_t flow;

	assert(w->n > 0);
	flow = at(w, 0)->flow;
	w->head++;
	w->n--;
	return flow;
}
