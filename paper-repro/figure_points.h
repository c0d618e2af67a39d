/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * figure_points.h - what a figure shows: values, the paper's numbers, what was
 * measured, as datablocks for plots/panels.gp.
 */
#ifndef REPRODUCE_FIGURE_POINTS_H
#define REPRODUCE_FIGURE_POINTS_H

#include <stdio.h>

#include "paper-repro/item.h"
#include "paper-repro/run.h"

/* How many there are of what is marked beside the series. */
struct figure_marks {
	size_t paper[FACT_KINDS];	/* of each confidence */
	size_t claims, measured, none;
};

/** Choices of `axis`, and the one of `row`; of STUDY_ANY one, the first. */
size_t reproduce_figure_points_count(const struct study *s, size_t axis);
size_t reproduce_figure_points_choice(const struct study *s, size_t row,
			       size_t axis);

/**
 * Write the datablocks, values times `scale`; `number` has, for each choice of
 * the series' axis, its place from 1, or 0 if it is not drawn.
 */
void reproduce_figure_points_write(const struct item *item,
				   const struct item_figure *f,
				   const struct study_results *r,
				   const size_t *number, double scale,
				   struct figure_marks *marks, FILE *out);

#endif
