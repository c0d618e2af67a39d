/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/harness.h"

#include <stdlib.h>

#include "model/profile.h"

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
