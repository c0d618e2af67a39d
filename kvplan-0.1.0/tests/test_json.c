/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <string.h>

#include "tests/harness.h"

static struct diag d;
static struct json top;
static cJSON *doc;

static void open_doc(const char *text)
{
	enum status s = json_parse(text, &doc, &top, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	d = (struct diag){ "untouched" };
}

static void close_doc(void)
{
	cJSON_Delete(doc);
	doc = NULL;
}

/* parse */

static const struct {
	const char *text, *message;
} malformed[] = {
	{ "", "line 1, column 1: the JSON text ends too early" },
	{ "{\"a\": 2.385", "line 1, column 12: the JSON text ends too early" },
	{ "{\n \"a\": {\n  \"b\": 2,\n  \"c\":\n",
	  "line 5, column 1: the JSON text ends too early" },
	{ "{\"a\": nul}", "line 1, column 7: not JSON near 'nul}'" },
	{ "{\n  \"a\": 2.385,\n  \"b\" 17\n}",
	  "line 3, column 7: not JSON near '17 }'" },
	{ "{\"a\": 2.385} and then some",
	  "line 1, column 14: not JSON near 'and then som'" },
	{ "2.385", "found a number, expected a JSON object" },
	{ "[2.385]", "found an array, expected a JSON object" },
	{ "\"26 GB/s\"", "found a text, expected a JSON object" },
	{ "true", "found a truth value, expected a JSON object" },
	{ "null", "found null, expected a JSON object" },
	{ "{\"a\": 1, \"b\": 2, \"a\": 1}", "a: this name stands twice" },
	{ "{\"a\": [{\"b\": {\"c\": 1, \"c\": 2}}]}",
	  "a[0].b.c: this name stands twice" },
};

enum { MALFORMED = sizeof malformed / sizeof malformed[0] };

START_TEST(says_where_a_text_is_not_json)
{
	struct json before = { .key = "before", .index = 17 }, at = before;
	cJSON node, *out = &node;

	ck_assert_int_eq(json_parse(malformed[_i].text, &out, &at, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, malformed[_i].message);
	ck_assert_ptr_eq(out, &node);
	ck_assert_mem_eq(&at, &before, sizeof at);
}
END_TEST

START_TEST(a_document_may_stand_in_white_space)
{
	double x = 0.0;

	open_doc(" \n\t{ \"a\" : 2.385 } \n");
	ck_assert_ptr_null(top.parent);
	ck_assert_int_eq(json_get_quantity(&top, "a", QUANTITY_NUMBER,
					   JSON_ANY, &x, &d), STATUS_OK);
	ck_assert_double_eq(x, 2.385);
	close_doc();
}
END_TEST

/* members by type */

START_TEST(null_is_as_good_as_missing)
{
	open_doc("{\"a\": null, \"b\": 0, \"c\": false, \"d\": \"\"}");
	ck_assert(!json_has(&top, "a"));
	ck_assert(json_has(&top, "b"));
	ck_assert(json_has(&top, "c"));
	ck_assert(json_has(&top, "d"));
	ck_assert(!json_has(&top, "e"));
	ck_assert(!json_has(&top, "B"));	/* case matters */
	close_doc();
}
END_TEST

START_TEST(reads_each_type)
{
	struct json link, split;
	const char *text;
	size_t n;
	bool yes;

	open_doc("{\"title\": \"A100 \\u00b5\", \"tied\": true,"
		 " \"rotary\": false, \"layers\": 48,"
		 " \"link\": {\"h2d\": {\"latency_s\": 2.66e-6}},"
		 " \"split\": [182, 17, 3]}");
	ck_assert_int_eq(json_get_string(&top, "title", &text, &d),
			 STATUS_OK);
	ck_assert_str_eq(text, "A100 \xc2\xb5");
	ck_assert_int_eq(json_get_bool(&top, "tied", &yes, &d), STATUS_OK);
	ck_assert(yes);
	ck_assert_int_eq(json_get_bool(&top, "rotary", &yes, &d), STATUS_OK);
	ck_assert(!yes);
	ck_assert_int_eq(json_get_size(&top, "layers", 1, 100, &n, &d),
			 STATUS_OK);
	ck_assert_uint_eq(n, 48);
	ck_assert_int_eq(json_get_object(&top, "link", &link, &d),
			 STATUS_OK);
	ck_assert(json_has(&link, "h2d"));
	ck_assert_int_eq(json_get_array(&top, "split", &split, &d),
			 STATUS_OK);
	ck_assert_uint_eq(json_length(&split), 3);
	ck_assert_str_eq(d.text, "untouched");
	close_doc();
}
END_TEST

static const char zoo[] =
	"{\"number\": 2.385, \"text\": \"2.385 s\", \"truth\": true,"
	" \"null\": null, \"array\": [2.385], \"object\": {\"a\": 2.385}}";

/* What each key of the zoo holds; how many of six functions refuse it. */
static const struct {
	const char *key, *found;
	size_t refused;
} animals[] = {
	{ "number", "found a number", 4 },	/* it is a quantity as well */
	{ "text", "found '2.385 s'", 4 },	/* and so is this */
	{ "truth", "found a truth value", 5 },
	{ "null", "found null", 6 },
	{ "array", "found an array", 5 },
	{ "object", "found an object", 5 },
	{ "none", "missing", 6 },
};

enum { ANIMALS = sizeof animals / sizeof animals[0] };

static void check_failure(enum status s, size_t i, const char *expected)
{
	char message[256];

	snprintf(message, sizeof message, "%s: %s, expected %s",
		 animals[i].key, animals[i].found, expected);
	ck_assert_int_eq(s, STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
}

START_TEST(another_type_is_named_and_the_output_kept)
{
	const char *key = animals[_i].key, *text = "before";
	struct json before = { .index = 17 }, at = before;
	double x = 0.0625;
	size_t n = 17, provoked = 0;
	bool yes = true;
	enum status s;

	open_doc(zoo);
	s = json_get_object(&top, key, &at, &d);
	if (strcmp(key, "object") != 0) {
		check_failure(s, (size_t)_i, "an object");
		ck_assert_mem_eq(&at, &before, sizeof at);
		provoked++;
	}
	at = before;
	s = json_get_array(&top, key, &at, &d);
	if (strcmp(key, "array") != 0) {
		check_failure(s, (size_t)_i, "an array");
		ck_assert_mem_eq(&at, &before, sizeof at);
		provoked++;
	}
	s = json_get_string(&top, key, &text, &d);
	if (strcmp(key, "text") != 0) {
		check_failure(s, (size_t)_i, "a text");
		ck_assert_str_eq(text, "before");
		provoked++;
	}
	s = json_get_bool(&top, key, &yes, &d);
	if (strcmp(key, "truth") != 0) {
		check_failure(s, (size_t)_i, "true or false");
		ck_assert(yes);
		provoked++;
	}
	s = json_get_size(&top, key, 3, 17, &n, &d);
	if (strcmp(key, "number") != 0) {
		check_failure(s, (size_t)_i, "a whole number from 3 to 17");
		provoked++;
	}
	ck_assert_uint_eq(n, 17);
	s = json_get_quantity(&top, key, QUANTITY_SECONDS, JSON_ANY, &x, &d);
	if (strcmp(key, "number") != 0 && strcmp(key, "text") != 0) {
		check_failure(s, (size_t)_i,
			      "a number or a text such as '3 us'");
		ck_assert_double_eq(x, 0.0625);
		provoked++;
	}
	ck_assert_uint_eq(provoked, animals[_i].refused);
	close_doc();
}
END_TEST

/* whole numbers */

static const struct {
	const char *value, *found;	/* NULL: it is accepted */
} sizes[] = {
	{ "3", NULL },
	{ "17", NULL },
	{ "1.2e1", NULL },
	{ "2", "found 2" },
	{ "18", "found 18" },
	{ "-5", "found -5" },
	{ "2.385", "found 2.385" },
	{ "16.999999", "found 16.999999" },
	{ "1e300", "found 1e+300" },
	{ "1e999", "found inf" },
};

enum { SIZES = sizeof sizes / sizeof sizes[0] };

START_TEST(a_size_is_whole_and_in_range)
{
	char text[64], message[128];
	size_t n = 99;
	enum status s;

	snprintf(text, sizeof text, "{\"layers\": %s}", sizes[_i].value);
	open_doc(text);
	s = json_get_size(&top, "layers", 3, 17, &n, &d);
	if (sizes[_i].found == NULL) {
		ck_assert_int_eq(s, STATUS_OK);
		ck_assert_double_eq((double)n,
				    cJSON_GetObjectItem(doc, "layers")
					    ->valuedouble);
	} else {
		snprintf(message, sizeof message,
			 "layers: %s, expected a whole number from 3 to 17",
			 sizes[_i].found);
		ck_assert_int_eq(s, STATUS_INVALID);
		ck_assert_str_eq(d.text, message);
		ck_assert_uint_eq(n, 99);
	}
	close_doc();
}
END_TEST

/* quantities */

static double quantity(const char *key, enum quantity q, enum json_sign sign)
{
	double x = 0.0625;
	enum status s = json_get_quantity(&top, key, q, sign, &x, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	return x;
}

static void check_no_quantity(const char *key, enum quantity q,
			      enum json_sign sign, const char *message)
{
	double x = 0.0625;

	ck_assert_int_eq(json_get_quantity(&top, key, q, sign, &x, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
	ck_assert_double_eq(x, 0.0625);
}

START_TEST(a_quantity_is_a_number_or_a_text)
{
	open_doc("{\"a\": 2.385, \"b\": \"2.385 GB/s\", \"c\": -2.385,"
		 " \"d\": \"2.5 GiB/s\", \"e\": 0, \"f\": \"0 s\"}");
	ck_assert_double_eq(quantity("a", QUANTITY_SECONDS, JSON_POSITIVE),
			    2.385);
	ck_assert_double_eq(quantity("b", QUANTITY_BYTES_PER_S,
				     JSON_POSITIVE), 2.385e9);
	ck_assert_double_eq(quantity("c", QUANTITY_NUMBER, JSON_ANY), -2.385);
	ck_assert_double_eq(quantity("d", QUANTITY_BYTES_PER_S,
				     JSON_POSITIVE), 2684354560.0);
	ck_assert_double_eq(quantity("e", QUANTITY_BYTES, JSON_NOT_NEGATIVE),
			    0.0);
	ck_assert_double_eq(quantity("f", QUANTITY_SECONDS,
				     JSON_NOT_NEGATIVE), 0.0);
	close_doc();
}
END_TEST

START_TEST(a_quantity_out_of_range_is_refused)
{
	open_doc("{\"a\": 0, \"b\": -2.385, \"c\": 1e999, \"d\": -1e999,"
		 " \"e\": \"-3 us\"}");
	check_no_quantity("a", QUANTITY_BYTES, JSON_POSITIVE,
			  "a: found 0, expected a finite number > 0");
	check_no_quantity("b", QUANTITY_BYTES, JSON_POSITIVE,
			  "b: found -2.385, expected a finite number > 0");
	check_no_quantity("b", QUANTITY_BYTES, JSON_NOT_NEGATIVE,
			  "b: found -2.385, expected a finite number >= 0");
	check_no_quantity("c", QUANTITY_BYTES, JSON_ANY,
			  "c: found inf, expected a finite number");
	check_no_quantity("d", QUANTITY_BYTES, JSON_ANY,
			  "d: found -inf, expected a finite number");
	check_no_quantity("e", QUANTITY_SECONDS, JSON_NOT_NEGATIVE,
			  "e: found -3e-06, expected a finite number >= 0");
	close_doc();
}
END_TEST

START_TEST(a_text_that_is_no_quantity_is_quoted)
{
	open_doc("{\"a\": \"26 Gb/s\", \"b\": \"fast\", \"c\": \"3 GB\","
		 " \"d\": {\"e\": \"soon\"}}");
	check_no_quantity("a", QUANTITY_BYTES_PER_S, JSON_ANY,
			  "a: found '26 Gb/s', expected a number such as "
			  "'26 GB/s'");
	check_no_quantity("b", QUANTITY_FLOP_PER_S, JSON_ANY,
			  "b: found 'fast', expected a number such as "
			  "'312 TFLOP/s'");
	check_no_quantity("c", QUANTITY_SECONDS, JSON_ANY,
			  "c: found '3 GB', expected a number such as "
			  "'3 us'");
	close_doc();
}
END_TEST

/* The text that was found may hold the words of the message itself. */
START_TEST(a_text_with_the_words_of_the_message_is_quoted)
{
	open_doc("{\"a\": \"not a number\"}");
	check_no_quantity("a", QUANTITY_BYTES_PER_S, JSON_ANY,
			  "a: found 'not a number', expected a number such "
			  "as '26 GB/s'");
	close_doc();
}
END_TEST

/* paths */

START_TEST(a_message_names_the_whole_path)
{
	struct json link, h2d;
	double x;

	open_doc("{\"link\": {\"h2d\": {\"latency_s\": [2.66e-6]}}}");
	ck_assert_int_eq(json_get_object(&top, "link", &link, &d),
			 STATUS_OK);
	ck_assert_int_eq(json_get_object(&link, "h2d", &h2d, &d), STATUS_OK);
	ck_assert_int_eq(json_get_quantity(&h2d, "latency_s",
					   QUANTITY_SECONDS, JSON_ANY, &x,
					   &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "link.h2d.latency_s: found an array, "
			 "expected a number or a text such as '3 us'");
	ck_assert_int_eq(json_get_object(&h2d, "x", &link, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "link.h2d.x: missing, expected an object");
	ck_assert_int_eq(json_fail(&h2d, NULL, &d, "found %.3f", 2.385),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "link.h2d: found 2.385");
	ck_assert_int_eq(json_fail(&top, "gpu", &d, "%s", "no"),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "gpu: no");
	ck_assert_int_eq(json_fail(&top, NULL, &d, "found %.3f", 2.385),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "found 2.385");
	close_doc();
}
END_TEST

START_TEST(an_element_is_named_by_its_index)
{
	struct json plan, split;
	const cJSON *v;
	size_t n = 99, i = 0, read = 0;

	open_doc("{\"plan\": {\"split\": [182, 17, 2.5, \"x\", 183]}}");
	ck_assert_int_eq(json_get_object(&top, "plan", &plan, &d),
			 STATUS_OK);
	ck_assert_int_eq(json_get_array(&plan, "split", &split, &d),
			 STATUS_OK);
	for (v = split.node->child; v != NULL; v = v->next, i++)
		read += json_node_size(&split, v, i, 17, 182, &n, &d) ==
			STATUS_OK;
	ck_assert_uint_eq(read, 2);
	ck_assert_uint_eq(n, 17);	/* of the last that was right */
	ck_assert_str_eq(d.text, "plan.split[4]: found 183, expected a whole "
			 "number from 17 to 182");
	v = cJSON_GetArrayItem(split.node, 2);
	ck_assert_int_eq(json_node_size(&split, v, 2, 17, 182, &n, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "plan.split[2]: found 2.5, expected a whole "
			 "number from 17 to 182");
	v = cJSON_GetArrayItem(split.node, 3);
	ck_assert_int_eq(json_node_size(&split, v, 3, 17, 182, &n, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "plan.split[3]: found 'x', expected a whole "
			 "number from 17 to 182");
	ck_assert_uint_eq(n, 17);
	close_doc();
}
END_TEST

START_TEST(an_empty_array_has_no_elements)
{
	struct json split;

	open_doc("{\"split\": []}");
	ck_assert_int_eq(json_get_array(&top, "split", &split, &d),
			 STATUS_OK);
	ck_assert_uint_eq(json_length(&split), 0);
	close_doc();
}
END_TEST

START_TEST(a_message_is_one_line)
{
	const char *text;
	bool yes;

	open_doc("{\"a\\nb\": 2.385, \"c\": \"x\\ny\\u001b\"}");
	ck_assert_int_eq(json_get_string(&top, "a\nb", &text, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "a b: found a number, expected a text");
	ck_assert_int_eq(json_get_bool(&top, "c", &yes, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "c: found 'x y ', expected true or false");
	ck_assert_int_eq(json_fail(&top, "c", &d, "found '%s'", "x\ny"),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "c: found 'x y'");
	close_doc();
}
END_TEST

START_TEST(a_message_at_the_top_is_one_line)
{
	open_doc("{\"a\": 2.385}");
	ck_assert_int_eq(json_fail(&top, NULL, &d, "found '%s'", "x\ny"),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "found 'x y'");
	close_doc();
}
END_TEST

START_TEST(a_long_path_is_cut_and_the_message_kept)
{
	char text[4096] = "", key[121];
	struct json at[9];
	size_t found;

	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	for (size_t i = 0; i < 8; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text),
			 "{\"%s\": ", key);
	snprintf(text + strlen(text), sizeof text - strlen(text),
		 "{}}}}}}}}}");
	open_doc(text);
	at[0] = top;
	for (size_t i = 0; i < 8; i++)
		ck_assert_int_eq(json_get_object(&at[i], key, &at[i + 1],
						 &d), STATUS_OK);
	ck_assert_int_eq(json_fail(&at[8], NULL, &d, "found %.3f", 2.385),
			 STATUS_INVALID);
	found = strspn(d.text, "k.");
	ck_assert_uint_gt(found, 100);
	ck_assert_str_eq(d.text + found, ": found 2.385");
	close_doc();
}
END_TEST

/* unknown members */

static const char *const keys[] = { "prefetch", "policy", "split" };

START_TEST(known_members_pass)
{
	open_doc("{\"split\": 182, \"policy\": \"kvpr-row\"}");
	ck_assert_int_eq(json_only_keys(&top, keys, 3, &d), STATUS_OK);
	close_doc();
	open_doc("{}");
	ck_assert_int_eq(json_only_keys(&top, keys, 3, &d), STATUS_OK);
	ck_assert_str_eq(d.text, "untouched");
	close_doc();
}
END_TEST

START_TEST(an_unknown_member_is_refused_with_the_nearest)
{
	struct json plan;

	open_doc("{\"plan\": {\"split\": 182, \"polcy\": 2.385}}");
	ck_assert_int_eq(json_get_object(&top, "plan", &plan, &d),
			 STATUS_OK);
	ck_assert_int_eq(json_only_keys(&plan, keys, 3, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "plan.polcy: unknown name, the nearest is "
			 "'policy'");
	ck_assert_int_eq(json_only_keys(&top, keys, 3, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "plan: unknown name");
	close_doc();
	open_doc("{\"Split\": 182}");
	ck_assert_int_eq(json_only_keys(&top, keys, 3, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text,
			 "Split: unknown name, the nearest is 'split'");
	close_doc();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/json");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, says_where_a_text_is_not_json, 0, MALFORMED);
	tcase_add_test(tc, a_document_may_stand_in_white_space);
	tcase_add_test(tc, null_is_as_good_as_missing);
	tcase_add_test(tc, reads_each_type);
	tcase_add_loop_test(tc, another_type_is_named_and_the_output_kept, 0,
			    ANIMALS);
	tcase_add_loop_test(tc, a_size_is_whole_and_in_range, 0, SIZES);
	tcase_add_test(tc, a_quantity_is_a_number_or_a_text);
	tcase_add_test(tc, a_quantity_out_of_range_is_refused);
	tcase_add_test(tc, a_text_that_is_no_quantity_is_quoted);
	tcase_add_test(tc, a_text_with_the_words_of_the_message_is_quoted);
	tcase_add_test(tc, a_message_names_the_whole_path);
	tcase_add_test(tc, an_element_is_named_by_its_index);
	tcase_add_test(tc, an_empty_array_has_no_elements);
	tcase_add_test(tc, a_message_is_one_line);
	tcase_add_test(tc, a_message_at_the_top_is_one_line);
	tcase_add_test(tc, a_long_path_is_cut_and_the_message_kept);
	tcase_add_test(tc, known_members_pass);
	tcase_add_test(tc, an_unknown_member_is_refused_with_the_nearest);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
