/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "traces/chain.h"

/* A step of a trace: its events, and when it ended. */
struct window {
	size_t step;
	double begin_s, end_s;
	size_t last;		/* event with which it ends, or NONE */
	bool has_before;	/* the step before is in the trace */
};

#define NONE TRACE_NO_TASK

/* One trace while it is compared. */
struct side {
	const struct trace *t;
	struct chain *chain;
	const struct trace_event **tasks;	/* by step, then by task */
	struct window *windows;		/* by step */
	size_t nwindows, gpus;
	double *busy_until_s;		/* of each GPU's engines, in a window */
	size_t nengines;
	double scale;			/* 1 / (steps * GPUs) */
	enum { A = DIFF_A, B = DIFF_B } at;
	struct diff *out;
};

static int compare(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* The same task in any step. */
static int by_place(const struct trace_event *x, const struct trace_event *y)
{
	int order = compare(x->layer, y->layer);

	if (order == 0)
		order = compare(x->batch, y->batch);
	return order != 0 ? order : compare(x->op, y->op);
}

static int by_task(const struct trace_event *x, const struct trace_event *y)
{
	int order = compare(x->step, y->step);

	if (order == 0)
		order = compare(x->gpu, y->gpu);
	return order != 0 ? order : by_place(x, y);
}

static int sort_by_place(const void *a, const void *b)
{
	return by_place(*(const struct trace_event *const *)a,
			*(const struct trace_event *const *)b);
}

static int sort_by_task(const void *a, const void *b)
{
	const struct trace_event *x = *(const struct trace_event *const *)a;
	const struct trace_event *y = *(const struct trace_event *const *)b;
	int order = by_task(x, y);

	return order != 0 ? order : (x > y) - (x < y);
}

static const struct trace_event **sorted(const struct trace *t,
					 int (*order)(const void *,
						      const void *))
{
	const struct trace_event **all = xcalloc(t->n + 1, sizeof *all);

	for (size_t i = 0; i < t->n; i++)
		all[i] = &t->events[i];
	qsort(all, t->n, sizeof *all, order);
	return all;
}

/* Give `to`, which knows no waits, those of `from`, with its task numbers. */
static void borrow_waits(struct trace *to, const struct trace *from)
{
	const struct trace_event **all;

	if (to->waits != NULL || from->waits == NULL)
		return;
	all = sorted(from, sort_by_place);
	for (size_t i = 0; i < to->n; i++) {
		const struct trace_event *e = &to->events[i];
		const struct trace_event **found =
			bsearch(&e, all, from->n, sizeof *all, sort_by_place);

		to->events[i].task = found != NULL ? (*found)->task : NONE;
	}
	to->waits = xcalloc(from->nwaits + 1, sizeof *to->waits);
	memcpy(to->waits, from->waits, from->nwaits * sizeof *to->waits);
	to->nwaits = from->nwaits;
	free(all);
}

static bool knows_tasks(const struct trace *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->events[i].op == OP_COUNT)
			return false;
	return true;
}

/* ---- steps ---- */

static int by_step(const void *key, const void *element)
{
	const size_t *step = key;
	const struct window *w = element;

	return (*step > w->step) - (*step < w->step);
}

static struct window *window_of(const struct side *s, size_t step)
{
	return bsearch(&step, s->windows, s->nwindows, sizeof *s->windows,
		       by_step);
}

/* The last compute task to end, of events in the order of their starts. */
static void find_ends(struct side *s)
{
	const struct trace *t = s->t;

	for (size_t i = 0; i < t->n; i++) {
		struct window *w = window_of(s, t->events[i].step);

		if (trace_computes(&t->events[i]) &&
		    (w->last == NONE ||
		     t->events[i].end_s >= t->events[w->last].end_s))
			w->last = i;
	}
	for (size_t i = 0; i < s->nwindows; i++) {
		struct window *w = &s->windows[i], *before = NULL;

		if (w->step > 0)
			before = window_of(s, w->step - 1);
		w->has_before = before != NULL && before->last != NONE;
		w->begin_s = w->has_before ? t->events[before->last].end_s
					   : t->events[0].start_s;
		w->end_s = w->last == NONE ? w->begin_s
					   : t->events[w->last].end_s;
	}
}

static void find_steps(struct side *s)
{
	s->windows = xcalloc(s->t->n + 1, sizeof *s->windows);
	for (size_t i = 0; i < s->t->n; i++) {
		size_t step = s->tasks[i]->step;

		if (s->nwindows == 0 ||
		    s->windows[s->nwindows - 1].step != step)
			s->windows[s->nwindows++] = (struct window){
				.step = step, .last = NONE };
	}
	find_ends(s);
}

