/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/profile.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/nearest.h"
#include "base/resource.h"
#include "base/text.h"

static const char suffix[] = ".json";

static const struct {
	const char *folder, *what, *list;
} kinds[] = {
	[PROFILE_MODEL] = { "model/profiles/models", "model", "models" },
	[PROFILE_HARDWARE] = { "model/profiles/hardware", "hardware",
			       "hardware" },
	[PROFILE_OFFLOAD] = { "model/profiles/offload", "offload profile",
			      "offload" },
};

static int is_path(const char *name)
{
	size_t len = strlen(name), tail = sizeof suffix - 1;

	return strcmp(name, "-") == 0 || strchr(name, '/') != NULL ||
	       (len > tail && strcmp(name + len - tail, suffix) == 0);
}

char **profile_names(enum profile_kind kind, size_t *n)
{
	return resource_names(kinds[kind].folder, suffix, n);
}

static bool has_name(enum profile_kind kind, const char *name)
{
	size_t n, i;
	char **names = profile_names(kind, &n);
	bool found;

	for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
		;
	found = i < n;
	resource_names_free(names, n);
	return found;
}

/* `name` is of no profile of `kind`, though it may be of another kind's. */
static enum status unknown(enum profile_kind kind, const char *name,
			   char **names, size_t n, struct diag *d)
{
	const char *what = kinds[kind].what, *list = kinds[kind].list;
	const char *near = nearest_name(name, (const char *const *)names, n);

	for (int k = PROFILE_MODEL; k <= PROFILE_OFFLOAD; k++)
		if (has_name((enum profile_kind)k, name))
			return diag_fail(d, STATUS_UNKNOWN,
					 "unknown %s '%.64s', which is in "
					 "'kvplan list %s': expected a file or "
					 "a name that 'kvplan list %s' prints",
					 what, name, kinds[k].list, list);
	if (near != NULL)
		return diag_fail(d, STATUS_UNKNOWN,
				 "unknown %s '%.64s', the nearest is '%s' "
				 "('kvplan list %s' names all)", what, name,
				 near, list);
	return diag_fail(d, STATUS_UNKNOWN,
			 "unknown %s '%.64s': expected a file or a name that "
			 "'kvplan list %s' prints", what, name, list);
}

enum status profile_read(enum profile_kind kind, const char *name,
			 char **text, struct diag *d)
{
	char resource[512];
	enum status s;
	char **names;
	size_t n, i;

	if (is_path(name))
		return file_read(name, text, d);
	names = profile_names(kind, &n);
	for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
		;
	if (i == n) {
		s = unknown(kind, name, names, n, d);
	} else {
		snprintf(resource, sizeof resource, "%s/%s%s",
			 kinds[kind].folder, name, suffix);
		s = resource_read(resource, text, d);
	}
	resource_names_free(names, n);
	return s;
}

void profile_bare_name(const char *name, char out[PROFILE_NAME_SIZE])
{
	const char *slash = strrchr(name, '/');
	size_t len, tail = sizeof suffix - 1;

	if (slash != NULL && slash[1] != '\0')
		name = slash + 1;
	len = strlen(name);
	if (len > tail && strcmp(name + len - tail, suffix) == 0)
		len -= tail;
	snprintf(out, PROFILE_NAME_SIZE, "%.*s", (int)len, name);
	text_clean(out);
}
