/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/place_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/nearest.h"
#include "base/resource.h"
#include "base/xalloc.h"
#include "evaluate/case.h"
#include "model/profile.h"

static bool is_among(const char *name, char **names, size_t n)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i < n;
}

/* The profile `name`, of either kind; a name that neither has is refused. */
static enum status read_profile(const char *name, char **text,
				struct diag *d)
{
	size_t nfits, n;
	char **fits = profile_names(PROFILE_OFFLOAD, &nfits);
	char **sheets = profile_names(PROFILE_HARDWARE, &n);
	const char **all = xcalloc(nfits + n, sizeof *all), *near;
	bool fit = is_among(name, fits, nfits);
	enum status s;

	for (size_t i = 0; i < nfits + n; i++)
		all[i] = i < nfits ? fits[i] : sheets[i - nfits];
	near = nearest_name(name, all, nfits + n);
	s = profile_read(fit ? PROFILE_OFFLOAD : PROFILE_HARDWARE, name,
			 text, d);
	if (s == STATUS_UNKNOWN)
		diag_fail(d, s, "unknown hardware '%.64s'%s%s%s: expected a "
			  "file or a name that 'kvplan list hardware' or "
			  "'kvplan list offload' prints", name,
			  near ? ", the nearest is '" : "", near ? near : "",
			  near ? "'" : "");
	free(all);
	resource_names_free(sheets, n);
	resource_names_free(fits, nfits);
	return s;
}

/* Whether the profile says that it is an offload profile. */
static bool says_offload(const char *text)
{
	cJSON *doc = cJSON_Parse(text);
	const char *schema = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(doc, "schema"));
	bool found = schema != NULL &&
		     strncmp(schema, "kvplan-offload", 14) == 0;

	cJSON_Delete(doc);
	return found;
}

static enum status parse(struct place_case *c, struct diag *d)
{
	struct offload *machine = &c->request.c.machine;
	enum status s;

	if (c->is_offload)
		return offload_parse(c->text, machine, d);
	hardware_clear(&c->hardware);
	s = hardware_parse(c->text, &c->hardware, d);
	if (s == STATUS_OK)
		*machine = offload_from_hardware(&c->hardware);
	return s;
}

static enum status load_machine(const struct place_options *o,
				struct place_case *c, struct diag *d)
{
	enum status s = read_profile(o->hardware, &c->text, d);

	if (s != STATUS_OK)
		return s;
	c->is_offload = says_offload(c->text);
	s = parse(c, d);
	if (s != STATUS_OK)
		return diag_prefix(d, s, "%s", file_source(o->hardware));
	for (size_t i = 0; i < o->nsets && s == STATUS_OK; i++) {
		char *path = xstrdup(o->sets[i]);
		char *value = strchr(path, '=');

		*value++ = '\0';
		s = c->is_offload ? offload_set(&c->text, path, value, d)
				  : hardware_set(&c->text, path, value, d);
		free(path);
		if (s != STATUS_OK)
			return diag_prefix(d, diag_usage(s), "--set");
	}
	s = parse(c, d);
	if (s == STATUS_OK && o->memory_share > 0.0)
		c->request.c.machine.memory_share = o->memory_share;
	return s;
}

static enum status load_percent(const struct place_options *o,
				struct place_fixed *out, struct diag *d)
{
	static const char *const kinds[PLACE_KINDS] = { "weights", "KV",
							"hidden state" };
	/* what is left of 100 % may be a rounding error */
	const double rounding = 1e-9;

	out->given = o->npercent > 0;
	for (size_t i = 0; i < PLACE_KINDS && out->given; i++) {
		double gpu = o->percent[2 * i], host = o->percent[2 * i + 1];
		double disk = 100.0 - gpu - host;

		if (disk < -rounding)
			return diag_fail(d, STATUS_USAGE,
					 "--percent: %g and %g %% of the %s "
					 "are more than 100 %%", gpu, host,
					 kinds[i]);
		disk = disk < rounding ? 0.0 : disk;
		out->share[i][0] = gpu / 100.0;
		out->share[i][2] = disk / 100.0;
		out->share[i][1] = 1.0 - out->share[i][0] - out->share[i][2];
	}
	return STATUS_OK;
}

