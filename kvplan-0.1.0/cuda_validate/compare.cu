/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/compare.h"

#include <cuda_fp16.h>

namespace {

const int block_threads = 256;

template <typename T> __device__ T warp_sum(T x)
{
	for (int d = 16; d > 0; d /= 2)
		x += __shfl_xor_sync(~0u, x, d);
	return x;
}

__global__ void compare_kernel(struct compare_span s,
			       struct compare_sums *sums)
{
	const __half *a = (const __half *)s.a, *b = (const __half *)s.b;
	size_t n = s.rows * s.columns;
	size_t step = (size_t)gridDim.x * block_threads;
	double difference = 0.0, reference = 0.0;
	unsigned long long nans = 0, differ = 0;

	for (size_t i = (size_t)blockIdx.x * block_threads + threadIdx.x;
	     i < n; i += step) {
		size_t at = i / s.columns * s.row + i % s.columns;
		float x = __half2float(a[at]), y = __half2float(b[at]);

		differ += __half_as_ushort(a[at]) != __half_as_ushort(b[at]);
		if (x != x || y != y) {
			nans++;
			continue;
		}
		difference += (double)(x - y) * (double)(x - y);
		reference += (double)y * (double)y;
	}
	difference = warp_sum(difference);
	reference = warp_sum(reference);
	nans = warp_sum(nans);
	differ = warp_sum(differ);
	if (threadIdx.x % 32 != 0)
		return;
	atomicAdd(&sums->difference_squared, difference);
	atomicAdd(&sums->reference_squared, reference);
	atomicAdd(&sums->nans, nans);
	atomicAdd(&sums->differ, differ);
}

}

unsigned compare_run(const struct compare_span *span, struct compare_sums *sums,
		     struct CUstream_st *stream)
{
	const size_t most_blocks = 1024;
	size_t n = span->rows * span->columns;
	size_t blocks = (n + block_threads - 1) / block_threads;

	if (n == 0)
		return cudaSuccess;
	if (blocks > most_blocks)
		blocks = most_blocks;
	compare_kernel<<<(unsigned)blocks, block_threads, 0, stream>>>(*span,
								       sums);
	return cudaGetLastError();
}
