/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/curve.h"

#include <math.h>
#include <stdlib.h>

/* The last point at or below `size`, which lies within them. */
static size_t point_below(const struct curve *c, double size)
{
	size_t low = 0, high = c->n - 1;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (c->size[middle] <= size)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double curve_at(const struct curve *c, double size)
{
	size_t low = 0, high = c->n - 1;
	double part;

	if (size <= c->size[low])
		return c->time_s[low];
	if (size >= c->size[high])
		return c->time_s[high] * (size / c->size[high]);
	low = point_below(c, size);
	high = low + 1;
	part = (size - c->size[low]) / (c->size[high] - c->size[low]);
	return c->time_s[low] + part * (c->time_s[high] - c->time_s[low]);
}

double curve_least(const struct curve *c, double low, double high)
{
	double least = curve_at(c, low);
	size_t i = 0;

	if (low == high)
		return least;
	least = fmin(least, curve_at(c, high));
	if (low > c->size[0] && low < c->size[c->n - 1])
		i = point_below(c, low) + 1;
	for (; i < c->n && c->size[i] < high; i++)
		if (c->size[i] > low)
			least = fmin(least, c->time_s[i]);
	return least;
}

bool curve_covers(const struct curve *c, double size)
{
	return size >= c->size[0] && size <= c->size[c->n - 1];
}

double curve_best_rate(const struct curve *c)
{
	double most = 0.0;

	for (size_t i = 0; i < c->n; i++)
		most = fmax(most, c->size[i] / c->time_s[i]);
	return most;
}

void curve_clear(struct curve *c)
{
	free(c->size);
	free(c->time_s);
	*c = (struct curve){ .n = 0 };
}
