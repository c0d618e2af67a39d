/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

void reproduce_html_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			putc(*text, out);
		}
}

void reproduce_html_cell(double value, enum quantity q, const char *class,
			 const char *key, FILE *out)
{
	char text[QUANTITY_SIZE], exact[QUANTITY_SIZE];

	if (isnan(value)) {
		fprintf(out, "<td class=\"%s none\">-</td>", class);
		return;
	}
	quantity_format(value, q, text);
	quantity_format_exact(value, exact);
	fprintf(out, "<td class=\"%s\" data-v=\"%s=%s\">%s</td>", class, key,
		exact, text);
}

void reproduce_html_element(const char *tag, const char *class,
			    const char *text, FILE *out)
{
	fprintf(out, "<%s class=\"%s\">", tag, class);
	reproduce_html_text(text, out);
	fprintf(out, "</%s>", tag);
}

enum status reproduce_html_svg(const char *path, size_t id, FILE *out,
			       struct diag *d)
{
	static const char *const before[] = { " id=\"", " id='", "url(#",
		"href=\"#", "href='#" };
	const char *at;
	char *text;
	enum status s = file_read(path, &text, d);

	if (s != STATUS_OK)
		return s;
	at = strstr(text, "<svg");
	if (at == NULL) {
		free(text);
		return diag_fail(d, STATUS_INVALID, "%.200s: found no <svg",
				 path);
	}
	while (*at != '\0') {
		size_t i = 0;

		while (i < 5 && strncmp(at, before[i], strlen(before[i])) != 0)
			i++;
		if (i == 5) {
			putc(*at++, out);
			continue;
		}
		fprintf(out, "%sf%zu-", before[i], id);
		at += strlen(before[i]);
	}
	free(text);
	return STATUS_OK;
}
