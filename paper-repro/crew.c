/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/crew.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "base/xalloc.h"
#include "evaluate/evaluate.h"

/* A case to simulate, and what came of that. */
struct job {
	struct reproduced *to;
	struct decode_case from;
	enum status status;
	struct diag d;
};

struct crew {
	struct job *jobs;
	size_t n, cap, next;
	pthread_mutex_t mutex;		/* of next */
};

struct crew *reproduce_crew_new(void)
{
	struct crew *c = xcalloc(1, sizeof *c);

	pthread_mutex_init(&c->mutex, NULL);
	return c;
}

void reproduce_crew_free(struct crew *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		case_clear(&c->jobs[i].from);
	pthread_mutex_destroy(&c->mutex);
	free(c->jobs);
	free(c);
}

void reproduce_crew_add(struct crew *c, struct reproduced *to,
			const struct decode_case *from)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		c->jobs = xrealloc_array(c->jobs, c->cap, sizeof *c->jobs);
	}
	c->jobs[c->n++] = (struct job){ .to = to, .from = *from };
}

static void read_metrics(struct reproduced *r, const struct decode_case *c,
			 const struct outcome *o, const struct timeline *t)
{
	size_t n;
	const struct metric *all = reproduce_metric_list(&n);

	for (size_t i = 0; i < n; i++)
		if (!all[i].relative && (!all[i].timeline || r->timeline))
			r->value[i] = all[i].of(c, o, t);
	snprintf(r->model, sizeof r->model, "%s", c->model.name);
	r->workload = c->workload;
	r->plan = o->plan;
	r->plan.split = xcalloc(o->plan.steps, sizeof *r->plan.split);
	memcpy(r->plan.split, o->plan.split,
	       o->plan.steps * sizeof *r->plan.split);
}

/* What does not fit, or a figure that is not stated, is a result. */
static enum status simulate(struct reproduced *r, const struct decode_case *c,
			    struct diag *d)
{
	struct timeline t = { 0 };
	struct outcome o = { .bound = ENGINE_H2D };
	enum status s = evaluate(c, c->policy, NULL,
				 r->timeline ? &t : NULL, &o, d);

	if (s == STATUS_OK) {
		read_metrics(r, c, &o, &t);
		r->done = true;
	} else if (s == STATUS_INFEASIBLE || s == STATUS_USAGE) {
		snprintf(r->why, sizeof r->why, "%.199s", d->text);
		s = STATUS_OK;
	}
	timeline_clear(&t);
	outcome_clear(&o);
	return s;
}

static void *work(void *context)
{
	struct crew *c = context;

	for (;;) {
		struct job *j;

		pthread_mutex_lock(&c->mutex);
		j = c->next < c->n ? &c->jobs[c->next++] : NULL;
		pthread_mutex_unlock(&c->mutex);
		if (j == NULL)
			return NULL;
		j->status = simulate(j->to, &j->from, &j->d);
		case_clear(&j->from);
	}
}

enum status reproduce_crew_run(struct crew *c, struct diag *d)
{
	size_t most = threads_processors(), begun = 0;
	pthread_t *threads = xcalloc(most, sizeof *threads);
	enum status s = STATUS_OK;

	while (begun + 1 < most && begun + 1 < c->n &&
	       pthread_create(&threads[begun], NULL, work, c) == 0)
		begun++;
	work(c);
	for (size_t i = 0; i < begun; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	for (size_t i = 0; i < c->n && s == STATUS_OK; i++)
		if (c->jobs[i].status != STATUS_OK) {
			s = STATUS_INVALID;
			*d = c->jobs[i].d;
			diag_prefix(d, s, "case %.160s", c->jobs[i].to->key);
		}
	c->n = c->next = 0;
	return s;
}
