/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/placement.h"

#include <math.h>

#include "model/flexgen_cost.h"
#include "model/offload_cost.h"

struct placement_costs placement_costs_make(const struct placement_case *c,
					    const struct placement_box *box)
{
	struct placement_costs costs = {
		.layers = { (double)c->model.layers,
			    (double)c->model.layers * (double)(c->gen - 1) },
		.tokens = (double)c->gen,
	};
	const struct offload *o = &c->machine;
	const double room[ROOM_COUNT] = {
		[ROOM_GPU_PREFILL] = o->gpu_memory_bytes,
		[ROOM_GPU_DECODE] = o->gpu_memory_bytes,
		[ROOM_HOST_PREFILL] = o->host_memory_bytes,
		[ROOM_HOST_DECODE] = o->host_memory_bytes,
		[ROOM_DISK] = o->disk_memory_bytes,
	};

	for (int i = 0; i < ROOM_COUNT; i++)
		costs.capacity[i] = room[i] > 0.0 ? room[i] * o->memory_share
						  : INFINITY;
	if (c->flexgen)
		flexgen_cost_fill(c, box, &costs);
	else
		offload_cost_fill(c, box, &costs);
	return costs;
}

enum status placement_check(const struct placement_case *c, struct diag *d)
{
	const struct llm *m = &c->model;

	if (c->gen < 2)
		return diag_fail(d, STATUS_INVALID,
				 "gen: found %zu, expected 2 or more", c->gen);
	if (c->prompt < 1 || c->prompt + c->gen - 1 > m->max_positions)
		return diag_fail(d, STATUS_INVALID,
				 "a prompt of %zu and %zu tokens generated "
				 "take %zu positions, %s has %zu", c->prompt,
				 c->gen, c->prompt + c->gen - 1, m->name,
				 m->max_positions);
	if (c->flexgen && !c->machine.is_fit)
		return diag_fail(d, STATUS_INVALID,
				 "%s has not the figures of FlexGen's cost "
				 "model, which an offload profile states",
				 c->machine.name);
	if (c->flexgen && (llm_kv_width(m) != m->hidden ||
			   llm_query_width(m) != m->hidden ||
			   m->ffn_gated || m->experts > 1))
		return diag_fail(d, STATUS_INVALID,
				 "FlexGen's cost model is for multi-head "
				 "attention and two FFN matrices, which %s "
				 "does not have", m->name);
	return STATUS_OK;
}

double placement_use_at(const struct placement_use *use,
			const struct placement *p)
{
	double g = (double)p->batch, b = g * (double)p->num_batches;
	double sum = use->request * b + use->batch * g + use->once;

	for (int i = 0; i < SHARE_COUNT; i++)
		sum += p->share[i] *
		       (use->each[i] * (i <= SHARE_WEIGHTS_DISK ? 1.0 : b) +
			use->batch_each[i] * g);
	return sum;
}

struct placement_outcome placement_evaluate(const struct placement_costs *c,
					    const struct placement *p)
{
	struct placement_outcome o = { .prefill_s = 0.0 };
	double b = (double)p->batch * (double)p->num_batches;

	for (int f = 0; f < PHASE_COUNT; f++) {
		for (int t = 0; t < TERM_COUNT; t++)
			o.term_s[f][t] = placement_use_at(&c->time[f][t], p);
		for (size_t a = 0; a < c->narms[f]; a++) {
			double arm_s = 0.0;

			for (int t = 0; t < TERM_COUNT; t++)
				if (c->arms[f][a] & 1u << t)
					arm_s += o.term_s[f][t];
			if (arm_s <= o.layer_s[f])
				continue;
			o.layer_s[f] = arm_s;
			o.arm[f] = a;
		}
	}
	o.prefill_s = c->layers[PHASE_PREFILL] * o.layer_s[PHASE_PREFILL];
	o.decode_s = c->layers[PHASE_DECODE] * o.layer_s[PHASE_DECODE];
	o.total_s = o.prefill_s + o.decode_s;
	o.request_s = o.total_s / b;
	o.tokens_per_s = b * c->tokens / o.total_s;
	for (int i = 0; i < ROOM_COUNT; i++)
		o.memory[i] = placement_use_at(&c->memory[i], p);
	return o;
}

static const struct {
	const char *key, *title;
} shares[] = {
	[SHARE_WEIGHTS_GPU] = { "weights_gpu", "weights on the GPU" },
	[SHARE_WEIGHTS_HOST] = { "weights_host", "weights on the host" },
	[SHARE_WEIGHTS_DISK] = { "weights_disk", "weights on disk" },
	[SHARE_KV_GPU] = { "kv_gpu", "KV on the GPU" },
	[SHARE_KV_SENT] = { "kv_sent", "KV on the host, sent" },
	[SHARE_KV_RECOMPUTED] = { "kv_recomputed",
				  "X on the host, KV recomputed" },
	[SHARE_KV_HOST] = { "kv_host", "KV on the host, CPU attends" },
	[SHARE_KV_DISK_SENT] = { "kv_disk_sent", "KV on disk, sent" },
	[SHARE_KV_DISK_HOST] = { "kv_disk_host",
				 "KV on disk, CPU attends" },
	[SHARE_HIDDEN_GPU] = { "hidden_gpu", "hidden state on the GPU" },
	[SHARE_HIDDEN_HOST] = { "hidden_host", "hidden state on the host" },
	[SHARE_HIDDEN_DISK] = { "hidden_disk", "hidden state on disk" },
}, terms[] = {
	[TERM_H2D] = { "h2d", "host to GPU" },
	[TERM_D2H] = { "d2h", "GPU to host" },
	[TERM_DISK_READ] = { "disk_read", "disk to host" },
	[TERM_DISK_WRITE] = { "disk_write", "host to disk" },
	[TERM_DUPLEX] = { "duplex", "link, both ways" },
	[TERM_GEMM] = { "gemm", "GPU: products of weights" },
	[TERM_ATTEND] = { "attend", "GPU: attention" },
	[TERM_RECOMPUTE] = { "recompute", "GPU: recomputation" },
	[TERM_CPU] = { "cpu", "CPU: attention" },
}, rooms[] = {
	[ROOM_GPU_PREFILL] = { "gpu_prefill", "GPU memory at prefill" },
	[ROOM_GPU_DECODE] = { "gpu_decode", "GPU memory at decode" },
	[ROOM_HOST_PREFILL] = { "host_prefill", "host memory at prefill" },
	[ROOM_HOST_DECODE] = { "host_decode", "host memory at decode" },
	[ROOM_DISK] = { "disk", "disk" },
};

const char *placement_share_title(enum placement_share s)
{
	return shares[s].title;
}

const char *placement_term_title(enum placement_term t)
{
	return terms[t].title;
}

const char *placement_memory_title(enum placement_memory m)
{
	return rooms[m].title;
}

const char *placement_share_key(enum placement_share s)
{
	return shares[s].key;
}

const char *placement_term_key(enum placement_term t)
{
	return terms[t].key;
}

const char *placement_memory_key(enum placement_memory m)
{
	return rooms[m].key;
}
