/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_tables.h - the tables and texts of the report. */
#ifndef REPRODUCE_HTML_TABLES_H
#define REPRODUCE_HTML_TABLES_H

#include <stdio.h>

#include "paper-repro/make.h"

/** A README: its paragraphs, without its heading. */
void reproduce_html_tables_prose(const char *text, FILE *out);

/** Study `study` of `r`: what is simulated, and a table for each metric. */
void reproduce_html_tables_study(const struct reproduction *r, size_t study,
			  FILE *out);

#endif
