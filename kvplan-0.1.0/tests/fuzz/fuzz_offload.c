/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lp/place.h"

/* Any machine has a placement, or a reason why not. */
static void check_search(const struct offload *o, bool flexgen)
{
	const struct place_request r = {
		.c = { .model = { .name = "small", .layers = 3,
				  .hidden = 256, .heads = 4, .kv_heads = 4,
				  .head_dim = 64, .ffn = 1024, .experts = 1,
				  .experts_per_token = 1, .vocab = 999,
				  .max_positions = 2048 },
		       .prompt = 40, .gen = 9, .machine = *o,
		       .flexgen = flexgen },
		.limit_s = 0.2,
	};
	struct place_result found;
	struct diag d = { "" };

	FUZZ_CHECK(placement_check(&r.c, &d) == STATUS_OK);
	if (place_search(&r, &found, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return;
	}
	FUZZ_CHECK(isfinite(found.outcome.total_s));
	FUZZ_CHECK(found.outcome.total_s > 0.0);
	for (int m = 0; m < ROOM_COUNT; m++)
		FUZZ_CHECK(found.outcome.memory[m] <=
			   found.costs.capacity[m] * (1.0 + 1e-5));
}

bool fuzz_one(const char *text)
{
	struct diag d = { "" };
	struct offload o;

	if (offload_parse(text, &o, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return false;
	}
	check_search(&o, true);
	check_search(&o, false);
	return true;
}
