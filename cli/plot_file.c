/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plot_file.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "plots/gnuplot.h"

void plot_file_add_where(struct plot_file_options *o, const char *text)
{
	o->where = xrealloc_array(o->where, o->nwhere + 1, sizeof *o->where);
	o->where[o->nwhere++] = text;
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
	s = plot->make_file(&c, &p, d);
	if (s == STATUS_OK)
		s = gnuplot_draw(plot->script, p.commands, output, format, d);
	free(p.commands);
	sheet_free(c.sheet);
	return s;
}
