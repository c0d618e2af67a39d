/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.h - what the report is written with: HTML, well-formed as XML. */
#ifndef REPRODUCE_HTML_H
#define REPRODUCE_HTML_H

#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/quantity.h"

/** `text` with what HTML reads as markup escaped. */
void reproduce_html_text(const char *text, FILE *out);

/** The element `tag` of class `class`, which may be "", with `text` in it. */
void reproduce_html_element(const char *tag, const char *class,
			    const char *text, FILE *out);

/**
 * A table's cell with `value` and its unit.  The exact value stands in it too,
 * as "KEY=VALUE" in data-v, for who reads the file by program: `key` is the
 * CSV file's name of the column, or "".
 */
void reproduce_html_cell(double value, enum quantity q, const char *class,
			 const char *key, FILE *out);

/**
 * The SVG file `path` as an element: what stands before it left out, and
 * its names made its own by the number `id`, as one page has many.
 */
MUST_CHECK enum status reproduce_html_svg(const char *path, size_t id,
					  FILE *out, struct diag *d);

#endif
