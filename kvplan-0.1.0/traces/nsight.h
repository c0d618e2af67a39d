/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nsight.h - a trace out of an SQLite export of NVIDIA Nsight Systems.
 *
 * Read are the tables CUPTI_ACTIVITY_KIND_KERNEL (engine sm) and _MEMCPY
 * (copyKind 1: h2d, 2: d2h, 8: sm; the others are left out).  What was issued,
 * by CUPTI_ACTIVITY_KIND_RUNTIME, within a range of NVTX_EVENTS whose text is
 *
 *     OP step N layer N batch N
 *
 * belongs to that task, as one event from the first to the last of its engine;
 * then all that was issued outside of such ranges is left out.  Without such
 * ranges only the engines are known.  Columns are those of NVIDIA's SQLite
 * Export Schema Reference for Nsight Systems 2021.5.
 */
#ifndef TRACES_NSIGHT_H
#define TRACES_NSIGHT_H

#include "traces/trace.h"

/** Whether the file `path` can be read and begins as an SQLite database. */
bool nsight_is(const char *path);

/**
 * Read `path`; trace_clear() releases `*out`.  STATUS_INVALID if it is no such
 * export, or if kvplan was built without SQLite.
 */
MUST_CHECK enum status nsight_read(const char *path, struct trace *out,
				   struct diag *d);

#endif
