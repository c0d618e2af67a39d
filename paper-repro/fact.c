/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paper-repro/fact.h"

#include <string.h>

enum status reproduce_fact_place(const struct study *s,
				  const struct json *at, const char *key,
				  struct study_place *out, struct diag *d)
{
	struct json o;

	for (size_t i = 0; i < STUDY_MOST_AXES; i++)
		out->at[i] = STUDY_ANY;
	if (!json_has(at, key))
		return STATUS_OK;
	if (json_get_object(at, key, &o, d) != STATUS_OK)
		return STATUS_INVALID;
	for (const cJSON *v = o.node->child; v != NULL; v = v->next) {
		size_t axis = reproduce_study_axis(s, v->string);
		const char *choice = cJSON_GetStringValue(v);

		if (axis == STUDY_ANY)
			return json_fail(&o, NULL, d, "found '%.40s', "
					 "expected an axis of study %.40s",
					 v->string, s->name);
		out->at[axis] = choice == NULL ? STUDY_ANY :
			reproduce_study_choice_named(s, axis, choice);
		if (out->at[axis] == STUDY_ANY)
			return json_fail(&o, v->string, d, "found '%.40s', "
					 "expected a choice of the axis",
					 choice ? choice : "no text");
	}
	return STATUS_OK;
}

enum status reproduce_fact_read(const struct json *at, enum quantity q,
				 struct study_fact *out, struct diag *d)
{
	static const char *const known[] = { "quoted", "derived", "inferred" };

	if (json_get_quantity(at, "value", q, JSON_ANY, &out->value, d) !=
		    STATUS_OK ||
	    (json_has(at, "rounding") &&
	     json_get_quantity(at, "rounding", q, JSON_NOT_NEGATIVE,
			       &out->rounding, d) != STATUS_OK) ||
	    json_get_string(at, "confidence", &out->confidence, d) !=
		    STATUS_OK ||
	    json_get_string(at, "source", &out->source, d) != STATUS_OK ||
	    (json_has(at, "note") &&
	     json_get_string(at, "note", &out->note, d) != STATUS_OK))
		return STATUS_INVALID;
	for (size_t i = 0; i < FACT_KINDS; i++)
		if (strcmp(out->confidence, known[i]) == 0) {
			out->kind = (enum fact_kind)i;
			return STATUS_OK;
		}
	return json_fail(at, "confidence", d, "found '%.40s', expected "
			 "quoted, derived or inferred", out->confidence);
}

const char *reproduce_fact_mark(enum fact_kind kind)
{
	static const char *const marks[] = { "paper", "derived", "inferred" };

	return marks[kind];
}

const char *reproduce_fact_words(enum fact_kind kind)
{
	static const char *const words[] = {
		"quoted of the paper",
		"derived from the paper",
		"inferred, not printed so",
	};

	return words[kind];
}
