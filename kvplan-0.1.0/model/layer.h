/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layer.h - what one decoder layer does for one batch, in a decode step or
 * in prefill.
 *
 * Symbols (PAPER: KVPR, arXiv 2411.17089, section 3): batch b, hidden h,
 * k = kv_heads * head_dim (k = h with multi-head attention), q = heads *
 * head_dim, s' cached tokens, split l; p is 2 bytes, an element that kernels
 * compute with, and p_kv, p_x, p_w what one takes as it is stored and sent
 * (model/element.h).  X is what W_K and W_V are applied to: the layer's input
 * after its norm, so recomputing takes one product and no norm.
 *
 * `share` is the part of the batch that a piece of work is about: 1 is all
 * requests, and what is said of b below is said of share * b.  `tokens` is
 * how many new tokens each request brings: 1 in decode, the prompt in
 * prefill.  Every function is pure and returns plain data; none can fail.
 */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include "model/llm.h"
#include "model/work.h"
#include "model/workload.h"

/** [B] of one cached token's K and V in one layer, stored: 2bk p_kv. */
double layer_kv_token_bytes(const struct llm *m, const struct workload *w);

/** [B] of one token's stored layer input X: bh p_x. */
double layer_activation_token_bytes(const struct llm *m,
				    const struct workload *w);

/* The weight matrices of a layer, as they are sent. */
enum layer_part {
	LAYER_KV,		/* W_K and W_V: 2hk elements */
	LAYER_QO,		/* W_Q and W_O: 2hq */
	LAYER_FFN,		/* the rest: all experts */
	LAYER_PARTS
};

/** [B] of `part`, stored. */
double layer_part_bytes(const struct llm *m, const struct workload *w,
			enum layer_part part);

/** [B] of all parts. */
double layer_weight_bytes(const struct llm *m, const struct workload *w);

/* ---- copies ---- */

/** Copy in `share` of `part`. */
struct work layer_load_weight(const struct llm *m, const struct workload *w,
			      enum layer_part part, double share);

/** Copy in the token embedding, or the head's matrix: vocab * h elements. */
struct work layer_load_embedding(const struct llm *m,
				 const struct workload *w);

/** Copy in K and V of the tokens after the split: M_KV = 2bk p_kv (s' - l). */
struct work layer_load_cache(const struct llm *m, const struct workload *w,
			     double share);

/** Copy in X of the tokens before the split: M_X = bh p_x l. */
struct work layer_load_activation(const struct llm *m,
				  const struct workload *w, double share);

/** Copy out the new tokens' K and V. */
struct work layer_store_cache(const struct llm *m, const struct workload *w,
			      double share, double tokens);

/** Copy out K and V of all tokens, the new one too: 2bk p_kv (s' + 1). */
struct work layer_store_whole_cache(const struct llm *m,
				    const struct workload *w, double share);

/** Copy out the new tokens' X. */
struct work layer_store_activation(const struct llm *m,
				   const struct workload *w, double share,
				   double tokens);

/** Copy in, or out, the hidden state between layers: bhp tokens. */
struct work layer_load_hidden(const struct llm *m, const struct workload *w,
			      double tokens);
struct work layer_store_hidden(const struct llm *m, const struct workload *w,
			       double tokens);

/* ---- kernels ---- */

/** Norm and the QKV product of the new tokens: M = b tokens, N = q + 2k. */
struct work layer_project(const struct llm *m, const struct workload *w,
			  double tokens);

/**
 * K and V of the first l tokens from X: a GEMM with M = bl, K = h, N = 2k,
 * which is N_KV = 4blhk FLOP; K is rotated again (read and written once)
 * where the model has rotary positions.
 */
struct work layer_recompute(const struct llm *m, const struct workload *w,
			    double share);

/**
 * Append the new token's K and V by writing all of them anew, as a tensor
 * library's concatenation does: 2bk p_kv s' bytes read and 2bk p_kv (s' + 1)
 * written, as they are stored.
 */
struct work layer_append(const struct llm *m, const struct workload *w);

/**
 * Attention of the new token over s' + 1 tokens: reads their K and V,
 * 2bkp(s' + 1) bytes, for 4bq(s' + 1) FLOP.
 */
struct work layer_attend(const struct llm *m, const struct workload *w,
			 double share);

/**
 * Attention of the prompt to itself, causal, by a kernel that keeps the
 * scores on chip (FlashAttention, arXiv 2205.14135): 4bq FLOP for each of
 * the s(s + 1)/2 pairs of tokens; Q, K and V read and the result written.
 */
struct work layer_attend_prompt(const struct llm *m,
				const struct workload *w);

/** The product with W_O: M = b tokens, K = q, N = h. */
struct work layer_output(const struct llm *m, const struct workload *w,
			 double tokens);

/**
 * Norm and feed-forward network: two GEMMs, the first of doubled N where it
 * is gated.  With E experts of which each token takes e, E(1 - (1 - e/E)^t)
 * are read for t = b tokens (routing uniform and independent), each by an
 * equal share of the tokens, in one grouped kernel for each product and one
 * for the routing.
 */
struct work layer_ffn(const struct llm *m, const struct workload *w,
		      double tokens);

/** After the last layer: norm and the head's product, M = b, N = vocab. */
struct work layer_head(const struct llm *m, const struct workload *w);

/** One layer's stored weights turned into 16 bits: read, and written. */
struct work layer_dequantise_weight(const struct llm *m,
				    const struct workload *w);

/**
 * Stored K and V turned into 16 bits: those that were loaded, for a share
 * `loaded` of the requests, and all of a share `kept`, on the GPU.
 */
struct work layer_dequantise_cache(const struct llm *m,
				   const struct workload *w, double loaded,
				   double kept);

/** X of the tokens before the split turned into 16 bits. */
struct work layer_dequantise_activation(const struct llm *m,
					const struct workload *w,
					double share);

/**
 * The new tokens' K and V, for a share `kv` of the requests, and their X, for
 * a share `x`, turned into what is stored: those in fewer bits.
 */
struct work layer_quantise(const struct llm *m, const struct workload *w,
			   double kv, double x, double tokens);

/* ---- attention by the CPU, and staging through pinned memory ---- */

/** Copy out the new token's Q, K and V: b(q + 2k)p bytes. */
struct work layer_store_query(const struct llm *m, const struct workload *w,
			      double share);

/** The CPU reads the stored KV of s' + 1 tokens. */
struct work layer_attend_host(const struct llm *m, const struct workload *w,
			      double share);

/** Copy in what the CPU's attention gave: bqp bytes. */
struct work layer_load_attention(const struct llm *m,
				 const struct workload *w, double share);

/** A host thread copies stored K (or V) of s' tokens into pinned memory. */
struct work layer_stage_half(const struct llm *m, const struct workload *w,
			     double share);

/** Copy in stored K (or V) of s' tokens. */
struct work layer_load_half(const struct llm *m, const struct workload *w,
			    double share);

#endif
