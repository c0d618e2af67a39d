/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/usage.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cuda_validate/timing.h"

static const struct work *work_of(const struct job *j, const struct slice *s)
{
	return &j->graph->works[j->graph->tasks[s->task].work];
}

static int starts_earlier(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

/* Share of the time of `s` that lies in [begin, end]. */
static double share_within(const struct slice *s, double begin_s,
			   double end_s)
{
	double from = fmax(s->start_s, begin_s), to = fmin(s->end_s, end_s);

	if (to <= from)
		return 0.0;
	return (to - from) / (s->end_s - s->start_s);
}

/* `s`, by their starts; `reached` is where each engine's union has come. */
static void add_engines(const struct slice *s, size_t n, const struct job *j,
			struct usage *u)
{
	double reached[ENGINE_COUNT];

	for (int e = 0; e < ENGINE_COUNT; e++)
		reached[e] = u->begin_s;
	for (size_t i = 0; i < n; i++) {
		const struct work *w = work_of(j, &s[i]);
		double from = fmax(s[i].start_s, reached[w->engine]);
		double to = fmin(s[i].end_s, u->end_s);

		if (to > from) {
			u->engine[w->engine].busy_s += to - from;
			reached[w->engine] = to;
		}
		u->engine[w->engine].bytes +=
			share_within(&s[i], u->begin_s, u->end_s) *
			work_bytes(w, (double)job_cached(j, s[i].step),
				   (double)job_split(j, s[i].step));
	}
}

static void add_op(const struct slice *s, size_t n, const struct job *j,
		   enum op op, double *times, struct usage_op *u)
{
	struct timing t;

	for (size_t i = 0; i < n; i++) {
		const struct work *w = work_of(j, &s[i]);
		double cached = (double)job_cached(j, s[i].step);
		double split = (double)job_split(j, s[i].step);

		if (j->graph->tasks[s[i].task].op != op)
			continue;
		times[u->tasks++] = s[i].end_s - s[i].start_s;
		u->busy_s += s[i].end_s - s[i].start_s;
		u->bytes += work_bytes(w, cached, split);
		u->flop += work_flop(w, cached, split);
	}
	if (u->tasks == 0)
		return;
	timing_summarise(times, u->tasks, &t);
	u->median_s = t.median_s;
}

struct usage usage_of(const struct timeline *t, const struct job *job,
		      double begin_s, double end_s)
{
	struct usage u = { .begin_s = begin_s, .end_s = end_s };
	struct slice *s = xcalloc(t->n + 1, sizeof *s);
	double *times = xcalloc(t->n + 1, sizeof *times);

	for (size_t i = 0; i < t->n; i++)
		s[i] = t->slices[i];
	qsort(s, t->n, sizeof *s, starts_earlier);
	add_engines(s, t->n, job, &u);
	for (int op = 0; op < OP_COUNT; op++)
		add_op(s, t->n, job, (enum op)op, times, &u.op[op]);
	free(s);
	free(times);
	return u;
}
