/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/workload.h"

static enum status check(const char *name, size_t value, size_t min,
			 size_t max, struct diag *d)
{
	if (value >= min && value <= max)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "%s: found %zu, expected %zu to %zu", name, value,
			 min, max);
}

enum status workload_check(const struct workload *w, const struct llm *m,
			   struct diag *d)
{
	size_t last;

	if (check("batch", w->batch, 1, WORKLOAD_MOST_BATCH, d) != STATUS_OK ||
	    check("num_batches", w->num_batches, 1, WORKLOAD_MOST_BATCHES,
		  d) != STATUS_OK ||
	    check("gpus", w->gpus, 1, WORKLOAD_MOST_GPUS, d) != STATUS_OK ||
	    check("prompt", w->prompt, 1, WORKLOAD_MOST_TOKENS,
		  d) != STATUS_OK)
		return STATUS_INVALID;
	if (w->gen == 1)
		return diag_fail(d, STATUS_INVALID,
				 "gen: found 1, expected 2 or more: the first "
				 "token comes from prefill, so there is no "
				 "decode step to plan");
	if (check("gen", w->gen, 2, WORKLOAD_MOST_TOKENS, d) != STATUS_OK)
		return STATUS_INVALID;
	last = workload_tokens(w);
	if (last > m->max_positions)
		return diag_fail(d, STATUS_INVALID,
				 "prompt %zu + gen %zu needs %zu positions, "
				 "%s has %zu", w->prompt, w->gen, last,
				 m->name, m->max_positions);
	return STATUS_OK;
}

size_t workload_requests(const struct workload *w)
{
	return w->batch * w->num_batches;
}

size_t workload_steps(const struct workload *w)
{
	return w->gen - 1;
}

/* The last token that is generated is not fed back. */
size_t workload_tokens(const struct workload *w)
{
	return w->prompt + w->gen - 1;
}

size_t workload_cached(const struct workload *w, size_t step)
{
	return w->prompt + step;
}
