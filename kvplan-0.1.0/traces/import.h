/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import.h - a timeline from a file, whatever wrote it. */
#ifndef TRACES_IMPORT_H
#define TRACES_IMPORT_H

#include "traces/trace.h"

/**
 * Read `path` ("-" is standard input) into `*out`, released with
 * trace_clear(): a timeline that kvplan or kvplan-gpu wrote, or a database that
 * Nsight Systems did.  STATUS_IO, or STATUS_INVALID as trace_parse() and
 * nsight_read() say, with the path before the message.
 */
MUST_CHECK enum status import_trace(const char *path, struct trace *out,
				    struct diag *d);

#endif
