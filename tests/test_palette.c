/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/bound.h"
#include "schedule/policy.h"
#include "tests/harness.h"

enum { SIGHTS = 4 };

/*
 * What dichromats see, of linear RGB: Machado, Oliveira and Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency",
 * IEEE TVCG 15(6), 2009, severity 1; before them, normal sight.
 */
static const double sights[SIGHTS][3][3] = {
	{ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
	{ { 0.152286, 1.052583, -0.204868 },
	  { 0.114503, 0.786281, 0.099216 },
	  { -0.003882, -0.048116, 1.051998 } },
	{ { 0.367322, 0.860646, -0.227968 },
	  { 0.280085, 0.672501, 0.047413 },
	  { -0.011820, 0.042940, 0.968881 } },
	{ { 1.255528, -0.076749, -0.178779 },
	  { -0.078411, 0.930809, 0.147602 },
	  { 0.004733, 0.691367, 0.303900 } },
};

/* CIE XYZ of linear sRGB, and that of its white: IEC 61966-2-1. */
static const double to_xyz[3][3] = {
	{ 0.4124564, 0.3575761, 0.1804375 },
	{ 0.2126729, 0.7151522, 0.0721750 },
	{ 0.0193339, 0.1191920, 0.9503041 },
};
static const double white[3] = { 0.95047, 1.0, 1.08883 };

static void multiply(const double m[3][3], const double v[3], double out[3])
{
	for (int i = 0; i < 3; i++)
		out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
}

struct lab {
	double l, a, b;
};

/* CIE 1976 L*a*b* of `rgb` as `sight` shows it. */
static struct lab lab_of(unsigned rgb, size_t sight)
{
	double linear[3], seen[3], xyz[3], f[3];

	for (int i = 0; i < 3; i++) {
		double c = ((rgb >> (16 - 8 * i)) & 255) / 255.0;

		linear[i] = c <= 0.04045 ? c / 12.92
					 : pow((c + 0.055) / 1.055, 2.4);
	}
	multiply(sights[sight], linear, seen);
	for (int i = 0; i < 3; i++)
		seen[i] = fmin(1.0, fmax(0.0, seen[i]));
	multiply(to_xyz, seen, xyz);
	for (int i = 0; i < 3; i++) {
		double t = xyz[i] / white[i];

		f[i] = t > 216.0 / 24389.0
			? cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
	}
	return (struct lab){ 116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]),
			     200.0 * (f[1] - f[2]) };
}

static double distance(struct lab p, struct lab q)
{
	return sqrt((p.l - q.l) * (p.l - q.l) + (p.a - q.a) * (p.a - q.a) +
		    (p.b - q.b) * (p.b - q.b));
}

/* What palette.h promises. */
static const double least_distance = 20.0, least_lightness = 6.0;

START_TEST(lab_is_that_of_known_colours)
{
	/* sRGB's blue and a middle grey, as Lindbloom's calculator has them */
	struct lab blue = lab_of(0x0000FF, 0), grey = lab_of(0x777777, 0);

	ck_assert_double_eq_tol(blue.l, 32.297, 1e-2);
	ck_assert_double_eq_tol(blue.a, 79.188, 1e-2);
	ck_assert_double_eq_tol(blue.b, -107.860, 1e-2);
	ck_assert_double_eq_tol(grey.l, 50.034, 1e-2);
	/* dichromats see greys as they are */
	for (size_t k = 0; k < SIGHTS; k++)
		ck_assert_double_le(distance(lab_of(0x777777, k), grey), 0.1);
	/* and cannot tell this red from this green */
	ck_assert_double_le(distance(lab_of(0xAA5500, 2),
				     lab_of(0x718000, 2)), 20.0);
	ck_assert_double_ge(distance(lab_of(0xAA5500, 0),
				     lab_of(0x718000, 0)), 40.0);
}
END_TEST

START_TEST(colours_can_be_told_apart)
{
	size_t n, pairs = 0;
	const struct palette_entry *e = palette_entries(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			if (strcmp(e[i].kind, e[k].kind) != 0 ||
			    e[i].style.rgb == e[k].style.rgb)
				continue;
			for (size_t s = 0; s < SIGHTS; s++) {
				double far = distance(
					lab_of(e[i].style.rgb, s),
					lab_of(e[k].style.rgb, s));

				if (far < least_distance)
					ck_abort_msg("%s and %s: %g, sight "
						     "%zu", e[i].name,
						     e[k].name, far, s);
			}
			if (fabs(lab_of(e[i].style.rgb, 0).l -
				 lab_of(e[k].style.rgb, 0).l) <
			    least_lightness)
				ck_abort_msg("%s and %s are one grey",
					     e[i].name, e[k].name);
			pairs++;
		}
	ck_assert_uint_gt(pairs, 100);
}
END_TEST

