/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#include "traces/diff.h"

/* Whatever is read can be compared with itself, and differs in nothing. */
static void check_diff(const char *text, struct trace *t)
{
	struct trace again;
	struct diff diff;
	struct diag d = { "" };
	double sum_s = 0.0;

	FUZZ_CHECK(trace_parse(text, &again, &d) == STATUS_OK);
	if (diff_make(t, &again, DIFF_ALL_STEPS, &diff, &d) == STATUS_OK) {
		FUZZ_CHECK(diff.step_s[DIFF_A] == diff.step_s[DIFF_B]);
		for (int e = 0; e < ENGINE_COUNT; e++)
			sum_s += diff.engine[e].run_s[DIFF_A] +
				 diff.engine[e].wait_s[DIFF_A];
		FUZZ_CHECK(fabs(sum_s - diff.step_s[DIFF_A]) <=
			   1e-9 * diff.step_s[DIFF_A]);
	}
	trace_clear(&again);
}

bool fuzz_one(const char *text)
{
	struct trace t;
	struct diag d = { "" };

	if (trace_parse(text, &t, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return false;
	}
	check_diff(text, &t);
	trace_clear(&t);
	return true;
}
