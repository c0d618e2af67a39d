/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/run_oracle.h"

#include <math.h>
#include <stdlib.h>

#include <check.h>

#include "base/xalloc.h"

bool run_oracle_close(double a, double b)
{
	return fabs(a - b) <= RUN_ORACLE_TOLERANCE * fmax(fabs(a), fabs(b));
}

static const struct work *work_of(const struct run_oracle *r, size_t task)
{
	return &r->graph->works[r->graph->tasks[task].work];
}

static double value(const struct run_oracle *r, const struct amount *a,
		    size_t step)
{
	return a->fixed + a->per_token * (double)(r->w->prompt + step) +
	       a->per_split * (double)r->plan->split[step];
}

struct run_copy run_oracle_copy(const struct run_oracle *r, size_t task,
				size_t step)
{
	const struct work *w = work_of(r, task);
	const struct hardware_direction *link =
		w->engine == ENGINE_H2D ? &r->hw->h2d : &r->hw->d2h;
	struct run_copy c = { .bytes = value(r, &w->bytes, step) };

	switch (w->engine) {
	case ENGINE_CPU:
		c.bytes_per_s = r->hw->host_attention_bytes_per_s;
		if (w->sharers > 1.0)
			c.bytes_per_s /= w->sharers;
		return c;
	case ENGINE_COPY:
		c.bytes_per_s = r->hw->host_copy_bytes_per_s;
		return c;
	default:
		break;
	}
	c.latency_s = w->launches * link->latency_s;
	c.bytes_per_s = w->pageable ? link->pageable_bytes_per_s
				    : link->bytes_per_s;
	return c;
}

bool run_oracle_is_empty(const struct run_oracle *r, size_t task,
			 size_t step)
{
	const struct work *w = work_of(r, task);
	double sum = value(r, &w->bytes, step) + value(r, &w->flop, step);

	for (size_t i = 0; i < w->ngemms; i++)
		sum += w->gemm[i].count * value(r, &w->gemm[i].m, step);
	return sum <= 0.0;
}

double run_oracle_seconds(const struct run_oracle *r, size_t task,
			  size_t step)
{
	const struct work *w = work_of(r, task);
	double flop_s = r->hw->flop_per_s * r->hw->gemm_derate;
	double hbm_s = r->hw->hbm_bytes_per_s * r->hw->hbm_derate;
	double bytes = value(r, &w->bytes, step), t;
	struct run_copy copy;

	if (run_oracle_is_empty(r, task, step))
		return 0.0;
	if (w->engine != ENGINE_SM) {
		copy = run_oracle_copy(r, task, step);
		return copy.latency_s + copy.bytes / copy.bytes_per_s;
	}
	t = (w->awaited ? r->hw->event_s : 0.0) +
	    w->launches * r->hw->launch_s +
	    fmax(value(r, &w->flop, step) / flop_s, bytes / hbm_s);
	for (size_t i = 0; i < w->ngemms; i++) {
		const struct gemm *g = &w->gemm[i];
		double m = value(r, &g->m, step);

		t += g->count *
		     fmax(2.0 * m * g->n * g->k / flop_s,
			  w->element_bytes *
				  (m * g->k + g->k * g->n + m * g->n) /
				  hbm_s);
	}
	return t;
}

size_t run_oracle_at(const struct run_oracle *r, size_t task, size_t step)
{
	return (step - r->first_step) * r->graph->ntasks + task;
}

static enum process stream_of(const struct run_oracle *r, size_t task)
{
	return op_process(r->graph->tasks[task].op);
}

/* When the task before `task` on its stream ends; 0 if there is none. */
static double stream_free(const struct run_oracle *r, size_t task,
			  size_t step, const double *end_s)
{
	size_t n = r->graph->ntasks, before = task;

	do {
		if (before == 0 && step == r->first_step)
			return 0.0;
		if (before == 0)
			step--;
		before = (before + n - 1) % n;
	} while (stream_of(r, before) != stream_of(r, task));
	return end_s[run_oracle_at(r, before, step)];
}

double run_oracle_ready(const struct run_oracle *r, size_t task, size_t step,
			const double *end_s)
{
	const struct graph *g = r->graph;
	const struct task *t = &g->tasks[task];
	double time = stream_free(r, task, step, end_s);

	for (size_t i = 0; i < t->nwaits; i++) {
		const struct wait *w = &g->waits[t->first_wait + i];
		double end;

		if (step < r->first_step + w->lag)
			continue;
		end = end_s[run_oracle_at(r, w->task, step - w->lag)];
		if (graph_hands_off(g, w->task, task))
			end += r->hw->handoff_s;
		if (isnan(end) || isnan(time))
			time = NAN;
		else
			time = fmax(time, end);
	}
	return time;
}

