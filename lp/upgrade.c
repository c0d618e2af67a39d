/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/upgrade.h"

#include <math.h>
#include <string.h>

#include "base/nearest.h"
#include "lp/pace.h"
#include "model/memory.h"

static const char link_name[] = "link";
static const char *const link_paths[UPGRADE_MOST_FIELDS] = {
	"link.h2d.bytes_per_s", "link.d2h.bytes_per_s",
	"link.duplex_bytes_per_s",
};

/* What kind of figure an upgrade can be about. */
static bool is_better(enum quantity q)
{
	return q == QUANTITY_BYTES_PER_S || q == QUANTITY_FLOP_PER_S ||
	       q == QUANTITY_BYTES || q == QUANTITY_SECONDS;
}

static const struct figure *find_field(const char *path)
{
	size_t n;
	const struct figure *fields = hardware_fields(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].path, path) == 0 &&
		    is_better(fields[i].quantity))
			return &fields[i];
	return NULL;
}

static enum status unknown(const char *name, struct diag *d)
{
	const char *names[1 + HARDWARE_MOST_FIELDS] = { link_name }, *near;
	size_t n, count = 1;
	const struct figure *fields = hardware_fields(&n);

	for (size_t i = 0; i < n; i++)
		if (is_better(fields[i].quantity))
			names[count++] = fields[i].path;
	near = nearest_name(name, names, count);
	return diag_fail(d, STATUS_USAGE,
			 "found '%.60s', expected link or a rate, capacity or "
			 "latency of the hardware%s%s", name,
			 near ? ", the nearest is " : "", near ? near : "");
}

enum status upgrade_find(const char *name, struct upgrade *out,
			 struct diag *d)
{
	struct upgrade u = { .name = link_name,
			     .nfields = UPGRADE_MOST_FIELDS };

	if (strcmp(name, link_name) == 0) {
		for (size_t i = 0; i < UPGRADE_MOST_FIELDS; i++)
			u.field[i] = find_field(link_paths[i]);
		*out = u;
		return STATUS_OK;
	}
	u.field[0] = find_field(name);
	u.nfields = 1;
	if (u.field[0] == NULL)
		return unknown(name, d);
	u.name = u.field[0]->path;
	u.memory = strcmp(u.name, "gpu.memory_bytes") == 0;
	*out = u;
	return STATUS_OK;
}

void upgrade_apply(const struct upgrade *u, double factor,
		   struct hardware *hw)
{
	for (size_t i = 0; i < u->nfields; i++) {
		double *figure = hardware_figure(hw, u->field[i]);

		if (u->field[i]->quantity == QUANTITY_SECONDS)
			*figure /= factor;
		else
			*figure *= factor;
	}
}

double upgrade_value(const struct upgrade *u, const struct hardware *hw)
{
	struct hardware copy = *hw;

	return *hardware_figure(&copy, u->field[0]);
}

static bool is_open(const struct upgrade_case *c, enum decision share)
{
	return c->policy->rules[share].decider == DECIDED_BY_USER &&
	       !c->options->fix[share];
}

static const enum decision shares[] = { DECISION_CACHE_ON_GPU,
					DECISION_WEIGHTS_ON_GPU };

enum { SHARES = sizeof shares / sizeof shares[0] };

bool upgrade_uses_memory(const struct upgrade_case *c)
{
	return is_open(c, shares[0]) || is_open(c, shares[1]);
}

static enum status plan_as(const struct upgrade_case *c,
			   const struct planner_options *options,
			   const struct hardware *hw, struct plan *out,
			   double *step_s, struct diag *d)
{
	enum status s = planner_plan(c->m, c->w, hw, c->policy, options, out,
				     d);

	if (s == STATUS_OK)
		*step_s = pace_step_s(c->m, c->w, hw, out);
	return s;
}

