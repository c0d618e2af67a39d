/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gain_report.h - measured gains (evaluate/gain.h) as tables and JSON. */
#ifndef CLI_GAIN_REPORT_H
#define CLI_GAIN_REPORT_H

#include <cjson/cJSON.h>

#include "evaluate/gain.h"

/** Print a row for each gain, then their ranges; nothing if there are none. */
void gain_report_print(const struct gains *g);

/** Add the arrays "gains" and "gain_ranges" to `o`. */
void gain_report_json(const struct gains *g, cJSON *o);

#endif
