/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/times.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

static bool is_moving(const struct work *w)
{
	bool moving = w->bytes.per_split != 0.0 || w->flop.per_split != 0.0;

	for (size_t i = 0; i < w->ngemms; i++)
		moving |= w->gemm[i].m.per_split != 0.0;
	return moving;
}

static void sort_works(struct times *t)
{
	const struct graph *g = t->graph;

	for (size_t i = 0; i < g->ntasks; i++)
		t->count[g->tasks[i].work] += 1.0;
	for (size_t w = 0; w < g->nworks; w++) {
		if (t->count[w] == 0.0)
			continue;
		if (is_moving(&g->works[w]))
			t->moving[t->nmoving++] = w;
		else
			t->still[t->nstill++] = w;
	}
}

/* Slopes over a span of tokens so long that their rounding stays small. */
static void set_shared(struct times *t)
{
	const double span = 1048576.0;

	for (int i = 0; i < BOUND_SHARED; i++) {
		enum bound_shared k = (enum bound_shared)i;
		const double at[] = {
			bound_shared(t->graph, &t->hw, k, 0.0, 0.0),
			bound_shared(t->graph, &t->hw, k, span, 0.0),
			bound_shared(t->graph, &t->hw, k, 0.0, span),
		};

		t->shared[i] = (struct times_shared){
			at[0], (at[1] - at[0]) / span, (at[2] - at[0]) / span
		};
	}
}

void times_make(struct times *t, const struct graph *g,
		const struct hardware *hw)
{
	size_t n = g->nworks;

	*t = (struct times){
		.cached = NAN, .graph = g, .hw = *hw,
		.work_s = xcalloc(n + 1, sizeof *t->work_s),
		.left_s = xcalloc(n + 1, sizeof *t->left_s),
		.right_s = xcalloc(n + 1, sizeof *t->right_s),
		.count = xcalloc(n, sizeof *t->count),
		.moving = xcalloc(n, sizeof *t->moving),
		.still = xcalloc(n, sizeof *t->still),
		.durations = xcalloc(n, sizeof *t->durations),
	};
	t->work_s[n] = hw->handoff_s;
	sort_works(t);
	set_shared(t);
}

void times_clear(struct times *t)
{
	free(t->work_s);
	free(t->left_s);
	free(t->right_s);
	free(t->count);
	free(t->moving);
	free(t->still);
	free(t->durations);
	*t = (struct times){ .cached = NAN };
}

void times_set_hardware(struct times *t, const struct hardware *hw)
{
	t->hw = *hw;
	t->work_s[t->graph->nworks] = hw->handoff_s;
	t->cached = NAN;
	t->convex = false;
	set_shared(t);
}

void times_set_cached(struct times *t, double cached)
{
	const struct graph *g = t->graph;

	if (cached == t->cached)
		return;
	t->cached = cached;
	for (int e = 0; e < ENGINE_COUNT; e++)
		t->still_s[e] = 0.0;
	for (size_t i = 0; i < t->nstill; i++) {
		size_t w = t->still[i];

		t->work_s[w] = work_seconds(&g->works[w], &t->hw, cached, 0.0);
		t->still_s[g->works[w].engine] += t->count[w] * t->work_s[w];
	}
	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];

		t->durations[w] = work_duration(&g->works[w], &t->hw, cached);
	}
}

static bool is_empty(const struct times *t, size_t work, double split)
{
	return work_is_empty(&t->graph->works[work], t->cached, split);
}

void times_set_split(struct times *t, double split)
{
	bool exact = t->hw.calibration != NULL && !t->convex;

	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];

		if (exact) {
			t->work_s[w] = work_seconds(&t->graph->works[w],
						    &t->hw, t->cached, split);
			continue;
		}
		t->work_s[w] = is_empty(t, w, split) ? 0.0 :
			work_duration_at(&t->durations[w], split);
	}
}

void times_set_slopes(struct times *t, double split)
{
	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];
		const struct work_duration *d = &t->durations[w];

		t->left_s[w] = t->right_s[w] = 0.0;
		if (t->work_s[w] == 0.0)	/* empty */
			continue;
		for (size_t k = 0; k < d->npieces; k++) {
			const struct work_piece *p = &d->pieces[k];
			double a = p->per_split_s[0], b = p->per_split_s[1];
			double over = p->fixed_s[0] + a * split -
				      (p->fixed_s[1] + b * split);

			t->left_s[w] += over > 0.0 ? a :
					over < 0.0 ? b : fmin(a, b);
			t->right_s[w] += over > 0.0 ? a :
					 over < 0.0 ? b : fmax(a, b);
		}
	}
}

enum bound_shared times_shared(const struct times *t, double split,
			       double *seconds)
{
	enum bound_shared most = BOUND_COPIES;

	*seconds = -INFINITY;
	for (int i = 0; i < BOUND_SHARED; i++) {
		const struct times_shared *x = &t->shared[i];
		double s = x->fixed_s + x->token_s * t->cached +
			   x->split_s * split;

		if (s <= *seconds)
			continue;
		*seconds = s;
		most = (enum bound_shared)i;
	}
	return most;
}

/* bound_step(), from the sums over works instead of tasks. */
double times_floor(struct times *t, double split)
{
	double busy_s[ENGINE_COUNT], most;

	times_shared(t, split, &most);
	times_set_split(t, split);
	for (int e = 0; e < ENGINE_COUNT; e++)
		busy_s[e] = t->still_s[e];
	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];

		busy_s[t->graph->works[w].engine] +=
			t->count[w] * t->work_s[w];
	}
	for (int e = 0; e < ENGINE_COUNT; e++)
		most = fmax(most, busy_s[e]);
	return most;
}

bool times_drop_work(const struct times *t, double split)
{
	for (size_t i = 0; i < t->nmoving; i++)
		if (is_empty(t, t->moving[i], split))
			return true;
	return false;
}
