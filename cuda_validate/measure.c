/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/measure.h"

#include <stdlib.h>

#include "base/xalloc.h"

void measure_clear(struct measure *m)
{
	free(m->steps_s);
	free(m->sm_mhz);
	free(m->power_w);
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
	size_t first = first_steady(m), last = m->steps - 1;
	double begin, end;

	if (!execute(r, w, t))
		return false;
	begin = first > 0 ? t->step_end_s[first - 1] : 0.0;
	end = t->step_end_s[last];
	m->timed_step_s = (end - begin) / (double)(m->steps - first);
	/* towards the end of the last there is nothing more to load ahead */
	if (last > first)
		end = t->step_end_s[last - 1];
	m->usage = usage_of(t->timeline, job, begin, end);
	return true;
}

/* Of each repeat. */
struct samples_of_runs {
	double *makespans_s, *issues_s;
};

static bool run_repeats(struct runtime *r, struct workspace *w,
			const struct measure_options *o,
			struct runtime_times *t, struct samples_of_runs *s,
			struct measure *m)
{
	const double *ends = t->step_end_s;

	for (size_t k = 0; k < o->repeat; k++) {
		double energy = sensors_energy_j(o->sensors);
		double start = timing_now_s();

		if (!execute(r, w, t))
			return false;
		m->sm_mhz[k] = sensors_sm_mhz(o->sensors);
		m->power_w[k] = (sensors_energy_j(o->sensors) - energy) /
				(timing_now_s() - start);
		s->makespans_s[k] = t->makespan_s;
		s->issues_s[k] = t->issue_s;
		for (size_t i = 0; i < m->steps; i++)
			m->steps_s[k * m->steps + i] =
				ends[i] - (i > 0 ? ends[i - 1] : 0.0);
	}
	summarise(m, s->makespans_s, s->issues_s);
	return true;
}

/* A neighbour on the host or its link may disturb some seconds. */
static bool is_disturbed(const struct measure *m, double within)
{
	return within > 0.0 &&
	       m->step.max_s - m->step.min_s > within * m->step.median_s;
}

bool measure_split(struct runtime *r, struct workspace *w, struct job *job,
		   size_t i, const struct measure_options *o,
		   struct timeline *timeline, struct measure *out)
{
	size_t steps = job_steps(job);
	struct runtime_times t = {
		.step_end_s = xcalloc(steps, sizeof *t.step_end_s) };
	struct samples_of_runs s = {
		.makespans_s = xcalloc(o->repeat, sizeof *s.makespans_s),
		.issues_s = xcalloc(o->repeat, sizeof *s.issues_s) };
	struct timeline own = { .n = 0 };
	struct measure m = { .split = job->splits[i], .steps = steps,
			     .repeat = o->repeat };
	bool ok = true;

	job_use_split(job, i);
	m.split_first = job_split(job, job->first_step);
	m.split_last = job_split(job, job->end_step - 1);
	m.steps_s = xcalloc(o->repeat * steps, sizeof *m.steps_s);
	m.sm_mhz = xcalloc(o->repeat, sizeof *m.sm_mhz);
	m.power_w = xcalloc(o->repeat, sizeof *m.power_w);
	for (size_t k = 0; k < o->warmup && ok; k++)
		ok = execute(r, w, &t);
	do {
		ok = ok && run_repeats(r, w, o, &t, &s, &m);
		m.attempts++;
	} while (ok && is_disturbed(&m, o->within) &&
		 m.attempts < MEASURE_MOST_ATTEMPTS);
	t.timeline = timeline != NULL ? timeline : &own;
	ok = ok && run_timed(r, w, job, &t, &m);
	if (ok)
		*out = m;
	else
		measure_clear(&m);
	timeline_clear(&own);
	free(t.step_end_s);
	free(s.makespans_s);
	free(s.issues_s);
	return ok;
}
