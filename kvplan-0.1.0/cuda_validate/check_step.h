/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_step.h - the decode step that check.h compares two ways.
 */
#ifndef CUDA_VALIDATE_CHECK_STEP_H
#define CUDA_VALIDATE_CHECK_STEP_H

#include "cuda_validate/buffer.h"
#include "cuda_validate/check.h"
#include "cuda_validate/matmul.h"

/* Base of the rotary angles, that of LLaMA-2. */
#define CHECK_STEP_ROTARY_BASE 10000.0

/* What the step leaves behind; plain data. */
struct check_step {
	struct device *g;
	const struct check_case *c;
	struct matmul *matmul;
	struct CUstream_st *compute, *load;
	struct CUevent_st *loaded;
	struct buffer x_host;		/* [length + 1][batch][h] */
	struct buffer kv_host;		/* the cache on the host */
	struct buffer weights;		/* [q + 2k][h]: W_Q, W_K, W_V */
	struct buffer x;		/* on the GPU, as on the host */
	struct buffer x_prefix;		/* of the first `split` tokens */
	struct buffer whole, joined;	/* the cache, length + 1 tokens */
	struct buffer qkv;		/* of the new token */
	struct buffer out_whole, out_joined;
	struct buffer table, workspace;
};

/** Allocate everything, make random inputs, poison all that is written. */
bool check_step_open(struct check_step *s);
void check_step_close(struct check_step *s);

/** Do the step both ways; returns when it is done. */
bool check_step_run(struct check_step *s);

#endif