/* All of the trace, whatever its events are. */
static void take_whole(struct side *s)
{
	struct window *w = xcalloc(1, sizeof *w);

	*w = (struct window){ .begin_s = s->t->events[0].start_s };
	for (size_t i = 0; i < s->t->n; i++)
		if (s->t->events[i].end_s >=
		    s->t->events[w->last].end_s)
			w->last = i;
	w->end_s = s->t->events[w->last].end_s;
	s->windows = w;
	s->nwindows = 1;
}

/* Those that ran anything, whatever their numbers are. */
static void find_gpus(struct side *s)
{
	bool *ran;
	size_t n = 0;

	for (size_t i = 0; i < s->t->n; i++)
		if (s->t->events[i].gpu >= n)
			n = s->t->events[i].gpu + 1;
	ran = xcalloc(n + 1, sizeof *ran);
	for (size_t i = 0; i < s->t->n; i++)
		ran[s->t->events[i].gpu] = true;
	for (size_t i = 0; i < n; i++)
		s->gpus += ran[i];
	free(ran);
	s->nengines = n * ENGINE_COUNT;
	s->busy_until_s = xcalloc(s->nengines + 1, sizeof *s->busy_until_s);
	s->out->gpus[s->at] = s->gpus;
}

static void open_side(struct side *s, const struct trace *t, int at,
		      struct diff *out)
{
	*s = (struct side){ .t = t, .at = at == DIFF_A ? A : B, .out = out,
			    .chain = chain_new(t),
			    .tasks = sorted(t, sort_by_task) };
	find_gpus(s);
	if (out->by_task)
		find_steps(s);
	else
		take_whole(s);
}

static void close_side(struct side *s)
{
	chain_free(s->chain);
	free(s->tasks);
	free(s->windows);
	free(s->busy_until_s);
}

/* A task is one event, or one for each engine that it uses. */
static enum status check_once(const struct side *s, struct diag *d)
{
	for (size_t i = 1; i < s->t->n; i++) {
		const struct trace_event *e = s->tasks[i];

		for (size_t k = i; k-- > 0 && by_task(s->tasks[k], e) == 0;)
			if (s->tasks[k]->engine == e->engine)
				return diag_fail(d, STATUS_INVALID, "%c has "
						 "%s of GPU %zu, step %zu, "
						 "layer %zu, batch %zu twice, "
						 "expected each task once",
						 "AB"[s->at], op_name(e->op),
						 e->gpu, e->step, e->layer,
						 e->batch);
	}
	return STATUS_OK;
}

/* ---- one step ---- */

static void add_piece(void *context, const struct trace_event *e,
		      double wait_s, double run_s)
{
	struct side *s = context;
	struct diff_part *parts[] = {
		&s->out->engine[e->engine],
		s->out->by_task ? &s->out->op[e->op] : NULL };
	double scale = s->scale * (double)s->gpus;	/* one chain for all */

	for (size_t i = 0; i < 2 && parts[i] != NULL; i++) {
		parts[i]->run_s[s->at] += scale * run_s;
		parts[i]->wait_s[s->at] += scale * wait_s;
	}
}

static void count_task(struct side *s, const struct trace_event *e)
{
	struct diff_part *engine = &s->out->engine[e->engine];
	struct diff_part *op = &s->out->op[e->op];

	engine->tasks[s->at]++;
	if (!s->out->by_task)
		return;
	op->tasks[s->at]++;
	op->busy_s[s->at] += s->scale * (e->end_s - e->start_s);
}

/*
 * What of the window the engine of `e` was busy with it and with no event
 * before it: streams may overlap.  Events come by their starts.
 */
static void add_busy(struct side *s, const struct window *w,
		     const struct trace_event *e)
{
	double *until_s = &s->busy_until_s[e->gpu * ENGINE_COUNT + e->engine];
	double from_s = fmax(e->start_s, *until_s);
	double to_s = fmin(e->end_s, w->end_s);

	if (to_s <= from_s)
		return;
	s->out->engine[e->engine].busy_s[s->at] += s->scale * (to_s - from_s);
	*until_s = to_s;
}

