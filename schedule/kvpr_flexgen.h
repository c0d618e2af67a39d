/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kvpr_flexgen.h - KVPR as it is built: into FlexGen's runtime, which waits
 * for the whole device after each batch of a layer (schedule/flexgen.h).  KV
 * and X are in pinned memory, the GPU attends.
 */
#ifndef SCHEDULE_KVPR_FLEXGEN_H
#define SCHEDULE_KVPR_FLEXGEN_H

#include "schedule/policy.h"

extern const struct policy policy_kvpr_flexgen;

#endif
