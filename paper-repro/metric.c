/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/metric.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/xalloc.h"

/* Passes of a layer for one batch: what the paper calls a layer's time. */
static double passes(const struct decode_case *c, const struct outcome *o)
{
	return (double)(c->model.layers * c->workload.num_batches *
			o->plan.steps);
}

static double sum_busy(const struct outcome *o, const enum op *ops, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += o->run.op[ops[i]].busy_s;
	return sum;
}

static const enum op cache_ops[] = { OP_LOAD_CACHE, OP_LOAD_KEY,
				     OP_LOAD_VALUE };
static const enum op attention_compute[] = {
	OP_PROJECT, OP_QUANTISE, OP_DEQUANTISE_ACTIVATION, OP_RECOMPUTE,
	OP_APPEND, OP_DEQUANTISE_CACHE, OP_ATTEND, OP_OUTPUT,
};
static const enum op attention_copies[] = {
	OP_LOAD_WEIGHT_KV, OP_LOAD_WEIGHT_QO, OP_LOAD_ACTIVATION,
	OP_STORE_CACHE, OP_STORE_ACTIVATION, OP_STAGE_KEY, OP_STAGE_VALUE,
};

static double cache_s(const struct outcome *o)
{
	return sum_busy(o, cache_ops, 3);
}

static double cache_bytes(const struct outcome *o)
{
	double sum = 0.0;

	for (size_t i = 0; i < 3; i++)
		sum += o->run.op[cache_ops[i]].bytes;
	return sum;
}

/* With the layer inputs that stand for K and V. */
static double cache_and_input_s(const struct outcome *o)
{
	return cache_s(o) + o->run.op[OP_LOAD_ACTIVATION].busy_s;
}

static double compute_s(const struct outcome *o)
{
	return sum_busy(o, attention_compute,
			sizeof attention_compute / sizeof(enum op));
}

static double attention_tasks_s(const struct outcome *o)
{
	return cache_s(o) + compute_s(o) +
	       sum_busy(o, attention_copies,
			sizeof attention_copies / sizeof(enum op));
}

/* A function of a metric is one expression. */
#define METRIC(name, value)						\
	static double name(const struct decode_case *c,			\
			   const struct outcome *o,			\
			   const struct timeline *t)			\
	{								\
		(void)c, (void)o, (void)t;				\
		return value;						\
	}

METRIC(decode_s, o->decode_s)
METRIC(tokens_per_s, o->tokens_per_s)
METRIC(layer_s, o->decode_s / passes(c, o))
METRIC(kv_bytes, cache_bytes(o) / passes(c, o))
METRIC(load_cache_s, cache_s(o) / passes(c, o))
METRIC(attend_s, o->run.op[OP_ATTEND].busy_s / passes(c, o))
METRIC(recompute_s, o->run.op[OP_RECOMPUTE].busy_s / passes(c, o))

/* Weights are loaded once a layer, for all batches. */
static double per_layer(const struct decode_case *c, const struct outcome *o,
			double time_s)
{
	return time_s * (double)c->workload.num_batches / passes(c, o);
}

METRIC(weight_kv_s, per_layer(c, o, o->run.op[OP_LOAD_WEIGHT_KV].busy_s))
METRIC(weight_qo_s, per_layer(c, o, o->run.op[OP_LOAD_WEIGHT_QO].busy_s))
METRIC(weight_ffn_s, per_layer(c, o, o->run.op[OP_LOAD_WEIGHT_FFN].busy_s))
METRIC(sm_pct, outcome_busy_pct(o, ENGINE_SM))
METRIC(h2d_pct, outcome_busy_pct(o, ENGINE_H2D))

struct interval {
	double start_s, end_s;
};

static int by_start(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

/* The share of the time in which a kernel or a copy of GPU 0 is under way. */
static double active_pct(const struct decode_case *c, const struct outcome *o,
			 const struct timeline *t)
{
	struct graph *g = policy_graph(&o->plan, &c->model, &c->workload,
				       &c->hardware, SPAN_STEP);
	struct interval *spans = xcalloc(t->n + 1, sizeof *spans);
	double covered = 0.0, until = 0.0;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct slice *s = &t->slices[i];
		enum process p = op_process(g->tasks[s->task].op);

		if (s->gpu == 0 && p != PROCESS_HOST && p != PROCESS_ISSUE)
			spans[n++] = (struct interval){ s->start_s, s->end_s };
	}
	qsort(spans, n, sizeof *spans, by_start);
	for (size_t i = 0; i < n; i++) {
		double from = spans[i].start_s > until ? spans[i].start_s
						       : until;

		if (spans[i].end_s > from) {
			covered += spans[i].end_s - from;
			until = spans[i].end_s;
		}
	}
	free(spans);
	graph_free(g);
	return fmin(100.0, 100.0 * covered / o->run.makespan_s);
}

