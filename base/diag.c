/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum status diag_usage(enum status s)
{
	return s == STATUS_INVALID ? STATUS_USAGE : s;
}

enum { LONGEST_PREFIX = 250 };

void diag_one_line(struct diag *d)
{
	text_clean(d->text);
}

enum status diag_fail(struct diag *d, enum status s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->text, sizeof d->text, fmt, ap);
	va_end(ap);
	diag_one_line(d);
	return s;
}

enum status diag_prefix(struct diag *d, enum status s, const char *fmt, ...)
{
	char rest[sizeof d->text];
	va_list ap;
	size_t len;

	memcpy(rest, d->text, sizeof rest);
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof d->text, fmt, ap);
	va_end(ap);
	len = strlen(d->text);
	if (len > LONGEST_PREFIX)	/* the reason matters more */
		len = LONGEST_PREFIX;
	snprintf(d->text + len, sizeof d->text - len, ": %s", rest);
	diag_one_line(d);
	return s;
}
