/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.h - a timeline that was read from a file, simulated or measured.
 *
 * Unlike a timeline (timeline.h), it needs no graph: each event says itself
 * what it is.  An event whose task is not known, such as a kernel of another
 * program, has the engine alone.
 */
#ifndef TRACES_TRACE_H
#define TRACES_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "schedule/graph.h"

#define TRACE_NO_TASK SIZE_MAX

/* The highest step, layer, batch and task: small enough for sums of two. */
enum { TRACE_MOST_COUNT = 1 << 30 };

struct trace_event {
	enum op op;		/* OP_COUNT: not known */
	enum engine engine;
	size_t gpu, step, layer, batch;	/* all but gpu 0 if not known */
	size_t task;		/* its number in the graph, TRACE_NO_TASK */
	double start_s, end_s;	/* start <= end */
};

/* In each step `task` came after `on` of `lag` steps before. */
struct trace_wait {
	size_t task, on, lag;
};

struct trace {
	char *title;		/* what made it, e.g. the policy's name */
	struct trace_event *events;	/* by start, then by end */
	size_t n;
	struct trace_wait *waits;	/* by task; NULL: not known */
	size_t nwaits;
};

/**
 * Read a timeline as chrome.h writes it from `text`.  Events that are not
 * complete events ("X") are passed over.  STATUS_INVALID, naming the event
 * and the member, otherwise.  trace_clear() releases.
 */
MUST_CHECK enum status trace_parse(const char *text, struct trace *out,
				   struct diag *d);

/** Bring the events into their order, once all are there. */
void trace_sort(struct trace *t);

/**
 * `name`, up to its first space, as an op; false if there is none of that
 * name.
 */
bool trace_op(const char *name, enum op *op);

/** Whether `e` computes, so that a step ends with the last of such. */
bool trace_computes(const struct trace_event *e);

/* What a time printed in a trace is rounded to [s], as in Perfetto. */
#define TRACE_DIGIT_S 1e-9

/** Release what `t` owns and empty it. */
void trace_clear(struct trace *t);

#endif
