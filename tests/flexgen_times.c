/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/flexgen_times.h"

#include <math.h>

#include <check.h>

#include "model/layer.h"

struct flexgen_case flexgen_times_case(const struct random_case *c,
				       const struct plan *plan,
				       enum span span)
{
	const double *d = plan->decision;
	struct flexgen_case f = {
		.c = c, .span = span,
		.separate = d[DECISION_SEP_LAYER] == SEP_LAYER_YES,
		.cpu = d[DECISION_ATTENTION] == ATTENTION_CPU,
		.pageable = d[DECISION_HOME] == HOME_PAGEABLE,
		.hidden_on_host = d[DECISION_HIDDEN] == HIDDEN_HOST,
		.on_gpu = d[DECISION_WEIGHTS_ON_GPU],
		.share = 1.0 - d[DECISION_CACHE_ON_GPU],
		.batches = c->w.num_batches,
		.recomputes = plan->policy->split == SPLIT_OPEN &&
			      span != SPAN_PREFILL,
		.stores_x = plan->policy->split == SPLIT_OPEN &&
			    (plan->whole_sequence || span == SPAN_PREFILL),
		.kept = 1.0,
	};
	size_t layers = span == SPAN_LAYER ? 1 : c->model.layers;
	size_t units = layers * (f.separate ? 2 : 1);
	double kept = 0.0;

	for (size_t i = 0; span == SPAN_PREFILL && i < plan->steps; i++)
		kept = fmax(kept, (double)plan->split[i]);
	if (span == SPAN_PREFILL)
		f.kept = fmin(kept, (double)c->w.prompt);
	f.slots = f.batches * (span == SPAN_LAYER ? units : units + 2);
	return f;
}

enum flexgen_unit flexgen_times_unit(const struct flexgen_case *f,
				     size_t slot)
{
	size_t unit = slot / f->batches, units = f->slots / f->batches;

	if (f->span != SPAN_LAYER) {
		if (unit == 0)
			return FLEXGEN_EMBED;
		if (unit == units - 1)
			return FLEXGEN_OUTPUT;
		unit--;
	}
	if (!f->separate)
		return FLEXGEN_JOINED;
	return unit % 2 == 0 ? FLEXGEN_ATTENTION : FLEXGEN_FFN;
}

static bool attends(const struct flexgen_case *f, size_t slot)
{
	enum flexgen_unit u = flexgen_times_unit(f, slot);

	return u == FLEXGEN_ATTENTION || u == FLEXGEN_JOINED;
}

/* A tensor in a layer: its elements; a bias or norm is in no part. */
struct tensor {
	double elements;
	int part;			/* enum layer_part, or -1 */
};

/* FlexGen's init_weight_list(): by the middle of each tensor. */
static void place(const struct tensor *t, size_t n, double on_gpu,
		  double elements[LAYER_PARTS])
{
	double sum = 0.0, end = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += t[i].elements;
	for (size_t i = 0; i < n; i++) {
		double middle;

		end += t[i].elements;
		middle = (end - 0.5 * t[i].elements) / sum;
		if (t[i].part >= 0 && middle < 1.0 - on_gpu)
			elements[t[i].part] += t[i].elements;
	}
}

/* OPT's tensors in FlexGen's order; gated models have no biases. */
void flexgen_times_placed(const struct llm *m, double on_gpu,
			  double elements[LAYER_PARTS])
{
	double h = (double)m->hidden, f = (double)(m->ffn * m->experts);
	double q = (double)(m->heads * m->head_dim);
	double k = (double)(m->kv_heads * m->head_dim);
	double b = m->ffn_gated ? 0.0 : 1.0;
	const struct tensor attention[] = {
		{ h * q, LAYER_QO }, { b * q, -1 }, { h * k, LAYER_KV },
		{ b * k, -1 }, { h * k, LAYER_KV }, { b * k, -1 },
		{ q * h, LAYER_QO }, { b * h, -1 }, { b * h, -1 },
		{ b * h, -1 },
	};
	const struct tensor gated[] = {
		{ h * f, LAYER_FFN }, { h * f, LAYER_FFN },
		{ f * h, LAYER_FFN },
	};
	const struct tensor plain[] = {
		{ h * f, LAYER_FFN }, { f, -1 }, { f * h, LAYER_FFN },
		{ h, -1 }, { h, -1 }, { h, -1 },
	};

	for (int i = 0; i < LAYER_PARTS; i++)
		elements[i] = 0.0;
	place(attention, 10, on_gpu, elements);
	if (m->ffn_gated)
		place(gated, 3, on_gpu, elements);
	else
		place(plain, 6, on_gpu, elements);
}

