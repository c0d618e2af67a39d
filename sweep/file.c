/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/file.h"

#include "config.h"

#include <assert.h>
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

/* The file beside `path`; the caller frees it. */
static char *about_file(const char *path)
{
	size_t size = strlen(path) + sizeof ".json";
	char *about = xcalloc(size, 1);

	snprintf(about, size, "%s.json", path);
	return about;
}

enum status sweep_file_describe(const char *path, const cJSON *json,
				struct diag *d)
{
	char *about = about_file(path);
	enum status st = json_write(about, json, d);

	free(about);
	return st;
}

enum status sweep_file_read_about(const char *path, cJSON **out,
				  struct diag *d)
{
	char *about = about_file(path), *text;
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

/* What the rows of a file are held against. */
struct scan {
	const struct sweep_shape *shape;
	const struct sweep *sweep;	/* NULL: the numbers of points alone */
	struct sweep_worker *worker;
	struct sweep_text expected;
	const char *path;
	uint64_t end, line;
};

static enum status check_row(struct scan *c, const char *row, uint64_t point,
			     bool whole, struct diag *d)
{
	enum status st;

	if (point == c->end)
		return diag_fail(d, STATUS_INVALID, "%.200s: line %" PRIu64
				 ": found a row, expected the end after point "
				 "%" PRIu64, c->path, c->line, point - 1);
	c->expected.length = 0;
	if (whole)
		sweep_row_add(c->sweep, c->worker, point, &c->expected);
	else if (c->sweep != NULL)
		sweep_row_begin(c->sweep, c->worker, point, &c->expected);
	else
		sweep_row_point(c->shape->format, point, &c->expected);
	sweep_row_end(&c->expected);
	st = sweep_row_check(c->shape, row, c->expected.text, d);
	return st == STATUS_OK
		? st : diag_prefix(d, st, "%.200s: line %" PRIu64 ": expected "
				   "the row of point %" PRIu64, c->path,
				   c->line, point);
}

static enum status check_header(const struct scan *c, const char *line,
				const char *header, struct diag *d)
{
	if (strcmp(line, header) == 0)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID, "%.200s: line 1: found '%.*s', "
			 "expected the header of this sweep, '%.*s'", c->path,
			 (int)strcspn(line, "\n"), line,
			 (int)strcspn(header, "\n"), header);
}

/* Read whole lines; the last one is left in `*line`. */
static enum status read_rows(struct scan *c, FILE *stream, const char *header,
			     char **line, struct sweep_extent *e,
			     struct diag *d)
{
	enum status st = STATUS_OK;
	char *next = NULL;
	size_t room = 0;
	ssize_t n;

	while (st == STATUS_OK && (n = getline(&next, &room, stream)) > 0 &&
	       next[n - 1] == '\n') {
		c->line++;
		if (c->line == 1 && header[0] != '\0') {
			st = check_header(c, next, header, d);
			e->header = n;
		} else {
			char *before = *line;

			st = check_row(c, next, e->next++, false, d);
			*line = next;
			next = before;
			room = before ? strlen(before) + 1 : 0;
		}
		e->bytes += n;
	}
	free(next);
	return st;
}

enum status sweep_file_scan(FILE *stream, const char *path,
			    const struct sweep_shape *shape,
			    const struct sweep *s, uint64_t first,
			    uint64_t end, struct sweep_extent *out,
			    struct diag *d)
{
	struct scan c = { .shape = shape, .sweep = s, .path = path,
			  .end = end };
	struct sweep_extent e = { .next = first };
	struct sweep_text header = { .text = NULL };
	char *last = NULL;
	enum status st;

	if (s != NULL)
		c.worker = sweep_worker_new(s);
	sweep_row_header(shape, &header);
	st = read_rows(&c, stream, header.text, &last, &e, d);
	if (st == STATUS_OK && ferror(stream))
		st = cannot(path, d);
	/* what it says is made anew once: another program's may differ */
	if (st == STATUS_OK && s != NULL && last != NULL)
		st = check_row(&c, last, e.next - 1, true, d);
	free(last);
	free(header.text);
	free(c.expected.text);
	sweep_worker_free(c.worker);
	if (st == STATUS_OK)
		*out = e;
	return st;
}

/* Go on behind the whole rows of the file that is there. */
static enum status go_on(const struct sweep *s, const cJSON *about,
			 const struct sweep_shard *shard,
			 const struct sweep_shape *shape, const char *header,
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
		st = sweep_file_scan(f->stream, f->path, shape, s,
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

/* The file `f->path`, on from where it ends or from the beginning. */
static enum status open_file(const struct sweep *s, const cJSON *about,
			     const struct sweep_shard *shard, bool resume,
			     const struct sweep_shape *shape,
			     const char *header, struct sweep_file *f,
			     struct diag *d)
{
	enum status st;

	f->stream = resume ? fopen(f->path, "r+") : NULL;
	if (resume && f->stream == NULL && errno != ENOENT)
		return cannot(f->path, d);
	st = f->stream != NULL
		? go_on(s, about, shard, shape, header, f, d)
		: begin(about, header, f, d);
	if (st != STATUS_OK && f->stream != NULL)
		fclose(f->stream);
	return st;
}

enum status sweep_file_open(const struct sweep *s,
			    const struct sweep_shard *shard, const char *path,
			    bool resume, struct sweep_file *out,
			    struct diag *d)
{
	struct sweep_file f = { .path = path, .next = shard->first };
	struct sweep_text header = { .text = NULL };
	enum status st = STATUS_OK;
	cJSON *about = describe(s, shard);
	struct sweep_shape shape;
	bool known = sweep_row_shape(cJSON_GetObjectItem(about, "sweep"),
				     &shape);

	assert(known);
	(void)known;
	sweep_row_header(&shape, &header);
	if (strcmp(path, "-") == 0) {
		f.stream = stdout;
		fputs(header.text, stdout);
	} else {
		st = open_file(s, about, shard, resume, &shape, header.text,
			       &f, d);
	}
	sweep_row_clear_shape(&shape);
	cJSON_Delete(about);
	free(header.text);
	if (st == STATUS_OK)
		*out = f;
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
