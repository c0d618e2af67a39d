/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/plot.h"
#include "cli/plot_file.h"
#include "evaluate/evaluate.h"
#include "plots/gnuplot.h"

static const struct plot *const plots[] = {
	&plot_split, &plot_gantt, &plot_map, &plot_heat, &plot_line,
	&plot_pareto, &plot_tornado,
};

enum { PLOTS = sizeof plots / sizeof plots[0] };

enum { OPT_FORMAT = CASE_OPTIONS, OPT_DATA, OPT_STEP, OPT_LAYER,
       OPT_X, OPT_Y, OPT_COLOR, OPT_WHERE, OPTIONS };

static const struct option_spec own[] = {
	{ "format", '\0', "FORMAT",
	  "png, svg or pdf, whatever FILE's name" },
	{ "data", '\0', "FILE", "write the numbers of the picture as CSV" },
	{ "step", '\0', "N", "decode step, from 0 (default: the middle)" },
	{ "layer", '\0', "N", "gantt: layer, from 0 (default: the middle)" },
	{ "x", '\0', "COLUMN", "of a file: what runs to the right" },
	{ "y", '\0', "COLUMN", "and what runs up" },
	{ "color", '\0', "COLUMN",
	  "and what the colours are: of a map kinds, of\n"
	  "heat numbers, of line a curve for each value" },
	{ "where", '\0', "COLUMN=VALUE",
	  "only the rows of the file that have it; may be\n"
	  "repeated" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan plot split|gantt --model NAME --hardware NAME "
		 "--batch N --prompt N\n"
		 "                   --gen N -o FILE [OPTION]...\n"
		 "   or: kvplan plot split|gantt PLAN -o FILE [OPTION]...\n"
		 "   or: kvplan plot map|heat|line|pareto|tornado FILE.csv -o "
		 "FILE [OPTION]...\n"
		 "Draw a decode step's time against the split, or one layer of "
		 "it over time; or\nthe rows of a file of kvplan sweep: which "
		 "policy or engine over two inputs, a\nnumber over two, over "
		 "one, the best of two figures; or of kvplan worth --csv.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
	.output = "picture to write: .png, .svg or .pdf",
	.most_operands = 2,
};

struct request {
	struct case_request c;
	const char *format, *data;
	bool has_step, has_layer;
	size_t step, layer;
	struct plot_file_options file;
	struct option_result asked;
};

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	switch (index) {
	case OPT_FORMAT:
		r->format = text;
		return STATUS_OK;
	case OPT_DATA:
		r->data = text;
		return STATUS_OK;
	case OPT_STEP:
		r->has_step = true;
		return options_size(text, 0, SIZE_MAX, &r->step, d);
	case OPT_LAYER:
		r->has_layer = true;
		return options_size(text, 0, SIZE_MAX, &r->layer, d);
	case OPT_X:
		r->file.x = text;
		return STATUS_OK;
	case OPT_Y:
		r->file.y = text;
		return STATUS_OK;
	case OPT_COLOR:
		r->file.color = text;
		return STATUS_OK;
	case OPT_WHERE:
		plot_file_add_where(&r->file, text);
		return STATUS_OK;
	}
	return request_option(&r->c, index, text, d);
}

static enum status write_numbers(const struct table *t, const char *path,
				 struct diag *d)
{
	struct file_writer w;
	enum status s = file_create(path, &w, d);

	if (s != STATUS_OK)
		return s;
	table_print(t, TABLE_CSV, w.stream);
	return file_commit(&w, d);
}

/* The index asked for, or the middle one. */
static enum status pick(const char *what, bool given, size_t asked, size_t n,
			size_t *out, struct diag *d)
{
	*out = given ? asked : n / 2;
	if (*out < n)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE,
			 "--%s: found %zu, expected 0 to %zu", what, asked,
			 n - 1);
}

static enum status draw(const struct request *r, const struct plot *plot,
			const struct decode_case *c, const struct plan *plan,
			struct diag *d)
{
	struct plot_subject subject = { .c = c, .plan = plan };
	struct plot_picture p = { 0 };
	enum status s = pick("step", r->has_step, r->step, plan->steps,
			     &subject.step, d);

	if (s == STATUS_OK)
		s = pick("layer", r->has_layer, r->layer, c->model.layers,
			 &subject.layer, d);
	if (s == STATUS_OK)
		s = plot->make(&subject, &p, d);
	/* the picture first: it may fail, and leave nothing behind */
	if (s == STATUS_OK && r->asked.output != NULL)
		s = gnuplot_draw(plot->script, p.commands, r->asked.output,
				 r->format, d);
	if (s == STATUS_OK && r->data != NULL)
		s = write_numbers(p.numbers, r->data, d);
	table_free(p.numbers);
	free(p.commands);
	return s;
}

static enum status find(const char *name, const struct plot **out,
			struct diag *d)
{
	const char *names[PLOTS];
	size_t which;
	enum status s;

	for (size_t i = 0; i < PLOTS; i++)
		names[i] = plots[i]->name;
	/* an empty name is one of none, which options_word() lists */
	s = options_word(name != NULL ? name : "", names, PLOTS, &which, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "plot");
	*out = plots[which];
	return s;
}

