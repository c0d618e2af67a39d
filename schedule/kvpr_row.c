/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/kvpr_row.h"

#include "schedule/row.h"

const struct policy policy_kvpr_row = {
	.name = "kvpr-row",
	.summary = "KVPR: recompute l tokens, load the rest",
	.split = SPLIT_OPEN,
	.prefetch_rule = PREFETCH_OPEN,
	.prefetch = 0,
	.graph = row_overlapped_graph,
	.memory = row_memory,
};
