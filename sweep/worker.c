/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/worker.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/tangent.h"
#include "sweep/draws.h"
#include "sweep/simulate.h"
#include "sweep/walk.h"

/* The model of the last point, if its fields are varied. */
struct kept_model {
	bool known;
	size_t index;
	char text[SWEEP_MOST_AXES][SWEEP_VALUE_SIZE];
	struct llm model;
};

struct sweep_worker {
	const struct sweep *sweep;
	struct sweep_walk *walk;
	size_t nnames;
	const struct sweep_name **names;
	const struct sweep_value *values;	/* of the point */
	struct kept_model model;
	bool fields;				/* of the model are varied */
	struct step_planner *planner;
	const struct policy *load_all;
	double *samples;			/* of all draws */
};

struct sweep_worker *sweep_worker_new(const struct sweep *s)
{
	struct sweep_worker *w = xcalloc(1, sizeof *w);
	struct diag unused;
	enum status found = policy_find("load-all", &w->load_all, &unused);

	assert(found == STATUS_OK);
	(void)found;
	w->sweep = s;
	w->walk = sweep_walk_new(&s->space);
	w->nnames = sweep_space_names(&s->space);
	w->names = xcalloc(w->nnames, sizeof *w->names);
	for (size_t i = 0; i < w->nnames; i++) {
		w->names[i] = sweep_space_name(&s->space, i);
		w->fields |= w->names[i]->kind == SWEEP_FIELD;
	}
	w->planner = step_planner_new();
	w->samples = xcalloc(SWEEP_SPREADS * s->uncertain.draws + 1,
			     sizeof *w->samples);
	return w;
}

void sweep_worker_free(struct sweep_worker *w)
{
	if (w == NULL)
		return;
	sweep_walk_free(w->walk);
	free(w->names);
	step_planner_free(w->planner);
	free(w->samples);
	free(w);
}

const struct sweep_value *sweep_worker_inputs(struct sweep_worker *w,
					      uint64_t index)
{
	w->values = sweep_walk_at(w->walk, index);
	return w->values;
}

/* Whether the fields are those of the model that is kept; note them. */
static bool same_fields(struct sweep_worker *w, size_t index)
{
	struct kept_model *k = &w->model;
	bool same = k->known && k->index == index;
	size_t n = 0;

	for (size_t i = 0; i < w->nnames; i++) {
		if (w->names[i]->kind != SWEEP_FIELD)
			continue;
		if (n < SWEEP_MOST_AXES) {
			same = same && strcmp(k->text[n],
					      w->values[i].text) == 0;
			snprintf(k->text[n], sizeof k->text[n], "%s",
				 w->values[i].text);
		} else {
			same = false;
		}
		n++;
	}
	k->index = index;
	return same;
}

static bool varies_key(const struct sweep_worker *w, const char *key)
{
	for (size_t i = 0; i < w->nnames; i++)
		if (w->names[i]->kind == SWEEP_FIELD &&
		    strcmp(sweep_name_key(w->names[i]), key) == 0)
			return true;
	return false;
}

/* What a config.json need not say is derived anew, if it was as derived. */
static void drop_derived(const struct sweep_worker *w, const struct llm *base,
			 cJSON *config)
{
	static const char *const head_dim = "head_dim";
	static const char *const kv_heads = "num_key_value_heads";

	if (!varies_key(w, head_dim) &&
	    base->head_dim * base->heads == base->hidden)
		cJSON_DeleteItemFromObjectCaseSensitive(config, head_dim);
	if (!varies_key(w, kv_heads) && base->kv_heads == base->heads)
		cJSON_DeleteItemFromObjectCaseSensitive(config, kv_heads);
}

/* The model with the fields of the point, through its config.json. */
static enum status change_model(struct sweep_worker *w, size_t index,
				struct diag *d)
{
	const struct llm *base = &w->sweep->models[index];
	enum status st;
	cJSON *config;
	char *text;

	if (same_fields(w, index))
		return STATUS_OK;
	config = llm_json(base);
	drop_derived(w, base, config);
	for (size_t i = 0; i < w->nnames; i++) {
		const struct sweep_value *v = &w->values[i];

		if (w->names[i]->kind == SWEEP_FIELD)
			cJSON_ReplaceItemInObjectCaseSensitive(
				config, sweep_name_key(w->names[i]),
				isnan(v->number)
					? cJSON_CreateBool(
						  strcmp(v->text, "true") == 0)
					: cJSON_CreateNumber(v->number));
	}
	text = cJSON_PrintUnformatted(config);
	cJSON_Delete(config);
	st = llm_parse(text, base->name, &w->model.model, d);
	cJSON_free(text);
	w->model.known = st == STATUS_OK;
	return st;
}

/* Which of the sweep's models, machines and policies a point has. */
struct picked {
	size_t model, machine, policy;
};

