/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/attention.h"

#include <cuda_fp16.h>
#include <math.h>

#include "cuda_validate/attention_state.cuh"

namespace {

const int block_warps = 4;
const int most_parts = 64;	/* into which a request's tokens are divided */

struct Args {
	const __half *q, *kv;
	__half *out;
	float *partial;		/* [pair][part][query][head_dim + 2] */
	unsigned *arrived;	/* [pair], zero between launches */
	size_t row, q_row;	/* elements */
	int batch, tokens, kv_heads, head_dim, group, passes;
	int parts, part_tokens;
	float scale_log2;
};

/*
 * Run over the tokens [begin, end) of one request and one KV head, for Q of
 * its query heads.  W lanes share a row; a step of the warp takes 32 / W
 * rows, `unroll` times.
 */
template <int W, int Q>
__device__ void run_tokens(const Args &a, const __half *base, const Lane &lane,
			   int begin, int end, const float (*q)[lane_elements],
			   State *state)
{
	const int rows = 32 / W;
	const size_t v_offset = (size_t)a.kv_heads * a.head_dim;

	for (int t = begin; t < end; t += rows * unroll) {
		uint4 k[unroll], v[unroll];

#pragma unroll
		for (int u = 0; u < unroll; u++) {
			int at = t + u * rows + lane.group;
			const __half *p = base + (size_t)at * a.row +
					  lane.column;

			k[u] = v[u] = make_uint4(0, 0, 0, 0);
			if (at < end && lane.active) {
				k[u] = __ldcs((const uint4 *)p);
				v[u] = __ldcs((const uint4 *)(p + v_offset));
			}
		}
		/* all heads need the same K and V: unpacked once if there is
		 * one head, again for each if registers are short */
#pragma unroll
		for (int h = 0; h < Q; h++) {
			State &s = state[h];
			float score[unroll], top = s.max, shrink;

#pragma unroll
			for (int u = 0; u < unroll; u++) {
				float f[lane_elements];

				unpack(k[u], f);
				score[u] = 0.0f;
#pragma unroll
				for (int j = 0; j < lane_elements; j++)
					score[u] = fmaf(q[h][j], f[j],
							score[u]);
			}
#pragma unroll
			for (int d = W / 2; d > 0; d /= 2)
#pragma unroll
				for (int u = 0; u < unroll; u++)
					score[u] += __shfl_xor_sync(
						~0u, score[u], d);
#pragma unroll
			for (int u = 0; u < unroll; u++) {
				if (t + u * rows + lane.group >= end)
					score[u] = -INFINITY;
				top = fmaxf(top, score[u]);
			}
			/* no row yet: exp2f(-inf - -inf) would be NaN */
			shrink = top == -INFINITY ? 0.0f
						  : exp2f(s.max - top);
			s.max = top;
			s.sum *= shrink;
#pragma unroll
			for (int j = 0; j < lane_elements; j++)
				s.acc[j] *= shrink;
#pragma unroll
			for (int u = 0; u < unroll; u++) {
				float f[lane_elements];
				float p = score[u] == -INFINITY ? 0.0f
						: exp2f(score[u] - top);

				unpack(v[u], f);
				s.sum += p;
#pragma unroll
				for (int j = 0; j < lane_elements; j++)
					s.acc[j] = fmaf(p, f[j], s.acc[j]);
			}
		}
	}
}

/* Write the finished output of one query head; the first group does. */
__device__ void write_out(const State &s, const Lane &lane, __half *out)
{
	__half2 h[lane_elements / 2];
	float inverse = 1.0f / s.sum;

	if (lane.group != 0 || !lane.active)
		return;
#pragma unroll
	for (int j = 0; j < lane_elements / 2; j++)
		h[j] = __floats2half2_rn(s.acc[2 * j] * inverse,
					 s.acc[2 * j + 1] * inverse);
	*reinterpret_cast<uint4 *>(out + lane.column) =
		*reinterpret_cast<const uint4 *>(h);
}

/*
 * Join the parts of one query head; part p is `stride` floats further on.
 * `unroll` of them are loaded before the first is needed.
 */
__device__ State join_parts(const Args &a, const Lane &lane,
			    const float *partial, size_t stride, int groups,
			    int width)
{
	State s;

	s.clear();
	for (int p = lane.group; p < a.parts; p += groups * unroll) {
		float max[unroll], sum[unroll];
		float2 acc[unroll][lane_elements / 2];

#pragma unroll
		for (int u = 0; u < unroll; u++) {
			int at = p + u * groups;
			const float2 *from = (const float2 *)(partial +
							      at * stride);
			float2 head = make_float2(-INFINITY, 0.0f);

			if (at < a.parts)
				head = __ldcg(from);
			max[u] = head.x;
			sum[u] = head.y;
#pragma unroll
			for (int j = 0; j < lane_elements / 2; j++)
				acc[u][j] = at < a.parts && lane.active
					? __ldcg(from + 1 + lane.column / 2 +
						 j)
					: make_float2(0.0f, 0.0f);
		}
#pragma unroll
		for (int u = 0; u < unroll; u++)
			s.join(max[u], sum[u], (const float *)acc[u]);
	}
	s.join_groups(width);
	return s;
}

/*
 * One warp: a part of the tokens of one request, one KV head, Q of its query
 * heads.  Warps that follow one another take heads that lie side by side.
 */
template <int W, int Q>
__global__ void __launch_bounds__(32 * block_warps)
attention_kernel(const Args a)
{
	const int groups = 32 / W, thread = threadIdx.x % 32;
	long warp = (long)blockIdx.x * block_warps + threadIdx.x / 32;
	int pass = (int)(warp % a.passes);
	int head = (int)(warp / a.passes % a.kv_heads);
	int request = (int)(warp / a.passes / a.kv_heads % a.batch);
	int part = (int)(warp / a.passes / a.kv_heads / a.batch);
	int pair = (request * a.kv_heads + head) * a.passes + pass;
	size_t first = (size_t)head * a.group + (size_t)pass * Q;
	Lane lane = { thread / W, thread % W * lane_elements,
		      thread % W * lane_elements < a.head_dim };
	int begin = part * a.part_tokens;
	int end = min(begin + a.part_tokens, a.tokens);
	size_t stride = (size_t)Q * (a.head_dim + 2);
	float *partial = a.partial + (size_t)pair * a.parts * stride;
	__half *out = a.out + (size_t)request * a.kv_heads * a.group *
			      a.head_dim + first * a.head_dim;
	float q[Q][lane_elements];
	State state[Q];
	unsigned before = 0;

	if (part >= a.parts)
		return;
#pragma unroll
	for (int h = 0; h < Q; h++) {
		uint4 raw = make_uint4(0, 0, 0, 0);

		if (lane.active)
			raw = *(const uint4 *)(a.q + request * a.q_row +
					       (first + h) * a.head_dim +
					       lane.column);
		unpack(raw, q[h]);
#pragma unroll
		for (int j = 0; j < lane_elements; j++)
			q[h][j] *= a.scale_log2;
		state[h].clear();
	}
	run_tokens<W, Q>(a, a.kv + request * (a.row / a.batch) +
				(size_t)head * a.head_dim,
			 lane, begin, end, q, state);
#pragma unroll
	for (int h = 0; h < Q; h++)
		state[h].join_groups(W);
	if (a.parts == 1) {
#pragma unroll
		for (int h = 0; h < Q; h++)
			write_out(state[h], lane, out + h * a.head_dim);
		return;
	}
#pragma unroll
	for (int h = 0; h < Q; h++) {
		float *to = partial + part * stride + h * (a.head_dim + 2);

		if (thread == 0) {
			to[0] = state[h].max;
			to[1] = state[h].sum;
		}
		if (lane.group == 0 && lane.active)
#pragma unroll
			for (int j = 0; j < lane_elements; j++)
				to[2 + lane.column + j] = state[h].acc[j];
	}
	/* the last warp to arrive sees what all others wrote before */
	__threadfence();
	__syncwarp();
	if (thread == 0)
		before = atomicInc(&a.arrived[pair], (unsigned)a.parts - 1);
	before = __shfl_sync(~0u, before, 0);
	if (before != (unsigned)a.parts - 1)
		return;
	__threadfence();
	for (int h = 0; h < Q; h++)
		write_out(join_parts(a, lane,
				     partial + h * (a.head_dim + 2), stride,
				     groups, W),
			  lane, out + h * a.head_dim);
}

size_t divide_up(size_t a, size_t b)
{
	return (a + b - 1) / b;
}

/*
 * Into how many parts to divide the tokens: so that the warps fill the GPU's
 * places in the fewest tokens' time.  Starting a part costs as much as some
 * tokens, and joining each part a little; the figures suit an H200.
 */
size_t choose_parts(size_t pairs, size_t tokens, size_t step, size_t places)
{
	const size_t start_tokens = 24, join_tokens = 1;
	size_t best = 1, best_cost = (size_t)-1;

	for (size_t n = 1; n <= most_parts; n++) {
		size_t each = divide_up(divide_up(tokens, n), step) * step;
		size_t parts = divide_up(tokens, each);
		size_t cost = divide_up(pairs * parts, places) *
				      (each + start_tokens) +
			      (parts > 1 ? parts * join_tokens : 0);

		if (cost < best_cost) {
			best_cost = cost;
			best = n;
		}
	}
	return best;
}

template <int W, int Q>
unsigned launch(const struct attention *a, struct CUstream_st *stream)
{
	const size_t step = 32 / W * unroll;
	size_t group = a->heads / a->kv_heads, passes = group / Q;
	size_t pairs = a->batch * a->kv_heads * passes, parts, each, warps;
	static int places;	/* warps that the GPU runs at a time */
	Args args;

	if (places == 0) {
		int index, sms, blocks;
		cudaError_t e = cudaGetDevice(&index);

		if (e == cudaSuccess)
			e = cudaDeviceGetAttribute(
				&sms, cudaDevAttrMultiProcessorCount, index);
		if (e == cudaSuccess)
			e = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
				&blocks, attention_kernel<W, Q>,
				32 * block_warps, 0);
		if (e != cudaSuccess)
			return e;
		places = sms * blocks * block_warps;
	}
	parts = choose_parts(pairs, a->tokens, step, (size_t)places);
	each = divide_up(divide_up(a->tokens, parts), step) * step;
	parts = divide_up(a->tokens, each);
	warps = pairs * parts;

