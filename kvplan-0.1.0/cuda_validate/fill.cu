/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/fill.h"

#include <cuda_fp16.h>

namespace {

const int block_threads = 256;

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): well mixed bits. */
__device__ unsigned long long mix(unsigned long long x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/* Each thread one number: the cosine branch of Box and Muller (1958). */
__global__ void random_kernel(__half *out, size_t n, float scale,
			      unsigned long long seed, size_t first)
{
	size_t step = (size_t)gridDim.x * blockDim.x;

	for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n;
	     i += step) {
		unsigned long long bits = mix(mix(seed) ^ (first + i));
		float u = ((bits >> 40) + 1) * 0x1p-24f;	/* (0, 1] */
		float v = (bits & 0xffffff) * 0x1p-24f;

		/* near u = 1 the fast logarithm may err to above 0 */
		out[i] = __float2half(scale *
				      sqrtf(fmaxf(-2.0f * __logf(u), 0.0f)) *
				      __cosf(6.28318531f * v));
	}
}

}

unsigned fill_random(void *data, size_t n, float scale, unsigned long long seed,
		     size_t first, struct CUstream_st *stream)
{
	const size_t most_blocks = 4096;
	size_t blocks = (n + block_threads - 1) / block_threads;

	if (n == 0)
		return cudaSuccess;
	random_kernel<<<(unsigned)(blocks < most_blocks ? blocks : most_blocks),
			block_threads, 0, stream>>>((__half *)data, n, scale,
						    seed, first);
	return cudaGetLastError();
}
