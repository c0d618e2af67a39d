/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * link_chains.h - from chains of copies the rates while all of them last.
 *
 * With both directions busy, the two chains of a GPU begin at once and carry
 * the same B bytes.  Where one direction is faster, at the rate o, its chain
 * ends after B/o, and the other goes on at the rate r that it has without it:
 * the mean m of that one's chain is not its rate x beside the other, but
 *
 *     B/m = B/o + (B - x B/o)/r,   so that   x = o + r - r o/m.
 *
 * Out of memory ends the program; nothing else can fail.
 */
#ifndef MODEL_LINK_CHAINS_H
#define MODEL_LINK_CHAINS_H

#include "model/sampled.h"

/**
 * The links of `s`, those with both directions busy at x [B/s].  r is of the
 * same GPU, with as many of them that copy in that direction alone; where that
 * was not measured, or x would not be above 0, the mean stays.  s->nlinks of
 * them; the caller frees the result.
 */
struct sampled_link *link_chains_rates(const struct sampled *s);

#endif
