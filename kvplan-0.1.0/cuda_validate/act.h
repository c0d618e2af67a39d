/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * act.h - a task that is about to be issued: which, where, how large.
 */
#ifndef CUDA_VALIDATE_ACT_H
#define CUDA_VALIDATE_ACT_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/matmul.h"
#include "cuda_validate/workspace.h"

/* Plain data, filled by act_begin(). */
struct act {
	struct device *g;
	struct matmul *matmul;
	const struct workspace *w;
	const struct llm *m;
	const struct task *task;
	const struct work *work;
	struct CUstream_st *stream;
	size_t cached, split;
	size_t slot;			/* in all steps */
	size_t layer;			/* of the model */
	size_t cache;			/* which of all layers' and batches' */
	size_t b, h, q, k;		/* as in model/layer.h */
};

/** Task number `task` of the job of `w`, in step `step`, on `stream`. */
struct act act_begin(const struct workspace *w, struct matmul *matmul,
		     size_t task, size_t step, struct CUstream_st *stream);

/** Whether the cudaError_t `error` is a success, of this task's. */
bool act_ok(const struct act *a, unsigned error);

/** [B] that the task's work says. */
size_t act_bytes(const struct act *a);

/** The KV buffer on the GPU that its slot uses. */
char *act_kv(const struct act *a);

#endif
