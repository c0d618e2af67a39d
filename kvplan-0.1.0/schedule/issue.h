/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * issue.h - the host thread that issues what a GPU does.
 *
 * It issues copies and kernels one after another in the order of issue, which
 * takes its time (ENGINE_ISSUE), and runs ahead of the GPU as far as it likes.
 * Only where it stages copies or waits for the device itself does it issue
 * what comes later after that.
 */
#ifndef SCHEDULE_ISSUE_H
#define SCHEDULE_ISSUE_H

#include "schedule/graph.h"

/**
 * Put OP_ISSUE before each copy and kernel of `g`, which is finished and has
 * none yet: the task waits for it.
 */
void issue_add(struct graph *g);

#endif
