/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold.h - the HOLD model (Jones, CACM 29(4), 1986): a queue of constant
 * length, where each event that is taken puts in one that is later by a
 * random time.
 *
 * As in a simulation, an event calls back through a pointer in a record of
 * 64 bytes, which it changes.  Times between events are exponential and come
 * from a table, so that it is the queue that is measured.
 */
#ifndef TESTS_BENCH_HOLD_H
#define TESTS_BENCH_HOLD_H

#include <stddef.h>

struct hold;			/* opaque */

/** A queue with `pending` events; the caller releases it. */
struct hold *hold_new(size_t pending);

/** Release `h`. */
void hold_free(struct hold *h);

/** Take and put `events` events; the time then [s]. */
double hold_run(struct hold *h, size_t events);

#endif
