/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * figures.h - the figures of a profile, driven by a table.
 *
 * A profile is a JSON object: schema, name, title, kind, an optional note,
 * and figures in objects, each {value, source, confidence, note}
 * (doc/FORMATS.md).  A `struct figures` says which there are and where each
 * one's number goes; the parser, `show` and `--set` follow from it.  A second
 * kind of profile may have one member more, which whoever asks reads.
 */
#ifndef MODEL_FIGURES_H
#define MODEL_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/quantity.h"
#include "base/table.h"
#include "model/profile.h"

/* One figure, by its path in the JSON text. */
struct figure {
	const char *path;		/* "link.h2d.bytes_per_s" */
	const char *meaning;
	enum quantity quantity;
	size_t offset;			/* of a double in what holds them */
	bool required;			/* else 0 where it is left out */
	double min, max;		/* [SI] inclusive */
};

struct figures {
	const char *schema;		/* what "schema" must be */
	const char *kind;		/* what "kind" must be, */
	const char *other_kind;		/* or NULL; and a member that goes */
	const char *other_member;	/* with that one alone */
	const struct figure *fields;
	size_t n;
	size_t size;			/* of the struct that holds them */
	size_t name, title;		/* offsets there of texts of */
					/* PROFILE_NAME_SIZE and TITLE_SIZE */
};

enum { FIGURES_TITLE_SIZE = 128 };

/** Where the figure `f` stands in the struct `holder`. */
double *figures_value(void *holder, const struct figure *f);

/**
 * Parse the profile text `json` into the struct `out`; a figure that is left
 * out and not required is 0.  STATUS_INVALID, naming the path, if a figure is
 * missing, out of range, without source or confidence, or not in the table.
 */
MUST_CHECK enum status figures_parse(const char *json,
				     const struct figures *set, void *out,
				     struct diag *d);

/**
 * Set figure `path` in the profile text `*json` to a text such as "64 GB/s",
 * with "set by the user" as its source; `*json` is replaced.  STATUS_UNKNOWN
 * if there is no such figure, STATUS_INVALID if its value is out of range;
 * `*json` is then unchanged.
 */
MUST_CHECK enum status figures_set(char **json, const struct figures *set,
				   const char *path, const char *text,
				   struct diag *d);

/**
 * Add a row to `t` for each figure of the profile text `json`, which
 * figures_parse() accepts: path, value with unit, confidence, source.
 */
void figures_describe(const char *json, const struct figures *set,
		      struct table *t);

/**
 * Paths of the figures of the profile text `json`, which figures_parse()
 * accepts, that are only recalled or guessed, into `paths` (room for all);
 * returns how many.
 */
size_t figures_unsure(const char *json, const struct figures *set,
		      const char **paths);

#endif
