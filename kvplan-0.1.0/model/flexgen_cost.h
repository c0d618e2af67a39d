/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flexgen_cost.h - FlexGen's cost model.
 *
 * Sheng et al. 2023, arXiv 2303.06865, in the form of its planner
 * (FMInference/FlexLLMGen, experimental/cost_model.py).  Symbols: l layers,
 * h hidden, f inner width of the FFN, s prompt, n tokens generated, g batch,
 * b requests, w = 8 h^2 + 4 h f bytes of a layer's weights; w', c', h' are
 * the shares of weights, KV and hidden state that are not on the GPU, cg and
 * cn those of the KV on the GPU and on disk, and so on.  All KV off the GPU
 * is attended to by the CPU.
 *
 * A layer of the prefill takes max(H2D + disk read, D2H + disk write, GPU):
 *
 *     H2D         (w w' + 2shb h') / h2d
 *     D2H         4(s+1)hb c' / d2h_cache + 2shb h' / d2h_hidden
 *     disk read   (w wn + 2shb hn) / read
 *     disk write  4(s+1)hb cn / write_cache + 2shb hn / write_hidden
 *     GPU         b (8sh^2 + 4shf) / gemm + 4b s^2 h / attention
 *
 * and a layer of a decode step, at the mean position s + n/2,
 * H2D + max(D2H, disk read, disk write, GPU + CPU):
 *
 *     H2D         (w w' + 2hb h') / h2d
 *     D2H         2hb h' / d2h_hidden
 *     disk read   (4b(s+n/2)h cn + 2hb hn) / read + w wn / (0.95 read)
 *     disk write  (4bh cn + 2hb hn) / write_decode
 *     GPU         b (8h^2 + 4hf) / gemm + 4b(s+n/2)h cg / attention
 *     CPU         4b(s+n/2)h c' / (its rate at g and h)
 *
 * In all: l prefill + (n - 1) l decode.  The memory that it takes:
 *
 *     GPU    lw wg + 4(s+n)hbl cg + 2w w', and
 *       prefill  2shb hg + 2shg h' + g (18sh + 2 heads s^2 + 2sf)
 *       decode   2hb hg + 2hg h' + g (14h + 2f)
 *                + g cg (4h + 8(s+n)h + 2 heads (s+n))
 *     host   lw wc, and
 *       prefill  2shb hc + 4shbl cc + w w' + 2shg h'
 *       decode   2hb hc + 4(s+n)hbl cc + w wn + 4hg hn + 8(s+n)hg cn
 *                + 2 heads (s+n) g + 2hg
 *     disk   lw wn + 2shb hn + 4(s+n)hbl cn
 */
#ifndef MODEL_FLEXGEN_COST_H
#define MODEL_FLEXGEN_COST_H

#include "model/placement.h"

/**
 * Fill in times, arms, memory and what may be placed where.  The search
 * keeps no hidden state on disk, as FlexGen's does not; a placement that
 * has some can be evaluated.  Cannot fail.
 */
void flexgen_cost_fill(const struct placement_case *c,
		       const struct placement_box *box,
		       struct placement_costs *out);

#endif
