/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/policy.h"

#include <string.h>

#include "base/nearest.h"
#include "schedule/accelerate_sequential.h"
#include "schedule/cpu_attention.h"
#include "schedule/flexgen.h"
#include "schedule/issue.h"
#include "schedule/kvpr_column.h"
#include "schedule/kvpr_flexgen.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/offloaded_cache.h"
#include "schedule/recompute_all.h"
#include "schedule/zero_inference.h"

static const struct policy *const policies[] = {
	&policy_load_all,
	&policy_kvpr_row,
	&policy_kvpr_column,
	&policy_kvpr_flexgen,
	&policy_recompute_all,
	&policy_flexgen,
	&policy_offloaded_cache,
	&policy_accelerate_sequential,
	&policy_zero_inference,
	&policy_cpu_attention,
};

enum { POLICIES = sizeof policies / sizeof policies[0] };

const struct policy *const *policy_list(size_t *n)
{
	*n = POLICIES;
	return policies;
}

struct graph *policy_graph(const struct plan *plan, const struct llm *m,
			   const struct workload *w, const struct hardware *hw,
			   enum span span)
{
	struct graph *g = plan->policy->build(m, w, plan, span);

	if (hw->host_issue_s > 0.0)
		issue_add(g);
	return g;
}

enum status policy_find(const char *name, const struct policy **out,
			struct diag *d)
{
	const char *names[POLICIES], *near;

	for (size_t i = 0; i < POLICIES; i++) {
		names[i] = policies[i]->name;
		if (strcmp(names[i], name) == 0) {
			*out = policies[i];
			return STATUS_OK;
		}
	}
	near = nearest_name(name, names, POLICIES);
	return diag_fail(d, STATUS_UNKNOWN,
			 "unknown policy '%.40s'%s%s ('kvplan list policies' "
			 "names all)", name, near ? ", the nearest is " : "",
			 near ? near : "");
}
