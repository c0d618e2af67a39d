/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/nsight.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_SQLITE
#include <sqlite3.h>
#endif

#include "base/claim.h"
#include "base/xalloc.h"

bool nsight_is(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof magic] = "";
	FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
	bool is;

	if (f == NULL)
		return false;
	is = fread(head, sizeof head, 1, f) == 1 &&
	     memcmp(head, magic, sizeof magic) == 0;
	if (is)
		claim_stream(f);
	fclose(f);
	return is;
}

#ifdef HAVE_SQLITE

/* A task, and when and where it was issued. */
struct range {
	sqlite3_int64 start, end, thread;	/* [ns] */
	struct trace_event task;
};

struct reading {
	sqlite3 *db;
	struct diag *d;
	struct range *ranges;	/* by thread, then by start */
	size_t nranges;
	struct trace t;
	sqlite3_int64 *starts, *ends;	/* [ns] of each event */
	size_t inside, left_out;	/* events in tasks, and others */
};

static enum status failed(struct reading *r, const char *what)
{
	return diag_fail(r->d, STATUS_INVALID, "%s: %s", what,
			 sqlite3_errmsg(r->db));
}

/* Whether `table` exists, and has `column` unless that is NULL. */
static bool has(struct reading *r, const char *table, const char *column)
{
	return sqlite3_table_column_metadata(r->db, NULL, table, column, NULL,
					     NULL, NULL, NULL, NULL) ==
	       SQLITE_OK;
}

typedef enum status row_reader(struct reading *r, sqlite3_stmt *row);

static enum status query(struct reading *r, const char *table,
			 const char *sql, row_reader *read)
{
	enum status s = STATUS_OK;
	sqlite3_stmt *q;
	int step = SQLITE_ROW;

	if (sqlite3_prepare_v2(r->db, sql, -1, &q, NULL) != SQLITE_OK)
		return failed(r, table);
	while (s == STATUS_OK && (step = sqlite3_step(q)) == SQLITE_ROW) {
		s = read(r, q);
		if (s != STATUS_OK)
			diag_prefix(r->d, s, "%s", table);
	}
	if (s == STATUS_OK && step != SQLITE_DONE)
		s = failed(r, table);
	sqlite3_finalize(q);
	return s;
}

/* "recompute step 14 layer 3 batch 0" */
static bool parse_range(const char *text, struct trace_event *task)
{
	const char *rest = strchr(text, ' ');
	int end = 0;

	return rest != NULL && trace_op(text, &task->op) &&
	       sscanf(rest, " step %9zu layer %9zu batch %9zu%n", &task->step,
		      &task->layer, &task->batch, &end) == 3 &&
	       rest[end] == '\0';
}

/*
 * SQLite takes any type in any column, and a NULL or a text as 0: each of the
 * `n` columns from `first` on must be a whole number, or NULL if that is
 * `allowed`.
 */
static enum status check_whole(struct reading *r, sqlite3_stmt *row,
			       int first, int n, bool allowed)
{
	for (int i = first; i < first + n; i++) {
		int type = sqlite3_column_type(row, i);

		if (type == SQLITE_INTEGER ||
		    (type == SQLITE_NULL && allowed))
			continue;
		if (type == SQLITE_NULL)
			return diag_fail(r->d, STATUS_INVALID, "found %s NULL, "
					 "expected a whole number",
					 sqlite3_column_name(row, i));
		return diag_fail(r->d, STATUS_INVALID, "found %s '%.40s', "
				 "expected a whole number",
				 sqlite3_column_name(row, i),
				 (const char *)sqlite3_column_text(row, i));
	}
	return STATUS_OK;
}

static enum status read_range(struct reading *r, sqlite3_stmt *row)
{
	const char *text = (const char *)sqlite3_column_text(row, 3);
	struct range range = {
		.start = sqlite3_column_int64(row, 0),
		.end = sqlite3_column_int64(row, 1),
		.thread = sqlite3_column_int64(row, 2),
	};

	if (text == NULL || !parse_range(text, &range.task))
		return STATUS_OK;
	if (check_whole(r, row, 0, 3, false) != STATUS_OK)
		return STATUS_INVALID;
	r->ranges = xgrow(r->ranges, r->nranges, sizeof *r->ranges);
	r->ranges[r->nranges++] = range;
	return STATUS_OK;
}

