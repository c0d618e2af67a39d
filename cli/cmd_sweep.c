/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fingerprint.h"
#include "base/threads.h"
#include "cli/sweep_plot.h"
#include "sweep/run.h"

enum { OPT_VARY = CASE_OPTIONS, OPT_SAMPLE, OPT_SEED, OPT_SIMULATE,
       OPT_OBJECTIVE, OPT_COLUMNS, OPT_UNCERTAIN, OPT_DRAWS, OPT_AGAINST,
       OPT_JOBS, OPT_RESUME, OPT_SHARD, OPTIONS };

enum { MOST_DRAWS = 100000 };

struct request {
	struct sweep sweep;
	const char *columns;
	size_t jobs;			/* 0: one for each core */
	size_t shard, shards;
	bool resume;
	struct option_result asked;
};

static const struct option_spec own[] = {
	{ "vary", 'v', "NAME=VALUES",
	  "vary an option above, a figure of the hardware\n"
	  "(link.h2d.bytes_per_s) or a field of the model\n"
	  "(model.num_hidden_layers): V,V,V or LOW:HIGH:linN\n"
	  "or LOW:HIGH:logN; NAME+NAME=V:V,... together; may\n"
	  "be repeated, the last one changes fastest" },
	{ "sample", '\0', "SAMPLE",
	  "lhs:N or sobol:N: N points of a Latin hypercube,\n"
	  "or of the Sobol sequence, not the whole grid" },
	{ "seed", '\0', "N", "of samples and draws (default 1)" },
	{ "simulate", '\0', NULL,
	  "simulate each decode, too: decode_s" },
	{ "objective", '\0', "NAME",
	  "what --policy auto takes the policy with the\n"
	  "least of: step_s (default), decode_s (as 'kvplan\n"
	  "plan'; with --simulate), gpu_bytes or host_bytes" },
	{ "columns", '\0', "NAMES",
	  "columns, separated by commas; 'default' are the\n"
	  "usual ones, 'help' prints all" },
	{ "uncertain", '\0', "NAME=DIST",
	  "draw a figure of the hardware from normal(5%),\n"
	  "lognormal(10%), uniform(20GB/s,28GB/s) or\n"
	  "residuals (of a calibration); may be repeated" },
	{ "draws", '\0', "N", "draws for each point (default 200)" },
	{ "against", '\0', "POLICIES",
	  "count the draws in which one of these is faster" },
	{ "jobs", 'j', "N",
	  "threads (default: as many as there are cores;\n"
	  "under mpirun 1 for each rank)" },
	{ "resume", '\0', NULL, "go on with FILE where it ends" },
	{ "shard", '\0', "PART",
	  "I/N: part I of N of the points, for 'kvplan\n"
	  "merge'" },
};

static const struct option_set set = {
	.usage = "Usage: kvplan sweep --vary NAME=VALUES... --model NAME "
		 "--hardware NAME --batch N\n"
		 "                    --prompt N --gen N [OPTION]...\n"
		 "Plan every point of a grid, or of a sample: a row for each. "
		 "What is varied need\nnot be given.\n",
	.shared = request_spec, .nshared = CASE_OPTIONS,
	.own = own, .nown = OPTIONS - CASE_OPTIONS,
	.output = "write FILE, and FILE.json that says how it was\n"
		  "made (default: standard output)",
	.plot = "draw FILE when all is done, .png, .svg or .pdf: lines\n"
		"over one input that varies, over two a map of the\n"
		"fastest policies, or of the split if there is one;\n"
		"'kvplan plot' draws more",
	.json = "write JSON Lines, not CSV",
};

static enum status read_shard(struct request *r, const char *text,
			      struct diag *d)
{
	unsigned long i, n;
	char after;

	if (sscanf(text, "%lu/%lu%c", &i, &n, &after) != 2 || i < 1 ||
	    i > n || n > SWEEP_MOST_SHARDS)
		return diag_fail(d, STATUS_USAGE, "found '%.40s', expected "
				 "I/N with I from 1 to N, N at most %d", text,
				 SWEEP_MOST_SHARDS);
	r->shard = i;
	r->shards = n;
	return STATUS_OK;
}

static enum status read_seed(struct request *r, const char *text,
			     struct diag *d)
{
	size_t seed;
	enum status st = options_size(text, 0, UINT32_MAX, &seed, d);

	if (st == STATUS_OK)
		r->sweep.space.seed = r->sweep.uncertain.seed = seed;
	r->sweep.has_seed = true;
	return st;
}

static enum status read_objective(struct request *r, const char *text,
				  struct diag *d)
{
	size_t which;
	enum status st = options_word(text, sweep_point_objectives,
				      SWEEP_OBJECTIVES, &which, d);

	if (st == STATUS_OK)
		r->sweep.objective = (enum sweep_objective)which;
	r->sweep.has_objective = true;
	return st;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	struct request *r = context;