METRIC(kv_of_tasks_pct, 100.0 * cache_s(o) / attention_tasks_s(o))
METRIC(kvx_of_tasks_pct, 100.0 * cache_and_input_s(o) / attention_tasks_s(o))
METRIC(kv_of_time_pct, 100.0 * cache_s(o) / o->run.makespan_s)
METRIC(kvx_of_time_pct, 100.0 * cache_and_input_s(o) / o->run.makespan_s)
METRIC(compute_of_tasks_pct, 100.0 * compute_s(o) / attention_tasks_s(o))
METRIC(compute_of_time_pct, 100.0 * compute_s(o) / o->run.makespan_s)
METRIC(split_first, (double)o->plan.split[0])
METRIC(split_last, (double)o->plan.split[o->plan.steps - 1])
METRIC(split_share,
       (double)o->plan.split[o->plan.steps - 1] /
	       (double)workload_cached(&c->workload, o->plan.steps - 1))

/* Bytes of a token's layer input, and of its K and V. */
static double token_x_bytes(const struct decode_case *c)
{
	return (double)c->model.hidden *
	       element_bytes(c->workload.activations);
}

static double token_kv_bytes(const struct decode_case *c)
{
	return 2.0 * (double)(c->model.kv_heads * c->model.head_dim) *
	       element_bytes(c->workload.kv);
}

METRIC(x_over_kv, token_x_bytes(c) / token_kv_bytes(c))

static double saving(double subject, double against)
{
	return 100.0 * (1.0 - subject / against);
}

static double gain(double subject, double against)
{
	return 100.0 * (subject / against - 1.0);
}

/* What the baseline's own value is. */
static double of_against(double subject, double against)
{
	(void)subject;
	return against;
}

#define OF_BASELINE(which, what)					\
	{ "baseline_" which, what ", of the baseline",			\
	  "that of the baseline", QUANTITY_PERCENT,			\
	  .relative = true, .ratio = of_against, .base = which }

