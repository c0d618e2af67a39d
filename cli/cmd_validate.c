/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/options.h"
#include "base/provenance.h"
#include "cli/validate.h"
#include "cli/validate_plot.h"

enum { OPT_HARDWARE, OPT_PLOT, OPT_SWEEPS, OPT_JSON, OPT_CSV, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	[OPT_HARDWARE] = { "hardware", 'w', "NAME",
		"predict with this profile instead of the\n"
		"bundle's hardware.json" },
	[OPT_PLOT] = { "plot", '\0', "FILE",
		"draw the errors of all runs: .png, .svg or .pdf" },
	[OPT_SWEEPS] = { "plot-sweeps", '\0', "FILE",
		"draw step time against split, measured and\n"
		"predicted" },
	[OPT_JSON] = { "json", '\0', NULL, "print one JSON object, SI units" },
	[OPT_CSV] = { "csv", '\0', NULL, "print a row for each run, SI units" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan validate BUNDLE [OPTION]...\n"
		 "Predict the measured runs of a folder, BUNDLE/runs, from "
		 "its calibration alone,\nBUNDLE/hardware.json, and say how "
		 "far off that is.\n",
	.own = own, .nown = OPTIONS, .most_operands = 1,
};

struct request {
	const char *hardware, *plot, *sweeps;
	enum table_format format;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	switch (index) {
	case OPT_HARDWARE:
		r->hardware = text;
		return STATUS_OK;
	case OPT_PLOT:
		r->plot = text;
		return STATUS_OK;
	case OPT_SWEEPS:
		r->sweeps = text;
		return STATUS_OK;
	case OPT_JSON:
		return options_format(&r->format, TABLE_JSON, d);
	}
	return options_format(&r->format, TABLE_CSV, d);
}

static void print_json(const struct validation *v)
{
	cJSON *json = validate_json(v);

	cJSON_AddItemToObject(json, "made_by", provenance_json());
	json_print(json, stdout);
	cJSON_Delete(json);
}

static void print_result(const struct validation *v, enum table_format format)
{
	struct table *t;

	switch (format) {
	case TABLE_TEXT:
		validate_print(v);
		return;
	case TABLE_JSON:
		print_json(v);
		return;
	case TABLE_CSV:
		t = validate_runs(v);
		table_print(t, TABLE_CSV, stdout);
		table_free(t);
		return;
	}
}

static enum status validate(const struct request *r, const char *folder,
			    struct diag *d)
{
	struct bundle b;
	struct validation v;
	enum status s = bundle_load(folder, r->hardware, &b, d);

	if (s != STATUS_OK)
		return s;
	validate_make(&b, &v);
	if (r->plot != NULL)
		s = validate_plot_runs(&v, r->plot, d);
	if (s == STATUS_OK && r->sweeps != NULL)
		s = validate_plot_sweeps(&v, r->sweeps, d);
	if (s == STATUS_OK)
		print_result(&v, r->format);
	validate_clear(&v);
	bundle_clear(&b);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .format = TABLE_TEXT };
	struct option_result parsed;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &parsed, d);
	if (s != STATUS_OK || parsed.done)
		return s;
	if (parsed.noperands == 0)
		return diag_fail(d, STATUS_USAGE, "expected a folder with "
				 "hardware.json and runs/");
	return validate(&r, parsed.operands[0], d);
}

const struct command command_validate = {
	"validate", "predict measured runs and say how far off", run
};
