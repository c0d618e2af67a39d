/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy.h - the ways to schedule a decode, as a table.
 *
 * A policy says which decisions it leaves open, builds the task graph of a
 * plan and accounts for the memory that it needs.  The table drives the
 * planner, `--help` and `kvplan list policies`.  doc/ARCHITECTURE.md ("To add")
 * says what a new policy takes.
 */
#ifndef SCHEDULE_POLICY_H
#define SCHEDULE_POLICY_H

#include <stddef.h>

#include "base/diag.h"
#include "model/memory.h"
#include "schedule/graph.h"
#include "schedule/plan.h"

/* Who decides how many tokens are recomputed. */
enum split_rule {
	SPLIT_NONE,		/* l = 0: the policy never recomputes */
	SPLIT_OPEN,		/* l is the planner's to choose */
	SPLIT_ALL,		/* l = s': the policy recomputes all */
};

/* Who takes a decision. */
enum decider {
	DECIDED_BY_POLICY,	/* it is what the policy is */
	DECIDED_BY_USER,	/* or else the policy's default holds */
	DECIDED_BY_PLANNER,	/* unless the user does */
};

struct decision_rule {
	enum decider decider;
	double value;		/* the policy's, or its default */
};

/* What one execution of a graph is. */
enum span {
	SPAN_STEP,		/* a decode step: all layers and the head */
	SPAN_LAYER,		/* one layer of it, of as many as you like */
	SPAN_PREFILL,		/* the prompts, all layers and the head */
};

struct policy {
	const char *name;
	const char *summary;	/* one line */
	enum split_rule split;
	struct decision_rule rules[DECISION_COUNT];

	/**
	 * Graph of one span of `plan`, without what policy_graph() adds, which
	 * is what to call; the caller frees it.  In decode it holds for any
	 * splits; in prefill it stores the X that the splits need.
	 * SPAN_LAYER leaves out the head and what only binds across a whole
	 * step.
	 */
	struct graph *(*build)(const struct llm *m, const struct workload *w,
			       const struct plan *plan, enum span span);

	/** Fill `mem` with what `plan` keeps where. */
	void (*memory)(const struct llm *m, const struct workload *w,
		       const struct plan *plan, struct memory *mem);
};

/**
 * The graph of `span` of `plan`, as its policy writes it; where `hw` states
 * what issuing takes, with that (schedule/issue.h).  The caller frees it.
 */
struct graph *policy_graph(const struct plan *plan, const struct llm *m,
			   const struct workload *w, const struct hardware *hw,
			   enum span span);

/** All policies; `*n` of them. */
const struct policy *const *policy_list(size_t *n);

/** Policy `name`, or STATUS_UNKNOWN with the nearest name. */
MUST_CHECK enum status policy_find(const char *name,
				   const struct policy **out,
				   struct diag *d);

#endif
