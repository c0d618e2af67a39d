/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * joint.h - one set of assumptions for all headlines at once.
 *
 * The axes that index.json names under "joint" are one assumption wherever
 * they occur: all headlines that have one make the same choice.  What else a
 * headline leaves open, such as a figure's batch, is its own.  A number's
 * distance is |value - paper| / |paper|, and 0 where it rounds to the digits
 * that the paper prints; a headline's is the largest of its numbers'.  The
 * joint set is the one whose largest distance over the headlines is least, and
 * of equals the one whose sum is.
 */
#ifndef REPRODUCE_JOINT_H
#define REPRODUCE_JOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "paper-repro/make.h"

enum { JOINT_MOST_CHOICES = 16 };

/* An assumption that headlines share. */
struct joint_axis {
	const char *name, *title;
	const char *choice[JOINT_MOST_CHOICES];	/* names */
	const char *words[JOINT_MOST_CHOICES];	/* titles */
	size_t n;
	size_t chosen;
};

/* A headline in the joint set. */
struct joint_member {
	const struct reproduction *of;
	const struct band *band;
	size_t set;			/* of the band's */
	double distance;
	double without;			/* the largest over the others, at
					 * best, with this one left out */
};

struct joint {
	struct joint_axis axes[STUDY_MOST_AXES];
	size_t naxes;
	struct joint_member *members;
	size_t n;
	double distance;		/* NAN: no set for all */
};

/**
 * Of the `n` items that `r` has, those headlines left out which say why
 * themselves; `stated`: of the sets alone that depart from nothing that the
 * paper says.  The caller releases `*out` with reproduce_joint_clear().
 */
void reproduce_joint_make(const struct reproduction *r, size_t n, bool stated,
			  struct joint *out);

/** Release what `j` owns. */
void reproduce_joint_clear(struct joint *j);

#endif
