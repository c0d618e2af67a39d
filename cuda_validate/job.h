/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * job.h - a plan file and what of it is to be run on the GPU.
 *
 * A plan says everything; a job may take fewer of the model's layers and a
 * few of the decode steps, and may replace the plan's prefetch depth and
 * split, so that one file serves a sweep.  What kvplan-gpu has no kernels
 * for is refused here, before anything starts.  A plan for several GPUs is run
 * on one, as each of them would.
 */
#ifndef CUDA_VALIDATE_JOB_H
#define CUDA_VALIDATE_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "model/llm.h"
#include "model/workload.h"
#include "schedule/graph.h"
#include "schedule/plan.h"

/* Which splits a policy that leaves the split open is run with. */
enum job_sweep {
	JOB_PLANNED,		/* the plan's own alone */
	JOB_RANGE,		/* from, from + by, ..., to */
	JOB_EVEN		/* the plan's own, then `count` of them from 0
				 * to the largest that the plan may use */
};

/* What the command line asks of all plans; plain data, 0 by default. */
struct job_options {
	size_t layers;		/* at most so many; 0: all of the model's */
	bool has_steps, has_prefetch;
	size_t first_step, steps;	/* if has_steps */
	size_t prefetch;		/* if has_prefetch */
	enum job_sweep sweep;
	size_t from, to, by;	/* of JOB_RANGE; by >= 1 */
	size_t count;		/* of JOB_EVEN, >= 2 */
};

/* The split that the plan has for each step, among others. */
#define JOB_OWN_SPLIT ((size_t)-1)

/* Plain data apart from what job_load() allocates. */
struct job {
	const char *path;	/* of the plan file, borrowed */
	struct llm model;	/* with as many layers as are run */
	size_t model_layers;	/* that the model has */
	struct workload workload;
	struct plan plan;	/* its splits are those in use */
	struct graph *graph;	/* of a step */
	size_t first_step, end_step;
	size_t *planned;	/* splits, as in the plan file */
	size_t *splits;		/* to be run one after another */
	size_t nsplits;
};

/**
 * Read the plan `path` and apply `o`.  STATUS_INVALID if the file is wrong
 * or asks for what cannot be run, STATUS_USAGE if `o` does not fit it.
 */
MUST_CHECK enum status job_load(const char *path, const struct job_options *o,
				struct job *out, struct diag *d);
void job_clear(struct job *j);

/** Let all steps use split `i` of the list. */
void job_use_split(struct job *j, size_t i);

/** Steps that are run. */
size_t job_steps(const struct job *j);

/**
 * Those steps may be run over and over, numbered on and on from first_step:
 * which of them step `step` >= first_step is.  What follows takes such numbers.
 */
size_t job_step(const struct job *j, size_t step);

/** Cached tokens, and the split in use, of step `step`. */
size_t job_cached(const struct job *j, size_t step);
size_t job_split(const struct job *j, size_t step);

/** Largest split of all that are to be run. */
size_t job_most_split(const struct job *j);

/** Whether `task` has nothing to do in step `step`. */
bool job_is_idle(const struct job *j, size_t task, size_t step);

/**
 * Layer of the model, from 0, that `task` belongs to: policies may count
 * attention and FFN, and what comes before and after, as layers of their own.
 */
size_t job_model_layer(const struct job *j, const struct task *task);

/** Number of the task's slot in all steps run, from 0. */
size_t job_slot(const struct job *j, const struct task *task, size_t step);

#endif
