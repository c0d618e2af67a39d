/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "paper-repro/measured.h"

enum { PLACE_SIZE = 240 };

struct question {
	const char *how;
	const struct study_results *results;
	const struct study *study;
	size_t metric;
	struct study_place place;
};

struct answer {
	double least, most;
	size_t n;
	bool bundle_missing;
};

/* "axis=choice", blanks around it allowed. */
static enum status read_condition(struct question *q, char *text,
				  const char *quoted, struct diag *d)
{
	char *equals = strchr(text, '=');
	size_t axis, choice;

	while (*text == ' ')
		text++;
	if (equals == NULL)
		return diag_fail(d, STATUS_INVALID, "{%s}: found '%.40s', "
				 "expected AXIS=CHOICE", quoted, text);
	*equals = '\0';
	axis = reproduce_study_axis(q->study, text);
	if (axis == STUDY_ANY)
		return diag_fail(d, STATUS_INVALID, "{%s}: found '%.40s', "
				 "expected an axis of study %s", quoted, text,
				 q->study->name);
	choice = reproduce_study_choice_named(q->study, axis, equals + 1);
	if (choice == STUDY_ANY)
		return diag_fail(d, STATUS_INVALID, "{%s}: found '%.40s', "
				 "expected a choice of axis %s", quoted,
				 equals + 1, text);
	q->place.at[axis] = choice;
	return STATUS_OK;
}

static enum status find_parts(const struct item *item,
			      const struct study_results *results,
			      const char *metric, const char *study,
			      const char *quoted, struct question *q,
			      struct diag *d)
{
	size_t i = 0;

	while (i < item->nstudies &&
	       strcmp(item->studies[i].name, study) != 0)
		i++;
	if (i == item->nstudies)
		return diag_fail(d, STATUS_INVALID, "{%s}: found '%.40s', "
				 "expected the name of a study", quoted,
				 study);
	q->study = &item->studies[i];
	q->results = &results[i];
	q->metric = reproduce_study_metric(q->study, metric);
	if (q->metric == STUDY_ANY)
		return diag_fail(d, STATUS_INVALID, "{%s}: found '%.40s', "
				 "expected a metric of study %s", quoted,
				 metric, study);
	return STATUS_OK;
}

static enum status parse(const struct item *item,
			 const struct study_results *results, char *text,
			 struct question *q, struct diag *d)
{
	char quoted[PLACE_SIZE], *rest, *words[3], *next = text;
	enum status s;

	snprintf(quoted, sizeof quoted, "%s", text);
	for (size_t i = 0; i < 3; i++) {
		words[i] = next;
		rest = next ? strchr(next, ' ') : NULL;
		if (rest != NULL)
			*rest++ = '\0';
		next = rest;
	}
	if (words[2] == NULL)
		return diag_fail(d, STATUS_INVALID, "{%s}: expected HOW METRIC "
				 "STUDY", quoted);
	q->how = words[0];
	for (size_t i = 0; i < STUDY_MOST_AXES; i++)
		q->place.at[i] = STUDY_ANY;
	s = find_parts(item, results, words[1], words[2], quoted, q, d);
	while (s == STATUS_OK && next != NULL) {
		rest = strchr(next, ';');
		if (rest != NULL)
			*rest++ = '\0';
		s = read_condition(q, next, quoted, d);
		next = rest;
	}
	return s;
}

/* NAN where it was not. */
static double measured_of(const struct question *q, size_t row)
{
	const struct study_results *r = q->results;
	struct measured measured;

	if (!reproduce_run_on_bundle(q->study, row) ||
	    !reproduce_measured(reproduce_run_bundle(r->cases), &r->cells[row],
				    q->study->metrics[q->metric], &measured))
		return NAN;
	return measured.value;
}

static struct answer look_up(const struct question *q)
{
	const struct study *s = q->study;
	struct answer a = { NAN, NAN, 0, false };
	size_t rows = reproduce_study_rows(s);

