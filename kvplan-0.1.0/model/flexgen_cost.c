/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/flexgen_cost.h"

#include <math.h>
#include <string.h>

/* The KV that lies on the host and on disk, to FlexGen. */
enum { KV_HOST = SHARE_KV_HOST, KV_DISK = SHARE_KV_DISK_HOST };

struct sizes {
	double layers, h, f, heads, s, n;
	double weights;			/* w [B] */
	double state;			/* 2h [B]: hidden state of a token */
	double kv;			/* 4h [B]: K and V of a token */
	double mean;			/* s + n/2 */
};

static struct sizes sizes_of(const struct placement_case *c)
{
	double h = (double)c->model.hidden, f = (double)c->model.ffn;
	double s = (double)c->prompt, n = (double)c->gen;

	return (struct sizes){
		.layers = (double)c->model.layers, .h = h, .f = f,
		.heads = (double)c->model.heads, .s = s, .n = n,
		.weights = 8.0 * h * h + 4.0 * h * f, .state = 2.0 * h,
		.kv = 4.0 * h, .mean = s + n / 2.0,
	};
}

static void fill_prefill(const struct sizes *z, const struct offload *o,
			 struct placement_use *term)
{
	double states = z->s * z->state, kv = (z->s + 1.0) * z->kv;
	struct placement_use *u = &term[TERM_H2D];

	u->each[SHARE_WEIGHTS_HOST] = z->weights / o->h2d_bytes_per_s;
	u->each[SHARE_WEIGHTS_DISK] = z->weights / o->h2d_bytes_per_s;
	u->each[SHARE_HIDDEN_HOST] = states / o->h2d_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = states / o->h2d_bytes_per_s;
	u = &term[TERM_D2H];
	u->each[KV_HOST] = kv / o->d2h_cache_bytes_per_s;
	u->each[KV_DISK] = kv / o->d2h_cache_bytes_per_s;
	u->each[SHARE_HIDDEN_HOST] = states / o->d2h_hidden_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = states / o->d2h_hidden_bytes_per_s;
	u = &term[TERM_DISK_READ];
	u->each[SHARE_WEIGHTS_DISK] = z->weights / o->disk_read_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = states / o->disk_read_bytes_per_s;
	u = &term[TERM_DISK_WRITE];
	u->each[KV_DISK] = kv / o->disk_write_cache_prefill_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] =
		states / o->disk_write_hidden_prefill_bytes_per_s;
	term[TERM_GEMM].request =
		(8.0 * z->s * z->h * z->h + 4.0 * z->s * z->h * z->f) /
		o->gemm_prefill_flop_per_s;
	term[TERM_ATTEND].request = 4.0 * z->s * z->s * z->h /
				    o->attention_prefill_flop_per_s;
}

/* `cpu_flop_per_s`: attention on the CPU, at the batch in question. */
static void fill_decode(const struct sizes *z, const struct offload *o,
			double cpu_flop_per_s, struct placement_use *term)
{
	/* FlexGen reads weights a little slower than it reads KV in decode */
	const double weight_rate = 0.95;
	double attention = z->mean * z->kv;	/* FLOP, and bytes */
	struct placement_use *u = &term[TERM_H2D];

	u->each[SHARE_WEIGHTS_HOST] = z->weights / o->h2d_bytes_per_s;
	u->each[SHARE_WEIGHTS_DISK] = z->weights / o->h2d_bytes_per_s;
	u->each[SHARE_HIDDEN_HOST] = z->state / o->h2d_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = z->state / o->h2d_bytes_per_s;
	u = &term[TERM_D2H];
	u->each[SHARE_HIDDEN_HOST] = z->state / o->d2h_hidden_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = z->state / o->d2h_hidden_bytes_per_s;
	u = &term[TERM_DISK_READ];
	u->each[KV_DISK] = attention / o->disk_read_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = z->state / o->disk_read_bytes_per_s;
	u->each[SHARE_WEIGHTS_DISK] =
		z->weights / (weight_rate * o->disk_read_bytes_per_s);
	u = &term[TERM_DISK_WRITE];
	u->each[KV_DISK] = z->kv / o->disk_write_decode_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] =
		z->state / o->disk_write_decode_bytes_per_s;
	term[TERM_GEMM].request =
		(8.0 * z->h * z->h + 4.0 * z->h * z->f) /
		o->gemm_decode_flop_per_s;
	term[TERM_ATTEND].each[SHARE_KV_GPU] =
		attention / o->attention_decode_flop_per_s;
	term[TERM_CPU].each[KV_HOST] = attention / cpu_flop_per_s;
	term[TERM_CPU].each[KV_DISK] = attention / cpu_flop_per_s;
}

