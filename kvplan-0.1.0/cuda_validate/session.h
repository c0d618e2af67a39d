/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session.h - several jobs, one after another, on one GPU.
 *
 * The host's memory is allocated once for all.  What has been measured is
 * written after each job, so that a session which is cut short, or fails,
 * leaves what it has.
 */
#ifndef CUDA_VALIDATE_SESSION_H
#define CUDA_VALIDATE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "cuda_validate/measure.h"

struct session_options {
	struct measure_options measure;
	enum runtime_streams streams;
	double host_pool_bytes;		/* of pinned, and of pageable memory,
					 * at most; 0: half of the host's */
	size_t gpu;
	const char *output, *trace;	/* files to write, or NULL */
	bool progress;
};

/**
 * Run the `n` >= 1 `jobs` and write the files; print a table, unless the
 * output is standard output.  `made_by` is command_provenance()'s, borrowed.
 * STATUS_USAGE if a trace is asked for of more than one job and split.
 */
MUST_CHECK enum status session_run(const struct session_options *o,
				   struct job *jobs, size_t n,
				   const cJSON *made_by, struct diag *d);

#endif
