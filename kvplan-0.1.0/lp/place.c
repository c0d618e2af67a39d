/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "lp/place_blame.h"

/* A box that is still to be looked into, with its program's answer. */
struct node {
	struct placement_box box;
	struct place_answer answer;
};

struct search {
	const struct place_request *r;
	struct node *heap;		/* the least floor at the top */
	size_t n, room;
	struct node best;		/* a point */
	size_t programs;
	double start_s;
};

enum status place_check(const struct place_request *r, struct diag *d)
{
	static const char *const kinds[PLACE_KINDS] = { "weights", "KV",
							"hidden state" };

	for (size_t i = 0; i < PLACE_KINDS && r->fixed.given; i++) {
		double share = r->fixed.share[i][PLACE_PLACES - 1];

		if (share > 0.0 && r->c.machine.disk_memory_bytes <= 0.0)
			return diag_fail(d, STATUS_INVALID,
					 "%g %% of the %s would lie on disk, "
					 "of which %s says nothing",
					 100.0 * share, kinds[i],
					 r->c.machine.name);
	}
	return STATUS_OK;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum status out_of_time(const struct search *q, struct diag *d)
{
	return diag_fail(d, STATUS_SOLVER,
			 "the time limit of %g s ended before the search did",
			 q->r->limit_s);
}

static bool is_point(const struct placement_box *x)
{
	return x->batch_low == x->batch_high && x->num_low == x->num_high;
}

/* The floor of `box`; STATUS_INFEASIBLE where nothing in it fits. */
static enum status look(struct search *q, const struct placement_box *box,
			struct node *out, struct diag *d)
{
	struct placement_costs costs = placement_costs_make(&q->r->c, box);
	struct place_program p = {
		.costs = &costs, .box = *box, .fixed = q->r->fixed,
		.rooms = (1u << ROOM_COUNT) - 1u, .limit_s = INFINITY,
	};

	if (isfinite(q->r->limit_s)) {
		p.limit_s = q->r->limit_s - (now_s() - q->start_s);
		if (p.limit_s <= 0.0)
			return out_of_time(q, d);
	}
	q->programs++;
	out->box = *box;
	return place_program_solve(&p, &out->answer, d);
}

static void push(struct search *q, const struct node *node)
{
	size_t i = q->n++;

	if (q->n > q->room) {
		q->room = 2 * q->room + 64;
		q->heap = xrealloc_array(q->heap, q->room, sizeof *q->heap);
	}
	for (; i > 0; i = (i - 1) / 2) {
		const struct node *up = &q->heap[(i - 1) / 2];

		if (up->answer.optimum <= node->answer.optimum)
			break;
		q->heap[i] = *up;
	}
	q->heap[i] = *node;
}

static struct node pop(struct search *q)
{
	struct node top = q->heap[0], last = q->heap[--q->n];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < q->n; i = child) {
		if (child + 1 < q->n && q->heap[child + 1].answer.optimum <
						q->heap[child].answer.optimum)
			child++;
		if (last.answer.optimum <= q->heap[child].answer.optimum)
			break;
		q->heap[i] = q->heap[child];
	}
	q->heap[i] = last;
	return top;
}

/* Divide the wider side of `box` at its geometric mean. */
static void split(const struct placement_box *box,
		  struct placement_box half[2])
{
	bool batch = (double)box->batch_high / (double)box->batch_low >=
		     (double)box->num_high / (double)box->num_low;
	size_t low = batch ? box->batch_low : box->num_low;
	size_t high = batch ? box->batch_high : box->num_high;
	size_t mid = (size_t)sqrt((double)low * (double)high);

	mid = mid < low ? low : mid >= high ? high - 1 : mid;
	half[0] = half[1] = *box;
	if (batch) {
		half[0].batch_high = mid;
		half[1].batch_low = mid + 1;
	} else {
		half[0].num_high = mid;
		half[1].num_low = mid + 1;
	}
}

static bool worth_a_look(const struct search *q, const struct node *node)
{
	return node->answer.optimum <
	       q->best.answer.optimum * (1.0 - PLACE_GAP);
}

