/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/resource.h"

extern char **environ;

void gnuplot_assign(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s = '", name);
	for (; *text != '\0'; text++)
		if (*text == '\'')	/* of the two quotings each takes one */
			fputs("' . \"'\" . '", out);
		else
			fputc(*text == '\n' ? ' ' : *text, out);
	fputs("'\n", out);
}

/* `percent` stands for a percent sign. */
static void write_quoted(const char *text, const char *percent, FILE *out)
{
	putc('"', out);
	for (; *text != '\0'; text++)
		if (*text == '%')
			fputs(percent, out);
		else
			putc(*text == '"' || *text == '\\' || *text == '`'
				? '\'' : (unsigned char)*text < ' ' ? ' '
				: *text, out);
	putc('"', out);
}

void gnuplot_write_word(const char *text, FILE *out)
{
	write_quoted(text, "%", out);
}

void gnuplot_write_tic(const char *text, FILE *out)
{
	write_quoted(text, "%%", out);
}

enum status gnuplot_format(const char *path, const char **format,
			   struct diag *d)
{
	static const char *const known[] = { "png", "svg", "pdf" };
	const char *asked = *format;

	if (asked == NULL) {
		asked = strrchr(path, '.');
		asked = asked ? asked + 1 : "";
	}
	for (size_t i = 0; i < 3; i++)
		if (strcmp(asked, known[i]) == 0) {
			*format = known[i];
			return STATUS_OK;
		}
	if (*format != NULL)
		return diag_fail(d, STATUS_USAGE,
				 "format: found '%.40s', expected png, svg or "
				 "pdf", asked);
	return diag_fail(d, STATUS_USAGE,
			 "%.200s: expected a name that ends in .png, .svg or "
			 ".pdf", path);
}

static enum status append_script(const char *name, FILE *out, struct diag *d)
{
	char resource[64], *text;
	enum status s;

	snprintf(resource, sizeof resource, "plots/%s.gp", name);
	s = resource_read(resource, &text, d);
	if (s != STATUS_OK)
		return s;
	fputs(text, out);
	free(text);
	return s;
}

/*
 * What gnuplot says is wrong: after the line with the caret, which stands
 * below an echo of the command; else the first line that is no warning.
 */
static void first_message(FILE *errors, char *message, size_t size)
{
	bool caret = false, first = true;
	char line[256];

	snprintf(message, size, "no message");
	rewind(errors);
	while (fgets(line, sizeof line, errors) != NULL) {
		char *text = line + strspn(line, " \t");

		text[strcspn(text, "\n")] = '\0';
		if (strcmp(text, "^") == 0) {
			caret = true;
			continue;
		}
		if (text[0] == '\0' || strstr(text, "warning:") != NULL)
			continue;
		if (caret || first)
			snprintf(message, size, "%s", text);
		first = false;
		if (caret)
			return;
	}
}

enum { NOT_FOUND = 127 };	/* exit status */

static enum status cannot_run(int code, struct diag *d)
{
	return diag_fail(d, STATUS_IO,
			 "gnuplot cannot be run (%s): install it (Debian: "
			 "gnuplot-nox)",
			 strerror(code));
}

static enum status spawn(FILE *input, FILE *picture, FILE *errors,
			 struct diag *d)
{
	char *const argv[] = { "gnuplot", "-d", NULL };
	posix_spawn_file_actions_t files;
	char line[256];
	int code, state;
	pid_t child;

	unsetenv("GNUTERM");	/* the scripts choose the terminal */
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fileno(input), 0);
	posix_spawn_file_actions_adddup2(&files, fileno(picture), 1);
	posix_spawn_file_actions_adddup2(&files, fileno(errors), 2);
	code = posix_spawnp(&child, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (code != 0)
		return cannot_run(code, d);
	while (waitpid(child, &state, 0) < 0)
		if (errno != EINTR)
			return diag_fail(d, STATUS_IO, "gnuplot: %s",
					 strerror(errno));
	if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
		return STATUS_OK;
	/* POSIX lets a missing program be told so, as valgrind does */
	if (WIFEXITED(state) && WEXITSTATUS(state) == NOT_FOUND)
		return cannot_run(ENOENT, d);
	first_message(errors, line, sizeof line);
	return diag_fail(d, STATUS_IO, "gnuplot failed: %s", line);
}

/* All that gnuplot reads, into `input`. */
static enum status compose(const char *script, const char *data,
			   const char *format, FILE *input, struct diag *d)
{
	enum status s;

	gnuplot_assign(input, "FORMAT", format);
	fputs("$key << EOD\nEOD\n", input);	/* unless the data has one */
	fputs(data, input);
	s = append_script("style", input, d);
	if (s == STATUS_OK)
		s = append_script(script, input, d);
	if (s == STATUS_OK && (fflush(input) != 0 || ferror(input)))
		s = diag_fail(d, STATUS_IO, "temporary file: %s",
			      strerror(errno));
	rewind(input);
	return s;
}

/* gnuplot does not notice when a write fails, so its output is a temporary
 * file, which is then copied with care; one without a name, which no signal
 * leaves behind. */
static enum status copy_picture(FILE *picture, const char *path,
				struct diag *d)
{
	struct file_writer w;
	char block[4096];
	size_t n;
	enum status s;

	rewind(picture);
	if (getc(picture) == EOF)
		return diag_fail(d, STATUS_IO, "gnuplot failed: no message, "
				 "and no picture");
	rewind(picture);
	s = file_create(path, &w, d);
	if (s != STATUS_OK)
		return s;
	while ((n = fread(block, 1, sizeof block, picture)) > 0)
		fwrite(block, 1, n, w.stream);
	if (!ferror(picture))
		return file_commit(&w, d);
	file_abandon(&w);
	return diag_fail(d, STATUS_IO, "temporary file: %s",
			 strerror(errno));
}

static enum status no_temporary(struct diag *d)
{
	return diag_fail(d, STATUS_IO, "temporary file: %s", strerror(errno));
}

/* Draw into `picture`; no `script`: only see that gnuplot runs. */
static enum status draw(const char *script, const char *data,
			const char *format, FILE *picture, struct diag *d)
{
	FILE *input = tmpfile(), *errors = tmpfile();
	enum status s;

	if (input == NULL || errors == NULL)
		s = no_temporary(d);
	else if (script == NULL)
		s = STATUS_OK;
	else
		s = compose(script, data, format, input, d);
	if (s == STATUS_OK)
		s = spawn(input, picture, errors, d);
	if (input != NULL)
		fclose(input);
	if (errors != NULL)
		fclose(errors);
	return s;
}

enum status gnuplot_check(struct diag *d)
{
	FILE *nothing = tmpfile();
	enum status s;

	if (nothing == NULL)
		return no_temporary(d);
	s = draw(NULL, NULL, NULL, nothing, d);
	fclose(nothing);
	return s;
}

enum status gnuplot_draw(const char *script, const char *data,
			 const char *path, const char *format,
			 struct diag *d)
{
	enum status s = gnuplot_format(path, &format, d);
	FILE *picture;

	if (s != STATUS_OK)
		return s;
	picture = tmpfile();
	if (picture == NULL)
		return no_temporary(d);
	s = draw(script, data, format, picture, d);
	if (s == STATUS_OK)
		s = copy_picture(picture, path, d);
	fclose(picture);
	return s;
}
