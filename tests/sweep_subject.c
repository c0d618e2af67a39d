/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sweep_subject.h"

#include <string.h>

#include "tests/harness.h"

void sweep_subject_make(struct sweep_subject *s, const char *const *options,
			const char *const *axes, const char *columns)
{
	struct diag d = { "" };

	for (; *options != NULL; options++) {
		const char *value = strchr(*options, '=') + 1;
		size_t length = (size_t)(value - *options) - 1, i = 0;

		while (strlen(request_spec(i).name) != length ||
		       strncmp(request_spec(i).name, *options, length) != 0)
			i++;
		if (sweep_option(&s->sweep, i, value, &d) != STATUS_OK)
			ck_abort_msg("%s", d.text);
	}
	for (; *axes != NULL; axes++)
		if (sweep_space_vary(&s->sweep.space, *axes, &d) != STATUS_OK)
			ck_abort_msg("%s", d.text);
	if (sweep_load(&s->sweep, columns, &d) != STATUS_OK)
		ck_abort_msg("%s", d.text);
	s->worker = sweep_worker_new(&s->sweep);
}

struct sweep_result sweep_subject_at(struct sweep_subject *s, uint64_t point)
{
	struct sweep_result r;
	struct diag d = { "" };

	sweep_worker_inputs(s->worker, point);
	if (sweep_worker_find(s->worker, &r, &d) != STATUS_OK)
		ck_abort_msg("%s", d.text);
	return r;
}

void sweep_subject_clear(struct sweep_subject *s)
{
	sweep_worker_free(s->worker);
	sweep_clear(&s->sweep);
}
