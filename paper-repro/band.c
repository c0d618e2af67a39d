/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/crossing.h"

/* An axis is an assumption unless the headline says what to do with it. */
static void find_axes(struct band *b)
{
	const struct item_headline *h = b->headline;

	for (size_t i = 0; i < b->study->naxes; i++) {
		bool fixed = h->best_over[i];

		for (size_t p = 0; p < h->nparts; p++)
			fixed = fixed || h->parts[p].place.at[i] != STUDY_ANY;
		if (!fixed)
			b->axes[b->naxes++] = i;
	}
	b->nsets = h->ndefinitions;
	for (size_t i = 0; i < b->naxes; i++)
		b->nsets *= b->study->axes[b->axes[i]].n;
}

/* Choice of assumption `i` in `set`; the definition runs fastest. */
static size_t choice_of(const struct band *b, size_t set, size_t i)
{
	size_t stride = 1;

	if (i == b->naxes)
		return set % b->headline->ndefinitions;
	stride = b->headline->ndefinitions;
	for (size_t k = i + 1; k < b->naxes; k++)
		stride *= b->study->axes[b->axes[k]].n;
	return set / stride % b->study->axes[b->axes[i]].n;
}

enum quantity reproduce_band_quantity(const struct band *b)
{
	return b->study->metrics[b->headline->parts[0].metric[0]]->quantity;
}

const char *reproduce_band_choice(const struct band *b, size_t set, size_t i)
{
	size_t choice = choice_of(b, set, i);

	return i == b->naxes ? b->headline->definitions[choice]
		: b->study->axes[b->axes[i]].choices[choice].title;
}

size_t reproduce_band_choice_of(const struct band *b, size_t set, size_t i)
{
	return choice_of(b, set, i);
}

const char *reproduce_band_choice_name(const struct band *b, size_t set,
				       size_t i)
{
	return b->study->axes[b->axes[i]].choices[choice_of(b, set, i)].name;
}

/* The set that `row` belongs to, in definition 0. */
static size_t set_of(const struct band *b, size_t row)
{
	size_t set = 0;

	for (size_t i = 0; i < b->naxes; i++)
		set = set * b->study->axes[b->axes[i]].n +
		      reproduce_study_choice(b->study, row, b->axes[i]);
	return set * b->headline->ndefinitions;
}

/* The largest over the rows of each set that are the part's. */
static void find_values(struct band *b, const struct study_results *r,
			size_t part)
{
	const struct item_part *from = &b->headline->parts[part];
	struct band_part *p = &b->parts[part];
	size_t rows = reproduce_study_rows(b->study);

	p->value = xcalloc(b->nsets, sizeof *p->value);
	for (size_t i = 0; i < b->nsets; i++)
		p->value[i] = NAN;
	for (size_t row = 0; row < rows; row++) {
		if (!reproduce_study_at(b->study, &from->place, row))
			continue;
		for (size_t k = 0; k < b->headline->ndefinitions; k++) {
			double v = r->cells[row].value[from->metric[k]];
			double *most = &p->value[set_of(b, row) + k];

			if (!isnan(v) && !(*most >= v))
				*most = v;
		}
	}
}

static double distance(const struct band *b, size_t part, size_t set)
{
	const struct study_fact *paper = &b->headline->parts[part].paper;
	double off = fabs(b->parts[part].value[set] - paper->value);

	return off <= paper->rounding ? 0.0 : off;
}

double reproduce_band_off(const struct band *b, size_t set)
{
	double most = 0.0;

	for (size_t p = 0; p < b->headline->nparts; p++) {
		double off = distance(b, p, set);

		if (isnan(off))
			return NAN;
		most = fmax(most, off);
	}
	return most;
}

double reproduce_band_relative(const struct band *b, size_t set)
{
	double most = 0.0;

	for (size_t p = 0; p < b->headline->nparts; p++) {
		double off = distance(b, p, set);

		if (isnan(off))
			return NAN;
		off /= fabs(b->headline->parts[p].paper.value);
		most = fmax(most, off);
	}
	return most;
}

/* All of the paper's numbers, as exactly as they are printed. */
static bool gives_all(const struct band *b, size_t set)
{
	for (size_t p = 0; p < b->headline->nparts; p++)
		if (!(distance(b, p, set) <= 0.0))
			return false;
	return true;
}

bool reproduce_band_is_stated(const struct band *b, size_t set)
{
	if (choice_of(b, set, b->naxes) >= b->headline->nstated)
		return false;
	for (size_t i = 0; i < b->naxes; i++)
		if (b->study->axes[b->axes[i]].choices[choice_of(b, set, i)]
			    .departs)
			return false;
	return true;
}

static void widen(struct band_range *r, double value)
{
	r->least = fmin(r->least, value);
	r->most = fmax(r->most, value);
}

static void judge(struct band_range *r, const struct study_fact *f,
		  bool share)
{
	double wide = share ? 50.0 : fabs(f->value);

	r->inside = f->value + f->rounding >= r->least &&
		    f->value - f->rounding <= r->most;
	r->wide = r->inside && r->most - r->least > wide;
}

static void summarise_part(struct band *b, size_t part)
{
	const struct item_part *of = &b->headline->parts[part];
	const struct study_fact *paper = &of->paper;
	bool share = reproduce_metric_is_share(
		b->study->metrics[of->metric[0]]);
	const struct band_range none = { NAN, NAN, false, false };
	struct band_part *p = &b->parts[part];

	p->all = p->stated = none;
	p->first = NAN;
	for (size_t i = 0; i < b->nsets; i++) {
		if (isnan(p->value[i]))
			continue;
		widen(&p->all, p->value[i]);
		if (reproduce_band_is_stated(b, i))
			widen(&p->stated, p->value[i]);
		if (isnan(p->first) && !isnan(reproduce_band_relative(b, i)))
			p->first = p->value[i];
	}
	judge(&p->all, paper, share);
	judge(&p->stated, paper, share);
}

