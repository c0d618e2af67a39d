/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/import.h"

#include <stdlib.h>

#include "base/file.h"
#include "traces/nsight.h"

/* Of millions of tasks; to read them takes some ten times as much memory. */
enum { MOST_MIB = 4096 };

enum status import_trace(const char *path, struct trace *out, struct diag *d)
{
	char *text;
	enum status s;

	if (nsight_is(path)) {
		s = nsight_read(path, out, d);
	} else {
		s = file_read_large(path, MOST_MIB, &text, d);
		if (s != STATUS_OK)
			return s;
		s = trace_parse(text, out, d);
		free(text);
	}
	return s == STATUS_OK ? s
			      : diag_prefix(d, s, "%s", file_source(path));
}
