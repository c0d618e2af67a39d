/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/offload_cost.h"

#include <math.h>
#include <string.h>

#define FP16_BYTES 2.0

struct sizes {
	double layers, h, q, k, vocab, s;
	double f;			/* widths of the FFNs of a token */
	double tokens;			/* cached in the end */
	double weights;			/* w [B] */
	double embeddings;		/* [B] */
	double elements;		/* E */
	double read, read_prefill;	/* r [B] */
	double state;			/* [B] hidden state, or X, of a token */
	double kv;			/* [B] K and V of a token */
	double attended;		/* m */
	double batch;			/* g at which weights are read least */
};

/*
 * Elements that `tokens` tokens read of a layer's weights: of E experts of
 * which each takes e, E (1 - (1 - e/E)^tokens), as in model/layer.h.
 */
static double elements_read(const struct llm *m, double tokens)
{
	double experts = (double)m->experts;
	double one = (m->ffn_gated ? 3.0 : 2.0) * (double)m->hidden *
		     (double)m->ffn;
	double share = (double)m->experts_per_token / experts;
	double read = m->experts == 1
			      ? 1.0
			      : experts * (1.0 - pow(1.0 - share, tokens));

	return llm_layer_elements(m) - (experts - read) * one;
}

static struct sizes sizes_of(const struct placement_case *c, double batch)
{
	const struct llm *m = &c->model;
	struct sizes z = {
		.layers = (double)m->layers, .h = (double)m->hidden,
		.q = (double)llm_query_width(m),
		.k = (double)llm_kv_width(m), .vocab = (double)m->vocab,
		.s = (double)c->prompt,
		.tokens = (double)c->prompt + (double)c->gen - 1.0,
		.weights = FP16_BYTES * llm_layer_elements(m),
		.embeddings = FP16_BYTES * llm_embedding_elements(m),
		.elements = elements_read(m, 1.0),
		.read = FP16_BYTES * elements_read(m, batch),
		.attended = (double)c->prompt + (double)c->gen / 2.0,
		.batch = batch,
	};

	z.f = (m->ffn_gated ? 2.0 : 1.0) * (double)m->ffn *
	      (double)m->experts_per_token;
	z.read_prefill = FP16_BYTES * elements_read(m, batch * z.s);
	z.state = FP16_BYTES * z.h;
	z.kv = 2.0 * FP16_BYTES * z.k;
	return z;
}

/* [s]; no rate that is not stated takes time. */
static double over(double amount, double rate)
{
	return rate > 0.0 ? amount / rate : 0.0;
}

/* [s] of the output head, a token, as a part of each layer before it. */
static double head_s(const struct sizes *z, const struct offload *o)
{
	return fmax(2.0 * z->h * z->vocab / o->gemm_decode_flop_per_s,
		    over(FP16_BYTES * z->h * z->vocab, o->hbm_bytes_per_s) /
			    z->batch) / z->layers;
}

/* Bytes of both directions, at the limit of their sum. */
static void fill_duplex(const struct offload *o, struct placement_use *term)
{
	double limit = fmax(o->duplex_bytes_per_s,
			    fmax(o->h2d_bytes_per_s,
				 o->d2h_cache_bytes_per_s));
	const struct placement_use *in = &term[TERM_H2D];
	const struct placement_use *back = &term[TERM_D2H];

	if (o->duplex_bytes_per_s <= 0.0)
		return;
	for (int i = 0; i < SHARE_COUNT; i++) {
		double d2h = i >= SHARE_HIDDEN_GPU ? o->d2h_hidden_bytes_per_s
						   : o->d2h_cache_bytes_per_s;

		term[TERM_DUPLEX].each[i] =
			(in->each[i] * o->h2d_bytes_per_s +
			 back->each[i] * d2h) / limit;
	}
}

static void fill_prefill(const struct sizes *z, const struct offload *o,
			 struct placement_use *term)
{
	double states = z->s * z->state, kv = z->s * z->kv;
	double write = over(kv, o->disk_write_cache_prefill_bytes_per_s);
	double store = kv / o->d2h_cache_bytes_per_s;
	struct placement_use *u = &term[TERM_H2D];

