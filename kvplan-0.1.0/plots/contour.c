/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/contour.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"

struct point {
	double x, y, z;
};

struct lines {
	struct contour_segment *all;
	size_t n, room;
};

static void add(struct lines *l, struct point a, struct point b)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->all = xrealloc_array(l->all, l->room, sizeof *l->all);
	}
	l->all[l->n++] = (struct contour_segment){ a.x, a.y, b.x, b.y };
}

/* Where the edge from `a` to `b` is at `level`, if it is. */
static bool cross(struct point a, struct point b, double level,
		  struct point *out)
{
	double t;

	if ((a.z >= level) == (b.z >= level))
		return false;
	t = (level - a.z) / (b.z - a.z);
	*out = (struct point){ a.x + t * (b.x - a.x), a.y + t * (b.y - a.y),
			       level };
	return true;
}

/* Corners go round the cell; so do its edges, from each to the next. */
static void add_cell(struct lines *l, const struct point corner[4],
		     double level)
{
	struct point at[4];
	double middle = 0.0;
	size_t n = 0;

	for (size_t i = 0; i < 4; i++) {
		if (isnan(corner[i].z))
			return;
		middle += 0.25 * corner[i].z;
		n += cross(corner[i], corner[(i + 1) % 4], level, &at[n]);
	}
	if (n == 2)
		add(l, at[0], at[1]);
	if (n != 4)
		return;
	/* a saddle: the middle is one with the first corner, or not */
	if ((middle >= level) == (corner[0].z >= level)) {
		add(l, at[0], at[1]);
		add(l, at[2], at[3]);
	} else {
		add(l, at[3], at[0]);
		add(l, at[1], at[2]);
	}
}

struct contour_segment *contour_lines(const struct contour_grid *g,
				      double level, size_t *n)
{
	static const size_t right[] = { 0, 1, 1, 0 }, up[] = { 0, 0, 1, 1 };
	struct lines l = { NULL, 0, 0 };

	for (size_t j = 0; j + 1 < g->ny; j++)
		for (size_t i = 0; i + 1 < g->nx; i++) {
			struct point corner[4];

			for (size_t k = 0; k < 4; k++) {
				size_t a = i + right[k], b = j + up[k];

				corner[k] = (struct point){
					g->x[a], g->y[b],
					g->z[b * g->nx + a] };
			}
			add_cell(&l, corner, level);
		}
	*n = l.n;
	return l.all;
}
