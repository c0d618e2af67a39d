/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/label.h"

#include <string.h>

/* With their units, but for those of dimensions. */
static const char *const names[][2] = {
	{ "step_s", "time per token" },
	{ "decode_s", "decode" },
	{ "floor_s", "floor of a token's time" },
	{ "load_all_s", "time per token, load-all" },
	{ "tokens_per_s", "throughput [tokens/s]" },
	{ "gain_pct", "time saved against load-all" },
	{ "gap_pct", "above the floor" },
	{ "split_fraction", "split l* / s'" },
	{ "split", "split l* [tokens]" },
	{ "cached", "cached tokens s'" },
	{ "prompt", "prompt [tokens]" },
	{ "gen", "generated [tokens]" },
	{ "batch", "batch [requests]" },
	{ "num_batches", "batches" },
	{ "num-batches", "batches" },
	{ "gpus", "GPUs" },
	{ "gpu_bytes", "GPU memory used" },
	{ "host_bytes", "host memory used" },
};

const char *label_words(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i][0], name) == 0)
			return names[i][1];
	return NULL;
}

const char *label_unit(enum quantity q, double most, double *scale)
{
	*scale = 1.0;
	switch (q) {
	case QUANTITY_BYTES_PER_S:
		*scale = 1e-9;
		return "GB/s";
	case QUANTITY_FLOP:
		*scale = 1e-12;
		return "TFLOP";
	case QUANTITY_FLOP_PER_S:
		*scale = 1e-12;
		return "TFLOP/s";
	case QUANTITY_BYTES:
		*scale = most < 1e9 ? 1e-6 : 1e-9;
		return most < 1e9 ? "MB" : "GB";
	case QUANTITY_SECONDS:
		*scale = most < 1e-3 ? 1e6 : most < 10.0 ? 1e3 : 1.0;
		return most < 1e-3 ? "\302\265s" : most < 10.0 ? "ms" : "s";
	case QUANTITY_PERCENT:
		return "%";
	case QUANTITY_NUMBER:
		break;
	}
	return NULL;
}
