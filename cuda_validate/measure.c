/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/measure.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

void measure_clear(struct measure *m)
{
	free(m->steps_s);
	*m = (struct measure){ .steps_s = NULL };
}

/* The steps that tell the steady state: all but the first, if there are. */
static size_t first_steady(const struct measure *m)
{
	return m->steps > 1 ? 1 : 0;
}

/* Mean of a lap, whose steps took `s`. */
static double mean_step(const struct measure *m, const double *s)
{
	size_t first = first_steady(m);
	double sum = 0.0;

	for (size_t k = first; k < m->steps; k++)
		sum += s[k];
	return sum / (double)(m->steps - first);
}

/* How long steps took, from when they ended. */
static void find_steps(const struct runtime_times *t, size_t n, double *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = t->step_end_s[i] -
			 (i > 0 ? t->step_end_s[i - 1] : t->lead_end_s);
}

static void summarise(struct measure *m)
{
	double *all = xcalloc(m->repeat, sizeof *all);

	/* a lap's mean: steps grow, laps should not differ */
	for (size_t i = 0; i < m->repeat; i++)
		all[i] = mean_step(m, m->steps_s + i * m->steps);
	timing_summarise(all, m->repeat, &m->step);
	free(all);
}

/* How many laps take as long as `o` asks for: those of a warm GPU. */
static bool find_lead(struct runtime *r, const struct measure_options *o,
		      struct runtime_times *t, struct measure *m)
{
	const struct runtime_laps laps = { .lead = 1, .timed = 1 };

	m->lead = o->warmup;
	if (!(o->settle_s > 0.0))
		return true;
	if (!runtime_execute(r, &laps, t))
		return false;
	m->lead = (size_t)fmax((double)o->warmup,
			       ceil(o->settle_s / (t->step_end_s[m->steps - 1] -
						   t->lead_end_s)));
	return true;
}

/* What the last lap's tasks say. */
static void use_tasks(const struct job *job, const struct runtime_times *t,
		      struct measure *m)
{
	const double *ends = t->step_end_s + m->repeat * m->steps;
	size_t first = first_steady(m), last = m->steps - 1;

	m->timed_step_s = mean_step(m, m->steps_s + m->repeat * m->steps);
	/* towards the end of the last there is nothing more to load ahead */
	m->usage = usage_of(t->timeline, job,
			    first > 0 ? ends[first - 1] : ends[-1],
			    last > first ? ends[last - 1] : ends[last]);
	timeline_rebase(t->timeline);
}

static bool run_laps(struct runtime *r, const struct job *job,
		     const struct measure_options *o,
		     struct runtime_times *t, struct measure *m)
{
	const struct runtime_laps laps = { .lead = m->lead,
					   .timed = o->repeat + 1,
					   .tasks = true };
	double energy = sensors_energy_j(o->sensors);
	double start = timing_now_s();

	timeline_clear(t->timeline);
	if (!runtime_execute(r, &laps, t))
		return false;
	m->power_w = (sensors_energy_j(o->sensors) - energy) /
		     (timing_now_s() - start);
	m->issue_s = t->issue_s /
		     (double)((laps.lead + laps.timed) * m->steps);
	find_steps(t, laps.timed * m->steps, m->steps_s);
	summarise(m);
	use_tasks(job, t, m);
	m->attempts++;
	return true;
}

/* A neighbour on the host or its link may disturb some seconds. */
static bool is_disturbed(const struct measure *m, double within)
{
	return within > 0.0 &&
	       m->step.max_s - m->step.min_s > within * m->step.median_s;
}

bool measure_split(struct runtime *r, struct job *job, size_t i,
		   const struct measure_options *o, struct timeline *timeline,
		   struct measure *out)
{
	size_t steps = job_steps(job), most = (o->repeat + 1) * steps;
	struct measure m = { .split = job->splits[i], .steps = steps,
			     .repeat = o->repeat,
			     .steps_s = xcalloc(most, sizeof *m.steps_s) };
	struct runtime_times t = {
		.step_end_s = xcalloc(most, sizeof *t.step_end_s),
		.timeline = timeline };
	bool ok;

	job_use_split(job, i);
	m.split_first = job_split(job, job->first_step);
	m.split_last = job_split(job, job->end_step - 1);
	ok = find_lead(r, o, &t, &m);
	do
		ok = ok && run_laps(r, job, o, &t, &m);
	while (ok && is_disturbed(&m, o->within) &&
	       m.attempts < MEASURE_MOST_ATTEMPTS);
	free(t.step_end_s);
	if (ok)
		*out = m;
	else
		measure_clear(&m);
	return ok;
}
