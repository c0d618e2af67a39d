/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/ranks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/provenance.h"
#include "base/xalloc.h"
#include "sweep/launcher.h"

struct sweep_ranks {
	char unused;
};

/* kvplan-mpi stands beside this program. */
static enum status start_other(struct diag *d)
{
	char path[PATH_MAX + 8];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	path[n < 0 ? 0 : n] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash ? slash + 1 : path, sizeof "kvplan-mpi",
		 "kvplan-mpi");
	execv(path, provenance_command());
	return diag_fail(d, STATUS_IO, "%.200s: %s: this kvplan was built "
			 "without MPI; --shard divides a sweep without it",
			 path, strerror(errno));
}

enum status sweep_ranks_join(struct sweep_ranks **out, struct diag *d)
{
	if (sweep_launcher_count() > 1)
		return start_other(d);
	*out = xcalloc(1, sizeof **out);
	return STATUS_OK;
}

void sweep_ranks_leave(struct sweep_ranks *r)
{
	free(r);
}

size_t sweep_ranks_number(const struct sweep_ranks *r)
{
	(void)r;
	return 0;
}

size_t sweep_ranks_count(const struct sweep_ranks *r)
{
	(void)r;
	return 1;
}

enum status sweep_ranks_agree(struct sweep_ranks *r, enum status ready,
			      const char *fingerprint, size_t jobs,
			      struct diag *d)
{
	(void)r;
	(void)fingerprint;
	(void)jobs;
	(void)d;
	return ready;
}

enum status sweep_ranks_serve(struct sweep_ranks *r, const struct sweep *s,
			      size_t jobs, struct diag *d)
{
	(void)r;
	(void)s;
	(void)jobs;
	(void)d;
	return STATUS_OK;
}

bool sweep_ranks_give(struct sweep_ranks *r, const struct sweep_piece *piece)
{
	(void)r;
	(void)piece;
	return false;
}

bool sweep_ranks_take(struct sweep_ranks *r, struct sweep_piece *out)
{
	(void)r;
	(void)out;
	return false;
}

void sweep_ranks_stop(struct sweep_ranks *r)
{
	(void)r;
}
