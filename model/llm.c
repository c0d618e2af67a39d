/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/llm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/nearest.h"

/* How a family's config.json differs from the others. */
struct family {
	const char *name;		/* model_type */
	const char *ffn_key;
	const char *experts_key;	/* NULL: dense */
	bool gated, rotary, tied;	/* tied: the default of the family */
};

static const struct family families[] = {
	{ "opt", "ffn_dim", NULL, false, false, true },
	{ "llama", "intermediate_size", NULL, true, true, false },
	{ "mistral", "intermediate_size", NULL, true, true, false },
	{ "qwen2", "intermediate_size", NULL, true, true, false },
	{ "qwen3", "intermediate_size", NULL, true, true, false },
	{ "mixtral", "intermediate_size", "num_local_experts", true, true,
	  false },
	{ "qwen3_moe", "moe_intermediate_size", "num_experts", true, true,
	  false },
};

enum { FAMILIES = sizeof families / sizeof families[0] };

/* Far above any model, far below what would overflow a product. */
enum { MOST_LAYERS = 10000, MOST_WIDTH = 1 << 20, MOST_VOCAB = 1 << 24,
       MOST_POSITIONS = 1 << 30 };

static enum status find_family(const struct json *top,
			       const struct family **out, struct diag *d)
{
	const char *type, *names[FAMILIES], *near;
	char list[160] = "";

	if (json_get_string(top, "model_type", &type, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < FAMILIES; i++)
		if (strcmp(families[i].name, type) == 0) {
			*out = &families[i];
			return STATUS_OK;
		}
	for (size_t i = 0; i < FAMILIES; i++) {
		size_t len = strlen(list);

		names[i] = families[i].name;
		snprintf(list + len, sizeof list - len, "%s%s",
			 i > 0 ? ", " : "", names[i]);
	}
	near = nearest_name(type, names, FAMILIES);
	return json_fail(top, "model_type", d,
			 "found '%.40s', expected one of %s%s%s", type, list,
			 near ? "; the nearest is " : "", near ? near : "");
}

/* The whole number `key`, or `fallback` where the file leaves it out. */
static enum status get_or(const struct json *top, const char *key, size_t max,
			  size_t fallback, size_t *out, struct diag *d)
{
	if (!json_has(top, key)) {
		*out = fallback;
		return STATUS_OK;
	}
	return json_get_size(top, key, 1, max, out, d);
}

static enum status parse_attention(const struct json *top, struct llm *m,
				   struct diag *d)
{
	if (json_get_size(top, "num_attention_heads", 1, MOST_WIDTH,
			  &m->heads, d) != STATUS_OK ||
	    get_or(top, "num_key_value_heads", MOST_WIDTH, m->heads,
		   &m->kv_heads, d) != STATUS_OK)
		return STATUS_INVALID;
	if (m->heads % m->kv_heads != 0)
		return json_fail(top, "num_key_value_heads", d,
				 "found %zu, expected a divisor of "
				 "num_attention_heads %zu", m->kv_heads,
				 m->heads);
	if (!json_has(top, "head_dim") && m->hidden % m->heads != 0)
		return json_fail(top, "hidden_size", d,
				 "found %zu, expected a multiple of "
				 "num_attention_heads %zu", m->hidden,
				 m->heads);
	return get_or(top, "head_dim", MOST_WIDTH, m->hidden / m->heads,
		      &m->head_dim, d);
}

static enum status parse_experts(const struct json *top,
				 const struct family *f, struct llm *m,
				 struct diag *d)
{
	m->experts = m->experts_per_token = 1;
	if (f->experts_key == NULL)
		return STATUS_OK;
	if (json_get_size(top, f->experts_key, 1, MOST_LAYERS, &m->experts,
			  d) != STATUS_OK)
		return STATUS_INVALID;
	return json_get_size(top, "num_experts_per_tok", 1, m->experts,
			     &m->experts_per_token, d);
}

/* OPT-350m projects its embeddings; that is not modelled, so say so. */
static enum status check_embedding(const struct json *top, size_t hidden,
				   struct diag *d)
{
	size_t width;

	if (get_or(top, "word_embed_proj_dim", MOST_WIDTH, hidden, &width,
		   d) != STATUS_OK)
		return STATUS_INVALID;
	if (width == hidden)
		return STATUS_OK;
	return json_fail(top, "word_embed_proj_dim", d,
			 "found %zu, expected hidden_size %zu (embedding "
			 "projections are not modelled)", width, hidden);
}

static enum status parse_fields(const struct json *top, struct llm *m,
				struct diag *d)
{
	const struct family *f = NULL;

	if (find_family(top, &f, d) != STATUS_OK ||
	    json_get_size(top, "hidden_size", 1, MOST_WIDTH, &m->hidden,
			  d) != STATUS_OK ||
	    json_get_size(top, "num_hidden_layers", 1, MOST_LAYERS,
			  &m->layers, d) != STATUS_OK ||
	    parse_attention(top, m, d) != STATUS_OK ||
	    json_get_size(top, f->ffn_key, 1, MOST_WIDTH, &m->ffn,
			  d) != STATUS_OK ||
	    parse_experts(top, f, m, d) != STATUS_OK ||
	    json_get_size(top, "vocab_size", 1, MOST_VOCAB, &m->vocab,
			  d) != STATUS_OK ||
	    json_get_size(top, "max_position_embeddings", 1, MOST_POSITIONS,
			  &m->max_positions, d) != STATUS_OK ||
	    check_embedding(top, m->hidden, d) != STATUS_OK)
		return STATUS_INVALID;
	snprintf(m->family, sizeof m->family, "%s", f->name);
	m->ffn_gated = f->gated;
	m->rotary = f->rotary;
	m->learned_positions = !f->rotary;
	m->tied_embeddings = f->tied;
	if (!json_has(top, "tie_word_embeddings"))
		return STATUS_OK;
	return json_get_bool(top, "tie_word_embeddings", &m->tied_embeddings,
			     d);
}

enum status llm_parse(const char *json, const char *name, struct llm *out,
		      struct diag *d)
{
	struct llm m = { 0 };
	struct json top;
	enum status s;
	cJSON *doc;

	s = json_parse(json, &doc, &top, d);
	if (s != STATUS_OK)
		return s;
	s = parse_fields(&top, &m, d);
	cJSON_Delete(doc);
	if (s != STATUS_OK)
		return s;
	profile_bare_name(name, m.name);
	*out = m;
	return STATUS_OK;
}

enum status llm_load(const char *name, struct llm *out, struct diag *d)
{
	enum status s;
	char *text;

	s = profile_read(PROFILE_MODEL, name, &text, d);
	if (s != STATUS_OK)
		return s;
	s = llm_parse(text, name, out, d);
	free(text);
	return s == STATUS_OK ? s : diag_prefix(d, s, "%s", file_source(name));
}

cJSON *llm_json(const struct llm *m)
{
	cJSON *o = cJSON_CreateObject();
	const struct family *f = families;

	while (strcmp(f->name, m->family) != 0)
		f++;
	cJSON_AddStringToObject(o, "model_type", m->family);
	cJSON_AddNumberToObject(o, "hidden_size", (double)m->hidden);
	cJSON_AddNumberToObject(o, "num_hidden_layers", (double)m->layers);
	cJSON_AddNumberToObject(o, "num_attention_heads", (double)m->heads);
	cJSON_AddNumberToObject(o, "num_key_value_heads",
				(double)m->kv_heads);
	cJSON_AddNumberToObject(o, "head_dim", (double)m->head_dim);
	cJSON_AddNumberToObject(o, f->ffn_key, (double)m->ffn);
	if (f->experts_key != NULL) {
		cJSON_AddNumberToObject(o, f->experts_key,
					(double)m->experts);
		cJSON_AddNumberToObject(o, "num_experts_per_tok",
					(double)m->experts_per_token);
	}
	cJSON_AddNumberToObject(o, "vocab_size", (double)m->vocab);
	cJSON_AddNumberToObject(o, "max_position_embeddings",
				(double)m->max_positions);
	cJSON_AddBoolToObject(o, "tie_word_embeddings", m->tied_embeddings);
	return o;
}

size_t llm_query_width(const struct llm *m)
{
	return m->heads * m->head_dim;
}

size_t llm_kv_width(const struct llm *m)
{
	return m->kv_heads * m->head_dim;
}

double llm_layer_elements(const struct llm *m)
{
	double h = (double)m->hidden, q = (double)llm_query_width(m);
	double k = (double)llm_kv_width(m), f = (double)m->ffn;
	double ffn_matrices = m->ffn_gated ? 3.0 : 2.0;

	return h * (q + 2.0 * k) + q * h +
	       (double)m->experts * ffn_matrices * h * f;
}

double llm_embedding_elements(const struct llm *m)
{
	double tables = m->tied_embeddings ? 1.0 : 2.0;
	double rows = tables * (double)m->vocab;

	if (m->learned_positions)
		rows += (double)m->max_positions;
	return rows * (double)m->hidden;
}

double llm_parameters(const struct llm *m)
{
	return (double)m->layers * llm_layer_elements(m) +
	       llm_embedding_elements(m);
}