	u->each[SHARE_WEIGHTS_HOST] = z->weights / o->h2d_bytes_per_s;
	u->each[SHARE_WEIGHTS_DISK] = z->weights / o->h2d_bytes_per_s;
	u->each[SHARE_HIDDEN_HOST] = states / o->h2d_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = states / o->h2d_bytes_per_s;
	u = &term[TERM_D2H];
	u->each[SHARE_KV_SENT] = u->each[SHARE_KV_HOST] = store;
	u->each[SHARE_KV_DISK_SENT] = u->each[SHARE_KV_DISK_HOST] = store;
	u->each[SHARE_KV_RECOMPUTED] = states / o->d2h_cache_bytes_per_s;
	u->each[SHARE_HIDDEN_HOST] = states / o->d2h_hidden_bytes_per_s;
	u->each[SHARE_HIDDEN_DISK] = states / o->d2h_hidden_bytes_per_s;
	u = &term[TERM_DISK_READ];
	u->each[SHARE_WEIGHTS_DISK] = over(z->weights,
					   o->disk_read_bytes_per_s);
	u->each[SHARE_HIDDEN_DISK] = over(states, o->disk_read_bytes_per_s);
	u = &term[TERM_DISK_WRITE];
	u->each[SHARE_KV_DISK_SENT] = u->each[SHARE_KV_DISK_HOST] = write;
	u->each[SHARE_HIDDEN_DISK] =
		over(states, o->disk_write_hidden_prefill_bytes_per_s);
	term[TERM_GEMM].request =
		fmax(2.0 * z->elements * z->s / o->gemm_prefill_flop_per_s,
		     over(z->read_prefill, o->hbm_bytes_per_s) / z->batch) +
		head_s(z, o);
	/* causal: a token attends to itself and to those before it */
	term[TERM_ATTEND].request =
		fmax(2.0 * z->s * (z->s + 1.0) * z->q /
			     o->attention_prefill_flop_per_s,
		     over(2.0 * FP16_BYTES * z->s * (z->q + z->k),
			  o->hbm_bytes_per_s));
	fill_duplex(o, term);
}

/* KV that is kept off the GPU: each of the four `to`, and X besides. */
static void fill_decode_link(const struct sizes *z, const struct offload *o,
			     struct placement_use *term)
{
	static const int sent[] = { SHARE_KV_SENT, SHARE_KV_DISK_SENT };
	static const int host[] = { SHARE_KV_HOST, SHARE_KV_DISK_HOST };
	double cached = z->attended - 1.0, query = FP16_BYTES * z->q;
	struct placement_use *in = &term[TERM_H2D], *back = &term[TERM_D2H];

	in->each[SHARE_WEIGHTS_HOST] = z->weights / o->h2d_bytes_per_s;
	in->each[SHARE_WEIGHTS_DISK] = z->weights / o->h2d_bytes_per_s;
	in->each[SHARE_KV_RECOMPUTED] =
		cached * z->state / o->h2d_bytes_per_s;
	back->each[SHARE_KV_RECOMPUTED] =
		z->state / o->d2h_cache_bytes_per_s;
	for (int i = 0; i < 2; i++) {
		in->each[sent[i]] = cached * z->kv / o->h2d_bytes_per_s;
		in->each[host[i]] = query / o->h2d_bytes_per_s;
		back->each[sent[i]] = z->kv / o->d2h_cache_bytes_per_s;
		back->each[host[i]] = (query + z->kv) /
				      o->d2h_cache_bytes_per_s;
	}
	for (int i = SHARE_HIDDEN_HOST; i <= SHARE_HIDDEN_DISK; i++) {
		in->each[i] = z->state / o->h2d_bytes_per_s;
		back->each[i] = z->state / o->d2h_hidden_bytes_per_s;
	}
	fill_duplex(o, term);
}

/*
 * [s] that the CPU takes to attend for one request to one token, by the
 * rates that are stated; 0 if none is.
 */
static double cpu_token_s(const struct sizes *z, const struct offload *o,
			  const struct placement_box *box)
{
	/* the rate is monotone in the batch: its most is at an end */
	double flop_per_s = fmax(
		offload_host_attention_flop_per_s(o, (double)box->batch_low,
						  z->h),
		offload_host_attention_flop_per_s(o, (double)box->batch_high,
						  z->h));

	return fmax(over(4.0 * z->q, flop_per_s),
		    over(z->kv, o->host_attention_bytes_per_s));
}