static void fill_gpu(const struct sizes *z, struct placement_use *room)
{
	double kv = (z->s + z->n) * z->kv * z->layers;
	struct placement_use both = { .once = 0.0 }, *u;

	both.each[SHARE_WEIGHTS_GPU] = z->weights * z->layers;
	both.each[SHARE_WEIGHTS_HOST] = 2.0 * z->weights;
	both.each[SHARE_WEIGHTS_DISK] = 2.0 * z->weights;
	both.each[SHARE_KV_GPU] = kv;
	room[ROOM_GPU_PREFILL] = room[ROOM_GPU_DECODE] = both;
	u = &room[ROOM_GPU_PREFILL];
	u->each[SHARE_HIDDEN_GPU] = z->s * z->state;
	u->batch_each[SHARE_HIDDEN_HOST] = z->s * z->state;
	u->batch_each[SHARE_HIDDEN_DISK] = z->s * z->state;
	u->batch = 18.0 * z->s * z->h + 2.0 * z->heads * z->s * z->s +
		   2.0 * z->s * z->f;
	u = &room[ROOM_GPU_DECODE];
	u->each[SHARE_HIDDEN_GPU] = z->state;
	u->batch_each[SHARE_HIDDEN_HOST] = z->state;
	u->batch_each[SHARE_HIDDEN_DISK] = z->state;
	u->batch = 14.0 * z->h + 2.0 * z->f;
	u->batch_each[SHARE_KV_GPU] = 4.0 * z->h + (z->s + z->n) *
		(8.0 * z->h + 2.0 * z->heads);
}

static void fill_host_and_disk(const struct sizes *z,
			       struct placement_use *room)
{
	double kv = z->kv * z->layers;
	struct placement_use *u = &room[ROOM_HOST_PREFILL];

	u->each[SHARE_WEIGHTS_HOST] = z->weights * z->layers + z->weights;
	u->each[SHARE_WEIGHTS_DISK] = z->weights;
	u->each[KV_HOST] = z->s * kv;
	u->each[SHARE_HIDDEN_HOST] = z->s * z->state;
	u->batch_each[SHARE_HIDDEN_HOST] = z->s * z->state;
	u->batch_each[SHARE_HIDDEN_DISK] = z->s * z->state;
	u = &room[ROOM_HOST_DECODE];
	u->each[SHARE_WEIGHTS_HOST] = z->weights * z->layers;
	u->each[SHARE_WEIGHTS_DISK] = z->weights;
	u->each[KV_HOST] = (z->s + z->n) * kv;
	u->batch_each[KV_DISK] = 2.0 * (z->s + z->n) * z->kv;
	u->each[SHARE_HIDDEN_HOST] = z->state;
	u->batch_each[SHARE_HIDDEN_DISK] = 2.0 * z->state;
	u->batch = 2.0 * z->heads * (z->s + z->n) + z->state;
	u = &room[ROOM_DISK];
	u->each[SHARE_WEIGHTS_DISK] = z->weights * z->layers;
	u->each[KV_DISK] = (z->s + z->n) * kv;
	u->each[SHARE_HIDDEN_DISK] = z->s * z->state;
}

void flexgen_cost_fill(const struct placement_case *c,
		       const struct placement_box *box,
		       struct placement_costs *out)
{
	enum { LOAD = 1u << TERM_H2D, STORE = 1u << TERM_D2H,
	       READ = 1u << TERM_DISK_READ, WRITE = 1u << TERM_DISK_WRITE,
	       COMPUTE = 1u << TERM_GEMM | 1u << TERM_ATTEND |
			 1u << TERM_CPU };
	static const unsigned prefill[] = { LOAD | READ, STORE | WRITE,
					    COMPUTE };
	static const unsigned decode[] = { LOAD | STORE, LOAD | READ,
					   LOAD | WRITE, LOAD | COMPUTE };
	const struct offload *o = &c->machine;
	struct sizes z = sizes_of(c);
	/* the rate is monotone in the batch: its most is at an end */
	double cpu_flop_per_s = fmax(
		offload_host_attention_flop_per_s(o, (double)box->batch_low,
						  z.h),
		offload_host_attention_flop_per_s(o, (double)box->batch_high,
						  z.h));

	fill_prefill(&z, o, out->time[PHASE_PREFILL]);
	fill_decode(&z, o, cpu_flop_per_s, out->time[PHASE_DECODE]);
	fill_gpu(&z, out->memory);
	fill_host_and_disk(&z, out->memory);
	memcpy(out->arms[PHASE_PREFILL], prefill, sizeof prefill);
	out->narms[PHASE_PREFILL] = 3;
	memcpy(out->arms[PHASE_DECODE], decode, sizeof decode);
	out->narms[PHASE_DECODE] = 4;
	for (int i = 0; i < SHARE_COUNT; i++)
		out->may[i] = i != SHARE_KV_SENT &&
			      i != SHARE_KV_RECOMPUTED &&
			      i != SHARE_KV_DISK_SENT &&
			      i != SHARE_HIDDEN_DISK;
}
