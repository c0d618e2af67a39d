/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/place_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "cli/place_export.h"

/* Less of the time than this would print as 0.0 %. */
#define SMALL_SHARE 5e-4

/* A derivative is not to be stretched further than this share of a figure. */
#define MOST_MORE 0.1

static size_t requests(const struct place_result *r)
{
	return r->placement.batch * r->placement.num_batches;
}

/* The sum of the shares from `first` to `last`, in percent. */
static double pct(const struct place_result *r, int first, int last)
{
	double sum = 0.0;

	for (int i = first; i <= last; i++)
		sum += r->placement.share[i];
	return 100.0 * sum;
}

static void print_shares(const struct place_result *r)
{
	static const struct table_column columns[] = {
		{ "what", "placed", QUANTITY_NUMBER },
		{ "gpu_pct", "GPU", QUANTITY_PERCENT },
		{ "host_pct", "host", QUANTITY_PERCENT },
		{ "disk_pct", "disk", QUANTITY_PERCENT },
	};
	static const struct {
		const char *what;
		int first[3], last[3];
	} rows[] = {
		{ "weights",
		  { SHARE_WEIGHTS_GPU, SHARE_WEIGHTS_HOST,
		    SHARE_WEIGHTS_DISK },
		  { SHARE_WEIGHTS_GPU, SHARE_WEIGHTS_HOST,
		    SHARE_WEIGHTS_DISK } },
		{ "KV cache",
		  { SHARE_KV_GPU, SHARE_KV_SENT, SHARE_KV_DISK_SENT },
		  { SHARE_KV_GPU, SHARE_KV_HOST, SHARE_KV_DISK_HOST } },
		{ "hidden state",
		  { SHARE_HIDDEN_GPU, SHARE_HIDDEN_HOST, SHARE_HIDDEN_DISK },
		  { SHARE_HIDDEN_GPU, SHARE_HIDDEN_HOST,
		    SHARE_HIDDEN_DISK } },
	};
	struct table *t = table_new(columns, 4);

	for (size_t i = 0; i < 3; i++) {
		table_text(t, rows[i].what);
		for (size_t k = 0; k < 3; k++)
			table_number(t, pct(r, rows[i].first[k],
					    rows[i].last[k]));
	}
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
	for (int i = SHARE_KV_SENT; i <= SHARE_KV_DISK_HOST; i++)
		if (r->placement.share[i] >= SMALL_SHARE)
			printf("%s: %.1f %%\n",
			       placement_share_title((enum placement_share)i),
			       100.0 * r->placement.share[i]);
}

/* Terms of the arms that bind in `phase`, in words; the caller frees. */
static char *bound_text(const struct place_result *r, int phase)
{
	const char *next_arm = "";
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);

	for (size_t a = 0; a < r->costs.narms[phase]; a++) {
		const char *mark = next_arm;

		if (r->arm[phase][a] < SMALL_SHARE * r->costs.layers[phase])
			continue;
		for (int t = 0; t < TERM_COUNT; t++) {
			if (!(r->costs.arms[phase][a] & 1u << t) ||
			    r->outcome.term_s[phase][t] == 0.0)
				continue;
			fprintf(out, "%s%s", mark, placement_term_title(
					     (enum placement_term)t));
			mark = " + ";
		}
		next_arm = "; ";
	}
	xmemstream_close(out);
	return text;
}

