/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/run_check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <check.h>

#include "base/xalloc.h"
#include "schedule/bound.h"

static const struct work *work_of(const struct run_oracle *r, size_t task)
{
	return &r->graph->works[r->graph->tasks[task].work];
}

static void require(bool holds, const struct run_oracle *r,
		    const struct slice *s, const char *what)
{
	if (holds)
		return;
	ck_abort_msg("%s of layer %zu, step %zu, %.17g to %.17g: %s",
		     op_name(r->graph->tasks[s->task].op),
		     r->graph->tasks[s->task].layer, s->step, s->start_s,
		     s->end_s, what);
}

/*
 * One slice for each task that has something to do; they come in the order
 * of their ends.  `end_s` receives the ends of all tasks: where there is
 * nothing to do, the moment at which that could have been started.
 */
static void check_slices(const struct run_oracle *r, double *end_s)
{
	double last = 0.0;
	size_t busy = 0;

	for (size_t i = 0; i < run_oracle_at(r, 0, r->end_step); i++)
		end_s[i] = NAN;
	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];
		double *end = &end_s[run_oracle_at(r, s->task, s->step)];

		require(s->step >= r->first_step && s->step < r->end_step, r,
			s, "is of another step");
		require(isnan(*end), r, s, "runs twice");
		require(s->end_s >= last, r, s, "is out of order");
		require(s->start_s >= 0.0 && s->end_s >= s->start_s, r, s,
			"ends before it starts");
		*end = last = s->end_s;
	}
	for (size_t step = r->first_step; step < r->end_step; step++)
		for (size_t i = 0; i < r->graph->ntasks; i++) {
			double *end = &end_s[run_oracle_at(r, i, step)];

			busy += !run_oracle_is_empty(r, i, step);
			if (run_oracle_is_empty(r, i, step))
				*end = run_oracle_ready(r, i, step, end_s);
			if (isnan(*end))
				ck_abort_msg("task %zu of step %zu has not "
					     "run", i, step);
		}
	ck_assert_uint_eq(r->timeline.n, busy);
}

/*
 * A task starts the moment that it is ready and its engine free, not before
 * and not after; an engine takes them in the order of their being ready,
 * equals in the order of issue.  (The graph's waits and the order on each
 * stream are in `ready`.)
 */
static void check_starts(const struct run_oracle *r, const double *end_s)
{
	const struct slice *last[ENGINE_COUNT] = { NULL };
	double last_ready[ENGINE_COUNT] = { 0.0 };

	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i], *l;
		enum engine e = work_of(r, s->task)->engine;
		double t = run_oracle_ready(r, s->task, s->step, end_s);
		double before = last_ready[e];

		l = last[e];
		require(s->start_s >= t, r, s, "does not wait");
		require(l == NULL || s->start_s >= l->end_s, r, s,
			"shares its engine");
		require(s->start_s == fmax(t, l ? l->end_s : 0.0), r, s,
			"is late");
		require(t >= before, r, s, "is not first come");
		require(l == NULL || t > before || s->step > l->step ||
				(s->step == l->step && s->task > l->task),
			r, s, "is not in the order of issue");
		last[e] = s;
		last_ready[e] = t;
	}
}

/* Max-min fair share of a direction of rate `own` beside one of `other`. */
static double share(double own, double other, double duplex)
{
	if (duplex <= 0.0 || own + other <= duplex || own <= 0.5 * duplex)
		return own;
	return fmax(0.5 * duplex, duplex - other);
}

static struct run_copy copy_of(const struct run_oracle *r,
			       const struct slice *s)
{
	return run_oracle_copy(r, s->task, s->step);
}

static bool is_copy(const struct run_oracle *r, const struct slice *s)
{
	enum engine e = work_of(r, s->task)->engine;

	return e == ENGINE_H2D || e == ENGINE_D2H;
}

