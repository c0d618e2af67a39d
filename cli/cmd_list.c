/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/resource.h"
#include "base/wrap.h"
#include "base/xalloc.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/offload.h"
#include "model/profile.h"
#include "paper-repro/item.h"
#include "schedule/policy.h"

static const struct option_set set = {
	.usage = "Usage: kvplan list models|hardware|offload|policies|"
		 "items [OPTION]...\n"
		 "Print what comes with kvplan.\n",
	.most_operands = 1,
	.json = "print JSON, SI units", .csv = "print CSV, SI units",
};

/* Adds the row of profile `name` to `t`. */
typedef enum status add_profile(struct table *t, const char *name,
				struct diag *d);

static enum status add_model(struct table *t, const char *name,
			     struct diag *d)
{
	struct llm m;
	enum status s = llm_load(name, &m, d);

	if (s != STATUS_OK)
		return s;
	table_text(t, name);
	table_text(t, m.family);
	table_number(t, llm_parameters(&m) / 1e9);
	table_number(t, (double)m.layers);
	table_number(t, (double)m.hidden);
	table_number(t, (double)m.heads);
	table_number(t, (double)m.kv_heads);
	table_number(t, (double)m.max_positions);
	table_number(t, (double)m.hidden / (2.0 * (double)llm_kv_width(&m)));
	return STATUS_OK;
}

static enum status add_hardware(struct table *t, const char *name,
				struct diag *d)
{
	struct hardware hw;
	enum status s;
	char *text;

	s = profile_read(PROFILE_HARDWARE, name, &text, d);
	if (s != STATUS_OK)
		return s;
	s = hardware_parse(text, &hw, d);
	free(text);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", name);
	table_text(t, name);
	table_number(t, hardware_gemm_flop_per_s(&hw));
	table_number(t, hardware_hbm_bytes_per_s(&hw));
	table_number(t, hw.memory_bytes);
	table_number(t, hw.h2d.bytes_per_s);
	table_number(t, hw.d2h.bytes_per_s);
	hardware_clear(&hw);
	return STATUS_OK;
}

static enum status add_offload(struct table *t, const char *name,
			       struct diag *d)
{
	struct offload o;
	enum status s;
	char *text;

	s = profile_read(PROFILE_OFFLOAD, name, &text, d);
	if (s != STATUS_OK)
		return s;
	s = offload_parse(text, &o, d);
	free(text);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", name);
	table_text(t, name);
	table_number(t, o.gemm_prefill_flop_per_s);
	table_number(t, o.gemm_decode_flop_per_s);
	table_number(t, o.h2d_bytes_per_s);
	table_number(t, o.gpu_memory_bytes);
	table_number(t, o.host_memory_bytes);
	table_number(t, o.disk_memory_bytes);
	return STATUS_OK;
}

static enum status add_all(struct table *t, enum profile_kind kind,
			   add_profile *add, struct diag *d)
{
	enum status s = STATUS_OK;
	size_t n;
	char **names = profile_names(kind, &n);

	for (size_t i = 0; i < n && s == STATUS_OK; i++)
		s = add(t, names[i], d);
	resource_names_free(names, n);
	return s;
}

static const struct table_column model_columns[] = {
	{ "name", "name", QUANTITY_NUMBER },
	{ "family", "family", QUANTITY_NUMBER },
	{ "parameters_1e9", "par/1e9", QUANTITY_NUMBER },
	{ "layers", "layers", QUANTITY_NUMBER },
	{ "hidden", "hidden", QUANTITY_NUMBER },
	{ "heads", "heads", QUANTITY_NUMBER },
	{ "kv_heads", "KV", QUANTITY_NUMBER },
	{ "max_positions", "context", QUANTITY_NUMBER },
	{ "activation_over_kv", "X/KV", QUANTITY_NUMBER },
};

static const struct table_column hardware_columns[] = {
	{ "name", "name", QUANTITY_NUMBER },
	{ "gemm_flop_per_s", "GEMM", QUANTITY_FLOP_PER_S },
	{ "hbm_bytes_per_s", "HBM", QUANTITY_BYTES_PER_S },
	{ "memory_bytes", "memory", QUANTITY_BYTES },
	{ "h2d_bytes_per_s", "to GPU", QUANTITY_BYTES_PER_S },
	{ "d2h_bytes_per_s", "to host", QUANTITY_BYTES_PER_S },
};

static const struct table_column offload_columns[] = {
	{ "name", "name", QUANTITY_NUMBER },
	{ "gemm_prefill_flop_per_s", "GEMM, prefill", QUANTITY_FLOP_PER_S },
	{ "gemm_decode_flop_per_s", "decode", QUANTITY_FLOP_PER_S },
	{ "h2d_bytes_per_s", "to GPU", QUANTITY_BYTES_PER_S },
	{ "gpu_memory_bytes", "GPU", QUANTITY_BYTES },
	{ "host_memory_bytes", "host", QUANTITY_BYTES },
	{ "disk_memory_bytes", "disk", QUANTITY_BYTES },
};

