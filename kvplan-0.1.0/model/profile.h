/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile.h - finds the text of a model, hardware or offload profile.
 *
 * A name such as "opt-6.7b" means a profile that comes with kvplan
 * (base/resource.h says where it lies); anything with a '/' or ending in
 * ".json" is a path; "-" is standard input.
 */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include <stddef.h>

#include "base/diag.h"

enum profile_kind { PROFILE_MODEL, PROFILE_HARDWARE, PROFILE_OFFLOAD };

enum { PROFILE_NAME_SIZE = 64 };

/**
 * Read profile `name` into `*text`, which the caller frees.  STATUS_IO if
 * the file cannot be read; STATUS_UNKNOWN if there is no such profile,
 * with the list that has the name, or the nearest name.
 */
MUST_CHECK enum status profile_read(enum profile_kind kind, const char *name,
				    char **text, struct diag *d);

/** Names of all profiles of `kind`; release with resource_names_free(). */
char **profile_names(enum profile_kind kind, size_t *n);

/** What to call profile `name`: without its folders and ".json". */
void profile_bare_name(const char *name, char out[PROFILE_NAME_SIZE]);

#endif