/* ---- what is issued ---- */

struct list {
	struct flexgen_issue *out;
	size_t n;
};

static void add(struct list *l, bool when, enum op op, size_t slot)
{
	if (!when)
		return;
	ck_assert_uint_lt(l->n, FLEXGEN_MOST_ISSUED);
	l->out[l->n++] = (struct flexgen_issue){ op, slot };
}

/* W(j + 1): of the unit after that of `now`, with its first batch. */
static void weights(const struct flexgen_case *f, size_t now, struct list *l)
{
	size_t slot = (now + f->batches) % f->slots;
	enum flexgen_unit u = flexgen_times_unit(f, slot);
	bool ends = u == FLEXGEN_EMBED || u == FLEXGEN_OUTPUT;
	bool there = f->on_gpu < 1.0 && now % f->batches == 0;

	add(l, there && attends(f, slot), OP_LOAD_WEIGHT_KV, slot);
	add(l, there && attends(f, slot), OP_LOAD_WEIGHT_QO, slot);
	add(l, there && (u == FLEXGEN_FFN || u == FLEXGEN_JOINED),
	    OP_LOAD_WEIGHT_FFN, slot);
	/* one tensor, whose middle is at a half */
	add(l, there && ends && 0.5 < 1.0 - f->on_gpu, OP_LOAD_EMBEDDING,
	    slot);
}

static bool loads_cache(const struct flexgen_case *f, size_t slot)
{
	return f->span != SPAN_PREFILL && f->share > 0.0 && !f->cpu &&
	       attends(f, slot);
}

static bool cpu_attends(const struct flexgen_case *f)
{
	return f->span != SPAN_PREFILL && f->share > 0.0 && f->cpu;
}

/* The GPU reads or writes K and V in fewer bits. */
static bool turns_cache(const struct flexgen_case *f)
{
	return f->c->w.kv != ELEMENT_FP16 &&
	       !(cpu_attends(f) && f->share == 1.0);
}

/* ... or their X. */
static bool turns_x(const struct flexgen_case *f)
{
	return f->c->w.activations != ELEMENT_FP16 && f->share > 0.0;
}

static void compute(const struct flexgen_case *f, size_t now, struct list *l)
{
	enum flexgen_unit u = flexgen_times_unit(f, now);
	bool attention = attends(f, now), host = attention && cpu_attends(f);
	bool inner = u != FLEXGEN_EMBED && u != FLEXGEN_OUTPUT;
	bool turn = attention && turns_cache(f);
	bool again = attention && f->recomputes && f->share > 0.0;

	add(l, inner && f->c->w.weights != ELEMENT_FP16,
	    OP_DEQUANTISE_WEIGHT, now);
	add(l, again && turns_x(f), OP_DEQUANTISE_ACTIVATION, now);
	add(l, again, OP_RECOMPUTE, now);
	add(l, attention, OP_PROJECT, now);
	add(l, host, OP_STORE_QUERY, now);
	add(l, host, OP_ATTEND_HOST, now);
	add(l, host, OP_LOAD_ATTENTION, now);
	add(l, turn || (attention && f->stores_x && turns_x(f)), OP_QUANTISE,
	    now);
	add(l, turn && f->span != SPAN_PREFILL, OP_DEQUANTISE_CACHE, now);
	add(l, attention, OP_ATTEND, now);
	add(l, attention, OP_OUTPUT, now);
	add(l, u == FLEXGEN_FFN || u == FLEXGEN_JOINED, OP_FFN, now);
	add(l, u == FLEXGEN_OUTPUT, OP_HEAD, now);
}

size_t flexgen_times_issued(const struct flexgen_case *f, size_t now,
			    struct flexgen_issue out[FLEXGEN_MOST_ISSUED])
{
	size_t next = (now + 1) % f->slots;
	size_t last = (now + f->slots - 1) % f->slots;
	bool row = f->batches == 1, loads = loads_cache(f, next);
	size_t store = row ? now : last, load = row ? now : next;
	bool stores = f->hidden_on_host &&
		      flexgen_times_unit(f, store) != FLEXGEN_OUTPUT;
	struct list l = { .out = out };

