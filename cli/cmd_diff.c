/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/options.h"
#include "base/provenance.h"
#include "cli/diff_plot.h"
#include "cli/diff_report.h"
#include "plots/gnuplot.h"
#include "traces/import.h"

enum { OPT_STEP, OPT_LAYER, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	[OPT_STEP] = { "step", '\0', "N",
		"compare this step (default: the mean of all that\n"
		"began alike in both)" },
	[OPT_LAYER] = { "layer", '\0', "N",
		"layer that --plot draws (default: 1)" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan diff A B [OPTION]...\n"
		 "Compare two timelines, simulated ('kvplan simulate --trace') "
		 "or measured\n('kvplan-gpu run --trace', or the SQLite export "
		 "of Nsight Systems), and say\nwhere the difference of their "
		 "steps comes from.\n",
	.own = own, .nown = OPTIONS, .most_operands = 2,
	.plot = "draw one layer of the last of these steps in both:\n"
		".png, .svg or .pdf",
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each task and engine, SI units",
};

struct request {
	size_t step, layer;
	bool has_layer;
	struct option_result asked;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	r->has_layer = r->has_layer || index == OPT_LAYER;
	return options_size(text, 0, TRACE_MOST_COUNT,
			    index == OPT_STEP ? &r->step : &r->layer, d);
}

static void print_json(const struct diff *diff, char *const *paths)
{
	cJSON *json = diff_report_json(diff);

	cJSON_AddStringToObject(json, "a", paths[DIFF_A]);
	cJSON_AddStringToObject(json, "b", paths[DIFF_B]);
	cJSON_AddItemToObject(json, "made_by", provenance_json());
	json_print(json, stdout);
	cJSON_Delete(json);
}

static void print_text(const struct diff *diff, char *const *paths,
		       const struct trace *traces)
{
	char titles[DIFF_SIDES][128];
	const char *const both[] = { titles[DIFF_A], titles[DIFF_B] };

	for (int k = 0; k < DIFF_SIDES; k++)
		snprintf(titles[k], sizeof titles[k], "%s: %s",
			 file_source(paths[k]), traces[k].title);
	diff_report_print(diff, both);
}

static void print_result(const struct diff *diff, enum table_format format,
			 char *const *paths, const struct trace *traces)
{
	struct table *t;

	switch (format) {
	case TABLE_TEXT:
		print_text(diff, paths, traces);
		return;
	case TABLE_JSON:
		print_json(diff, paths);
		return;
	case TABLE_CSV:
		t = diff_report_table(diff);
		table_print(t, TABLE_CSV, stdout);
		table_free(t);
		return;
	}
}

static enum status draw(const struct request *r, const struct diff *diff,
			char *const *paths, const struct trace *traces,
			struct diag *d)
{
	/* without their folders, as a picture is narrow */
	const char *const titles[] = {
		file_name(file_source(paths[DIFF_A])),
		file_name(file_source(paths[DIFF_B])) };

	return diff_plot(traces, titles, diff->last_step, r->layer,
			 r->asked.plot, d);
}

static enum status compare(const struct request *r, char *const *paths,
			   struct diag *d)
{
	struct trace traces[DIFF_SIDES] = { { .n = 0 }, { .n = 0 } };
	struct diff diff = { .last_step = 0 };
	enum status s = import_trace(paths[DIFF_A], &traces[DIFF_A], d);

	if (s == STATUS_OK)
		s = import_trace(paths[DIFF_B], &traces[DIFF_B], d);
	if (s == STATUS_OK)
		s = diff_make(&traces[DIFF_A], &traces[DIFF_B], r->step,
			      &diff, d);
	if (s == STATUS_OK && r->asked.plot != NULL)
		s = diff_plot_check(traces, diff.last_step, r->layer, d);
	if (s == STATUS_OK)
		print_result(&diff, r->asked.format, paths, traces);
	/* last, so that a missing gnuplot does not take the numbers along */
	if (s == STATUS_OK && r->asked.plot != NULL)
		s = draw(r, &diff, paths, traces, d);
	trace_clear(&traces[DIFF_A]);
	trace_clear(&traces[DIFF_B]);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .step = DIFF_ALL_STEPS, .layer = 1 };
	const struct option_result *asked = &r.asked;
	const char *format = NULL;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (s != STATUS_OK || asked->done)
		return s;
	if (asked->noperands < DIFF_SIDES)
		return diag_fail(d, STATUS_USAGE, "expected two timelines, A "
				 "and B");
	if (asked->plot == NULL && r.has_layer)
		return diag_fail(d, STATUS_USAGE, "--layer is for a picture: "
				 "--plot FILE is missing");
	if (asked->plot != NULL)
		s = gnuplot_format(asked->plot, &format, d);
	return s == STATUS_OK ? compare(&r, asked->operands, d) : s;
}

const struct command command_diff = {
	"diff", "why steps took longer in one timeline than another", run
};