	for (size_t i = 0; i < rows; i++) {
		const struct study_cell *cell = &q->results->cells[i];
		double v = cell->value[q->metric];

		if (!reproduce_study_at(s, &q->place, i))
			continue;
		if (strcmp(q->how, "measured") == 0)
			v = measured_of(q, i);
		else if (cell->subject == NULL)
			a.bundle_missing = true;
		if (isnan(v) || (s->metrics[q->metric]->relative &&
				 cell->subject == cell->against))
			continue;
		a.least = fmin(a.least, v);
		a.most = fmax(a.most, v);
		a.n++;
	}
	return a;
}

/* What is shown as zero has no sign. */
static void format(double value, enum quantity unit, char out[QUANTITY_SIZE])
{
	quantity_format(value, unit, out);
	if (value == 0.0 && unit == QUANTITY_SECONDS)
		snprintf(out, QUANTITY_SIZE, "nothing");
	if (out[0] == '-' && strpbrk(out, "123456789") == NULL)
		memmove(out, out + 1, strlen(out));
}

static enum status write_answer(const struct question *q,
				const char *quoted, FILE *out,
				struct diag *d)
{
	enum quantity unit = q->study->metrics[q->metric]->quantity;
	struct answer a = look_up(q);
	bool span = strcmp(q->how, "span") == 0;
	bool range = span || strcmp(q->how, "range") == 0 ||
		     strcmp(q->how, "measured") == 0;
	char least[QUANTITY_SIZE], most[QUANTITY_SIZE];

	if (a.n == 0 && (a.bundle_missing || strcmp(q->how, "measured") == 0)) {
		fputs("(not measured)", out);
		return STATUS_OK;
	}
	if (a.n == 0)
		return diag_fail(d, STATUS_INVALID, "{%s}: there is no such "
				 "number", quoted);
	format(a.least, unit, least);
	format(a.most, unit, most);
	if (strcmp(q->how, "min") == 0)
		fputs(least, out);
	else if (strcmp(q->how, "max") == 0)
		fputs(most, out);
	else if (span && strcmp(least, most) != 0)
		fprintf(out, "%.*s-%s", (int)strcspn(least, " "), least,
			most);
	else if (range && strcmp(least, most) != 0)
		fprintf(out, "%s to %s", least, most);
	else if (range || (strcmp(q->how, "only") == 0 && a.n == 1))
		fputs(least, out);
	else
		return diag_fail(d, STATUS_INVALID, "{%s}: expected min, max, "
				 "range, span, measured, or only of one "
				 "number, found %zu", quoted, a.n);
	return STATUS_OK;
}

enum status reproduce_text_fill(const struct item *item,
				const struct study_results *results,
				const char *text, char **out, struct diag *d)
{
	size_t size;
	FILE *stream = xmemstream(out, &size);
	enum status s = STATUS_OK;

	while (*text != '\0' && s == STATUS_OK) {
		size_t plain = strcspn(text, "{"), len;
		char place[PLACE_SIZE], quoted[PLACE_SIZE];
		struct question q = { 0 };

		fwrite(text, 1, plain, stream);
		text += plain;
		if (*text == '\0')
			break;
		len = strcspn(text, "}");
		if (text[len] != '}' || len >= PLACE_SIZE) {
			s = diag_fail(d, STATUS_INVALID, "'%.60s': expected a "
				      "} after the {", text);
			break;
		}
		snprintf(place, sizeof place, "%.*s", (int)len - 1, text + 1);
		snprintf(quoted, sizeof quoted, "%s", place);
		text += len + 1;
		s = parse(item, results, place, &q, d);
		if (s == STATUS_OK)
			s = write_answer(&q, quoted, stream, d);
	}
	xmemstream_close(stream);
	if (s != STATUS_OK) {
		free(*out);
		*out = NULL;
	}
	return s;
}
