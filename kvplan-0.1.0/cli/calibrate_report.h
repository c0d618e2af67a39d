/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibrate_report.h - what `kvplan calibrate` prints and draws. */
#ifndef CLI_CALIBRATE_REPORT_H
#define CLI_CALIBRATE_REPORT_H

#include "base/diag.h"
#include "base/table.h"
#include "model/calibrate.h"

/** Print the rows of `r`, which were made from `text`, the samples. */
void calibrate_report_print(const struct calibrate_result *r,
			    const char *text, enum table_format format);

/**
 * Draw the points `s` and what the profile `r` makes of them into `path`
 * (plots/calibration.gp).
 */
MUST_CHECK enum status calibrate_report_draw(const struct calibrate_result *r,
					     const struct sampled *s,
					     const char *path,
					     struct diag *d);

#endif
