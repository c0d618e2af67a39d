/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load_all.h - the baseline that never recomputes: FlexGen's overlap. */
#ifndef SCHEDULE_LOAD_ALL_H
#define SCHEDULE_LOAD_ALL_H

#include "schedule/policy.h"

extern const struct policy policy_load_all;

#endif
