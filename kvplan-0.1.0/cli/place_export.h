/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place_export.h - a placement for other programs (doc/FORMATS.md). */
#ifndef CLI_PLACE_EXPORT_H
#define CLI_PLACE_EXPORT_H

#include "cli/place_case.h"
#include "lp/place.h"

/** Print the placement `r` of `c` as one JSON object to standard output. */
void place_export_json(const struct place_case *c,
		       const struct place_result *r);

/** Print it as CSV: a header line and one row. */
void place_export_csv(const struct place_result *r);

#endif
