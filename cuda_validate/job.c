/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "schedule/plan_file.h"
#include "schedule/policy.h"

/* Steps that are run where nothing else is said. */
enum { DEFAULT_STEPS = 4 };

static enum status check(const struct job *j, struct diag *d)
{
	const struct workload *w = &j->workload;
	const struct llm *m = &j->model;

	if (m->experts > 1)
		return diag_fail(d, STATUS_INVALID, "%.60s has experts, which "
				 "kvplan-gpu has no kernels for", m->name);
	if (element_is_quantised(w->weights) || element_is_quantised(w->kv) ||
	    element_is_quantised(w->activations))
		return diag_fail(d, STATUS_INVALID, "the workload has "
				 "elements of less than 16 bits, which "
				 "kvplan-gpu has no kernels for");
	if (m->head_dim % 16 != 0 || m->head_dim > 256)
		return diag_fail(d, STATUS_INVALID, "%.60s has heads of %zu, "
				 "expected a multiple of 16 up to 256",
				 m->name, m->head_dim);
	if (m->hidden % 8 != 0 || m->hidden > 16384 || m->ffn % 8 != 0 ||
	    m->vocab % 2 != 0)
		return diag_fail(d, STATUS_INVALID, "%.60s has widths that "
				 "kvplan-gpu has no kernels for", m->name);
	return STATUS_OK;
}

static enum status choose_steps(struct job *j, const struct job_options *o,
				struct diag *d)
{
	size_t steps = j->plan.steps, n;

	if (!o->has_steps) {
		n = steps < DEFAULT_STEPS ? steps : DEFAULT_STEPS;
		j->first_step = (steps - n) / 2;
		j->end_step = j->first_step + n;
		return STATUS_OK;
	}
	if (o->first_step >= steps || o->steps > steps - o->first_step)
		return diag_fail(d, STATUS_USAGE, "--steps: found %zu:%zu, "
				 "but the plan has %zu steps", o->first_step,
				 o->steps, steps);
	j->first_step = o->first_step;
	j->end_step = o->first_step + o->steps;
	return STATUS_OK;
}

static enum status choose_prefetch(struct job *j, const struct job_options *o,
				   struct diag *d)
{
	const struct policy *p = j->plan.policy;

	if (!o->has_prefetch)
		return STATUS_OK;
	if (p->rules[DECISION_PREFETCH].decider == DECIDED_BY_POLICY &&
	    (double)o->prefetch != j->plan.decision[DECISION_PREFETCH])
		return diag_fail(d, STATUS_USAGE, "--prefetch: found %zu, but "
				 "policy %s decides it", o->prefetch,
				 p->name);
	j->plan.decision[DECISION_PREFETCH] = (double)o->prefetch;
	return STATUS_OK;
}

static enum status choose_splits(struct job *j, const struct job_options *o,
				 struct diag *d)
{
	size_t limit = plan_split_limit(&j->plan, &j->workload,
					j->first_step);
	bool open = j->plan.policy->split == SPLIT_OPEN;
	size_t n = 0;

	j->planned = xcalloc(j->plan.steps, sizeof *j->planned);
	memcpy(j->planned, j->plan.split, j->plan.steps * sizeof *j->planned);
	if (o->sweep == JOB_RANGE && !open)
		return diag_fail(d, STATUS_USAGE, "policy %s decides the "
				 "split", j->plan.policy->name);
	if (o->sweep == JOB_RANGE && o->to > limit)
		return diag_fail(d, STATUS_USAGE, "split: found %zu, expected "
				 "at most %zu", o->to, limit);
	if (o->sweep == JOB_RANGE) {
		j->splits = xcalloc((o->to - o->from) / o->by + 1,
				    sizeof *j->splits);
		for (size_t l = o->from; l <= o->to; l += o->by)
			j->splits[n++] = l;
		j->nsplits = n;
		return STATUS_OK;
	}
	j->splits = xcalloc(o->count + 1, sizeof *j->splits);
	j->splits[n++] = JOB_OWN_SPLIT;
	for (size_t i = 0; o->sweep == JOB_EVEN && open && i < o->count; i++) {
		size_t l = limit * i / (o->count - 1);

		if (n == 1 || j->splits[n - 1] != l)
			j->splits[n++] = l;
	}
	j->nsplits = n;
	return STATUS_OK;
}

