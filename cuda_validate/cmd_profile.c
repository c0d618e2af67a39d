/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/options.h"
#include "base/xalloc.h"
#include "cuda_validate/command.h"
#include "cuda_validate/machine.h"
#include "cuda_validate/profile.h"

/* Enough for clocks and power to be those of an idle GPU again. */
enum { COOLING_S = 2 };

enum { OPT_MODEL, OPT_OUTPUT, OPT_ONLY, OPT_GPU, OPT_PROGRESS, OPTIONS };

static const struct option_spec own[OPTIONS] = {
	{ "model", 'm', "NAME",
	  "measure this model's shapes; may be given several times\n"
	  "(default: opt-6.7b)" },
	{ "output", 'o', "FILE", "write the samples here (default: -)" },
	{ "only", '\0', "SECTION",
	  "measure this section; may be given several times:\n"
	  "transfer, contention, launch, host, gemm, kernels, power,\n"
	  "links" },
	{ "gpu", '\0', "N", "the GPU to measure, from 0 (default: 0)" },
	{ "progress", '\0', NULL,
	  "tell on standard error what goes on, terminal or not" },
};

static const struct option_set set = {
	.program = "kvplan-gpu",
	.usage = "Usage: kvplan-gpu profile [--model NAME]... [--output FILE] "
		 "[OPTION]...\n"
		 "Measure the link, the GPU and the host memory, and write "
		 "samples as JSON, from\nwhich a hardware profile can be "
		 "fitted.  Takes one and a half minutes, and half\na minute "
		 "more for each model after the first.\n",
	.own = own, .nown = OPTIONS,
};

struct request {
	struct llm *models;
	size_t nmodels;
	const char *output;
	unsigned only;		/* a bit for each section; 0: all */
	size_t gpu;
	bool progress;
};

static enum status add_model(struct request *r, const char *name,
			     struct diag *d)
{
	struct llm m;
	enum status s = llm_load(name, &m, d);

	if (s != STATUS_OK)
		return s;
	if (m.experts > 1)
		return diag_fail(d, STATUS_USAGE, "%.60s has experts, whose "
				 "grouped products are not measured", name);
	r->models = xrealloc_array(r->models, r->nmodels + 1,
				   sizeof *r->models);
	r->models[r->nmodels++] = m;
	return STATUS_OK;
}

static enum status handle(void *context, size_t index, const char *text,
			  struct diag *d)
{
	const struct profile_section *sections;
	struct request *r = context;
	const char *names[16];
	enum status s;
	size_t n, i;

	switch (index) {
	case OPT_MODEL:
		return add_model(r, text, d);
	case OPT_OUTPUT:
		r->output = text;
		return STATUS_OK;
	case OPT_GPU:
		return options_size(text, 0, 1023, &r->gpu, d);
	case OPT_PROGRESS:
		r->progress = true;
		return STATUS_OK;
	}
	sections = profile_sections(&n);
	for (i = 0; i < n; i++)
		names[i] = sections[i].name;
	s = options_word(text, names, n, &i, d);
	if (s == STATUS_OK)
		r->only |= 1u << i;
	return s;
}

static bool is_chosen(const struct request *r, size_t section)
{
	return r->only == 0 || (r->only >> section & 1) != 0;
}

/* What the sensors say before the section `name`. */
static void note(cJSON *states, const char *name, const struct profile *p)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "before", name);
	cJSON_AddNumberToObject(o, "elapsed_s",
				round(timing_now_s() - p->start_s));
	cJSON_AddItemToObject(o, "sensors", sensors_state(p->sensors));
	cJSON_AddItemToArray(states, o);
}

static bool run_sections(struct profile *p, const struct request *r,
			 cJSON *states)
{
	const struct profile_section *sections;
	double all = 0.0;
	size_t n;

	sections = profile_sections(&n);
	for (size_t i = 0; i < n; i++)
		if (is_chosen(r, i))
			all += sections[i].weight;
	for (size_t i = 0; i < n; i++) {
		if (!is_chosen(r, i))
			continue;
		p->section = sections[i].name;
		p->share = sections[i].weight / all;
		profile_progress(p, 0.0);
		/* from the same state, whatever went before */
		nanosleep(&(struct timespec){ .tv_sec = COOLING_S }, NULL);
		note(states, p->section, p);
		if (!sections[i].run(p))
			return false;
		p->before += p->share;
	}
	note(states, "end", p);
	return true;
}

static enum status write_samples(struct profile *p, const struct request *r,
				 const cJSON *states, cJSON *made_by,
				 struct diag *d)
{
	cJSON *head = cJSON_CreateObject(), *models;
	struct file_writer w;
	enum status s;

	cJSON_AddStringToObject(head, "schema", "kvplan-samples-1");
	cJSON_AddItemToObject(head, "made_by", made_by);
	cJSON_AddItemToObject(head, "machine", machine_json(
			p->g, p->sensors, matmul_version(p->matmul)));
	models = cJSON_AddObjectToObject(head, "models");
	for (size_t i = 0; i < r->nmodels; i++)
		cJSON_AddItemToObject(models, r->models[i].name,
				      llm_json(&r->models[i]));
	cJSON_AddItemToObject(head, "states", cJSON_Duplicate(states, 1));
	s = file_create(r->output, &w, d);
	if (s == STATUS_OK) {
		samples_write(p->samples, head, w.stream);
		s = file_commit(&w, d);
	}
	cJSON_Delete(head);
	return s;
}

static enum status measure(const struct request *r, struct device *g,
			   struct diag *d)
{
	struct profile p = { .g = g, .models = r->models,
			     .nmodels = r->nmodels,
			     .threads = machine_threads(),
			     .start_s = timing_now_s() };
	struct sensors *sensors = sensors_new(g->pci);
	cJSON *states = cJSON_CreateArray();
	cJSON *made_by = command_provenance();
	bool ok;
	enum status s;

	p.sensors = sensors;
	p.samples = samples_new();
	p.progress = progress_new(r->progress);
	progress_show(p.progress, 0.0, "preparing");
	ok = profile_open(&p) && run_sections(&p, r, states);
	progress_free(p.progress);
	s = device_status(g, d);
	/* what was measured before the GPU failed is kept */
	if (ok || samples_rows(p.samples) > 0) {
		struct diag other;
		enum status written = write_samples(&p, r, states, made_by,
						    &other);

		if (s == STATUS_OK && written != STATUS_OK) {
			s = written;
			*d = other;
		}
	} else {
		cJSON_Delete(made_by);
	}
	profile_close(&p);
	samples_free(p.samples);
	sensors_free(sensors);
	cJSON_Delete(states);
	return s;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct request r = { .output = "-" };
	struct option_result parsed;
	struct file_writer trial;
	struct device g;
	enum status s;

	s = options_parse(argc, argv, &set, handle, &r, &parsed, d);
	if (s == STATUS_OK && !parsed.done && r.nmodels == 0)
		s = add_model(&r, "opt-6.7b", d);
	/* before minutes are spent: whether it can be written at all */
	if (s == STATUS_OK && !parsed.done) {
		s = file_create(r.output, &trial, d);
		if (s == STATUS_OK)
			file_abandon(&trial);
	}
	if (s == STATUS_OK && !parsed.done)
		s = device_open(r.gpu, &g, d);
	if (s == STATUS_OK && !parsed.done)
		s = measure(&r, &g, d);
	free(r.models);
	return s;
}

const struct command command_profile = {
	.name = "profile",
	.summary = "measure link, GPU and host memory; write samples",
	.run = run,
};