/* The task within whose range `thread` issued something at `at`, or NULL. */
static const struct trace_event *task_at(const struct reading *r,
					 sqlite3_int64 thread,
					 sqlite3_int64 at)
{
	size_t low = 0, high = r->nranges;
	const struct range *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct range *m = &r->ranges[middle];

		if (m->thread < thread ||
		    (m->thread == thread && m->start <= at))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	found = &r->ranges[low - 1];
	return found->thread == thread && at <= found->end ? &found->task
							    : NULL;
}

static enum engine engine_of(sqlite3_int64 copy_kind)
{
	enum { NO_COPY = 0, TO_DEVICE = 1, TO_HOST = 2, WITHIN = 8 };

	switch (copy_kind) {
	case TO_DEVICE:
		return ENGINE_H2D;
	case TO_HOST:
		return ENGINE_D2H;
	case NO_COPY:
	case WITHIN:
		return ENGINE_SM;
	}
	return ENGINE_COUNT;
}

/* start, end, device, kind of copy (0: a kernel), issued, by which thread */
static enum status read_activity(struct reading *r, sqlite3_stmt *row)
{
	sqlite3_int64 start = sqlite3_column_int64(row, 0);
	sqlite3_int64 end = sqlite3_column_int64(row, 1);
	sqlite3_int64 gpu = sqlite3_column_int64(row, 2);
	struct trace_event e = { .op = OP_COUNT, .task = TRACE_NO_TASK };
	const struct trace_event *task = NULL;

	if (check_whole(r, row, 0, 4, false) != STATUS_OK ||
	    check_whole(r, row, 4, 2, true) != STATUS_OK)
		return STATUS_INVALID;
	e.engine = engine_of(sqlite3_column_int64(row, 3));
	if (e.engine == ENGINE_COUNT)
		return STATUS_OK;
	if (end < start || gpu < 0 || gpu > 1023)
		return diag_fail(r->d, STATUS_INVALID, "an activity of device "
				 "%lld from %lld to %lld ns: expected a device "
				 "from 0 to 1023 and an end after the start",
				 (long long)gpu, (long long)start,
				 (long long)end);
	if (sqlite3_column_type(row, 4) != SQLITE_NULL)
		task = task_at(r, sqlite3_column_int64(row, 5),
			       sqlite3_column_int64(row, 4));
	if (task != NULL) {
		enum engine engine = e.engine;

		e = *task;
		e.engine = engine;
		e.task = TRACE_NO_TASK;
		r->inside++;
	}
	e.gpu = (size_t)gpu;
	r->t.events = xgrow(r->t.events, r->t.n, sizeof *r->t.events);
	r->starts = xgrow(r->starts, r->t.n, sizeof *r->starts);
	r->ends = xgrow(r->ends, r->t.n, sizeof *r->ends);
	r->starts[r->t.n] = start;
	r->ends[r->t.n] = end;
	r->t.events[r->t.n++] = e;
	return STATUS_OK;
}

static enum status read_ranges(struct reading *r)
{
	static const char table[] = "NVTX_EVENTS";
	bool ids = has(r, table, "textId") && has(r, "StringIds", NULL);

	if (!has(r, table, NULL))
		return STATUS_OK;
	/* 59: pushed and popped by one thread */
	return query(r, table, ids
		? "SELECT n.start, n.end, n.globalTid, "
		  "COALESCE(n.text, s.value) FROM NVTX_EVENTS AS n "
		  "LEFT JOIN StringIds AS s ON s.id = n.textId "
		  "WHERE n.eventType = 59 AND n.end >= n.start "
		  "ORDER BY n.globalTid, n.start"
		: "SELECT start, end, globalTid, text FROM NVTX_EVENTS "
		  "WHERE eventType = 59 AND end >= start "
		  "ORDER BY globalTid, start", read_range);
}

/* The upper bits of both name the process. */
#define ISSUED_BY "CUPTI_ACTIVITY_KIND_RUNTIME AS r " \
	"ON r.correlationId = a.correlationId AND " \
	"r.globalTid / 0x1000000 = a.globalPid / 0x1000000"

