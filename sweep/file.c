/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/file.h"

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/claim.h"
#include "base/file.h"
#include "base/json.h"
#include "base/provenance.h"
#include "base/xalloc.h"

#define SCHEMA "kvplan-sweep-1"

struct sweep_shard sweep_file_shard(const struct sweep *s, size_t index,
				  size_t of)
{
	uint64_t each = s->space.points / of, more = s->space.points % of;
	uint64_t before = index - 1;
	uint64_t first = before * each + (before < more ? before : more);

	return (struct sweep_shard){ index, of, first,
				     first + each + (before < more) };
}

static enum status cannot(const char *path, struct diag *d)
{
	return diag_fail(d, STATUS_IO, "%.200s: %s", path, strerror(errno));
}

char *sweep_file_about(const char *path)
{
	size_t size = strlen(path) + sizeof ".json";
	char *about = xcalloc(size, 1);

	snprintf(about, size, "%s.json", path);
	return about;
}

enum status sweep_file_describe(const char *path, const cJSON *json,
				struct diag *d)
{
	char *about = sweep_file_about(path);
	enum status st = json_write(about, json, d);

	free(about);
	return st;
}

enum status sweep_file_read_about(const char *path, cJSON **out,
				  struct diag *d)
{
	char *about = sweep_file_about(path), *text;
	enum status st = file_read(about, &text, d);
	const char *schema;
	struct json top;

	if (st == STATUS_OK) {
		st = json_parse(text, out, &top, d);
		free(text);
		if (st == STATUS_OK) {
			st = json_get_string(&top, "schema", &schema, d);
			if (st == STATUS_OK && strcmp(schema, SCHEMA) != 0)
				st = json_fail(&top, "schema", d,
					       "found '%.40s', expected '%s'",
					       schema, SCHEMA);
			if (st != STATUS_OK)
				cJSON_Delete(*out);
		}
		if (st != STATUS_OK)
			diag_prefix(d, st, "%.120s", about);
	}
	free(about);
	return st;
}

static cJSON *describe(const struct sweep *s, const struct sweep_shard *shard)
{
	cJSON *o = cJSON_CreateObject(), *part;

	cJSON_AddStringToObject(o, "schema", SCHEMA);
	cJSON_AddItemToObject(o, "made_by", provenance_json());
	cJSON_AddStringToObject(o, "version", PACKAGE_VERSION);
	part = cJSON_AddObjectToObject(o, "shard");
	cJSON_AddNumberToObject(part, "index", (double)shard->index);
	cJSON_AddNumberToObject(part, "of", (double)shard->of);
	cJSON_AddNumberToObject(part, "first", (double)shard->first);
	cJSON_AddNumberToObject(part, "end", (double)shard->end);
	cJSON_AddItemToObject(o, "sweep", sweep_identity(s));
	return o;
}

/* The part of two lists of texts where they first differ. */
static void first_difference(const cJSON **a, const cJSON **b)
{
	while (cJSON_IsArray(*a) || cJSON_IsObject(*a)) {
		const cJSON *x = (*a)->child, *y = *b ? (*b)->child : NULL;

		while (x != NULL && y != NULL && cJSON_Compare(x, y, 1)) {
			x = x->next;
			y = y->next;
		}
		if (x == NULL || y == NULL)
			return;
		*a = x;
		*b = y;
	}
}

static void print_value(const cJSON *v, char *text, size_t size)
{
	char *printed = v ? cJSON_PrintUnformatted(v) : NULL;

	snprintf(text, size, "%.90s", printed ? printed : "nothing");
	cJSON_free(printed);
}

enum status sweep_file_compare(const char *path, const cJSON *found,
			       const cJSON *expected, struct diag *d)
{
	static const char *const members[] = { "version", "sweep", "shard" };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const char *name = members[i];
		const cJSON *b = cJSON_GetObjectItemCaseSensitive(expected,
								  name);
		const cJSON *a = cJSON_GetObjectItemCaseSensitive(found,
								  name);
		char is[100], ought[100];

		if (b == NULL || (a != NULL && cJSON_Compare(a, b, 1)))
			continue;
		if (a != NULL && strcmp(name, "sweep") == 0) {
			for (b = b->child; b != NULL; b = b->next) {
				name = b->string;
				a = cJSON_GetObjectItemCaseSensitive(
					cJSON_GetObjectItemCaseSensitive(
						found, "sweep"), name);
				if (a == NULL || !cJSON_Compare(a, b, 1))
					break;
			}
			if (b == NULL)
				continue;
		}
		if (a != NULL)
			first_difference(&a, &b);
		print_value(a, is, sizeof is);
		print_value(b, ought, sizeof ought);
		return diag_fail(d, STATUS_INVALID, "%.120s is of another "
				 "sweep: %s: found %s, expected %s", path,
				 name, is, ought);
	}
	return STATUS_OK;
}

