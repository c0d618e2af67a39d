/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff_report.h - what two traces differ in: text, tables and JSON. */
#ifndef CLI_DIFF_REPORT_H
#define CLI_DIFF_REPORT_H

#include <cjson/cJSON.h>

#include "base/table.h"
#include "traces/diff.h"

/** Tables, and what it all comes to, on standard output. */
void diff_report_print(const struct diff *diff, const char *const titles[2]);

/** A row for each op, then for each engine, SI units; caller frees. */
struct table *diff_report_table(const struct diff *diff);

/** The same and the steps as an object; the caller deletes it. */
cJSON *diff_report_json(const struct diff *diff);

#endif
