/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layer.h - what one decoder layer does in one decode step.
 *
 * Symbols (PAPER: KVPR, arXiv 2411.17089, section 3): batch b, hidden h,
 * k = kv_heads * head_dim (k = h with multi-head attention), q = heads *
 * head_dim, p bytes an element, s' cached tokens, split l.  X is what W_K and
 * W_V are applied to: the layer's input after its norm, so recomputing takes
 * one product and no norm.  Every function is pure and returns plain data;
 * none can fail.
 */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include "model/llm.h"
#include "model/work.h"
#include "model/workload.h"

/** [B] of one cached token's K and V in one layer, all requests: 2bkp. */
double layer_kv_token_bytes(const struct llm *m, const struct workload *w);

/** [B] of one token's stored layer input X, all requests: bhp. */
double layer_activation_token_bytes(const struct llm *m,
				    const struct workload *w);

/** [B] of one layer's weight matrices. */
double layer_weight_bytes(const struct llm *m, const struct workload *w);

/** Copy in K and V of the tokens after the split: M_KV = 2bkp(s' - l). */
struct work layer_load_cache(const struct llm *m, const struct workload *w);

/** Copy in X of the tokens before the split: M_X = bhpl. */
struct work layer_load_activation(const struct llm *m,
				  const struct workload *w);

/** Copy out the new token's K and V: 2bkp. */
struct work layer_store_cache(const struct llm *m, const struct workload *w);

/** Copy out K and V of all tokens, the new one too: 2bkp(s' + 1). */
struct work layer_store_whole_cache(const struct llm *m,
				    const struct workload *w);

/** Copy out the new token's X: bhp. */
struct work layer_store_activation(const struct llm *m,
				   const struct workload *w);

/** Norm and the QKV product of the new token: M = b, K = h, N = q + 2k. */
struct work layer_project(const struct llm *m, const struct workload *w);

/**
 * K and V of the first l tokens from X: a GEMM with M = bl, K = h, N = 2k,
 * which is N_KV = 4blhk FLOP; K is rotated again (read and written once)
 * where the model has rotary positions.
 */
struct work layer_recompute(const struct llm *m, const struct workload *w);

/**
 * Append the new token's K and V by writing all of them anew, as a tensor
 * library's concatenation does: 2bkp s' bytes read and 2bkp(s' + 1) written.
 */
struct work layer_append(const struct llm *m, const struct workload *w);

/**
 * Attention of the new token over s' + 1 tokens: reads their K and V,
 * 2bkp(s' + 1) bytes, for 4bq(s' + 1) FLOP.
 */
struct work layer_attend(const struct llm *m, const struct workload *w);

/** The product with W_O: M = b, K = q, N = h. */
struct work layer_output(const struct llm *m, const struct workload *w);

/**
 * Norm and feed-forward network: two GEMMs, the first of doubled N where it
 * is gated.  With E experts of which each token takes e, E(1 - (1 - e/E)^b)
 * are read (routing uniform and independent), each by an equal share of the
 * tokens, in one grouped kernel for each product and one for the routing.
 */
struct work layer_ffn(const struct llm *m, const struct workload *w);

/** After the last layer: norm and the product with the head, N = vocab. */
struct work layer_head(const struct llm *m, const struct workload *w);

#endif
