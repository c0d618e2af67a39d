/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/chrome.h"

#include "schedule/policy.h"

enum { PROCESS_ID = 1 };

/* Names and the order of the tracks. */
static void write_tracks(const char *title, FILE *out)
{
	cJSON *text = cJSON_CreateString(title);
	char *quoted = cJSON_PrintUnformatted(text);

	fprintf(out,
		"{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,"
		"\"args\":{\"name\":%s}}", PROCESS_ID, quoted);
	cJSON_free(quoted);
	cJSON_Delete(text);
	for (int p = 0; p < PROCESS_COUNT; p++)
		fprintf(out,
			",\n{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,"
			"\"tid\":%d,\"args\":{\"name\":\"%s\"}}"
			",\n{\"ph\":\"M\",\"name\":\"thread_sort_index\","
			"\"pid\":%d,\"tid\":%d,\"args\":{\"sort_index\":%d}}",
			PROCESS_ID, p + 1, process_name((enum process)p),
			PROCESS_ID, p + 1, p + 1);
}

static void write_slice(const struct slice *s, const struct graph *g,
			const struct workload *w, const struct plan *plan,
			FILE *out)
{
	const struct task *t = &g->tasks[s->task];
	const struct work *k = &g->works[t->work];
	double cached = (double)workload_cached(w, s->step);
	double split = (double)plan->split[s->step];

	fprintf(out,
		",\n{\"ph\":\"X\",\"name\":\"%s L%zu\",\"cat\":\"%s\","
		"\"pid\":%d,\"tid\":%d,\"ts\":%.6f,\"dur\":%.6f,"
		"\"args\":{\"step\":%zu,\"layer\":%zu,\"task\":%zu,"
		"\"engine\":\"%s\",\"bytes\":%.15g,\"flop\":%.15g}}",
		op_name(t->op), t->layer, process_name(op_process(t->op)),
		PROCESS_ID, (int)op_process(t->op) + 1, s->start_s * 1e6,
		(s->end_s - s->start_s) * 1e6, s->step, t->layer, s->task,
		engine_name(k->engine), work_bytes(k, cached, split),
		work_flop(k, cached, split));
}

void chrome_write(const struct timeline *t, const struct graph *g,
		  const struct workload *w, const struct plan *plan,
		  const cJSON *about, FILE *out)
{
	char *other = cJSON_PrintUnformatted(about);

	fprintf(out, "{\"displayTimeUnit\":\"ms\",\n\"otherData\":%s,\n"
		"\"traceEvents\":[\n", other);
	cJSON_free(other);
	write_tracks(plan->policy->name, out);
	for (size_t i = 0; i < t->n; i++)
		write_slice(&t->slices[i], g, w, plan, out);
	fputs("\n]}\n", out);
}