/* What the values say: options into `r`, places in lists into `to`. */
static enum status read_values(const struct sweep_worker *w,
			       struct case_request *r, struct picked *to,
			       struct diag *d)
{
	for (size_t i = 0; i < w->nnames; i++) {
		const struct sweep_name *name = w->names[i];
		const struct sweep_value *v = &w->values[i];
		enum status st;

		switch (name->kind) {
		case SWEEP_OPTION:
			st = request_option(r, name->option, v->text, d);
			if (st != STATUS_OK)
				return diag_prefix(d, st, "%s", name->text);
			break;
		case SWEEP_MODEL:
			to->model = v->index;
			break;
		case SWEEP_HARDWARE:
			to->machine = v->index;
			break;
		case SWEEP_POLICY:
			to->policy = v->index;
			break;
		case SWEEP_FIGURE:
		case SWEEP_FIELD:
			break;
		}
	}
	return STATUS_OK;
}

static void set_figures(const struct sweep_worker *w, struct hardware *hw)
{
	for (size_t i = 0; i < w->nnames; i++)
		if (w->names[i]->kind == SWEEP_FIGURE)
			*hardware_figure(hw, w->names[i]->figure) =
				w->values[i].number;
}

/* The case of the point, from the base and the values. */
static enum status make_case(struct sweep_worker *w, struct sweep_point *c,
			     struct diag *d)
{
	const struct sweep *s = w->sweep;
	struct case_request r = s->request;
	struct picked at = { 0 };
	enum status st = read_values(w, &r, &at, d);

	if (st != STATUS_OK)
		return st;
	c->hardware = s->machines[at.machine].hardware;
	set_figures(w, &c->hardware);
	c->workload = r.workload;
	c->options = r.planner;
	c->options.without_glpk = true;
	c->policy = s->policies[at.policy];
	c->objective = s->objective;
	c->planner = w->planner;
	c->load_all = w->load_all;
	c->model = &s->models[at.model];
	if (w->fields) {
		st = change_model(w, at.model, d);
		c->model = &w->model.model;
	}
	if (st == STATUS_OK)
		st = hardware_check(&c->hardware, d);
	return st == STATUS_OK
		? workload_check(&c->workload, c->model, d) : st;
}

/* Elasticities of the columns by `t`; NAN where a figure is not stated. */
static enum status read_worth(const struct sweep_point *c,
			      const struct tangent *t,
			      struct sweep_result *r, struct diag *d)
{
	const struct sweep_columns *columns = c->columns;
	struct hardware hw = c->hardware;
	size_t n;
	const struct figure *fields = hardware_fields(&n);
	enum status st = STATUS_OK;

	for (size_t i = 0; i < columns->n && st == STATUS_OK; i++) {
		size_t f = columns->list[i].figure;
		double value, slope;

		if (!sweep_columns_is_worth(&columns->list[i]))
			continue;
		value = *hardware_figure(&hw, &fields[f]);
		st = tangent_of(t, &fields[f], &slope, d);
		r->worth[f] = value > 0.0 ? slope * value / r->plan.layer_s
					  : NAN;
	}
	return st;
}

/* As the certificate of `kvplan worth` has them. */
static enum status find_worth(const struct sweep_point *c,
			      struct sweep_result *r, struct diag *d)
{
	const struct step_plan *p = &r->plan;
	struct plan plan = step_decisions(p, &c->workload);
	double limit = (double)plan_split_limit(&plan, &c->workload, p->step);
	bool moves = c->options.program == PROGRAM_PERIOD &&
		     !c->options.fix_split;
	struct graph *layer = policy_graph(&plan, c->model, &c->workload,
					   &c->hardware, SPAN_LAYER);
	const struct tangent_layer subject = {
		.graph = layer, .hw = &c->hardware, .clock = p->clock,
		.cached = (double)p->cached, .near = (double)p->split,
		.low = !moves ? (double)p->split
			      : p->policy->split == SPLIT_OPEN ? 0.0 : limit,
		.high = moves ? limit : (double)p->split,
	};
	struct tangent t;
	enum status st = tangent_make(&subject, &t, d);

	if (st == STATUS_OK) {
		st = read_worth(c, &t, r, d);
		tangent_clear(&t);
	}
	graph_free(layer);
	return st;
}

enum status sweep_worker_find(struct sweep_worker *w,
			      struct sweep_result *out, struct diag *d)
{
	const struct sweep *s = w->sweep;
	struct sweep_point c = { .columns = &s->columns };
	enum status st = make_case(w, &c, d);
	double layers;

	if (st != STATUS_OK)
		return st;
	st = sweep_point_plan(&c, &out->plan, d);
	if (st != STATUS_OK)
		return st;
	layers = (double)c.model->layers;
	out->model = c.model;
	out->w = c.workload;
	out->step_s = layers * out->plan.layer_s;
	out->floor_s = layers * out->plan.floor_s;
	out->load_all_s = NAN;
	if (s->columns.needs.load_all)
		out->load_all_s = layers * sweep_point_load_all(&c, &out->plan);
	if (s->columns.needs.worth)
		st = find_worth(&c, out, d);
	if (st == STATUS_OK && s->simulate)
		st = sweep_simulate(&c, out, d);
	if (st == STATUS_OK && s->uncertain.nvaried > 0)
		st = sweep_draws(&c, &s->uncertain, w->samples, out, d);
	return st;
}
