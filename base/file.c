/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/xalloc.h"

enum { READ_LIMIT_MIB = 256 };

static enum status read_stream(FILE *f, const char *path, size_t most_mib,
			       char **text, struct diag *d)
{
	size_t cap = 4096, len = 0, n;
	char *buf = xrealloc_array(NULL, cap, 1);

	while ((n = fread(buf + len, 1, cap - len - 1, f)) > 0) {
		len += n;
		if (len > most_mib << 20) {
			free(buf);
			return diag_fail(d, STATUS_IO,
					 "%.200s: larger than %zu MiB", path,
					 most_mib);
		}
		if (cap - len < 2) {
			cap *= 2;
			buf = xrealloc_array(buf, cap, 1);
		}
	}
	if (ferror(f)) {
		free(buf);
		return diag_fail(d, STATUS_IO, "%.200s: %s", path,
				 strerror(errno));
	}
	buf[len] = '\0';
	if (strlen(buf) != len) {
		free(buf);
		return diag_fail(d, STATUS_IO, "%.200s: not a text file", path);
	}
	*text = buf;
	return STATUS_OK;
}

const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

const char *file_source(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

enum status file_open(const char *path, FILE **out, struct diag *d)
{
	FILE *f = stdin;

	if (path[0] == '\0')
		return diag_fail(d, STATUS_IO, "a file name is empty");
	if (strcmp(path, "-") != 0)
		f = fopen(path, "rb");
	if (f == NULL)
		return diag_fail(d, STATUS_IO, "%.200s: %s", path,
				 strerror(errno));
	claim_stream(f);
	*out = f;
	return STATUS_OK;
}

void file_close(FILE *f)
{
	if (f != stdin)
		fclose(f);
}

enum status file_read(const char *path, char **text, struct diag *d)
{
	return file_read_large(path, READ_LIMIT_MIB, text, d);
}

enum status file_read_large(const char *path, size_t most_mib, char **text,
			    struct diag *d)
{
	FILE *f;
	enum status s = file_open(path, &f, d);

	if (s != STATUS_OK)
		return s;
	s = read_stream(f, file_source(path), most_mib, text, d);
	file_close(f);
	return s;
}

/*
 * The temporary file being written, for a signal handler: one at a time is
 * all that there is.
 */
static char pending[PATH_MAX + 32];

void file_remove_pending(void)
{
	if (pending[0] != '\0')
		unlink(pending);
}

/* A short name beside `path`, since a long one may not grow. */
static char *temporary_beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0;
	size_t size = (size_t)folder + 40;
	char *name = xcalloc(size, 1);

	snprintf(name, size, "%.*s.kvplan-%ld.part", folder, path,
		 (long)getpid());
	return name;
}

static enum status cannot(const char *path, int why, struct diag *d)
{
	return diag_fail(d, STATUS_IO, "%.200s: %s", path, strerror(why));
}

/*
 * Open the file that will stand at `real`: beside it and with its mode, or,
 * where only a regular file or a free name can be renamed onto, in place.
 */
static enum status open_writer(const char *path, const char *real,
			       struct file_writer *w, struct diag *d)
{
	struct stat st;
	bool exists = stat(real, &st) == 0;

	if (exists && S_ISDIR(st.st_mode))
		return cannot(path, EISDIR, d);
	if (exists && access(real, W_OK) != 0)
		return cannot(path, errno, d);
	if (!exists || S_ISREG(st.st_mode))
		w->temporary = temporary_beside(real);
	w->stream = fopen(w->temporary ? w->temporary : real, "wb");
	if (w->stream == NULL) {
		int why = errno;

		free(w->temporary);
		return cannot(path, why, d);
	}
	if (w->temporary != NULL) {
		if (exists)
			(void)!fchmod(fileno(w->stream), st.st_mode & 07777);
		snprintf(pending, sizeof pending, "%s", w->temporary);
	}
	w->path = xstrdup(real);
	return STATUS_OK;
}

enum status file_create(const char *path, struct file_writer *w,
			struct diag *d)
{
	struct file_writer made = { .stream = stdout };
	char *real;
	enum status s;

	if (strcmp(path, "-") == 0) {
		made.path = xstrdup("standard output");
		*w = made;
		return STATUS_OK;
	}
	if (path[0] == '\0')
		return diag_fail(d, STATUS_IO, "a file name is empty");
	s = claim_check(path, d);
	if (s != STATUS_OK)
		return s;
	/* through a link to what it points at; a new name is its own */
	real = realpath(path, NULL);
	s = open_writer(path, real ? real : path, &made, d);
	free(real);
	if (s == STATUS_OK)
		*w = made;
	return s;
}

enum status file_can_create(const char *path, struct diag *d)
{
	struct file_writer w;
	struct stat st;
	enum status s;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode))
		return claim_check(path, d);
	s = file_create(path, &w, d);
	if (s == STATUS_OK)
		file_abandon(&w);
	return s;
}

static void forget(struct file_writer *w)
{
	if (w->temporary != NULL)
		pending[0] = '\0';
	free(w->path);
	free(w->temporary);
	*w = (struct file_writer){ 0 };
}

enum status file_commit(struct file_writer *w, struct diag *d)
{
	int failed = ferror(w->stream), why = errno;
	enum status s = STATUS_OK;

	if (w->stream != stdout)
		claim_stream(w->stream);
	if (w->stream == stdout ? fflush(stdout) : fclose(w->stream)) {
		failed = 1;
		why = errno;
	}
	if (!failed && w->temporary != NULL &&
	    rename(w->temporary, w->path) != 0) {
		failed = 1;
		why = errno;
	}
	if (failed) {
		s = cannot(w->path, why, d);
		if (w->temporary != NULL)
			unlink(w->temporary);
	}
	forget(w);
	return s;
}

void file_abandon(struct file_writer *w)
{
	if (w->stream == NULL)
		return;
	if (w->stream != stdout)
		fclose(w->stream);
	if (w->temporary != NULL)
		unlink(w->temporary);
	forget(w);
}
