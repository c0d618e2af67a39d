/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/crossing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "evaluate/request.h"

bool reproduce_crossing_between(const struct band *b, size_t i, size_t k)
{
	for (size_t p = 0; p < b->headline->nparts; p++) {
		const struct study_fact *f = &b->headline->parts[p].paper;
		double one = b->parts[p].value[i];
		double other = b->parts[p].value[k];

		if (isnan(one) || isnan(other) ||
		    f->value + f->rounding < fmin(one, other) ||
		    f->value - f->rounding > fmax(one, other))
			return false;
	}
	return true;
}

/* Of assumption `i`: `set` with the next choice, where values lie between;
 * or STUDY_ANY. */
static size_t neighbour(const struct band *b, size_t set, size_t i)
{
	const struct study_axis *a = &b->study->axes[b->axes[i]];
	size_t at = reproduce_band_choice_of(b, set, i);
	size_t stride = b->headline->ndefinitions;

	if (a->between.set == NULL || at + 1 >= a->n ||
	    isnan(a->choices[at].value) || isnan(a->choices[at + 1].value))
		return STUDY_ANY;
	for (size_t k = i + 1; k < b->naxes; k++)
		stride *= b->study->axes[b->axes[k]].n;
	return set + stride;
}

static double nearer(const struct band *b, size_t i, size_t k)
{
	return fmin(reproduce_band_relative(b, i),
		    reproduce_band_relative(b, k));
}

void reproduce_crossing_find(struct band *b)
{
	struct band_crossing *c = &b->crossing;

	c->least = c->most = NAN;
	for (size_t set = 0; set < b->nsets && b->ngiving_stated == 0; set++) {
		if (!reproduce_band_is_stated(b, set))
			continue;
		for (size_t i = 0; i < b->naxes; i++) {
			size_t next = neighbour(b, set, i);

			if (next == STUDY_ANY ||
			    !reproduce_band_is_stated(b, next) ||
			    !reproduce_crossing_between(b, set, next))
				continue;
			if (c->n++ > 0 && nearer(b, set, next) >=
						  nearer(b, c->low, c->high))
				continue;
			c->low = set;
			c->high = next;
			c->axis = i;
		}
	}
}

/* The numbers as they are printed: a count of last digits each. */
struct printed {
	long digits[ITEM_MOST_PARTS];
	size_t set;
};

static int compare_printed(const void *a, const void *b)
{
	const struct printed *x = a, *y = b;

	return memcmp(x->digits, y->digits, sizeof x->digits);
}

static void print_set(const struct band *b, size_t set, struct printed *out)
{
	*out = (struct printed){ .set = set };
	for (size_t p = 0; p < b->headline->nparts; p++) {
		const struct study_fact *f = &b->headline->parts[p].paper;
		double digit = f->rounding > 0.0 ? 2.0 * f->rounding
						 : 1e-6 * fabs(f->value);

		out->digits[p] = lround(b->parts[p].value[set] /
					fmax(digit, 1e-12));
	}
}

/* Whether they differ in nothing but continuous assumptions. */
static bool same_combination(const struct band *b, size_t set, size_t other)
{
	for (size_t i = 0; i <= b->naxes; i++)
		if ((i == b->naxes ||
		     b->study->axes[b->axes[i]].between.set == NULL) &&
		    reproduce_band_choice_of(b, set, i) !=
			    reproduce_band_choice_of(b, other, i))
			return false;
	return true;
}

static void count_combinations(struct band *b)
{
	size_t *giving = xcalloc(b->ngiving + 1, sizeof *giving);

	for (size_t set = 0; set < b->nsets && b->ngiving > 0; set++) {
		size_t k = 0;

		if (!(reproduce_band_relative(b, set) <= 0.0))
			continue;
		while (k < b->ncombinations &&
		       !same_combination(b, set, giving[k]))
			k++;
		if (k == b->ncombinations)
			giving[b->ncombinations++] = set;
	}
	free(giving);
}

void reproduce_crossing_count(struct band *b)
{
	struct printed *list = xcalloc(b->nfull + 1, sizeof *list);
	size_t n = 0;

	for (size_t set = 0; set < b->nsets; set++)
		if (!isnan(reproduce_band_relative(b, set)))
			print_set(b, set, &list[n++]);
	qsort(list, n, sizeof *list, compare_printed);
	for (size_t i = 0; i < n; i++)
		b->noutcomes += i == 0 ||
				compare_printed(&list[i - 1], &list[i]) != 0;
	free(list);
	count_combinations(b);
}

