/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of the event queue once more, with sequences that run out soon. */
#define EVENT_QUEUE_SEQUENCE_BITS 11
#include "sim/event_queue.c"

#include "tests/test_event_queue.c"
