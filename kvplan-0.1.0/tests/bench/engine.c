/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine - how fast events and contended transfers are: `make bench`.
 *
 *   engine [--json FILE] [--count SCRIPT] [--simgrid PROGRAM]
 *          [--simpy SCRIPT]
 *
 * Prints a table and writes the same as JSON.  Each figure is of one core; the
 * shortest of RUNS runs counts, as machines are shared and noisy, and the
 * median stands beside it.  What an option names is run as well: --count,
 * tests/instructions.sh, for instructions; --simgrid, tests/bench/simgrid, and
 * --simpy, tests/bench/simpy_hold.py, for the same work done by others, the
 * best of PEER_RUNS.
 */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/table.h"
#include "tests/bench/hold.h"
#include "tests/bench/transfers.h"

enum { RUNS = 9, PEER_RUNS = 3, LINE_SIZE = 512, MOST_COUNTS = 16 };
enum { EVENTS = 2000000, TRANSFERS = 1000000 };
enum { PEER_EVENTS = 300000, PEER_TRANSFERS = 50000 };

struct count {
	char name[LINE_SIZE];
	double instructions;
};

struct engine {
	const char *simgrid, *simpy;	/* NULL: not there */
	struct count counts[MOST_COUNTS];
	size_t ncounts;
	struct table *table;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The instructions of all that the script counts; none if it fails. */
static void count_instructions(struct engine *e, const char *script)
{
	char line[LINE_SIZE];
	FILE *f;

	snprintf(line, sizeof line, "sh '%s' --print 2>/dev/null", script);
	f = popen(line, "r");
	while (f != NULL && e->ncounts < MOST_COUNTS &&
	       fgets(line, sizeof line, f) != NULL) {
		struct count *c = &e->counts[e->ncounts];
		char *space = strchr(line, ' ');

		if (space == NULL || strncmp(line, "instr", 5) == 0)
			continue;
		*space = '\0';
		snprintf(c->name, sizeof c->name, "%s", line);
		c->instructions = strtod(space + 1, NULL);
		e->ncounts++;
	}
	if (f != NULL)
		pclose(f);
}

static void add_count(struct engine *e, const char *name)
{
	for (size_t i = 0; i < e->ncounts; i++)
		if (strcmp(e->counts[i].name, name) == 0) {
			table_number(e->table, e->counts[i].instructions);
			return;
		}
	table_empty(e->table);
}

/* What a peer prints first is how many a second; what next, into `other`. */
static bool ask_peer(const char *command, double *per_s, double *other)
{
	char line[LINE_SIZE], *end;
	FILE *f;
	bool answered;

	*per_s = 0.0;
	for (int i = 0; i < PEER_RUNS; i++) {
		f = popen(command, "r");
		if (f == NULL)
			return false;
		answered = fgets(line, sizeof line, f) != NULL;
		if (pclose(f) != 0 || !answered)
			return false;
		*per_s = fmax(*per_s, strtod(line, &end));
		*other = strtod(end, NULL);
	}
	return *per_s > 0.0;
}

/* What runs once and how many things that is. */
struct subject {
	struct hold *hold;
	const struct transfers *transfers;
	size_t n;
};

static void run(const struct subject *s)
{
	if (s->hold != NULL)
		hold_run(s->hold, s->n);
	else
		transfers_run(s->transfers,
			      s->n / transfers_streams(s->transfers));
}

/* Cells up to the instructions; the least time of one thing [s]. */
static double measure(struct engine *e, const char *what, const char *name,
		      const struct subject *s)
{
	double each[RUNS];

	run(s);			/* warm */
	for (size_t i = 0; i < RUNS; i++) {
		double start_s = now_s();

		run(s);
		each[i] = (now_s() - start_s) / (double)s->n;
	}
	qsort(each, RUNS, sizeof each[0], by_value);
	table_text(e->table, what);
	table_number(e->table, each[0]);
	table_number(e->table, each[RUNS / 2]);
	table_number(e->table, 1.0 / each[0]);
	add_count(e, name);
	return each[0];
}

static void add_peer(struct engine *e, const char *peer, double least_s,
		     double per_s)
{
	if (peer == NULL) {
		for (int i = 0; i < 3; i++)
			table_empty(e->table);
		return;
	}
	table_text(e->table, peer);
	table_number(e->table, per_s);
	table_number(e->table, 1.0 / least_s / per_s);
}

static void bench_hold(struct engine *e, size_t pending)
{
	struct subject s = { hold_new(pending), NULL, EVENTS };
	char what[LINE_SIZE], name[LINE_SIZE], command[LINE_SIZE];
	const char *peer = NULL;
	double least_s, per_s = 0.0, other;

	snprintf(what, sizeof what, "events, %zu pending", pending);
	snprintf(name, sizeof name, "hold_%zu", pending);
	least_s = measure(e, what, name, &s);
	snprintf(command, sizeof command, "python3 '%s' %zu %d 2>/dev/null",
		 e->simpy != NULL ? e->simpy : "", pending, PEER_EVENTS);
	if (e->simpy != NULL && ask_peer(command, &per_s, &other))
		peer = "SimPy";
	add_peer(e, peer, least_s, per_s);
	table_empty(e->table);
	hold_free(s.hold);
}

/* The last cell: how far the peer's simulated time is from ours. */
static void bench_transfers(struct engine *e, size_t which)
{
	const struct transfers *t = &transfers_cases[which];
	size_t each = PEER_TRANSFERS / transfers_streams(t);
	struct subject s = { NULL, t, TRANSFERS };
	char name[LINE_SIZE], command[LINE_SIZE];
	const char *peer = NULL;
	double least_s, per_s = 0.0, end_s;

	snprintf(name, sizeof name, "transfers_%zu", which);
	least_s = measure(e, t->name, name, &s);
	snprintf(command, sizeof command, "'%s' %zu %zu 2>/dev/null",
		 e->simgrid != NULL ? e->simgrid : "", which, each);
	if (e->simgrid != NULL && ask_peer(command, &per_s, &end_s))
		peer = "SimGrid";
	add_peer(e, peer, least_s, per_s);
	if (peer != NULL)
		table_number(e->table,
			     100.0 * fabs(end_s / transfers_run(t, each) - 1));
	else
		table_empty(e->table);
}

static void write_json(const struct table *t, const char *path)
{
	FILE *f = fopen(path, "w");
	bool failed = f == NULL;

	if (f != NULL) {
		table_print(t, TABLE_JSON, f);
		failed = ferror(f) != 0;
		failed |= fclose(f) != 0;
	}
	if (failed) {
		perror(path);
		exit(1);
	}
}

static void bench_all(struct engine *e)
{
	static const size_t pending[] = { 16, 1000, 10000 };

	for (size_t i = 0; i < sizeof pending / sizeof pending[0]; i++)
		bench_hold(e, pending[i]);
	for (size_t i = 0; i < TRANSFERS_CASES; i++)
		bench_transfers(e, i);
}

static const struct table_column columns[] = {
	{ "what", "what", QUANTITY_NUMBER },
	{ "least_s", "each", QUANTITY_SECONDS },
	{ "median_s", "median", QUANTITY_SECONDS },
	{ "per_s", "a second", QUANTITY_NUMBER },
	{ "instructions", "instructions", QUANTITY_NUMBER },
	{ "peer", "peer", QUANTITY_NUMBER },
	{ "peer_per_s", "a second", QUANTITY_NUMBER },
	{ "ratio", "ratio", QUANTITY_NUMBER },
	{ "peer_differs_percent", "its end differs", QUANTITY_PERCENT },
};

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "count", required_argument, NULL, 'c' },
		{ "simgrid", required_argument, NULL, 'g' },
		{ "simpy", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct engine e = { .simgrid = NULL };
	const char *script = NULL, *json = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'j':
			json = optarg;
			break;
		case 'c':
			script = optarg;
			break;
		case 'g':
			e.simgrid = optarg;
			break;
		case 'p':
			e.simpy = optarg;
			break;
		default:
			return 2;
		}
	if (script != NULL)
		count_instructions(&e, script);
	e.table = table_new(columns, sizeof columns / sizeof columns[0]);
	bench_all(&e);
	table_print(e.table, TABLE_TEXT, stdout);
	if (json != NULL)
		write_json(e.table, json);
	table_free(e.table);
	return 0;
}