/* The set with the least joint distance. */
static void find_nearest(struct band *b)
{
	b->nearest = b->nearest_stated = STUDY_ANY;
	b->distance = b->distance_stated = NAN;
	for (size_t i = 0; i < b->nsets; i++) {
		double off = reproduce_band_relative(b, i);
		bool stated = reproduce_band_is_stated(b, i);

		b->nstated += stated;
		if (isnan(off))
			continue;
		b->nfull++;
		b->ngiving += gives_all(b, i);
		b->ngiving_stated += gives_all(b, i) && stated;
		if (!(off >= b->distance)) {
			b->nearest = i;
			b->distance = off;
		}
		if (stated && !(off >= b->distance_stated)) {
			b->nearest_stated = i;
			b->distance_stated = off;
		}
	}
}

/* Whether they make the same choice of all but assumption `i`. */
static bool same_but(const struct band *b, size_t i, size_t set, size_t other)
{
	for (size_t k = 0; k <= b->naxes; k++)
		if (k != i && choice_of(b, set, k) != choice_of(b, other, k))
			return false;
	return true;
}

static double *no_values(size_t n)
{
	double *v = xcalloc(n, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = NAN;
	return v;
}

/* Sets that differ from the nearest in assumption `i` alone. */
static void find_effect(struct band *b, size_t i)
{
	struct band_effect *e = &b->effects[i];
	size_t n = b->headline->nparts;

	e->axis = i == b->naxes ? STUDY_ANY : b->axes[i];
	e->least = no_values(n);
	e->most = no_values(n);
	e->far_least = no_values(n);
	e->far_most = no_values(n);
	if (b->nearest_stated == STUDY_ANY)
		return;
	for (size_t set = 0; set < b->nsets; set++) {
		bool stated = reproduce_band_is_stated(b, set);
		double *least = stated ? e->least : e->far_least;
		double *most = stated ? e->most : e->far_most;

		if (!same_but(b, i, set, b->nearest_stated))
			continue;
		for (size_t p = 0; p < n; p++) {
			least[p] = fmin(least[p], b->parts[p].value[set]);
			most[p] = fmax(most[p], b->parts[p].value[set]);
		}
	}
}

void reproduce_band_order(const struct band *b, size_t set,
			  size_t order[ITEM_MOST_PARTS])
{
	double value[ITEM_MOST_PARTS];

	for (size_t p = 0; p < b->headline->nparts; p++) {
		size_t k = p;

		value[p] = set == STUDY_ANY ? b->headline->parts[p].paper.value
					    : b->parts[p].value[set];
		for (; k > 0 && value[order[k - 1]] < value[p]; k--)
			order[k] = order[k - 1];
		order[k] = p;
	}
}

static bool same_order(const struct band *b, size_t i, size_t k)
{
	size_t one[ITEM_MOST_PARTS], other[ITEM_MOST_PARTS];

	reproduce_band_order(b, i, one);
	reproduce_band_order(b, k, other);
	return memcmp(one, other, b->headline->nparts * sizeof *one) == 0;
}

/* Which order of the numbers most sets have, and how many the paper's. */
static void count_orders(struct band *b)
{
	for (size_t i = 0; i < b->nsets; i++) {
		size_t n = 0;

		if (isnan(reproduce_band_relative(b, i)))
			continue;
		b->nordered += same_order(b, i, STUDY_ANY);
		for (size_t k = 0; k < b->nsets; k++)
			n += !isnan(reproduce_band_relative(b, k)) &&
			     same_order(b, i, k);
		if (n > b->nusual) {
			b->usual = i;
			b->nusual = n;
		}
	}
}

void reproduce_band_make(const struct item_headline *h,
			 const struct study_results *r, struct band *out)
{
	struct band b = { .headline = h, .study = r->study };

	find_axes(&b);
	b.parts = xcalloc(h->nparts, sizeof *b.parts);
	for (size_t p = 0; p < h->nparts; p++)
		find_values(&b, r, p);
	for (size_t p = 0; p < h->nparts; p++)
		summarise_part(&b, p);
	find_nearest(&b);
	reproduce_crossing_find(&b);
	reproduce_crossing_count(&b);
	b.usual = STUDY_ANY;
	if (h->ordered)
		count_orders(&b);
	b.effects = xcalloc(b.naxes + 1, sizeof *b.effects);
	for (size_t i = 0; i <= b.naxes; i++)
		find_effect(&b, i);
	*out = b;
}

void reproduce_band_clear(struct band *b)
{
	for (size_t p = 0; b->parts && p < b->headline->nparts; p++)
		free(b->parts[p].value);
	for (size_t i = 0; b->effects && i <= b->naxes; i++) {
		free(b->effects[i].least);
		free(b->effects[i].most);
		free(b->effects[i].far_least);
		free(b->effects[i].far_most);
	}
	free(b->parts);
	free(b->effects);
	*b = (struct band){ 0 };
}

double reproduce_band_miss(const struct band *b, size_t part,
			   const struct band_range *range)
{
	double paper = b->headline->parts[part].paper.value;

	if (range->inside)
		return 0.0;
	return paper < range->least ? range->least - paper
				    : paper - range->most;
}