/* Maps are solid: each policy needs a colour that no other has. */
START_TEST(policies_have_a_colour_each)
{
	size_t n, pairs = 0;
	const struct palette_entry *e = palette_entries(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			if (strcmp(e[i].kind, "policy") != 0 ||
			    strcmp(e[k].kind, "policy") != 0)
				continue;
			ck_assert_msg(e[i].style.rgb != e[k].style.rgb,
				      "%s and %s have one colour", e[i].name,
				      e[k].name);
			pairs++;
		}
	ck_assert_uint_ge(pairs, 45);
}
END_TEST

/* One look, one thing: variants of a colour differ in all else. */
START_TEST(variants_can_be_told_apart)
{
	size_t n, pairs = 0;
	const struct palette_entry *e = palette_entries(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			const struct palette_style *p = &e[i].style;
			const struct palette_style *q = &e[k].style;

			if (strcmp(e[i].kind, e[k].kind) != 0)
				continue;
			ck_assert_str_ne(e[i].name, e[k].name);
			if (p->rgb != q->rgb)
				continue;
			/* the same schedule under two names */
			if (strcmp(e[i].name, "kvpr-paper") == 0 &&
			    strcmp(e[k].name, "kvpr-0") == 0)
				continue;
			if (p->pattern == q->pattern || p->mark == q->mark)
				ck_abort_msg("%s and %s look alike",
					     e[i].name, e[k].name);
			pairs++;
		}
	ck_assert_uint_gt(pairs, 15);
}
END_TEST

static void check_look(const char *kind, const char *name)
{
	size_t n, k = 0;
	const struct palette_entry *e = palette_entries(&n);

	while (k < n && (strcmp(e[k].kind, kind) != 0 ||
			 strcmp(e[k].name, name) != 0))
		k++;
	if (k == n)
		ck_abort_msg("%s has none", name);
}

START_TEST(what_is_known_has_a_look)
{
	size_t n, policies;
	const struct palette_entry *e = palette_entries(&n);
	const struct policy *const *all = policy_list(&policies);

	for (size_t i = 0; i < policies; i++)
		check_look("policy", all[i]->name);
	for (int i = 0; i < ENGINE_COUNT; i++)
		check_look("bound", engine_name((enum engine)i));
	for (int i = 0; i < BOUND_SHARED; i++)
		check_look("bound", bound_limits[i].name);
	for (size_t i = 0; i < n; i++) {
		/* what a paper states and what was measured look like none */
		ck_assert_int_ne(e[i].style.mark, 7);
		ck_assert_int_ne(e[i].style.mark, 13);
		ck_assert_uint_ne(e[i].style.rgb, 0);
	}
}
END_TEST

START_TEST(a_system_looks_as_its_policy)
{
	static const char *const same[][2] = {
		{ "accelerate", "accelerate-sequential" },
		{ "offloaded", "offloaded-cache" },
		{ "deepspeed", "zero-inference" },
		{ "flexgen", "flexgen" },
		{ "load-all", "load-all" },
		{ "kvpr", "kvpr-row" },
		{ "kvpr-flexgen", "kvpr-flexgen" },
	};

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		struct palette_style p = palette_style("system", same[i][0], 7);
		struct palette_style q = palette_style("policy", same[i][1], 6);

		ck_assert_uint_eq(p.rgb, q.rgb);
		ck_assert_int_eq(p.pattern, q.pattern);
		ck_assert_int_eq(p.dash, q.dash);
		ck_assert_int_eq(p.mark, q.mark);
	}
}
END_TEST

START_TEST(others_are_a_sequence)
{
	for (size_t i = 0; i < PALETTE_OTHERS; i++) {
		struct palette_style p = palette_style("batch", "4", i);
		struct palette_style again =
			palette_style("batch", "7", i + PALETTE_OTHERS);

		ck_assert_uint_eq(p.rgb, again.rgb);
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_ne(p.rgb,
					  palette_style("batch", "", k).rgb);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plots/palette");
	TCase *c = tcase_create("all");

	tcase_add_test(c, lab_is_that_of_known_colours);
	tcase_add_test(c, policies_have_a_colour_each);
	tcase_add_test(c, colours_can_be_told_apart);
	tcase_add_test(c, variants_can_be_told_apart);
	tcase_add_test(c, what_is_known_has_a_look);
	tcase_add_test(c, a_system_looks_as_its_policy);
	tcase_add_test(c, others_are_a_sequence);
	suite_add_tcase(s, c);
	return harness_run(s);
}
