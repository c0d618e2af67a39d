/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/resource.h"

extern char **environ;

void gnuplot_assign(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s = '", name);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputc('\'', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
	fputs("'\n", out);
}

static enum status find_format(const char *path, const char **format,
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
			 ".pdf, or --format", path);
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

/* The first line of gnuplot's that says something; locale warnings apart. */
static void first_message(FILE *errors, char *line, size_t size)
{
	rewind(errors);
	while (fgets(line, (int)size, errors) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strspn(line, " \t^") != strlen(line) &&
		    strstr(line, "warning:") == NULL)
			return;
	}
	snprintf(line, size, "no message");
}

static enum status spawn(FILE *input, FILE *errors, struct diag *d)
{
	char *const argv[] = { "gnuplot", "-d", NULL };
	posix_spawn_file_actions_t files;
	char line[256];
	int code, state;
	pid_t child;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fileno(input), 0);
	posix_spawn_file_actions_adddup2(&files, fileno(errors), 2);
	code = posix_spawnp(&child, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (code != 0)
		return diag_fail(d, STATUS_IO,
				 "gnuplot cannot be run (%s): install it "
				 "(Debian: gnuplot-nox), or write the numbers "
				 "with --data FILE", strerror(code));
	while (waitpid(child, &state, 0) < 0)
		if (errno != EINTR)
			return diag_fail(d, STATUS_IO, "gnuplot: %s",
					 strerror(errno));
	if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
		return STATUS_OK;
	first_message(errors, line, sizeof line);
	return diag_fail(d, STATUS_IO, "gnuplot failed: %s", line);
}

/* All that gnuplot reads, into `input`. */
static enum status compose(const char *script, const char *data,
			   const struct file_writer *w, const char *format,
			   FILE *input, struct diag *d)
{
	const char *path = w->temporary ? w->temporary : w->path;
	enum status s;

	gnuplot_assign(input, "OUTPUT",
		       w->stream == stdout ? "/dev/stdout" : path);
	gnuplot_assign(input, "FORMAT", format);
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

enum status gnuplot_draw(const char *script, const char *data,
			 const char *path, const char *format,
			 struct diag *d)
{
	FILE *input = NULL, *errors = NULL;
	struct file_writer w;
	enum status s;

	s = find_format(path, &format, d);
	if (s != STATUS_OK)
		return s;
	s = file_create(path, &w, d);
	if (s != STATUS_OK)
		return s;
	input = tmpfile();
	errors = tmpfile();
	if (input == NULL || errors == NULL)
		s = diag_fail(d, STATUS_IO, "temporary file: %s",
			      strerror(errno));
	if (s == STATUS_OK)
		s = compose(script, data, &w, format, input, d);
	if (s == STATUS_OK)
		s = spawn(input, errors, d);
	if (s == STATUS_OK)
		s = file_commit(&w, d);
	else
		file_abandon(&w);
	if (input != NULL)
		fclose(input);
	if (errors != NULL)
		fclose(errors);
	return s;
}
