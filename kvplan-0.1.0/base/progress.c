/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

enum { BAR_WIDTH = 24, LABEL_SIZE = 48 };

struct progress {
	bool terminal, always;
	int shown;		/* percent */
	char label[LABEL_SIZE];
};

struct progress *progress_new(bool always)
{
	struct progress *p = xcalloc(1, sizeof *p);

	p->terminal = isatty(STDERR_FILENO) == 1;
	p->always = always;
	p->shown = -1;
	return p;
}

void progress_show(struct progress *p, double done, const char *label)
{
	int percent = (int)(100.0 * done);
	bool same = strncmp(p->label, label, LABEL_SIZE - 1) == 0;
	int filled = percent * BAR_WIDTH / 100;

	if ((!p->terminal && !p->always) || (same && percent == p->shown) ||
	    (!p->terminal && same))
		return;
	p->shown = percent;
	snprintf(p->label, sizeof p->label, "%s", label);
	if (!p->terminal) {
		fprintf(stderr, "%3d %%  %s\n", percent, p->label);
		return;
	}
	fprintf(stderr, "\r[%.*s%*s] %3d %%  %-*s", filled,
		"========================", BAR_WIDTH - filled, "", percent,
		LABEL_SIZE - 1, p->label);
	fflush(stderr);
}

void progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	if (p->terminal && p->shown >= 0)
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 10 + LABEL_SIZE, "");
	free(p);
}
