/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/runtime.h"

#include <stdio.h>
#include <stdlib.h>

#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>

#include "base/xalloc.h"
#include "cuda_validate/perform.h"
#include "cuda_validate/timing.h"

struct runtime {
	struct device *g;
	const struct job *job;
	struct perform perform;
	cudaStream_t streams[PROCESS_COUNT];	/* some may be unused */
	bool shared;		/* copies of a direction share a stream */
	size_t periods;		/* that an event must be kept for */
	bool *awaited;		/* of each task: by another stream */
	cudaEvent_t *done;	/* [task][period], where awaited */
	cudaEvent_t start;
	cudaEvent_t *step_end;	/* of the steps that are timed, and of the
				 * one before them */
	size_t step_ends;	/* that there are */
	cudaEvent_t *around;	/* [step][task][2]; NULL until needed */
	size_t last_compute;	/* task */
	size_t first_timed, first_shown, end;	/* steps: times, tasks' times,
						 * the last's and 1 */
	double waited_s;	/* at barriers */
};

static const struct task *task_of(const struct runtime *r, size_t task)
{
	return &r->job->graph->tasks[task];
}

static bool is_barrier(const struct runtime *r, size_t task)
{
	return task_of(r, task)->op == OP_BARRIER;
}

/* The stream of the process of `task`, as an index. */
static enum process stream_of(const struct runtime *r, size_t task)
{
	enum process p = op_process(task_of(r, task)->op);

	return r->shared ? graph_queue(p) : p;
}

/* Whether `wait` of `task` has to be issued: streams keep their own order,
 * and what follows a barrier is issued after it. */
static bool crosses(const struct runtime *r, size_t task,
		    const struct wait *wait)
{
	return !is_barrier(r, task) && !is_barrier(r, wait->task) &&
	       stream_of(r, task) != stream_of(r, wait->task);
}

static void find_awaited(struct runtime *r)
{
	const struct graph *g = r->job->graph;

	r->periods = 1;
	for (size_t i = 0; i < g->ntasks; i++) {
		if (op_process(g->tasks[i].op) == PROCESS_COMPUTE)
			r->last_compute = i;
		for (size_t k = 0; k < g->tasks[i].nwaits; k++) {
			const struct wait *w =
				&g->waits[g->tasks[i].first_wait + k];

			if (!crosses(r, i, w))
				continue;
			r->awaited[w->task] = true;
			if (w->lag + 1 > r->periods)
				r->periods = w->lag + 1;
		}
	}
}

/* An event that keeps no time, and so costs the least. */
static cudaEvent_t plain_event(struct device *g)
{
	cudaEvent_t e = NULL;

	(void)device_ok(g, cudaEventCreateWithFlags(&e,
						    cudaEventDisableTiming),
			"cudaEventCreateWithFlags");
	return e;
}

struct runtime *runtime_new(struct device *g, const struct job *job,
			    const struct workspace *w, struct matmul *matmul,
			    size_t threads, enum runtime_streams streams)
{
	struct runtime *r = xcalloc(1, sizeof *r);
	size_t n = job->graph->ntasks;

	r->g = g;
	r->job = job;
	r->shared = streams == RUNTIME_STREAM_ENGINE &&
		    job->graph->copies_in_order;
	r->perform = (struct perform){
		.w = w, .matmul = matmul,
		.host = host_work_new(g, threads) };
	r->awaited = xcalloc(n, sizeof *r->awaited);
	find_awaited(r);
	r->done = xcalloc(n * r->periods, sizeof *r->done);
	for (int p = 0; p < PROCESS_COUNT; p++)
		r->streams[p] = device_stream_new(g);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; r->awaited[i] && k < r->periods; k++)
			r->done[i * r->periods + k] = plain_event(g);
	r->start = device_event_new(g);
	if (device_failed(g)) {
		runtime_free(r);
		return NULL;
	}
	return r;
}

void runtime_free(struct runtime *r)
{
	size_t n, steps;

	if (r == NULL)
		return;
	n = r->job->graph->ntasks;
	steps = job_steps(r->job);
	for (size_t i = 0; i < n * r->periods; i++)
		device_event_free(r->done[i]);
	for (size_t i = 0; i < r->step_ends; i++)
		device_event_free(r->step_end[i]);
	for (size_t i = 0; r->around != NULL && i < 2 * n * steps; i++)
		device_event_free(r->around[i]);
	for (int p = 0; p < PROCESS_COUNT; p++)
		device_stream_free(r->streams[p]);
	device_event_free(r->start);
	host_work_free(r->perform.host);
	free(r->awaited);
	free(r->done);
	free(r->step_end);
	free(r->around);
	free(r);
}

static bool record(struct runtime *r, cudaEvent_t e, cudaStream_t stream)
{
	return device_ok(r->g, cudaEventRecord(e, stream), "cudaEventRecord");
}

static cudaEvent_t done(const struct runtime *r, size_t task, size_t step)
{
	return r->done[task * r->periods + step % r->periods];
}

/* Around a task: `end` 0 or 1. */
static cudaEvent_t *around(const struct runtime *r, size_t task, size_t step,
			   size_t end)
{
	size_t at = (step - r->first_shown) * r->job->graph->ntasks;

	return &r->around[2 * (at + task) + end];
}

static bool meet_barrier(struct runtime *r)
{
	double before = timing_now_s();
	bool ok = device_synchronise(r->g);

	r->waited_s += timing_now_s() - before;
	return ok;
}

