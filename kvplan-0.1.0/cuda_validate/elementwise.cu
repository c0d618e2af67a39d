/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/elementwise.h"

#include <cuda_fp16.h>

namespace {

const int block_threads = 256;
const int vector = 8;		/* elements of one 16-byte access */
const int most_vectors = 8;	/* of a row, in a thread of a norm */

struct Vector {
	float f[vector];
};

__device__ Vector load(const __half *p)
{
	uint4 raw = *reinterpret_cast<const uint4 *>(p);
	const __half2 *h = reinterpret_cast<const __half2 *>(&raw);
	Vector v;

#pragma unroll
	for (int i = 0; i < vector / 2; i++) {
		float2 pair = __half22float2(h[i]);

		v.f[2 * i] = pair.x;
		v.f[2 * i + 1] = pair.y;
	}
	return v;
}

__device__ void store(__half *p, const Vector &v)
{
	__half2 h[vector / 2];

#pragma unroll
	for (int i = 0; i < vector / 2; i++)
		h[i] = __floats2half2_rn(v.f[2 * i], v.f[2 * i + 1]);
	*reinterpret_cast<uint4 *>(p) = *reinterpret_cast<uint4 *>(h);
}

/* Sum over the block, in every thread. */
__device__ float block_sum(float x)
{
	__shared__ float part[block_threads / 32];
	float sum = 0.0f;

	for (int d = 16; d > 0; d /= 2)
		x += __shfl_xor_sync(~0u, x, d);
	__syncthreads();	/* what an earlier sum left has been read */
	if (threadIdx.x % 32 == 0)
		part[threadIdx.x / 32] = x;
	__syncthreads();
#pragma unroll
	for (int i = 0; i < block_threads / 32; i++)
		sum += part[i];
	return sum;
}

/* One block, one row, kept in registers between the two passes. */
__global__ void norm_kernel(const __half *x, const __half *gain, __half *y,
			    int width, bool centred)
{
	const float epsilon = 1e-5f;	/* as OPT and LLaMA-2 have it */
	const __half *row = x + (size_t)blockIdx.x * width;
	__half *to = y + (size_t)blockIdx.x * width;
	Vector v[most_vectors];
	float sum = 0.0f, mean = 0.0f, square = 0.0f, scale;

#pragma unroll
	for (int i = 0; i < most_vectors; i++) {
		int at = (i * block_threads + threadIdx.x) * vector;

		if (at >= width)
			continue;
		v[i] = load(row + at);
		for (int j = 0; j < vector; j++)
			sum += v[i].f[j];
	}
	if (centred)
		mean = block_sum(sum) / width;
#pragma unroll
	for (int i = 0; i < most_vectors; i++) {
		if ((i * block_threads + threadIdx.x) * vector >= width)
			continue;
		for (int j = 0; j < vector; j++) {
			v[i].f[j] -= mean;
			square += v[i].f[j] * v[i].f[j];
		}
	}
	scale = rsqrtf(block_sum(square) / width + epsilon);
#pragma unroll
	for (int i = 0; i < most_vectors; i++) {
		int at = (i * block_threads + threadIdx.x) * vector;
		Vector w;

		if (at >= width)
			continue;
		w = load(gain + at);
		for (int j = 0; j < vector; j++)
			v[i].f[j] *= scale * w.f[j];
		store(to + at, v[i]);
	}
}

__global__ void table_kernel(float2 *table, size_t n, int half, double base)
{
	size_t i = (size_t)blockIdx.x * block_threads + threadIdx.x;
	double angle, sine, cosine;

	if (i >= n)
		return;
	angle = (double)(i / half) * pow(base, -(double)(i % half) / half);
	sincos(angle, &sine, &cosine);
	table[i] = make_float2((float)cosine, (float)sine);
}

/*
 * Rotate the elements [i, i + 8) of a head and those half a head further on,
 * from `from` to `to`; `table` is the position's.
 */
__device__ void rotate(const __half *from, __half *to, int i, int half,
		       const float2 *table)
{
	Vector a = load(from + i), b = load(from + half + i), c, d;

#pragma unroll
	for (int j = 0; j < vector; j++) {
		float2 turn = __ldg(table + i + j);

		c.f[j] = a.f[j] * turn.x - b.f[j] * turn.y;
		d.f[j] = b.f[j] * turn.x + a.f[j] * turn.y;
	}
	store(to + i, c);
	store(to + half + i, d);
}

__global__ void rotate_kernel(__half *x, struct elementwise_rotation r,
			      size_t n)
{
	size_t i = (size_t)blockIdx.x * block_threads + threadIdx.x;
	int half = (int)r.head_dim / 2, pieces = half / vector;
	size_t head, line;

	if (i >= n)
		return;
	head = i / pieces % r.heads;
	line = i / pieces / r.heads;
	__half *p = x + line * r.row + head * r.head_dim;
	rotate(p, p, (int)(i % pieces) * vector, half,
	       (const float2 *)r.table + (r.first + line / r.batch) * half);
}

/* One thread: 8 + 8 elements of a head of Q, of K or of V. */
__global__ void append_kernel(struct elementwise_new_token t, size_t n)
{
	size_t i = (size_t)blockIdx.x * block_threads + threadIdx.x;
	int half = (int)t.head_dim / 2, pieces = half / vector;
	size_t all = t.heads + 2 * t.kv_heads, head, request;
	int at = (int)(i % pieces) * vector;

	if (i >= n)
		return;
	head = i / pieces % all;
	request = i / pieces / all;
	__half *from = (__half *)t.qkv + (request * all + head) * t.head_dim;
	__half *to = from;

	if (head >= t.heads)
		to = (__half *)t.kv + (request * 2 * t.kv_heads + head -
				       t.heads) * t.head_dim;
	if (t.table != NULL && head < t.heads + t.kv_heads) {
		rotate(from, to, at, half,
		       (const float2 *)t.table + t.position * half);
	} else if (to != from) {
		store(to + at, load(from + at));
		store(to + half + at, load(from + half + at));
	}
	if (t.copy != NULL && head >= t.heads) {
		__half *again = (__half *)t.copy + (to - (__half *)t.kv);

		store(again + at, load(to + at));
		store(again + half + at, load(to + half + at));
	}
}

__global__ void relu_kernel(__half *x, size_t n)
{
	size_t at = ((size_t)blockIdx.x * block_threads + threadIdx.x) *
		    vector;
	Vector v;

	if (at >= n)
		return;
	v = load(x + at);
	for (int j = 0; j < vector; j++)
		v.f[j] = fmaxf(v.f[j], 0.0f);
	store(x + at, v);
}

__global__ void gate_kernel(const __half *x, __half *y, size_t n,
			    size_t width)
{
	size_t at = ((size_t)blockIdx.x * block_threads + threadIdx.x) *
		    vector;
	size_t row = at / width, column = at % width;
	Vector a, b;

	if (at >= n)
		return;
	a = load(x + 2 * row * width + column);
	b = load(x + (2 * row + 1) * width + column);
	for (int j = 0; j < vector; j++)
		a.f[j] *= b.f[j] / (1.0f + __expf(-a.f[j]));
	store(y + at, a);
}

unsigned blocks_for(size_t threads)
{
	return (unsigned)((threads + block_threads - 1) / block_threads);
}

}

