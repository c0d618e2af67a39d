/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offloaded_cache.h - Hugging Face generate() with an offloaded KV cache.
 *
 * While a layer runs, the next layer's whole cache is prefetched on a side
 * stream.  The layer appends the new token by concatenation and copies its
 * whole cache back to pinned host memory on the compute stream, before it
 * attends; so both directions of the link are busy at once, and the kernels
 * wait (huggingface/transformers, Cache.offload: "on the default stream").
 */
#ifndef SCHEDULE_OFFLOADED_CACHE_H
#define SCHEDULE_OFFLOADED_CACHE_H

#include "schedule/policy.h"

extern const struct policy policy_offloaded_cache;

#endif
