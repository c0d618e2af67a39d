/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/place_program.h"

#include <math.h>

#include "lp/solver.h"

/*
 * With 1e-10 and less GLPK finds no end on some of these programs, in which
 * many vertices are equally good; 1e-9 serves all that are tested.
 */
#define TOLERANCE 1e-8

/* Shares, u and v over their most, and a phase's time or a factor. */
enum { MOST_TERMS = SHARE_COUNT + 3 };

struct build {
	const struct place_program *p;
	struct solver *s;
	double requests;		/* b_low: u is in units of 1/b_low */
	double batches;			/* n_low: v is in units of 1/n_low */
	double unit;			/* of the objective */
	bool has[SHARE_COUNT];
	size_t column[SHARE_COUNT], u, v, factor, time[PHASE_COUNT];
};

/* The kind and the place that share `i` belongs to. */
static void place_of(int i, size_t *kind, size_t *place)
{
	static const size_t kv[] = { 0, 1, 1, 1, 2, 2 };

	if (i < SHARE_KV_GPU) {
		*kind = 0;
		*place = (size_t)i;
	} else if (i < SHARE_HIDDEN_GPU) {
		*kind = 1;
		*place = kv[i - SHARE_KV_GPU];
	} else {
		*kind = 2;
		*place = (size_t)(i - SHARE_HIDDEN_GPU);
	}
}

/* A share that is given may be where the search would not put one. */
static bool may_have(const struct place_program *p, int i)
{
	size_t kind, place;

	place_of(i, &kind, &place);
	if (p->fixed.given && i >= SHARE_HIDDEN_GPU)
		return p->fixed.share[kind][place] > 0.0;
	return p->costs->may[i];
}

/* What `use` over the number of requests gives each share, times `by`. */
static size_t add_use(const struct build *b, const struct placement_use *use,
		      double by, struct solver_term *terms)
{
	double num = (double)b->p->box.num_high;
	size_t n = 0;

	for (int i = 0; i < SHARE_COUNT; i++) {
		double each = i < SHARE_KV_GPU
				      ? use->each[i] / b->requests
				      : use->each[i] + use->batch_each[i] / num;

		if (b->has[i] && each != 0.0)
			terms[n++] = (struct solver_term){ b->column[i],
							   by * each };
	}
	return n;
}

/* The sum of the terms of an arm. */
static struct placement_use arm_use(const struct placement_costs *c, int phase,
				    unsigned arm)
{
	struct placement_use sum = { .request = 0.0 };

	for (int t = 0; t < TERM_COUNT; t++) {
		const struct placement_use *use = &c->time[phase][t];

		if (!(arm & 1u << t))
			continue;
		for (int i = 0; i < SHARE_COUNT; i++) {
			sum.each[i] += use->each[i];
			sum.batch_each[i] += use->batch_each[i];
		}
		sum.request += use->request;
		sum.batch += use->batch;
		sum.once += use->once;
	}
	return sum;
}

static void add_columns(struct build *b)
{
	const struct placement_box *x = &b->p->box;
	double u_least = b->requests /
			 ((double)x->batch_high * (double)x->num_high);
	double v_least = b->batches / (double)x->num_high;
	bool stretch = b->p->stretch != 0;

	for (int i = 0; i < SHARE_COUNT; i++) {
		b->has[i] = may_have(b->p, i);
		if (b->has[i])
			b->column[i] = solver_add_column(b->s, NULL, 0.0, 1.0,
							 0.0, false);
	}
	b->u = solver_add_column(b->s, NULL, u_least, 1.0, 0.0, false);
	b->v = solver_add_column(b->s, NULL, v_least, 1.0, 0.0, false);
	for (int f = 0; f < PHASE_COUNT; f++)
		b->time[f] = solver_add_column(b->s, NULL, 0.0, INFINITY,
					       stretch ? 0.0 : 1.0, false);
	b->factor = solver_add_column(b->s, NULL, 0.0, INFINITY,
				      stretch ? 1.0 : 0.0, false);
}

/* Rows 0 and on: time of a phase >= each arm, over its number of layers. */
static void add_arms(struct build *b)
{
	const struct placement_costs *c = b->p->costs;

	for (int f = 0; f < PHASE_COUNT; f++)
		for (size_t a = 0; a < c->narms[f]; a++) {
			struct placement_use use = arm_use(c, f,
							   c->arms[f][a]);
			double by = c->layers[f] / b->unit;
			struct solver_term terms[MOST_TERMS];
			size_t n = add_use(b, &use, -by, terms);

			terms[n++] = (struct solver_term){ b->time[f], 1.0 };
			terms[n++] = (struct solver_term){
				b->u, -by * use.once / b->requests
			};
			terms[n++] = (struct solver_term){
				b->v, -by * use.batch / b->batches
			};
			solver_add_row(b->s, NULL, by * use.request, INFINITY,
				       terms, n);
		}
}

