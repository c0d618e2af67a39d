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
 * to by a decode step on average, m - 1 of them from the cache, t = s + n - 1
 * tokens cached in the end, F the widths of the FFNs of a token, V the
 * vocabulary; KV shares as enum placement_share: cg, cs, cr, ca, ds, da.
 * A layer takes as long as its busiest engine, which no schedule beats, with
 * products as fast as rested ones: no power limit (model/power_limit.h).  What
 * the output head takes is spread over the layers, l, as loads may run under
 * it: H = max(2hVg / gemm of the decode, 2hV / hbm) / l.
 *
 * Prefill:
 *     H2D         (w w' + 2shb h') / h2d
 *     D2H         (4ksb (cs + ca + ds + da) + 2hsb cr) / d2h_cache
 *                 + 2shb h' / d2h_hidden
 *     disk read   (w wn + 2shb hn) / read
 *     disk write  4ksb (ds + da) / write_cache + 2shb hn / write_hidden
 *     GPU         n (max(2Esg / gemm, r / hbm) + H) + A b
 *     where A = max(2s (s+1) q / attention, 4s (q + k) / hbm): attention is
 *     causal
 * Decode:
 *     H2D         (w w' + 2hb h' + 4k(m-1)b (cs + ds) + 2h(m-1)b cr
 *                  + 2qb (ca + da)) / h2d
 *     D2H         (4kb (cs + ds) + 2hb cr + (2q + 4k)b (ca + da))
 *                 / d2h_cache + 2hb h' / d2h_hidden
 *     disk read   (w wn + 4k(m-1)b (ds + da) + 2hb hn) / read
 *     disk write  (4kb (ds + da) + 2hb hn) / write_decode
 *     GPU         n (max(2Eg / gemm, r / hbm) + H)
 *                 + b (cg + cs + cr + ds) max(4qm / attention, 4km / hbm)
 *                 + 4hk(m-1)b cr / gemm of the prefill
 *     CPU         mb (ca + da) max(4q / flop_per_s, 4k / bytes_per_s), of
 *                 its rates those that are stated, after the products of
 *                 weights if there is one batch alone
 * and both ways the link takes all bytes over the duplex limit, or over the
 * faster direction's rate if that is more.
 *
 * Memory on the GPU is what schedule/footprint.h counts where loads do not
 * run ahead and splits do not shrink from step to step.  Attention keeps its
 * scores on chip and reads K and V where they are.
 *
 *     both        w l wg + 2w (w' + wn) + embeddings + 4ktl cg b + 2V g
 *     prefill     + 2sh (b hg + g (h' + hn)) + 2s (h + q + 2k + F) g
 *                 + 2s (4k (cs + ca + ds + da) + 2h cr) g
 *     decode      + 2h (b hg + g (h' + hn)) + 2 (h + q + 2k + F) g
 *                 + 4kt (cs + ds + cr) g + 2h (m-1) cr g
 *
 * On the host and on disk are the shares themselves, X, 2h a token, in place
 * of KV for what is recomputed, and on the host FlexGen's buffers for what is
 * on disk.
 */
#ifndef MODEL_OFFLOAD_COST_H
#define MODEL_OFFLOAD_COST_H

#include "model/placement.h"

/** Fill in times, arms, memory and what may be placed where; cannot fail. */
void offload_cost_fill(const struct placement_case *c,
		       const struct placement_box *box,
		       struct placement_costs *out);

#endif