/* ---- values between the two ---- */

enum { STEPS = 16, ROUNDS = 4 };

/* One study of the sets between `low` and `high`: one choice of each
 * assumption, and of the crossed one STEPS + 1. */
struct fine {
	struct study study;
	struct study_choice choices[STEPS + 1];
	char text[STEPS + 1][128];
};

static void fine_choice(const struct band *b, const struct study_choice *like,
			double value, char text[128],
			struct study_choice *out)
{
	const struct study_axis *a =
		&b->study->axes[b->axes[b->crossing.axis]];
	const struct study_options *from = &like->options[STUDY_BOTH];
	struct study_options *to = &out->options[STUDY_BOTH];

	*out = *like;
	out->value = value;
	snprintf(text, 128, "%s=%.12g", a->between.set,
		 value / a->between.one);
	to->list = xcalloc(from->n + 1, sizeof *to->list);
	for (size_t i = 0; i < from->n; i++)
		to->list[i] = from->list[i];
	to->list[from->n] = (struct study_option){ CASE_SET, text };
	to->n = from->n + 1;
}

static void fine_begin(const struct band *b, double low, double high,
		       struct fine *f)
{
	const struct band_crossing *c = &b->crossing;

	f->study = *b->study;
	for (size_t i = 0; i < b->naxes; i++) {
		struct study_axis *a = &f->study.axes[b->axes[i]];

		a->choices += reproduce_band_choice_of(b, c->high, i);
		a->n = 1;
		if (i != c->axis)
			continue;
		for (size_t k = 0; k <= STEPS; k++)
			fine_choice(b, a->choices, low + (high - low) *
				    (double)k / STEPS, f->text[k],
				    &f->choices[k]);
		a->choices = f->choices;
		a->n = STEPS + 1;
	}
}

static void fine_end(struct fine *f)
{
	for (size_t k = 0; k <= STEPS; k++)
		free(f->choices[k].options[STUDY_BOTH].list);
}

/* The values that give all into `c`; else the interval that the numbers lie
 * in into `*low`, `*high`, and true. */
static bool narrow(struct band_crossing *c, const struct band *fine,
		   const struct fine *f, size_t definition, double *low,
		   double *high)
{
	size_t n = fine->headline->ndefinitions;

	for (size_t k = 0; k <= STEPS; k++) {
		if (!(reproduce_band_relative(fine, k * n + definition) <=
		      0.0))
			continue;
		c->least = fmin(c->least, f->choices[k].value);
		c->most = fmax(c->most, f->choices[k].value);
	}
	for (size_t k = 0; k < STEPS && isnan(c->least); k++) {
		size_t set = k * n + definition;

		if (!reproduce_crossing_between(fine, set, set + n))
			continue;
		*low = f->choices[k].value;
		*high = f->choices[k + 1].value;
		return true;
	}
	return false;
}

enum status reproduce_crossing_fit(struct band *b, struct cases *cases,
				   struct diag *d)
{
	struct band_crossing *c = &b->crossing;
	enum status s = STATUS_OK;
	const struct study_axis *a;
	bool more = c->n > 0;
	double low, high;

	if (!more)
		return STATUS_OK;
	a = &b->study->axes[b->axes[c->axis]];
	low = a->choices[reproduce_band_choice_of(b, c->low, c->axis)].value;
	high = a->choices[reproduce_band_choice_of(b, c->high, c->axis)].value;
	for (size_t i = 0; i < ROUNDS && more && s == STATUS_OK; i++) {
		struct fine f;
		struct study_results r;
		struct band fine;

		more = false;
		fine_begin(b, low, high, &f);
		s = reproduce_run_study(cases, &f.study, &r, d);
		if (s == STATUS_OK) {
			reproduce_band_make(b->headline, &r, &fine);
			more = narrow(c, &fine, &f,
				      reproduce_band_choice_of(b, c->high,
							       b->naxes),
				      &low, &high);
			reproduce_band_clear(&fine);
			reproduce_run_clear(&r);
		}
		fine_end(&f);
	}
	return s;
}
