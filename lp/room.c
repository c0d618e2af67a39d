/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/room.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "lp/choices.h"
#include "schedule/policy.h"

static const struct memory_item *find_item(const struct memory *mem,
					   const struct memory_item *like)
{
	for (size_t i = 0; i < mem->n; i++)
		if (mem->items[i].place == like->place &&
		    strcmp(mem->items[i].what, like->what) == 0)
			return &mem->items[i];
	return NULL;
}

/*
 * What lies there at least, with any splits, if `a` is with none and `b` with
 * the largest: an item grows or shrinks all the way, and where one phase needs
 * more at both ends, it needs no less in between.
 */
static struct memory least_memory(const struct memory *a,
				  const struct memory *b)
{
	struct memory least = { .n = 0 };

	for (size_t i = 0; i < a->n; i++) {
		const struct memory_item *other = find_item(b, &a->items[i]);

		if (other != NULL)
			memory_add(&least, a->items[i].place,
				   a->items[i].what,
				   fmin(a->items[i].bytes, other->bytes));
	}
	return least;
}

static bool fits(const struct hardware *hw, const struct memory *mem)
{
	for (int i = 0; i < MEMORY_PLACES; i++) {
		enum memory_place place = (enum memory_place)i;
		double room = memory_capacity(hw, place);

		if (room > 0.0 && memory_used(mem, place) > room)
			return false;
	}
	return true;
}

/*
 * What lies there with split `l` in the last of the steps alone.  `w` is the
 * workload, or one of the same length that is all prompt: prefill then takes
 * more than it does, and else a step takes less than the last.
 */
static struct memory one_step(const struct llm *m, const struct workload *w,
			      const struct plan *like, size_t l)
{
	struct plan plan = *like;
	struct memory mem;

	plan.steps = 1;
	plan.split = &l;
	plan.policy->memory(m, w, &plan, &mem);
	return mem;
}

enum room room_judge(const struct llm *m, const struct workload *w,
		     const struct hardware *hw, const struct plan *plan,
		     size_t low, size_t high, struct diag *d)
{
	struct workload longest = *w;
	struct memory a, b;

	longest.prompt += w->gen - 2;
	longest.gen = 2;
	a = one_step(m, &longest, plan, low);
	b = one_step(m, &longest, plan, high);
	if (fits(hw, &a) && fits(hw, &b))
		return ROOM_ENOUGH;
	a = one_step(m, w, plan, low);
	b = one_step(m, w, plan, high);
	a = least_memory(&a, &b);
	return memory_check(&a, hw, d) == STATUS_OK ? ROOM_UNSURE
						    : ROOM_TOO_LITTLE;
}

static double lack_of(const struct hardware *hw, const struct memory *mem)
{
	double lack = 0.0;

	for (int i = 0; i < MEMORY_PLACES; i++) {
		enum memory_place place = (enum memory_place)i;
		double room = memory_capacity(hw, place);

		if (room > 0.0)
			lack += fmax(memory_used(mem, place) - room, 0.0);
	}
	return lack;
}

double room_lack(const struct llm *m, const struct workload *w,
		 const struct hardware *hw, const struct policy *policy,
		 const struct planner_options *options, struct diag *d)
{
	struct plan plan = {
		.policy = policy, .steps = workload_steps(w),
		.whole_sequence = policy->split == SPLIT_ALL,
	};
	struct choices choices = choices_begin(&plan, w, options);
	double least = INFINITY;

	do {
		size_t high = plan_split_limit(&plan, w, 0);
		size_t low = policy->split == SPLIT_OPEN ? 0 : high;
		struct memory a = one_step(m, w, &plan, low);
		struct memory b = one_step(m, w, &plan, high);

		a = least_memory(&a, &b);
		if (lack_of(hw, &a) >= least)
			continue;
		least = lack_of(hw, &a);
		(void)!memory_check(&a, hw, d);
	} while (choices_next(&choices, plan.decision));
	return least;
}
