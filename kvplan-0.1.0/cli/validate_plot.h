/* SPDX-License-Identifier: GPL-3.0-or-later */
/* validate_plot.h - pictures of predictions against measured runs. */
#ifndef CLI_VALIDATE_PLOT_H
#define CLI_VALIDATE_PLOT_H

#include "base/diag.h"
#include "cli/validate.h"

/** Predicted over measured time of all runs (plots/validation.gp). */
MUST_CHECK enum status validate_plot_runs(const struct validation *v,
					  const char *path, struct diag *d);

/** Step time against split, of each sweep a panel (plots/sweeps.gp). */
MUST_CHECK enum status validate_plot_sweeps(const struct validation *v,
					    const char *path,
					    struct diag *d);

#endif
