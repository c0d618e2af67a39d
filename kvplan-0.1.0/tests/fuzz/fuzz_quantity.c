/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"

/* Four digits, in whatever unit: 1 in 2000, or what prints as 0.0 %. */
static bool is_near(double a, double b, enum quantity q)
{
	double room = q == QUANTITY_PERCENT ? 0.0501 : 0.0;

	return fabs(a - b) <= 0.000501 * fabs(a) + room;
}

static bool try_kind(const char *text, enum quantity q)
{
	char exact[QUANTITY_SIZE], shown[QUANTITY_SIZE];
	struct diag d = { "" };
	double x = -2.385, y;

	if (quantity_parse(text, q, &x, &d) != STATUS_OK) {
		FUZZ_CHECK(x == -2.385 && d.text[0] != '\0');
		return false;
	}
	FUZZ_CHECK(isfinite(x));
	quantity_format_exact(x, exact);
	FUZZ_CHECK(strlen(exact) < QUANTITY_SIZE - 1);
	FUZZ_CHECK(quantity_parse(exact, q, &y, &d) == STATUS_OK && y == x);
	quantity_format(x, q, shown);
	FUZZ_CHECK(strlen(shown) < QUANTITY_SIZE - 1);
	FUZZ_CHECK(quantity_parse(shown, q, &y, &d) == STATUS_OK);
	FUZZ_CHECK(fabs(x) < 1e-300 || is_near(x, y, q));
	return true;
}

bool fuzz_one(const char *text)
{
	bool accepted = false;

	for (int q = QUANTITY_NUMBER; q <= QUANTITY_PERCENT; q++)
		accepted = try_kind(text, (enum quantity)q) || accepted;
	return accepted;
}