void run_oracle_longest_path(const struct run_oracle *r, double *end_s)
{
	double engine_free[ENGINE_COUNT] = { 0.0 };

	for (size_t step = r->first_step; step < r->end_step; step++)
		for (size_t i = 0; i < r->graph->ntasks; i++) {
			double *end = &end_s[run_oracle_at(r, i, step)];
			enum engine e = work_of(r, i)->engine;

			*end = run_oracle_ready(r, i, step, end_s);
			if (run_oracle_is_empty(r, i, step))
				continue;
			*end = fmax(*end, engine_free[e]) +
			       run_oracle_seconds(r, i, step);
			engine_free[e] = *end;
		}
}

/* The head of a stream, and when it could start. */
struct head {
	size_t task, step;
	double ready, start;
	bool empty;
};

static bool goes_first(const struct head *a, const struct head *b)
{
	/* what is empty takes no engine: it is out of the way at once */
	if (a->empty != b->empty)
		return a->empty;
	if (a->start != b->start)
		return a->start < b->start;
	if (a->ready != b->ready)
		return a->ready < b->ready;
	return a->step != b->step ? a->step < b->step : a->task < b->task;
}

/*
 * Move `h` on to the first task of `p`, in the order of issue, whose end is
 * not known.
 */
static bool find_head(const struct run_oracle *r, enum process p,
		      const double *end_s, struct head *h)
{
	for (; h->step < r->end_step; h->step++, h->task = 0)
		for (; h->task < r->graph->ntasks; h->task++)
			if (stream_of(r, h->task) == p &&
			    isnan(end_s[run_oracle_at(r, h->task, h->step)]))
				return true;
	return false;
}

/* When `h` could start, as far as is known: NAN if it is not. */
static void find_start(const struct run_oracle *r, const double *end_s,
		       const double *engine_free, struct head *h)
{
	h->empty = run_oracle_is_empty(r, h->task, h->step);
	h->ready = h->start = run_oracle_ready(r, h->task, h->step, end_s);
	if (!isnan(h->ready) && !h->empty)
		h->start = fmax(h->ready,
				engine_free[work_of(r, h->task)->engine]);
}

/*
 * Of the heads that are ready, the one that can start first starts: whatever
 * becomes ready later cannot start before it.
 */
void run_oracle_first_come(const struct run_oracle *r, double *end_s)
{
	size_t left = run_oracle_at(r, 0, r->end_step);
	double engine_free[ENGINE_COUNT] = { 0.0 };
	struct head heads[PROCESS_COUNT];

	for (size_t i = 0; i < left; i++)
		end_s[i] = NAN;
	for (int p = 0; p < PROCESS_COUNT; p++)
		heads[p] = (struct head){ .step = r->first_step };
	for (; left > 0; left--) {
		const struct head *first = NULL;
		double end;

		for (int p = 0; p < PROCESS_COUNT; p++) {
			struct head *h = &heads[p];

			if (!find_head(r, (enum process)p, end_s, h))
				continue;
			find_start(r, end_s, engine_free, h);
			if (!isnan(h->start) &&
			    (first == NULL || goes_first(h, first)))
				first = h;
		}
		if (first == NULL)
			ck_abort_msg("the graph is stuck");
		end = first->start +
		      run_oracle_seconds(r, first->task, first->step);
		end_s[run_oracle_at(r, first->task, first->step)] = end;
		if (!first->empty)
			engine_free[work_of(r, first->task)->engine] = end;
	}
}

void run_oracle_compare(const struct run_oracle *r,
			void (*ends)(const struct run_oracle *, double *))
{
	double *end_s = xcalloc(run_oracle_at(r, 0, r->end_step) + 1,
				sizeof *end_s);

	ends(r, end_s);
	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];
		double expected = end_s[run_oracle_at(r, s->task, s->step)];

		if (!run_oracle_close(s->end_s, expected))
			ck_abort_msg("%s of layer %zu, step %zu ends at "
				     "%.17g, expected %.17g",
				     op_name(r->graph->tasks[s->task].op),
				     r->graph->tasks[s->task].layer, s->step,
				     s->end_s, expected);
	}
	free(end_s);
}
