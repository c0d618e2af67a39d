/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/xalloc.h"
#include "paper-repro/export.h"
#include "paper-repro/figure.h"
#include "paper-repro/figure_band.h"
#include "paper-repro/joint_report.h"
#include "paper-repro/report.h"
#include "plots/gnuplot.h"

enum { PATH_SIZE = 4096 };

static enum status begin(const char *folder, const char *name,
			 const char *end, struct file_writer *w,
			 struct diag *d)
{
	char path[PATH_SIZE];

	if (snprintf(path, sizeof path, "%s/%s%s", folder, name, end) >=
	    PATH_SIZE)
		return diag_fail(d, STATUS_IO, "%.60s...: the name is too "
				 "long", folder);
	return file_create(path, w, d);
}

static enum status write_json(const char *folder,
			      const struct reproduction *r, struct diag *d)
{
	struct file_writer w;
	enum status s = begin(folder, r->item.name, ".json", &w, d);
	cJSON *json;

	if (s != STATUS_OK)
		return s;
	json = reproduce_export_json(r);
	json_print(json, w.stream);
	cJSON_Delete(json);
	return file_commit(&w, d);
}

static enum status write_tables(const char *folder,
				const struct reproduction *r, struct diag *d)
{
	struct file_writer w;
	enum status s = begin(folder, r->item.name, ".csv", &w, d);

	if (s != STATUS_OK)
		return s;
	reproduce_export_csv(r, w.stream);
	s = file_commit(&w, d);
	return s == STATUS_OK ? write_json(folder, r, d) : s;
}

static enum status write_table(const char *folder, const char *name,
			       struct table *t, struct diag *d)
{
	struct file_writer w;
	enum status s = begin(folder, name, ".csv", &w, d);

	if (s == STATUS_OK) {
		table_print(t, TABLE_CSV, w.stream);
		s = file_commit(&w, d);
	}
	table_free(t);
	return s;
}

/* Headlines alone, in the joint set, and for the documents. */
static enum status write_headlines(const char *folder,
				   const struct reproduction *r, size_t n,
				   struct diag *d)
{
	struct file_writer w;
	enum status s = write_table(folder, "headlines",
				    reproduce_export_headlines(r, n), d);

	if (s == STATUS_OK)
		s = write_table(folder, "joint",
				reproduce_joint_report_table(r, n), d);
	if (s == STATUS_OK)
		s = begin(folder, "headlines", ".md", &w, d);
	if (s != STATUS_OK)
		return s;
	reproduce_joint_report_markdown(r, n, w.stream);
	return file_commit(&w, d);
}

/* FOLDER/ITEM-NAME.svg, and .pdf. */
static enum status draw(const char *folder, const struct reproduction *r,
			const char *name, const struct item_figure *f,
			const struct band *b, struct diag *d)
{
	static const char *const ends[] = { "svg", "pdf" };
	enum status s = STATUS_OK;

	for (size_t i = 0; i < 2 && s == STATUS_OK; i++) {
		char path[PATH_SIZE];

		if (snprintf(path, sizeof path, "%s/%s-%s.%s", folder,
			     r->item.name, name, ends[i]) >= PATH_SIZE)
			return diag_fail(d, STATUS_IO, "%.60s...: the name is "
					 "too long", folder);
		s = f ? reproduce_figure_draw(&r->item, f,
					      &r->results[f->study], path, d)
		      : reproduce_figure_band(b, path, d);
	}
	return s;
}

static enum status draw_all(const char *folder, const struct reproduction *r,
			    size_t n, struct diag *d)
{
	struct progress *p = progress_new(false);
	enum status s = STATUS_OK;

	for (size_t i = 0; i < n; i++) {
		const struct item *item = &r[i].item;

		progress_show(p, (double)i / (double)n, "figures");
		for (size_t k = 0; k < item->nfigures && s == STATUS_OK; k++)
			if (!reproduce_figure_empty(
				    &item->figures[k],
				    &r[i].results[item->figures[k].study]))
				s = draw(folder, &r[i], item->figures[k].name,
					 &item->figures[k], NULL, d);
		for (size_t k = 0; k < item->nheadlines && s == STATUS_OK;
		     k++)
			s = draw(folder, &r[i], r[i].bands[k].headline->name,
				 NULL, &r[i].bands[k], d);
	}
	progress_free(p);
	return s;
}

static enum status write_report(const char *folder, bool figures,
				const struct reproduction *r, size_t n,
				const struct bundle *bundle, size_t ncases,
				struct diag *d)
{
	struct file_writer w;
	enum status s = begin(folder, "report", ".html", &w, d);

	if (s != STATUS_OK)
		return s;
	s = reproduce_report_write(r, n, figures ? folder : NULL, bundle,
				 ncases, w.stream, d);
	if (s == STATUS_OK)
		return file_commit(&w, d);
	file_abandon(&w);
	return s;
}

enum status reproduce_files_check(const char *folder, bool figures,
				  struct diag *d)
{
	struct file_writer w;
	enum status s;

	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return diag_fail(d, STATUS_IO, "%.200s: %s", folder,
				 strerror(errno));
	s = begin(folder, "report", ".html", &w, d);
	if (s != STATUS_OK)
		return s;
	file_abandon(&w);
	return figures ? gnuplot_check(d) : STATUS_OK;
}

enum status reproduce_files_write(const char *folder, bool figures,
				  const struct reproduction *r, size_t n,
				  const struct bundle *bundle, size_t ncases,
				  struct diag *d)
{
	enum status s = STATUS_OK;

	for (size_t i = 0; i < n && s == STATUS_OK; i++)
		s = write_tables(folder, &r[i], d);
	if (s == STATUS_OK)
		s = write_headlines(folder, r, n, d);
	if (s == STATUS_OK && figures)
		s = draw_all(folder, r, n, d);
	if (s == STATUS_OK)
		s = write_report(folder, figures, r, n, bundle, ncases, d);
	return s;
}
