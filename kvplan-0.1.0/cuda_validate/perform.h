/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * perform.h - what each task of a graph is on a real GPU.
 *
 * Copies have the bytes, and are as many, as the task's work says; kernels
 * are those of a decoder layer on the shapes that it says.  Numbers are
 * random and the results are not looked at: that recomputing and joining is
 * right is for check.h to prove, with the same kernels and the same layout.
 */
#ifndef CUDA_VALIDATE_PERFORM_H
#define CUDA_VALIDATE_PERFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "cuda_validate/host_work.h"
#include "cuda_validate/matmul.h"
#include "cuda_validate/workspace.h"

/* What tasks are issued with; plain data. */
struct perform {
	const struct workspace *w;
	struct matmul *matmul;
	struct host_work_queue *host;
};

/**
 * Issue task number `task` of the graph, which has something to do in step
 * `step` and is no barrier, on `stream`.
 */
bool perform_task(struct perform *p, size_t task, size_t step,
		  struct CUstream_st *stream);

#endif
