/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kvpr_column.h - KVPR for throughput: weights are streamed, and a loaded
 * layer serves num_batches batches, the loads of one under the compute of
 * another (schedule/block.h).
 */
#ifndef SCHEDULE_KVPR_COLUMN_H
#define SCHEDULE_KVPR_COLUMN_H

#include "schedule/policy.h"

extern const struct policy policy_kvpr_column;

#endif
