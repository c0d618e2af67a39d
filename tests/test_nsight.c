/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Databases as Nsight Systems exports them, made here by its schema, and one
 * that it exported.
 */
#include "traces/nsight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/harness.h"
#include "traces/diff.h"
#include "traces/import.h"

static char path[64];

static void make_path(void)
{
	int fd;

	snprintf(path, sizeof path, "test_nsight-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void remove_path(void)
{
	remove(path);
}

static void write_tables(const char *sql)
{
	char *message = NULL;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) ==
			      SQLITE_OK, "%s", message);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* Columns of the schema reference, less some that are not read. */
static const char schema[] =
	"CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT);"
	"CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INT NOT NULL,"
	" end INT NOT NULL, deviceId INT NOT NULL, contextId INT NOT NULL,"
	" streamId INT NOT NULL, correlationId INT, globalPid INT,"
	" demangledName INT NOT NULL, shortName INT NOT NULL);"
	"CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INT NOT NULL,"
	" end INT NOT NULL, deviceId INT NOT NULL, contextId INT NOT NULL,"
	" streamId INT NOT NULL, correlationId INT, globalPid INT,"
	" bytes INT NOT NULL, copyKind INT NOT NULL);"
	"CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INT NOT NULL,"
	" end INT NOT NULL, eventClass INT NOT NULL, globalTid INT,"
	" correlationId INT, nameId INT NOT NULL);"
	"CREATE TABLE NVTX_EVENTS (start INT NOT NULL, end INT,"
	" eventType INT NOT NULL, text TEXT, globalTid INT, textId INT);";

/*
 * A process 5 (its global id 5 << 24) with a thread 9.  In [us] from 1 s on,
 * issued from 0 on: a load of step 3, two kernels of recompute, a kernel that
 * belongs to nothing; then, of another process with the same correlations, a
 * kernel.  A copy to the host belongs to a range with a text id.
 */
static const char rows[] =
	"INSERT INTO StringIds VALUES"
	" (70, 'store_cache step 3 layer 2 batch 1');"
	"INSERT INTO NVTX_EVENTS VALUES"
	" (0, 100, 59, 'load_cache step 3 layer 2 batch 1', 83886089, NULL),"
	" (101, 200, 59, 'recompute step 3 layer 2 batch 1', 83886089, NULL),"
	" (101, 200, 59, 'recompute step 4 layer 2 batch 1', 83886088, NULL),"
	" (201, 300, 59, NULL, 83886089, 70),"
	" (0, 900, 59, 'a step', 83886089, NULL),"
	" (0, 900, 34, 'head step 3 layer 2 batch 1', 83886089, NULL);"
	"INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES"
	" (10, 20, 1, 83886089, 1, 0), (110, 120, 1, 83886089, 2, 0),"
	" (130, 140, 1, 83886089, 3, 0), (250, 260, 1, 83886089, 4, 0),"
	" (400, 410, 1, 83886089, 5, 0);"
	"INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY VALUES"
	" (1000001000, 1000004000, 1, 1, 7, 1, 83886080, 4096, 1),"
	" (1000009000, 1000009500, 1, 1, 8, 4, 83886080, 512, 2),"
	" (1000020000, 1000021000, 1, 1, 8, 6, 83886080, 512, 10);"
	"INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES"
	" (1000006500, 1000008000, 1, 1, 9, 3, 83886080, 0, 0),"
	" (1000005000, 1000006000, 1, 1, 9, 2, 83886080, 0, 0),"
	" (1000010000, 1000012000, 1, 1, 9, 5, 83886080, 0, 0),"
	" (1000010500, 1000012500, 1, 1, 9, 2, 100663296, 0, 0);";

static void check_event(const struct trace_event *e, enum op op,
			enum engine engine, double start_us, double end_us)
{
	ck_assert_int_eq(e->op, op);
	ck_assert_int_eq(e->engine, engine);
	ck_assert_uint_eq(e->gpu, 1);
	ck_assert_uint_eq(e->task, TRACE_NO_TASK);
	ck_assert_double_eq_tol(e->start_s, 1e-6 * start_us, 1e-15);
	ck_assert_double_eq_tol(e->end_s, 1e-6 * end_us, 1e-15);
	if (op == OP_COUNT)
		return;
	ck_assert_uint_eq(e->step, 3);
	ck_assert_uint_eq(e->layer, 2);
	ck_assert_uint_eq(e->batch, 1);
}

START_TEST(ranges_name_tasks)
{
	struct trace t;
	struct diag d = { "" };

	write_tables(schema);
	write_tables(rows);
	ck_assert(nsight_is(path));
	ck_assert_msg(import_trace(path, &t, &d) == STATUS_OK, "%s", d.text);
	ck_assert_str_eq(t.title, "Nsight Systems, 2 of its events outside of "
			 "tasks");
	ck_assert_uint_eq(t.n, 3);
	check_event(&t.events[0], OP_LOAD_CACHE, ENGINE_H2D, 0.0, 3.0);
	check_event(&t.events[1], OP_RECOMPUTE, ENGINE_SM, 4.0, 7.0);
	check_event(&t.events[2], OP_STORE_CACHE, ENGINE_D2H, 8.0, 8.5);
	ck_assert_ptr_null(t.waits);
	trace_clear(&t);
}
END_TEST

/* Without ranges, or without what issued anything. */
START_TEST(engines_alone)
{
	static const char *const drops[] = {
		"DROP TABLE NVTX_EVENTS;",
		"DROP TABLE CUPTI_ACTIVITY_KIND_RUNTIME;" };

	write_tables(schema);
	write_tables(rows);
	for (int i = 0; i < 2; i++) {
		struct trace t, again;
		struct diff diff;
		struct diag d = { "" };

		write_tables(drops[i]);
		ck_assert_msg(nsight_read(path, &t, &d) == STATUS_OK, "%s",
			      d.text);
		ck_assert_str_eq(t.title, "Nsight Systems, engines alone");
		ck_assert_uint_eq(t.n, 6);
		check_event(&t.events[1], OP_COUNT, ENGINE_SM, 4.0, 5.0);
		ck_assert_int_eq(nsight_read(path, &again, &d), STATUS_OK);
		ck_assert_msg(diff_make(&t, &again, DIFF_ALL_STEPS, &diff,
					&d) == STATUS_OK, "%s", d.text);
		ck_assert(!diff.by_task);
		ck_assert_double_eq_tol(diff.step_s[DIFF_A], 11.5e-6, 1e-15);
		ck_assert_uint_eq(diff.engine[ENGINE_SM].tasks[DIFF_A], 4);
		trace_clear(&t);
		trace_clear(&again);
	}
}
END_TEST

static void read_committed(const char *name, struct trace *t)
{
	struct diag d = { "" };
	char file[500];

	snprintf(file, sizeof file, "%s/traces/h200-sxm-x2/runs/%s",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".", name);
	ck_assert_msg(import_trace(file, t, &d) == STATUS_OK, "%s", d.text);
}

/*
 * Of one process, what its own events say and what Nsight Systems says: the
 * same tasks on the same engines, and steps within 1 %.
 */
START_TEST(an_export_has_the_tasks_of_the_timeline)
{
	struct trace own, nsys;
	struct diag d = { "" };
	struct diff diff;
	size_t tasks = 0;

	read_committed("trace-b32_s1024_kvpr-row.json", &own);
	read_committed("nsight-b32_s1024_kvpr-row.sqlite", &nsys);
	/* of preparations and of the two passes before the one with ranges */
	ck_assert_str_eq(nsys.title, "Nsight Systems, 487 of its events "
			 "outside of tasks");
	ck_assert_uint_eq(nsys.n, own.n);
	for (size_t step = 14; step < 17; step++) {
		ck_assert_msg(diff_make(&own, &nsys, step, &diff, &d) ==
			      STATUS_OK, "%s", d.text);
		ck_assert(diff.by_task);
		ck_assert_double_eq_tol(diff.step_s[DIFF_B] /
					diff.step_s[DIFF_A], 1.0, 0.01);
		for (int k = 0; k < (int)OP_COUNT; k++) {
			tasks += diff.op[k].tasks[DIFF_A];
			ck_assert_uint_eq(diff.op[k].tasks[DIFF_B],
					  diff.op[k].tasks[DIFF_A]);
			ck_assert_uint_eq(diff.op[k].only[DIFF_A], 0);
			ck_assert_uint_eq(diff.op[k].only[DIFF_B], 0);
		}
		for (int e = 0; e < (int)ENGINE_COUNT; e++)
			ck_assert_uint_eq(diff.engine[e].tasks[DIFF_B],
					  diff.engine[e].tasks[DIFF_A]);
	}
	ck_assert_uint_eq(tasks, 99);
	trace_clear(&own);
	trace_clear(&nsys);
}
END_TEST

START_TEST(says_what_is_wrong)
{
	struct trace t;
	struct diag d = { "" };
	char expected[256];
	FILE *f;

	write_tables("CREATE TABLE other (a INT);");
	ck_assert_int_eq(import_trace(path, &t, &d), STATUS_INVALID);
	snprintf(expected, sizeof expected, "%s: found no kernel or copy, "
		 "expected an export of Nsight Systems with the tables "
		 "CUPTI_ACTIVITY_KIND_KERNEL and CUPTI_ACTIVITY_KIND_MEMCPY",
		 path);
	ck_assert_str_eq(d.text, expected);
	write_tables("CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INT,"
		     " finish INT);");
	ck_assert_int_eq(nsight_read(path, &t, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "CUPTI_ACTIVITY_KIND_KERNEL: no such column: "
			 "a.end");
	write_tables("DROP TABLE CUPTI_ACTIVITY_KIND_KERNEL;");
	write_tables(schema);
	write_tables("INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES"
		     " (17, 13, 0, 0, 0, 0, 0, 0, 0);");
	ck_assert_int_eq(nsight_read(path, &t, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "CUPTI_ACTIVITY_KIND_KERNEL: an activity of "
			 "device 0 from 17 to 13 ns: expected a device from 0 "
			 "to 1023 and an end after the start");
	f = fopen(path, "r+b");		/* begins well, goes on badly */
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 16, SEEK_SET), 0);
	fputs("no database at all", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_ne(nsight_read(path, &t, &d), STATUS_OK);
	ck_assert_str_eq(d.text, "SQLite: file is not a database");
	ck_assert(!nsight_is("/no/such/file"));
	ck_assert(!nsight_is("-"));
}
END_TEST

/* SQLite would take each of these for 0. */
START_TEST(refuses_what_is_no_number)
{
	static const char *const cases[][2] = {
		{ "MEMCPY VALUES (NULL, 5, 0, 1)",
		  "MEMCPY: found start NULL, expected a whole number" },
		{ "MEMCPY VALUES (3, 'soon', 0, 1)",
		  "MEMCPY: found end 'soon', expected a whole number" },
		{ "MEMCPY VALUES (3, 5, 0.5, 1)",
		  "MEMCPY: found deviceId '0.5', expected a whole number" },
		{ "MEMCPY VALUES (3, 5, 0, NULL)",
		  "MEMCPY: found copyKind NULL, expected a whole number" },
	};

	write_tables("CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INT,"
		     " end INT, deviceId INT, copyKind INT);");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trace t;
		struct diag d = { "" };
		char sql[256];

		snprintf(sql, sizeof sql, "DELETE FROM "
			 "CUPTI_ACTIVITY_KIND_MEMCPY; INSERT INTO "
			 "CUPTI_ACTIVITY_KIND_%s;", cases[i][0]);
		write_tables(sql);
		ck_assert_int_eq(nsight_read(path, &t, &d), STATUS_INVALID);
		ck_assert_str_eq(d.text + strlen("CUPTI_ACTIVITY_KIND_"),
				 cases[i][1]);
	}
}
END_TEST

START_TEST(says_that_it_was_cut_off)
{
	struct trace t;
	struct diag d = { "" };

	write_tables(schema);
	write_tables(rows);
	ck_assert_int_eq(truncate(path, 3 * 4096), 0);
	ck_assert_int_eq(nsight_read(path, &t, &d), STATUS_INVALID);
	ck_assert_ptr_nonnull(strstr(d.text, "malformed"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("traces/nsight");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, make_path, remove_path);
	tcase_add_test(tc, ranges_name_tasks);
	tcase_add_test(tc, engines_alone);
	tcase_add_test(tc, an_export_has_the_tasks_of_the_timeline);
	tcase_add_test(tc, says_what_is_wrong);
	tcase_add_test(tc, refuses_what_is_no_number);
	tcase_add_test(tc, says_that_it_was_cut_off);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
