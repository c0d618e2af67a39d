/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * item.h - a table or figure of the paper, as data.
 *
 * paper-repro/index.json lists the items and holds the axes that they share;
 * paper-repro/ITEM/item.json is one (doc/FORMATS.md, "Items"), README.md
 * beside it its text.  Both are found as profiles are (base/resource.h).
 * Plain data; strings belong to the documents.
 */
#ifndef REPRODUCE_ITEM_H
#define REPRODUCE_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "paper-repro/index.h"
#include "paper-repro/study.h"

#define ITEM_SCHEMA "kvplan-item-1"

enum { ITEM_MOST_DEFINITIONS = 8, ITEM_MOST_X = 3, ITEM_MOST_PARTS = 8 };

/* What a study's metric looks like: bars over one axis or more, or lines. */
struct item_figure {
	const char *name, *title;
	size_t study, metric;
	bool lines;			/* else bars */
	bool log_x;			/* lines: of powers of 2 */
	bool own_scales;		/* panels share no y axis */
	size_t panel;			/* axes, STUDY_ANY: none */
	size_t series;
	size_t x[ITEM_MOST_X], nx;
	struct study_place place;	/* of the other axes */
	size_t headline;		/* whose numbers are lines across it, or
					 * STUDY_ANY */
};

/* One number of a headline: where it is read, in each definition. */
struct item_part {
	const char *title;
	struct study_place place;
	size_t metric[ITEM_MOST_DEFINITIONS];
	struct study_fact paper;
};

/*
 * A claim of the paper, held against every combination of the assumptions:
 * the axes of its study that no part fixes and that it does not take the
 * largest over.
 */
struct item_headline {
	const char *name, *title;
	const char *note;		/* in words, or NULL */
	const char *why;		/* it is missed, in words, or NULL */
	const char *inferred;		/* what of the model these numbers
					 * gave, so that they agree by
					 * construction; or NULL */
	const char *left_out;		/* of the joint set (joint.h): why;
					 * NULL: it is not */
	size_t study;
	const char *definitions[ITEM_MOST_DEFINITIONS];
	size_t ndefinitions;
	size_t nstated;			/* the first of them; the others
					 * redefine the number */
	bool own_axes;			/* its figure has one for each part */
	bool ordered;			/* the order of the parts is a claim */
	bool best_over[STUDY_MOST_AXES];
	struct item_part *parts;
	size_t nparts;
};

struct item {
	const char *name, *title;
	struct study *studies;
	size_t nstudies;
	struct item_figure *figures;
	size_t nfigures;
	struct item_headline *headlines;
	size_t nheadlines;
	const char **findings;		/* with places to fill in */
	size_t nfindings;
	const char *effect;		/* what was measured, with places; or
					 * NULL */
	char *text;			/* README.md */
	cJSON *doc;
};

/**
 * Read the item `name` of `x`, which must outlive `*out`.  STATUS_UNKNOWN,
 * with the nearest name, if there is none; STATUS_INVALID says which member
 * is wrong.  The caller releases `*out` with reproduce_item_clear().
 */
MUST_CHECK enum status reproduce_item_load(const struct item_index *x,
					   const char *name,
					   struct item *out, struct diag *d);

/** The same from `json`, an item's text. */
MUST_CHECK enum status reproduce_item_parse(const struct json *shared,
					    const char *name,
					    const char *json,
					    struct item *out,
					    struct diag *d);

/** Release what `item` owns. */
void reproduce_item_clear(struct item *item);

#endif
