/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/probe.h"

namespace {

const int block_threads = 512;

__global__ void empty_kernel()
{
}

__device__ unsigned long long now_ns()
{
	unsigned long long t;

	asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
	return t;
}

__global__ void hold_kernel(const volatile unsigned *released,
			    unsigned ticket, unsigned long long limit_ns)
{
	unsigned long long start = now_ns();

	/* a difference, so that tickets may wrap around */
	while ((int)(*released - ticket) < 0 && now_ns() - start < limit_ns)
		__nanosleep(100);
}

/* A block's tile: `unroll` loads of each thread are under way at once. */
const int unroll = 4;

__global__ void copy_kernel(uint4 *__restrict__ to,
			    const uint4 *__restrict__ from, size_t n)
{
	size_t at = (size_t)blockIdx.x * block_threads * unroll +
		    threadIdx.x;
	uint4 v[unroll];

#pragma unroll
	for (int u = 0; u < unroll; u++)
		if (at + u * block_threads < n)
			v[u] = __ldcs(from + at + u * block_threads);
#pragma unroll
	for (int u = 0; u < unroll; u++)
		if (at + u * block_threads < n)
			__stcs(to + at + u * block_threads, v[u]);
}

__global__ void read_kernel(const uint4 *__restrict__ from, size_t n,
			    unsigned *sink)
{
	size_t at = (size_t)blockIdx.x * block_threads * unroll +
		    threadIdx.x;
	unsigned sum = 0;
	uint4 v[unroll];

#pragma unroll
	for (int u = 0; u < unroll; u++) {
		v[u] = make_uint4(0, 0, 0, 0);
		if (at + u * block_threads < n)
			v[u] = __ldcs(from + at + u * block_threads);
	}
#pragma unroll
	for (int u = 0; u < unroll; u++)
		sum |= v[u].x & v[u].y & v[u].z & v[u].w;
	/* all bits set in some place of random data: hardly ever */
	if (sum == 0xffffffffu)
		*sink = sum;
}

unsigned tiles(size_t n)
{
	const size_t tile = (size_t)block_threads * unroll;

	return (unsigned)((n + tile - 1) / tile);
}

}

unsigned probe_empty(struct CUstream_st *stream)
{
	empty_kernel<<<1, 1, 0, stream>>>();
	return cudaGetLastError();
}

unsigned probe_hold(volatile unsigned *released, unsigned ticket,
		    unsigned limit_ms, struct CUstream_st *stream)
{
	hold_kernel<<<1, 1, 0, stream>>>(released, ticket,
					 limit_ms * 1000000ull);
	return cudaGetLastError();
}

unsigned probe_copy(void *to, const void *from, size_t bytes,
		    struct CUstream_st *stream)
{
	size_t n = bytes / sizeof(uint4);

	copy_kernel<<<tiles(n), block_threads, 0, stream>>>(
		(uint4 *)to, (const uint4 *)from, n);
	return cudaGetLastError();
}

unsigned probe_read(const void *from, size_t bytes, unsigned *sink,
		    struct CUstream_st *stream)
{
	size_t n = bytes / sizeof(uint4);

	read_kernel<<<tiles(n), block_threads, 0, stream>>>(
		(const uint4 *)from, n, sink);
	return cudaGetLastError();
}
