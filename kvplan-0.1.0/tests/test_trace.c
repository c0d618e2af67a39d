/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/trace.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness.h"

#define ARGS "\"args\":{\"step\":7,\"layer\":3,\"batch\":1,\"task\":17," \
	     "\"engine\":\"h2d\",\"bytes\":5}"
#define EVENT "{\"ph\":\"X\",\"name\":\"load_cache L3 B1\",\"pid\":2," \
	      "\"tid\":3,\"ts\":2385.25,\"dur\":1.5," ARGS "}"
#define EARLIER "{\"ph\":\"X\",\"name\":\"project L0\",\"pid\":1," \
		"\"ts\":-3,\"dur\":0.5,\"args\":{\"step\":0,\"layer\":0," \
		"\"batch\":0,\"task\":4,\"engine\":\"sm\"}}"
#define NAME "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":1," \
	     "\"args\":{\"name\":\"kvpr-row\"}}"

START_TEST(reads_events_and_waits)
{
	struct trace t;
	struct diag d = { "" };
	const struct trace_event *e;

	ck_assert_msg(trace_parse("{\"traceEvents\":[" NAME "," EVENT ","
				  "{\"ph\":\"C\"}," EARLIER "],\"waits\":"
				  "[[17,4,0],[4,17,2]]}", &t, &d) ==
			      STATUS_OK, "%s", d.text);
	ck_assert_str_eq(t.title, "kvpr-row");
	ck_assert_uint_eq(t.n, 2);
	e = &t.events[0];
	ck_assert_int_eq(e->op, OP_PROJECT);
	ck_assert_double_eq(e->start_s, -3e-6);
	ck_assert_uint_eq(e->gpu, 0);
	e = &t.events[1];
	ck_assert_int_eq(e->op, OP_LOAD_CACHE);
	ck_assert_int_eq(e->engine, ENGINE_H2D);
	ck_assert_uint_eq(e->gpu, 1);
	ck_assert_uint_eq(e->step, 7);
	ck_assert_uint_eq(e->layer, 3);
	ck_assert_uint_eq(e->batch, 1);
	ck_assert_uint_eq(e->task, 17);
	ck_assert_double_eq_tol(e->start_s, 2385.25e-6, 1e-15);
	ck_assert_double_eq_tol(e->end_s, 2386.75e-6, 1e-15);
	ck_assert_uint_eq(t.nwaits, 2);
	ck_assert_uint_eq(t.waits[0].task, 4);
	ck_assert_uint_eq(t.waits[0].on, 17);
	ck_assert_uint_eq(t.waits[0].lag, 2);
	trace_clear(&t);
}
END_TEST

START_TEST(says_which_event_is_wrong)
{
	static const struct {
		const char *find, *put, *message;
	} cases[] = {
		{ "load_cache L3", "load_cash L3", "traceEvents[1].name: "
		  "found 'load_cash L3 B1', expected the name of a task such "
		  "as 'load_cache L0'" },
		{ "\"h2d\"", "\"pci\"", "traceEvents[1].args.engine: found "
		  "'pci', expected h2d, d2h, sm, cpu, copy or issue" },
		{ "\"step\":7", "\"step\":-7", "traceEvents[1].args.step: "
		  "found -7, expected a whole number from 0 to 1073741824" },
		{ "\"pid\":2", "\"pid\":0", "traceEvents[1].pid: found 0, "
		  "expected a whole number from 1 to 1024" },
		{ "\"dur\":1.5", "\"dur\":-1.5", "traceEvents[1].dur: found "
		  "-1.5, expected a finite number >= 0" },
		{ "\"dur\":1.5", "\"dur\":\"5\"", "traceEvents[1].dur: "
		  "found no number, expected one of microseconds" },
		{ "\"ts\":2385.25", "\"ts\":\"5\"", "traceEvents[1].ts: "
		  "found no number, expected one of microseconds" },
		{ "\"dur\":1.5", "\"dur\":null", "traceEvents[1].dur: "
		  "found no number, expected one of microseconds" },
		{ "\"dur\":1.5", "\"dur\":1e308", NULL },
		{ "2385.25", "1.7e308", NULL },
		{ "\"args\":{\"step", "\"arcs\":{\"step",
		  "traceEvents[1].args: missing, "
		  "expected an object" },
		{ "[17,4,0]", "[17,4]", "waits[0]: expected [task, waited "
		  "for, steps before]" },
		{ "[17,4,0]", "[17,4,0.5]", "waits[0][2]: found 0.5, expected "
		  "a whole number from 0 to 1073741824" },
	};
	static const char good[] = "{\"traceEvents\":[" NAME "," EVENT
				   "],\"waits\":[[17,4,0]]}";
	char text[2048];
	struct trace t;
	struct diag d;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *at = strstr(good, cases[i].find);
		enum status s;

		ck_assert_ptr_nonnull(at);
		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good),
			 good, cases[i].put, at + strlen(cases[i].find));
		s = trace_parse(text, &t, &d);
		if (cases[i].message == NULL) {	/* large is not wrong */
			ck_assert_int_eq(s, STATUS_OK);
			trace_clear(&t);
			continue;
		}
		ck_assert_int_eq(s, STATUS_INVALID);
		ck_assert_str_eq(d.text, cases[i].message);
	}
	ck_assert_int_eq(trace_parse("{\"traceEvents\":[" NAME "]}", &t, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "traceEvents: found no complete event "
			 "(\"ph\": \"X\"), expected one for each task");
	ck_assert_int_eq(trace_parse("{\"traceEvents\":[3]}", &t, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "traceEvents[0]: found no object, expected "
			 "an event");
}
END_TEST

START_TEST(knows_ops_by_the_first_word)
{
	enum op op = OP_COUNT;

	ck_assert(trace_op("recompute L3 B1", &op) && op == OP_RECOMPUTE);
	ck_assert(trace_op("load_weight_kv", &op) && op == OP_LOAD_WEIGHT_KV);
	ck_assert(!trace_op("load_weight L0", &op));
	ck_assert(!trace_op("", &op));
	ck_assert(op == OP_LOAD_WEIGHT_KV);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("traces/trace");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, reads_events_and_waits);
	tcase_add_test(tc, says_which_event_is_wrong);
	tcase_add_test(tc, knows_ops_by_the_first_word);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
