/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * elementwise.h - the small kernels between a decoder layer's products.
 *
 * Each function launches one kernel on `stream` and returns a cudaError_t.
 * Data is fp16 on the GPU, arithmetic fp32; widths are multiples of 8.
 */
#ifndef CUDA_VALIDATE_ELEMENTWISE_H
#define CUDA_VALIDATE_ELEMENTWISE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct CUstream_st;

/**
 * Norm of `rows` rows of `width`, at most 16384, from `x` to `y`: layer norm
 * if `centred`, else root mean square; multiplied by `gain`[width].
 */
unsigned elementwise_norm(const void *x, const void *gain, void *y,
			  size_t rows, size_t width, bool centred,
			  struct CUstream_st *stream);

/**
 * Fill `table` with cosine and sine, floats [position][head_dim / 2][2], of
 * position / base^(2i / head_dim) (Su et al. 2021).
 */
unsigned elementwise_rotary_table(float *table, size_t positions,
				  size_t head_dim, double base,
				  struct CUstream_st *stream);

/* Rotary positions for the K of a piece of a cache; plain data. */
struct elementwise_rotation {
	size_t tokens, batch, heads, head_dim;
	size_t row;		/* elements from one row to the next */
	size_t first;		/* position of the first token */
	const float *table;	/* elementwise_rotary_table() */
};

/** Rotate the first heads * head_dim elements of each row of `x` in place. */
unsigned elementwise_rotate(void *x, const struct elementwise_rotation *r,
			    struct CUstream_st *stream);

/* What project leaves, and where it goes; plain data. */
struct elementwise_new_token {
	size_t batch, heads, kv_heads, head_dim;
	size_t position;
	const float *table;	/* NULL: the model has no rotary positions */
	void *qkv;		/* [batch][q + 2k]; Q is rotated in place */
	void *kv;		/* the cache, at the token's place */
	void *copy;		/* NULL, or where K and V go as well */
};

/**
 * Append the new token's K and V to the cache, K rotated; one pass with the
 * rotation of Q.
 */
unsigned elementwise_append(const struct elementwise_new_token *t,
			    struct CUstream_st *stream);

/** x[i] = max(x[i], 0) for `n` elements. */
unsigned elementwise_relu(void *x, size_t n, struct CUstream_st *stream);

/**
 * y[r][i] = silu(x[r][i]) * x[r][width + i], x being [rows][2 * width]:
 * the gate of a gated FFN.
 */
unsigned elementwise_gate(const void *x, void *y, size_t rows, size_t width,
			  struct CUstream_st *stream);

#ifdef __cplusplus
}
#endif

#endif
