/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/json.h"
#include "base/nearest.h"
#include "base/xalloc.h"

enum { MOST_GPUS = 1 << 10 };

bool trace_op(const char *name, enum op *op)
{
	size_t len = strcspn(name, " ");

	for (int i = 0; i < OP_COUNT; i++) {
		const char *known = op_name((enum op)i);

		if (strlen(known) == len && strncmp(known, name, len) == 0) {
			*op = (enum op)i;
			return true;
		}
	}
	return false;
}

bool trace_computes(const struct trace_event *e)
{
	return e->op == OP_COUNT ? e->engine == ENGINE_SM
				 : op_process(e->op) == PROCESS_COMPUTE;
}

static enum status read_op(const struct json *event, enum op *op,
			   struct diag *d)
{
	const char *names[OP_COUNT], *name, *nearest;
	char given[32];
	enum status s = json_get_string(event, "name", &name, d);

	if (s != STATUS_OK || trace_op(name, op))
		return s;
	for (int i = 0; i < OP_COUNT; i++)
		names[i] = op_name((enum op)i);
	snprintf(given, sizeof given, "%.*s", (int)strcspn(name, " "), name);
	nearest = nearest_name(given, names, OP_COUNT);
	return json_fail(event, "name", d, "found '%.64s', expected the name "
			 "of a task such as '%s L0'", name,
			 nearest != NULL ? nearest : "load_cache");
}

static enum status read_engine(const struct json *args, enum engine *engine,
			       struct diag *d)
{
	const char *name;
	enum status s = json_get_string(args, "engine", &name, d);

	if (s != STATUS_OK)
		return s;
	for (int i = 0; i < ENGINE_COUNT; i++)
		if (strcmp(name, engine_name((enum engine)i)) == 0) {
			*engine = (enum engine)i;
			return STATUS_OK;
		}
	return json_fail(args, "engine", d, "found '%.64s', expected h2d, "
			 "d2h, sm, cpu, copy or issue", name);
}

static enum status read_args(const struct json *event, struct trace_event *e,
			     struct diag *d)
{
	const struct {
		const char *key;
		size_t *out;
	} members[] = { { "step", &e->step }, { "layer", &e->layer },
			{ "batch", &e->batch }, { "task", &e->task } };
	struct json args;
	enum status s = json_get_object(event, "args", &args, d);

	if (s == STATUS_OK)
		s = read_engine(&args, &e->engine, d);
	for (size_t i = 0; i < 4 && s == STATUS_OK; i++)
		s = json_get_size(&args, members[i].key, 0, TRACE_MOST_COUNT,
				  members[i].out, d);
	return s;
}

/* A time, which no text with a unit is. */
static enum status read_us(const struct json *event, const char *key,
			   enum json_sign sign, double *out, struct diag *d)
{
	const cJSON *node =
		cJSON_GetObjectItemCaseSensitive(event->node, key);

	if (node != NULL && !cJSON_IsNumber(node))
		return json_fail(event, key, d, "found no number, expected "
				 "one of microseconds");
	return json_get_quantity(event, key, QUANTITY_NUMBER, sign, out, d);
}

static enum status read_event(const struct json *event,
			      struct trace_event *e, struct diag *d)
{
	double start_us, lasts_us;
	enum status s = read_op(event, &e->op, d);

	if (s == STATUS_OK)
		s = read_args(event, e, d);
	if (s == STATUS_OK)
		s = json_get_size(event, "pid", 1, MOST_GPUS, &e->gpu, d);
	if (s == STATUS_OK)
		s = read_us(event, "ts", JSON_ANY, &start_us, d);
	if (s == STATUS_OK)
		s = read_us(event, "dur", JSON_NOT_NEGATIVE, &lasts_us, d);
	if (s != STATUS_OK)
		return s;
	e->gpu--;
	e->start_s = 1e-6 * start_us;
	e->end_s = 1e-6 * (start_us + lasts_us);
	if (!isfinite(e->end_s))
		return json_fail(event, "dur", d, "found %g after %g, expected "
				 "a finite sum", lasts_us, start_us);
	return STATUS_OK;
}

static const char *text_of(const cJSON *node, const char *key)
{
	const char *text = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(node, key));

	return text != NULL ? text : "";
}

