/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sheet.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness.h"

/* A file in which every column takes two values. */
static FILE *two_rows(const char *header)
{
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	fprintf(f, "%s\n", header);
	for (int row = 3; row < 8; row += 4) {
		fprintf(f, "%d", row);
		for (const char *c = header; *c != '\0'; c++)
			if (*c == ',')
				fprintf(f, ",%d", row);
		putc('\n', f);
	}
	rewind(f);
	return f;
}

static struct sheet *opened(FILE *in)
{
	struct sheet *s;
	struct diag d;

	if (sheet_open(in, "some.csv", NULL, 0, &s, &d) != STATUS_OK)
		ck_abort_msg("%s", d.text);
	return s;
}

/* The names of the columns that vary as inputs, "a b ". */
static void name_varying(struct sheet *s, char *text, size_t size)
{
	struct diag d;

	if (sheet_read(s, &d) != STATUS_OK)
		ck_abort_msg("%s", d.text);
	text[0] = '\0';
	for (size_t i = 0; i < sheet_columns(s); i++)
		if (sheet_varies(s, i)) {
			size_t n = strlen(text);

			snprintf(text + n, size - n, "%s ", sheet_name(s, i));
		}
}

START_TEST(inputs_are_told_by_their_names)
{
	static const struct {
		const char *header, *inputs;
	} cases[] = {
		{ "point,batch,policy,prefetch,cached", "batch policy " },
		{ "point,prompt,prefetch,policy,cached,split",
		  "prompt prefetch policy " },
		{ "point,prefetch,prompt,cached", "prefetch prompt " },
		{ "point,prompt,step_s,split", "prompt " },
		{ "point,prompt,split,step_s", "prompt " },
		{ "point,split,step_s", "split " },
		{ "point,prompt,split,policy,prefetch",
		  "prompt split policy " },
		{ "point,link.h2d.bytes_per_s,worth.link.h2d.bytes_per_s,batch",
		  "link.h2d.bytes_per_s " },
		{ "point,model.num_hidden_layers,split_mean,batch",
		  "model.num_hidden_layers " },
		{ "height,width,step_s,depth", "height width " },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char inputs[200];
		FILE *in = two_rows(cases[i].header);
		struct sheet *s = opened(in);

		name_varying(s, inputs, sizeof inputs);
		ck_assert_str_eq(inputs, cases[i].inputs);
		sheet_free(s);
		fclose(in);
	}
}
END_TEST

START_TEST(inputs_are_those_that_one_says)
{
	static const char *const right[] = { "prefetch", "split" };
	static const char *const wrong[] = { "prefetch", "batch" };
	FILE *in = two_rows("point,prompt,split,prefetch,step_s");
	struct sheet *s = opened(in);
	char inputs[200];

	sheet_set_inputs(s, right, 2);
	sheet_set_inputs(s, wrong, 2);	/* of another file */
	name_varying(s, inputs, sizeof inputs);
	ck_assert_str_eq(inputs, "split prefetch ");
	sheet_free(s);
	fclose(in);
}
END_TEST

START_TEST(numbers_have_the_dimension_of_their_column)
{
	static const struct {
		const char *name;
		enum quantity quantity;
	} cases[] = {
		{ "step_s", QUANTITY_SECONDS },
		{ "step_s_mean", QUANTITY_SECONDS },
		{ "gain_pct_mean", QUANTITY_PERCENT },
		{ "win_pct", QUANTITY_PERCENT },
		{ "tokens_per_s", QUANTITY_NUMBER },
		{ "gpu_bytes", QUANTITY_BYTES },
		{ "split_p50", QUANTITY_NUMBER },
		{ "link.h2d.bytes_per_s", QUANTITY_BYTES_PER_S },
		{ "worth.link.h2d.bytes_per_s", QUANTITY_PERCENT },
		{ "gpu.flop_per_s", QUANTITY_FLOP_PER_S },
		{ "gpu.gemm_derate", QUANTITY_NUMBER },
		{ "model.num_hidden_layers", QUANTITY_NUMBER },
		{ "lots_of_s", QUANTITY_NUMBER },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_msg(sheet_quantity(cases[i].name) ==
				      cases[i].quantity,
			      "%s", cases[i].name);
}
END_TEST

/* A figure in a user's unit, and what there is instead. */
START_TEST(rows_are_let_through_by_value)
{
	static const char text[] =
		"point,link.h2d.bytes_per_s,step_s\n"
		"0,26000000000,3.5\n1,64000000000,\n2,26000000000,1.25\n";
	static const char *const cases[][2] = {
		{ "link.h2d.bytes_per_s=26 GB/s", NULL },
		{ "link.h2d.bytes_per_s=27 GB/s",
		  "--where link.h2d.bytes_per_s=27 GB/s: no row of some.csv; "
		  "there is 26000000000, 64000000000" },
	};

	for (size_t i = 0; i < 2; i++) {
		FILE *in = fmemopen((void *)text, sizeof text - 1, "r");
		struct diag d = { "" };
		struct sheet *s;
		size_t step;
		enum status st;

		ck_assert_int_eq(sheet_open(in, "some.csv", &cases[i][0], 1,
					    &s, &d), STATUS_OK);
		ck_assert_int_eq(sheet_want(s, "--y", "step_s", &step, &d),
				 STATUS_OK);
		st = sheet_read(s, &d);
		if (cases[i][1] == NULL) {
			ck_assert_int_eq(st, STATUS_OK);
			ck_assert_uint_eq(sheet_rows(s), 2);
			ck_assert_double_eq(sheet_number(s, step, 1), 1.25);
		} else {
			ck_assert_int_eq(st, STATUS_USAGE);
			ck_assert_str_eq(d.text, cases[i][1]);
		}
		sheet_free(s);
		fclose(in);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli/sheet");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, inputs_are_told_by_their_names);
	tcase_add_test(tc, inputs_are_those_that_one_says);
	tcase_add_test(tc, numbers_have_the_dimension_of_their_column);
	tcase_add_test(tc, rows_are_let_through_by_value);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
