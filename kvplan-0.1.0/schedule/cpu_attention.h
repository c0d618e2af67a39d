/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpu_attention.h - the CPU attends, the GPU does the rest.
 *
 * With two batches (--num-batches 2) the CPU works for one while the GPU
 * works for the other (FastDecode, arXiv 2403.11421).  A part of the
 * requests may keep their KV on the GPU, which then attends for them (NEO,
 * arXiv 2411.01142).  Several GPUs share the CPU evenly.
 */
#ifndef SCHEDULE_CPU_ATTENTION_H
#define SCHEDULE_CPU_ATTENTION_H

#include "schedule/policy.h"

extern const struct policy policy_cpu_attention;

#endif
