/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * streams.h - how far the streams of one GPU have come in a graph.
 *
 * A stream is its tasks in order, step after step.  Its head, the next task
 * to run, waits, is ready (and may wait for its engine), or runs.  The caller
 * has the clock and the engines: it lets heads become ready, takes those that
 * an engine serves next, and says when they have ended.
 */
#ifndef SIM_STREAMS_H
#define SIM_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/hardware.h"
#include "model/workload.h"
#include "schedule/graph.h"
#include "schedule/plan.h"

/* What is run, on what; borrowed. */
struct streams_case {
	const struct graph *graph;
	const struct workload *w;
	const struct plan *plan;
	const struct hardware *hw;
	size_t first_step, end_step;
};

/* What other engines are told of at `at_s`: that a task has completed. */
struct streams_handoff {
	size_t task;
	double at_s;
};

/* What a work comes to at one step. */
struct streams_cost {
	size_t step;		/* SIZE_MAX: not known */
	double seconds, bytes, flop;
	double flow_bytes;	/* [B] that links carry; the rest of its time */
	double overhead_s;	/* is before they do */
	bool empty;
};

/* A task, as its stream meets it. */
struct streams_task {
	const struct wait *waits, *waits_end;
	struct streams_cost *costs;	/* of its work, by the step's parity */
	size_t task, work;	/* indices in the graph */
	enum engine engine;
	enum op op;
	bool computes;		/* its end may be that of a step */
};

struct stream {
	const struct streams_task *first, *end;
	const struct streams_task *head;
	const struct wait *unmet;	/* of the head: those before are met */
	size_t step;		/* of the head */
	uint32_t bit;		/* in sets of streams */
	struct streams_cost cost;	/* of the head, once it is ready */
	double ready_s;
	double start_s;		/* the caller's */
};

/* Open; sets of streams and of engines are bits. */
struct streams {
	struct streams_case of;
	struct stream all[PROCESS_COUNT];
	struct streams_task *tasks;	/* stream by stream */
	uint32_t *wakes;	/* of each task: the streams whose heads wait
				 * for its next end */
	size_t *done;		/* of each task: the first step not completed */
	size_t *seen;		/* the same as other engines have been told;
				 * is `done` if that takes no time */
	struct streams_handoff *told;	/* queue from told_first on, of told_n;
					 * its room is a power of two */
	size_t told_first, told_n, told_room;
	double told_s;		/* when the first of them is there; INFINITY if
				 * none is on its way */
	struct streams_cost (*costs)[2];	/* of each work, by the step's
					 * parity: streams may be a step
					 * apart */
	uint32_t stirred;	/* whose head may have become ready */
	uint32_t ready[ENGINE_COUNT];	/* whose head wants it */
	uint32_t wanted, busy;	/* engines that a head wants; that serve one */
};

/** All streams at the start of the first step; streams_clear() releases. */
void streams_make(struct streams *s, const struct streams_case *of);

/** Release what `s` owns. */
void streams_clear(struct streams *s);

/** The head of `st`, as an index into the graph's tasks. */
size_t streams_head(const struct stream *st);

/** Whether `st` has done all steps, or has no tasks. */
bool streams_at_end(const struct streams *s, const struct stream *st);

/**
 * Mark the heads that have become ready at `now_s`, and pass over those with
 * nothing to do.  The end of a compute task of a step goes to `step_end_s`
 * unless that is NULL.
 */
void streams_make_ready(struct streams *s, double now_s, double *step_end_s);

/** Take the hand-offs that are there at `now_s`. */
void streams_hand_over(struct streams *s, double now_s);

/**
 * A stream whose head starts on an engine that was free, and now serves it;
 * NULL if there is none.  An engine takes the first that became ready; of
 * equals, the first in the order of issue.
 */
struct stream *streams_take(struct streams *s);

/** The head of `st` has ended at `now_s`: move on, and free its engine. */
void streams_complete(struct streams *s, struct stream *st, double now_s,
		      double *step_end_s);

#endif
