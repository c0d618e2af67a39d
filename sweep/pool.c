/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/pool.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/xalloc.h"
#include "lp/solver.h"

/* A queue of pieces that grows. */
struct queue {
	struct sweep_piece *pieces;
	size_t first, n, room;
};

struct sweep_pool {
	const struct sweep *sweep;
	pthread_t *threads;
	size_t jobs;
	pthread_mutex_t mutex;
	pthread_cond_t given, done;
	struct queue todo, ready;
	bool stop;
};

static void put(struct queue *q, struct sweep_piece piece)
{
	if (q->n == q->room) {
		struct queue wider = { .room = 2 * q->room + 8, .n = q->n };

		wider.pieces = xcalloc(wider.room, sizeof *wider.pieces);
		for (size_t i = 0; i < q->n; i++)
			wider.pieces[i] =
				q->pieces[(q->first + i) % q->room];
		free(q->pieces);
		*q = wider;
	}
	q->pieces[(q->first + q->n++) % q->room] = piece;
}

static struct sweep_piece get(struct queue *q)
{
	struct sweep_piece piece = q->pieces[q->first];

	q->first = (q->first + 1) % q->room;
	q->n--;
	return piece;
}

static void *work(void *context)
{
	struct sweep_pool *p = context;
	struct sweep_worker *w = sweep_worker_new(p->sweep);

	pthread_mutex_lock(&p->mutex);
	for (;;) {
		struct sweep_piece piece;

		while (!p->stop && p->todo.n == 0)
			pthread_cond_wait(&p->given, &p->mutex);
		if (p->stop)
			break;
		piece = get(&p->todo);
		pthread_mutex_unlock(&p->mutex);
		for (uint64_t i = piece.first; i < piece.end; i++)
			sweep_row_add(p->sweep, w, i, &piece.rows);
		pthread_mutex_lock(&p->mutex);
		put(&p->ready, piece);
		pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->mutex);
	sweep_worker_free(w);
	solver_end_thread();
	return NULL;
}

static void drop(struct queue *q)
{
	while (q->n > 0)
		free(get(q).rows.text);
	free(q->pieces);
}

void sweep_pool_free(struct sweep_pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	pthread_cond_broadcast(&p->given);
	pthread_mutex_unlock(&p->mutex);
	for (size_t i = 0; i < p->jobs; i++)
		pthread_join(p->threads[i], NULL);
	drop(&p->todo);
	drop(&p->ready);
	pthread_cond_destroy(&p->given);
	pthread_cond_destroy(&p->done);
	pthread_mutex_destroy(&p->mutex);
	free(p->threads);
	free(p);
}

struct sweep_pool *sweep_pool_new(const struct sweep *s, size_t jobs)
{
	struct sweep_pool *p = xcalloc(1, sizeof *p);
	pthread_condattr_t attr;
	sigset_t all, before;

	p->sweep = s;
	p->threads = xcalloc(jobs, sizeof *p->threads);
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->given, NULL);
	pthread_cond_init(&p->done, &attr);
	pthread_condattr_destroy(&attr);
	/* signals are for the thread that writes */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->jobs < jobs &&
	       pthread_create(&p->threads[p->jobs], NULL, work, p) == 0)
		p->jobs++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (p->jobs > 0)
		return p;
	sweep_pool_free(p);
	return NULL;
}

void sweep_pool_give(struct sweep_pool *p, struct sweep_piece piece)
{
	pthread_mutex_lock(&p->mutex);
	put(&p->todo, piece);
	pthread_cond_signal(&p->given);
	pthread_mutex_unlock(&p->mutex);
}

static struct timespec moment(double wait_s)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)floor(wait_s);
	t.tv_nsec += (long)(1e9 * (wait_s - floor(wait_s)));
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

bool sweep_pool_take(struct sweep_pool *p, double wait_s,
		     struct sweep_piece *out)
{
	const struct timespec until = moment(wait_s);
	bool found;

	pthread_mutex_lock(&p->mutex);
	while (p->ready.n == 0 &&
	       pthread_cond_timedwait(&p->done, &p->mutex, &until) == 0)
		;
	found = p->ready.n > 0;
	if (found)
		*out = get(&p->ready);
	pthread_mutex_unlock(&p->mutex);
	return found;
}
