/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/half.h"

#include <string.h>

/* fp16: 1 sign, 5 exponent (bias 15), 10 fraction; fp32: 1, 8 (127), 23. */

static float from_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

float half_to_float(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16;
	uint32_t exponent = (h >> 10) & 0x1f, fraction = h & 0x3ff;

	if (exponent == 0x1f)
		return from_bits(sign | 0x7f800000 | fraction << 13);
	if (exponent == 0) {
		float tiny = (float)fraction * 0x1p-24f;

		return sign ? -tiny : tiny;
	}
	return from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

/* `x` / 2^`shift`, to the nearest, ties to even. */
static uint32_t shift_rounded(uint32_t x, unsigned shift)
{
	uint32_t half = 1u << (shift - 1), rest = x & (2 * half - 1);
	uint32_t whole = x >> shift;

	return whole + (rest > half || (rest == half && (whole & 1)));
}

uint16_t half_from_float(float x)
{
	uint32_t bits, sign, magnitude, exponent;

	memcpy(&bits, &x, sizeof bits);
	sign = bits >> 16 & 0x8000;
	magnitude = bits & 0x7fffffff;
	exponent = magnitude >> 23;
	if (magnitude > 0x7f800000)		/* NaN */
		return (uint16_t)(sign | 0x7e00);
	if (magnitude >= 0x477ff000)		/* rounds to 65536 or more */
		return (uint16_t)(sign | 0x7c00);
	if (exponent < 127 - 24 - 1)		/* under half the smallest */
		return (uint16_t)sign;
	if (exponent < 127 - 14)		/* subnormal in fp16 */
		return (uint16_t)(sign | shift_rounded(
			(magnitude & 0x7fffff) | 0x800000,
			13 + (127 - 14) - exponent));
	/* a fraction that rounds up to 1 carries into the exponent */
	return (uint16_t)(sign | shift_rounded(
		magnitude - ((uint32_t)(127 - 15) << 23), 13));
}
