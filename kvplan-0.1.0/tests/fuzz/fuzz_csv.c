/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/csv.h"

/* Whatever it holds, rows are even, and lines only rise. */
bool fuzz_one(const char *text)
{
	FILE *in = fmemopen((void *)(text[0] ? text : "\n"),
			    text[0] ? strlen(text) : 1, "r");
	struct csv *c;
	struct diag d = { "" };
	size_t line = 0, fields = 0;
	enum status s;
	bool more = true;

	FUZZ_CHECK(in != NULL);
	c = csv_new(in);
	while ((s = csv_next(c, &more, &d)) == STATUS_OK && more) {
		FUZZ_CHECK(csv_line(c) > line);
		line = csv_line(c);
		FUZZ_CHECK(fields == 0 || csv_count(c) == fields);
		fields = csv_count(c);
		for (size_t i = 0; i < fields; i++)
			FUZZ_CHECK(strlen(csv_field(c, i)) <= strlen(text));
	}
	FUZZ_CHECK(s == STATUS_OK || d.text[0] != '\0');
	csv_free(c);
	fclose(in);
	return s == STATUS_OK;
}
