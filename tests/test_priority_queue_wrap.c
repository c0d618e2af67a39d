/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The priority queue's tests once more, with sequences that run out soon. */
#define PRIORITY_QUEUE_SEQUENCE_BITS 11
#include "sim/priority_queue.c"

#include "tests/test_priority_queue.c"
