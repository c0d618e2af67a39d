/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/threads.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct threads {
	size_t n;
	pthread_t *handles;
	struct worker *workers;
	pthread_mutex_t lock;
	pthread_cond_t begin, end;
	size_t round, running;
	int stop;
	void (*work)(void *context, size_t i, size_t n);
	void *context;
};

struct worker {
	struct threads *all;
	size_t index;
};

static void *serve(void *argument)
{
	struct worker *w = argument;
	struct threads *t = w->all;
	size_t done = 0;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		while (t->round == done && !t->stop)
			pthread_cond_wait(&t->begin, &t->lock);
		if (t->stop)
			break;
		done = t->round;
		pthread_mutex_unlock(&t->lock);
		t->work(t->context, w->index, t->n);
		pthread_mutex_lock(&t->lock);
		if (--t->running == 0)
			pthread_cond_signal(&t->end);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct threads *threads_new(size_t n)
{
	struct threads *t = xcalloc(1, sizeof *t);

	t->n = n;
	t->handles = xcalloc(n, sizeof *t->handles);
	t->workers = xcalloc(n, sizeof *t->workers);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->begin, NULL);
	pthread_cond_init(&t->end, NULL);
	for (size_t i = 0; i < n; i++) {
		int e;

		t->workers[i] = (struct worker){ .all = t, .index = i };
		e = pthread_create(&t->handles[i], NULL, serve,
				   &t->workers[i]);
		if (e != 0) {
			/* as with memory: nothing sensible is left to do */
			fprintf(stderr, "no more threads: %s\n", strerror(e));
			exit(70);
		}
	}
	return t;
}

void threads_free(struct threads *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = 1;
	pthread_cond_broadcast(&t->begin);
	pthread_mutex_unlock(&t->lock);
	for (size_t i = 0; i < t->n; i++)
		pthread_join(t->handles[i], NULL);
	pthread_cond_destroy(&t->begin);
	pthread_cond_destroy(&t->end);
	pthread_mutex_destroy(&t->lock);
	free(t->handles);
	free(t->workers);
	free(t);
}

void threads_run(struct threads *t,
		 void (*work)(void *context, size_t i, size_t n),
		 void *context)
{
	pthread_mutex_lock(&t->lock);
	t->work = work;
	t->context = context;
	t->running = t->n;
	t->round++;
	pthread_cond_broadcast(&t->begin);
	while (t->running > 0)
		pthread_cond_wait(&t->end, &t->lock);
	pthread_mutex_unlock(&t->lock);
}
