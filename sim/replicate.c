/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/replicate.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/statistics.h"
#include "base/xalloc.h"
#include "sim/histogram.h"

/* What is kept of a replication. */
struct kept {
	double decode_s;
	double token_s;		/* mean over the steps */
	double squares;		/* sum of squares about it */
};

/* What the threads share; each writes its own replications' `kept`. */
struct work_pool {
	const struct jitter_case *of;
	const struct replicate_options *options;
	struct kept *kept;
	atomic_size_t next;	/* replication that nobody has begun */
};

struct worker {
	struct work_pool *pool;
	pthread_t thread;
	struct histogram tokens;
	struct progress *progress;	/* of the calling thread's */
	enum status status;
	struct diag d;
};

static struct kept keep(const double *step_end_s, size_t steps,
			double decode_s, struct histogram *tokens)
{
	struct kept k = {
		.decode_s = decode_s,
		.token_s = step_end_s[steps - 1] / (double)steps,
	};
	double before_s = 0.0;

	for (size_t i = 0; i < steps; i++) {
		double token_s = step_end_s[i] - before_s;

		k.squares += (token_s - k.token_s) * (token_s - k.token_s);
		histogram_add(tokens, token_s);
		before_s = step_end_s[i];
	}
	return k;
}

static void *work(void *argument)
{
	struct worker *me = argument;
	struct work_pool *pool = me->pool;
	const struct jitter_case *c = pool->of;
	size_t n = pool->options->replications, i;
	struct run_options run = run_whole(c->plan);
	struct run_result result;

	run.step_end_s = xcalloc(c->plan->steps, sizeof *run.step_end_s);
	run.jitter = jitter_new(&pool->options->jitter, c);
	while (me->status == STATUS_OK &&
	       (i = atomic_fetch_add(&pool->next, 1)) < n) {
		jitter_seed(run.jitter, pool->options->seed, i);
		me->status = run_graph(c->graph, c->w, c->plan, c->hw, &run,
				       &result, &me->d);
		if (me->status != STATUS_OK)
			break;
		pool->kept[i] = keep(run.step_end_s, c->plan->steps,
				     result.makespan_s, &me->tokens);
		if (me->progress != NULL)
			progress_show(me->progress,
				      (double)(i + 1) / (double)n,
				      "replications");
	}
	jitter_free(run.jitter);
	free(run.step_end_s);
	return NULL;
}

/* The calling thread is the first; if others cannot be had, fewer do it. */
static enum status run_all(struct work_pool *pool, struct histogram *tokens,
			   struct diag *d)
{
	size_t jobs = pool->options->jobs, begun = 1;
	enum status s = STATUS_OK;
	struct worker *all;

	if (jobs > pool->options->replications)
		jobs = pool->options->replications;
	all = xcalloc(jobs, sizeof *all);
	for (size_t i = 0; i < jobs; i++)
		all[i] = (struct worker){ .pool = pool };
	all[0].progress = pool->options->progress;
	while (begun < jobs && pthread_create(&all[begun].thread, NULL, work,
					      &all[begun]) == 0)
		begun++;
	work(&all[0]);
	for (size_t i = 0; i < begun; i++) {
		if (i > 0)
			pthread_join(all[i].thread, NULL);
		if (all[i].status != STATUS_OK && s == STATUS_OK) {
			s = all[i].status;
			*d = all[i].d;
		}
		histogram_merge(tokens, &all[i].tokens);
		histogram_clear(&all[i].tokens);
	}
	free(all);
	return s;
}

static void set_mean(struct replicate_summary *s, const double *values,
		     size_t n)
{
	s->mean = gsl_stats_mean(values, 1, n);
	s->sd = gsl_stats_sd(values, 1, n);
	s->half = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * s->sd /
		  sqrt((double)n);
}

/* `values` are sorted on the way. */
static struct replicate_summary summarise(double *values, size_t n)
{
	struct replicate_summary s;

	set_mean(&s, values, n);
	gsl_sort(values, 1, n);
	s.p50 = statistics_percentile(values, n, 0.50);
	s.p95 = statistics_percentile(values, n, 0.95);
	s.p99 = statistics_percentile(values, n, 0.99);
	return s;
}

/* sd from the squares within the replications and those between them. */
static struct replicate_summary
summarise_tokens(const struct kept *kept, double *values, size_t n,
		 size_t steps, const struct histogram *tokens)
{
	struct replicate_summary s;
	double squares = 0.0;

	for (size_t i = 0; i < n; i++)
		values[i] = kept[i].token_s;
	set_mean(&s, values, n);
	for (size_t i = 0; i < n; i++)
		squares += kept[i].squares +
			   (double)steps * (values[i] - s.mean) *
			   (values[i] - s.mean);
	s.sd = sqrt(squares / ((double)n * (double)steps - 1.0));
	s.p50 = histogram_percentile(tokens, 0.50);
	s.p95 = histogram_percentile(tokens, 0.95);
	s.p99 = histogram_percentile(tokens, 0.99);
	return s;
}

static void find_result(const struct work_pool *pool,
			const struct histogram *tokens,
			struct replicate_result *out)
{
	const struct jitter_case *c = pool->of;
	size_t n = pool->options->replications;
	double requests = (double)(workload_requests(c->w) * c->w->gpus);
	double *values = xcalloc(n, sizeof *values);

	for (size_t i = 0; i < n; i++)
		values[i] = pool->kept[i].decode_s;
	out->decode = summarise(values, n);
	for (size_t i = 0; i < n; i++)
		values[i] = requests * (double)c->plan->steps /
			    pool->kept[i].decode_s;
	out->rate = summarise(values, n);
	out->token = summarise_tokens(pool->kept, values, n, c->plan->steps,
				      tokens);
	free(values);
}

enum status replicate_run(const struct jitter_case *c,
			  const struct replicate_options *options,
			  struct replicate_result *out, struct diag *d)
{
	struct work_pool pool = { .of = c, .options = options };
	struct histogram tokens = { .n = 0 };
	enum status s;

	assert(options->replications >= 2 && options->jobs >= 1);
	assert(options->replications <= JITTER_MOST_REPLICATIONS);
	pool.kept = xcalloc(options->replications, sizeof *pool.kept);
	s = run_all(&pool, &tokens, d);
	if (s == STATUS_OK)
		find_result(&pool, &tokens, out);
	histogram_clear(&tokens);
	free(pool.kept);
	return s;
}

enum status replicate_one(const struct jitter_case *c,
			  const struct replicate_options *options,
			  size_t which, const struct run_options *run,
			  struct run_result *out, struct diag *d)
{
	struct run_options with = *run;
	enum status s;

	with.jitter = jitter_new(&options->jitter, c);
	jitter_seed(with.jitter, options->seed, which);
	s = run_graph(c->graph, c->w, c->plan, c->hw, &with, out, d);
	jitter_free(with.jitter);
	return s;
}
