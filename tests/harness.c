/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/profile.h"

bool harness_finds(const char *program)
{
	const char *path = getenv("PATH");
	char file[4096];

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		snprintf(file, sizeof file, "%.*s/%s", (int)len, path,
			 program);
		if (access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

int harness_run(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

struct llm harness_model(const char *name)
{
	struct diag d = { "" };
	struct llm m;
	enum status s = llm_load(name, &m, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	return m;
}

struct hardware harness_hardware(const char *name)
{
	struct diag d = { "" };
	struct hardware hw;
	char *text;
	enum status s = profile_read(PROFILE_HARDWARE, name, &text, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	s = hardware_parse(text, &hw, &d);
	free(text);
	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	return hw;
}

struct workload harness_workload(size_t batch, size_t prompt, size_t gen)
{
	return (struct workload){ .batch = batch, .prompt = prompt,
				  .gen = gen, .num_batches = 1, .gpus = 1 };
}

void harness_same_model(const struct llm *a, const struct llm *b)
{
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->family, b->family);
	ck_assert_uint_eq(a->layers, b->layers);
	ck_assert_uint_eq(a->hidden, b->hidden);
	ck_assert_uint_eq(a->heads, b->heads);
	ck_assert_uint_eq(a->kv_heads, b->kv_heads);
	ck_assert_uint_eq(a->head_dim, b->head_dim);
	ck_assert_uint_eq(a->ffn, b->ffn);
	ck_assert_uint_eq(a->experts, b->experts);
	ck_assert_uint_eq(a->experts_per_token, b->experts_per_token);
	ck_assert_uint_eq(a->vocab, b->vocab);
	ck_assert_uint_eq(a->max_positions, b->max_positions);
	ck_assert_int_eq(a->ffn_gated, b->ffn_gated);
	ck_assert_int_eq(a->rotary, b->rotary);
	ck_assert_int_eq(a->learned_positions, b->learned_positions);
	ck_assert_int_eq(a->tied_embeddings, b->tied_embeddings);
}
