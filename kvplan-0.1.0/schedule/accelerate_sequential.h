/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accelerate_sequential.h - no overlap at all: what blocking copies give.
 *
 * A layer's cache is loaded, the layer runs, its new K and V are stored, and
 * only then the next load begins (Hugging Face Accelerate's offloading with
 * synchronous copies).  The step takes the sum of everything.
 */
#ifndef SCHEDULE_ACCELERATE_SEQUENTIAL_H
#define SCHEDULE_ACCELERATE_SEQUENTIAL_H

#include "schedule/policy.h"

extern const struct policy policy_accelerate_sequential;

#endif
