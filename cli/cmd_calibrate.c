/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/options.h"
#include "cli/calibrate_report.h"
#include "model/hardware.h"
#include "model/profile.h"
#include "plots/gnuplot.h"

enum { OPT_HARDWARE, OPT_NAME, OPT_PEAK, OPT_GEMM, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	[OPT_HARDWARE] = { "hardware", 'w', "NAME",
		"take what was not measured, and the peaks, from\n"
		"this profile" },
	[OPT_NAME] = { "name", '\0', "NAME",
		"name of the profile (default: from the GPU's)" },
	[OPT_PEAK] = { "peak", '\0', "RATE",
		"peak of the GPU, e.g. 989TFLOP/s (default: that\n"
		"of --hardware, or what was achieved)" },
	[OPT_GEMM] = { "gemm", '\0', "HOW",
		"products when the GPU rests in between: rested\n"
		"(default), or without rests, at its power limit:\n"
		"sustained" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan calibrate SAMPLES -o FILE [OPTION]...\n"
		 "Fit a hardware profile to what 'kvplan-gpu profile' "
		 "measured, or to the link's\n"
		 "rates of nvbandwidth's JSON.\n",
	.own = own, .nown = OPTIONS, .most_operands = 1,
	.output = "write the profile, for --hardware FILE",
	.plot = "draw samples and curves: .png, .svg or .pdf",
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each figure and curve, SI units",
};

struct request {
	const char *hardware, *name;
	double peak_flop_per_s;
	enum calibrate_gemm gemm;
	bool gemm_given;
	struct option_result asked;
};

static enum status read_peak(const char *text, double *out, struct diag *d)
{
	enum status s = quantity_parse(text, QUANTITY_FLOP_PER_S, out, d);

	if (s == STATUS_OK && !(*out >= 1e6 && *out <= 1e21))
		s = diag_fail(d, STATUS_USAGE, "found '%.40s', expected a "
			      "rate, e.g. 989TFLOP/s", text);
	return s == STATUS_OK ? s : STATUS_USAGE;
}

static enum status read_gemm(struct request *r, const char *text,
			     struct diag *d)
{
	static const char *const words[] = {
		[CALIBRATE_RESTED] = "rested",
		[CALIBRATE_SUSTAINED] = "sustained",
	};
	size_t which;
	enum status s = options_word(text, words, 2, &which, d);

	if (s == STATUS_OK) {
		r->gemm = (enum calibrate_gemm)which;
		r->gemm_given = true;
	}
	return s;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	switch (index) {
	case OPT_HARDWARE:
		r->hardware = text;
		return STATUS_OK;
	case OPT_NAME:
		if (text[0] == '\0' || strlen(text) >= PROFILE_NAME_SIZE)
			return diag_fail(d, STATUS_USAGE, "expected a name "
					 "of 1 to %d characters",
					 PROFILE_NAME_SIZE - 1);
		r->name = text;
		return STATUS_OK;
	case OPT_PEAK:
		return read_peak(text, &r->peak_flop_per_s, d);
	}
	return read_gemm(r, text, d);
}

/* The base's text, which must be a profile; `*text` is NULL without one. */
static enum status read_base(const char *name, char **text, struct diag *d)
{
	struct hardware hw;
	enum status s;

	*text = NULL;
	if (name == NULL)
		return STATUS_OK;
	s = profile_read(PROFILE_HARDWARE, name, text, d);
	if (s != STATUS_OK)
		return s;
	s = hardware_parse(*text, &hw, d);
	if (s == STATUS_OK)
		hardware_clear(&hw);
	else
		s = diag_prefix(d, s, "%s", file_source(name));
	return s;
}

static enum status make_link(const char *text,
			     const struct request *r,
			     const struct calibrate_options *o,
			     struct calibrate_result *out, struct diag *d)
{
	struct nvbandwidth n;
	enum status s;

