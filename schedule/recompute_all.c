/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/recompute_all.h"

#include "schedule/row.h"

const struct policy policy_recompute_all = {
	.name = "recompute-all",
	.summary = "load layer inputs, recompute all K and V",
	.split = SPLIT_ALL,
	.prefetch_rule = PREFETCH_GIVEN,
	.prefetch = 1,
	.graph = row_overlapped_graph,
	.memory = row_memory,
};
