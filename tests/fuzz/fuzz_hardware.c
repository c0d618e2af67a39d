/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/hardware.h"
#include "model/pageable.h"

static double figure(const struct hardware *hw, const struct figure *f)
{
	double value;

	memcpy(&value, (const char *)hw + f->offset, sizeof value);
	return value;
}

/* cJSON prints a number with as many digits as tell it to DBL_EPSILON. */
static bool is_same(double a, double b)
{
	return fabs(a - b) <= DBL_EPSILON * fabs(a);
}

/* Set every figure to what it is, and read all of them back the same. */
static void check_figures(const char *text, const struct hardware *hw)
{
	size_t n;
	const struct figure *f = hardware_fields(&n);
	char *copy = xstrdup(text), value[QUANTITY_SIZE];
	struct hardware again;
	struct diag d;

	for (size_t i = 0; i < n; i++) {
		double x = figure(hw, &f[i]);

		if (x == 0.0 && !f[i].required)
			continue;
		FUZZ_CHECK(x >= f[i].min && x <= f[i].max);
		quantity_format_exact(x, value);
		FUZZ_CHECK(hardware_set(&copy, f[i].path, value, &d) ==
			   STATUS_OK);
	}
	FUZZ_CHECK(hardware_parse(copy, &again, &d) == STATUS_OK);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(is_same(figure(hw, &f[i]), figure(&again, &f[i])));
	FUZZ_CHECK(strcmp(again.name, hw->name) == 0);
	hardware_clear(&again);
	if (pageable_use(&copy, &d) == STATUS_OK) {
		FUZZ_CHECK(hardware_parse(copy, &again, &d) == STATUS_OK &&
			   is_same(hw->h2d.pageable_bytes_per_s,
				   again.h2d.bytes_per_s));
		hardware_clear(&again);
	}
	free(copy);
}

bool fuzz_one(const char *text)
{
	static const struct table_column columns[4] = {
		{ "figure", "figure", QUANTITY_NUMBER },
		{ "value", "value", QUANTITY_NUMBER },
		{ "confidence", "confidence", QUANTITY_NUMBER },
		{ "source", "source", QUANTITY_NUMBER },
	};
	struct diag d = { "" };
	struct hardware hw;
	struct table *t;

	if (hardware_parse(text, &hw, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return false;
	}
	FUZZ_CHECK(hardware_gemm_flop_per_s(&hw) > 0.0);
	check_figures(text, &hw);
	t = table_new(columns, 4);
	hardware_describe(text, t);
	table_free(t);
	hardware_clear(&hw);
	return true;
}
