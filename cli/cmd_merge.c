/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/claim.h"
#include "base/file.h"
#include "base/options.h"
#include "base/xalloc.h"
#include "sweep/file.h"

static const struct option_set set = {
	.usage = "Usage: kvplan merge FILE... [OPTION]...\n"
		 "Put the shards of a sweep (kvplan sweep --shard) together, "
		 "in any order.\n",
	.output = "write FILE, and FILE.json (default: standard\noutput)",
	.most_operands = SWEEP_MOST_SHARDS,
};

/* A file that holds a shard. */
struct part {
	const char *path;
	cJSON *about;
	uint64_t index, of, first, end;
	FILE *stream;
	struct sweep_extent extent;
};

static enum status read_number(const struct part *p, const char *key,
			       uint64_t *out, struct diag *d)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(p->about, "shard"), key);

	if (!cJSON_IsNumber(v) || v->valuedouble < 0.0 ||
	    v->valuedouble > (double)SWEEP_MOST_POINTS)
		return diag_fail(d, STATUS_INVALID, "%.200s.json: shard.%s: "
				 "%s, expected a whole number", p->path, key,
				 v == NULL ? "missing" : "found another");
	*out = (uint64_t)v->valuedouble;
	return STATUS_OK;
}

static enum status read_part(const char *path, struct part *out,
			     struct diag *d)
{
	struct part p = { .path = path };
	enum status st = sweep_file_read_about(path, &p.about, d);

	if (st != STATUS_OK)
		return st;
	st = read_number(&p, "index", &p.index, d);
	if (st == STATUS_OK)
		st = read_number(&p, "of", &p.of, d);
	if (st == STATUS_OK)
		st = read_number(&p, "first", &p.first, d);
	if (st == STATUS_OK)
		st = read_number(&p, "end", &p.end, d);
	if (st != STATUS_OK)
		cJSON_Delete(p.about);
	else
		*out = p;
	return st;
}

static int by_index(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Of one sweep, and none missing or there twice. */
static enum status check_parts(struct part *parts, size_t n, struct diag *d)
{
	cJSON *like = cJSON_Duplicate(parts[0].about, 1);
	enum status st = STATUS_OK;

	cJSON_DeleteItemFromObjectCaseSensitive(like, "shard");
	for (size_t i = 1; i < n && st == STATUS_OK; i++)
		st = sweep_file_compare(parts[i].path, parts[i].about, like,
					d);
	cJSON_Delete(like);
	if (st != STATUS_OK)
		return st;
	qsort(parts, n, sizeof *parts, by_index);
	for (size_t i = 0; i < n; i++) {
		const struct part *p = &parts[i];

		if (p->of != parts[0].of)
			return diag_fail(d, STATUS_INVALID, "%.120s is one of "
					 "%" PRIu64 " shards, %.120s of %"
					 PRIu64, p->path, p->of,
					 parts[0].path, parts[0].of);
		if (i > 0 && p->index == parts[i - 1].index)
			return diag_fail(d, STATUS_INVALID, "%.120s and "
					 "%.120s are both shard %" PRIu64,
					 parts[i - 1].path, p->path,
					 p->index);
		if (p->index != i + 1 ||
		    (i > 0 && p->first != parts[i - 1].end))
			return diag_fail(d, STATUS_INVALID, "shard %zu of %"
					 PRIu64 " is missing", i + 1, p->of);
	}
	if (n == parts[0].of)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID, "shard %zu of %" PRIu64
			 " is missing", n + 1, parts[0].of);
}

/* Copy `bytes` of `in`, after its header, to `out`. */
static void copy(FILE *in, long long from, long long bytes, FILE *out)
{
	char buffer[1 << 16];

	if (fseek(in, (long)from, SEEK_SET) != 0)
		return;
	for (bytes -= from; bytes > 0;) {
		size_t want = bytes < (long long)sizeof buffer
			? (size_t)bytes : sizeof buffer;
		size_t got = fread(buffer, 1, want, in);

		if (got == 0)
			return;
		fwrite(buffer, 1, got, out);
		bytes -= (long long)got;
	}
}

/* Open `p` and see whether it is whole. */
static enum status open_part(struct part *p, const struct sweep_shape *shape,
			     struct diag *d)
{
	enum status st;

