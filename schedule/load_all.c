/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/load_all.h"

#include "schedule/row.h"

const struct policy policy_load_all = {
	.name = "load-all",
	.summary = "load the whole KV cache",
	.split = SPLIT_NONE,
	.prefetch_rule = PREFETCH_GIVEN,
	.prefetch = 1,
	.graph = row_overlapped_graph,
	.memory = row_memory,
};
