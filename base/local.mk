noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	%D%/claim.c %D%/claim.h \
	%D%/csv.c %D%/csv.h \
	%D%/digits.c %D%/digits.h \
	%D%/diag.c %D%/diag.h \
	%D%/file.c %D%/file.h \
	%D%/fingerprint.c %D%/fingerprint.h \
	%D%/json.c %D%/json.h \
	%D%/nearest.c %D%/nearest.h \
	%D%/options.c %D%/options.h \
	%D%/program.c %D%/program.h \
	%D%/progress.c %D%/progress.h \
	%D%/provenance.c %D%/provenance.h \
	%D%/quantity.c %D%/quantity.h \
	%D%/resource.c %D%/resource.h \
	%D%/statistics.c %D%/statistics.h \
	%D%/table.c %D%/table.h \
	%D%/text.c %D%/text.h \
	%D%/threads.c %D%/threads.h \
	%D%/wrap.c %D%/wrap.h \
	%D%/xalloc.c %D%/xalloc.h
nodist_libbase_a_SOURCES = %D%/embedded.c
libbase_a_CPPFLAGS = $(AM_CPPFLAGS) -DKVPLAN_PKGDATADIR='"$(pkgdatadir)"'

EXTRA_DIST += %D%/embed.sh
CLEANFILES += %D%/embedded.c
BUILT_SOURCES += %D%/embedded.c

%D%/embedded.c: %D%/embed.sh $(EMBEDDED) Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	$(SHELL) $(srcdir)/%D%/embed.sh $(srcdir) $(EMBEDDED) >$@.part && \
	mv $@.part $@