/* [B] that `s` moves: alone at its own rate, beside others at its share. */
static double moved_bytes(const struct run_oracle *r, const struct slice *s)
{
	struct run_copy c = copy_of(r, s);
	double from = s->start_s + c.latency_s, alone = s->end_s - from;
	double duplex = r->hw->duplex_bytes_per_s, moved = 0.0;

	for (size_t i = 0; duplex > 0.0 && i < r->timeline.n; i++) {
		const struct slice *o = &r->timeline.slices[i];
		struct run_copy other = copy_of(r, o);
		double both;

		if (!is_copy(r, o) || work_of(r, o->task)->engine ==
					      work_of(r, s->task)->engine)
			continue;
		both = fmin(s->end_s, o->end_s) -
		       fmax(from, o->start_s + other.latency_s);
		if (both <= 0.0)
			continue;
		moved += share(c.bytes_per_s, other.bytes_per_s, duplex) *
			 both;
		alone -= both;
	}
	return moved + c.bytes_per_s * alone;
}

/* A copy moves its bytes, no more and no less. */
static void check_copy(const struct run_oracle *r, const struct slice *s)
{
	struct run_copy c = copy_of(r, s);
	double moved = moved_bytes(r, s);
	/* every start and end in between is rounded */
	double rounding = c.bytes_per_s * (double)r->timeline.n *
			  DBL_EPSILON * s->end_s;

	require(fabs(moved - c.bytes) <=
			RUN_ORACLE_TOLERANCE * c.bytes + rounding,
		r, s, "does not move its bytes");
}

static void check_durations(const struct run_oracle *r)
{
	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];
		double expected = run_oracle_seconds(r, s->task, s->step);

		if (is_copy(r, s)) {
			check_copy(r, s);
			continue;
		}
		require(fabs(s->end_s - s->start_s - expected) <=
				RUN_ORACLE_TOLERANCE * expected +
					2.0 * DBL_EPSILON * s->end_s,
			r, s, "does not last as long as its work");
	}
}

static void add(struct run_usage *u, const struct run_oracle *r,
		const struct slice *s)
{
	const struct work *w = work_of(r, s->task);
	double cached = (double)(r->w->prompt + s->step);
	double split = (double)r->plan->split[s->step];

	u->busy_s += s->end_s - s->start_s;
	u->bytes += work_bytes(w, cached, split);
	u->flop += work_flop(w, cached, split);
	u->tasks++;
}

/* Sums of differences of times, each rounded to the clock's precision. */
static bool same_time(const struct run_oracle *r, double a, double b)
{
	double rounding = (double)(r->timeline.n + 1) * DBL_EPSILON *
			  r->result.makespan_s;

	return fabs(a - b) <= RUN_ORACLE_TOLERANCE * b + rounding;
}

static void check_usage(const struct run_oracle *r,
			const struct run_usage *found,
			const struct run_usage *expected, const char *name)
{
	if (same_time(r, found->busy_s, expected->busy_s) &&
	    run_oracle_close(found->bytes, expected->bytes) &&
	    run_oracle_close(found->flop, expected->flop) &&
	    found->tasks == expected->tasks)
		return;
	ck_abort_msg("%s: busy %.17g s, %.17g B, %.17g FLOP, %zu tasks, "
		     "expected %.17g, %.17g, %.17g, %zu", name,
		     found->busy_s, found->bytes, found->flop, found->tasks,
		     expected->busy_s, expected->bytes, expected->flop,
		     expected->tasks);
}

/* [s] that each engine's work takes alone, over the steps of the run. */
static void add_bounds(const struct run_oracle *r, double bound[ENGINE_COUNT])
{
	double step_bound[ENGINE_COUNT];

	for (int e = 0; e < ENGINE_COUNT; e++)
		bound[e] = 0.0;
	for (size_t i = r->first_step; i < r->end_step; i++) {
		bound_engines(r->graph, r->hw, (double)(r->w->prompt + i),
			      (double)r->plan->split[i], step_bound);
		for (int e = 0; e < ENGINE_COUNT; e++)
			bound[e] += step_bound[e];
	}
}

