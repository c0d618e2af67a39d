/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block_table.h - the schedule that schedule/block.h describes.
 *
 * Written from the text of that header, stream by stream, and sharing no
 * code with what it is held against.
 */
#ifndef TESTS_BLOCK_TABLE_H
#define TESTS_BLOCK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "schedule/block.h"

/* A case, and what follows from it; block_table_case() fills all. */
struct block_case {
	size_t layers;			/* of the graph */
	size_t batches, slots, depth;
	enum span span;
	enum block_style style;
	bool streamed;			/* some weights */
	bool fine;
	bool host;			/* the CPU attends */
	bool kv;			/* KV is loaded, or stored */
	bool x;				/* X is, and K, V recomputed */
	bool new_x;			/* the new tokens' X is stored */
	bool kv_bits, x_bits, w_bits;	/* in fewer bits, and turned */
	bool quantise;
};

struct block_case block_table_case(const struct llm *m,
				   const struct workload *w,
				   const struct plan *plan, enum span span,
				   enum block_style style);

/** Fail unless `g` is the schedule of `c`. */
void block_table_check(const struct graph *g, const struct block_case *c);

#endif
