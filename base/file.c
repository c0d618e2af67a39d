/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"

enum { READ_LIMIT_BYTES = 256 << 20 };

static enum status read_stream(FILE *f, const char *path, char **text,
			       struct diag *d)
{
	size_t cap = 4096, len = 0, n;
	char *buf = xrealloc_array(NULL, cap, 1);

	while ((n = fread(buf + len, 1, cap - len - 1, f)) > 0) {
		len += n;
		if (len > READ_LIMIT_BYTES) {
			free(buf);
			return diag_fail(d, STATUS_IO,
					 "%s: larger than 256 MiB", path);
		}
		if (cap - len < 2) {
			cap *= 2;
			buf = xrealloc_array(buf, cap, 1);
		}
	}
	if (ferror(f)) {
		free(buf);
		return diag_fail(d, STATUS_IO, "%s: %s", path,
				 strerror(errno));
	}
	buf[len] = '\0';
	if (strlen(buf) != len) {
		free(buf);
		return diag_fail(d, STATUS_IO, "%s: not a text file", path);
	}
	*text = buf;
	return STATUS_OK;
}

enum status file_read(const char *path, char **text, struct diag *d)
{
	enum status s;
	FILE *f;

	if (strcmp(path, "-") == 0)
		return read_stream(stdin, "standard input", text, d);
	f = fopen(path, "rb");
	if (f == NULL)
		return diag_fail(d, STATUS_IO, "%s: %s", path,
				 strerror(errno));
	s = read_stream(f, path, text, d);
	fclose(f);
	return s;
}

/* Only a regular file, or a name that is still free, can be renamed onto. */
static int can_replace(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 || S_ISREG(st.st_mode);
}

enum status file_create(const char *path, struct file_writer *w,
			struct diag *d)
{
	struct file_writer made = { .stream = stdout };
	size_t size = strlen(path) + 32;

	if (strcmp(path, "-") == 0) {
		made.path = xstrdup("standard output");
		*w = made;
		return STATUS_OK;
	}
	if (can_replace(path)) {
		made.temporary = xcalloc(size, 1);
		snprintf(made.temporary, size, "%s.%ld.part", path,
			 (long)getpid());
	}
	made.stream = fopen(made.temporary ? made.temporary : path, "wb");
	if (made.stream == NULL) {
		free(made.temporary);
		return diag_fail(d, STATUS_IO, "%s: %s", path,
				 strerror(errno));
	}
	made.path = xstrdup(path);
	*w = made;
	return STATUS_OK;
}

static void forget(struct file_writer *w)
{
	free(w->path);
	free(w->temporary);
	*w = (struct file_writer){ 0 };
}

enum status file_commit(struct file_writer *w, struct diag *d)
{
	int failed = ferror(w->stream), why = errno;
	enum status s = STATUS_OK;

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
		s = diag_fail(d, STATUS_IO, "%s: %s", w->path, strerror(why));
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
