/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/measure.h"

#include <stdlib.h>

#include "base/xalloc.h"

void measure_clear(struct measure *m)
{
	free(m->steps_s);
	*m = (struct measure){ .steps_s = NULL };
}

static bool execute(struct runtime *r, struct workspace *w,
		    struct runtime_times *t)
{
	return workspace_restart(w) && runtime_execute(r, t);
}

/* The steps that tell the steady state: all but the first, if there are. */
static size_t first_steady(const struct measure *m)
{
	return m->steps > 1 ? 1 : 0;
}

static void summarise(struct measure *m, double *makespans, double *issues)
{
	size_t first = first_steady(m), n = 0;
	double *all = xcalloc(m->repeat * m->steps, sizeof *all);
	struct timing issue;

	/* a run's mean: steps grow, runs should not differ */
	for (size_t i = 0; i < m->repeat; i++) {
		double sum = 0.0;

		for (size_t k = first; k < m->steps; k++)
			sum += m->steps_s[i * m->steps + k];
		all[n++] = sum / (double)(m->steps - first);
	}
	timing_summarise(all, n, &m->step);
	timing_summarise(makespans, m->repeat, &m->makespan);
	timing_summarise(issues, m->repeat, &issue);
	m->issue_s = issue.median_s / (double)m->steps;
	free(all);
}

static bool run_timed(struct runtime *r, struct workspace *w,
		      const struct job *job, struct runtime_times *t,
		      struct measure *m)
{
	size_t first = first_steady(m);
	double begin, end;

	if (!execute(r, w, t))
		return false;
	begin = first > 0 ? t->step_end_s[first - 1] : 0.0;
	end = t->step_end_s[m->steps - 1];
	m->timed_step_s = (end - begin) / (double)(m->steps - first);
	m->usage = usage_of(t->timeline, job, begin, end);
	return true;
}

bool measure_split(struct runtime *r, struct workspace *w, struct job *job,
		   size_t i, const struct measure_options *o,
		   struct timeline *timeline, struct measure *out)
{
	size_t steps = job_steps(job);
	double *ends = xcalloc(steps, sizeof *ends);
	double *makespans = xcalloc(o->repeat, sizeof *makespans);
	double *issues = xcalloc(o->repeat, sizeof *issues);
	struct runtime_times t = { .step_end_s = ends };
	struct timeline own = { .n = 0 };
	struct measure m = { .split = job->splits[i], .steps = steps,
			     .repeat = o->repeat };
	bool ok = true;

	job_use_split(job, i);
	m.split_first = job_split(job, job->first_step);
	m.split_last = job_split(job, job->end_step - 1);
	m.steps_s = xcalloc(o->repeat * steps, sizeof *m.steps_s);
	for (size_t k = 0; k < o->warmup && ok; k++)
		ok = execute(r, w, &t);
	for (size_t k = 0; k < o->repeat && ok; k++) {
		ok = execute(r, w, &t);
		makespans[k] = t.makespan_s;
		issues[k] = t.issue_s;
		for (size_t s = 0; s < steps; s++)
			m.steps_s[k * steps + s] =
				ends[s] - (s > 0 ? ends[s - 1] : 0.0);
	}
	t.timeline = timeline != NULL ? timeline : &own;
	ok = ok && run_timed(r, w, job, &t, &m);
	if (ok) {
		summarise(&m, makespans, issues);
		*out = m;
	} else {
		measure_clear(&m);
	}
	timeline_clear(&own);
	free(ends);
	free(makespans);
	free(issues);
	return ok;
}