/* The name of the first GPU's process: the policy. */
static void note_title(const cJSON *node, struct trace *t)
{
	const char *name = text_of(
		cJSON_GetObjectItemCaseSensitive(node, "args"), "name");

	if (t->title != NULL || strcmp(text_of(node, "ph"), "M") != 0 ||
	    strcmp(text_of(node, "name"), "process_name") != 0)
		return;
	t->title = xstrdup(name);
}

static enum status read_events(const struct json *top, struct trace *t,
			       struct diag *d)
{
	struct json all;
	enum status s = json_get_array(top, "traceEvents", &all, d);
	size_t i = 0;

	if (s != STATUS_OK)
		return s;
	t->events = xcalloc(json_length(&all) + 1, sizeof *t->events);
	for (const cJSON *e = all.node->child; e != NULL; e = e->next, i++) {
		const struct json at = { .node = e, .parent = &all,
					 .index = i };

		if (!cJSON_IsObject(e))
			return json_fail(&at, NULL, d, "found no object, "
					 "expected an event");
		note_title(e, t);
		if (strcmp(text_of(e, "ph"), "X") != 0)
			continue;
		s = read_event(&at, &t->events[t->n], d);
		if (s != STATUS_OK)
			return s;
		t->n++;
	}
	if (t->n == 0)
		return json_fail(&all, NULL, d, "found no complete event "
				 "(\"ph\": \"X\"), expected one for each "
				 "task");
	return STATUS_OK;
}

static enum status read_wait(const struct json *wait, struct trace_wait *out,
			     struct diag *d)
{
	size_t *const to[] = { &out->task, &out->on, &out->lag };
	const cJSON *node = cJSON_IsArray(wait->node) ? wait->node->child
						      : NULL;
	enum status s = STATUS_OK;

	if (cJSON_GetArraySize(wait->node) != 3 || node == NULL)
		return json_fail(wait, NULL, d, "expected [task, waited for, "
				 "steps before]");
	for (size_t i = 0; i < 3 && s == STATUS_OK; i++, node = node->next)
		s = json_node_size(wait, node, i, 0, TRACE_MOST_COUNT, to[i],
				   d);
	return s;
}

static enum status read_waits(const struct json *top, struct trace *t,
			      struct diag *d)
{
	struct json all;
	enum status s;
	size_t i = 0;

	if (!json_has(top, "waits"))
		return STATUS_OK;
	s = json_get_array(top, "waits", &all, d);
	if (s != STATUS_OK)
		return s;
	t->waits = xcalloc(json_length(&all) + 1, sizeof *t->waits);
	for (const cJSON *w = all.node->child; w != NULL && s == STATUS_OK;
	     w = w->next, i++) {
		const struct json at = { .node = w, .parent = &all,
					 .index = i };

		s = read_wait(&at, &t->waits[t->nwaits++], d);
	}
	return s;
}

static int by_start(const void *a, const void *b)
{
	const struct trace_event *x = a, *y = b;

	if (x->start_s != y->start_s)
		return x->start_s < y->start_s ? -1 : 1;
	if (x->end_s != y->end_s)
		return x->end_s < y->end_s ? -1 : 1;
	return (x->task > y->task) - (x->task < y->task);
}

static int by_task(const void *a, const void *b)
{
	const struct trace_wait *x = a, *y = b;

	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	if (x->on != y->on)
		return x->on < y->on ? -1 : 1;
	return (x->lag > y->lag) - (x->lag < y->lag);
}

void trace_sort(struct trace *t)
{
	if (t->n > 0)
		qsort(t->events, t->n, sizeof *t->events, by_start);
	if (t->nwaits > 0)
		qsort(t->waits, t->nwaits, sizeof *t->waits, by_task);
}

enum status trace_parse(const char *text, struct trace *out, struct diag *d)
{
	struct trace t = { .n = 0 };
	struct json top;
	cJSON *doc;
	enum status s = json_parse(text, &doc, &top, d);

	if (s != STATUS_OK)
		return s;
	s = read_events(&top, &t, d);
	if (s == STATUS_OK)
		s = read_waits(&top, &t, d);
	cJSON_Delete(doc);
	if (s != STATUS_OK) {
		trace_clear(&t);
		return s;
	}
	if (t.title == NULL)
		t.title = xstrdup("");
	trace_sort(&t);
	*out = t;
	return STATUS_OK;
}

void trace_clear(struct trace *t)
{
	free(t->title);
	free(t->events);
	free(t->waits);
	*t = (struct trace){ .n = 0 };
}
