/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * band.h - a headline of the paper against every set of
 * assumptions.
 *
 * A set is one choice of each assumption, the definition of the number among
 * them.  Nothing is fitted: the band is what the sets give, the nearest set
 * the one whose largest distance over the headline's numbers is least.  A
 * number's distance is |value - paper| / |paper|, and 0 where it rounds to the
 * digits that the paper prints.
 */
#ifndef REPRODUCE_BAND_H
#define REPRODUCE_BAND_H

#include <stdbool.h>
#include <stddef.h>

#include "paper-repro/item.h"
#include "paper-repro/run.h"

struct band_range {
	double least, most;		/* NAN: no set */
	bool inside;			/* it holds the paper's number, as
					 * exactly as that is printed */
	bool wide;			/* and would hold nearly any: half of
					 * all shares, of another number more
					 * than itself */
};

struct band_part {
	double *value;			/* of each set; NAN: none */
	struct band_range all;		/* of all sets */
	struct band_range stated;	/* of those that depart from nothing
					 * that the paper says */
	double first;			/* of the base set: the first choices
					 * that give all numbers */
};

/* What an assumption does alone, all others as in the nearest stated set. */
struct band_effect {
	size_t axis;			/* STUDY_ANY: the definition */
	double *least, *most;		/* of each part, where nothing departs
					 * from what the paper says */
	double *far_least, *far_most;	/* where the choice does; NAN: none */
};

/*
 * Two neighbours that depart from nothing, in a continuous axis alone, with
 * the paper's numbers between them; and what crossing.h found there.
 */
struct band_crossing {
	size_t n;			/* such pairs */
	size_t low, high;		/* the nearest of them, sets */
	size_t axis;			/* the assumption that differs */
	double least, most;		/* its values that give all numbers,
					 * fitted; NAN: none was found */
};

struct band {
	const struct item_headline *headline;
	const struct study *study;
	size_t axes[STUDY_MOST_AXES];	/* the assumptions */
	size_t naxes;
	size_t nsets, nfull;		/* all; those that give all numbers */
	size_t nstated;			/* those that depart from nothing */
	size_t ngiving;			/* all numbers at once, as exactly as
					 * they are printed */
	size_t ngiving_stated;		/* of nstated */
	struct band_part *parts;
	size_t nearest;			/* for all numbers together, or
					 * STUDY_ANY */
	double distance;		/* its largest, relative */
	size_t nearest_stated;		/* of those that depart from nothing */
	double distance_stated;
	struct band_crossing crossing;	/* where no stated set gives all */
	size_t ncombinations;		/* of ngiving: continuous axes apart */
	size_t noutcomes;		/* of nfull: as printed */
	struct band_effect *effects;	/* naxes + 1 of them */
	size_t nordered;		/* of nfull: the numbers in the
					 * paper's order */
	size_t usual, nusual;		/* a set with the order that most have,
					 * and how many; STUDY_ANY: none */
};

/**
 * `h` over the results of its study; both must outlive `*out`, which
 * reproduce_band_clear() releases.
 */
void reproduce_band_make(const struct item_headline *h,
			 const struct study_results *r, struct band *out);

/** Release what `b` owns. */
void reproduce_band_clear(struct band *b);

/** The dimension that all numbers of `b` share. */
enum quantity reproduce_band_quantity(const struct band *b);

/** The title of the choice of assumption `i` (naxes: definition) in `set`. */
const char *reproduce_band_choice(const struct band *b, size_t set,
				  size_t i);

/** The name of that choice; not of a definition. */
const char *reproduce_band_choice_name(const struct band *b, size_t set,
				       size_t i);

/** The number of the choice of assumption `i` (naxes: definition). */
size_t reproduce_band_choice_of(const struct band *b, size_t set, size_t i);

/** Whether no choice of `set` departs from what the paper says. */
bool reproduce_band_is_stated(const struct band *b, size_t set);

/**
 * The largest |value - paper| / |paper| over the numbers of `set`, 0 for one
 * that rounds to the printed digits; NAN if one is missing.
 */
double reproduce_band_relative(const struct band *b, size_t set);

/** The largest |value - paper| of `set`, in the metric's unit, as above. */
double reproduce_band_off(const struct band *b, size_t set);

/** The parts of `b` in falling order of what `set` gives, or STUDY_ANY of
 * what the paper states, into `order`. */
void reproduce_band_order(const struct band *b, size_t set,
			  size_t order[ITEM_MOST_PARTS]);

/** How far [the metric's unit] `range` misses `part` of the paper: 0 inside. */
double reproduce_band_miss(const struct band *b, size_t part,
			   const struct band_range *range);

#endif