unsigned elementwise_norm(const void *x, const void *gain, void *y,
			  size_t rows, size_t width, bool centred,
			  struct CUstream_st *stream)
{
	if (width % vector != 0 ||
	    width > (size_t)block_threads * vector * most_vectors)
		return cudaErrorInvalidValue;
	norm_kernel<<<(unsigned)rows, block_threads, 0, stream>>>(
		(const __half *)x, (const __half *)gain, (__half *)y,
		(int)width, centred);
	return cudaGetLastError();
}

unsigned elementwise_rotary_table(float *table, size_t positions,
				  size_t head_dim, double base,
				  struct CUstream_st *stream)
{
	size_t n = positions * head_dim / 2;

	table_kernel<<<blocks_for(n), block_threads, 0, stream>>>(
		(float2 *)table, n, (int)head_dim / 2, base);
	return cudaGetLastError();
}

unsigned elementwise_rotate(void *x, const struct elementwise_rotation *r,
			    struct CUstream_st *stream)
{
	size_t n = r->tokens * r->batch * r->heads * r->head_dim / 2 / vector;

	if (r->head_dim % (2 * vector) != 0)
		return cudaErrorInvalidValue;
	if (n == 0)
		return cudaSuccess;
	rotate_kernel<<<blocks_for(n), block_threads, 0, stream>>>(
		(__half *)x, *r, n);
	return cudaGetLastError();
}

unsigned elementwise_append(const struct elementwise_new_token *t,
			    struct CUstream_st *stream)
{
	size_t n = t->batch * (t->heads + 2 * t->kv_heads) * t->head_dim / 2 /
		   vector;

	if (t->head_dim % (2 * vector) != 0)
		return cudaErrorInvalidValue;
	append_kernel<<<blocks_for(n), block_threads, 0, stream>>>(*t, n);
	return cudaGetLastError();
}

unsigned elementwise_relu(void *x, size_t n, struct CUstream_st *stream)
{
	relu_kernel<<<blocks_for(n / vector), block_threads, 0, stream>>>(
		(__half *)x, n);
	return cudaGetLastError();
}

unsigned elementwise_gate(const void *x, void *y, size_t rows, size_t width,
			  struct CUstream_st *stream)
{
	size_t n = rows * width;

	gate_kernel<<<blocks_for(n / vector), block_threads, 0, stream>>>(
		(const __half *)x, (__half *)y, n, width);
	return cudaGetLastError();
}
