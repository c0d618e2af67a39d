/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/act.h"

#include <math.h>

struct act act_begin(const struct workspace *w, struct matmul *matmul,
		     size_t task, size_t step, struct CUstream_st *stream)
{
	const struct job *j = w->job;
	const struct task *t = &j->graph->tasks[task];
	struct act a = {
		.g = w->g, .matmul = matmul, .w = w, .m = &j->model,
		.task = t, .work = &j->graph->works[t->work],
		.stream = stream, .cached = job_cached(j, step),
		.split = job_split(j, step), .slot = job_slot(j, t, step),
		.layer = job_model_layer(j, t),
		.b = j->workload.batch, .h = j->model.hidden,
		.q = llm_query_width(&j->model),
		.k = llm_kv_width(&j->model),
	};

	a.cache = a.layer * j->graph->batches + t->batch;
	return a;
}

bool act_ok(const struct act *a, unsigned error)
{
	return device_ok(a->g, error, op_name(a->task->op));
}

size_t act_bytes(const struct act *a)
{
	return (size_t)llround(amount_at(&a->work->bytes, (double)a->cached,
					 (double)a->split));
}

char *act_kv(const struct act *a)
{
	return workspace_piece(&a->w->kv, a->slot);
}
