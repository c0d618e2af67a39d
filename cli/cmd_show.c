/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/options.h"
#include "model/hardware.h"
#include "model/llm.h"
#include "model/offload.h"
#include "model/profile.h"

static const struct option_set set = {
	.usage = "Usage: kvplan show hardware|model|offload NAME [OPTION]...\n"
		 "Print a profile: each figure with its source and how sure "
		 "it is.\n",
	.most_operands = 2,
	.json = "print the profile itself", .csv = "print CSV",
};

static const struct table_column hardware_columns[] = {
	{ "figure", "figure", QUANTITY_NUMBER },
	{ "value", "value", QUANTITY_NUMBER },
	{ "confidence", "sure?", QUANTITY_NUMBER },
	{ "source", "source", QUANTITY_NUMBER },
};

/* A profile's text, or what `describe` makes of it. */
static void print_profile(const char *text, const char *title,
			  const char *name,
			  void (*describe)(const char *json, struct table *t),
			  enum table_format format)
{
	struct table *t;

	if (format == TABLE_JSON) {
		fputs(text, stdout);
		return;
	}
	t = table_new(hardware_columns, 4);
	describe(text, t);
	if (format == TABLE_TEXT)
		printf("%s (%s)\n\n", title, name);
	table_print(t, format, stdout);
	table_free(t);
}

static enum status show_hardware(const char *name, const char *text,
				 enum table_format format, struct diag *d)
{
	struct hardware hw;
	enum status s = hardware_parse(text, &hw, d);

	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", file_source(name));
	print_profile(text, hw.title, hw.name, hardware_describe, format);
	hardware_clear(&hw);
	return STATUS_OK;
}

static enum status show_offload(const char *name, const char *text,
				enum table_format format, struct diag *d)
{
	struct offload o;
	enum status s = offload_parse(text, &o, d);

	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", file_source(name));
	print_profile(text, o.title, o.name, offload_describe, format);
	return STATUS_OK;
}

static const struct table_column model_columns[] = {
	{ "figure", "figure", QUANTITY_NUMBER },
	{ "value", "value", QUANTITY_NUMBER },
};

static void add(struct table *t, const char *what, double value)
{
	char text[32];

	snprintf(text, sizeof text, "%.17g", value);
	table_text(t, what);
	table_text(t, text);
}

static enum status show_model(const char *name, const char *text,
			      enum table_format format, struct diag *d)
{
	struct table *t;
	struct llm m;
	enum status s = llm_parse(text, name, &m, d);

	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", file_source(name));
	if (format == TABLE_JSON) {
		fputs(text, stdout);
		return STATUS_OK;
	}
	t = table_new(model_columns, 2);
	table_text(t, "family");
	table_text(t, m.family);
	add(t, "layers", (double)m.layers);
	add(t, "hidden", (double)m.hidden);
	add(t, "heads", (double)m.heads);
	add(t, "KV heads", (double)m.kv_heads);
	add(t, "head size", (double)m.head_dim);
	add(t, m.experts > 1 ? "FFN size of an expert" : "FFN size",
	    (double)m.ffn);
	add(t, "FFN matrices", m.ffn_gated ? 3.0 : 2.0);
	add(t, "experts", (double)m.experts);
	add(t, "experts of a token", (double)m.experts_per_token);
	add(t, "vocabulary", (double)m.vocab);
	add(t, "positions", (double)m.max_positions);
	table_text(t, "rotary positions");
	table_text(t, m.rotary ? "yes" : "no");
	table_text(t, "tied embeddings");
	table_text(t, m.tied_embeddings ? "yes" : "no");
	add(t, "parameters (matrices)", llm_parameters(&m));
	add(t, "KV bytes of a token and layer, fp16",
	    4.0 * (double)llm_kv_width(&m));
	add(t, "activation bytes of the same", 2.0 * (double)m.hidden);
	if (format == TABLE_TEXT)
		printf("%s\n\n", m.name);
	table_print(t, format, stdout);
	table_free(t);
	return STATUS_OK;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	static const char *const words[] = { "hardware", "model",
					     "offload" };
	static const enum profile_kind kinds[] = { PROFILE_HARDWARE,
						   PROFILE_MODEL,
						   PROFILE_OFFLOAD };
	static enum status (*const show[])(const char *, const char *,
					   enum table_format,
					   struct diag *) = {
		show_hardware, show_model, show_offload
	};
	struct option_result parsed;
	enum status s;
	size_t which;
	char *text;

	s = options_parse(argc, argv, &set, NULL, NULL, &parsed, d);
	if (s != STATUS_OK || parsed.done)
		return s;
	if (parsed.noperands < 2)
		return diag_fail(d, STATUS_USAGE, "show: expected 'hardware "
				 "NAME', 'model NAME' or 'offload NAME'");
	s = options_word(parsed.operands[0], words, 3, &which, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "show");
	s = profile_read(kinds[which], parsed.operands[1], &text, d);
	if (s != STATUS_OK)
		return s;
	s = show[which](parsed.operands[1], text, parsed.format, d);
	free(text);
	return s;
}

const struct command command_show = {
	"show", "print one profile, each figure with its source", run
};