	if (r->asked.plot != NULL || r->gemm_given || r->peak_flop_per_s > 0.0)
		return diag_fail(d, STATUS_USAGE, "--plot, --gemm and --peak "
				 "cannot be used with nvbandwidth's rates");
	s = nvbandwidth_parse(text, &n, d);
	return s == STATUS_OK ? calibrate_link(&n, o, out, d) : s;
}

/* A peak that was passed is none. */
static enum status check_peak(const struct calibrate_options *o,
			      const struct calibrate_result *r, struct diag *d)
{
	char peak[QUANTITY_SIZE], found[QUANTITY_SIZE];

	for (size_t i = 0; i < r->nrows && o->peak_flop_per_s > 0.0; i++) {
		if (strncmp(r->rows[i].name, "gemm ", 5) != 0 ||
		    r->rows[i].value <= o->peak_flop_per_s)
			continue;
		quantity_format(o->peak_flop_per_s, QUANTITY_FLOP_PER_S, peak);
		quantity_format(r->rows[i].value, QUANTITY_FLOP_PER_S, found);
		return diag_fail(d, STATUS_USAGE, "--peak: found %s, expected "
				 "%s or more, as '%s' was measured", peak,
				 found, r->rows[i].name);
	}
	return STATUS_OK;
}

static enum status make(const char *text, const struct request *r,
			const struct calibrate_options *o,
			struct sampled *points, struct calibrate_result *out,
			struct diag *d)
{
	struct measurements *m;
	enum status s;

	if (nvbandwidth_is(text))
		return make_link(text, r, o, out, d);
	s = measurements_parse(text, &m, d);
	if (s != STATUS_OK)
		return s;
	sampled_make(m, points);
	s = calibrate_make(m, points, o, out, d);
	measurements_free(m);
	return s == STATUS_OK ? check_peak(o, out, d) : s;
}

static void warn(const struct calibrate_result *r, const char *path)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].doubt != NULL)
			fprintf(stderr, "kvplan: warning: %s: %s: found a "
				"residual of %.2g %%, at worst %.2g %%: %s\n",
				file_source(path), r->rows[i].name,
				100.0 * r->rows[i].residual.rms,
				100.0 * r->rows[i].residual.worst,
				r->rows[i].doubt);
}

static enum status calibrate(const struct request *r, const char *path,
			     struct diag *d)
{
	struct calibrate_options o = {
		.source = strcmp(path, "-") == 0 ? file_source(path)
						 : file_name(path),
		.name = r->name, .gemm = r->gemm,
		.peak_flop_per_s = r->peak_flop_per_s };
	struct calibrate_result result = { .nrows = 0 };
	struct sampled points = { .nproducts = 0 };
	const char *output = r->asked.output, *plot = r->asked.plot;
	char *text = NULL, *base = NULL;
	enum status s = read_base(r->hardware, &base, d);

	o.base = base;
	if (s == STATUS_OK)
		s = file_read(path, &text, d);
	if (s == STATUS_OK) {
		s = make(text, r, &o, &points, &result, d);
		if (s != STATUS_OK)
			diag_prefix(d, s, "%s", file_source(path));
	}
	if (s == STATUS_OK && output != NULL)
		s = json_write(output, result.profile, d);
	/* a profile on standard output stands alone there */
	if (s == STATUS_OK &&
	    (output == NULL || strcmp(output, "-") != 0))
		calibrate_report_print(&result, text, r->asked.format);
	if (s == STATUS_OK)
		warn(&result, path);
	/* last, so that a missing gnuplot does not take the numbers along */
	if (s == STATUS_OK && plot != NULL)
		s = calibrate_report_draw(&result, &points, plot, d);
	calibrate_clear(&result);
	sampled_clear(&points);
	free(text);
	free(base);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .gemm_given = false };
	const char *format = NULL;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (s == STATUS_OK && !r.asked.done)
		s = options_one_output(r.asked.format, r.asked.output, d);
	if (s != STATUS_OK || r.asked.done)
		return s;
	if (r.asked.noperands == 0)
		return diag_fail(d, STATUS_USAGE, "expected the file that "
				 "'kvplan-gpu profile' or 'nvbandwidth "
				 "--format json' wrote");
	if (r.asked.plot != NULL)
		s = gnuplot_format(r.asked.plot, &format, d);
	return s != STATUS_OK ? s : calibrate(&r, r.asked.operands[0], d);
}

const struct command command_calibrate = {
	"calibrate", "fit a hardware profile to measured samples", run
};
