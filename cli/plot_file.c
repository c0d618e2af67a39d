/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plot_file.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "plots/gnuplot.h"
#include "sweep/file.h"

void plot_file_add_where(struct plot_file_options *o, const char *text)
{
	o->where = xrealloc_array(o->where, o->nwhere + 1, sizeof *o->where);
	o->where[o->nwhere++] = text;
}

static const cJSON *member(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

static const cJSON *first(const cJSON *list)
{
	return list ? list->child : NULL;
}

/* Every `step`th value of `values`, from the first, is another. */
static bool all_differ(const cJSON *values, int step)
{
	int n = cJSON_GetArraySize(values);

	for (int i = 0; i < n; i += step)
		for (int k = 0; k < i; k += step)
			if (cJSON_Compare(cJSON_GetArrayItem(values, i),
					  cJSON_GetArrayItem(values, k), 1))
				return false;
	return true;
}

enum { MOST_COMPARED = 200 };

/*
 * Names that change together are one input, if the first tells what the
 * others are: always in a range.
 */
static bool first_tells(const cJSON *axis)
{
	const cJSON *values = member(axis, "values");
	int names = cJSON_GetArraySize(member(axis, "names"));

	return names < 2 || member(axis, "low") != NULL ||
	       (cJSON_GetArraySize(values) <= MOST_COMPARED &&
		all_differ(values, names));
}

/* Any CSV file can be drawn, so that nothing is beside it is no mistake. */
static void read_inputs(struct sheet *s, const char *path)
{
	const char **names = NULL;
	const cJSON *axis, *name;
	struct diag unused;
	cJSON *about;
	size_t n = 0;

	if (sweep_file_read_about(path, &about, &unused) != STATUS_OK)
		return;
	for (axis = first(member(member(about, "sweep"), "vary"));
	     axis != NULL; axis = axis->next)
		for (name = first(member(axis, "names")); name != NULL;
		     name = name->next) {
			if (!cJSON_IsString(name))
				continue;
			names = xrealloc_array(names, n + 1, sizeof *names);
			names[n++] = name->valuestring;
			if (first_tells(axis))
				break;
		}
	if (n > 0)
		sheet_set_inputs(s, names, n);
	free(names);
	cJSON_Delete(about);
}

enum status plot_file(const struct plot *plot, FILE *in, const char *source,
		      const struct plot_file_options *o, const char *output,
		      const char *format, struct diag *d)
{
	struct chart c = { .x = o->x, .y = o->y, .color = o->color };
	struct plot_picture p = { 0 };
	enum status s = sheet_open(in, source, o->where, o->nwhere, &c.sheet,
				   d);

	if (s != STATUS_OK)
		return s;
	if (o->path != NULL)
		read_inputs(c.sheet, o->path);
	s = plot->make_file(&c, &p, d);
	if (s == STATUS_OK)
		s = gnuplot_draw(plot->script, p.commands, output, format, d);
	free(p.commands);
	sheet_free(c.sheet);
	return s;
}
