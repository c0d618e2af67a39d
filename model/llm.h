/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * llm.h - the geometry of a decoder-only transformer.
 *
 * Plain data, read from a Hugging Face config.json; copy freely.  Weights
 * are counted as their matrices: biases and norms are under 0.1 % of them
 * and left out.
 */
#ifndef MODEL_LLM_H
#define MODEL_LLM_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/diag.h"
#include "model/profile.h"

struct llm {
	char name[PROFILE_NAME_SIZE];
	char family[24];		/* model_type, e.g. "opt" */
	size_t layers;
	size_t hidden;			/* h: width of a layer's input */
	size_t heads;			/* query heads */
	size_t kv_heads;
	size_t head_dim;
	size_t ffn;			/* inner width, of one expert if MoE */
	size_t experts;			/* 1: dense */
	size_t experts_per_token;
	size_t vocab;
	size_t max_positions;
	bool ffn_gated;			/* three FFN matrices, not two */
	bool rotary;			/* K carries rotary positions */
	bool learned_positions;		/* a table of max_positions rows */
	bool tied_embeddings;		/* the head reuses the embedding */
};

/**
 * Parse the config.json text `json` of the model `name` into `*out`.
 * STATUS_INVALID, naming the field, if one is missing, out of range or
 * inconsistent, or if the family is not one that is known.
 */
MUST_CHECK enum status llm_parse(const char *json, const char *name,
				 struct llm *out, struct diag *d);

/** Read and parse the model `name`: a built-in name or a path. */
MUST_CHECK enum status llm_load(const char *name, struct llm *out,
				struct diag *d);

/** A config.json object that llm_parse() reads back as `m`; caller deletes. */
cJSON *llm_json(const struct llm *m);

/** Width of the concatenated query heads, heads * head_dim. */
size_t llm_query_width(const struct llm *m);

/** k: width of a token's K (and of its V), kv_heads * head_dim. */
size_t llm_kv_width(const struct llm *m);

/** Elements in the weight matrices of one layer, all experts counted. */
double llm_layer_elements(const struct llm *m);

/** Elements in embeddings, learned positions and the output head. */
double llm_embedding_elements(const struct llm *m);

/** Parameters of the whole model (matrices and embeddings). */
double llm_parameters(const struct llm *m);

#endif
