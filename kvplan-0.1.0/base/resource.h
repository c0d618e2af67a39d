/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resource.h - the data files that come with kvplan: profiles and plot
 * scripts, by their name in the source tree ("plots/split.gp").
 *
 * A name is looked for, in this order, in $KVPLAN_DATADIR, in ../share/kvplan
 * beside the running program's folder (an installation, wherever it was
 * moved), in the running program's folder (a built tree), in the data folder
 * given at configure time, and among the copies inside the program.
 */
#ifndef BASE_RESOURCE_H
#define BASE_RESOURCE_H

#include <stddef.h>

#include "base/diag.h"

/* A copy inside the program; the build generates the table. */
struct resource_copy {
	const char *name;
	const char *text;	/* NUL-terminated */
};

/** The copies inside the program; the last one's name is NULL. */
extern const struct resource_copy resource_copies[];

/**
 * Read the resource `name` into `*text`, which the caller frees.
 * STATUS_IO if it is nowhere.
 */
MUST_CHECK enum status resource_read(const char *name, char **text,
				     struct diag *d);

/**
 * Names below folder `dir` (such as "model/profiles/models") that end in
 * `suffix`, bare of both, sorted: files on disk and copies together.  The
 * caller frees the result with resource_names_free().
 */
char **resource_names(const char *dir, const char *suffix, size_t *n);

/** Release what resource_names() returned. */
void resource_names_free(char **names, size_t n);

#endif
