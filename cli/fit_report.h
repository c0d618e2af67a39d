/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fit_report.h - the answers of fit_budget.h on the screen. */
#ifndef CLI_FIT_REPORT_H
#define CLI_FIT_REPORT_H

#include "base/table.h"
#include "cli/fit_budget.h"

/** Print `f`, whose target some answer reaches, in that format. */
void fit_report_print(const struct fit_budget *f, const struct decode_case *c,
		      enum table_format format);

#endif
