# A unit test is one file, test_MODULE.c, and one line below; it links with
# everything but the command line.
if HAVE_CHECK
noinst_LIBRARIES += libharness.a
endif
libharness_a_SOURCES = \
	%D%/block_table.c %D%/block_table.h \
	%D%/flexgen_times.c %D%/flexgen_times.h \
	%D%/harness.c %D%/harness.h \
	%D%/random_case.c %D%/random_case.h \
	%D%/row_times.c %D%/row_times.h \
	%D%/run_check.c %D%/run_check.h \
	%D%/run_oracle.c %D%/run_oracle.h
libharness_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)

AM_CPPFLAGS += $(CHECK_CFLAGS)
LDADD = libharness.a liblp.a libsim.a libtraces.a libplots.a libschedule.a \
	libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) \
	$(CHECK_LIBS)

UNIT_TESTS = \
	%D%/test_block \
	%D%/test_certificate \
	%D%/test_chrome \
	%D%/test_cycle \
	%D%/test_decision \
	%D%/test_diag \
	%D%/test_element \
	%D%/test_event_queue \
	%D%/test_fair_share \
	%D%/test_file \
	%D%/test_fingerprint \
	%D%/test_flexgen \
	%D%/test_footprint \
	%D%/test_gnuplot \
	%D%/test_graph \
	%D%/test_hardware \
	%D%/test_json \
	%D%/test_layer \
	%D%/test_layer_stored \
	%D%/test_llm \
	%D%/test_memory \
	%D%/test_nearest \
	%D%/test_paper_split \
	%D%/test_period \
	%D%/test_plan \
	%D%/test_planner \
	%D%/test_policy \
	%D%/test_prefill \
	%D%/test_profile \
	%D%/test_quantity \
	%D%/test_resource \
	%D%/test_run \
	%D%/test_run_policies \
	%D%/test_skeleton \
	%D%/test_solver \
	%D%/test_steady \
	%D%/test_table \
	%D%/test_table1 \
	%D%/test_text \
	%D%/test_timeline \
	%D%/test_times \
	%D%/test_work \
	%D%/test_workload \
	%D%/test_wrap

if HAVE_CHECK
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

include %D%/scripts.mk

# Figures of speed: not a test, machines are shared and noisy
EXTRA_PROGRAMS += %D%/bench/bench
%C%_bench_bench_SOURCES = %D%/bench/bench.c
%C%_bench_bench_LDADD = liblp.a libsim.a libtraces.a libschedule.a \
	libmodel.a libbase.a $(GLPK_LIBS) $(CJSON_LIBS)

bench: %D%/bench/bench$(EXEEXT)
	%D%/bench/bench$(EXEEXT)
.PHONY: bench
