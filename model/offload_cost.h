/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offload_cost.h - kvplan's cost model of a placement.
 *
 * FlexGen's (flexgen_cost.h), with what that leaves out: KV that crosses
 * the link to be attended to on the GPU, KV recomputed from X, writing the
 * new token's KV back, queries and results of attention on the CPU, weights
 * read from device memory, the link's limit of both directions, embeddings
 * and output head, grouped queries, gated FFNs and experts.
 *
 * Symbols beyond flexgen_cost.h: q and k widths of queries and of keys, E
 * matrix elements that a token meets in a layer, w bytes of a layer's
 * weights, r bytes of them that a batch reads, m = s + n/2 tokens attended
 * to by a decode step on average, m - 1 of them from the cache, V the
 * vocabulary; KV shares as enum placement_share: cg, cs, cr, ca, ds, da.
 * A layer takes as long as its busiest engine, which no schedule beats.
 *
 * Prefill:
 *     H2D         (w w' + 2shb h') / h2d
 *     D2H         (4ksb (cs + ca + ds + da) + 2hsb cr) / d2h_cache
 *                 + 2shb h' / d2h_hidden
 *     disk read   (w wn + 2shb hn) / read
 *     disk write  4ksb (ds + da) / write_cache + 2shb hn / write_hidden
 *     GPU         n max(2Esg / gemm, r / hbm) + 4b s^2 q / attention
 * Decode:
 *     H2D         (w w' + 2hb h' + 4k(m-1)b (cs + ds) + 2h(m-1)b cr
 *                  + 2qb (ca + da)) / h2d
 *     D2H         (4kb (cs + ds) + 2hb cr + (2q + 4k)b (ca + da))
 *                 / d2h_cache + 2hb h' / d2h_hidden
 *     disk read   (w wn + 4k(m-1)b (ds + da) + 2hb hn) / read
 *     disk write  (4kb (ds + da) + 2hb hn) / write_decode
 *     GPU         n max(2Eg / gemm, r / hbm)
 *                 + b (cg + cs + cr + ds) max(4qm / attention, 4km / hbm)
 *                 + 4hk(m-1)b cr / gemm of the prefill
 *     CPU         4qmb (ca + da) / (its rate), after the products of
 *                 weights if there is one batch alone
 * and both ways the link takes all bytes over the duplex limit, or over the
 * faster direction's rate if that is more.  The head takes
 * n max(2hVg / gemm, 2hV / hbm) for each token.
 *
 * Memory is FlexGen's with 4k for 4h in the KV and 5h + 2q + 2k for 9h in
 * the workspace of a prefill; embeddings besides on the GPU; X, 2h a token,
 * in place of KV for what is recomputed; and on the GPU room for all KV
 * attended to there, and for what is sent of the batch after it.
 */
#ifndef MODEL_OFFLOAD_COST_H
#define MODEL_OFFLOAD_COST_H

#include "model/placement.h"

/** Fill in times, arms, memory and what may be placed where; cannot fail. */
void offload_cost_fill(const struct placement_case *c,
		       const struct placement_box *box,
		       struct placement_costs *out);

#endif
