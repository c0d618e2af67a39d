/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain.h - the critical chain of a trace: why a step took as long as it did.
 *
 * Walking back from an event, the one that it started after is, of these,
 * the one that ended last: the event before it on its engine, and those that
 * its task waited for (through tasks that had nothing to do and left no event,
 * to what these waited for).  Where the trace knows no waits, any event of the
 * same GPU may be it.  What lies between the end of one and the start of the
 * next is waiting, unless it is no more than the rounding of the two.
 *
 * The pieces of a walk lie end to end, so their lengths sum to the whole.
 * Cannot fail; out of memory ends the program.
 */
#ifndef TRACES_CHAIN_H
#define TRACES_CHAIN_H

#include "traces/trace.h"

struct chain;			/* opaque: a trace with its predecessors */

/* For `run_s` the event ran, after it had been waited for `wait_s`. */
typedef void chain_piece(void *context, const struct trace_event *e,
			 double wait_s, double run_s);

/** Prepare `t`, which must outlive the result. */
struct chain *chain_new(const struct trace *t);

/** Release `c`; NULL is a no-op. */
void chain_free(struct chain *c);

/**
 * Walk back from `event`, an index into the trace's events, to `begin_s`, which
 * must not lie after its end, and call `piece` for each event on the way, the
 * last first.
 */
void chain_walk(struct chain *c, size_t event, double begin_s,
		chain_piece *piece, void *context);

#endif
