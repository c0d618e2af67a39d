/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware.h"
#include "schedule/plan_file.h"
#include "schedule/policy.h"
#include "sim/run.h"

struct parsed {
	struct llm model;
	struct workload workload;
	struct plan plan;
	char *hardware;
};

static bool parse(const char *text, struct parsed *p)
{
	struct diag d = { "" };

	if (plan_file_parse(text, &p->model, &p->workload, &p->plan,
			    &p->hardware, &d) == STATUS_OK)
		return true;
	FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
	return false;
}

static void clear(struct parsed *p)
{
	plan_clear(&p->plan);
	free(p->hardware);
}

static void check_sane(const struct parsed *p)
{
	const struct workload *w = &p->workload;

	FUZZ_CHECK(w->batch > 0 && w->prompt > 0 && w->gen > 1 &&
		   w->num_batches > 0 && w->gpus > 0);
	FUZZ_CHECK(w->weights < ELEMENT_COUNT && w->kv < ELEMENT_COUNT &&
		   w->activations < ELEMENT_COUNT);
	FUZZ_CHECK(p->plan.policy != NULL && p->hardware != NULL);
	FUZZ_CHECK(p->plan.steps == workload_steps(w));
	for (int i = 0; i < DECISION_COUNT; i++)
		FUZZ_CHECK(p->plan.decision[i] >= 0.0 &&
			   p->plan.decision[i] <= decision_specs[i].most);
	for (size_t i = 0; i < p->plan.steps; i++)
		FUZZ_CHECK(p->plan.split[i] <=
				   plan_split_limit(&p->plan, w, i) &&
			   p->plan.split[i] <= workload_cached(w, i));
}

static bool same_workload(const struct workload *a, const struct workload *b)
{
	return a->batch == b->batch && a->num_batches == b->num_batches &&
	       a->prompt == b->prompt && a->gen == b->gen &&
	       a->gpus == b->gpus && a->weights == b->weights &&
	       a->kv == b->kv && a->activations == b->activations;
}

/* Written and read back it is the same. */
static void check_round_trip(const struct parsed *p)
{
	cJSON *json = plan_file_json(&p->model, &p->workload, &p->plan,
				     p->hardware, NULL);
	struct parsed again;
	char *text;

	text = cJSON_Print(json);
	FUZZ_CHECK(parse(text, &again));
	FUZZ_CHECK(again.plan.policy == p->plan.policy &&
		   memcmp(again.plan.decision, p->plan.decision,
			  sizeof p->plan.decision) == 0 &&
		   again.plan.whole_sequence == p->plan.whole_sequence &&
		   again.plan.steps == p->plan.steps);
	FUZZ_CHECK(memcmp(again.plan.split, p->plan.split,
			  p->plan.steps * sizeof *p->plan.split) == 0);
	FUZZ_CHECK(same_workload(&again.workload, &p->workload));
	clear(&again);
	cJSON_free(text);
	cJSON_Delete(json);
}

enum { MOST_SLOTS = 48 };	/* simulated: more would take long */

/* Whether `hw` states what the tasks of `g` need. */
static bool is_stated(const struct graph *g, const struct hardware *hw)
{
	struct diag d;

	for (size_t i = 0; i < g->nworks; i++)
		if (work_check(&g->works[i], hw, &d) != STATUS_OK)
			return false;
	return true;
}

static void check_simulation(const struct parsed *p)
{
	const struct run_options options = run_whole(&p->plan);
	struct run_result result;
	struct hardware hw;
	struct graph *g;
	struct diag d;

	if (p->model.layers * p->workload.num_batches > MOST_SLOTS ||
	    hardware_parse(p->hardware, &hw, &d) != STATUS_OK)
		return;
	g = p->plan.policy->build(&p->model, &p->workload, &p->plan,
				  SPAN_STEP);
	if (!is_stated(g, &hw)) {
		graph_free(g);
		return;
	}
	FUZZ_CHECK(run_graph(g, &p->workload, &p->plan, &hw, &options,
			     &result, &d) == STATUS_OK);
	FUZZ_CHECK(isfinite(result.makespan_s) && result.makespan_s > 0.0);
	for (int e = 0; e < ENGINE_COUNT; e++)
		FUZZ_CHECK(result.engine[e].busy_s <=
			   result.makespan_s * (1.0 + 1e-9));
	graph_free(g);
	hardware_clear(&hw);
}

bool fuzz_one(const char *text)
{
	struct parsed p;

	if (!parse(text, &p))
		return false;
	check_sane(&p);
	check_round_trip(&p);
	check_simulation(&p);
	clear(&p);
	return true;
}
