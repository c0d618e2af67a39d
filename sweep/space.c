/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/space.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum status sweep_space_sample(struct sweep_space *space, const char *text,
			       struct diag *d)
{
	bool lhs = strncmp(text, "lhs:", 4) == 0;
	const char *number = strchr(text, ':');
	uint64_t most = lhs ? SWEEP_MOST_POINTS : SWEEP_MOST_SOBOL;
	char *end = NULL;
	unsigned long long n = 0;

	errno = 0;
	if (number != NULL && number[1] >= '1' && number[1] <= '9')
		n = strtoull(number + 1, &end, 10);
	if (!lhs && strncmp(text, "sobol:", 6) != 0)
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected "
				 "lhs:N or sobol:N", text);
	if (n == 0 || *end != '\0' || errno != 0 || n > most)
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected "
				 "%s:N with N from 1 to %" PRIu64, text,
				 lhs ? "lhs" : "sobol", most);
	space->sample = lhs ? SWEEP_LHS : SWEEP_SOBOL;
	space->points = n;
	return STATUS_OK;
}

static bool is_among(const struct sweep_name *name,
		     const struct sweep_name *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sweep_name_same(&names[i], name))
			return true;
	return false;
}

static enum status refuse_twice(const struct sweep_space *space,
				const struct sweep_axis *a, struct diag *d)
{
	for (size_t k = 0; k < a->nnames; k++) {
		bool twice = is_among(&a->names[k], a->names, k);

		for (size_t i = 0; i < space->naxes; i++)
			twice |= is_among(&a->names[k], space->axes[i].names,
					  space->axes[i].nnames);
		if (twice)
			return diag_fail(d, STATUS_USAGE, "%s is varied "
					 "twice", a->names[k].text);
	}
	return STATUS_OK;
}

enum status sweep_space_vary(struct sweep_space *space, const char *text,
			     struct diag *d)
{
	struct sweep_axis a;
	enum status s;

	if (space->naxes == SWEEP_MOST_AXES)
		return diag_fail(d, STATUS_USAGE, "found '%.60s', expected at "
				 "most %d axes", text, SWEEP_MOST_AXES);
	s = sweep_axis_parse(text, &a, d);
	if (s != STATUS_OK)
		return s;
	s = refuse_twice(space, &a, d);
	if (s != STATUS_OK)
		sweep_axis_clear(&a);
	else
		space->axes[space->naxes++] = a;
	return s;
}

enum status sweep_space_finish(struct sweep_space *space, struct diag *d)
{
	uint64_t points = 1;

	if (space->naxes == 0)
		return diag_fail(d, STATUS_USAGE, "--vary NAME=VALUES is "
				 "missing: nothing is varied");
	if (space->sample != SWEEP_GRID)
		return STATUS_OK;
	for (size_t i = 0; i < space->naxes; i++) {
		const struct sweep_axis *a = &space->axes[i];

		if (a->n == 0)
			return diag_fail(d, STATUS_USAGE, "--vary %s: a "
					 "range needs linN or logN, or "
					 "--sample", a->names[0].text);
		if (a->n > SWEEP_MOST_POINTS / points)
			return diag_fail(d, STATUS_USAGE, "--vary: expected "
					 "at most %" PRIu64 " points in all",
					 SWEEP_MOST_POINTS);
		points *= a->n;
	}
	space->points = points;
	return STATUS_OK;
}

void sweep_space_clear(struct sweep_space *space)
{
	for (size_t i = 0; i < space->naxes; i++)
		sweep_axis_clear(&space->axes[i]);
	*space = (struct sweep_space){ .naxes = 0 };
}

size_t sweep_space_names(const struct sweep_space *space)
{
	size_t n = 0;

	for (size_t i = 0; i < space->naxes; i++)
		n += space->axes[i].nnames;
	return n;
}

const struct sweep_name *sweep_space_name(const struct sweep_space *space,
					  size_t i)
{
	const struct sweep_axis *a = space->axes;

	while (i >= a->nnames)
		i -= a++->nnames;
	return &a->names[i];
}
