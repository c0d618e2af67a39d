/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/report.h"

#include "config.h"

#include <string.h>

#include "paper-repro/figure.h"
#include "paper-repro/headlines.h"
#include "paper-repro/html.h"
#include "paper-repro/html_tables.h"
#include "paper-repro/joint_report.h"
#include "paper-repro/words.h"

enum { PATH_SIZE = 4096 };

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
	"<meta charset=\"utf-8\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width,"
	" initial-scale=1\"/>\n"
	"<title>KVPR, simulated and held against the paper</title>\n<style>\n"
	/* one look, whatever the browser's colours: figures are on white */
	":root { color-scheme: light; }\n"
	"html { background: #fff; }\n"
	"body { font: 15px/1.5 Arial, Helvetica, \"Liberation Sans\","
	" sans-serif; color: #222; max-width: 66rem; margin: 1.5rem auto;"
	" padding: 0 1rem; overflow-wrap: break-word; }\n"
	"p, li { max-width: 46rem; }\n"
	"a { color: #04a; }\n"
	"h1 { font-size: 1.6rem; line-height: 1.2; }\n"
	"h2 { margin-top: 2.4rem; border-bottom: 2px solid #04a; }\n"
	"h3 { margin-bottom: .3rem; }\n"
	"nav ol { columns: 24rem; padding-left: 1.6rem; }\n"
	".up { font-size: 13px; float: right; }\n"
	/* a table that is wider than the window scrolls by itself */
	"table { display: block; max-width: 100%; overflow-x: auto;"
	" border-collapse: collapse; font-size: 13px;"
	" margin: .4rem 0 1rem; }\n"
	"th, td { border-bottom: 1px solid #ddd; padding: .15rem .55rem;"
	" text-align: right; vertical-align: top; overflow-wrap: normal; }\n"
	"th { border-bottom: 2px solid #888; } td.l, th.l"
	" { text-align: left; min-width: 6.5rem; }\n"
	"td[data-v] { white-space: nowrap; }\n"
	"td.paper { background: #f3f6fa; } td.none { color: #767676; }\n"
	"td.out { background: #fbe6dc; font-weight: bold; }\n"
	"small { color: #555; } details { margin: .4rem 0; }\n"
	"code { overflow-wrap: anywhere; }\n"
	"summary { cursor: pointer; }\n"
	"figure { display: inline-block; width: 29rem; max-width: 100%;"
	" margin: .6rem 1rem .6rem 0; vertical-align: top; }\n"
	"figure svg { width: 100%; height: auto; }\n"
	"figcaption { font-size: 13px; color: #444; }\n"
	/* in print, figures have the width that they are made for */
	"@media print { body { font-size: 10pt; max-width: none;"
	" margin: 0; padding: 0; } .up { display: none; }"
	" a { color: inherit; text-decoration: none; }"
	" table { display: table; font-size: 7.5pt; }"
	" td[data-v] { white-space: normal; }"
	" tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; }"
	" figure { width: 3.5in; margin: 0 .1in .1in 0; }"
	" @page { margin: 1.5cm; } }\n"
	"</style>\n</head>\n<body>\n";

/* "Table 2, Figure 9 and A.5": items of which the paper gives no number. */
static void write_numberless(const struct reproduction *r, size_t n, FILE *out)
{
	size_t left = 0, seen = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < n; i++) {
			const struct item *item = &r[i].item;
			size_t facts = item->nheadlines;

			for (size_t k = 0; k < item->nstudies; k++)
				facts += item->studies[k].nfacts;
			if (facts > 0)
				continue;
			if (pass == 0) {
				left++;
				continue;
			}
			fputs(seen == 0 ? "<p><b>No number of the paper is "
					  "known to us for "
			      : seen + 1 == left ? " and " : ", ", out);
			fprintf(out, "%.*s",
				(int)strcspn(item->title, ":"), item->title);
			seen++;
		}
	if (left > 0)
		fputs("</b>: what stands there is simulated, with nothing to "
		      "hold it against.</p>\n", out);
}

