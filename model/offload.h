/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offload.h - a machine as a placement sees it: three memories, the ways
 * between them, and the rates of the two processors.
 *
 * Plain data, from one of two kinds of profile: an offload profile
 * ("kvplan-offload-1", doc/FORMATS.md), whose rates are those that
 * FlexGen's cost model fits, or a hardware profile (model/hardware.h), which
 * knows no disk and states attention on the CPU, if at all, as a rate in
 * bytes.  All figures are SI.
 */
#ifndef MODEL_OFFLOAD_H
#define MODEL_OFFLOAD_H

#include <stdbool.h>

#include "model/hardware.h"

struct offload {
	char name[PROFILE_NAME_SIZE];
	char title[128];
	/* the GPU [FLOP/s]: products of weights, and of attention */
	double gemm_prefill_flop_per_s, gemm_decode_flop_per_s;
	double attention_prefill_flop_per_s, attention_decode_flop_per_s;
	double hbm_bytes_per_s;		/* [B/s]; 0: not stated */
	double gpu_memory_bytes;
	/* the link [B/s] */
	double h2d_bytes_per_s;
	double d2h_cache_bytes_per_s, d2h_hidden_bytes_per_s;
	double duplex_bytes_per_s;	/* both directions; 0: no limit */
	/* the host; its attention's rate falls below batch 64, width 4096 */
	double host_attention_flop_per_s;	/* 0: not stated */
	double host_attention_bytes_per_s;	/* [B/s] of KV, at any size;
						 * 0: not stated */
	double batch_and_width_slope, batch_slope, width_slope;
	double host_memory_bytes;	/* 0: not stated */
	/* the disk [B/s]; all 0: there is none */
	double disk_read_bytes_per_s;
	double disk_write_cache_prefill_bytes_per_s;
	double disk_write_hidden_prefill_bytes_per_s;
	double disk_write_decode_bytes_per_s;
	double disk_memory_bytes;
	double memory_share;		/* of each memory that may be used */
	bool is_fit;			/* from an offload profile: has all
					 * that FlexGen's cost model needs */
};

/** The table of an offload profile's figures; `*n` of them. */
const struct figure *offload_fields(size_t *n);

/** Where figure `f` stands in `o`. */
double *offload_figure(struct offload *o, const struct figure *f);

/**
 * Parse the offload profile text `json` into `*out`.  STATUS_INVALID,
 * naming the path, as hardware_parse().
 */
MUST_CHECK enum status offload_parse(const char *json, struct offload *out,
				     struct diag *d);

/** As hardware_set(), in the offload profile text `*json`. */
MUST_CHECK enum status offload_set(char **json, const char *path,
				   const char *text, struct diag *d);

/** As hardware_describe(), for the offload profile text `json`. */
void offload_describe(const char *json, struct table *t);

/**
 * The machine `hw` without disk: each product at the rate of a large GEMM,
 * each copy at its direction's, attention on the CPU at its rate in bytes if
 * that is stated, every memory to be used as a whole.  What several GPUs
 * share, host.root_bytes_per_s, host.root_h2d_bytes_per_s and
 * host.memory_bytes_per_s, is left out.
 * Pure; cannot fail.
 */
struct offload offload_from_hardware(const struct hardware *hw);

/**
 * [FLOP/s] of attention on the CPU with `batch` requests at a time and
 * layers `hidden` wide:
 *
 *     rate * max(0.1, 1 + c1 g w - c2 g - c3 w),
 *     g = max(0, log2(64 / batch)),  w = max(0, log2(4096 / hidden))
 *
 * (FlexGen, FMInference/FlexLLMGen, experimental/cost_model.py).  Pure;
 * cannot fail; 0 where the rate is not stated.
 */
double offload_host_attention_flop_per_s(const struct offload *o,
					 double batch, double hidden);

#endif
