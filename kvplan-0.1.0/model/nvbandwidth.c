/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/nvbandwidth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

bool nvbandwidth_is(const char *json)
{
	cJSON *doc = cJSON_Parse(json);
	bool found = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(
		doc, "nvbandwidth"));

	cJSON_Delete(doc);
	return found;
}

/* Numbers of the matrix are texts, in GB/s; "N/A" is none. */
static enum status parse_rate(const struct json *test, double *out,
			      struct diag *d)
{
	const cJSON *v;
	struct json matrix;
	double rate = 0.0;
	char *end = NULL;

	if (json_get_array(test, "bandwidth_matrix", &matrix, d) !=
	    STATUS_OK)
		return STATUS_INVALID;
	v = matrix.node->child;
	v = cJSON_IsArray(v) ? v->child : NULL;
	if (cJSON_IsNumber(v))
		rate = v->valuedouble;
	else if (cJSON_IsString(v))
		rate = strtod(v->valuestring, &end);
	if (!(rate > 1e-3 && rate < 1e6) || (end != NULL && *end != '\0'))
		return json_fail(test, "bandwidth_matrix", d,
				 "expected a rate in GB/s, first row, first "
				 "column");
	*out = 1e9 * rate;
	return STATUS_OK;
}

static enum status parse_test(const struct json *test,
			      struct nvbandwidth *n, struct diag *d)
{
	const struct {
		const char *name;
		double *rate;
	} all[] = {
		{ "host_to_device_memcpy_ce", &n->h2d },
		{ "device_to_host_memcpy_ce", &n->d2h },
		{ "host_to_device_bidirectional_memcpy_ce", &n->h2d_both },
		{ "device_to_host_bidirectional_memcpy_ce", &n->d2h_both },
	};
	const char *name, *status;

	if (!cJSON_IsObject(test->node))
		return json_fail(test, NULL, d, "expected an object");
	if (json_get_string(test, "name", &name, d) != STATUS_OK)
		return STATUS_INVALID;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (strcmp(name, all[i].name) != 0)
			continue;
		if (json_get_string(test, "status", &status, d) != STATUS_OK)
			return STATUS_INVALID;
		return strcmp(status, "Passed") != 0 ? STATUS_OK :
			parse_rate(test, all[i].rate, d);
	}
	return STATUS_OK;
}

static enum status parse_tests(const struct json *top, struct nvbandwidth *n,
			       struct diag *d)
{
	const char *version;
	struct json at, list;
	size_t i = 0;

	if (json_get_object(top, "nvbandwidth", &at, d) != STATUS_OK ||
	    json_get_array(&at, "testcases", &list, d) != STATUS_OK)
		return STATUS_INVALID;
	if (json_has(&at, "version") &&
	    json_get_string(&at, "version", &version, d) == STATUS_OK) {
		snprintf(n->version, sizeof n->version, "%s", version);
		text_clean(n->version);
	}
	for (const cJSON *v = list.node->child; v != NULL; v = v->next) {
		const struct json test = { v, &list, NULL, i++ };

		if (parse_test(&test, n, d) != STATUS_OK)
			return STATUS_INVALID;
	}
	if (n->h2d > 0.0 || n->d2h > 0.0)
		return STATUS_OK;
	return json_fail(&at, "testcases", d,
			 "found no host_to_device_memcpy_ce and no "
			 "device_to_host_memcpy_ce that passed");
}

enum status nvbandwidth_parse(const char *json, struct nvbandwidth *out,
			      struct diag *d)
{
	struct nvbandwidth n = { .version = "" };
	struct json top;
	cJSON *doc;
	enum status s = json_parse(json, &doc, &top, d);

	if (s != STATUS_OK)
		return s;
	s = parse_tests(&top, &n, d);
	cJSON_Delete(doc);
	if (s == STATUS_OK)
		*out = n;
	return s;
}
