/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place_report.h - what `kvplan place` prints. */
#ifndef CLI_PLACE_REPORT_H
#define CLI_PLACE_REPORT_H

#include "base/table.h"
#include "cli/place_case.h"
#include "lp/place.h"

/** Print the placement `r` of `c` to standard output. */
void place_report_print(const struct place_case *c,
			const struct place_result *r,
			enum table_format format);

#endif
