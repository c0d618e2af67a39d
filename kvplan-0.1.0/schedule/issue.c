/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/issue.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/xalloc.h"

enum { MOST_MORE = 2 };		/* waits that a task of `from` brings */

/* The graph with issues, while it is written. */
struct issued {
	const struct graph *from;
	size_t *at;		/* tasks of `from`, in the new graph */
	struct task *tasks;
	struct wait *waits;
	size_t ntasks, nwaits;
	struct wait issue;	/* the last one before */
	struct wait held;	/* what the thread did last itself */
};

#define NONE SIZE_MAX

static bool is_issued(const struct graph *g, const struct task *t)
{
	enum engine e = g->works[t->work].engine;

	return e == ENGINE_SM || engine_is_link(e);
}

/* What the thread that issues does itself. */
static bool holds(const struct task *t)
{
	return t->op == OP_STAGE_KEY || t->op == OP_STAGE_VALUE ||
	       t->op == OP_BARRIER;
}

/* Where tasks will be; what comes last is before the first, a period back. */
static void place_all(struct issued *x)
{
	size_t n = 0;

	x->issue.task = x->held.task = NONE;
	x->issue.lag = x->held.lag = 1;
	for (size_t i = 0; i < x->from->ntasks; i++) {
		const struct task *t = &x->from->tasks[i];

		if (is_issued(x->from, t))
			x->issue.task = n++;
		if (holds(t))
			x->held.task = n;
		x->at[i] = n++;
	}
}

static void begin_task(struct issued *x, struct task t)
{
	t.first_wait = x->nwaits;
	t.nwaits = 0;
	x->tasks[x->ntasks++] = t;
}

static void add_wait(struct issued *x, struct wait w)
{
	if (w.task == NONE)
		return;
	x->waits[x->nwaits++] = w;
	x->tasks[x->ntasks - 1].nwaits++;
}

static void add_issue(struct issued *x, const struct task *t)
{
	struct task issue = *t;

	issue.op = OP_ISSUE;
	issue.work += x->from->nworks;
	begin_task(x, issue);
	add_wait(x, x->held);
	x->held.task = NONE;	/* what comes next on the stream has waited */
	x->issue = (struct wait){ x->ntasks - 1, 0 };
}

static void add_task(struct issued *x, const struct task *t)
{
	bool issued = is_issued(x->from, t);

	if (issued)
		add_issue(x, t);
	begin_task(x, *t);
	for (size_t k = 0; k < t->nwaits; k++) {
		struct wait w = x->from->waits[t->first_wait + k];

		add_wait(x, (struct wait){ x->at[w.task], w.lag });
	}
	if (issued || holds(t))
		add_wait(x, x->issue);
	if (holds(t))
		x->held = (struct wait){ x->ntasks - 1, 0 };
}

/* Behind the works themselves, those of issuing them. */
static void add_works(struct graph *g)
{
	size_t n = g->nworks;

	g->works = xrealloc_array(g->works, 2 * n, sizeof *g->works);
	for (size_t i = 0; i < n; i++)
		g->works[n + i] = work_issue(&g->works[i]);
	g->nworks = 2 * n;
}

void issue_add(struct graph *g)
{
	struct issued x = {
		.from = g,
		.at = xcalloc(g->ntasks, sizeof *x.at),
		.tasks = xcalloc(2 * g->ntasks, sizeof *x.tasks),
		.waits = xcalloc(g->nwaits + MOST_MORE * g->ntasks,
				 sizeof *x.waits),
	};

	place_all(&x);
	for (size_t i = 0; i < g->ntasks; i++) {
		assert(g->tasks[i].op != OP_ISSUE);
		add_task(&x, &g->tasks[i]);
	}
	add_works(g);
	free(x.at);
	free(g->tasks);
	free(g->waits);
	g->tasks = x.tasks;
	g->ntasks = x.ntasks;
	g->waits = x.waits;
	g->nwaits = x.nwaits;
}
