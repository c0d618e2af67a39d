/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/decision.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/plan.h"

static const char *const pipelines[] = { "coarse", "fine" };
static const char *const attentions[] = { "gpu", "cpu" };
static const char *const homes[] = { "pinned", "pageable" };
static const char *const hiddens[] = { "gpu", "host" };
static const char *const sep_layers[] = { "no", "yes" };

const struct decision_spec decision_specs[DECISION_COUNT] = {
	[DECISION_PREFETCH] = { "prefetch", "prefetch", "N",
		"batches, layer by layer, that loads run ahead", NULL,
		PLAN_MOST_PREFETCH, 1 },
	[DECISION_WEIGHTS_ON_GPU] = { "weights_on_gpu", "weights-on-gpu",
		"SHARE", "part of the weights that stays on the GPU, 0 to 1",
		NULL, 1.0, 0 },
	[DECISION_CACHE_ON_GPU] = { "cache_on_gpu", "cache-on-gpu", "SHARE",
		"part of the requests whose KV stays on the\nGPU, 0 to 1",
		NULL, 1.0, 0 },
	[DECISION_PIPELINE] = { "pipeline", "pipeline", "KIND",
		"coarse, or fine: recomputation waits for W_K\nand W_V alone",
		pipelines, PIPELINES - 1, 1 },
	[DECISION_ATTENTION] = { "attention", "attention", "WHERE",
		"who attends to the KV on the host: gpu or cpu", attentions,
		ATTENTIONS - 1, 1 },
	[DECISION_HOME] = { "home", "home", "KIND",
		"the host's KV alone lies in pinned memory, or in\n"
		"pageable, from which a thread copies it into\n"
		"pinned; for all that is sent: --host-memory", homes,
		HOMES - 1, 1 },
	[DECISION_HIDDEN] = { "hidden", "hidden", "WHERE",
		"the hidden state waits between layers on the\ngpu or the "
		"host", hiddens, HIDDENS - 1, 1 },
	[DECISION_SEP_LAYER] = { "sep_layer", "sep-layer", "WHETHER",
		"attention and FFN as layers of their own: yes\nor no",
		sep_layers, SEP_LAYERS - 1, 1 },
};

static enum status parse_word(const struct decision_spec *spec,
			      const char *text, double *out, struct diag *d)
{
	size_t n = (size_t)spec->most + 1;

	for (size_t i = 0; i < n; i++)
		if (strcmp(spec->words[i], text) == 0) {
			*out = (double)i;
			return STATUS_OK;
		}
	return diag_fail(d, STATUS_INVALID,
			 "found '%.40s', expected %s or %s", text,
			 spec->words[0], spec->words[1]);
}

enum status decision_parse(enum decision which, const char *text,
			   double *out, struct diag *d)
{
	const struct decision_spec *spec = &decision_specs[which];
	double value;
	char *end;

	if (spec->words != NULL)
		return parse_word(spec, text, out, d);
	errno = 0;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || errno != 0 ||
	    !(value >= 0.0 && value <= spec->most) ||
	    (spec->whole && value != floor(value)))
		return diag_fail(d, STATUS_INVALID,
				 "found '%.40s', expected %s, 0 to %g", text,
				 spec->whole ? "a whole number" : "a number",
				 spec->most);
	*out = value;
	return STATUS_OK;
}

void decision_format(enum decision which, double value,
		     char out[DECISION_SIZE])
{
	const struct decision_spec *spec = &decision_specs[which];

	if (spec->words != NULL)
		snprintf(out, DECISION_SIZE, "%s",
			 spec->words[(size_t)value]);
	else
		snprintf(out, DECISION_SIZE, "%.6g", value);
}
