/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/kvpr_flexgen.h"

#include "schedule/flexgen.h"

const struct policy policy_kvpr_flexgen = {
	.name = "kvpr-flexgen",
	.summary = "KVPR in FlexGen's runtime, which waits batch by batch",
	.split = SPLIT_OPEN,
	.rules = {
		[DECISION_PREFETCH] = { DECIDED_BY_POLICY, 1 },
		[DECISION_WEIGHTS_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_CACHE_ON_GPU] = { DECIDED_BY_USER, 0 },
		[DECISION_HIDDEN] = { DECIDED_BY_USER, HIDDEN_HOST },
		[DECISION_SEP_LAYER] = { DECIDED_BY_USER, SEP_LAYER_YES },
	},
	.build = flexgen_graph,
	.memory = flexgen_memory,
};
