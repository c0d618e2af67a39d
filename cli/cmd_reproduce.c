/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/provenance.h"
#include "base/xalloc.h"
#include "paper-repro/export.h"
#include "paper-repro/files.h"
#include "paper-repro/make.h"

enum { OPT_OUTPUT, OPT_MEASURED, OPT_NO_FIGURES, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	[OPT_OUTPUT] = { "output", 'o', "FOLDER",
		"write report.html, and of each item a CSV and a\n"
		"JSON file and figures, SVG and PDF" },
	[OPT_MEASURED] = { "measured", '\0', "BUNDLE",
		"hold it against the measured runs of a folder\n"
		"with hardware.json and runs/" },
	[OPT_NO_FIGURES] = { "no-figures", '\0', NULL,
		"leave the figures out: gnuplot is not needed" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan reproduce [ITEM]... [OPTION]...\n"
		 "Simulate tables and figures of the KVPR paper, all of "
		 "'kvplan list items' or\nthose named, and hold them "
		 "against its numbers.\n",
	.own = own, .nown = OPTIONS, .most_operands = 100,
	.json = "print JSON, SI units",
	.csv = "print a row for each case and metric, SI units",
};

struct request {
	const char *output, *measured;
	bool no_figures;
	struct option_result asked;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	(void)d;
	switch (index) {
	case OPT_OUTPUT:
		r->output = text;
		return STATUS_OK;
	case OPT_MEASURED:
		r->measured = text;
		return STATUS_OK;
	}
	r->no_figures = true;
	return STATUS_OK;
}

static void print_json(const struct reproduction *r, size_t n)
{
	cJSON *all = cJSON_CreateObject(), *items;

	items = cJSON_AddArrayToObject(all, "items");
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(items, reproduce_export_json(&r[i]));
	cJSON_AddItemToObject(all, "made_by", provenance_json());
	json_print(all, stdout);
	cJSON_Delete(all);
}

static void print_all(const struct request *q, const struct reproduction *r,
		      size_t n)
{
	if (q->asked.format == TABLE_JSON) {
		print_json(r, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putchar('\n');
		if (q->asked.format == TABLE_CSV)
			reproduce_export_csv(&r[i], stdout);
		else
			reproduce_export_text(&r[i], stdout);
	}
}

static enum status make_all(const struct item_index *x,
			    const char *const *names, size_t n,
			    struct cases *cases, struct reproduction *out,
			    struct diag *d)
{
	struct progress *p = progress_new(false);
	enum status s = STATUS_OK;

	for (size_t i = 0; i < n && s == STATUS_OK; i++) {
		progress_show(p, (double)i / (double)n, names[i]);
		s = reproduce_make(x, names[i], cases, &out[i], d);
	}
	progress_free(p);
	return s;
}

static enum status reproduce(const struct request *q,
			     const struct item_index *x,
			     const char *const *names, size_t n,
			     struct diag *d)
{
	struct reproduction *all = xcalloc(n + 1, sizeof *all);
	struct bundle bundle = { .n = 0 };
	struct cases *cases = NULL;
	enum status s = STATUS_OK;

	if (q->output != NULL)
		s = reproduce_files_check(q->output, !q->no_figures, d);
	if (s == STATUS_OK && q->measured != NULL)
		s = bundle_load(q->measured, NULL, &bundle, d);
	bundle_warn(&bundle, stderr);
	if (s == STATUS_OK) {
		cases = reproduce_run_new(q->measured,
					  q->measured ? &bundle : NULL);
		s = make_all(x, names, n, cases, all, d);
	}
	if (s == STATUS_OK && q->output == NULL)
		print_all(q, all, n);
	if (s == STATUS_OK && q->output != NULL)
		s = reproduce_files_write(q->output, !q->no_figures, all, n,
					  q->measured ? &bundle : NULL,
					  reproduce_run_count(cases), d);
	for (size_t i = 0; i < n; i++)
		reproduce_make_clear(&all[i]);
	free(all);
	reproduce_run_free(cases);
	bundle_clear(&bundle);
	return s;
}

static enum status check(const struct request *q, struct diag *d)
{
	if (q->output != NULL && strcmp(q->output, "-") == 0)
		return diag_fail(d, STATUS_USAGE, "--output: found '-', "
				 "expected the name of a folder");
	if (q->output != NULL && q->asked.format != TABLE_TEXT)
		return diag_fail(d, STATUS_USAGE, "--output writes CSV and "
				 "JSON files; --json and --csv print to "
				 "standard output");
	if (q->output == NULL && q->no_figures)
		return diag_fail(d, STATUS_USAGE, "--no-figures: figures are "
				 "drawn with --output alone");
	return STATUS_OK;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request q = { .output = NULL };
	const struct option_result *asked = &q.asked;
	struct item_index x;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &q, &q.asked, d);
	if (s != STATUS_OK || asked->done)
		return s;
	s = check(&q, d);
	if (s == STATUS_OK)
		s = reproduce_index_load(&x, d);
	if (s != STATUS_OK)
		return s;
	if (asked->noperands > 0)
		s = reproduce(&q, &x, (const char *const *)asked->operands,
			      (size_t)asked->noperands, d);
	else
		s = reproduce(&q, &x, x.names, x.n, d);
	reproduce_index_clear(&x);
	return s;
}

const struct command command_reproduce = {
	"reproduce", "simulate the paper's tables and figures", run
};