static enum status read_activities(struct reading *r, const char *table,
				   bool copies)
{
	bool issued = has(r, "CUPTI_ACTIVITY_KIND_RUNTIME", NULL);
	char sql[400];

	if (!has(r, table, NULL))
		return STATUS_OK;
	snprintf(sql, sizeof sql, "SELECT a.start, a.end, a.deviceId, %s, %s "
		 "FROM %s AS a %s%s", copies ? "a.copyKind" : "0",
		 issued ? "r.start, r.globalTid" : "NULL, NULL", table,
		 issued ? "LEFT JOIN " : "", issued ? ISSUED_BY : "");
	return query(r, table, sql, read_activity);
}

static enum status read_tables(struct reading *r)
{
	static const char kernels[] = "CUPTI_ACTIVITY_KIND_KERNEL";
	static const char copies[] = "CUPTI_ACTIVITY_KIND_MEMCPY";
	enum status s;

	/* reads the schema; has() takes what cannot be read for missing */
	if (sqlite3_exec(r->db, "SELECT 1 FROM sqlite_master", NULL, NULL,
			 NULL) != SQLITE_OK)
		return failed(r, "SQLite");
	s = read_ranges(r);
	if (s == STATUS_OK)
		s = read_activities(r, kernels, false);
	if (s == STATUS_OK)
		s = read_activities(r, copies, true);
	if (s == STATUS_OK && r->t.n == 0)
		s = diag_fail(r->d, STATUS_INVALID, "found no kernel or copy, "
			      "expected an export of Nsight Systems with the "
			      "tables %s and %s", kernels, copies);
	return s;
}

/* Times from the first start on; a double holds those to the nanosecond. */
static void set_times(struct reading *r)
{
	sqlite3_int64 first = r->starts[0];

	for (size_t i = 1; i < r->t.n; i++)
		first = r->starts[i] < first ? r->starts[i] : first;
	for (size_t i = 0; i < r->t.n; i++) {
		r->t.events[i].start_s = 1e-9 * (double)(r->starts[i] - first);
		r->t.events[i].end_s = 1e-9 * (double)(r->ends[i] - first);
	}
}

static int by_task(const void *a, const void *b)
{
	const struct trace_event *x = a, *y = b;
	const size_t keys[][2] = {
		{ x->gpu, y->gpu }, { x->step, y->step },
		{ x->layer, y->layer }, { x->batch, y->batch },
		{ x->op, y->op }, { x->engine, y->engine } };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

/* One event for each task; what belongs to none is left out. */
static void join_tasks(struct reading *r)
{
	struct trace_event *e = r->t.events;
	size_t n = 0;

	for (size_t i = 0; i < r->t.n; i++)
		if (e[i].op != OP_COUNT)
			e[n++] = e[i];
	r->left_out = r->t.n - n;
	qsort(e, n, sizeof *e, by_task);
	r->t.n = 0;
	for (size_t i = 0; i < n; i++) {
		struct trace_event *last = r->t.n ? &e[r->t.n - 1] : NULL;

		if (last == NULL || by_task(last, &e[i]) != 0) {
			e[r->t.n++] = e[i];
			continue;
		}
		if (e[i].start_s < last->start_s)
			last->start_s = e[i].start_s;
		if (e[i].end_s > last->end_s)
			last->end_s = e[i].end_s;
	}
}

static void finish(struct reading *r)
{
	char title[96] = "Nsight Systems, engines alone";

	set_times(r);
	if (r->inside > 0) {
		join_tasks(r);
		snprintf(title, sizeof title, "Nsight Systems, %zu of its "
			 "events outside of tasks", r->left_out);
	}
	r->t.title = xstrdup(title);
	trace_sort(&r->t);
}

enum status nsight_read(const char *path, struct trace *out, struct diag *d)
{
	struct reading r = { .d = d };
	enum status s;

	if (sqlite3_open_v2(path, &r.db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK)
		s = diag_fail(d, STATUS_IO, "%s", sqlite3_errmsg(r.db));
	else
		s = read_tables(&r);
	sqlite3_close(r.db);
	if (s == STATUS_OK) {
		finish(&r);
		*out = r.t;
	} else {
		trace_clear(&r.t);
	}
	free(r.ranges);
	free(r.starts);
	free(r.ends);
	return s;
}

#else

enum status nsight_read(const char *path, struct trace *out, struct diag *d)
{
	(void)path;
	(void)out;
	return diag_fail(d, STATUS_INVALID, "found an SQLite database, which "
			 "this kvplan cannot read: it was built without "
			 "libsqlite3");
}

#endif
