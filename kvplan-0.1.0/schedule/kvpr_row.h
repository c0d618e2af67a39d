/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kvpr_row.h - the paper's latency schedule (KVPR, arXiv 2411.17089). */
#ifndef SCHEDULE_KVPR_ROW_H
#define SCHEDULE_KVPR_ROW_H

#include "schedule/policy.h"

extern const struct policy policy_kvpr_row;

#endif
