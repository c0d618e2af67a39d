/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/claim.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/xalloc.h"

struct claim {
	dev_t device;
	ino_t inode;
};

/* Of the process, as its files are. */
static struct {
	pthread_mutex_t mutex;
	bool on;
	struct claim *all;
	size_t n;
} claims = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static bool is_known(const struct stat *st)
{
	for (size_t i = 0; i < claims.n; i++)
		if (claims.all[i].device == st->st_dev &&
		    claims.all[i].inode == st->st_ino)
			return true;
	return false;
}

void claim_begin(void)
{
	claims.on = true;
}

void claim_end(void)
{
	free(claims.all);
	claims.all = NULL;
	claims.n = 0;
	claims.on = false;
}

void claim_stream(FILE *f)
{
	struct stat st;

	if (!claims.on || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode))
		return;
	pthread_mutex_lock(&claims.mutex);
	if (!is_known(&st)) {
		claims.all = xrealloc_array(claims.all, claims.n + 1,
					    sizeof *claims.all);
		claims.all[claims.n++] = (struct claim){ st.st_dev,
							 st.st_ino };
	}
	pthread_mutex_unlock(&claims.mutex);
}

enum status claim_check(const char *path, struct diag *d)
{
	struct stat st;
	bool known;

	if (!claims.on || stat(path, &st) != 0)
		return STATUS_OK;
	pthread_mutex_lock(&claims.mutex);
	known = is_known(&st);
	pthread_mutex_unlock(&claims.mutex);
	if (!known)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "%.200s: found a file that this "
			 "command reads or has just written, expected another "
			 "name", path);
}