static const struct table_column policy_columns[] = {
	{ "name", "name", QUANTITY_NUMBER },
	{ "summary", "what it does", QUANTITY_NUMBER },
	{ "decisions", "what an option can decide", QUANTITY_NUMBER },
};

static const struct table_column item_columns[] = {
	{ "name", "name", QUANTITY_NUMBER },
	{ "title", "what it is", QUANTITY_NUMBER },
};

/* On a screen the decisions stand below the table: print_decisions(). */
enum { POLICY_COLUMNS = 3, POLICY_TEXT_COLUMNS = 2 };

/* "split planned, prefetch 1": what holds without an option. */
static char *decisions(const struct policy *p)
{
	char *text;
	size_t size;
	FILE *out = xmemstream(&text, &size);
	const char *comma = "";

	if (p->split == SPLIT_OPEN) {
		fputs("split planned", out);
		comma = ", ";
	}
	for (int i = 0; i < DECISION_COUNT; i++) {
		const struct decision_rule *r = &p->rules[i];
		char value[DECISION_SIZE] = "planned";

		if (r->decider == DECIDED_BY_POLICY)
			continue;
		if (r->decider == DECIDED_BY_USER)
			decision_format((enum decision)i, r->value, value);
		fprintf(out, "%s%s %s", comma, decision_specs[i].option,
			value);
		comma = ", ";
	}
	xmemstream_close(out);
	return text;
}

static void add_policies(struct table *t, enum table_format format)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);

	for (size_t i = 0; i < n; i++) {
		char *text = decisions(all[i]);

		table_text(t, all[i]->name);
		table_text(t, all[i]->summary);
		if (format != TABLE_TEXT)
			table_text(t, text);
		free(text);
	}
}

static void print_decisions(void)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);

	puts("\nWhat an option can decide, and what holds without it:\n");
	for (size_t i = 0; i < n; i++) {
		char *text = decisions(all[i]), *line;
		size_t size;
		FILE *out = xmemstream(&line, &size);

		fprintf(out, "%s: %s.", all[i]->name, text);
		xmemstream_close(out);
		wrap_print(line, 78, stdout);
		free(line);
		free(text);
	}
}

static enum status add_items(struct table *t, struct diag *d)
{
	struct item_index x;
	enum status s = reproduce_index_load(&x, d);

	for (size_t i = 0; s == STATUS_OK && i < x.n; i++) {
		struct item item;

		s = reproduce_item_load(&x, x.names[i], &item, d);
		if (s != STATUS_OK)
			break;
		table_text(t, item.name);
		table_text(t, item.title);
		reproduce_item_clear(&item);
	}
	reproduce_index_clear(&x);
	return s;
}

static enum status list(const char *what, enum table_format format,
			struct diag *d)
{
	static const char *const words[] = { "models", "hardware", "offload",
					     "policies", "items" };
	static const struct { const struct table_column *c; size_t n; }
		columns[] = { { model_columns, 9 }, { hardware_columns, 6 },
			      { offload_columns, 7 },
			      { policy_columns, POLICY_COLUMNS },
			      { item_columns, 2 } };
	enum status s;
	struct table *t;
	size_t which, n;

	s = options_word(what, words, 5, &which, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "list");
	n = columns[which].n;
	if (which == 3 && format == TABLE_TEXT)
		n = POLICY_TEXT_COLUMNS;
	t = table_new(columns[which].c, n);
	if (which == 0)
		s = add_all(t, PROFILE_MODEL, add_model, d);
	else if (which == 1)
		s = add_all(t, PROFILE_HARDWARE, add_hardware, d);
	else if (which == 2)
		s = add_all(t, PROFILE_OFFLOAD, add_offload, d);
	else if (which == 3)
		add_policies(t, format);
	else
		s = add_items(t, d);
	if (s == STATUS_OK)
		table_print(t, format, stdout);
	if (s == STATUS_OK && which == 3 && format == TABLE_TEXT)
		print_decisions();
	table_free(t);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct option_result parsed;
	enum status s;

	s = options_parse(argc, argv, &set, NULL, NULL, &parsed, d);
	if (s != STATUS_OK || parsed.done)
		return s;
	if (parsed.noperands == 0)
		return diag_fail(d, STATUS_USAGE, "list: expected models, "
				 "hardware, offload, policies or items");
	return list(parsed.operands[0], parsed.format, d);
}

const struct command command_list = {
	"list", "print the models, machines, policies or items that it has",
	run
};
