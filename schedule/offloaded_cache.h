/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offloaded_cache.h - Hugging Face generate() with an offloaded KV cache.
 *
 * While a layer runs, the next layer's whole cache is prefetched on a side
 * stream; when the layer is done its whole cache, the new token appended, is
 * copied back to pinned host memory, so both directions of the link are busy
 * at once (transformers, OffloadedCache).
 */
#ifndef SCHEDULE_OFFLOADED_CACHE_H
#define SCHEDULE_OFFLOADED_CACHE_H

#include "schedule/policy.h"

extern const struct policy policy_offloaded_cache;

#endif