static enum status wrong_line(const char *path, uint64_t line,
			      uint64_t expected, struct diag *d)
{
	return diag_fail(d, STATUS_INVALID, "%.200s: line %" PRIu64 ": "
			 "expected the row of point %" PRIu64, path, line,
			 expected);
}

/* Of a line of CSV; none of JSON Lines, whose header is "". */
static size_t count_fields(const char *line)
{
	bool quoted = false;
	size_t n = line[0] != '\0';

	for (; *line != '\0'; line++) {
		quoted ^= *line == '"';
		n += *line == ',' && !quoted;
	}
	return quoted ? 0 : n;
}

enum status sweep_file_scan(FILE *stream, const char *path,
			    enum sweep_format format, const char *header,
			    uint64_t first, uint64_t end,
			    struct sweep_extent *out, struct diag *d)
{
	struct sweep_extent e = { .next = first };
	enum status st = STATUS_OK;
	size_t fields = count_fields(header);
	uint64_t number = 0, point;
	size_t room = 0;
	char *line = NULL;
	ssize_t n;

	while (st == STATUS_OK && (n = getline(&line, &room, stream)) > 0 &&
	       line[n - 1] == '\n') {
		number++;
		if (number == 1 && header[0] != '\0') {
			if (strcmp(line, header) != 0)
				st = diag_fail(d, STATUS_INVALID, "%.200s: "
					       "line 1 is not the header of "
					       "this sweep", path);
		} else if (e.next == end ||
			   !sweep_row_point(format, line, (size_t)n - 1,
					    &point) || point != e.next ||
			   (fields > 0 && count_fields(line) != fields)) {
			st = wrong_line(path, number, e.next, d);
		} else {
			e.next++;
		}
		e.bytes += n;
	}
	if (st == STATUS_OK && ferror(stream))
		st = cannot(path, d);
	free(line);
	if (st == STATUS_OK)
		*out = e;
	return st;
}

/* Go on behind the whole rows of the file that is there. */
static enum status go_on(const struct sweep *s, const cJSON *about,
			 const struct sweep_shard *shard, const char *header,
			 struct sweep_file *f, struct diag *d)
{
	struct sweep_extent e;
	cJSON *found;
	enum status st = sweep_file_read_about(f->path, &found, d);

	if (st != STATUS_OK)
		return st;
	st = sweep_file_compare(f->path, found, about, d);
	cJSON_Delete(found);
	if (st == STATUS_OK)
		st = sweep_file_scan(f->stream, f->path, s->format, header,
				     shard->first, shard->end, &e, d);
	if (st != STATUS_OK)
		return st;
	if (ftruncate(fileno(f->stream), (off_t)e.bytes) != 0 ||
	    fseek(f->stream, 0, SEEK_END) != 0)
		return cannot(f->path, d);
	f->next = e.next;
	if (e.bytes == 0)
		fputs(header, f->stream);
	return STATUS_OK;
}

/*
 * What is there goes first: it must never stand beside another's about.  A
 * pipe or a device has none.
 */
static enum status begin(const cJSON *about, const char *header,
			 struct sweep_file *f, struct diag *d)
{
	enum status st = claim_check(f->path, d);
	struct stat info;

	if (st != STATUS_OK)
		return st;
	f->stream = fopen(f->path, "w");
	if (f->stream == NULL)
		return cannot(f->path, d);
	if (fstat(fileno(f->stream), &info) == 0 && S_ISREG(info.st_mode))
		st = sweep_file_describe(f->path, about, d);
	if (st == STATUS_OK)
		fputs(header, f->stream);
	return st;
}

enum status sweep_file_open(const struct sweep *s,
			    const struct sweep_shard *shard, const char *path,
			    bool resume, struct sweep_file *out,
			    struct diag *d)
{
	struct sweep_file f = { .path = path, .next = shard->first };
	struct sweep_text header = { .text = xcalloc(1, 1), .room = 1 };
	enum status st = STATUS_OK;
	cJSON *about;

	sweep_row_header(s, &header);
	header.text[header.length] = '\0';
	if (strcmp(path, "-") == 0) {
		f.stream = stdout;
		fputs(header.text, stdout);
		free(header.text);
		*out = f;
		return STATUS_OK;
	}
	about = describe(s, shard);
	f.stream = resume ? fopen(path, "r+") : NULL;
	if (resume && f.stream == NULL && errno != ENOENT)
		st = cannot(path, d);
	else if (f.stream != NULL)
		st = go_on(s, about, shard, header.text, &f, d);
	else
		st = begin(about, header.text, &f, d);
	cJSON_Delete(about);
	free(header.text);
	if (st == STATUS_OK)
		*out = f;
	else if (f.stream != NULL)
		fclose(f.stream);
	return st;
}

enum status sweep_file_close(struct sweep_file *f, struct diag *d)
{
	bool failed;

	if (f->stream == stdout)
		return STATUS_OK;	/* main() looks after it */
	failed = ferror(f->stream) != 0;
	if (fclose(f->stream) != 0 || failed)
		return cannot(f->path, d);
	return STATUS_OK;
}
