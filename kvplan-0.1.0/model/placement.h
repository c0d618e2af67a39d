/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * placement.h - where weights, KV cache and hidden state lie, and what a
 * prefill and a decode take for it.
 *
 * A placement is the batch per GPU step g, the number n of batches that
 * share a loaded layer (together b = g n requests), and shares: of a layer's
 * weights, of the KV of all requests, of their hidden state between layers,
 * each in [0, 1] and each group summing to 1.
 *
 * Every time and every memory is affine in the shares (struct
 * placement_use), so one description serves the evaluation of a placement
 * here and the linear program of lp/place.h.  Two cost models fill it in:
 * FlexGen's (flexgen_cost.h) and kvplan's own (offload_cost.h).  Plain data.
 */
#ifndef MODEL_PLACEMENT_H
#define MODEL_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/llm.h"
#include "model/offload.h"

/* What the shares are of, in the order of their groups. */
enum placement_share {
	SHARE_WEIGHTS_GPU, SHARE_WEIGHTS_HOST, SHARE_WEIGHTS_DISK,
	SHARE_KV_GPU,		/* kept and attended to on the GPU */
	SHARE_KV_SENT,		/* kept on the host, sent to be attended to */
	SHARE_KV_RECOMPUTED,	/* X kept on the host, sent; K, V recomputed */
	SHARE_KV_HOST,		/* kept on the host, attended to by the CPU */
	SHARE_KV_DISK_SENT,	/* kept on disk, sent to the GPU */
	SHARE_KV_DISK_HOST,	/* kept on disk, attended to by the CPU */
	SHARE_HIDDEN_GPU, SHARE_HIDDEN_HOST, SHARE_HIDDEN_DISK,
	SHARE_COUNT
};

struct placement {
	size_t batch, num_batches;
	double share[SHARE_COUNT];
};

/* The inputs of both cost models.  Elements are fp16. */
struct placement_case {
	struct llm model;
	size_t prompt, gen;
	struct offload machine;
	bool flexgen;		/* FlexGen's cost model, else kvplan's */
};

/* Sizes between which costs are to hold: see placement_costs_make(). */
struct placement_box {
	size_t batch_low, batch_high, num_low, num_high;
};

/*
 * sum over shares x_j of (each x_j + batch_each g x_j)
 *     + request b + batch g + once
 *
 * where `each` stands for the weights' shares as it is, and for the others
 * per request: b each x_j.  No coefficient is negative.
 */
struct placement_use {
	double each[SHARE_COUNT], batch_each[SHARE_COUNT];
	double request, batch, once;
};

enum placement_phase { PHASE_PREFILL, PHASE_DECODE, PHASE_COUNT };

/* What takes time in a layer. */
enum placement_term {
	TERM_H2D, TERM_D2H, TERM_DISK_READ, TERM_DISK_WRITE, TERM_DUPLEX,
	TERM_GEMM, TERM_ATTEND, TERM_RECOMPUTE, TERM_CPU, TERM_COUNT
};

enum placement_memory {
	ROOM_GPU_PREFILL, ROOM_GPU_DECODE, ROOM_HOST_PREFILL,
	ROOM_HOST_DECODE, ROOM_DISK, ROOM_COUNT
};

enum { PLACEMENT_MOST_ARMS = 7 };

struct placement_costs {
	struct placement_use time[PHASE_COUNT][TERM_COUNT];	/* [s] */
	/* a layer takes as long as the longest arm: a sum of terms, of which
	 * each is bit 1 << term */
	unsigned arms[PHASE_COUNT][PLACEMENT_MOST_ARMS];
	size_t narms[PHASE_COUNT];
	double layers[PHASE_COUNT];	/* how often: l, and l (gen - 1) */
	double tokens;			/* generated of a request: gen */
	struct placement_use memory[ROOM_COUNT];	/* [B] */
	double capacity[ROOM_COUNT];	/* [B], share applied; INFINITY */
	bool may[SHARE_COUNT];		/* false: the search leaves it 0 */
};

/* What placement_evaluate() finds. */
struct placement_outcome {
	double term_s[PHASE_COUNT][TERM_COUNT];	/* [s] of a layer */
	double layer_s[PHASE_COUNT];		/* the longest arm */
	size_t arm[PHASE_COUNT];		/* which that is */
	double prefill_s, decode_s, total_s;	/* [s] of all b requests */
	double request_s;			/* total_s / b */
	double tokens_per_s;			/* b gen / total_s */
	double memory[ROOM_COUNT];		/* [B] used */
};

/**
 * The costs of `c`.  If the box is one point they are exact for its sizes;
 * else no placement within it has lower times or needs less memory than
 * they say.
 */
struct placement_costs placement_costs_make(const struct placement_case *c,
					    const struct placement_box *box);

/**
 * STATUS_INVALID if the case has no answer: no more than one token, a
 * sequence beyond the model's positions, a machine without FlexGen's figures
 * or a model that its formulas do not fit, for FlexGen's cost model.
 */
MUST_CHECK enum status placement_check(const struct placement_case *c,
				       struct diag *d);

/** What `use` comes to for `p`.  Pure; cannot fail. */
double placement_use_at(const struct placement_use *use,
			const struct placement *p);

/** Times and memory of `p`, under costs made for its very sizes. */
struct placement_outcome placement_evaluate(const struct placement_costs *c,
					    const struct placement *p);

/** What a person calls each: "KV sent to the GPU", "host to GPU", ... */
const char *placement_share_title(enum placement_share s);
const char *placement_term_title(enum placement_term t);
const char *placement_memory_title(enum placement_memory m);

/** Keys for programs: "kv_sent", "h2d", "gpu_prefill", ... */
const char *placement_share_key(enum placement_share s);
const char *placement_term_key(enum placement_term t);
const char *placement_memory_key(enum placement_memory m);

#endif