	args.q = (const __half *)a->q;
	args.kv = (const __half *)a->kv;
	args.out = (__half *)a->out;
	args.arrived = (unsigned *)a->workspace;
	args.partial = (float *)a->workspace + divide_up(pairs, 64) * 64;
	args.row = a->batch * 2 * a->kv_heads * a->head_dim;
	args.q_row = a->q_row;
	args.batch = (int)a->batch;
	args.tokens = (int)a->tokens;
	args.kv_heads = (int)a->kv_heads;
	args.head_dim = (int)a->head_dim;
	args.group = (int)group;
	args.passes = (int)passes;
	args.parts = (int)parts;
	args.part_tokens = (int)each;
	args.scale_log2 = a->scale * 1.44269504f;	/* log2(e) */
	attention_kernel<W, Q><<<(unsigned)divide_up(warps, block_warps),
				 32 * block_warps, 0, stream>>>(args);
	return cudaGetLastError();
}

template <int W>
unsigned launch_group(const struct attention *a, struct CUstream_st *stream)
{
	size_t group = a->heads / a->kv_heads;

	if (group % 8 == 0)
		return launch<W, 8>(a, stream);
	if (group % 4 == 0)
		return launch<W, 4>(a, stream);
	if (group % 2 == 0)
		return launch<W, 2>(a, stream);
	return launch<W, 1>(a, stream);
}

}

size_t attention_workspace_bytes(size_t batch, size_t tokens, size_t heads,
				 size_t kv_heads, size_t head_dim)
{
	size_t most = divide_up(tokens, unroll);

	(void)kv_heads;
	if (most > most_parts)
		most = most_parts;
	return (divide_up(batch * heads, 64) * 64 +
		batch * heads * most * (head_dim + 2)) * sizeof(float);
}

unsigned attention_run(const struct attention *a, struct CUstream_st *stream)
{
	if (a->batch == 0 || a->tokens == 0 || a->kv_heads == 0 ||
	    a->heads % a->kv_heads != 0 || a->head_dim % lane_elements != 0 ||
	    a->head_dim > 256)
		return cudaErrorInvalidValue;
	if (a->head_dim <= 64)
		return launch_group<8>(a, stream);
	if (a->head_dim <= 128)
		return launch_group<16>(a, stream);
	return launch_group<32>(a, stream);
}
