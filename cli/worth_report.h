/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worth_report.h - what figures are worth, on the screen. */
#ifndef CLI_WORTH_REPORT_H
#define CLI_WORTH_REPORT_H

#include <stdbool.h>

#include "base/table.h"
#include "evaluate/case.h"
#include "lp/worth.h"

struct worth_result {
	struct worth worth;
	double per_token;		/* times of a layer in a token's */
	double simulated_s;		/* [s] the same step, simulated */
	bool has_limits;		/* the split is open; then: */
	struct upgrade link, gpu;
	struct worth_limit link_limit, gpu_limit;
};

/** A row for each figure, SI units; the caller frees it. */
struct table *worth_report_table(const struct worth_result *r);

/** Print `r`, of `plan`, in that format. */
void worth_report_print(const struct decode_case *c, const struct plan *plan,
			const struct worth_result *r,
			enum table_format format);

#endif
