/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/xalloc.h"
#include "tests/harness.h"

/* `text` parsed: fields between bars, rows between line feeds. */
static char *flat(const char *text, size_t size)
{
	FILE *in = fmemopen((void *)text, size, "r"), *out;
	struct csv *c = csv_new(in);
	struct diag d;
	size_t length;
	char *said;
	bool more = true;

	out = xmemstream(&said, &length);
	for (;;) {
		ck_assert_int_eq(csv_next(c, &more, &d), STATUS_OK);
		if (!more)
			break;
		for (size_t i = 0; i < csv_count(c); i++)
			fprintf(out, "|%s", csv_field(c, i));
		fprintf(out, "|%zu\n", csv_line(c));
	}
	xmemstream_close(out);
	csv_free(c);
	fclose(in);
	return said;
}

static void reads(const char *text, const char *expected)
{
	char *said = flat(text, strlen(text));

	ck_assert_str_eq(said, expected);
	free(said);
}

START_TEST(test_rows)
{
	reads("a,b\n2.385,x y\n", "|a|b|1\n|2.385|x y|2\n");
	reads("a,b\r\n1,2", "|a|b|1\n|1|2|2\n");
	reads("a,b\n,\n", "|a|b|1\n|||2\n");
	reads("a\n\n7\n", "|a|1\n||2\n|7|3\n");
	reads("a,b,\n1,2,", "|a|b||1\n|1|2||2\n");
}
END_TEST

/* EF BB BF in front is no part of the first name; any other EF is. */
START_TEST(test_byte_order_mark)
{
	reads("\xef\xbb\xbf" "a,b\n1,2\n", "|a|b|1\n|1|2|2\n");
	reads("\xef\xbb\xbf\"a,b\",c\n", "|a,b|c|1\n");
	reads("\xef\xbb\xbf", "");
	reads("\xef\xbc\xa1,b\n", "|\xef\xbc\xa1|b|1\n");
	reads("\xef\r\n7\n", "|\xef|1\n|7|2\n");
	reads("\xef\rb\n", "|\xef\rb|1\n");
	reads("\xef\xbb", "|\xef\xbb|1\n");
	reads("\xef", "|\xef|1\n");
	reads("a\n\xef\xbb\xbf\n", "|a|1\n|\xef\xbb\xbf|2\n");
}
END_TEST

START_TEST(test_quotes)
{
	reads("\"a\",\"b,c\"\n\"say \"\"x\"\"\",\"\"\n",
	      "|a|b,c|1\n|say \"x\"||2\n");
	/* a field of two lines counts both */
	reads("\"a\r\nb\",c\nd,\"e\"\n", "|a\nb|c|1\n|d|e|3\n");
	reads("\"\"\"\"", "|\"|1\n");
	reads("a\rb\n", "|a\rb|1\n");
}
END_TEST

START_TEST(what_is_quoted_is_read_back)
{
	static const struct {
		const char *text, *field;
	} cases[] = {
		{ "", "" },
		{ "2.385", "2.385" },
		{ "x y", "x y" },
		{ "b,c", "\"b,c\"" },
		{ "say \"x\"", "\"say \"\"x\"\"\"" },
		{ "\"\"", "\"\"\"\"\"\"" },
		{ "a\nb", "\"a\nb\"" },
		{ "a\rb", "\"a\rb\"" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char field[100], row[110], expected[110];
		size_t n = csv_quote(cases[i].text, field);

		ck_assert_uint_le(n, 2 * strlen(cases[i].text) + 2);
		ck_assert_uint_eq(n, strlen(cases[i].field));
		ck_assert_mem_eq(field, cases[i].field, n);
		snprintf(row, sizeof row, "%.*s,z\n", (int)n, field);
		snprintf(expected, sizeof expected, "|%s|z|1\n",
			 cases[i].text);
		reads(row, expected);
	}
}
END_TEST

static void refuses(const char *text, size_t size, const char *why)
{
	FILE *in = fmemopen((void *)text, size, "r");
	struct csv *c = csv_new(in);
	struct diag d = { "" };
	bool more = true;
	enum status s = STATUS_OK;

	while (s == STATUS_OK && more)
		s = csv_next(c, &more, &d);
	ck_assert_int_eq(s, STATUS_INVALID);
	ck_assert_str_eq(d.text, why);
	csv_free(c);
	fclose(in);
}

START_TEST(test_mistakes)
{
	static const struct {
		const char *text, *why;
	} all[] = {
		{ "a,b\n1\n",
		  "line 2: found 1 fields, expected 2 as in the first row" },
		{ "a,b\n1,2\n3,4,5\n",
		  "line 3: found 3 fields, expected 2 as in the first row" },
		{ "a,b\n1,2\n\n",
		  "line 3: found 1 fields, expected 2 as in the first row" },
		{ "a,b\n1,x\"y\"\n",
		  "line 2: found a quote within field 2, expected it around "
		  "the whole field, and doubled within" },
		{ "a,b\n\"1\"2,3\n",
		  "line 2: found text behind the closing quote of field 1, "
		  "expected a comma or the end of the line" },
		{ "a,b\n1,\"two\nlines\n",
		  "line 2: the quote that opens field 2 is never closed" },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		refuses(all[i].text, strlen(all[i].text), all[i].why);
	refuses("a\n1\0\n", 5, "line 2: found a NUL byte, expected text");
}
END_TEST

START_TEST(test_bounds)
{
	size_t size = CSV_MOST_BYTES + 2;
	char *text = xcalloc(size, 1);

	memset(text, 'x', size);
	refuses(text, size, "line 1: the row has more than 1048576 bytes");
	memset(text, ',', size);
	refuses(text, size, "line 1: the row has more than 4096 fields");
	free(text);
}
END_TEST

START_TEST(test_unreadable)
{
	FILE *in = fopen("/", "r");
	struct csv *c;
	struct diag d = { "" };
	bool more;

	ck_assert_ptr_nonnull(in);
	c = csv_new(in);
	ck_assert_int_eq(csv_next(c, &more, &d), STATUS_IO);
	ck_assert_str_eq(d.text, "line 1: Is a directory");
	csv_free(c);
	fclose(in);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("csv");
	TCase *t = tcase_create("csv");

	tcase_add_test(t, test_rows);
	tcase_add_test(t, test_byte_order_mark);
	tcase_add_test(t, test_quotes);
	tcase_add_test(t, what_is_quoted_is_read_back);
	tcase_add_test(t, test_mistakes);
	tcase_add_test(t, test_bounds);
	tcase_add_test(t, test_unreadable);
	suite_add_tcase(s, t);
	return harness_run(s);
}