/* What the result says of engines and ops is what the slices add up to. */
static void check_accounts(const struct run_oracle *r)
{
	struct run_usage engine[ENGINE_COUNT] = { { 0 } };
	struct run_usage op[OP_COUNT] = { { 0 } };
	double last = 0.0, bound[ENGINE_COUNT];

	for (size_t i = 0; i < r->timeline.n; i++) {
		const struct slice *s = &r->timeline.slices[i];

		add(&engine[work_of(r, s->task)->engine], r, s);
		add(&op[r->graph->tasks[s->task].op], r, s);
		last = s->end_s;
	}
	ck_assert_msg(r->result.makespan_s == last,
		      "makespan %.17g, the last task ends at %.17g",
		      r->result.makespan_s, last);
	add_bounds(r, bound);
	for (int k = 0; k < OP_COUNT; k++)
		check_usage(r, &r->result.op[k], &op[k],
			    op_name((enum op)k));
	for (int e = 0; e < ENGINE_COUNT; e++) {
		double busy_s = r->result.engine[e].busy_s;

		check_usage(r, &r->result.engine[e], &engine[e],
			    engine_name((enum engine)e));
		ck_assert_double_le(busy_s, last * (1.0 + 1e-12));
		ck_assert_double_ge(last * (1.0 + 1e-12), bound[e]);
		/* only a duplex limit makes an engine busier than its work */
		ck_assert_msg(same_time(r, busy_s, bound[e]) ||
				      (r->hw->duplex_bytes_per_s > 0.0 &&
				       busy_s > bound[e]),
			      "%s busy %.17g s, bound %.17g s",
			      engine_name((enum engine)e), busy_s, bound[e]);
	}
}

static void check_step_ends(const struct run_oracle *r, const double *end_s)
{
	double before = 0.0;

	for (size_t step = 0; step < r->plan->steps; step++) {
		double last = -1.0;

		for (size_t i = 0; i < r->graph->ntasks; i++)
			if (step >= r->first_step && step < r->end_step &&
			    op_process(r->graph->tasks[i].op) ==
				    PROCESS_COMPUTE)
				last = end_s[run_oracle_at(r, i, step)];
		ck_assert_double_eq(r->step_end_s[step], last);
		if (last < 0.0)
			continue;	/* not run, or nothing computed */
		ck_assert_double_ge(last, before);
		before = last;
	}
}

struct run_oracle run_check_begin(const struct random_case *c,
				  const struct plan *plan, enum span span)
{
	return (struct run_oracle){
		.graph = plan->policy->build(&c->model, &c->w, plan, span),
		.w = &c->w, .plan = plan, .hw = &c->hw,
		.end_step = span == SPAN_PREFILL ? 1 : plan->steps,
	};
}

void run_check(struct run_oracle *r)
{
	struct diag d = { "" };
	double *end_s = xcalloc(run_oracle_at(r, 0, r->end_step) + 1,
				sizeof *end_s);
	struct run_options options = {
		.first_step = r->first_step, .end_step = r->end_step,
		.timeline = &r->timeline,
	};
	enum status s;

	r->timeline = (struct timeline){ .n = 0 };
	r->step_end_s = xcalloc(r->plan->steps + 1, sizeof(double));
	for (size_t i = 0; i < r->plan->steps; i++)
		r->step_end_s[i] = -1.0;
	options.step_end_s = r->step_end_s;
	s = run_graph(r->graph, r->w, r->plan, r->hw, &options, &r->result,
		      &d);
	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	check_slices(r, end_s);
	check_starts(r, end_s);
	check_durations(r);
	check_accounts(r);
	check_step_ends(r, end_s);
	free(end_s);
}

void run_check_clear(struct run_oracle *r)
{
	timeline_clear(&r->timeline);
	free(r->step_end_s);
	r->step_end_s = NULL;
}

void run_check_end(struct run_oracle *r)
{
	run_check_clear(r);
	graph_free((struct graph *)r->graph);
}
