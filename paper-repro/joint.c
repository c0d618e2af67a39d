/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/joint.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* A member's best set for each choice of the axes that it has. */
struct best {
	size_t axis[STUDY_MOST_AXES];	/* its own of each joint one */
	double *distance;		/* NAN: none */
	size_t *set;
};

static void add_choices(struct joint_axis *x, const struct study_axis *a)
{
	for (size_t i = 0; i < a->n; i++) {
		size_t k = 0;

		while (k < x->n &&
		       strcmp(x->choice[k], a->choices[i].name) != 0)
			k++;
		if (k < x->n)
			continue;
		assert(x->n < JOINT_MOST_CHOICES);
		x->choice[x->n] = a->choices[i].name;
		x->words[x->n++] = a->choices[i].title;
	}
}

/* The assumption of `b` that is named so, or STUDY_ANY. */
static size_t own_axis(const struct band *b, const char *name)
{
	for (size_t i = 0; i < b->naxes; i++)
		if (strcmp(b->study->axes[b->axes[i]].name, name) == 0)
			return i;
	return STUDY_ANY;
}

static void find_members(const struct reproduction *r, size_t n,
			 struct joint *j)
{
	for (size_t i = 0; i < n; i++)
		j->n += r[i].item.nheadlines;
	j->members = xcalloc(j->n + 1, sizeof *j->members);
	j->n = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++)
			if (r[i].item.headlines[k].left_out == NULL)
				j->members[j->n++] = (struct joint_member){
					.of = &r[i], .band = &r[i].bands[k],
				};
}

static void find_axes(const struct item_index *x, struct joint *j)
{
	for (size_t i = 0; i < x->njoint; i++) {
		struct joint_axis *a = &j->axes[j->naxes];

		*a = (struct joint_axis){ .name = x->joint[i] };
		for (size_t k = 0; k < j->n; k++) {
			const struct band *b = j->members[k].band;
			size_t own = own_axis(b, a->name);

			if (own == STUDY_ANY)
				continue;
			a->title = b->study->axes[b->axes[own]].title;
			add_choices(a, &b->study->axes[b->axes[own]]);
		}
		j->naxes += a->n > 0;
	}
}

static size_t combinations(const struct joint *j)
{
	size_t n = 1;

	for (size_t i = 0; i < j->naxes; i++)
		n *= j->axes[i].n;
	return n;
}

/* Which choice of axis `i` combination `at` makes. */
static size_t choice_in(const struct joint *j, size_t at, size_t i)
{
	for (size_t k = j->naxes; k > i + 1; k--)
		at /= j->axes[k - 1].n;
	return at % j->axes[i].n;
}

/* The combination with 0 for the axes that the member has not. */
static size_t reduced(const struct joint *j, const struct best *b, size_t at)
{
	size_t to = 0;

	for (size_t i = 0; i < j->naxes; i++)
		to = to * j->axes[i].n +
		     (b->axis[i] == STUDY_ANY ? 0 : choice_in(j, at, i));
	return to;
}

/* The combination that `set` of the member belongs to, reduced. */
static size_t place_of(const struct joint *j, const struct band *band,
		       const struct best *b, size_t set)
{
	size_t to = 0;

	for (size_t i = 0; i < j->naxes; i++) {
		const struct joint_axis *a = &j->axes[i];
		const char *name;
		size_t k = 0;

		if (b->axis[i] != STUDY_ANY) {
			name = reproduce_band_choice_name(band, set,
							  b->axis[i]);
			while (strcmp(a->choice[k], name) != 0)
				k++;
		}
		to = to * a->n + k;
	}
	return to;
}

static struct best find_best(const struct joint *j, const struct band *band,
			     bool stated)
{
	size_t n = combinations(j);
	struct best b = { .distance = xcalloc(n, sizeof *b.distance),
			  .set = xcalloc(n, sizeof *b.set) };

	for (size_t i = 0; i < j->naxes; i++)
		b.axis[i] = own_axis(band, j->axes[i].name);
	for (size_t i = 0; i < n; i++)
		b.distance[i] = NAN;
	for (size_t set = 0; set < band->nsets; set++) {
		double off = reproduce_band_relative(band, set);
		size_t at;

		if (isnan(off) ||
		    (stated && !reproduce_band_is_stated(band, set)))
			continue;
		at = place_of(j, band, &b, set);
		if (!(off >= b.distance[at])) {
			b.distance[at] = off;
			b.set[at] = set;
		}
	}
	return b;
}

/* The largest and the sum of the distances but `skip`'s; NAN: one has none. */
static double measure(const struct joint *j, const struct best *best,
		      size_t skip, size_t at, double *sum)
{
	double most = 0.0;

	*sum = 0.0;
	for (size_t k = 0; k < j->n; k++) {
		double off = best[k].distance[reduced(j, &best[k], at)];

		if (k == skip)
			continue;
		if (isnan(off))
			return NAN;
		most = fmax(most, off);
		*sum += off;
	}
	return most;
}

/* The least of the largest distances but `skip`'s; where into `*at`. */
static double search(const struct joint *j, const struct best *best,
		     size_t skip, size_t *at)
{
	double least = NAN, least_sum = NAN;

	for (size_t i = 0; i < combinations(j); i++) {
		double sum, most = measure(j, best, skip, i, &sum);

		if (isnan(most) || most > least ||
		    (most == least && sum >= least_sum))
			continue;
		least = most;
		least_sum = sum;
		*at = i;
	}
	return least;
}

static void choose(struct joint *j, const struct best *best, size_t at)
{
	for (size_t i = 0; i < j->naxes; i++)
		j->axes[i].chosen = choice_in(j, at, i);
	for (size_t k = 0; k < j->n; k++) {
		size_t own = reduced(j, &best[k], at);

		j->members[k].set = best[k].set[own];
		j->members[k].distance = best[k].distance[own];
	}
}

void reproduce_joint_make(const struct reproduction *r, size_t n, bool stated,
			  struct joint *out)
{
	struct joint j = { .distance = NAN };
	struct best *best;
	size_t at = 0, unused;

	find_members(r, n, &j);
	if (j.n > 0)
		find_axes(r[0].index, &j);
	best = xcalloc(j.n + 1, sizeof *best);
	for (size_t k = 0; k < j.n; k++)
		best[k] = find_best(&j, j.members[k].band, stated);
	if (j.n > 0)
		j.distance = search(&j, best, STUDY_ANY, &at);
	if (!isnan(j.distance))
		choose(&j, best, at);
	for (size_t k = 0; k < j.n; k++)
		j.members[k].without = search(&j, best, k, &unused);
	for (size_t k = 0; k < j.n; k++) {
		free(best[k].distance);
		free(best[k].set);
	}
	free(best);
	*out = j;
}

void reproduce_joint_clear(struct joint *j)
{
	free(j->members);
	*j = (struct joint){ .distance = NAN };
}