	weights(f, now, &l);
	add(&l, loads && f->recomputes, OP_LOAD_ACTIVATION, next);
	add(&l, loads && f->pageable, OP_STAGE_KEY, next);
	add(&l, loads, OP_LOAD_KEY, next);
	add(&l, loads && f->pageable, OP_STAGE_VALUE, next);
	add(&l, loads, OP_LOAD_VALUE, next);
	add(&l, stores && !row, OP_STORE_HIDDEN, store);
	add(&l, f->hidden_on_host &&
	    flexgen_times_unit(f, load) != FLEXGEN_EMBED, OP_LOAD_HIDDEN,
	    load);
	compute(f, now, &l);
	add(&l, attends(f, last) && f->share > 0.0 && !cpu_attends(f),
	    OP_STORE_CACHE, last);
	add(&l, attends(f, last) && f->share > 0.0 && f->stores_x,
	    OP_STORE_ACTIVATION, last);
	add(&l, stores && row, OP_STORE_HIDDEN, store);
	add(&l, true, OP_BARRIER, now);
	return l.n;
}

/* ---- how long it takes ---- */

/* How long the step's tokens make a work: those cached, those recomputed. */
struct length {
	double cached, split;
};

static double seconds(const struct flexgen_case *f, struct work w,
		      struct length at)
{
	return work_seconds(&w, &f->c->hw, at.cached, at.split);
}

static double tokens(const struct flexgen_case *f)
{
	return f->span == SPAN_PREFILL ? (double)f->c->w.prompt : 1.0;
}

/* [s] of the weights that slot `now` issues, one copy after another. */
static double weights_s(const struct flexgen_case *f, size_t now)
{
	static const enum op ops[] = { OP_LOAD_WEIGHT_KV, OP_LOAD_WEIGHT_QO,
				       OP_LOAD_WEIGHT_FFN };
	const struct hardware_direction *link = &f->c->hw.h2d;
	double placed[LAYER_PARTS], p = element_bytes(f->c->w.weights);
	struct flexgen_issue issued[FLEXGEN_MOST_ISSUED];
	struct list l = { .out = issued };
	double t = 0.0;

	flexgen_times_placed(&f->c->model, f->on_gpu, placed);
	weights(f, now, &l);
	for (size_t i = 0; i < l.n; i++) {
		double elements = (double)f->c->model.vocab *
				  (double)f->c->model.hidden;

		for (int part = 0; part < LAYER_PARTS; part++)
			if (ops[part] == issued[i].op)
				elements = placed[part];
		if (elements > 0.0)
			t += link->latency_s +
			     elements * p / link->bytes_per_s;
	}
	return t;
}

/* [s] of dequantised weights: what the unit has of the layer's. */
static double dequantise_s(const struct flexgen_case *f,
			   enum flexgen_unit u)
{
	const struct llm *m = &f->c->model;
	double all = layer_weight_bytes(m, &f->c->w);
	double ffn = layer_part_bytes(m, &f->c->w, LAYER_FFN);
	struct work w = layer_dequantise_weight(m, &f->c->w);

	if (f->c->w.weights == ELEMENT_FP16)
		return 0.0;
	w.bytes.fixed *= u == FLEXGEN_FFN ? ffn / all :
			 u == FLEXGEN_ATTENTION ? 1.0 - ffn / all : 1.0;
	return seconds(f, w, (struct length){ 1.0, 0.0 });
}

/* [s] the GPU attends, and turns K and V from and into fewer bits. */
static double attend_s(const struct flexgen_case *f, struct length at)
{
	const struct llm *m = &f->c->model;
	const struct workload *w = &f->c->w;
	double own = 1.0 - f->share, t = 0.0;
	bool prefill = f->span == SPAN_PREFILL, host = cpu_attends(f);

	if (turns_cache(f) || (f->stores_x && turns_x(f)))
		t += seconds(f, layer_quantise(
				     m, w, host ? own : 1.0,
				     f->stores_x ? f->share : 0.0,
				     tokens(f)), at);
	if (turns_cache(f) && !prefill)
		t += seconds(f, layer_dequantise_cache(
				     m, w, host ? 0.0 : f->share, own),
			     at);
	if (prefill)
		return t + seconds(f, layer_attend_prompt(m, w), at);
	return t + seconds(f, layer_attend(m, w, host ? own : 1.0), at);
}

