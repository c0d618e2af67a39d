/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#include "model/llm.h"

static void check_geometry(const struct llm *m)
{
	FUZZ_CHECK(m->layers > 0 && m->hidden > 0 && m->head_dim > 0);
	FUZZ_CHECK(m->kv_heads > 0 && m->heads % m->kv_heads == 0);
	FUZZ_CHECK(m->experts_per_token <= m->experts);
	FUZZ_CHECK(llm_kv_width(m) <= llm_query_width(m));
	FUZZ_CHECK(isfinite(llm_parameters(m)) && llm_parameters(m) > 0.0);
}

static void check_same(const struct llm *a, const struct llm *b)
{
	FUZZ_CHECK(strcmp(a->family, b->family) == 0);
	FUZZ_CHECK(a->layers == b->layers && a->hidden == b->hidden);
	FUZZ_CHECK(a->heads == b->heads && a->kv_heads == b->kv_heads);
	FUZZ_CHECK(a->head_dim == b->head_dim && a->ffn == b->ffn);
	FUZZ_CHECK(a->experts == b->experts &&
		   a->experts_per_token == b->experts_per_token);
	FUZZ_CHECK(a->vocab == b->vocab &&
		   a->max_positions == b->max_positions);
	FUZZ_CHECK(a->ffn_gated == b->ffn_gated && a->rotary == b->rotary);
	FUZZ_CHECK(a->tied_embeddings == b->tied_embeddings);
}

bool fuzz_one(const char *text)
{
	struct diag d = { "" };
	struct llm m, again;
	char *printed;
	cJSON *json;

	if (llm_parse(text, "some/where/model.json", &m, &d) != STATUS_OK) {
		FUZZ_CHECK(d.text[0] != '\0' && strchr(d.text, '\n') == NULL);
		return false;
	}
	FUZZ_CHECK(strcmp(m.name, "model") == 0);
	check_geometry(&m);
	json = llm_json(&m);
	printed = cJSON_Print(json);
	FUZZ_CHECK(llm_parse(printed, "model", &again, &d) == STATUS_OK);
	check_same(&m, &again);
	cJSON_free(printed);
	cJSON_Delete(json);
	return true;
}
