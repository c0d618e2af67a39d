/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot_file.h"
#include "cli/worth_report.h"
#include "evaluate/evaluate.h"
#include "plots/gnuplot.h"

enum { OPT_CHANGE = CASE_OPTIONS, OPTIONS };

struct request {
	struct case_request c;
	double change;			/* a share */
	struct option_result asked;
};

static enum status read_change(const char *text, double *out, struct diag *d)
{
	double pct;
	enum status s = quantity_parse(text, QUANTITY_PERCENT, &pct, d);

	if (s == STATUS_OK && !(pct >= 0.01 && pct <= 99.0))
		s = diag_fail(d, STATUS_USAGE,
			      "found '%.40s', expected 0.01 to 99 %%", text);
	if (s != STATUS_OK)
		return s == STATUS_INVALID ? STATUS_USAGE : s;
	*out = pct / 100.0;
	return s;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	return index == OPT_CHANGE ? read_change(text, &r->change, d)
				   : request_option(&r->c, index, text, d);
}

static const struct option_spec own[] = {
	{ "change", '\0', "PERCENT",
	  "plan again with each figure so much more and\n"
	  "less (default 10)" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan worth --model NAME --hardware NAME --batch N "
		 "--prompt N --gen N\n"
		 "                   [OPTION]...\n"
		 "Say what each figure of the hardware is worth to the plan, "
		 "and where\nrecomputation stops paying.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
	.plot = "draw it as a tornado: .png, .svg or .pdf",
	.json = OPTIONS_ONE_OBJECT,
	.csv = "print a row for each figure, SI units, as\n"
	       "'kvplan plot tornado' takes it",
};

static enum status find_limits(const struct decode_case *c,
			       const struct upgrade_case *subject,
			       struct worth_result *r, struct diag *d)
{
	struct planner_options options = *subject->options;
	struct upgrade_case quick = *subject;
	size_t step = r->worth.step;
	enum status s;

	options.without_glpk = true;
	quick.options = &options;
	r->has_limits = c->policy->split == SPLIT_OPEN &&
			!c->planner.fix_split;
	if (!r->has_limits)
		return STATUS_OK;
	s = upgrade_find("link", &r->link, d);
	if (s == STATUS_OK)
		s = upgrade_find("gpu.flop_per_s", &r->gpu, d);
	if (s == STATUS_OK)
		s = worth_find_limit(&quick, &c->hardware, &r->link, step,
				     &r->link_limit, d);
	if (s == STATUS_OK)
		s = worth_find_limit(&quick, &c->hardware, &r->gpu, step,
				     &r->gpu_limit, d);
	return s;
}

static enum status examine(const struct decode_case *c, const struct plan *plan,
			   double change, struct worth_result *r,
			   struct diag *d)
{
	const struct upgrade_case subject = {
		.m = &c->model, .w = &c->workload, .policy = c->policy,
		.options = &c->planner,
	};
	struct certificate cert;
	enum status s = certificate_make(
		&c->model, &c->workload, &c->hardware, plan, plan->steps / 2,
		c->planner.program == PROGRAM_PERIOD && !c->planner.fix_split,
		&cert, d);

	r->per_token = (double)c->model.layers;
	if (s == STATUS_OK)
		s = worth_make(&subject, &c->hardware, &cert, change,
			       &r->worth, d);
	if (s == STATUS_OK)
		s = find_limits(c, &subject, r, d);
	return s;
}

/* As 'kvplan plot tornado' would draw it. */
static enum status draw(const struct decode_case *c,
			const struct worth_result *r, const char *path,
			struct diag *d)
{
	const struct plot_file_options nothing = { .x = NULL };
	struct table *t = worth_report_table(r);
	FILE *rows = tmpfile();
	char *title = case_title(c);
	enum status s;

	if (rows == NULL) {
		s = diag_fail(d, STATUS_IO, "temporary file: %s",
			      strerror(errno));
	} else {
		table_print(t, TABLE_CSV, rows);
		rewind(rows);
		s = plot_file(&plot_tornado, rows, title, &nothing, path,
			      NULL, d);
		fclose(rows);
	}
	free(title);
	table_free(t);
	return s;
}

static enum status worth(const struct request *q, struct diag *d)
{
	struct worth_result r = { .has_limits = false };
	struct decode_case c;
	struct outcome o;
	const char *format = NULL;
	enum status s = STATUS_OK;

	if (q->asked.plot != NULL)
		s = gnuplot_format(q->asked.plot, &format, d);
	if (s == STATUS_OK)
		s = case_load(&q->c, NULL, &c, d);
	if (s != STATUS_OK)
		return s;
	s = evaluate(&c, c.policy, NULL, NULL, &o, d);
	if (s == STATUS_OK) {
		s = examine(&c, &o.plan, q->change, &r, d);
		r.simulated_s = outcome_step_s(&o, r.worth.step);
		/* the numbers are there, whatever becomes of the picture */
		if (s == STATUS_OK)
			worth_report_print(&c, &o.plan, &r,
					   q->asked.format);
		if (s == STATUS_OK && q->asked.plot != NULL)
			s = draw(&c, &r, q->asked.plot, d);
		outcome_clear(&o);
	}
	case_clear(&c);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request q = { .c = request_new(), .change = 0.1 };
	enum status s;

	s = options_parse(argc, argv, &set, handle, &q, &q.asked, d);
	if (s == STATUS_OK && !q.asked.done)
		s = worth(&q, d);
	request_clear(&q.c);
	return s;
}

const struct command command_worth = {
	"worth", "say what each figure of the hardware is worth", run
};