/* Then one for each memory: use over capacity <= u, or <= the factor. */
static void add_rooms(struct build *b)
{
	for (int m = 0; m < ROOM_COUNT; m++) {
		const struct placement_use *use = &b->p->costs->memory[m];
		double by = b->requests / b->p->costs->capacity[m];
		bool stretch = b->p->stretch & 1u << m;
		struct solver_term terms[MOST_TERMS];
		size_t n;

		if (!((b->p->rooms | b->p->stretch) & 1u << m) || by == 0.0)
			continue;
		n = add_use(b, use, by, terms);
		terms[n++] = (struct solver_term){
			b->u, by * use->once / b->requests -
				      (stretch ? 0.0 : 1.0)
		};
		terms[n++] = (struct solver_term){
			b->v, by * use->batch / b->batches
		};
		if (stretch)
			terms[n++] = (struct solver_term){ b->factor, -1.0 };
		solver_add_row(b->s, NULL, -INFINITY, -by * use->request,
			       terms, n);
	}
}

/* The shares in `place` of `kind` (or in all) sum to `share`. */
static void add_sum(struct build *b, size_t kind, int place, double share)
{
	struct solver_term terms[MOST_TERMS];
	size_t n = 0;

	for (int i = 0; i < SHARE_COUNT; i++) {
		size_t of, where;

		place_of(i, &of, &where);
		if (b->has[i] && of == kind &&
		    (place < 0 || where == (size_t)place))
			terms[n++] = (struct solver_term){ b->column[i],
							   1.0 };
	}
	if (n == 0 && share == 0.0)
		return;
	if (kind == 0) {
		terms[n++] = (struct solver_term){ b->u, -share };
		share = 0.0;
	}
	solver_add_row(b->s, NULL, share, share, terms, n);
}

static void add_sums(struct build *b)
{
	const struct placement_box *x = &b->p->box;
	double spread = (double)x->batch_high / (double)x->batch_low;

	for (size_t kind = 0; kind < PLACE_KINDS; kind++) {
		if (!b->p->fixed.given)
			add_sum(b, kind, -1, 1.0);
		for (int i = 0; i < PLACE_PLACES && b->p->fixed.given; i++)
			add_sum(b, kind, i, b->p->fixed.share[kind][i]);
	}
	solver_add_row(b->s, NULL, 0.0, INFINITY,
		       (struct solver_term[]){ { b->v, 1.0 },
					       { b->u, -1.0 } }, 2);
	solver_add_row(b->s, NULL, 0.0, INFINITY,
		       (struct solver_term[]){ { b->u, spread },
					       { b->v, -1.0 } }, 2);
}

/* GLPK's dual values are exact to this, the objective being near 1. */
static double dual(const struct build *b, size_t row)
{
	const double nothing = 1e-9;
	double y = solver_dual(b->s, row);

	return fabs(y) < nothing ? 0.0 : y;
}

static void read_answer(const struct build *b, struct place_answer *out)
{
	/* beyond what a share of 1 is exact to */
	const double nothing = 1e-12;
	const struct placement_costs *c = b->p->costs;
	double u = solver_value(b->s, b->u);
	size_t row = 0;

	*out = (struct place_answer){
		.optimum = solver_objective(b->s) * b->unit
	};
	for (int i = 0; i < SHARE_COUNT; i++) {
		double share = b->has[i] ? solver_value(b->s, b->column[i])
					 : 0.0;
		size_t kind, place;

		place_of(i, &kind, &place);
		if (kind == 0)
			share /= u;
		if (b->p->fixed.given && kind != 1)	/* exactly as given */
			share = b->p->fixed.share[kind][place];
		out->share[i] = share < nothing ? 0.0 : fmin(share, 1.0);
	}
	for (int f = 0; f < PHASE_COUNT; f++)
		for (size_t a = 0; a < c->narms[f]; a++)
			out->arm[f][a] = c->layers[f] * dual(b, row++);
	for (int m = 0; m < ROOM_COUNT; m++)
		if ((b->p->rooms | b->p->stretch) & 1u << m &&
		    isfinite(c->capacity[m]))
			out->room[m] = dual(b, row++) * b->unit *
				       b->requests / c->capacity[m];
}

/* A time for each request near which the optimum is. */
static double unit_of(const struct place_program *p)
{
	double sum = 0.0;

	if (p->stretch != 0)
		return 1.0;
	for (int f = 0; f < PHASE_COUNT; f++)
		sum += p->costs->layers[f] *
		       p->costs->time[f][TERM_GEMM].request;
	return sum;
}

enum status place_program_solve(const struct place_program *p,
				struct place_answer *out, struct diag *d)
{
	struct build b = {
		.p = p, .s = solver_new(), .unit = unit_of(p),
		.requests = (double)p->box.batch_low * (double)p->box.num_low,
		.batches = (double)p->box.num_low,
	};
	enum status s;

	add_columns(&b);
	add_arms(&b);
	add_rooms(&b);
	add_sums(&b);
	solver_set_limit(b.s, p->limit_s);
	solver_set_tolerance(b.s, TOLERANCE);
	s = solver_solve(b.s, d);
	if (s == STATUS_OK)
		read_answer(&b, out);
	solver_free(b.s);
	return s;
}
