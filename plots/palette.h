/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * palette.h - the one table of what things look like in pictures: the same
 * policy, system or machine has the same look in all of them.
 *
 * The colours of the policies are those of Okabe and Ito, moved until they also
 * differ in lightness, for grey print, and a dark violet far from all of them.
 * What tests/test_palette.c holds of them, and of the machines' six: the
 * distance of any two is 20 or more in CIE 1976 L*a*b*, to normal sight as to
 * protanopes, deuteranopes and tritanopes (Machado, Oliveira and Fernandes
 * 2009, severity 1), and their L* differ by 6 or more.  Variants of one system
 * share its colour and differ in the pattern of their bars, and in dashes and
 * marks.
 */
#ifndef PLOTS_PALETTE_H
#define PLOTS_PALETTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* sRGB */
enum {
	PALETTE_BLUE = 0x0044AA,
	PALETTE_RED = 0xD75428,
	PALETTE_GREEN = 0x277A5B,
	PALETTE_PURPLE = 0xCE72B3,
	PALETTE_ORANGE = 0xF58A12,
	PALETTE_SKY = 0x4DC4FE,
	PALETTE_DARK = 0x3A3A3A,
	PALETTE_LIGHT = 0xCCCCCC,
	PALETTE_YELLOW = 0xFFE001,
	PALETTE_VIOLET = 0x4E065A
};

/* In gnuplot's numbers. */
struct palette_style {
	unsigned rgb;
	int pattern;			/* of a bar; PALETTE_SOLID: none */
	int dash;			/* of a line, 1 (solid) to 5 */
	int mark;			/* of its points; neither the circle
					 * nor the diamond, which are what was
					 * measured and what a paper states */
};

enum { PALETTE_SOLID = 3 };

struct palette_entry {
	const char *kind, *name;
	struct palette_style style;
};

/** All entries, `*n` of them. */
const struct palette_entry *palette_entries(size_t *n);

/**
 * The look of `name` of `kind` ("policy", "system", "bound", ...); where the
 * table has none, that of place `i` in a sequence of PALETTE_OTHERS.
 */
struct palette_style palette_style(const char *kind, const char *name,
				   size_t i);

enum { PALETTE_OTHERS = 8 };

/** How many of `kind` can be told apart: all in the table, or those of a
 * sequence. */
size_t palette_most(const char *kind);

/**
 * Write the arrays RGB, PATTERN, DASH and MARK of the `n` styles for gnuplot;
 * one entry of no meaning if there are none.
 */
void palette_write(const struct palette_style *styles, size_t n, FILE *out);

/**
 * Write a row of the datablock $key (plots/style.gp): `sample` is what is drawn
 * before `text`.
 */
void palette_write_key(const char *sample, struct palette_style style,
		       const char *text, FILE *out);

#endif
