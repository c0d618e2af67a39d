/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/gantt.h"

#include <stddef.h>

#include "plots/palette.h"

unsigned gantt_colour(enum op op)
{
	static const unsigned colours[OP_COUNT] = {
		[OP_LOAD_WEIGHT_KV] = PALETTE_BLUE,
		[OP_LOAD_WEIGHT_QO] = PALETTE_BLUE,
		[OP_LOAD_WEIGHT_FFN] = PALETTE_BLUE,
		[OP_LOAD_EMBEDDING] = PALETTE_BLUE,
		[OP_LOAD_ACTIVATION] = PALETTE_SKY,
		[OP_LOAD_ATTENTION] = PALETTE_SKY,
		[OP_LOAD_CACHE] = PALETTE_BLUE,
		[OP_LOAD_KEY] = PALETTE_BLUE,
		[OP_LOAD_VALUE] = PALETTE_BLUE,
		[OP_LOAD_HIDDEN] = PALETTE_SKY,
		[OP_DEQUANTISE_WEIGHT] = PALETTE_SKY,
		[OP_PROJECT] = PALETTE_YELLOW,
		[OP_QUANTISE] = PALETTE_SKY,
		[OP_DEQUANTISE_ACTIVATION] = PALETTE_SKY,
		[OP_RECOMPUTE] = PALETTE_RED,
		[OP_APPEND] = PALETTE_RED,
		[OP_DEQUANTISE_CACHE] = PALETTE_SKY,
		[OP_ATTEND] = PALETTE_GREEN,
		[OP_OUTPUT] = PALETTE_ORANGE,
		[OP_FFN] = PALETTE_ORANGE,
		[OP_HEAD] = PALETTE_ORANGE,
		[OP_STORE_HIDDEN] = PALETTE_PURPLE,
		[OP_STORE_CACHE] = PALETTE_PURPLE,
		[OP_STORE_QUERY] = PALETTE_PURPLE,
		[OP_STORE_ACTIVATION] = PALETTE_PURPLE,
		[OP_STAGE_KEY] = PALETTE_RED,
		[OP_STAGE_VALUE] = PALETTE_RED,
		[OP_ATTEND_HOST] = PALETTE_GREEN,
		[OP_BARRIER] = PALETTE_ORANGE,
		[OP_ISSUE] = PALETTE_SKY,
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

/*
 * What the legend says of `op`, or NULL if its row or another op says it: where
 * a row has tasks of several kinds; those of one colour once.
 */
static const char *kind_of(enum op op)
{
	enum process p = op_process(op);

	if ((p != PROCESS_COMPUTE && p != PROCESS_HOST) || op == OP_FFN ||
	    op == OP_STAGE_VALUE)
		return NULL;
	return op == OP_OUTPUT ? "output, ffn" :
	       op == OP_STAGE_KEY ? "stage_key, stage_value" : op_name(op);
}

void gantt_write_key(const bool shown[OP_COUNT], bool others, FILE *out)
{
	struct palette_style style = { .pattern = PALETTE_SOLID };

	fputs("$key << EOD\n", out);
	for (int i = 0; i < OP_COUNT; i++) {
		const char *kind = kind_of((enum op)i);

		style.rgb = gantt_colour((enum op)i);
		if (shown[i] && kind != NULL)
			palette_write_key("box", style, kind, out);
	}
	style.rgb = GANTT_OTHERS;
	if (others)
		palette_write_key("box", style, "other layers", out);
	fputs("EOD\n", out);
}

void gantt_write_rows(int nrows, FILE *out)
{
	fprintf(out, "NROWS = %d\nBODY = 'LINE * (1.45 * NROWS + 2.8)'\n",
		nrows);
}