/* Whether `plan` with `share` at `value` fits `hw`. */
static bool fits(const struct upgrade_case *c, const struct hardware *hw,
		 const struct plan *plan, enum decision share, double value)
{
	struct plan p = *plan;
	struct memory mem;
	struct diag unused;

	p.decision[share] = value;
	p.policy->memory(c->m, c->w, &p, &mem);
	return memory_check(&mem, hw, &unused) == STATUS_OK;
}

/* Halvings of a share: to far less than what a request's KV takes. */
enum { HALVINGS = 40 };

/* The largest `share` from that of `plan` on that fits; it fits there. */
static double largest_share(const struct upgrade_case *c,
			    const struct hardware *hw,
			    const struct plan *plan, enum decision share)
{
	double good = plan->decision[share], bad = 1.0;

	if (fits(c, hw, plan, share, bad))
		return bad;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = 0.5 * (good + bad);

		if (fits(c, hw, plan, share, middle))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

/*
 * Fill memory at the depth of `options`, first with the share `first`, then
 * with the other; keep the plan if it is faster.
 */
static enum status fill_from(const struct upgrade_case *c,
			     const struct planner_options *at_depth,
			     const struct hardware *hw, size_t first,
			     struct plan *best, double *best_s,
			     struct diag *d)
{
	struct planner_options options = *at_depth;
	struct plan plan;
	double step_s;
	enum status s = plan_as(c, &options, hw, &plan, &step_s, d);

	if (s != STATUS_OK)
		return s;
	for (size_t i = 0; i < SHARES; i++) {
		enum decision share = shares[(first + i) % SHARES];

		if (!is_open(c, share))
			continue;
		plan.decision[share] = largest_share(c, hw, &plan, share);
		options.fix[share] = true;
		options.value[share] = plan.decision[share];
	}
	plan_clear(&plan);
	s = plan_as(c, &options, hw, &plan, &step_s, d);
	if (s != STATUS_OK)
		return s;
	if (best->policy != NULL && step_s >= *best_s) {
		plan_clear(&plan);
		return s;
	}
	plan_clear(best);
	*best = plan;
	*best_s = step_s;
	return s;
}

/*
 * Each depth by itself: were the planner to choose it after memory is filled,
 * the buffers of a deeper one might not fit, and more memory do harm.
 */
static enum status plan_filled(const struct upgrade_case *c,
			       const struct hardware *hw, struct plan *best,
			       double *best_s, struct diag *d)
{
	const enum decision depth = DECISION_PREFETCH;
	bool open = c->policy->rules[depth].decider == DECIDED_BY_PLANNER &&
		    !c->options->fix[depth] &&
		    c->options->program == PROGRAM_PERIOD;
	size_t batches = c->w->num_batches < PLANNER_MOST_BATCHES
				 ? c->w->num_batches : PLANNER_MOST_BATCHES;
	size_t last = open ? PLANNER_MOST_PREFETCH + batches - 1 : 0;

	for (size_t i = 0; i <= last; i++) {
		struct planner_options options = *c->options;

		if (open) {
			options.fix[depth] = true;
			options.value[depth] = (double)i;
		}
		for (size_t k = 0; k < SHARES; k++) {
			enum status s;

			if (!is_open(c, shares[k]))
				continue;	/* as from the other */
			s = fill_from(c, &options, hw, k, best, best_s, d);
			if (s != STATUS_OK && s != STATUS_INFEASIBLE)
				return s;
		}
	}
	return best->policy != NULL ? STATUS_OK : STATUS_INFEASIBLE;
}

enum status upgrade_plan(const struct upgrade_case *c,
			 const struct hardware *hw, bool fill,
			 struct plan *out, double *step_s, struct diag *d)
{
	struct plan best = { 0 };
	double best_s = INFINITY;
	enum status s;

	if (!fill || !upgrade_uses_memory(c))
		return plan_as(c, c->options, hw, out, step_s, d);
	s = plan_filled(c, hw, &best, &best_s, d);
	if (s != STATUS_OK) {
		plan_clear(&best);
		return s;
	}
	*out = best;
	*step_s = best_s;
	return STATUS_OK;
}