/* That something was measured, and how much of what is simulated was. */
static void write_effect(const struct reproduction *r, size_t n,
			 FILE *out)
{
	char gpu[RUN_TITLE];
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (r[i].effect == NULL)
			continue;
		fputs(any ? " " : "<p><b>The effect itself was measured</b>, "
				  "on ", out);
		if (!any) {
			reproduce_run_gpu(r[0].results[0].cases, gpu);
			reproduce_html_text(gpu, out);
			fputs(", which is not the paper's card. ", out);
		}
		reproduce_html_text(r[i].effect, out);
		any = true;
	}
	fputs(any ? " " : "<p>", out);
	reproduce_words_measured(r, n, out);
	fputs("</p>\n", out);
}

static void write_intro(const struct reproduction *r, size_t n,
			const struct bundle *bundle, size_t ncases, FILE *out)
{
	fputs("<h1>KVPR, simulated and held against the paper</h1>\n"
	      "<p>The tables and figures "
	      "of <i>KVPR: Efficient LLM Inference with I/O-Aware KV Cache "
	      "Partial Recomputation</i> (Jiang, Gao, Entezari Zarch, "
	      "Annavaram; Findings of ACL 2025), simulated. The results on "
	      "this page were written by kvplan " PACKAGE_VERSION, out);
	fprintf(out, " from %zu simulated cases; the paper's numbers are data "
		"with a source, as are inputs, and what an item assumes is "
		"text.</p>\n", ncases);
	reproduce_joint_report_lead(r, n, out);
	if (bundle != NULL)
		write_effect(r, n, out);
	write_numberless(r, n, out);
	fputs("<ul>\n", out);
	fputs("<li><b>paper</b>: only what is known of it. <i>quoted</i>: "
	      "the paper or public notes on it print the number; "
	      "<i>derived</i>: it follows from quoted ones; <i>inferred</i>: "
	      "a reading of them. An empty cell is unknown, not zero.</li>\n"
	      "<li><b>simulated</b>: the same policies and workloads on the "
	      "paper's machine, by its nominal figures and at rates that "
	      "were measured of such cards (link, GPU and device memory), and "
	      "on other machines. Nothing is fitted "
	      "to the paper.</li>\n", out);
	if (bundle != NULL) {
		fputs("<li><b>measured</b>: decode steps that ran on ", out);
		reproduce_html_text(bundle->hardware.title, out);
		fprintf(out, "; %zu runs. A run has the case's policy, "
			"decisions, batch and prompt, and a split and a number "
			"of cached tokens that differ by 2 %% of the prompt "
			"at most from the mean of the decode, often with "
			"fewer layers. <b>Same "
			"runs</b> is what the simulation says of those very "
			"runs. Empty: not measured.</li>\n", bundle->n);
	} else {
		fputs("<li><b>measured</b>: no measured runs were given "
		      "(--measured).</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void write_contents(const struct reproduction *r, size_t n, FILE *out)
{
	fputs("<nav id=\"contents\">\n<h2>Contents</h2>\n<ol>\n<li><a "
	      "href=\"#headlines\">Headlines</a></li>\n", out);
	for (size_t i = 0; i < n; i++) {
		fputs("<li><a href=\"#", out);
		reproduce_html_text(r[i].item.name, out);
		fputs("\">", out);
		reproduce_html_text(r[i].item.title, out);
		fputs("</a></li>\n", out);
	}
	fputs("</ol>\n</nav>\n", out);
}

static const char up[] = "<a class=\"up\" href=\"#contents\">Contents</a>\n";

static enum status write_svg(const char *folder, const char *item,
			     const char *name, const char *title, size_t *id,
			     FILE *out, struct diag *d)
{
	char path[PATH_SIZE];
	enum status s;

	snprintf(path, sizeof path, "%s/%s-%s.svg", folder, item, name);
	fputs("<figure>\n", out);
	s = reproduce_html_svg(path, ++*id, out, d);
	fputs("<figcaption>", out);
	reproduce_html_text(title, out);
	fputs("</figcaption>\n</figure>\n", out);
	return s;
}

static enum status write_headlines(const struct reproduction *r, size_t n,
				   const char *folder, size_t *id, FILE *out,
				   struct diag *d)
{
	enum status s = STATUS_OK;

	fputs("<h2 id=\"headlines\">Headlines</h2>\n", out);
	fputs(up, out);
	fputs("<p>Each number that the "
	      "paper claims, against every combination of the assumptions "
	      "that it leaves open. Some depart from what it says of its "
	      "set-up and methods, such as pageable memory, loads that run "
	      "further ahead, or another meaning of the number: one range is "
	      "of the sets without those, as the paper describes it. The "
	      "base set has the first choice of each, which "
	      "is the item's own reading. The verdict is of one set for all "
	      "numbers of a headline, each as exactly as the paper prints "
	      "it; the nearest set, of those as the paper describes it, is "
	      "the one whose largest distance to them is "
	      "least. That a set gives them says that it could be what was "
	      "measured, not that it was. A range pools sets that exclude "
	      "each other, so that it may span a number that no set gives; "
	      "one that is wider than its number, or for a share than half "
	      "of all shares, would span nearly any, and tests "
	      "nothing.</p>\n", out);
	reproduce_headlines_summary(r, n, out);
	reproduce_joint_report_html(r, n, out);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r[i].item.nheadlines; k++) {
			const struct band *b = &r[i].bands[k];

			reproduce_headlines_verdict(r[i].item.name, b, out);
			if (folder != NULL && s == STATUS_OK)
				s = write_svg(folder, r[i].item.name,
					      b->headline->name,
					      "What all sets of assumptions "
					      "give, and the paper.", id,
					      out, d);
			reproduce_headlines_effects(b, out);
		}
	return s;
}

static enum status write_item(const struct reproduction *r,
			      const char *folder, size_t *id, FILE *out,
			      struct diag *d)
{
	const struct item *item = &r->item;
	enum status s = STATUS_OK;

	fputs("<h2 id=\"", out);
	reproduce_html_text(item->name, out);
	fputs("\">", out);
	reproduce_html_text(item->title, out);
	fputs("</h2>\n", out);
	fputs(up, out);
	reproduce_html_tables_prose(item->text, out);
	if (item->nfindings > 0)
		fputs("<ul>\n", out);
	for (size_t i = 0; i < item->nfindings; i++) {
		fputs("<li>", out);
		reproduce_html_text(r->findings[i], out);
		fputs("</li>\n", out);
	}
	if (item->nfindings > 0)
		fputs("</ul>\n", out);
	fputs("<p>", out);
	reproduce_words_measured(r, 1, out);
	fputs("</p>\n", out);
	for (size_t i = 0; i < item->nfigures && folder && s == STATUS_OK;
	     i++) {
		const struct item_figure *f = &item->figures[i];

		if (!reproduce_figure_empty(f, &r->results[f->study]))
			s = write_svg(folder, item->name, f->name, f->title,
				      id, out, d);
	}
	for (size_t i = 0; i < item->nstudies; i++)
		reproduce_html_tables_study(r, i, out);
	return s;
}

enum status reproduce_report_write(const struct reproduction *r, size_t n,
				   const char *folder,
				   const struct bundle *bundle, size_t ncases,
				   FILE *out, struct diag *d)
{
	enum status s;
	size_t id = 0;

	fputs(head, out);
	write_intro(r, n, bundle, ncases, out);
	write_contents(r, n, out);
	s = write_headlines(r, n, folder, &id, out, d);
	for (size_t i = 0; i < n && s == STATUS_OK; i++)
		s = write_item(&r[i], folder, &id, out, d);
	fputs("</body>\n</html>\n", out);
	return s;
}
