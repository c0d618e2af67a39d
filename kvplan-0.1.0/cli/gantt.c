/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/gantt.h"

#include <stddef.h>

int gantt_colour(enum op op)
{
	static const int colours[OP_COUNT] = {
		[OP_LOAD_WEIGHT_KV] = 5, [OP_LOAD_WEIGHT_QO] = 5,
		[OP_LOAD_WEIGHT_FFN] = 5, [OP_LOAD_EMBEDDING] = 5,
		[OP_LOAD_ACTIVATION] = 2, [OP_LOAD_ATTENTION] = 2,
		[OP_LOAD_CACHE] = 5, [OP_LOAD_KEY] = 5, [OP_LOAD_VALUE] = 5,
		[OP_LOAD_HIDDEN] = 2, [OP_DEQUANTISE_WEIGHT] = 2,
		[OP_PROJECT] = 4, [OP_QUANTISE] = 2,
		[OP_DEQUANTISE_ACTIVATION] = 2, [OP_RECOMPUTE] = 6,
		[OP_APPEND] = 6, [OP_DEQUANTISE_CACHE] = 2, [OP_ATTEND] = 3,
		[OP_OUTPUT] = 1, [OP_FFN] = 1, [OP_HEAD] = 1,
		[OP_STORE_HIDDEN] = 7, [OP_STORE_CACHE] = 7,
		[OP_STORE_QUERY] = 7, [OP_STORE_ACTIVATION] = 7,
		[OP_STAGE_KEY] = 6, [OP_STAGE_VALUE] = 6,
		[OP_ATTEND_HOST] = 3, [OP_BARRIER] = 1, [OP_ISSUE] = 2,
	};

	return colours[op];
}

const char *gantt_row(enum process p)
{
	static const char *const labels[PROCESS_COUNT] = {
		"load_weight (H2D)", "load_activation (H2D)",
		"load_cache (H2D)", "compute (GPU)", "store_cache (D2H)",
		"store_activation (D2H)", "host (CPU)", "issue (CPU)",
	};

	return labels[p];
}

/* Where a row has tasks of several kinds; those of one colour once. */
const char *gantt_kind(enum op op)
{
	enum process p = op_process(op);

	if ((p != PROCESS_COMPUTE && p != PROCESS_HOST) || op == OP_FFN ||
	    op == OP_STAGE_VALUE)
		return NULL;
	return op == OP_OUTPUT ? "output, ffn" :
	       op == OP_STAGE_KEY ? "stage_key, stage_value" : op_name(op);
}
