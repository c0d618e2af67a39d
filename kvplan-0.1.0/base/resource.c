/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/resource.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/xalloc.h"

enum { PATH_SIZE = 4096 };

/* The order of the search; resource.h says where each is. */
enum { SEARCH_ENVIRONMENT, SEARCH_BESIDE, SEARCH_TREE, SEARCH_CONFIGURED,
       SEARCH_END };

static int program_folder(char out[PATH_SIZE])
{
	ssize_t len = readlink("/proc/self/exe", out, PATH_SIZE - 1);
	char *slash;

	if (len <= 0)
		return 0;
	out[len] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return 0;
	*slash = '\0';
	return 1;
}

/* Folder `i` of the search order into `out`; 0 if there is none. */
static int search_folder(int i, char out[PATH_SIZE])
{
	const char *env = getenv("KVPLAN_DATADIR");
	char program[PATH_SIZE];
	int len = -1;

	switch (i) {
	case SEARCH_ENVIRONMENT:
		if (env != NULL && env[0] != '\0')
			len = snprintf(out, PATH_SIZE, "%s", env);
		break;
	case SEARCH_BESIDE:
		if (program_folder(program))
			len = snprintf(out, PATH_SIZE, "%s/../share/kvplan",
				       program);
		break;
	case SEARCH_TREE:
		if (program_folder(program))
			len = snprintf(out, PATH_SIZE, "%s", program);
		break;
	case SEARCH_CONFIGURED:
		len = snprintf(out, PATH_SIZE, "%s", KVPLAN_PKGDATADIR);
		break;
	}
	return len > 0 && len < PATH_SIZE;
}

enum status resource_read(const char *name, char **text, struct diag *d)
{
	char folder[PATH_SIZE], path[2 * PATH_SIZE];

	for (int i = 0; i < SEARCH_END; i++) {
		if (!search_folder(i, folder))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, name);
		if (access(path, F_OK) == 0)
			return file_read(path, text, d);
	}
	for (const struct resource_copy *c = resource_copies; c->name; c++)
		if (strcmp(c->name, name) == 0) {
			*text = xstrdup(c->text);
			return STATUS_OK;
		}
	return diag_fail(d, STATUS_IO, "%s: not among kvplan's files", name);
}

struct names {
	char **list;
	size_t len, cap;
};

/* Add `file` to `n` without `suffix`, if it ends so and is new. */
static void add_name(struct names *n, const char *file, const char *suffix)
{
	size_t len = strlen(file), tail = strlen(suffix);
	char *bare;

	if (len <= tail || strcmp(file + len - tail, suffix) != 0)
		return;
	bare = xstrdup(file);
	bare[len - tail] = '\0';
	for (size_t i = 0; i < n->len; i++)
		if (strcmp(n->list[i], bare) == 0) {
			free(bare);
			return;
		}
	if (n->len == n->cap) {
		n->cap = n->cap ? 2 * n->cap : 32;
		n->list = xrealloc_array(n->list, n->cap, sizeof *n->list);
	}
	n->list[n->len++] = bare;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **resource_names(const char *dir, const char *suffix, size_t *n)
{
	char folder[PATH_SIZE], path[2 * PATH_SIZE];
	struct names found = { 0 };
	size_t len = strlen(dir);

	for (int i = 0; i < SEARCH_END; i++) {
		struct dirent *entry;
		DIR *open;

		if (!search_folder(i, folder))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, dir);
		open = opendir(path);
		if (open == NULL)
			continue;
		while ((entry = readdir(open)) != NULL)
			add_name(&found, entry->d_name, suffix);
		closedir(open);
	}
	for (const struct resource_copy *c = resource_copies; c->name; c++)
		if (strncmp(c->name, dir, len) == 0 && c->name[len] == '/')
			add_name(&found, c->name + len + 1, suffix);
	if (found.len > 0)
		qsort(found.list, found.len, sizeof *found.list, by_name);
	*n = found.len;
	return found.list;
}

void resource_names_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}
