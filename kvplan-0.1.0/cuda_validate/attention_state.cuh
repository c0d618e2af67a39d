/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attention_state.cuh - what a lane of attention.cu keeps of what it saw. */
#ifndef CUDA_VALIDATE_ATTENTION_STATE_CUH
#define CUDA_VALIDATE_ATTENTION_STATE_CUH

#include <cuda_fp16.h>
#include <math.h>

namespace {

const int unroll = 4;		/* rows of K and of V under way in a lane */
const int lane_elements = 8;	/* one load of 16 bytes */

__device__ void unpack(const uint4 &v, float *f)
{
	const __half2 *h = reinterpret_cast<const __half2 *>(&v);

#pragma unroll
	for (int i = 0; i < 4; i++) {
		float2 pair = __half22float2(h[i]);

		f[2 * i] = pair.x;
		f[2 * i + 1] = pair.y;
	}
}

/* Maximum, sum and weighted V of the tokens seen, for one query head. */
struct State {
	float max, sum, acc[lane_elements];

	__device__ void clear()
	{
		max = -INFINITY;
		sum = 0.0f;
#pragma unroll
		for (int j = 0; j < lane_elements; j++)
			acc[j] = 0.0f;
	}

	/* Take in what another has seen: a sum of `other_sum` at its max. */
	__device__ void join(float other_max, float other_sum,
			     const float *other_acc)
	{
		float top = fmaxf(max, other_max);
		float mine, theirs;

		if (top == -INFINITY)
			return;
		mine = exp2f(max - top);
		theirs = exp2f(other_max - top);
		max = top;
		sum = sum * mine + other_sum * theirs;
#pragma unroll
		for (int j = 0; j < lane_elements; j++)
			acc[j] = acc[j] * mine + other_acc[j] * theirs;
	}

	/* Join the states of the groups of `width` lanes, into all of them. */
	__device__ void join_groups(int width)
	{
		for (int d = width; d < 32; d *= 2) {
			float m = __shfl_xor_sync(~0u, max, d);
			float s = __shfl_xor_sync(~0u, sum, d);
			float a[lane_elements];

#pragma unroll
			for (int j = 0; j < lane_elements; j++)
				a[j] = __shfl_xor_sync(~0u, acc[j], d);
			join(m, s, a);
		}
	}
};

/* A lane's place: its row within a step of the warp, and its columns. */
struct Lane {
	int group, column;
	bool active;		/* there are such columns */
};

}

#endif