	p->stream = fopen(p->path, "r");
	if (p->stream == NULL)
		return diag_fail(d, STATUS_IO, "%.200s: %s", p->path,
				 strerror(errno));
	claim_stream(p->stream);
	st = sweep_file_scan(p->stream, p->path, shape, NULL, p->first, p->end,
			     &p->extent, d);
	if (st != STATUS_OK || p->extent.next == p->end)
		return st;
	return diag_fail(d, STATUS_INVALID, "%.200s: ends after point %" PRIu64
			 " of %" PRIu64 ": its sweep is not done, --resume "
			 "goes on with it", p->path, p->extent.next - p->first,
			 p->end - p->first);
}

/* What an unsharded sweep would have said, but for the command. */
static cJSON *describe(const struct part *parts, size_t n)
{
	cJSON *about = cJSON_Duplicate(parts[0].about, 1);
	cJSON *shard = cJSON_GetObjectItemCaseSensitive(about, "shard");

	cJSON_SetNumberValue(cJSON_GetObjectItem(shard, "index"), 1);
	cJSON_SetNumberValue(cJSON_GetObjectItem(shard, "of"), 1);
	cJSON_SetNumberValue(cJSON_GetObjectItem(shard, "end"),
			     (double)parts[n - 1].end);
	return about;
}

/* Merged into one of themselves, the shards would be gone. */
static enum status check_output(const struct part *parts, size_t n,
				const char *output, struct diag *d)
{
	struct stat to, from;

	if (strcmp(output, "-") == 0 || stat(output, &to) != 0)
		return STATUS_OK;
	for (size_t i = 0; i < n; i++)
		if (stat(parts[i].path, &from) == 0 &&
		    from.st_dev == to.st_dev && from.st_ino == to.st_ino)
			return diag_fail(d, STATUS_USAGE, "--output: found "
					 "%.200s, which is to be merged, "
					 "expected another file", output);
	return STATUS_OK;
}

static enum status write_all(const struct part *parts, size_t n,
			     const struct sweep_shape *shape,
			     const char *output, struct diag *d)
{
	struct sweep_text header = { .text = NULL };
	struct file_writer w;
	enum status st = file_create(output, &w, d);

	if (st != STATUS_OK)
		return st;
	sweep_row_header(shape, &header);
	fputs(header.text, w.stream);
	free(header.text);
	for (size_t i = 0; i < n; i++)
		copy(parts[i].stream, parts[i].extent.header,
		     parts[i].extent.bytes, w.stream);
	return file_commit(&w, d);
}

static enum status merge(struct part *parts, size_t n, const char *output,
			 struct diag *d)
{
	enum status st = check_output(parts, n, output, d);
	struct sweep_shape shape = { .n = 0 };

	if (st == STATUS_OK)
		st = check_parts(parts, n, d);
	if (st == STATUS_OK &&
	    !sweep_row_shape(cJSON_GetObjectItemCaseSensitive(parts[0].about,
							      "sweep"),
			     &shape))
		st = diag_fail(d, STATUS_INVALID, "%.200s.json: sweep: "
			       "expected vary, columns and format",
			       parts[0].path);
	for (size_t i = 0; i < n && st == STATUS_OK; i++)
		st = open_part(&parts[i], &shape, d);
	if (st == STATUS_OK)
		st = write_all(parts, n, &shape, output, d);
	sweep_row_clear_shape(&shape);
	if (st == STATUS_OK && strcmp(output, "-") != 0) {
		cJSON *about = describe(parts, n);

		st = sweep_file_describe(output, about, d);
		cJSON_Delete(about);
	}
	return st;
}

static enum status run(int argc, char **argv, struct diag *d)
{
	struct option_result parsed;
	enum status st = options_parse(argc, argv, &set, NULL, NULL, &parsed,
				       d);
	struct part *parts;
	size_t n = 0;

	if (st != STATUS_OK || parsed.done)
		return st;
	if (parsed.noperands == 0)
		return diag_fail(d, STATUS_USAGE, "expected the files to "
				 "merge");
	parts = xcalloc((size_t)parsed.noperands, sizeof *parts);
	while (st == STATUS_OK && n < (size_t)parsed.noperands) {
		st = read_part(parsed.operands[n], &parts[n], d);
		n += st == STATUS_OK;
	}
	if (st == STATUS_OK)
		st = merge(parts, n, parsed.output ? parsed.output : "-", d);
	for (size_t i = 0; i < n; i++) {
		cJSON_Delete(parts[i].about);
		if (parts[i].stream != NULL)
			fclose(parts[i].stream);
	}
	free(parts);
	return st;
}

const struct command command_merge = {
	"merge", "put the shards of a sweep together", run
};
