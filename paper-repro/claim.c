/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/claim.h"

#include "base/xalloc.h"
#include "paper-repro/fact.h"
#include "paper-repro/find.h"

static enum status read_part_metrics(const struct json *at,
				     const struct study *s,
				     const struct item_headline *h,
				     struct item_part *p, struct diag *d)
{
	struct json list;
	size_t n = 0;

	if (json_get_array(at, "metrics", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) != h->ndefinitions)
		return json_fail(at, "metrics", d, "found %zu, expected %zu: "
				 "one for each definition",
				 json_length(&list), h->ndefinitions);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const char *name = cJSON_GetStringValue(v);

		if (reproduce_find_metric(at, "metrics", s, name ? name : "",
					  &p->metric[n++], d) != STATUS_OK)
			return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status read_part(const struct json *at, const struct study *s,
			     const struct item_headline *h,
			     struct item_part *p, struct diag *d)
{
	static const char *const keys[] = { "title", "at", "metrics",
					    "paper" };
	struct json paper;

	if (json_only_keys(at, keys, 4, d) != STATUS_OK ||
	    json_get_string(at, "title", &p->title, d) != STATUS_OK ||
	    reproduce_fact_place(s, at, "at", &p->place, d) != STATUS_OK ||
	    read_part_metrics(at, s, h, p, d) != STATUS_OK ||
	    json_get_object(at, "paper", &paper, d) != STATUS_OK)
		return STATUS_INVALID;
	return reproduce_fact_read(&paper,
				    s->metrics[p->metric[0]]->quantity,
				    &p->paper, d);
}

static enum status read_parts(const struct json *at, const struct study *s,
			      struct item_headline *h, struct diag *d)
{
	struct json list;
	size_t i = 0;

	if (json_get_array(at, "parts", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_length(&list) > ITEM_MOST_PARTS)
		return json_fail(at, "parts", d, "found %zu, expected %d at "
				 "most", json_length(&list), ITEM_MOST_PARTS);
	h->parts = xcalloc(json_length(&list) + 1, sizeof *h->parts);
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json one = { v, &list, NULL, i++ };

		if (!cJSON_IsObject(v))
			return json_fail(&one, NULL, d, "expected an object");
		if (read_part(&one, s, h, &h->parts[h->nparts++], d) !=
		    STATUS_OK)
			return STATUS_INVALID;
	}
	if (h->nparts == 0)
		return json_fail(at, "parts", d, "expected one or more");
	return STATUS_OK;
}

static enum status read_definitions(const struct json *at,
				    struct item_headline *h, struct diag *d)
{
	size_t more;

	if (reproduce_find_texts(at, "definitions", h->definitions,
		       ITEM_MOST_DEFINITIONS, &h->nstated, d) != STATUS_OK)
		return STATUS_INVALID;
	if (h->nstated == 0)
		h->definitions[h->nstated++] = "";
	if (reproduce_find_texts(at, "redefinitions",
				 h->definitions + h->nstated,
		       ITEM_MOST_DEFINITIONS - h->nstated, &more, d) !=
	    STATUS_OK)
		return STATUS_INVALID;
	h->ndefinitions = h->nstated + more;
	return STATUS_OK;
}

enum status reproduce_claim_read(const struct json *at, struct item *item,
				 struct diag *d)
{
	static const char *const keys[] = { "name", "title", "note",
		"why", "inferred", "left_out", "study", "definitions",
		"redefinitions", "ordered", "own_axes", "best_over", "parts" };
	struct item_headline *h = &item->headlines[item->nheadlines++];
	const char *best[STUDY_MOST_AXES];
	const struct study *s;
	size_t n, axis;

	if (json_only_keys(at, keys, 13, d) != STATUS_OK ||
	    json_get_string(at, "name", &h->name, d) != STATUS_OK ||
	    json_get_string(at, "title", &h->title, d) != STATUS_OK ||
	    (json_has(at, "note") &&
	     json_get_string(at, "note", &h->note, d) != STATUS_OK) ||
	    (json_has(at, "why") &&
	     json_get_string(at, "why", &h->why, d) != STATUS_OK) ||
	    (json_has(at, "inferred") &&
	     json_get_string(at, "inferred", &h->inferred, d) !=
		     STATUS_OK) ||
	    (json_has(at, "left_out") &&
	     json_get_string(at, "left_out", &h->left_out, d) !=
		     STATUS_OK) ||
	    reproduce_find_study(at, item, &h->study, d) != STATUS_OK ||
	    read_definitions(at, h, d) != STATUS_OK ||
	    (json_has(at, "ordered") &&
	     json_get_bool(at, "ordered", &h->ordered, d) != STATUS_OK) ||
	    (json_has(at, "own_axes") &&
	     json_get_bool(at, "own_axes", &h->own_axes, d) != STATUS_OK) ||
	    reproduce_find_texts(at, "best_over", best, STUDY_MOST_AXES, &n,
				 d) != STATUS_OK)
		return STATUS_INVALID;
	s = &item->studies[h->study];
	for (size_t i = 0; i < n; i++) {
		if (reproduce_find_axis(at, "best_over", s, best[i], &axis,
					d) != STATUS_OK)
			return STATUS_INVALID;
		h->best_over[axis] = true;
	}
	return read_parts(at, s, h, d);
}