	switch (index) {
	case OPT_VARY:
		return sweep_space_vary(&r->sweep.space, text, d);
	case OPT_SAMPLE:
		return sweep_space_sample(&r->sweep.space, text, d);
	case OPT_SEED:
		return read_seed(r, text, d);
	case OPT_SIMULATE:
		r->sweep.simulate = true;
		return STATUS_OK;
	case OPT_OBJECTIVE:
		return read_objective(r, text, d);
	case OPT_COLUMNS:
		r->columns = text;
		return STATUS_OK;
	case OPT_UNCERTAIN:
		return sweep_uncertain_add(&r->sweep.uncertain, text, d);
	case OPT_DRAWS:
		r->sweep.has_draws = true;
		return options_size(text, 1, MOST_DRAWS,
				    &r->sweep.uncertain.draws, d);
	case OPT_AGAINST:
		return sweep_uncertain_against(&r->sweep.uncertain, text, d);
	case OPT_JOBS:
		return options_size(text, 1, THREADS_MOST, &r->jobs, d);
	case OPT_RESUME:
		r->resume = true;
		return STATUS_OK;
	case OPT_SHARD:
		return read_shard(r, text, d);
	}
	return sweep_option(&r->sweep, index, text, d);
}

static bool has_file(const struct request *r)
{
	return r->asked.output != NULL && strcmp(r->asked.output, "-") != 0;
}

static enum status load(struct request *r, struct diag *d)
{
	enum status st;

	if (r->resume && !has_file(r))
		return diag_fail(d, STATUS_USAGE, "--resume needs --output "
				 "FILE");
	if (r->asked.plot != NULL &&
	    (!has_file(r) || r->asked.format != TABLE_TEXT || r->shards > 1))
		return diag_fail(d, STATUS_USAGE, "--plot needs --output FILE, "
				 "with all rows as CSV");
	if (r->asked.format == TABLE_JSON)
		r->sweep.format = SWEEP_JSON_LINES;
	st = sweep_load(&r->sweep, r->columns, d);
	if (st == STATUS_OK && r->asked.plot != NULL)
		st = sweep_plot_check(&r->sweep, r->asked.plot, d);
	return st;
}

/* Stopped: say what is there, and end as by the signal. */
static void stop(const struct request *r, const struct sweep_file *f,
		 const struct sweep_shard *shard, int number)
{
	fflush(stdout);
	fprintf(stderr, "kvplan: stopped after %" PRIu64 " of %" PRIu64
		" points", f->next - shard->first,
		shard->end - shard->first);
	if (has_file(r))
		fprintf(stderr, "; the same command with --resume goes on "
			"with %s", r->asked.output);
	fputc('\n', stderr);
	signal(number, SIG_DFL);
	raise(number);
}

static enum status lead(struct request *r, struct sweep_ranks *ranks,
			struct diag *d)
{
	struct sweep_shard shard = sweep_file_shard(&r->sweep, r->shard,
						  r->shards);
	int number = 0;
	struct sweep_file f;
	struct diag later;
	enum status st = sweep_file_open(&r->sweep, &shard,
					 has_file(r) ? r->asked.output : "-",
					 r->resume, &f, d), closed;

	if (st != STATUS_OK) {
		sweep_ranks_stop(ranks);
		return st;
	}
	st = sweep_run(&r->sweep, ranks, &f, shard.end, r->jobs, &number, d);
	closed = sweep_file_close(&f, &later);
	if (st == STATUS_OK && closed != STATUS_OK) {
		*d = later;
		st = closed;
	}
	if (st == STATUS_OK && number != 0)
		stop(r, &f, &shard, number);
	/* last, so that a missing gnuplot does not take the rows along */
	if (st == STATUS_OK && r->asked.plot != NULL)
		st = sweep_plot_draw(&r->sweep, r->asked.output,
				     r->asked.plot, d);
	return st;
}

/* Rank 0 leads, the others follow; a mistake is told by rank 0 alone. */
static enum status sweep(struct request *r, enum status parsed,
			 struct sweep_ranks *ranks, struct diag *d)
{
	char fingerprint[FINGERPRINT_SIZE] = "";
	enum status st = parsed;

	if (r->jobs == 0)
		r->jobs = sweep_ranks_count(ranks) > 1
			? 1 : threads_processors();
	if (st == STATUS_OK)
		st = load(r, d);
	if (st == STATUS_OK) {
		cJSON *identity = sweep_identity(&r->sweep);
		char *text = cJSON_PrintUnformatted(identity);

		fingerprint_text(text, fingerprint);
		cJSON_free(text);
		cJSON_Delete(identity);
	}
	st = sweep_ranks_agree(ranks, st, fingerprint, r->jobs, d);
	if (sweep_ranks_number(ranks) == 0)
		return st == STATUS_OK ? lead(r, ranks, d) : st;
	if (st == STATUS_OK)
		st = sweep_ranks_serve(ranks, &r->sweep, r->jobs, d);
	return STATUS_OK;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .sweep = sweep_new(), .shard = 1, .shards = 1 };
	struct sweep_ranks *ranks;
	enum status st = sweep_ranks_join(&ranks, d);

	if (st != STATUS_OK)
		return st;
	/* what --help prints, rank 0 prints */
	if (sweep_ranks_number(ranks) > 0 &&
	    freopen("/dev/null", "w", stdout) == NULL)
		st = diag_fail(d, STATUS_IO, "/dev/null: %s", strerror(errno));
	if (st == STATUS_OK)
		st = options_parse(argc, argv, &set, handle, &r, &r.asked, d);
	if (st == STATUS_OK && !r.asked.done && r.columns != NULL &&
	    strcmp(r.columns, "help") == 0) {
		sweep_columns_describe(stdout);
		r.asked.done = true;
	}
	if (st != STATUS_OK || !r.asked.done)
		st = sweep(&r, st, ranks, d);
	sweep_ranks_leave(ranks);
	sweep_clear(&r.sweep);
	return st;
}

const struct command command_sweep = {
	"sweep", "plan many points: a grid, a sample", run
};
