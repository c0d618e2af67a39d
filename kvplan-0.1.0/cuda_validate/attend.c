/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/attend.h"

#include <math.h>

#include "cuda_validate/attention.h"

size_t attend_workspace_bytes(const struct cache *c, size_t tokens)
{
	return attention_workspace_bytes(c->batch, tokens, c->heads,
					 c->kv_heads, c->head_dim);
}

unsigned attend_run(const struct attend *a, struct CUstream_st *stream)
{
	const struct cache *c = a->cache;
	struct attention t = {
		.batch = c->batch, .tokens = a->tokens, .heads = c->heads,
		.kv_heads = c->kv_heads, .head_dim = c->head_dim,
		.scale = 1.0f / sqrtf((float)c->head_dim),
		.q_row = a->q_row, .q = a->q, .kv = a->kv, .out = a->out,
		.workspace = a->workspace };

	return attention_run(&t, stream);
}
