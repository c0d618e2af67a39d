/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chrome.h - timelines as Chrome trace JSON, which Perfetto opens.
 *
 * The Trace Event Format's JSON object form: a process for the host and one
 * for each GPU, in it a thread for each stream, a complete event ("X") for
 * each slice, a counter track ("C") for each link that is used, times in
 * microseconds.  doc/FORMATS.md, "timeline", lists the arguments.
 */
#ifndef TRACES_CHROME_H
#define TRACES_CHROME_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "model/workload.h"
#include "schedule/graph.h"
#include "schedule/plan.h"
#include "traces/timeline.h"

/**
 * Write `t`, of the graph `g` run by `plan`, to `out`; `about` (an object,
 * borrowed) becomes "otherData".  Errors stay in `out` for its owner.
 */
void chrome_write(const struct timeline *t, const struct graph *g,
		  const struct workload *w, const struct plan *plan,
		  const cJSON *about, FILE *out);

#endif