static enum status require(const struct place_options *o, struct diag *d)
{
	const char *missing = o->model == NULL ? "model NAME"
			      : o->hardware == NULL ? "hardware NAME"
			      : o->prompt == 0 ? "prompt N"
			      : o->gen == 0 ? "gen N" : NULL;

	if (missing == NULL)
		return STATUS_OK;
	return diag_fail(d, STATUS_USAGE, "--%s is missing", missing);
}

static enum status load(const struct place_options *o, struct place_case *c,
			struct diag *d)
{
	struct place_request *r = &c->request;
	enum status s = require(o, d);

	if (s == STATUS_OK)
		s = load_percent(o, &r->fixed, d);
	if (s == STATUS_OK)
		s = llm_load(o->model, &r->c.model, d);
	if (s == STATUS_OK)
		s = load_machine(o, c, d);
	if (s != STATUS_OK)
		return s;
	r->c.prompt = o->prompt;
	r->c.gen = o->gen;
	r->c.flexgen = o->costs_given ? o->flexgen : c->is_offload;
	r->batch = o->batch;
	r->num_batches = o->num_batches;
	r->limit_s = o->limit_s;
	s = diag_usage(placement_check(&r->c, d));
	return s == STATUS_OK ? diag_usage(place_check(r, d)) : s;
}

enum status place_case_load(const struct place_options *o,
			    struct place_case *out, struct diag *d)
{
	struct place_case c = { .text = NULL };
	enum status s = load(o, &c, d);

	if (s == STATUS_OK)
		*out = c;
	else
		place_case_clear(&c);
	return s;
}

void place_case_clear(struct place_case *c)
{
	free(c->text);
	hardware_clear(&c->hardware);
	*c = (struct place_case){ .text = NULL };
}

const struct figure *place_case_fields(const struct place_case *c,
				       size_t *n)
{
	return c->is_offload ? offload_fields(n) : hardware_fields(n);
}

double place_case_figure(const struct place_case *c,
			 const struct figure *f)
{
	struct hardware hw = c->hardware;
	struct offload o = c->request.c.machine;

	return c->is_offload ? *offload_figure(&o, f)
			     : *hardware_figure(&hw, f);
}

/* The machine with figure `f` at `value`. */
static struct offload with_figure(const struct place_case *c,
				  const struct figure *f,
				  double value)
{
	struct offload o = c->request.c.machine;

	if (c->is_offload) {
		*offload_figure(&o, f) = value;
	} else {
		struct hardware hw = c->hardware;

		*hardware_figure(&hw, f) = value;
		o = offload_from_hardware(&hw);
		o.memory_share = c->request.c.machine.memory_share;
	}
	return o;
}

/* What more room is worth in the memories of which `o` has more. */
static double room_worth(const struct place_case *c,
			 const struct place_result *r,
			 const struct offload *o)
{
	const struct offload *was = &c->request.c.machine;
	double gpu = o->gpu_memory_bytes * o->memory_share -
		     was->gpu_memory_bytes * was->memory_share;
	double host = o->host_memory_bytes * o->memory_share -
		      was->host_memory_bytes * was->memory_share;
	double disk = o->disk_memory_bytes * o->memory_share -
		      was->disk_memory_bytes * was->memory_share;

	return gpu * (r->room[ROOM_GPU_PREFILL] + r->room[ROOM_GPU_DECODE]) +
	       host * (r->room[ROOM_HOST_PREFILL] +
		       r->room[ROOM_HOST_DECODE]) +
	       disk * r->room[ROOM_DISK];
}

double place_case_worth(const struct place_case *c,
			const struct place_result *r,
			const struct figure *f)
{
	/* of the figure, to either side */
	const double step = 1e-4;
	double value = place_case_figure(c, f), difference = 0.0;

	if (value == 0.0)
		return 0.0;
	for (int side = -1; side <= 1; side += 2) {
		struct offload o = with_figure(c, f,
					       value * (1.0 + side * step));

		difference += side * (place_shift_s(&c->request, r, &o) +
				      room_worth(c, r, &o));
	}
	return difference / (2.0 * step * value);
}

cJSON *place_case_provenance(const struct place_case *c)
{
	struct decode_case as = { .model = c->request.c.model,
				  .hardware_text = c->text };

	snprintf(as.hardware.name, sizeof as.hardware.name, "%s",
		 c->request.c.machine.name);
	return case_provenance(&as);
}
