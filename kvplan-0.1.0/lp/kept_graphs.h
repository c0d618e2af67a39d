/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kept_graphs.h - graphs of one layer, kept with their steady state.
 *
 * A layer's graph depends on the model, on batches and element types, and on
 * the decisions, not on lengths, and of the machine only on whether it states
 * what issuing takes; so a sweep over those needs it once.  Memory is limited:
 * where too much is kept, all is dropped.
 */
#ifndef LP_KEPT_GRAPHS_H
#define LP_KEPT_GRAPHS_H

#include "lp/steady.h"
#include "schedule/policy.h"

struct kept_graphs;		/* opaque */

/* Open: plain data, owned by the kept_graphs. */
struct kept_graph {
	struct graph *layer;
	struct steady *steady;		/* its machine is to be set */
};

/** Empty. */
struct kept_graphs *kept_graphs_new(void);

/** Release `k`; NULL is a no-op. */
void kept_graphs_free(struct kept_graphs *k);

/**
 * The SPAN_LAYER graph of `plan`, whose splits are not read; good until
 * kept_graphs_trim().
 */
const struct kept_graph *kept_graphs_find(struct kept_graphs *k,
					  const struct llm *m,
					  const struct workload *w,
					  const struct hardware *hw,
					  const struct plan *plan);

/** Drop what is kept, if it is too much; what was found is then gone. */
void kept_graphs_trim(struct kept_graphs *k);

#endif
