/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recompute_all.h - the other extreme: no KV crosses the link. */
#ifndef SCHEDULE_RECOMPUTE_ALL_H
#define SCHEDULE_RECOMPUTE_ALL_H

#include "schedule/policy.h"

extern const struct policy policy_recompute_all;

#endif
