/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/wrap.h"

#include <string.h>

void wrap_print(const char *text, size_t width, FILE *out)
{
	size_t column = 0;

	while (*(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " ");

		if (column > 0 && column + 1 + len > width) {
			putc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column ? " " : "",
					  (int)len, text);
		text += len;
	}
	putc('\n', out);
}