/* From `node` down the better halves to a point; the others go on the heap. */
static enum status dive(struct search *q, struct node node, struct diag *d)
{
	while (worth_a_look(q, &node)) {
		struct placement_box half[2];
		struct node kid[2];
		size_t kids = 0;

		if (is_point(&node.box)) {
			q->best = node;
			break;
		}
		split(&node.box, half);
		for (size_t i = 0; i < 2; i++) {
			enum status s = look(q, &half[i], &kid[kids], d);

			if (s == STATUS_OK)
				kids++;
			else if (s != STATUS_INFEASIBLE)
				return s;
		}
		if (kids == 0)
			break;
		if (kids == 2) {
			/* of equals the larger sizes: they bind sooner */
			size_t worse = kid[1].answer.optimum <=
				       kid[0].answer.optimum ? 0 : 1;

			push(q, &kid[worse]);
			kid[0] = kid[1 - worse];
		}
		node = kid[0];
	}
	return STATUS_OK;
}

static enum status explore(struct search *q, const struct placement_box *all,
			   struct diag *d)
{
	struct node node;
	enum status s = look(q, all, &node, d);

	if (s == STATUS_OK)
		push(q, &node);
	while (s == STATUS_OK && q->n > 0) {
		node = pop(q);
		if (!worth_a_look(q, &node))
			break;
		s = dive(q, node, d);
	}
	return s;
}

static void finish(const struct search *q, struct place_result *out)
{
	const struct placement_box *x = &q->best.box;

	*out = (struct place_result){
		.placement = { .batch = x->batch_low,
			       .num_batches = x->num_low },
		.costs = placement_costs_make(&q->r->c, x),
		.programs = q->programs,
	};
	memcpy(out->placement.share, q->best.answer.share,
	       sizeof out->placement.share);
	memcpy(out->arm, q->best.answer.arm, sizeof out->arm);
	memcpy(out->room, q->best.answer.room, sizeof out->room);
	out->outcome = placement_evaluate(&out->costs, &out->placement);
}

enum status place_search(const struct place_request *r,
			 struct place_result *out, struct diag *d)
{
	struct search q = { .r = r, .start_s = now_s() };
	bool open = r->batch == 0 || r->num_batches == 0;
	struct placement_box all = {
		r->batch ? r->batch : 1,
		r->batch ? r->batch : PLACE_MOST_BATCH,
		r->num_batches ? r->num_batches : 1,
		r->num_batches ? r->num_batches : PLACE_MOST_BATCHES,
	};
	struct placement_box least = { all.batch_low, all.batch_low,
				       all.num_low, all.num_low };
	enum status s;

	if (open && r->c.machine.host_memory_bytes <= 0.0)
		return diag_fail(d, STATUS_INVALID,
				 "%s does not state host.memory_bytes, so "
				 "that the number of requests has no limit",
				 r->c.machine.name);
	/* where the smallest sizes do not fit, none do */
	s = look(&q, &least, &q.best, d);
	if (s == STATUS_OK && !is_point(&all))
		s = explore(&q, &all, d);
	if (s == STATUS_OK)
		finish(&q, out);
	else if (s == STATUS_INFEASIBLE)
		s = place_blame(r, &least, d);
	free(q.heap);
	return s;
}

double place_shift_s(const struct place_request *request,
		     const struct place_result *r,
		     const struct offload *other)
{
	const struct placement *p = &r->placement;
	const struct placement_box box = { p->batch, p->batch,
					   p->num_batches, p->num_batches };
	struct placement_case c = request->c;
	struct placement_costs costs;
	double shift_s = 0.0;

	c.machine = *other;
	costs = placement_costs_make(&c, &box);
	for (int f = 0; f < PHASE_COUNT; f++)
		for (size_t a = 0; a < costs.narms[f]; a++)
			for (int t = 0; t < TERM_COUNT; t++) {
				if (!(costs.arms[f][a] & 1u << t))
					continue;
				shift_s += r->arm[f][a] *
					   (placement_use_at(
						    &costs.time[f][t], p) -
					    r->outcome.term_s[f][t]);
			}
	return shift_s;
}