/* The first of `s->tasks` of `step` or later. */
static size_t first_of_step(const struct side *s, size_t step)
{
	size_t low = 0, high = s->t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->tasks[middle]->step < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void note_only(struct side *s, const struct trace_event *e)
{
	s->out->op[e->op].only[s->at]++;
	s->out->engine[e->engine].only[s->at]++;
	if (s->out->only[s->at].op == OP_COUNT)
		s->out->only[s->at] = *e;
}

/* Tasks of `step` that only one side has; both lists are in one order. */
static void match_step(struct side *a, struct side *b, size_t step)
{
	size_t i = first_of_step(a, step), k = first_of_step(b, step);
	size_t n = first_of_step(a, step + 1), m = first_of_step(b, step + 1);

	while (i < n || k < m) {
		int order = i == n ? 1 : k == m ? -1
			: by_task(a->tasks[i], b->tasks[k]);

		if (order < 0)
			note_only(a, a->tasks[i]);
		if (order > 0)
			note_only(b, b->tasks[k]);
		i += order <= 0;
		k += order >= 0;
	}
}

static void add_step(struct side *s, const struct window *w)
{
	size_t begin = 0, end = s->t->n;

	s->out->step_s[s->at] += s->scale * (double)s->gpus *
				 (w->end_s - w->begin_s);
	chain_walk(s->chain, w->last, w->begin_s, add_piece, s);
	for (size_t i = 0; i < s->nengines; i++)
		s->busy_until_s[i] = w->begin_s;
	for (size_t i = 0; i < s->t->n; i++)
		add_busy(s, w, &s->t->events[i]);
	if (s->out->by_task) {
		begin = first_of_step(s, w->step);
		end = first_of_step(s, w->step + 1);
	}
	for (size_t i = begin; i < end; i++)
		count_task(s, s->tasks[i]);
}

/* ---- which steps ---- */

static bool usable(const struct window *w)
{
	return w != NULL && w->last != NONE && w->begin_s <= w->end_s;
}

/* The window of B that goes with `w` of A, or NULL. */
static const struct window *partner(const struct side *b,
				    const struct window *w, bool asked_for)
{
	const struct window *v = window_of(b, w->step);

	if (!usable(w) || !usable(v) ||
	    (!asked_for && v->has_before != w->has_before))
		return NULL;
	return v;
}

static enum status no_steps(const struct side *a, const struct side *b,
			    size_t step, struct diag *d)
{
	size_t first[] = { a->windows[0].step, b->windows[0].step };
	size_t last[] = { a->windows[a->nwindows - 1].step,
			  b->windows[b->nwindows - 1].step };

	if (step != DIFF_ALL_STEPS)
		return diag_fail(d, STATUS_INVALID, "step %zu: expected one "
				 "that both have; A has %zu to %zu, B %zu to "
				 "%zu", step, first[0], last[0], first[1],
				 last[1]);
	return diag_fail(d, STATUS_INVALID, "A has steps %zu to %zu, B %zu "
			 "to %zu: expected one in both that follows another "
			 "in both, or in neither", first[0], last[0],
			 first[1], last[1]);
}

static enum status compare_steps(struct side *a, struct side *b, size_t step,
				 struct diff *out, struct diag *d)
{
	bool all = step == DIFF_ALL_STEPS || !out->by_task;

	for (size_t i = 0; i < a->nwindows; i++) {
		const struct window *w = &a->windows[i];

		if ((!all && w->step != step) || partner(b, w, !all) == NULL)
			continue;
		if (out->steps++ == 0)
			out->first_step = w->step;
		out->last_step = w->step;
	}
	if (out->steps == 0)
		return no_steps(a, b, step, d);
	a->scale = 1.0 / ((double)out->steps * (double)a->gpus);
	b->scale = 1.0 / ((double)out->steps * (double)b->gpus);
	for (size_t i = 0; i < a->nwindows; i++) {
		const struct window *w = &a->windows[i], *v;

		if ((!all && w->step != step) ||
		    (v = partner(b, w, !all)) == NULL)
			continue;
		add_step(a, w);
		add_step(b, v);
		if (out->by_task)
			match_step(a, b, w->step);
	}
	return STATUS_OK;
}

enum status diff_make(struct trace *a, struct trace *b, size_t step,
		      struct diff *out, struct diag *d)
{
	struct diff result = { .by_task = knows_tasks(a) && knows_tasks(b) };
	struct side sides[DIFF_SIDES];
	enum status s = STATUS_OK;

	result.only[DIFF_A].op = result.only[DIFF_B].op = OP_COUNT;
	borrow_waits(a, b);
	borrow_waits(b, a);
	open_side(&sides[DIFF_A], a, DIFF_A, &result);
	open_side(&sides[DIFF_B], b, DIFF_B, &result);
	for (int k = 0; k < DIFF_SIDES && s == STATUS_OK; k++)
		if (result.by_task)
			s = check_once(&sides[k], d);
	if (s == STATUS_OK)
		s = compare_steps(&sides[DIFF_A], &sides[DIFF_B], step,
				  &result, d);
	close_side(&sides[DIFF_A]);
	close_side(&sides[DIFF_B]);
	if (s == STATUS_OK)
		*out = result;
	return s;
}
