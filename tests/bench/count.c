/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * count - a fixed amount of work, whose instructions are counted:
 *
 *   count hold PENDING EVENTS
 *   count transfers CASE EACH
 *   count steps LAYERS STEPS
 *   count gpus GPUS STEPS
 *
 * tests/instructions.sh builds it and counts within hold_run(),
 * transfers_run() and steps_run() alone.  It prints how many events, transfers
 * or tasks it did.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/hold.h"
#include "tests/bench/steps.h"
#include "tests/bench/transfers.h"

enum { GPUS_LAYERS = 48 };

static size_t run_hold(size_t pending, size_t events)
{
	struct hold *h = hold_new(pending);

	if (!(hold_run(h, events) > 0.0))
		exit(1);
	hold_free(h);
	return events;
}

static size_t run_transfers(size_t which, size_t each)
{
	if (which >= TRANSFERS_CASES ||
	    !(transfers_run(&transfers_cases[which], each) > 0.0))
		exit(1);
	return each * transfers_streams(&transfers_cases[which]);
}

static size_t run_steps(size_t layers, size_t n, size_t gpus)
{
	struct steps *s = steps_new(layers, n, gpus);
	size_t tasks = steps_run(s);

	steps_free(s);
	return tasks;
}

int main(int argc, char **argv)
{
	size_t what, n;

	if (argc != 4) {
		fprintf(stderr,
			"usage: count hold|transfers|steps|gpus WHAT NUMBER\n");
		return 2;
	}
	what = strtoul(argv[2], NULL, 10);
	n = strtoul(argv[3], NULL, 10);
	if (strcmp(argv[1], "hold") == 0)
		n = run_hold(what, n);
	else if (strcmp(argv[1], "transfers") == 0)
		n = run_transfers(what, n);
	else if (strcmp(argv[1], "steps") == 0)
		n = run_steps(what, n, 1);
	else
		n = run_steps(GPUS_LAYERS, n, what);
	printf("%zu\n", n);
	return 0;
}
