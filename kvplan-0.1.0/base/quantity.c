/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	double factor;
	enum quantity quantity;
};

/* Units that are printed stand in falling order within a dimension. */
static const struct unit units[] = {
	{ "TB", 1e12, QUANTITY_BYTES },
	{ "GB", 1e9, QUANTITY_BYTES },
	{ "MB", 1e6, QUANTITY_BYTES },
	{ "kB", 1e3, QUANTITY_BYTES },
	{ "B", 1.0, QUANTITY_BYTES },
	{ "TB/s", 1e12, QUANTITY_BYTES_PER_S },
	{ "GB/s", 1e9, QUANTITY_BYTES_PER_S },
	{ "MB/s", 1e6, QUANTITY_BYTES_PER_S },
	{ "kB/s", 1e3, QUANTITY_BYTES_PER_S },
	{ "B/s", 1.0, QUANTITY_BYTES_PER_S },
	{ "PFLOP", 1e15, QUANTITY_FLOP },
	{ "TFLOP", 1e12, QUANTITY_FLOP },
	{ "GFLOP", 1e9, QUANTITY_FLOP },
	{ "MFLOP", 1e6, QUANTITY_FLOP },
	{ "FLOP", 1.0, QUANTITY_FLOP },
	{ "PFLOP/s", 1e15, QUANTITY_FLOP_PER_S },
	{ "TFLOP/s", 1e12, QUANTITY_FLOP_PER_S },
	{ "GFLOP/s", 1e9, QUANTITY_FLOP_PER_S },
	{ "MFLOP/s", 1e6, QUANTITY_FLOP_PER_S },
	{ "FLOP/s", 1.0, QUANTITY_FLOP_PER_S },
	{ "s", 1.0, QUANTITY_SECONDS },
	{ "ms", 1e-3, QUANTITY_SECONDS },
	{ "us", 1e-6, QUANTITY_SECONDS },
	{ "ns", 1e-9, QUANTITY_SECONDS },
};

/* Units that are read but never chosen for printing. */
static const struct unit read_only_units[] = {
	{ "TiB", 0x1p40, QUANTITY_BYTES },
	{ "GiB", 0x1p30, QUANTITY_BYTES },
	{ "MiB", 0x1p20, QUANTITY_BYTES },
	{ "KiB", 0x1p10, QUANTITY_BYTES },
	{ "TiB/s", 0x1p40, QUANTITY_BYTES_PER_S },
	{ "GiB/s", 0x1p30, QUANTITY_BYTES_PER_S },
	{ "MiB/s", 0x1p20, QUANTITY_BYTES_PER_S },
	{ "KiB/s", 0x1p10, QUANTITY_BYTES_PER_S },
	{ "\xc2\xb5s", 1e-6, QUANTITY_SECONDS },	/* micro sign */
	{ "\xce\xbcs", 1e-6, QUANTITY_SECONDS },	/* Greek mu */
	{ "%", 1.0, QUANTITY_PERCENT },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct unit *find_unit(const struct unit *list, size_t n,
				    const char *name, enum quantity q)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].quantity == q && strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

const char *quantity_example(enum quantity q)
{
	switch (q) {
	case QUANTITY_NUMBER:		return "0.8";
	case QUANTITY_BYTES:		return "40 GB";
	case QUANTITY_BYTES_PER_S:	return "26 GB/s";
	case QUANTITY_FLOP:		return "2 GFLOP";
	case QUANTITY_FLOP_PER_S:	return "312 TFLOP/s";
	case QUANTITY_SECONDS:		return "3 us";
	case QUANTITY_PERCENT:		return "80 %";
	}
	return "";
}

enum status quantity_parse(const char *text, enum quantity q, double *out,
			   struct diag *d)
{
	const struct unit *u;
	double value, factor = 1.0;
	char *end;

	value = strtod(text, &end);
	if (end == text || !isfinite(value))
		goto bad;
	while (isspace((unsigned char)*end))
		end++;
	if (*end != '\0') {
		u = find_unit(units, COUNT(units), end, q);
		if (u == NULL)
			u = find_unit(read_only_units,
				      COUNT(read_only_units), end, q);
		if (u == NULL)
			goto bad;
		factor = u->factor;
	}
	if (!isfinite(value * factor))
		goto bad;
	*out = value * factor;
	return STATUS_OK;
bad:
	return diag_fail(d, STATUS_INVALID,
			 "found '%.60s', expected a number such as '%s'",
			 text, quantity_example(q));
}

/* Four significant digits; a number that has no more stays bare. */
static void format_number(double value, const char *unit,
			  char out[QUANTITY_SIZE])
{
	double size = fabs(value);
	char digits[32];
	size_t len;

	if (value == floor(value) && size < 1e15)
		snprintf(digits, sizeof digits, "%.0f", value);
	else if (size >= 9999.5 && size < 1e7)
		snprintf(digits, sizeof digits, "%.0f", value);
	else
		snprintf(digits, sizeof digits, "%.4g", value);
	if (strtod(digits, NULL) != value && size < 9999.5 && size >= 1e-4)
		snprintf(digits, sizeof digits, "%#.4g", value);
	len = strlen(digits);
	if (digits[len - 1] == '.')
		digits[len - 1] = '\0';
	snprintf(out, QUANTITY_SIZE, "%s%s", digits, unit);
}

void quantity_format(double value, enum quantity q, char out[QUANTITY_SIZE])
{
	char unit[16] = "";
	const struct unit *last = NULL;

	if (q == QUANTITY_PERCENT) {
		snprintf(out, QUANTITY_SIZE,
			 fabs(value) < 1e9 ? "%.1f %%" : "%.4g %%", value);
		return;
	}
	for (size_t i = 0; i < COUNT(units); i++) {
		if (units[i].quantity != q)
			continue;
		last = &units[i];
		/* 0.99995 prints as 1.000: choose the unit by what shows */
		if (fabs(value) >= 0.99995 * last->factor)
			break;
	}
	if (last != NULL)
		snprintf(unit, sizeof unit, " %s", last->name);
	format_number(last ? value / last->factor : value, unit, out);
}

void quantity_format_exact(double value, char out[QUANTITY_SIZE])
{
	snprintf(out, QUANTITY_SIZE, "%.15g", value);
	if (strtod(out, NULL) != value)
		snprintf(out, QUANTITY_SIZE, "%.17g", value);
}