static void fill_decode(const struct sizes *z, const struct offload *o,
			double cpu_s, struct placement_use *term)
{
	static const int on_gpu[] = { SHARE_KV_GPU, SHARE_KV_SENT,
				      SHARE_KV_RECOMPUTED,
				      SHARE_KV_DISK_SENT };
	double cached = z->attended - 1.0;
	double flop = 4.0 * z->q * z->attended;
	double attend = fmax(flop / o->attention_decode_flop_per_s,
			     over(z->kv * z->attended, o->hbm_bytes_per_s));
	double read = over(cached * z->kv, o->disk_read_bytes_per_s);
	double write = over(z->kv, o->disk_write_decode_bytes_per_s);
	struct placement_use *u = &term[TERM_DISK_READ];

	u->each[SHARE_WEIGHTS_DISK] = over(z->weights,
					   o->disk_read_bytes_per_s);
	u->each[SHARE_KV_DISK_SENT] = u->each[SHARE_KV_DISK_HOST] = read;
	u->each[SHARE_HIDDEN_DISK] = over(z->state, o->disk_read_bytes_per_s);
	u = &term[TERM_DISK_WRITE];
	u->each[SHARE_KV_DISK_SENT] = u->each[SHARE_KV_DISK_HOST] = write;
	u->each[SHARE_HIDDEN_DISK] = over(z->state,
					  o->disk_write_decode_bytes_per_s);
	term[TERM_GEMM].request =
		fmax(2.0 * z->elements / o->gemm_decode_flop_per_s,
		     over(z->read, o->hbm_bytes_per_s) / z->batch) +
		head_s(z, o);
	for (int i = 0; i < 4; i++)
		term[TERM_ATTEND].each[on_gpu[i]] = attend;
	term[TERM_RECOMPUTE].each[SHARE_KV_RECOMPUTED] =
		4.0 * z->h * z->k * cached / o->gemm_prefill_flop_per_s;
	u = &term[TERM_CPU];
	u->each[SHARE_KV_HOST] = cpu_s * z->attended;
	u->each[SHARE_KV_DISK_HOST] = cpu_s * z->attended;
	fill_decode_link(z, o, term);
}

/* What each phase works with on the GPU, for `tokens` tokens of a request. */
static void fill_activations(const struct sizes *z, double tokens,
			     struct placement_use *room)
{
	room->each[SHARE_HIDDEN_GPU] = tokens * z->state;
	room->batch_each[SHARE_HIDDEN_HOST] = tokens * z->state;
	room->batch_each[SHARE_HIDDEN_DISK] = tokens * z->state;
	room->batch = FP16_BYTES * (tokens * (z->h + z->q + 2.0 * z->k +
					      z->f) + z->vocab);
}

/* The account of schedule/footprint.h, of loads that do not run ahead. */
static void fill_gpu(const struct sizes *z, struct placement_use *room)
{
	static const int stored[] = { SHARE_KV_SENT, SHARE_KV_HOST,
				      SHARE_KV_DISK_SENT,
				      SHARE_KV_DISK_HOST };
	struct placement_use both = { .once = z->embeddings }, *u;

	both.each[SHARE_WEIGHTS_GPU] = z->weights * z->layers;
	both.each[SHARE_WEIGHTS_HOST] = 2.0 * z->weights;
	both.each[SHARE_WEIGHTS_DISK] = 2.0 * z->weights;
	both.each[SHARE_KV_GPU] = z->tokens * z->kv * z->layers;
	room[ROOM_GPU_PREFILL] = room[ROOM_GPU_DECODE] = both;
	u = &room[ROOM_GPU_PREFILL];
	fill_activations(z, z->s, u);
	/* what is on its way to the host, twice */
	for (int i = 0; i < 4; i++)
		u->batch_each[stored[i]] = 2.0 * z->s * z->kv;
	u->batch_each[SHARE_KV_RECOMPUTED] = 2.0 * z->s * z->state;
	u = &room[ROOM_GPU_DECODE];
	fill_activations(z, 1.0, u);
	u->batch_each[SHARE_KV_SENT] = z->tokens * z->kv;
	u->batch_each[SHARE_KV_DISK_SENT] = z->tokens * z->kv;
	u->batch_each[SHARE_KV_RECOMPUTED] =
		z->tokens * z->kv + (z->attended - 1.0) * z->state;
}

