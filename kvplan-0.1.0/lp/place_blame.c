/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/place_blame.h"

#include <math.h>
#include <stdio.h>

enum { ALL_ROOMS = (1 << ROOM_COUNT) - 1 };

/* The limits of one memory. */
static const unsigned devices[] = {
	1u << ROOM_GPU_PREFILL | 1u << ROOM_GPU_DECODE,
	1u << ROOM_HOST_PREFILL | 1u << ROOM_HOST_DECODE,
	1u << ROOM_DISK,
};

/* Of what GLPK's tolerance may let pass as within a limit. */
#define SLACK 1e-6

struct trial {
	const struct place_request *r;
	const struct placement_costs *costs;
	const struct placement_box *box;
};

/*
 * By how much the rooms `stretch` would have to be larger, those of `rooms`
 * being held, and which of them is the fullest then.
 */
static enum status try(const struct trial *t, unsigned rooms,
		       unsigned stretch, double *factor, int *fullest,
		       struct diag *d)
{
	const struct place_program p = {
		.costs = t->costs, .box = *t->box, .fixed = t->r->fixed,
		.rooms = rooms, .stretch = stretch, .limit_s = INFINITY,
	};
	struct placement at = { .batch = t->box->batch_low,
				.num_batches = t->box->num_low };
	struct place_answer answer;
	enum status s = place_program_solve(&p, &answer, d);
	double most = 0.0;

	if (s != STATUS_OK)
		return s;
	for (int i = 0; i < SHARE_COUNT; i++)
		at.share[i] = answer.share[i];
	for (int m = 0; m < ROOM_COUNT; m++) {
		double use = placement_use_at(&t->costs->memory[m], &at) /
			     t->costs->capacity[m];

		if (!(stretch & 1u << m) || use <= most)
			continue;
		most = use;
		*fullest = m;
	}
	*factor = answer.optimum;
	return STATUS_OK;
}

static enum status complain(const struct trial *t, int room, double factor,
			    const char *beside, struct diag *d)
{
	double share = t->r->c.machine.memory_share;
	double has = t->costs->capacity[room];
	char need[QUANTITY_SIZE], have[QUANTITY_SIZE], whole[QUANTITY_SIZE];
	char of[2 * QUANTITY_SIZE] = "";

	quantity_format(factor * has, QUANTITY_BYTES, need);
	quantity_format(has, QUANTITY_BYTES, have);
	quantity_format(has / share, QUANTITY_BYTES, whole);
	if (share != 1.0)
		snprintf(of, sizeof of, " (%g of %s)", share, whole);
	return diag_fail(d, STATUS_INFEASIBLE,
			 "%s: needs at least %s%s, has %s%s",
			 placement_memory_title((enum placement_memory)room),
			 need, beside, have, of);
}

/* All together, as no one memory alone would do. */
static enum status complain_of_all(const struct trial *t, struct diag *d)
{
	double factor;
	int fullest;
	enum status s = try(t, 0, ALL_ROOMS, &factor, &fullest, d);

	if (s != STATUS_OK)
		return s;
	if (factor <= 1.0)
		return diag_fail(d, STATUS_SOLVER, "GLPK finds no placement "
				 "within the memory, and then one");
	return diag_fail(d, STATUS_INFEASIBLE,
			 "GPU, host and disk memory: all would have to be "
			 "%.3g times as large", factor);
}

enum status place_blame(const struct place_request *r,
			const struct placement_box *box, struct diag *d)
{
	const struct placement_costs costs = placement_costs_make(&r->c, box);
	const struct trial t = { r, &costs, box };
	double factor, least = INFINITY;
	int fullest = -1, blamed = -1;
	enum status s;

	for (int m = 0; m < ROOM_COUNT; m++) {
		if (isinf(costs.capacity[m]))
			continue;
		s = try(&t, 0, 1u << m, &factor, &fullest, d);
		if (s != STATUS_OK)
			return s;
		if (factor > 1.0 + SLACK)
			return complain(&t, m, factor, "", d);
	}
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
		s = try(&t, ALL_ROOMS & ~devices[i], devices[i], &factor,
			&fullest, d);
		if (s == STATUS_SOLVER)
			return s;
		if (s != STATUS_OK || factor <= 1.0 || factor >= least)
			continue;
		least = factor;
		blamed = fullest;
	}
	if (blamed < 0)
		return complain_of_all(&t, d);
	return complain(&t, blamed, least, " beside the other limits", d);
}
