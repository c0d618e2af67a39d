/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/decision.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
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

/* "found ..., expected gpu or cpu", "..., expected a number, 0 to 1". */
static enum status refuse(const struct decision_spec *spec, const char *found,
			  struct diag *d)
{
	char expected[128];
	size_t n = 0, most = (size_t)spec->most;

	if (spec->words == NULL)
		return diag_fail(d, STATUS_INVALID,
				 "found %s, expected %s, 0 to %g", found,
				 spec->whole ? "a whole number" : "a number",
				 spec->most);
	for (size_t i = 0; i <= most && n < sizeof expected; i++)
		n += (size_t)snprintf(expected + n, sizeof expected - n,
				      "%s%s", i == 0 ? "" :
				      i == most ? " or " : ", ",
				      spec->words[i]);
	return diag_fail(d, STATUS_INVALID, "found %s, expected %s", found,
			 expected);
}

static bool is_value(const struct decision_spec *spec, double value)
{
	return value >= 0.0 && value <= spec->most &&
	       (!spec->whole || value == floor(value));
}

/* The value that `text` is; of a word, its index. */
static bool read_value(const struct decision_spec *spec, const char *text,
		       double *out)
{
	char *end;

	if (spec->words == NULL) {
		errno = 0;
		*out = strtod(text, &end);
		return end != text && *end == '\0' && errno == 0;
	}
	for (size_t i = 0; i <= (size_t)spec->most; i++)
		if (strcmp(spec->words[i], text) == 0) {
			*out = (double)i;
			return true;
		}
	return false;
}

enum status decision_parse(enum decision which, const char *text,
			   double *out, struct diag *d)
{
	const struct decision_spec *spec = &decision_specs[which];
	char found[48];
	double value;

	if (read_value(spec, text, &value) && is_value(spec, value)) {
		*out = value;
		return STATUS_OK;
	}
	snprintf(found, sizeof found, "'%.40s'", text);
	return refuse(spec, found, d);
}

enum status decision_check(enum decision which, double value, struct diag *d)
{
	const struct decision_spec *spec = &decision_specs[which];
	char found[DECISION_SIZE];

	if (is_value(spec, value))
		return STATUS_OK;
	snprintf(found, sizeof found, "%.6g", value);
	return refuse(spec, found, d);
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
