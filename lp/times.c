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

/* The curves of each work, found once for a machine. */
static void set_measured(struct times *t)
{
	const struct graph *g = t->graph;

	if (t->measured == NULL && t->hw.calibration != NULL)
		t->measured = xcalloc(g->nworks, sizeof *t->measured);
	for (size_t w = 0; t->measured != NULL && w < g->nworks; w++)
		if (measured_has(&g->works[w], &t->hw))
			t->measured[w] = measured_make(&g->works[w], &t->hw);
		else
			t->measured[w].n = 0;
}

static const struct measured_work *measured_of(const struct times *t,
					       size_t work)
{
	return t->hw.calibration != NULL && t->measured[work].n > 0
		? &t->measured[work] : NULL;
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
	set_measured(t);
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
	free(t->measured);
	free(t->durations);
	*t = (struct times){ .cached = NAN };
}

void times_set_hardware(struct times *t, const struct hardware *hw)
{
	t->hw = *hw;
	t->work_s[t->graph->nworks] = hw->handoff_s;
	t->cached = NAN;
	t->convex = false;
	set_measured(t);
	set_shared(t);
}

static bool is_empty(const struct times *t, size_t work, double split)
{
	return work_is_empty(&t->graph->works[work], t->cached, split);
}

/* work_seconds() of a work that the split does not change */
static double still_seconds(const struct times *t, size_t work)
{
	const struct measured_work *m = measured_of(t, work);

	if (m == NULL)
		return work_seconds(&t->graph->works[work], &t->hw,
				    t->cached, 0.0);
	return is_empty(t, work, 0.0) ? 0.0 : measured_at(m, t->cached, 0.0);
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

		t->work_s[w] = still_seconds(t, w);
		t->still_s[g->works[w].engine] += t->count[w] * t->work_s[w];
	}
	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];
		const struct measured_work *m = measured_of(t, w);

		t->durations[w] = m != NULL
			? measured_duration(m, cached)
			: work_duration(&g->works[w], &t->hw, cached);
	}
}

void times_set_split(struct times *t, double split)
{
	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];
		const struct measured_work *m =
			t->convex ? NULL : measured_of(t, w);

		if (is_empty(t, w, split))
			t->work_s[w] = 0.0;
		else if (m != NULL)
			t->work_s[w] = measured_at(m, t->cached, split);
		else
			t->work_s[w] = work_duration_at(&t->durations[w],
							split);
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

/* The busiest engine's time, from the sums over works instead of tasks. */
static double busiest(const struct times *t)
{
	double busy_s[ENGINE_COUNT], most = 0.0;

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

double times_floor(struct times *t, double split)
{
	double shared_s;

	times_shared(t, split, &shared_s);
	times_set_split(t, split);
	return fmax(shared_s, busiest(t));
}

/* Each arm's least is at an end. */
static double least_duration(const struct work_duration *d, double low,
			     double high)
{
	double t = d->overhead_s;

	for (size_t i = 0; i < d->npieces; i++) {
		const struct work_piece *p = &d->pieces[i];
		double arm[WORK_ARMS];

		for (size_t k = 0; k < WORK_ARMS; k++)
			arm[k] = p->fixed_s[k] +
				 fmin(p->per_split_s[k] * low,
				      p->per_split_s[k] * high);
		t += fmax(arm[0], arm[1]);
	}
	return t;
}

static double least_shared(const struct times *t, double low, double high)
{
	double most = 0.0;

	for (int i = 0; i < BOUND_SHARED; i++) {
		const struct times_shared *x = &t->shared[i];

		most = fmax(most, x->fixed_s + x->token_s * t->cached +
				  fmin(x->split_s * low, x->split_s * high));
	}
	return most;
}

double times_floor_over(struct times *t, double low, double high)
{
	for (size_t i = 0; i < t->nmoving; i++) {
		size_t w = t->moving[i];
		const struct measured_work *m = measured_of(t, w);

		if (is_empty(t, w, low) || is_empty(t, w, high))
			t->work_s[w] = 0.0;
		else if (m != NULL)
			t->work_s[w] = measured_least(m, t->cached, low,
						      high);
		else
			t->work_s[w] = least_duration(&t->durations[w], low,
						      high);
	}
	return fmax(busiest(t), least_shared(t, low, high));
}

bool times_drop_work(const struct times *t, double split)
{
	for (size_t i = 0; i < t->nmoving; i++)
		if (is_empty(t, t->moving[i], split))
			return true;
	return false;
}
