/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/progress.h"
#include "base/xalloc.h"

/* What a signal left for the loop below. */
static volatile sig_atomic_t caught;

static void note(int number)
{
	caught = number;
}

enum { PIECE_POINTS = 256, PIECE_SIMULATED = 2 };

/* Places in the ring for each thread.  How many threads a rank has is not
 * known here: with more than these, they wait for a piece that comes late. */
enum { PLACES_EACH = 4, RANK_THREADS = 16 };

/* Long enough that dealing costs nothing, short enough to see it grow. */
static uint64_t piece_points(const struct sweep *s)
{
	size_t n = PIECE_POINTS;

	if (s->simulate)
		return PIECE_SIMULATED;
	if (s->uncertain.nvaried > 0)
		n /= s->uncertain.draws;
	return n > 0 ? n : 1;
}

struct run {
	const struct sweep *sweep;
	struct sweep_ranks *ranks;
	struct sweep_file *file;
	struct sweep_pool *pool;
	struct sweep_piece *ring;	/* piece n at n % places, rows.text
					 * NULL: not done */
	size_t places, mine, most_mine;	/* pieces that the pool has */
	uint64_t start, end, each;
	uint64_t dealt, written;	/* pieces */
	struct progress *progress;
	double began_s, shown_s;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Deal what there is room for. */
static void deal(struct run *r)
{
	for (;;) {
		struct sweep_piece p = {
			.number = r->dealt,
			.first = r->start + r->dealt * r->each,
		};

		if (p.first >= r->end || r->dealt - r->written >= r->places)
			return;
		p.end = r->end - p.first < r->each ? r->end
						   : p.first + r->each;
		if (r->mine < r->most_mine) {
			sweep_pool_give(r->pool, p);
			r->mine++;
		} else if (!sweep_ranks_give(r->ranks, &p)) {
			return;
		}
		r->dealt++;
	}
}

static void keep(struct run *r, struct sweep_piece p)
{
	r->ring[p.number % r->places] = p;
}

/* Collect what is done, and wait a little if nothing is. */
static void collect(struct run *r)
{
	struct sweep_piece p;
	bool any = false;

	while (sweep_ranks_take(r->ranks, &p)) {
		keep(r, p);
		any = true;
	}
	/* other ranks are asked again soon, signals are seen soon enough */
	while (sweep_pool_take(r->pool,
			       any ? 0.0 : sweep_ranks_count(r->ranks) > 1
					   ? 0.0005 : 0.05, &p)) {
		keep(r, p);
		r->mine--;
		any = true;
	}
}

#define SHOW_EVERY_S 0.2

static void show(struct run *r)
{
	uint64_t done = r->file->next - r->start, all = r->end - r->start;
	double time_s = now(), rate = (double)done / (time_s - r->began_s);
	double left_s = (double)(all - done) / rate;
	char label[64];

	if (time_s < r->shown_s + SHOW_EVERY_S)
		return;
	r->shown_s = time_s;
	snprintf(label, sizeof label, "%.0f points/s, %.0f:%02d left", rate,
		 (left_s - (double)((long)left_s % 60)) / 60.0,
		 (int)((long)left_s % 60));
	progress_show(r->progress, (double)done / (double)all, label);
}

static void write_ready(struct run *r)
{
	bool any = false;

	for (;;) {
		struct sweep_piece *p = &r->ring[r->written % r->places];

		if (p->rows.text == NULL)
			break;
		fwrite(p->rows.text, 1, p->rows.length, r->file->stream);
		free(p->rows.text);
		r->file->next = p->end;
		*p = (struct sweep_piece){ .number = 0 };
		r->written++;
		any = true;
	}
	if (!any)
		return;
	fflush(r->file->stream);
	show(r);
}

static enum status work(struct run *r, struct diag *d)
{
	while (r->file->next < r->end && caught == 0) {
		deal(r);
		collect(r);
		write_ready(r);
		if (ferror(r->file->stream))
			return diag_fail(d, STATUS_IO, "%.200s: %s",
					 r->file->stream == stdout
						 ? "standard output"
						 : r->file->path,
					 strerror(errno));
	}
	return STATUS_OK;
}

enum status sweep_run(const struct sweep *s, struct sweep_ranks *ranks,
		      struct sweep_file *file, uint64_t end, size_t jobs,
		      int *signal_number, struct diag *d)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction act = { .sa_handler = note,
				       .sa_flags = SA_RESTART };
	struct sigaction before[3];
	struct run r = {
		.sweep = s, .ranks = ranks, .file = file,
		.pool = sweep_pool_new(s, jobs),
		.start = file->next, .end = end, .each = piece_points(s),
		.most_mine = 2 * jobs,
		.places = PLACES_EACH *
			  (jobs + RANK_THREADS * sweep_ranks_count(ranks)),
	};
	enum status st;

	if (r.pool == NULL)
		return diag_fail(d, STATUS_IO, "no thread can be started");
	caught = 0;
	for (size_t i = 0; i < 3; i++)
		sigaction(numbers[i], &act, &before[i]);
	r.ring = xcalloc(r.places, sizeof *r.ring);
	r.progress = progress_new(false);
	r.began_s = r.shown_s = now();
	st = work(&r, d);
	progress_free(r.progress);
	sweep_ranks_stop(ranks);
	sweep_pool_free(r.pool);
	for (size_t i = 0; i < r.places; i++)
		free(r.ring[i].rows.text);
	free(r.ring);
	for (size_t i = 0; i < 3; i++)
		sigaction(numbers[i], &before[i], NULL);
	*signal_number = caught;
	return st;
}
