/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digits.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 12, MOST_POWER = 27 };

/* All are exact in the 64 bits of a long double: 5^27 < 2^63. */
static const long double powers[MOST_POWER + 1] = {
	1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L,
	1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
	1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
};

static size_t by_printf(double value, char out[DIGITS_SIZE])
{
	return (size_t)snprintf(out, DIGITS_SIZE, "%.*g", DIGITS, value);
}

/* 10^power * value, rounded once. */
static long double scale(double value, int power)
{
	return power < 0 ? (long double)value / powers[-power]
			 : (long double)value * powers[power];
}

/*
 * The digits of `whole`, of DIGITS of them, the first for 10^exponent, without
 * zeros at the end.
 */
static size_t write_digits(uint64_t whole, int exponent, char *out)
{
	char digits[DIGITS];
	size_t n = DIGITS, length = 0;
	int point = exponent < 0 ? 0 : exponent + 1;

	for (size_t i = DIGITS; i-- > 0; whole /= 10)
		digits[i] = (char)('0' + whole % 10);
	while (digits[n - 1] == '0')
		n--;
	if (exponent < 0) {
		memcpy(out, "0.0000", 2 - (size_t)(exponent + 1));
		length = 2 - (size_t)(exponent + 1);
	}
	for (size_t i = 0; i < n || (int)i < point; i++) {
		if ((int)i == point && exponent >= 0)
			out[length++] = '.';
		out[length++] = i < n ? digits[i] : '0';
	}
	out[length] = '\0';
	return length;
}

/*
 * Twelve digits are whole below 10^12, so the one rounding of scale() leaves
 * 2^-24 of a unit unsure: what lies so close to half a unit is printf()'s, as
 * is what it writes with an exponent.
 */
size_t digits_format(double value, char out[DIGITS_SIZE])
{
	double size = fabs(value);
	size_t sign = signbit(value) ? 1 : 0;
	long double scaled, rest;
	uint64_t whole;
	int exponent;

	if (!(size >= 1e-4 && size < 1e12) || LDBL_MANT_DIG < 64)
		return by_printf(value, out);
	exponent = (int)floor(log10(size));
	scaled = scale(size, DIGITS - 1 - exponent);
	if (scaled >= powers[DIGITS])
		scaled = scale(size, DIGITS - 1 - ++exponent);
	else if (scaled < powers[DIGITS - 1])
		scaled = scale(size, DIGITS - 1 - --exponent);
	whole = (uint64_t)scaled;
	rest = scaled - (long double)whole;
	if (fabsl(rest - 0.5L) < 1e-6L)
		return by_printf(value, out);
	whole += rest > 0.5L;
	if (whole == (uint64_t)powers[DIGITS]) {
		whole /= 10;
		exponent++;
	}
	if (exponent < -4 || exponent >= DIGITS)
		return by_printf(value, out);
	if (sign > 0)
		out[0] = '-';
	return sign + write_digits(whole, exponent, out + sign);
}
