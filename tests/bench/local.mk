# SPDX-License-Identifier: GPL-3.0-or-later
# Figures of speed: not a test, machines are shared and noisy.  `bench` is of
# planning and whole simulations, `engine` of events and shared links, beside
# others' where these are installed; its JSON is
# tests/bench/engine.json.
EXTRA_PROGRAMS += %D%/bench %D%/engine
%C%_bench_SOURCES = %D%/bench.c
%C%_bench_LDADD = libcli.a libsweep.a libevaluate.a liblp.a libsim.a libtraces.a libplots.a \
	libschedule.a libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) \
	$(CJSON_LIBS) $(SQLITE_LIBS)
%C%_engine_SOURCES = \
	%D%/engine.c \
	%D%/hold.c %D%/hold.h \
	%D%/transfers.c %D%/transfers.h
%C%_engine_LDADD = libsim.a libbase.a $(CJSON_LIBS)

# SimGrid is linked into a program of its own, which `engine` runs.
if HAVE_SIMGRID
EXTRA_PROGRAMS += %D%/simgrid
bench_simgrid = %D%/simgrid$(EXEEXT)
bench_simgrid_flag = --simgrid $(bench_simgrid)
endif
%C%_simgrid_SOURCES = \
	%D%/simgrid.c \
	%D%/transfers.c %D%/transfers.h
%C%_simgrid_CPPFLAGS = $(AM_CPPFLAGS) $(SIMGRID_CFLAGS)
%C%_simgrid_LDADD = libsim.a libbase.a $(SIMGRID_LIBS)

# Compiled by tests/instructions.sh, with options of its own
EXTRA_DIST += %D%/count.c %D%/steps.c %D%/steps.h %D%/instructions.txt \
	%D%/simpy_hold.py

CLEANFILES += %D%/engine.json

bench: %D%/bench$(EXEEXT) %D%/engine$(EXEEXT) $(bench_simgrid)
	top_srcdir='$(srcdir)' %D%/bench$(EXEEXT)
	CC='$(CC)' VALGRIND='$(VALGRIND)' %D%/engine$(EXEEXT) \
		--json %D%/engine.json \
		--count $(srcdir)/tests/instructions.sh \
		--simpy $(srcdir)/%D%/simpy_hold.py $(bench_simgrid_flag)
.PHONY: bench
