/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/llm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/resource.h"
#include "tests/harness.h"
#include "tests/json_edit.h"

static struct diag d;

static struct llm parsed(const char *json, const char *name)
{
	struct llm m;
	enum status s = llm_parse(json, name, &m, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	return m;
}

static void check_refused(const char *json, const char *message)
{
	struct llm before, m;

	memset(&before, 0x5a, sizeof before);
	memcpy(&m, &before, sizeof m);
	ck_assert_int_eq(llm_parse(json, "toy", &m, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
	ck_assert_mem_eq(&m, &before, sizeof m);
}

/* Small, and no two numbers alike. */
static const char opt[] =
	"{\"model_type\": \"opt\", \"hidden_size\": 96,"
	" \"num_hidden_layers\": 5, \"num_attention_heads\": 6,"
	" \"ffn_dim\": 385, \"vocab_size\": 1001,"
	" \"max_position_embeddings\": 77}";

static const char llama[] =
	"{\"model_type\": \"llama\", \"hidden_size\": 96,"
	" \"num_hidden_layers\": 5, \"num_attention_heads\": 6,"
	" \"num_key_value_heads\": 2, \"head_dim\": 24,"
	" \"intermediate_size\": 385, \"vocab_size\": 1001,"
	" \"max_position_embeddings\": 77, \"rope_theta\": 10000.0}";

static const char mixtral[] =
	"{\"model_type\": \"mixtral\", \"hidden_size\": 96,"
	" \"num_hidden_layers\": 5, \"num_attention_heads\": 6,"
	" \"num_key_value_heads\": 3, \"intermediate_size\": 385,"
	" \"num_local_experts\": 7, \"num_experts_per_tok\": 2,"
	" \"vocab_size\": 1001, \"max_position_embeddings\": 77}";

/* parse */

START_TEST(reads_an_opt)
{
	struct llm m = parsed(opt, "dir/toy.json");

	ck_assert_str_eq(m.name, "toy");
	ck_assert_str_eq(m.family, "opt");
	ck_assert_uint_eq(m.hidden, 96);
	ck_assert_uint_eq(m.layers, 5);
	ck_assert_uint_eq(m.heads, 6);
	ck_assert_uint_eq(m.kv_heads, 6);	/* as the query heads */
	ck_assert_uint_eq(m.head_dim, 16);	/* 96 / 6 */
	ck_assert_uint_eq(m.ffn, 385);
	ck_assert_uint_eq(m.experts, 1);
	ck_assert_uint_eq(m.experts_per_token, 1);
	ck_assert_uint_eq(m.vocab, 1001);
	ck_assert_uint_eq(m.max_positions, 77);
	ck_assert(!m.ffn_gated && !m.rotary && m.learned_positions);
	ck_assert(m.tied_embeddings);
	ck_assert_uint_eq(llm_query_width(&m), 96);
	ck_assert_uint_eq(llm_kv_width(&m), 96);
	/* 4 * 96^2 + 2 * 96 * 385; (1001 + 77) * 96 */
	ck_assert_double_eq(llm_layer_elements(&m), 36864.0 + 73920.0);
	ck_assert_double_eq(llm_embedding_elements(&m), 103488.0);
	ck_assert_double_eq(llm_parameters(&m), 5 * 110784.0 + 103488.0);
}
END_TEST

START_TEST(reads_a_llama_of_grouped_heads)
{
	struct llm m = parsed(llama, "toy");

	ck_assert_uint_eq(m.kv_heads, 2);
	ck_assert_uint_eq(m.head_dim, 24);
	ck_assert(m.ffn_gated && m.rotary && !m.learned_positions);
	ck_assert(!m.tied_embeddings);
	ck_assert_uint_eq(llm_query_width(&m), 144);
	ck_assert_uint_eq(llm_kv_width(&m), 48);
	/* Q and O: 2 * 96 * 144, K and V: 2 * 96 * 48, FFN: 3 * 96 * 385 */
	ck_assert_double_eq(llm_layer_elements(&m),
			    27648.0 + 9216.0 + 110880.0);
	ck_assert_double_eq(llm_embedding_elements(&m), 2 * 1001 * 96.0);
}
END_TEST

START_TEST(reads_a_mixture_of_experts)
{
	struct llm m = parsed(mixtral, "toy");

	ck_assert_uint_eq(m.experts, 7);
	ck_assert_uint_eq(m.experts_per_token, 2);
	ck_assert_uint_eq(m.head_dim, 16);
	/* 2 * 96 * 96 + 2 * 96 * 48 + 7 * 3 * 96 * 385 */
	ck_assert_double_eq(llm_layer_elements(&m),
			    18432.0 + 9216.0 + 776160.0);
}
END_TEST

START_TEST(reads_the_experts_of_qwen3)
{
	static const char json[] =
		"{\"model_type\": \"qwen3_moe\", \"hidden_size\": 96,"
		" \"num_hidden_layers\": 5, \"num_attention_heads\": 6,"
		" \"intermediate_size\": 999, \"num_experts\": 9,"
		" \"moe_intermediate_size\": 55,"
		" \"num_experts_per_tok\": 4, \"vocab_size\": 1001,"
		" \"max_position_embeddings\": 77}";
	struct llm m = parsed(json, "toy");

	ck_assert_uint_eq(m.ffn, 55);
	ck_assert_uint_eq(m.experts, 9);
	ck_assert_uint_eq(m.experts_per_token, 4);
}
END_TEST

START_TEST(the_file_overrides_what_the_family_does)
{
	char *json = json_edit(opt, "", "tie_word_embeddings", "false");
	struct llm m = parsed(json, "toy");

	ck_assert(!m.tied_embeddings);
	ck_assert_double_eq(llm_embedding_elements(&m),
			    (2 * 1001 + 77) * 96.0);
	free(json);
	json = json_edit(llama, "", "tie_word_embeddings", "true");
	m = parsed(json, "toy");
	ck_assert(m.tied_embeddings);
	ck_assert_double_eq(llm_embedding_elements(&m), 1001 * 96.0);
	free(json);
}
END_TEST

/* Transformers writes "head_dim": null for some models. */
START_TEST(null_is_as_good_as_left_out)
{
	char *json = json_edit(llama, "", "head_dim", "null");
	struct llm m = parsed(json, "toy");

	ck_assert_uint_eq(m.head_dim, 16);
	free(json);
}
END_TEST

/* With head_dim stated, h need not be a multiple of the heads. */
START_TEST(a_head_dim_frees_the_hidden_size)
{
	char *json = json_edit(llama, "", "hidden_size", "100");
	struct llm m = parsed(json, "toy");

	ck_assert_uint_eq(m.hidden, 100);
	ck_assert_uint_eq(llm_query_width(&m), 144);
	free(json);
}
END_TEST

static const struct {
	const char *base, *key, *value, *message;
} wrong[] = {
	{ opt, "model_type", NULL, "model_type: missing, expected a text" },
	{ opt, "model_type", "\"bert\"",
	  "model_type: found 'bert', expected one of opt, llama, mistral, "
	  "qwen2, qwen3, mixtral, qwen3_moe" },
	{ opt, "model_type", "\"lama\"",
	  "model_type: found 'lama', expected one of opt, llama, mistral, "
	  "qwen2, qwen3, mixtral, qwen3_moe; the nearest is llama" },
	{ opt, "hidden_size", NULL,
	  "hidden_size: missing, expected a whole number from 1 to 1048576" },
	{ opt, "hidden_size", "0",
	  "hidden_size: found 0, expected a whole number from 1 to 1048576" },
	{ opt, "hidden_size", "1048577",
	  "hidden_size: found 1048577, expected a whole number from 1 to "
	  "1048576" },
	{ opt, "hidden_size", "\"96\"",
	  "hidden_size: found '96', expected a whole number from 1 to "
	  "1048576" },
	{ opt, "num_hidden_layers", "2.385",
	  "num_hidden_layers: found 2.385, expected a whole number from 1 to "
	  "10000" },
	{ opt, "num_attention_heads", NULL,
	  "num_attention_heads: missing, expected a whole number from 1 to "
	  "1048576" },
	{ llama, "num_key_value_heads", "4",
	  "num_key_value_heads: found 4, expected a divisor of "
	  "num_attention_heads 6" },
	{ llama, "num_key_value_heads", "12",
	  "num_key_value_heads: found 12, expected a divisor of "
	  "num_attention_heads 6" },
	{ llama, "num_key_value_heads", "0",
	  "num_key_value_heads: found 0, expected a whole number from 1 to "
	  "1048576" },
	{ opt, "hidden_size", "97",
	  "hidden_size: found 97, expected a multiple of "
	  "num_attention_heads 6" },
	{ opt, "ffn_dim", NULL,
	  "ffn_dim: missing, expected a whole number from 1 to 1048576" },
	{ llama, "intermediate_size", NULL,
	  "intermediate_size: missing, expected a whole number from 1 to "
	  "1048576" },
	{ llama, "head_dim", "-24",
	  "head_dim: found -24, expected a whole number from 1 to 1048576" },
	{ mixtral, "num_local_experts", NULL,
	  "num_local_experts: missing, expected a whole number from 1 to "
	  "10000" },
	{ mixtral, "num_experts_per_tok", "8",
	  "num_experts_per_tok: found 8, expected a whole number from 1 to "
	  "7" },
	{ opt, "vocab_size", "[1001]",
	  "vocab_size: found an array, expected a whole number from 1 to "
	  "16777216" },
	{ opt, "max_position_embeddings", NULL,
	  "max_position_embeddings: missing, expected a whole number from 1 "
	  "to 1073741824" },
	{ opt, "word_embed_proj_dim", "48",
	  "word_embed_proj_dim: found 48, expected hidden_size 96 (embedding "
	  "projections are not modelled)" },
	{ opt, "tie_word_embeddings", "1",
	  "tie_word_embeddings: found a number, expected true or false" },
};

enum { WRONG = sizeof wrong / sizeof wrong[0] };

START_TEST(says_what_is_wrong_with_a_config)
{
	char *json = json_edit(wrong[_i].base, "", wrong[_i].key,
			       wrong[_i].value);

	check_refused(json, wrong[_i].message);
	free(json);
}
END_TEST

START_TEST(a_text_that_is_not_json_is_refused)
{
	check_refused("model_type = opt",
		      "line 1, column 1: not JSON near 'model_type ='");
}
END_TEST

/* The message of an unknown family names those that are known. */
START_TEST(each_family_is_named)
{
	static const char known[] = "expected one of opt, llama, mistral, "
		"qwen2, qwen3, mixtral, qwen3_moe";
	char *json = json_edit(opt, "", "model_type", "\"bert\"");
	struct llm m;

	ck_assert_int_eq(llm_parse(json, "toy", &m, &d), STATUS_INVALID);
	ck_assert_msg(strstr(d.text, known) != NULL, "%s", d.text);
	free(json);
}
END_TEST

/* load */

START_TEST(loads_a_file_and_names_it_in_a_failure)
{
	char path[256], message[512];
	const char *tmp = getenv("TMPDIR");
	struct llm m;
	FILE *f;
	int fd;

	snprintf(path, sizeof path, "%s/kvplan-llm-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	fputs(llama, f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(llm_load(path, &m, &d), STATUS_OK);
	ck_assert_str_eq(m.name, strrchr(path, '/') + 1);
	ck_assert_uint_eq(m.head_dim, 24);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("{\"model_type\": \"opt\"}", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(llm_load(path, &m, &d), STATUS_INVALID);
	snprintf(message, sizeof message,
		 "%s: hidden_size: missing, expected a whole number from 1 "
		 "to 1048576", path);
	ck_assert_str_eq(d.text, message);
	ck_assert_uint_eq(m.head_dim, 24);
	unlink(path);
	ck_assert_int_eq(llm_load(path, &m, &d), STATUS_IO);
	snprintf(message, sizeof message, "%s: No such file or directory",
		 path);
	ck_assert_str_eq(d.text, message);
	ck_assert_uint_eq(m.head_dim, 24);
}
END_TEST

START_TEST(an_unknown_model_has_a_nearest)
{
	struct llm m = { .hidden = 17 };

	ck_assert_int_eq(llm_load("opt-6.8b", &m, &d), STATUS_UNKNOWN);
	ck_assert_str_eq(d.text, "unknown model 'opt-6.8b', the nearest is "
			 "'opt-6.7b' ('kvplan list models' names all)");
	ck_assert_uint_eq(m.hidden, 17);
}
END_TEST

/* write */

static void check_round_trip(const struct llm *m)
{
	cJSON *doc = llm_json(m);
	char *text = cJSON_Print(doc);
	struct llm back = parsed(text, m->name);

	harness_same_model(&back, m);
	cJSON_free(text);
	cJSON_Delete(doc);
}

/* The profiles that come with kvplan: all load and survive a round trip. */
START_TEST(every_shipped_model_loads)
{
	size_t n, loaded = 0;
	char **names = profile_names(PROFILE_MODEL, &n);

	for (size_t i = 0; i < n; i++, loaded++) {
		struct llm m = harness_model(names[i]);

		ck_assert_str_eq(m.name, names[i]);
		check_round_trip(&m);
	}
	ck_assert_uint_gt(loaded, 20);
	resource_names_free(names, n);
}
END_TEST

START_TEST(what_the_family_does_not_do_is_written)
{
	char *json = json_edit(opt, "", "tie_word_embeddings", "false");
	struct llm m = parsed(json, "toy");

	check_round_trip(&m);
	free(json);
	m = parsed(llama, "toy");
	check_round_trip(&m);
}
END_TEST

/*
 * Parameters as the model cards and the files' headers count them, biases
 * and norms included; those are under 0.1 % here.
 */
static const struct {
	const char *name;
	double parameters;
} published[] = {
	{ "opt-6.7b", 6.658e9 },
	{ "opt-13b", 12.853e9 },
	{ "opt-30b", 29.975e9 },
	{ "opt-175b", 174.6e9 },
	{ "llama-2-7b", 6.738e9 },
	{ "llama-2-13b", 13.016e9 },
	{ "llama-2-70b", 68.977e9 },
	{ "llama-3.1-8b", 8.030e9 },
	{ "llama-3.1-70b", 70.554e9 },
	{ "llama-3.1-405b", 405.85e9 },
	{ "mistral-7b", 7.242e9 },
	{ "mistral-nemo-12b", 12.248e9 },
	{ "mixtral-8x7b", 46.703e9 },
	{ "mixtral-8x22b", 140.62e9 },
	{ "qwen2.5-7b", 7.616e9 },
	{ "qwen2.5-72b", 72.706e9 },
	{ "qwen3-8b", 8.191e9 },
	{ "qwen3-14b", 14.768e9 },
	{ "qwen3-32b", 32.762e9 },
	{ "qwen3-30b-a3b", 30.532e9 },
};

enum { PUBLISHED = sizeof published / sizeof published[0] };

START_TEST(parameters_are_as_published)
{
	struct llm m = harness_model(published[_i].name);

	ck_assert_double_eq_tol(llm_parameters(&m) /
					published[_i].parameters,
				1.0, 1e-3);
}
END_TEST

/* The number in the name "opt-6.7b" is 6.7e9, within a rounding of it. */
START_TEST(parameters_are_as_the_name_says)
{
	struct llm small = harness_model("opt-6.7b");
	struct llm large = harness_model("opt-30b");

	ck_assert_double_eq_tol(llm_parameters(&small) / 6.7e9, 1.0, 0.01);
	ck_assert_double_eq_tol(llm_parameters(&large) / 30e9, 1.0, 0.01);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/llm");
	TCase *parse = tcase_create("parse"), *use = tcase_create("use");

	tcase_add_test(parse, reads_an_opt);
	tcase_add_test(parse, reads_a_llama_of_grouped_heads);
	tcase_add_test(parse, reads_a_mixture_of_experts);
	tcase_add_test(parse, reads_the_experts_of_qwen3);
	tcase_add_test(parse, the_file_overrides_what_the_family_does);
	tcase_add_test(parse, null_is_as_good_as_left_out);
	tcase_add_test(parse, a_head_dim_frees_the_hidden_size);
	tcase_add_loop_test(parse, says_what_is_wrong_with_a_config, 0,
			    WRONG);
	tcase_add_test(parse, a_text_that_is_not_json_is_refused);
	tcase_add_test(parse, each_family_is_named);
	suite_add_tcase(s, parse);
	tcase_add_test(use, loads_a_file_and_names_it_in_a_failure);
	tcase_add_test(use, an_unknown_model_has_a_nearest);
	tcase_add_test(use, every_shipped_model_loads);
	tcase_add_test(use, what_the_family_does_not_do_is_written);
	tcase_add_loop_test(use, parameters_are_as_published, 0, PUBLISHED);
	tcase_add_test(use, parameters_are_as_the_name_says);
	suite_add_tcase(s, use);
	return harness_run(s);
}
