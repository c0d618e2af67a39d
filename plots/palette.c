/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/palette.h"

#include <string.h>

#include "plots/gnuplot.h"

/* Marks: 4 and 5 square, 8 and 9 triangle, 10 and 11 the same upside down, 14
 * and 15 pentagon, open and filled; 1 plus, 2 cross. */
static const struct palette_entry entries[] = {
	{ "policy", "accelerate-sequential", { PALETTE_DARK, 3, 3, 4 } },
	{ "policy", "offloaded-cache", { PALETTE_LIGHT, 3, 5, 14 } },
	{ "policy", "zero-inference", { PALETTE_GREEN, 3, 4, 11 } },
	{ "policy", "flexgen", { PALETTE_ORANGE, 3, 2, 9 } },
	{ "policy", "load-all", { PALETTE_SKY, 3, 4, 8 } },
	{ "policy", "recompute-all", { PALETTE_YELLOW, 3, 1, 11 } },
	{ "policy", "cpu-attention", { PALETTE_PURPLE, 3, 5, 15 } },
	{ "policy", "kvpr-row", { PALETTE_BLUE, 3, 1, 5 } },
	{ "policy", "kvpr-column", { PALETTE_RED, 3, 2, 9 } },
	{ "policy", "kvpr-flexgen", { PALETTE_VIOLET, 3, 3, 8 } },
	/* systems of a report: policies, and variants of them */
	{ "system", "accelerate", { PALETTE_DARK, 3, 3, 4 } },
	{ "system", "offloaded", { PALETTE_LIGHT, 3, 5, 14 } },
	{ "system", "deepspeed", { PALETTE_GREEN, 3, 4, 11 } },
	{ "system", "flexgen", { PALETTE_ORANGE, 3, 2, 9 } },
	{ "system", "flexgen-4", { PALETTE_ORANGE, 1, 3, 8 } },
	{ "system", "load-all", { PALETTE_SKY, 3, 4, 8 } },
	{ "system", "fastdecode-204.8", { PALETTE_PURPLE, 3, 5, 15 } },
	{ "system", "fastdecode-61.3", { PALETTE_PURPLE, 4, 2, 14 } },
	{ "system", "fastdecode-12.3", { PALETTE_PURPLE, 1, 3, 1 } },
	{ "system", "kvpr", { PALETTE_BLUE, 3, 1, 5 } },
	{ "system", "kvpr-paper", { PALETTE_BLUE, 4, 2, 4 } },
	{ "system", "kvpr-row", { PALETTE_BLUE, 2, 3, 10 } },
	{ "system", "kvpr-flexgen", { PALETTE_VIOLET, 3, 3, 8 } },
	{ "system", "kvpr-flexgen-row", { PALETTE_VIOLET, 5, 5, 14 } },
	{ "system", "kvpr-0", { PALETTE_BLUE, 4, 2, 4 } },
	{ "system", "kvpr-1", { PALETTE_BLUE, 1, 4, 11 } },
	{ "system", "kvpr-4", { PALETTE_BLUE, 5, 4, 8 } },
	{ "system", "kvpr-4x", { PALETTE_BLUE, 6, 5, 9 } },
	/* the paper's programs */
	{ "form", "row", { PALETTE_BLUE, 3, 1, 5 } },
	{ "form", "column", { PALETTE_RED, 3, 2, 11 } },
	/* what binds */
	{ "bound", "h2d", { PALETTE_BLUE, 3, 1, 5 } },
	{ "bound", "d2h", { PALETTE_RED, 3, 2, 9 } },
	{ "bound", "sm", { PALETTE_ORANGE, 3, 2, 11 } },
	{ "bound", "cpu", { PALETTE_PURPLE, 3, 5, 15 } },
	{ "bound", "copy", { PALETTE_YELLOW, 3, 1, 10 } },
	{ "bound", "issue", { PALETTE_DARK, 3, 3, 4 } },
	{ "bound", "duplex", { PALETTE_SKY, 3, 4, 8 } },
	{ "bound", "memory", { PALETTE_GREEN, 3, 4, 14 } },
	/* two hues of ColorBrewer's BrBG, pale to dark */
	{ "machine", "nominal", { 0xDFC27D, 3, 1, 5 } },
	{ "machine", "link-26", { 0xA6611A, 3, 2, 9 } },
	{ "machine", "calibrated", { 0x543005, 3, 3, 11 } },
	{ "machine", "h100", { 0xC7EAE5, 3, 4, 4 } },
	{ "machine", "h200", { 0x5AB4AC, 3, 5, 8 } },
	{ "machine", "gh200", { 0x01665E, 3, 1, 15 } },
};

static const struct palette_style others[PALETTE_OTHERS] = {
	{ PALETTE_BLUE, 3, 1, 5 },   { PALETTE_ORANGE, 3, 2, 9 },
	{ PALETTE_GREEN, 3, 4, 11 }, { PALETTE_PURPLE, 3, 5, 15 },
	{ PALETTE_DARK, 3, 3, 4 },   { PALETTE_SKY, 3, 1, 8 },
	{ PALETTE_RED, 3, 2, 10 },   { PALETTE_LIGHT, 3, 3, 14 },
};

const struct palette_entry *palette_entries(size_t *n)
{
	*n = sizeof entries / sizeof entries[0];
	return entries;
}

struct palette_style palette_style(const char *kind, const char *name,
				   size_t i)
{
	for (size_t k = 0; k < sizeof entries / sizeof entries[0]; k++)
		if (strcmp(entries[k].kind, kind) == 0 &&
		    strcmp(entries[k].name, name) == 0)
			return entries[k].style;
	return others[i % PALETTE_OTHERS];
}

size_t palette_most(const char *kind)
{
	size_t n = 0;

	for (size_t k = 0; k < sizeof entries / sizeof entries[0]; k++)
		n += strcmp(entries[k].kind, kind) == 0;
	return n > PALETTE_OTHERS ? n : PALETTE_OTHERS;
}

void palette_write(const struct palette_style *styles, size_t n, FILE *out)
{
	size_t room = n > 0 ? n : 1;

	fprintf(out, "array RGB[%zu]\narray PATTERN[%zu]\narray DASH[%zu]\n"
		"array MARK[%zu]\n", room, room, room, room);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "RGB[%zu] = %u; PATTERN[%zu] = %d; DASH[%zu] = "
			"%d; MARK[%zu] = %d\n", i + 1, styles[i].rgb, i + 1,
			styles[i].pattern, i + 1, styles[i].dash, i + 1,
			styles[i].mark);
}

void palette_write_key(const char *sample, struct palette_style style,
		       const char *text, FILE *out)
{
	fprintf(out, "%s %u %d %d %d ", sample, style.rgb, style.pattern,
		style.dash, style.mark);
	gnuplot_write_word(text, out);
	putc('\n', out);
}
