/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reference.h - projection, rotation and attention in fp64 on the CPU.
 *
 * Plain loops, to be compared with; inputs are the fp16 numbers that the GPU
 * has, taken as exact.  Nothing here can fail.
 */
#ifndef CUDA_VALIDATE_REFERENCE_H
#define CUDA_VALIDATE_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/** Sum over i < n of x[i] * w[i]. */
double reference_dot(const uint16_t *x, const uint16_t *w, size_t n);

/**
 * Head of `head_dim` elements: out[j] = x . w[j], the rows of `w` being `h`
 * long; then, if `base` > 0, the rotation to `position` of pairs that are
 * head_dim / 2 apart, by position / base^(2i / head_dim).
 */
void reference_project(const uint16_t *x, const uint16_t *w, size_t h,
		       size_t head_dim, double base, size_t position,
		       double *out);

/**
 * softmax(scale * q K^T) V of one query head; k and v are [tokens][head_dim].
 */
void reference_attention(const double *q, const double *k, const double *v,
			 size_t tokens, size_t head_dim, double scale,
			 double *out);

/** ||a - b|| / ||b|| is the root of the first sum over the second. */
struct reference_error {
	double difference_squared, reference_squared;
	size_t nans;		/* of a */
};

/** Take in one number found and the one it should be. */
void reference_add(struct reference_error *e, double found, double right);

/** ||a - b|| / ||b||; 0 of nothing. */
double reference_relative(const struct reference_error *e);

#endif
