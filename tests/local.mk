# A unit test is one file, test_MODULE.c, and one line below; it links with
# everything but the command line.
if HAVE_CHECK
noinst_LIBRARIES += libharness.a
endif
libharness_a_SOURCES = %D%/harness.c %D%/harness.h
libharness_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)

AM_CPPFLAGS += $(CHECK_CFLAGS)
LDADD = libharness.a liblp.a libsim.a libtraces.a libplots.a libschedule.a \
	libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) \
	$(CHECK_LIBS)

# Figures of speed: not a test, machines are shared and noisy
EXTRA_PROGRAMS = %D%/bench/bench
%C%_bench_bench_SOURCES = %D%/bench/bench.c
%C%_bench_bench_LDADD = liblp.a libsim.a libtraces.a libschedule.a \
	libmodel.a libbase.a $(GLPK_LIBS) $(CJSON_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)

bench: %D%/bench/bench$(EXEEXT)
	%D%/bench/bench$(EXEEXT)
.PHONY: bench