/* [s] of K and V from X, which is 0 for a split of 0. */
static double recompute_s(const struct flexgen_case *f, struct length at)
{
	const struct llm *m = &f->c->model;
	const struct workload *w = &f->c->w;
	double t = 0.0;

	if (!f->recomputes || f->share == 0.0)
		return t;
	if (turns_x(f))
		t += seconds(f, layer_dequantise_activation(m, w, f->share),
			     at);
	return t + seconds(f, layer_recompute(m, w, f->share), at);
}

/*
 * When C(now) ends that may begin at `from`; `*link` is when the loads issued
 * before it end, behind which what the CPU's attention gave is copied in.
 */
static double compute_end(const struct flexgen_case *f, size_t now,
			  struct length at, double from, double *link)
{
	const struct llm *m = &f->c->model;
	const struct workload *w = &f->c->w;
	enum flexgen_unit u = flexgen_times_unit(f, now);
	double t = from, asked, back;

	if (u == FLEXGEN_EMBED)
		return from;
	if (u == FLEXGEN_OUTPUT)
		return t + seconds(f, layer_head(m, w), at);
	t += dequantise_s(f, u);
	if (attends(f, now)) {
		t += recompute_s(f, at);
		t += seconds(f, layer_project(m, w, tokens(f)), at);
		asked = t;
		t += attend_s(f, at);
		if (cpu_attends(f)) {
			back = asked +
			       seconds(f, layer_store_query(m, w, f->share),
				       at) +
			       seconds(f, layer_attend_host(m, w, f->share),
				       at);
			*link = fmax(back, *link) +
				seconds(f, layer_load_attention(
						m, w, f->share), at);
			t = fmax(t, *link);
		}
		t += seconds(f, layer_output(m, w, tokens(f)), at);
	}
	if (u != FLEXGEN_ATTENTION)
		t += seconds(f, layer_ffn(m, w, tokens(f)), at);
	return t;
}

double flexgen_times_slot(const struct flexgen_case *f, size_t now,
			  double cached, double split)
{
	const struct length at = { cached, split };
	const struct llm *m = &f->c->model;
	const struct workload *w = &f->c->w;
	struct flexgen_issue issued[FLEXGEN_MOST_ISSUED];
	size_t n = flexgen_times_issued(f, now, issued);
	double staged = 0.0, pin_key = 0.0, key = 0.0, value = 0.0;
	double store = 0.0, in = 0.0, out = 0.0, x = 0.0, store_x = 0.0;
	double link, from, stored, end;

	for (size_t i = 0; i < n; i++) {
		struct work stage = layer_stage_half(m, w, f->share);
		struct work half = layer_load_half(m, w, f->share);
		struct work sc = layer_store_cache(m, w, f->share,
						   tokens(f));

		sc.launches = 2.0;
		sc.pageable = f->pageable;
		switch (issued[i].op) {
		case OP_STAGE_KEY:
			pin_key = seconds(f, stage, at);
			staged += pin_key;
			break;
		case OP_STAGE_VALUE:
			staged += seconds(f, stage, at);
			break;
		case OP_LOAD_KEY:
			key = seconds(f, half, at);
			break;
		case OP_LOAD_VALUE:
			value = seconds(f, half, at);
			break;
		case OP_LOAD_HIDDEN:
			in = seconds(f, layer_load_hidden(m, w, tokens(f)),
				     at);
			break;
		case OP_STORE_HIDDEN:
			out = seconds(f, layer_store_hidden(m, w, tokens(f)),
				      at);
			break;
		case OP_STORE_CACHE:
			store = seconds(f, sc, at);
			break;
		case OP_LOAD_ACTIVATION:
			x = seconds(f, layer_load_activation(m, w, f->share),
				    at);
			break;
		case OP_STORE_ACTIVATION:
			store_x = seconds(f, layer_store_activation(
						  m, w, f->share,
						  f->kept), at);
			break;
		default:
			break;
		}
	}
	/* W, X, K and V in turn, K and V not before they are pinned */
	link = fmax(weights_s(f, now) + x + key,
		    fmax(staged, pin_key + key)) + value;
	/* SH and LH of several batches, LH of one, come before C */
	from = staged + (f->batches > 1 ? out : 0.0);
	stored = from + store + store_x;
	if (in > 0.0)
		from = link = fmax(from, link) + in;
	end = compute_end(f, now, at, from, &link);
	if (f->batches == 1)
		end = fmax(end, stored) + out;
	return fmax(fmax(end, link), stored);
}