static void print_phases(const struct place_result *r)
{
	static const struct table_column columns[] = {
		{ "phase", "phase", QUANTITY_NUMBER },
		{ "time_s", "time", QUANTITY_SECONDS },
		{ "layer_s", "a layer", QUANTITY_SECONDS },
		{ "bound", "bound by", QUANTITY_NUMBER },
	};
	struct table *t = table_new(columns, 4);

	for (int f = 0; f < PHASE_COUNT; f++) {
		char *text = bound_text(r, f);

		table_text(t, f == PHASE_PREFILL ? "prefill" : "decode");
		table_number(t, f == PHASE_PREFILL ? r->outcome.prefill_s
						   : r->outcome.decode_s);
		table_number(t, r->outcome.layer_s[f]);
		table_text(t, text);
		free(text);
	}
	table_text(t, "total");
	table_number(t, r->outcome.total_s);
	table_empty(t);
	table_text(t, "");
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static void print_terms(const struct place_result *r)
{
	static const struct table_column columns[] = {
		{ "term", "in a layer", QUANTITY_NUMBER },
		{ "prefill_s", "prefill", QUANTITY_SECONDS },
		{ "decode_s", "decode", QUANTITY_SECONDS },
	};
	struct table *t = table_new(columns, 3);

	for (int i = 0; i < TERM_COUNT; i++) {
		double prefill = r->outcome.term_s[PHASE_PREFILL][i];
		double decode = r->outcome.term_s[PHASE_DECODE][i];

		if (prefill == 0.0 && decode == 0.0)
			continue;
		table_text(t, placement_term_title((enum placement_term)i));
		table_number(t, prefill);
		table_number(t, decode);
	}
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

static void print_memory(const struct place_result *r)
{
	static const struct table_column columns[] = {
		{ "memory", "memory", QUANTITY_NUMBER },
		{ "used_bytes", "used", QUANTITY_BYTES },
		{ "usable_bytes", "usable", QUANTITY_NUMBER },
		{ "worth_s_per_gb", "1 GB more", QUANTITY_SECONDS },
	};
	struct table *t = table_new(columns, 4);

	for (int m = 0; m < ROOM_COUNT; m++) {
		double capacity = r->costs.capacity[m];
		char text[QUANTITY_SIZE] = "not stated";

		if (isinf(capacity) && m == ROOM_DISK)
			continue;
		if (isfinite(capacity))
			quantity_format(capacity, QUANTITY_BYTES, text);
		table_text(t, placement_memory_title(
				      (enum placement_memory)m));
		table_number(t, r->outcome.memory[m]);
		table_text(t, text);
		table_number(t, 1e9 * r->room[m]);
	}
	table_print(t, TABLE_TEXT, stdout);
	table_free(t);
}

/* A readable amount of a figure to be more of, within its slope's reach. */
static double handy_step(enum quantity q, double value)
{
	double step = q == QUANTITY_BYTES || q == QUANTITY_BYTES_PER_S ? 1e9
		    : q == QUANTITY_FLOP_PER_S ? 1e12 : 0.01;

	return step > MOST_MORE * value ? 0.01 * value : step;
}

static void print_worth(const struct place_case *c,
			const struct place_result *r)
{
	static const struct table_column columns[] = {
		{ "figure", "what more would be worth", QUANTITY_NUMBER },
		{ "more", "more", QUANTITY_NUMBER },
		{ "change_s", "total time", QUANTITY_SECONDS },
		{ "change_pct", "of it", QUANTITY_PERCENT },
	};
	struct table *t = table_new(columns, 4);
	size_t n;
	const struct figure *fields = place_case_fields(c, &n);

	for (size_t i = 0; i < n; i++) {
		double step = handy_step(fields[i].quantity,
					 place_case_figure(c, &fields[i]));
		double change = place_case_worth(c, r, &fields[i]) * step;
		char more[QUANTITY_SIZE];

		if (fabs(change) < SMALL_SHARE * r->outcome.total_s)
			continue;
		quantity_format(step, fields[i].quantity, more);
		table_text(t, fields[i].path);
		table_text(t, more);
		table_number(t, change);
		table_number(t, 100.0 * change / r->outcome.total_s);
	}
	if (table_rows(t) > 0) {
		putchar('\n');
		table_print(t, TABLE_TEXT, stdout);
	}
	table_free(t);
}

static void print_text(const struct place_case *c,
		       const struct place_result *r)
{
	const struct placement_case *p = &c->request.c;
	char request[QUANTITY_SIZE];

	quantity_format(r->outcome.request_s, QUANTITY_SECONDS, request);
	printf("%s, prompt %zu, %zu tokens generated, fp16, %s cost model\n"
	       "%s (%s)\n\n", p->model.name, p->prompt, p->gen,
	       p->flexgen ? "FlexGen's" : "kvplan's", p->machine.title,
	       p->machine.name);
	printf("batch %zu, %zu batches: %zu requests, %s each, "
	       "%.4g tokens/s\n\n", r->placement.batch,
	       r->placement.num_batches, requests(r), request,
	       r->outcome.tokens_per_s);
	print_shares(r);
	putchar('\n');
	print_phases(r);
	putchar('\n');
	print_terms(r);
	putchar('\n');
	print_memory(r);
	print_worth(c, r);
}

void place_report_print(const struct place_case *c,
			const struct place_result *r,
			enum table_format format)
{
	switch (format) {
	case TABLE_TEXT:
		print_text(c, r);
		return;
	case TABLE_JSON:
		place_export_json(c, r);
		return;
	case TABLE_CSV:
		place_export_csv(r);
		return;
	}
}
