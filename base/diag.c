/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *status_name(enum status s)
{
	switch (s) {
	case STATUS_OK:		return "ok";
	case STATUS_IO:		return "io";
	case STATUS_USAGE:	return "usage";
	case STATUS_UNKNOWN:	return "unknown";
	case STATUS_INVALID:	return "invalid";
	case STATUS_INFEASIBLE:	return "infeasible";
	case STATUS_SOLVER:	return "solver";
	}
	return "not a status";
}

/* A message is one line whatever names and texts it quotes. */
static void one_line(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

enum status diag_fail(struct diag *d, enum status s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->text, sizeof d->text, fmt, ap);
	va_end(ap);
	one_line(d->text);
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
	snprintf(d->text + len, sizeof d->text - len, ": %s", rest);
	one_line(d->text);
	return s;
}
