/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/options.h"
#include "base/provenance.h"
#include "cli/validate.h"
#include "cli/validate_plot.h"
#include "plots/gnuplot.h"

enum { OPT_HARDWARE, OPT_SWEEPS, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	[OPT_HARDWARE] = { "hardware", 'w', "NAME",
		"predict with this profile instead of the\n"
		"bundle's hardware.json" },
	[OPT_SWEEPS] = { "plot-sweeps", '\0', "FILE",
		"draw step time against split, measured and\n"
		"predicted" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan validate BUNDLE [OPTION]...\n"
		 "Predict the measured runs of a folder, BUNDLE/runs, from "
		 "its calibration alone,\nBUNDLE/hardware.json, and say how "
		 "far off that is, and what the planned\nsplit gained.\n",
	.own = own, .nown = OPTIONS, .most_operands = 1,
	.plot = "draw the errors of all runs: .png, .svg or .pdf",
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each run, SI units",
};

struct request {
	const char *hardware, *sweeps;
	struct option_result asked;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	(void)d;
	if (index == OPT_HARDWARE)
		r->hardware = text;
	else
		r->sweeps = text;
	return STATUS_OK;
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

static enum status report(const struct request *r, const struct bundle *b,
			  struct diag *d)
{
	struct validation v;
	enum status s = validate_make(b, &v, d);

	if (s != STATUS_OK)
		return s;
	print_result(&v, r->asked.format);
	/* last, so that a missing gnuplot does not take the numbers along */
	if (r->asked.plot != NULL)
		s = validate_plot_runs(&v, r->asked.plot, d);
	if (s == STATUS_OK && r->sweeps != NULL)
		s = validate_plot_sweeps(&v, r->sweeps, d);
	validate_clear(&v);
	return s;
}

static enum status validate(const struct request *r, const char *folder,
			    struct diag *d)
{
	struct bundle b;
	enum status s = bundle_load(folder, r->hardware, &b, d);

	if (s != STATUS_OK)
		return s;
	bundle_warn(&b, stderr);
	s = report(r, &b, d);
	bundle_clear(&b);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .hardware = NULL };
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (s != STATUS_OK || r.asked.done)
		return s;
	if (r.asked.noperands == 0)
		return diag_fail(d, STATUS_USAGE, "expected a folder with "
				 "hardware.json and runs/");
	for (size_t i = 0; i < 2 && s == STATUS_OK; i++) {
		const char *format = NULL;
		const char *path = i == 0 ? r.asked.plot : r.sweeps;

		if (path != NULL)
			s = gnuplot_format(path, &format, d);
	}
	if (s != STATUS_OK)
		return s;
	return validate(&r, r.asked.operands[0], d);
}

const struct command command_validate = {
	"validate", "predict measured runs and say how far off", run
};