static enum status refuse(const char *option, const struct plot *plot,
			  struct diag *d)
{
	return diag_fail(d, STATUS_USAGE, "--%s cannot be used with 'plot %s'",
			 option, plot->name);
}

/* A plan has no columns. */
static enum status check_plan(const struct request *r,
			      const struct plot *plot, struct diag *d)
{
	const struct plot_file_options *f = &r->file;

	if (f->x != NULL)
		return refuse("x", plot, d);
	if (f->y != NULL)
		return refuse("y", plot, d);
	if (f->color != NULL)
		return refuse("color", plot, d);
	return f->nwhere > 0 ? refuse("where", plot, d) : STATUS_OK;
}

/* A file says all of a case, and holds the numbers. */
static enum status check_file(const struct request *r,
			      const struct plot *plot, struct diag *d)
{
	for (size_t i = 0; i < CASE_OPTIONS; i++)
		if (r->c.given[i])
			return refuse(request_spec(i).name, plot, d);
	if (r->data != NULL)
		return refuse("data", plot, d);
	if (r->has_step)
		return refuse("step", plot, d);
	if (plot->fixed && r->file.x != NULL)
		return refuse("x", plot, d);
	if (plot->fixed && r->file.y != NULL)
		return refuse("y", plot, d);
	if (!plot->takes_color && r->file.color != NULL)
		return refuse("color", plot, d);
	return STATUS_OK;
}

/* What cannot work, or would have no effect. */
static enum status check(const struct request *r, const struct plot *plot,
			 struct diag *d)
{
	const char *format = NULL;
	struct diag unused;

	if (r->asked.output == NULL && r->data == NULL)
		return diag_fail(d, STATUS_USAGE,
				 "plot: -o FILE or --data FILE is missing");
	if (r->asked.output != NULL && r->data != NULL &&
	    strcmp(r->asked.output, r->data) == 0)
		return diag_fail(d, STATUS_USAGE,
				 "plot: -o and --data name the same file");
	if (r->asked.output != NULL && r->format == NULL &&
	    strcmp(r->asked.output, "-") == 0)
		return diag_fail(d, STATUS_USAGE,
				 "-o -: --format is missing, expected png, svg "
				 "or pdf");
	if (r->asked.output == NULL && r->format != NULL)
		return diag_fail(d, STATUS_USAGE,
				 "--format is for a picture: -o FILE is "
				 "missing");
	if (r->asked.output != NULL && r->format == NULL &&
	    gnuplot_format(r->asked.output, &format, &unused) != STATUS_OK)
		return diag_fail(d, STATUS_USAGE,
				 "%.200s: expected a name that ends in .png, "
				 ".svg or .pdf, or --format", r->asked.output);
	if (plot->varies_split && r->c.given[CASE_SPLIT])
		return diag_fail(d, STATUS_USAGE,
				 "--split cannot be used with 'plot %s', "
				 "which varies it", plot->name);
	if (!plot->of_layer && r->has_layer)
		return diag_fail(d, STATUS_USAGE,
				 "--layer cannot be used with 'plot %s'",
				 plot->name);
	return plot->make_file != NULL ? check_file(r, plot, d)
				       : check_plan(r, plot, d);
}

static enum status plot_rows(const struct request *r, const struct plot *plot,
			     const char *path, struct diag *d)
{
	struct plot_file_options file = r->file;
	FILE *in;
	enum status s;

	if (path == NULL)
		return diag_fail(d, STATUS_USAGE,
				 "plot %s: FILE.csv is missing", plot->name);
	s = file_open(path, &in, d);
	if (s != STATUS_OK)
		return s;
	file.path = in == stdin ? NULL : path;
	s = plot_file(plot, in, file_source(path), &file, r->asked.output,
		      r->format, d);
	file_close(in);
	return s;
}

static enum status plot_case(const struct request *r,
			     const struct plot *plot, const char *plan_path,
			     struct diag *d)
{
	struct decode_case c;
	struct plan plan;
	enum status s = case_load(&r->c, plan_path, &c, d);

	if (s != STATUS_OK)
		return s;
	s = evaluate_plan(&c, c.policy, &plan, d);
	if (s == STATUS_OK) {
		s = draw(r, plot, &c, &plan, d);
		plan_clear(&plan);
	}
	case_clear(&c);
	return s;
}

static enum status plot_operands(const struct request *r,
				 struct diag *d)
{
	const struct option_result *parsed = &r->asked;
	const char *kind = parsed->noperands > 0 ? parsed->operands[0] : NULL;
	const char *path = parsed->noperands > 1 ? parsed->operands[1] : NULL;
	const struct plot *plot = NULL;
	enum status s = find(kind, &plot, d);

	if (s == STATUS_OK)
		s = check(r, plot, d);
	if (s != STATUS_OK)
		return s;
	return plot->make_file != NULL ? plot_rows(r, plot, path, d)
				       : plot_case(r, plot, path, d);
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .c = request_new() };
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (s == STATUS_OK && !r.asked.done)
		s = plot_operands(&r, d);
	request_clear(&r.c);
	free(r.file.where);
	return s;
}

const struct command command_plot = {
	"plot", "draw a plan, or what a sweep found", run
};
