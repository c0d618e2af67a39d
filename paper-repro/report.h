/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.h - the report of a reproduction: one HTML file that loads nothing,
 * figures inside.
 */
#ifndef REPRODUCE_REPORT_H
#define REPRODUCE_REPORT_H

#include <stdio.h>

#include "paper-repro/make.h"

/**
 * Write the report of the `n` items to `out`.  Figures are read from
 * `folder`, where they were drawn; NULL: none.  `bundle` may be NULL;
 * `ncases` were simulated.  STATUS_IO if a figure cannot be read.
 */
MUST_CHECK enum status reproduce_report_write(const struct reproduction *r,
					      size_t n, const char *folder,
					      const struct bundle *bundle,
					      size_t ncases, FILE *out,
					      struct diag *d);

#endif
