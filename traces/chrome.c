/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/chrome.h"

#include <math.h>

#include "schedule/policy.h"

/* Trace processes: the GPUs, then the host with what they share. */
enum { FIRST_GPU_ID = 1 };

static size_t host_id(const struct graph *g)
{
	return FIRST_GPU_ID + g->gpus;
}

static char *quote(const char *text)
{
	cJSON *json = cJSON_CreateString(text);
	char *quoted = cJSON_PrintUnformatted(json);

	cJSON_Delete(json);
	return quoted;
}

static void write_name(const char *what, size_t pid, size_t tid,
		       const char *name, FILE *out)
{
	char *quoted = quote(name);

	fprintf(out, "{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%zu,"
		"\"tid\":%zu,\"args\":{\"name\":%s}}", what, pid, tid, quoted);
	cJSON_free(quoted);
}

/* Names and the order of the tracks of GPU `gpu`. */
static void write_tracks(const char *policy, size_t gpu, size_t gpus,
			 FILE *out)
{
	size_t pid = FIRST_GPU_ID + gpu;
	char name[96];

	if (gpus == 1)
		snprintf(name, sizeof name, "%s", policy);
	else
		snprintf(name, sizeof name, "%s, GPU %zu", policy, gpu);
	fputs(gpu > 0 ? ",\n" : "", out);
	write_name("process_name", pid, 0, name, out);
	for (size_t p = 0; p < PROCESS_COUNT; p++) {
		fputs(",\n", out);
		write_name("thread_name", pid, p + 1,
			   process_name((enum process)p), out);
		fprintf(out, ",\n{\"ph\":\"M\",\"name\":"
			"\"thread_sort_index\",\"pid\":%zu,\"tid\":%zu,"
			"\"args\":{\"sort_index\":%zu}}", pid, p + 1, p + 1);
	}
}

/* "load_cache L3", with several batches "load_cache L3 B1". */
static void write_task_name(const struct task *t, const struct graph *g,
			    FILE *out)
{
	fprintf(out, "%s L%zu", op_name(t->op), t->layer);
	if (g->batches > 1)
		fprintf(out, " B%zu", t->batch);
}

/*
 * `s` seconds as microseconds of whole nanoseconds, for "%.3f".  Perfetto
 * rounds what it reads, start and length each for itself, to those, and drops a
 * slice that then begins before the last one of its track has ended.  So a
 * length is the difference of rounded times.
 */
static double microseconds(double s)
{
	return round(s * 1e9) / 1e3;
}

static void write_slice(const struct slice *s, const struct graph *g,
			const struct workload *w, const struct plan *plan,
			FILE *out)
{
	const struct task *t = &g->tasks[s->task];
	const struct work *k = &g->works[t->work];
	double cached = (double)workload_cached(w, s->step);
	double split = (double)plan->split[s->step];
	double start = microseconds(s->start_s);

	fputs(",\n{\"ph\":\"X\",\"name\":\"", out);
	write_task_name(t, g, out);
	fprintf(out,
		"\",\"cat\":\"%s\",\"pid\":%zu,\"tid\":%d,\"ts\":%.3f,"
		"\"dur\":%.3f,\"args\":{\"step\":%zu,\"layer\":%zu,"
		"\"batch\":%zu,\"task\":%zu,\"engine\":\"%s\","
		"\"bytes\":%.15g,\"flop\":%.15g}}",
		process_name(op_process(t->op)), FIRST_GPU_ID + s->gpu,
		(int)op_process(t->op) + 1, start,
		microseconds(s->end_s) - start, s->step, t->layer, t->batch,
		s->task, engine_name(k->engine), work_bytes(k, cached, split),
		work_flop(k, cached, split));
}

/*
 * A counter track for each link that carries anything; Perfetto calls it by the
 * name and the argument, "h2d GB/s".
 */
static void write_rate(const struct rate *r, const struct graph *g,
		       FILE *out)
{
	fprintf(out, ",\n{\"ph\":\"C\",\"name\":\"%s\",\"pid\":%zu,"
		"\"ts\":%.3f,\"args\":{\"GB/s\":%.9g}}", r->link,
		r->shared ? host_id(g) : FIRST_GPU_ID + r->gpu,
		microseconds(r->time_s), r->bytes_per_s / 1e9);
}

/*
 * What each task comes after, [task, the other, steps before]: its waits, and
 * the one before it on its stream, which may have left no slice.
 */
static void write_waits(const struct graph *g, FILE *out)
{
	size_t before[PROCESS_COUNT], lag[PROCESS_COUNT];
	const char *comma = "";

	for (size_t i = 0; i < g->ntasks; i++) {
		before[op_process(g->tasks[i].op)] = i;
		lag[op_process(g->tasks[i].op)] = 1;
	}
	fputs("\"waits\":[", out);
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];
		enum process p = op_process(t->op);

		fprintf(out, "%s[%zu,%zu,%zu]", comma, i, before[p], lag[p]);
		comma = ",";
		for (size_t k = 0; k < t->nwaits; k++)
			fprintf(out, ",[%zu,%zu,%zu]", i,
				g->waits[t->first_wait + k].task,
				g->waits[t->first_wait + k].lag);
		before[p] = i;
		lag[p] = 0;
	}
	fputs("],\n", out);
}

void chrome_write(const struct timeline *t, const struct graph *g,
		  const struct workload *w, const struct plan *plan,
		  const cJSON *about, FILE *out)
{
	char *other = cJSON_PrintUnformatted(about);

	fprintf(out, "{\"displayTimeUnit\":\"ms\",\n\"otherData\":%s,\n",
		other);
	cJSON_free(other);
	write_waits(g, out);
	fputs("\"traceEvents\":[\n", out);
	for (size_t gpu = 0; gpu < g->gpus; gpu++)
		write_tracks(plan->policy->name, gpu, g->gpus, out);
	for (size_t i = 0; i < t->n; i++)
		write_slice(&t->slices[i], g, w, plan, out);
	if (t->nrates > 0) {
		fputs(",\n", out);
		write_name("process_name", host_id(g), 0, "host", out);
	}
	for (size_t i = 0; i < t->nrates; i++)
		write_rate(&t->rates[i], g, out);
	fputs("\n]}\n", out);
}
