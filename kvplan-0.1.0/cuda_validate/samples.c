/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/samples.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"

struct samples {
	FILE *body;		/* the series, without the last "]}" */
	char *text;
	size_t size;
	size_t nkeys, series, rows, rows_of_series;
	bool open;		/* a series is being written */
};

struct samples *samples_new(void)
{
	struct samples *s = xcalloc(1, sizeof *s);

	s->body = xmemstream(&s->text, &s->size);
	return s;
}

void samples_free(struct samples *s)
{
	if (s == NULL)
		return;
	if (s->body != NULL)
		xmemstream_close(s->body);
	free(s->text);
	free(s);
}

static void print_json(const cJSON *node, FILE *out)
{
	char *text = cJSON_PrintUnformatted(node);

	fputs(text, out);
	cJSON_free(text);
}

static void end_series(struct samples *s)
{
	if (s->open)
		fputs("\n]}", s->body);
	s->open = false;
}

void samples_begin(struct samples *s, const char *name, cJSON *attributes,
		   const char *const *keys, size_t nkeys)
{
	end_series(s);
	fprintf(s->body, "%s{\"series\":\"%s\"",
		s->series++ == 0 ? "" : ",\n", name);
	for (const cJSON *a = attributes->child; a != NULL; a = a->next) {
		fprintf(s->body, ",\"%s\":", a->string);
		print_json(a, s->body);
	}
	cJSON_Delete(attributes);
	fputs(",\"columns\":[", s->body);
	for (size_t i = 0; i < nkeys; i++)
		fprintf(s->body, "\"%s\",", keys[i]);
	fputs("\"chain\",\"n\",\"min_s\",\"q1_s\",\"median_s\",\"q3_s\","
	      "\"max_s\"],\"rows\":[", s->body);
	s->nkeys = nkeys;
	s->rows_of_series = 0;
	s->open = true;
}

void samples_add(struct samples *s, const double *values,
		 const struct timing *t)
{
	const double times[] = { t->min_s, t->q1_s, t->median_s, t->q3_s,
				 t->max_s };

	assert(s->open);
	fputs(s->rows_of_series == 0 ? "\n[" : ",\n[", s->body);
	for (size_t i = 0; i < s->nkeys; i++)
		if (isfinite(values[i]))
			fprintf(s->body, "%.10g,", values[i]);
		else
			fputs("null,", s->body);
	fprintf(s->body, "%zu,%zu", t->chain, t->n);
	/* five digits: finer than any of it repeats */
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		fprintf(s->body, ",%.5g", times[i]);
	fputc(']', s->body);
	s->rows_of_series++;
	s->rows++;
}

size_t samples_rows(const struct samples *s)
{
	return s->rows;
}

void samples_write(struct samples *s, const cJSON *head, FILE *out)
{
	end_series(s);
	fflush(s->body);
	fputs("{", out);
	for (const cJSON *a = head->child; a != NULL; a = a->next) {
		fprintf(out, "\"%s\":", a->string);
		print_json(a, out);
		fputs(",\n", out);
	}
	fprintf(out, "\"series\":[\n%s\n]}\n", s->text);
}