static const struct metric metrics[] = {
	{ "decode_s", "decode latency",
	  "time of all decode steps, prefill left out",
	  QUANTITY_SECONDS, .of = decode_s },
	{ "tokens_per_s", "decode throughput [tokens/s]",
	  "requests times decode steps over that time",
	  QUANTITY_NUMBER, .of = tokens_per_s },
	{ "layer_s", "time a layer and batch",
	  "decode time over steps, layers and batches",
	  QUANTITY_SECONDS, .measured = MEASURED_LAYER, .of = layer_s },
	{ "kv_bytes", "KV loaded a layer and batch",
	  "bytes of K and V that are loaded, over steps, layers and batches",
	  QUANTITY_BYTES, .of = kv_bytes },
	{ "load_cache_s", "KV over the link",
	  "time of the copies of K and V, over steps, layers and batches",
	  QUANTITY_SECONDS, .of = load_cache_s },
	{ "attend_s", "attention of one step",
	  "time of the attention kernel, over steps, layers and batches",
	  QUANTITY_SECONDS, .of = attend_s },
	{ "recompute_s", "recomputation",
	  "time of recomputing K and V, over steps, layers and batches",
	  QUANTITY_SECONDS, .of = recompute_s },
	{ "weight_kv_s", "W_K and W_V over the link",
	  "time of their copy for a layer", QUANTITY_SECONDS,
	  .of = weight_kv_s },
	{ "weight_qo_s", "W_Q and W_O over the link",
	  "time of their copy for a layer", QUANTITY_SECONDS,
	  .of = weight_qo_s },
	{ "weight_ffn_s", "FFN weights over the link",
	  "time of their copy for a layer", QUANTITY_SECONDS,
	  .of = weight_ffn_s },
	{ "sm_pct", "GPU utilisation, kernels",
	  "share of the decode in which a kernel runs", QUANTITY_PERCENT,
	  .of = sm_pct },
	{ "h2d_pct", "link utilisation",
	  "share of the decode in which a copy to the GPU runs",
	  QUANTITY_PERCENT, .of = h2d_pct },
	{ "active_pct", "GPU utilisation, kernels and copies",
	  "share of the decode in which a kernel or a copy runs",
	  QUANTITY_PERCENT, .timeline = true, .of = active_pct },
	{ "kv_of_tasks_pct", "KV transfer, of the tasks' time",
	  "time of loading K and V over the sum of the times of all tasks of "
	  "the attention block", QUANTITY_PERCENT, .of = kv_of_tasks_pct },
	{ "kvx_of_tasks_pct", "KV and X transfer, of the tasks' time",
	  "the same with the layer inputs that stand for K and V",
	  QUANTITY_PERCENT, .of = kvx_of_tasks_pct },
	{ "kv_of_time_pct", "KV transfer, of the decode",
	  "time of loading K and V over the whole decode",
	  QUANTITY_PERCENT, .of = kv_of_time_pct },
	{ "kvx_of_time_pct", "KV and X transfer, of the decode",
	  "the same with the layer inputs that stand for K and V",
	  QUANTITY_PERCENT, .of = kvx_of_time_pct },
	{ "compute_of_tasks_pct", "GPU compute, of the tasks' time",
	  "time of the attention block's kernels over the sum of the times "
	  "of all its tasks", QUANTITY_PERCENT, .of = compute_of_tasks_pct },
	{ "compute_of_time_pct", "GPU compute, of the decode",
	  "time of the attention block's kernels over the whole decode",
	  QUANTITY_PERCENT, .of = compute_of_time_pct },
	{ "split_first", "split of the first step [tokens]",
	  "tokens recomputed in the first decode step", QUANTITY_NUMBER,
	  .of = split_first },
	{ "split_last", "split of the last step [tokens]",
	  "tokens recomputed in the last decode step", QUANTITY_NUMBER,
	  .of = split_last },
	{ "split_share", "split over cached tokens",
	  "tokens recomputed in the last decode step, over those cached then",
	  QUANTITY_NUMBER, .of = split_share },
	{ "x_over_kv", "X over K and V",
	  "bytes of a token's layer input over those of its K and V",
	  QUANTITY_NUMBER, .of = x_over_kv },
	{ "saving_pct", "decode latency saved",
	  "1 - decode time over that of the baseline", QUANTITY_PERCENT,
	  .relative = true, .ratio = saving, .base = "decode_s",
	  .measured = MEASURED_TIMES },
	{ "gain_pct", "decode throughput gained",
	  "decode throughput over that of the baseline - 1",
	  QUANTITY_PERCENT, .relative = true, .ratio = gain,
	  .base = "tokens_per_s", .measured = MEASURED_RATES },
	OF_BASELINE("sm_pct", "GPU utilisation, kernels"),
	OF_BASELINE("active_pct", "GPU utilisation, kernels and copies"),
	OF_BASELINE("h2d_pct", "link utilisation"),
	OF_BASELINE("kv_of_tasks_pct", "KV transfer, of the tasks' time"),
	OF_BASELINE("kv_of_time_pct", "KV transfer, of the decode"),
	OF_BASELINE("compute_of_tasks_pct",
		    "GPU compute, of the tasks' time"),
	OF_BASELINE("compute_of_time_pct", "GPU compute, of the decode"),
};

enum { METRICS = sizeof metrics / sizeof metrics[0] };

const struct metric *reproduce_metric_list(size_t *n)
{
	*n = METRICS;
	return metrics;
}

enum status reproduce_metric_find(const char *key, const struct metric **out,
				  struct diag *d)
{
	const char *names[METRICS], *near;

	for (size_t i = 0; i < METRICS; i++) {
		names[i] = metrics[i].key;
		if (strcmp(names[i], key) == 0) {
			*out = &metrics[i];
			return STATUS_OK;
		}
	}
	near = nearest_name(key, names, METRICS);
	return diag_fail(d, STATUS_INVALID, "found '%.40s', expected a "
			 "metric%s%s", key, near ? ", the nearest is " : "",
			 near ? near : "");
}

bool reproduce_metric_is_share(const struct metric *m)
{
	return m->quantity == QUANTITY_PERCENT &&
	       (m->ratio == NULL || m->ratio == of_against);
}

size_t reproduce_metric_index(const struct metric *m)
{
	assert(m >= metrics && m < metrics + METRICS);
	return (size_t)(m - metrics);
}
