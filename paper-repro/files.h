/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.h - a reproduction as a folder of files. */
#ifndef REPRODUCE_FILES_H
#define REPRODUCE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "paper-repro/make.h"

/**
 * Make `folder` if it is not there, and see that files can be made in it and,
 * with `figures`, that gnuplot runs: before the simulation, which is long.
 */
MUST_CHECK enum status reproduce_files_check(const char *folder, bool figures,
					     struct diag *d);

/**
 * Write into `folder`, which reproduce_files_check() made: ITEM.csv and
 * ITEM.json of each of the `n` items, headlines.csv, joint.csv and
 * headlines.md, with `figures` each
 * figure as SVG and PDF, and at last report.html.  `bundle` may be NULL;
 * `ncases` were simulated.
 */
MUST_CHECK enum status reproduce_files_write(const char *folder, bool figures,
					     const struct reproduction *r,
					     size_t n,
					     const struct bundle *bundle,
					     size_t ncases, struct diag *d);

#endif