static enum status load(const char *path, struct job *j, struct diag *d)
{
	char *text, *hardware = NULL;
	enum status s = file_read(path, &text, d);

	if (s != STATUS_OK)
		return s;
	s = plan_file_parse(text, &j->model, &j->workload, &j->plan, &hardware,
			    d);
	free(hardware);
	free(text);
	if (s == STATUS_OK)
		s = check(j, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", file_source(path));
	return STATUS_OK;
}

enum status job_load(const char *path, const struct job_options *o,
		     struct job *out, struct diag *d)
{
	struct job j = { .path = path };
	enum status s = load(path, &j, d);
	bool loaded = s == STATUS_OK;

	j.model_layers = j.model.layers;
	if (o->layers > 0 && o->layers < j.model.layers)
		j.model.layers = o->layers;
	if (s == STATUS_OK)
		s = choose_steps(&j, o, d);
	if (s == STATUS_OK)
		s = choose_prefetch(&j, o, d);
	if (s == STATUS_OK)
		s = choose_splits(&j, o, d);
	if (s != STATUS_OK) {
		job_clear(&j);
		return loaded ? diag_prefix(d, s, "%s", file_source(path)) : s;
	}
	/* without tasks for issuing: the thread that issues is a real one */
	j.graph = j.plan.policy->build(&j.model, &j.workload, &j.plan,
				       SPAN_STEP);
	*out = j;
	return STATUS_OK;
}

void job_clear(struct job *j)
{
	graph_free(j->graph);
	plan_clear(&j->plan);
	free(j->planned);
	free(j->splits);
	*j = (struct job){ .path = NULL };
}

void job_use_split(struct job *j, size_t i)
{
	for (size_t k = 0; k < j->plan.steps; k++)
		j->plan.split[k] = j->splits[i] == JOB_OWN_SPLIT
					   ? j->planned[k] : j->splits[i];
}

size_t job_steps(const struct job *j)
{
	return j->end_step - j->first_step;
}

size_t job_step(const struct job *j, size_t step)
{
	return j->first_step + (step - j->first_step) % job_steps(j);
}

size_t job_cached(const struct job *j, size_t step)
{
	return workload_cached(&j->workload, job_step(j, step));
}

size_t job_split(const struct job *j, size_t step)
{
	return j->plan.split[job_step(j, step)];
}

size_t job_most_split(const struct job *j)
{
	size_t most = 0;

	for (size_t i = 0; i < j->nsplits; i++)
		if (j->splits[i] != JOB_OWN_SPLIT && j->splits[i] > most)
			most = j->splits[i];
	for (size_t k = j->first_step; k < j->end_step; k++)
		if (j->planned[k] > most)
			most = j->planned[k];
	return most;
}

bool job_is_idle(const struct job *j, size_t task, size_t step)
{
	const struct work *w = &j->graph->works[j->graph->tasks[task].work];

	return work_is_empty(w, (double)job_cached(j, step),
			     (double)job_split(j, step)) != 0;
}

size_t job_model_layer(const struct job *j, const struct task *task)
{
	size_t layers = j->model.layers, each, at;

	if (j->graph->layers == layers)
		return task->layer;
	/* one before the model's layers, one after, `each` for each */
	each = (j->graph->layers - 2) / layers;
	at = task->layer == 0 ? 0 : (task->layer - 1) / each;
	return at < layers ? at : layers - 1;
}

size_t job_slot(const struct job *j, const struct task *task, size_t step)
{
	return (step - j->first_step) * graph_slots(j->graph) +
	       task->layer * j->graph->batches + task->batch;
}