static bool issue_waits(struct runtime *r, size_t task, size_t step,
			cudaStream_t stream)
{
	const struct graph *g = r->job->graph;
	const struct task *t = &g->tasks[task];

	for (size_t k = 0; k < t->nwaits; k++) {
		const struct wait *w = &g->waits[t->first_wait + k];

		if (!crosses(r, task, w) ||
		    step < r->job->first_step + w->lag)
			continue;
		if (!device_ok(r->g, cudaStreamWaitEvent(
				stream, done(r, w->task, step - w->lag), 0),
			       "cudaStreamWaitEvent"))
			return false;
	}
	return true;
}

/* For Nsight Systems, as traces/nsight.h reads it. */
static void begin_range(const struct runtime *r, size_t task, size_t step)
{
	const struct task *t = task_of(r, task);
	char name[96];

	snprintf(name, sizeof name, "%s step %zu layer %zu batch %zu",
		 op_name(t->op), job_step(r->job, step), t->layer, t->batch);
	nvtxRangePushA(name);
}

static bool issue(struct runtime *r, size_t task, size_t step)
{
	cudaStream_t stream = r->streams[stream_of(r, task)];
	bool idle = job_is_idle(r->job, task, step), ok;
	bool timed = step >= r->first_shown;

	if (is_barrier(r, task))
		return meet_barrier(r);
	ok = issue_waits(r, task, step, stream);
	if (ok && !idle && timed)
		ok = record(r, *around(r, task, step, 0), stream);
	if (timed)
		begin_range(r, task, step);
	if (ok && !idle)
		ok = perform_task(&r->perform, task, step, stream);
	if (timed)
		nvtxRangePop();
	if (ok && !idle && timed)
		ok = record(r, *around(r, task, step, 1), stream);
	if (ok && r->awaited[task])
		ok = record(r, done(r, task, step), stream);
	if (ok && task == r->last_compute && step + 1 >= r->first_timed)
		ok = record(r, r->step_end[step + 1 - r->first_timed],
			    stream);
	return ok;
}

/* Room for the events of as many steps. */
static bool make_step_ends(struct runtime *r)
{
	size_t n = r->end - r->first_timed + 1;

	r->step_end = xrealloc_array(r->step_end,
				     n > r->step_ends ? n : r->step_ends,
				     sizeof *r->step_end);
	while (r->step_ends < n && !device_failed(r->g))
		r->step_end[r->step_ends++] = device_event_new(r->g);
	return !device_failed(r->g);
}

static bool make_around(struct runtime *r)
{
	size_t n = 2 * r->job->graph->ntasks * job_steps(r->job);

	if (r->around != NULL)
		return true;
	r->around = xcalloc(n, sizeof *r->around);
	for (size_t i = 0; i < n && !device_failed(r->g); i++)
		r->around[i] = device_event_new(r->g);
	return !device_failed(r->g);
}

static bool since_start(struct runtime *r, cudaEvent_t e, double *s)
{
	float ms = 0.0f;
	bool ok = device_ok(r->g, cudaEventElapsedTime(&ms, r->start, e),
			    "cudaEventElapsedTime");

	*s = 1e-3 * (double)ms;
	return ok;
}

static int ends_earlier(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return (x->end_s > y->end_s) - (x->end_s < y->end_s);
}

static bool read_timeline(struct runtime *r, struct timeline *t)
{
	const struct job *j = r->job;

	for (size_t step = r->first_shown; step < r->end; step++)
		for (size_t i = 0; i < j->graph->ntasks; i++) {
			struct slice s = { .task = i,
					   .step = job_step(j, step) };

			if (is_barrier(r, i) || job_is_idle(j, i, step))
				continue;
			if (!since_start(r, *around(r, i, step, 0),
					 &s.start_s) ||
			    !since_start(r, *around(r, i, step, 1),
					 &s.end_s))
				return false;
			timeline_add(t, s);
		}
	qsort(t->slices, t->n, sizeof *t->slices, ends_earlier);
	return true;
}

static bool read_steps(struct runtime *r, struct runtime_times *t)
{
	bool ok = true;

	t->lead_end_s = 0.0;
	if (r->first_timed > r->job->first_step)
		ok = since_start(r, r->step_end[0], &t->lead_end_s);
	for (size_t i = 0; i < r->end - r->first_timed && ok; i++)
		ok = since_start(r, r->step_end[i + 1], &t->step_end_s[i]);
	return ok;
}

bool runtime_execute(struct runtime *r, const struct runtime_laps *laps,
		     struct runtime_times *t)
{
	const struct job *j = r->job;
	size_t steps = job_steps(j), n = j->graph->ntasks;
	double begin;
	bool ok;

	r->first_timed = j->first_step + laps->lead * steps;
	r->end = r->first_timed + laps->timed * steps;
	r->first_shown = laps->tasks ? r->end - steps : r->end;
	ok = make_step_ends(r) && (!laps->tasks || make_around(r)) &&
	     device_synchronise(r->g);
	host_work_clear(r->perform.host);
	r->waited_s = 0.0;
	begin = timing_now_s();
	ok = ok && record(r, r->start, r->streams[PROCESS_COMPUTE]);
	for (size_t step = j->first_step; step < r->end && ok; step++) {
		if (job_step(j, step) == j->first_step)
			ok = workspace_restart(r->perform.w,
					       r->streams[PROCESS_COMPUTE]);
		for (size_t i = 0; i < n && ok; i++)
			ok = issue(r, i, step);
	}
	t->issue_s = timing_now_s() - begin - r->waited_s;
	return ok && device_synchronise(r->g) && read_steps(r, t) &&
	       (!laps->tasks || read_timeline(r, t->timeline));
}
