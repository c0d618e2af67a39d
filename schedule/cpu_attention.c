/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/cpu_attention.h"

#include "schedule/block.h"
#include "schedule/footprint.h"

static struct graph *graph(const struct llm *m, const struct workload *w,
			   const struct plan *plan, enum span span)
{
	return block_graph(m, w, plan, span, BLOCK_INTERLEAVED);
}

const struct policy policy_cpu_attention = {
	.name = "cpu-attention",
	.summary = "the CPU attends, for one batch after another",
	.split = SPLIT_NONE,
	.rules = {
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_POLICY, 1 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_ATTENTION] = { DECIDED_BY_POLICY, ATTENTION_CPU },
	},
	.build = graph,
	.memory = footprint_memory,
};
