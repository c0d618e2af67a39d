/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/make.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "paper-repro/crossing.h"
#include "paper-repro/text.h"

static void make_views(struct reproduction *r)
{
	const struct item *item = &r->item;

	for (size_t i = 0; i < item->nstudies; i++)
		r->nviews += item->studies[i].nmetrics;
	r->views = xcalloc(r->nviews + 1, sizeof *r->views);
	r->nviews = 0;
	for (size_t i = 0; i < item->nstudies; i++)
		for (size_t m = 0; m < item->studies[i].nmetrics; m++)
			reproduce_view_make(&r->results[i], m,
					    &r->views[r->nviews++]);
}

static enum status simulate(struct reproduction *r, struct cases *cases,
			    struct diag *d)
{
	const struct item *item = &r->item;
	enum status s = STATUS_OK;

	r->results = xcalloc(item->nstudies + 1, sizeof *r->results);
	r->bands = xcalloc(item->nheadlines + 1, sizeof *r->bands);
	r->findings = xcalloc(item->nfindings + 1, sizeof *r->findings);
	for (size_t i = 0; i < item->nstudies && s == STATUS_OK; i++)
		s = reproduce_run_study(cases, &item->studies[i],
					&r->results[i], d);
	if (s != STATUS_OK)
		return s;
	make_views(r);
	for (size_t i = 0; i < item->nheadlines; i++)
		reproduce_band_make(&item->headlines[i],
				    &r->results[item->headlines[i].study],
				    &r->bands[i]);
	for (size_t i = 0; i < item->nheadlines && s == STATUS_OK; i++)
		s = reproduce_crossing_fit(&r->bands[i], cases, d);
	for (size_t i = 0; i < item->nfindings && s == STATUS_OK; i++)
		s = reproduce_text_fill(item, r->results, item->findings[i],
					&r->findings[i], d);
	if (item->effect != NULL && s == STATUS_OK)
		s = reproduce_text_fill(item, r->results, item->effect,
					&r->effect, d);
	return s;
}

enum status reproduce_make(const struct item_index *x, const char *name,
			   struct cases *cases, struct reproduction *out,
			   struct diag *d)
{
	enum status s;

	*out = (struct reproduction){ .index = x };
	s = reproduce_item_load(x, name, &out->item, d);
	if (s != STATUS_OK)
		return s;
	s = simulate(out, cases, d);
	if (s == STATUS_OK)
		return s;
	diag_prefix(d, s, "item %s", name);
	reproduce_make_clear(out);
	return s;
}

void reproduce_make_clear(struct reproduction *r)
{
	for (size_t i = 0; i < r->item.nfindings && r->findings; i++)
		free(r->findings[i]);
	for (size_t i = 0; i < r->item.nheadlines && r->bands; i++)
		reproduce_band_clear(&r->bands[i]);
	for (size_t i = 0; i < r->nviews; i++)
		reproduce_view_clear(&r->views[i]);
	for (size_t i = 0; i < r->item.nstudies && r->results; i++)
		reproduce_run_clear(&r->results[i]);
	free(r->effect);
	free(r->findings);
	free(r->bands);
	free(r->views);
	free(r->results);
	reproduce_item_clear(&r->item);
	*r = (struct reproduction){ .nviews = 0 };
}
