/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chart.h - what pictures of a CSV file have in common: which columns, their
 * axes, their words.
 *
 * An axis has positions: of a number its size in the axis' unit, or the
 * logarithm of that to base 10 where the numbers rise by factors; of a text
 * its place among the texts.  The scripts draw positions and know neither
 * units nor scales.
 */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "cli/sheet.h"

/* What to draw, the columns NULL where they were not named. */
struct chart {
	struct sheet *sheet;		/* its header is read */
	const char *x, *y, *color;
};

enum { CHART_TITLE_SIZE = 96 };

/* The largest number that is drawn: gnuplot's own arithmetic has room left. */
#define CHART_MOST 1e100

struct chart_axis {
	size_t column;
	bool is_text, log;
	double scale;			/* from SI to the unit */
	char title[CHART_TITLE_SIZE];	/* with the unit */
	double *place;			/* distinct positions, rising */
	size_t n;			/* of them; at least 1 */
};

/**
 * Whether `column`, which `option` names, is one of numbers to draw:
 * STATUS_USAGE for texts, STATUS_INVALID if it is empty in every row or has a
 * number beyond CHART_MOST.
 */
MUST_CHECK enum status chart_check_numbers(const struct sheet *s,
					   size_t column, const char *option,
					   struct diag *d);

/**
 * The axis of `column` of `s`, whose rows are read; released with
 * chart_axis_clear().  STATUS_INVALID if no row has a value there, or one has
 * a number beyond CHART_MOST.
 */
MUST_CHECK enum status chart_axis_make(const struct sheet *s, size_t column,
				       struct chart_axis *out,
				       struct diag *d);

/** Release what `a` owns. */
void chart_axis_clear(struct chart_axis *a);

/** The position of `row`; NAN where it has no value. */
double chart_position(const struct sheet *s, const struct chart_axis *a,
		      size_t row);

/** The index of `position` among the axis' places, which has it. */
size_t chart_place(const struct chart_axis *a, double position);

/**
 * Write, for the axis `letter` ('x'), XTITLE, its ends as XLOW and XHIGH, which
 * lie beyond the places by these shares of what is between them, and "set xtics
 * (...)".
 */
void chart_write_axis(const struct sheet *s, const struct chart_axis *a,
		      char letter, double low_pad, double high_pad, FILE *out);

/**
 * "time per token [ms]": what the column `name`, the largest size of which
 * is `most`, is called; and the scale from SI to that unit.
 */
void chart_title(const char *name, double most, char text[CHART_TITLE_SIZE],
		 double *scale);

/** "time per token": the same without the unit. */
void chart_words(const char *name, char text[CHART_TITLE_SIZE]);

/** 1, 2 or 5 times a power of 10, so that at most `n` make `range`, > 0. */
double chart_step(double range, size_t n);

/** The largest size of a number in `column`; 0 if there is none. */
double chart_most(const struct sheet *s, size_t column);

/**
 * The first input that varies and is none of the `nused` columns `used`;
 * with `number` one of numbers.  STATUS_USAGE, naming `option`, if there is
 * none.
 */
MUST_CHECK enum status chart_input(const struct sheet *s, const char *option,
				   bool number, const size_t *used,
				   size_t nused, size_t *column,
				   struct diag *d);

/**
 * Why two rows are the same point of a picture that shows the columns `used`:
 * what else varies.  Returns STATUS_USAGE.
 */
enum status chart_ambiguous(const struct sheet *s, const size_t *used,
			    size_t nused, struct diag *d);

/** Write TITLE, and as SUBTITLE the rows that are shown. */
void chart_write_head(const struct sheet *s, const char *title, FILE *out);

#endif