/* What is on disk passes through FlexGen's buffers on the host. */
static void fill_host_and_disk(const struct sizes *z,
			       struct placement_use *room)
{
	static const int kv_host[] = { SHARE_KV_SENT, SHARE_KV_HOST };
	static const int kv_disk[] = { SHARE_KV_DISK_SENT,
				       SHARE_KV_DISK_HOST };
	struct placement_use *prefill = &room[ROOM_HOST_PREFILL];
	struct placement_use *decode = &room[ROOM_HOST_DECODE];
	struct placement_use *disk = &room[ROOM_DISK];

	prefill->each[SHARE_WEIGHTS_HOST] = z->weights * z->layers;
	prefill->each[SHARE_WEIGHTS_DISK] = z->weights;
	prefill->each[SHARE_KV_RECOMPUTED] = z->s * z->state * z->layers;
	prefill->each[SHARE_HIDDEN_HOST] = z->s * z->state;
	prefill->batch_each[SHARE_HIDDEN_DISK] = z->s * z->state;
	decode->each[SHARE_WEIGHTS_HOST] = z->weights * z->layers;
	decode->each[SHARE_WEIGHTS_DISK] = z->weights;
	/* the last step recomputes from all tokens but its own */
	decode->each[SHARE_KV_RECOMPUTED] =
		(z->tokens - 1.0) * z->state * z->layers;
	decode->each[SHARE_HIDDEN_HOST] = z->state;
	decode->batch_each[SHARE_HIDDEN_DISK] = 2.0 * z->state;
	disk->each[SHARE_WEIGHTS_DISK] = z->weights * z->layers;
	disk->each[SHARE_HIDDEN_DISK] = z->s * z->state;
	for (int i = 0; i < 2; i++) {
		prefill->each[kv_host[i]] = z->s * z->kv * z->layers;
		decode->each[kv_host[i]] = z->tokens * z->kv * z->layers;
		decode->batch_each[kv_disk[i]] = 2.0 * z->tokens * z->kv;
		disk->each[kv_disk[i]] = z->tokens * z->kv * z->layers;
	}
}

static void fill_arms(bool one_batch, struct placement_costs *out)
{
	enum { GPU = 1u << TERM_GEMM | 1u << TERM_ATTEND };
	static const unsigned prefill[] = {
		1u << TERM_H2D, 1u << TERM_D2H, 1u << TERM_DISK_READ,
		1u << TERM_DISK_WRITE, 1u << TERM_DUPLEX, GPU
	};
	static const unsigned decode[] = {
		1u << TERM_H2D, 1u << TERM_D2H, 1u << TERM_DISK_READ,
		1u << TERM_DISK_WRITE, 1u << TERM_DUPLEX,
		GPU | 1u << TERM_RECOMPUTE, 1u << TERM_CPU
	};

	memcpy(out->arms[PHASE_PREFILL], prefill, sizeof prefill);
	out->narms[PHASE_PREFILL] = sizeof prefill / sizeof prefill[0];
	memcpy(out->arms[PHASE_DECODE], decode, sizeof decode);
	out->narms[PHASE_DECODE] = sizeof decode / sizeof decode[0];
	if (one_batch)
		out->arms[PHASE_DECODE][6] |= 1u << TERM_GEMM;
}

void offload_cost_fill(const struct placement_case *c,
		       const struct placement_box *box,
		       struct placement_costs *out)
{
	const struct offload *o = &c->machine;
	/* a weight that is read serves the most where the batch is largest */
	struct sizes z = sizes_of(c, (double)box->batch_high);
	double cpu_s = cpu_token_s(&z, o, box);
	bool cpu = cpu_s > 0.0, disk = o->disk_memory_bytes > 0.0;

	fill_prefill(&z, o, out->time[PHASE_PREFILL]);
	fill_decode(&z, o, cpu_s, out->time[PHASE_DECODE]);
	fill_gpu(&z, out->memory);
	fill_host_and_disk(&z, out->memory);
	fill_arms(box->num_high == 1, out);
	for (int i = 0; i < SHARE_COUNT; i++)
		out->may[i] = true;
	out->may[SHARE_KV_HOST] = cpu;
	out->may[SHARE_KV_DISK_HOST] = cpu && disk;
	out->may[SHARE_WEIGHTS_DISK] = out->may[SHARE_KV_DISK_SENT] = disk;
	out->may[SHARE_HIDDEN_DISK] = disk;
}
