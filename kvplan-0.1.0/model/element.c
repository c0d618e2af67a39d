/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/element.h"

enum { GROUP = 64 };		/* elements that share a scale and a minimum */

const char *const element_names[ELEMENT_COUNT] = { "fp16", "int8", "int4" };

double element_bytes(enum element e)
{
	static const double bits[ELEMENT_COUNT] = { 16.0, 8.0, 4.0 };
	double shared = 2.0 * ELEMENT_COMPUTE_BYTES / GROUP;

	return bits[e] / 8.0 + (element_is_quantised(e) ? shared : 0.0);
}

bool element_is_quantised(enum element e)
{
	return e != ELEMENT_FP16;
}
