# SPDX-License-Identifier: GPL-3.0-or-later
# Tests that are scripts; fuzz targets and valgrind, which are asked for.

TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(SHELL)
dist_check_SCRIPTS = \
	%D%/layering.sh \
	%D%/style.sh \
	%D%/profiles.sh \
	%D%/cli/calibrate.sh \
	%D%/cli/diff.sh \
	%D%/cli/jitter.sh \
	%D%/cli/least_need.sh \
	%D%/cli/list.sh \
	%D%/cli/output.sh \
	%D%/cli/place.sh \
	%D%/cli/plan.sh \
	%D%/cli/plan_baseline.sh \
	%D%/cli/plot.sh \
	%D%/cli/plot_csv.sh \
	%D%/cli/plot_fit.sh \
	%D%/cli/plot_stopped.sh \
	%D%/cli/plot_values.sh \
	%D%/cli/refused.sh \
	%D%/cli/reproduce.sh \
	%D%/cli/resume.sh \
	%D%/cli/resume_edited.sh \
	%D%/cli/sweep.sh \
	%D%/cli/sweep_memory.sh \
	%D%/cli/sweep_plot.sh \
	%D%/cli/sweep_usage.sh \
	%D%/cli/usage.sh \
	%D%/cli/validate.sh \
	%D%/cli/worth.sh \
	%D%/cli/wrong_files.sh \
	%D%/golden.sh \
	%D%/calibration.sh \
	%D%/gpu.sh \
	%D%/campaign.sh \
	%D%/peer.sh \
	%D%/readme.sh \
	%D%/reproduce.sh \
	%D%/headlines.sh \
	%D%/install.sh \
	%D%/instructions.sh
TESTS += $(dist_check_SCRIPTS)
EXTRA_DIST += %D%/harness.sh %D%/golden %D%/sweeps
# Not out of golden.sh, as a rule of make's own would have it.
%D%/golden: ;

# KVPLAN_DATADIR: profiles of an installed kvplan are not ours.  CK_...: a busy
# machine is no failure.
AM_TESTS_ENVIRONMENT = \
	LC_ALL=C; export LC_ALL; \
	CC='$(CC)'; export CC; \
	: $${CK_TIMEOUT_MULTIPLIER=10}; export CK_TIMEOUT_MULTIPLIER; \
	GNUPLOT='$(GNUPLOT)'; export GNUPLOT; \
	HAVE_CHECK=$(scripts_have_check); export HAVE_CHECK; \
	KVPLAN_DATADIR='$(abs_top_srcdir)'; export KVPLAN_DATADIR; \
	LIBRARY_CPPFLAGS='$(CJSON_CFLAGS) $(GSL_CFLAGS) $(CHECK_CFLAGS)'; \
	export LIBRARY_CPPFLAGS; \
	MAKE='$(MAKE)'; export MAKE; \
	MPIRUN='$(MPIRUN)'; export MPIRUN; \
	VALGRIND='$(VALGRIND)'; export VALGRIND; \
	bindir='$(bindir)'; export bindir; \
	mandir='$(mandir)'; export mandir; \
	pkgdatadir='$(pkgdatadir)'; export pkgdatadir; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir;
if HAVE_CHECK
scripts_have_check = yes
else
scripts_have_check = no
endif

# Fuzzing: seeds, then FUZZ_RUNS mutations of them, always the same.  It finds
# most when configured with --enable-asan --enable-ubsan.
FUZZ_RUNS = 20000
FUZZ_RUNS_OF_SAMPLES = 3000
fuzz_programs = \
	%D%/fuzz/fuzz_csv \
	%D%/fuzz/fuzz_hardware \
	%D%/fuzz/fuzz_llm \
	%D%/fuzz/fuzz_offload \
	%D%/fuzz/fuzz_plan \
	%D%/fuzz/fuzz_quantity \
	%D%/fuzz/fuzz_samples \
	%D%/fuzz/fuzz_trace
EXTRA_PROGRAMS += $(fuzz_programs)
fuzz_common = %D%/fuzz/driver.c %D%/fuzz/fuzz.h
fuzz_libs = liblp.a libsim.a libtraces.a libschedule.a libmodel.a libbase.a \
	$(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS)
%C%_fuzz_fuzz_csv_SOURCES = %D%/fuzz/fuzz_csv.c $(fuzz_common)
%C%_fuzz_fuzz_csv_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_hardware_SOURCES = %D%/fuzz/fuzz_hardware.c $(fuzz_common)
%C%_fuzz_fuzz_hardware_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_llm_SOURCES = %D%/fuzz/fuzz_llm.c $(fuzz_common)
%C%_fuzz_fuzz_llm_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_offload_SOURCES = %D%/fuzz/fuzz_offload.c $(fuzz_common)
%C%_fuzz_fuzz_offload_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_plan_SOURCES = %D%/fuzz/fuzz_plan.c $(fuzz_common)
%C%_fuzz_fuzz_plan_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_quantity_SOURCES = %D%/fuzz/fuzz_quantity.c $(fuzz_common)
%C%_fuzz_fuzz_quantity_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_samples_SOURCES = %D%/fuzz/fuzz_samples.c $(fuzz_common)
%C%_fuzz_fuzz_samples_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_trace_SOURCES = %D%/fuzz/fuzz_trace.c $(fuzz_common)
%C%_fuzz_fuzz_trace_LDADD = $(fuzz_libs)
EXTRA_DIST += %D%/fuzz/quantities.txt %D%/fuzz/samples.json
CLEANFILES += $(EXTRA_PROGRAMS) %D%/fuzz/*.plan fuzz-crash

fuzz_case = -m opt-125m -w a100-40gb-paper -b 3 -s 17 -g 5
fuzz_figures = --set host.attention_bytes_per_s=100GB/s \
	--set host.copy_bytes_per_s=10GB/s \
	--set link.d2h.pageable_bytes_per_s=5GB/s
fuzz_environment = KVPLAN_DATADIR='$(abs_top_srcdir)' \
	ASAN_OPTIONS=abort_on_error=1 \
	UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1
fuzz_run = $(fuzz_environment) %D%/fuzz/fuzz_

fuzz-smoke: kvplan$(EXEEXT) $(fuzz_programs)
	for policy in load-all kvpr-row kvpr-column kvpr-flexgen recompute-all \
			flexgen offloaded-cache accelerate-sequential \
			zero-inference cpu-attention; do \
		KVPLAN_DATADIR='$(abs_top_srcdir)' ./kvplan plan \
			$(fuzz_case) $(fuzz_figures) --policy $$policy \
			--output %D%/fuzz/$$policy.plan >/dev/null || exit 1; \
	done
	$(fuzz_run)quantity -n $(FUZZ_RUNS) -l $(srcdir)/%D%/fuzz/quantities.txt
	KVPLAN_DATADIR='$(abs_top_srcdir)' ./kvplan calibrate \
		$(srcdir)/tests/fuzz/samples.json \
		--output %D%/fuzz/calibration.plan >/dev/null
	$(fuzz_run)hardware -n $(FUZZ_RUNS) \
		$(srcdir)/model/profiles/hardware/*.json \
		%D%/fuzz/calibration.plan
	$(fuzz_run)csv -n $(FUZZ_RUNS) $(srcdir)/tests/sweeps/*.csv
	$(fuzz_run)llm -n $(FUZZ_RUNS) $(srcdir)/model/profiles/models/*.json
	$(fuzz_run)offload -n $(FUZZ_RUNS) \
		$(srcdir)/model/profiles/offload/*.json
	$(fuzz_run)samples -n $(FUZZ_RUNS_OF_SAMPLES) \
		$(srcdir)/tests/fuzz/samples.json
	rm -f %D%/fuzz/calibration.plan
	KVPLAN_DATADIR='$(abs_top_srcdir)' ./kvplan simulate $(fuzz_case) \
		--trace %D%/fuzz/trace.plan >/dev/null
	$(fuzz_run)trace -n $(FUZZ_RUNS_OF_SAMPLES) %D%/fuzz/trace.plan
	rm -f %D%/fuzz/trace.plan
	$(fuzz_run)plan -n $(FUZZ_RUNS) %D%/fuzz/*.plan

# The unit tests, and kvplan where it succeeds and where it fails.  Left out:
# test_gnuplot, as under valgrind posix_spawn() cannot tell what exec() said;
# the programs whose thousands of cases would take it more than twenty seconds
# each, and which the sanitizers run as they are.
VALGRIND = valgrind
valgrind_programs = $(check_PROGRAMS)
valgrind_tests = $(valgrind_programs:=.valgrind)
valgrind_left_out = */test_gnuplot* | */test_block.* | */test_certificate.* | \
	*/test_cycle.* | */test_flexgen.* | */test_links_random.* | \
	*/test_max_min.* | */test_paper_split.* | */test_period* | \
	*/test_place.* | */test_planner_column.* | */test_power_limit.* | \
	*/test_replicate.* | */test_run_policies.* | */test_steady.*
valgrind_run = CK_TIMEOUT_MULTIPLIER=50 top_srcdir='$(abs_top_srcdir)' \
	KVPLAN_DATADIR='$(abs_top_srcdir)' $(VALGRIND) --quiet \
	--suppressions='$(srcdir)/%D%/valgrind.supp' \
	--error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
EXTRA_DIST += %D%/valgrind.supp

$(valgrind_tests): $(valgrind_programs)
	@case $@ in $(valgrind_left_out)) exit 0 ;; esac; \
	program=$@; program=$${program%.valgrind}; \
	echo "valgrind $$program"; $(valgrind_run) ./$$program

check-valgrind: kvplan$(EXEEXT) $(valgrind_tests)
	$(valgrind_run) ./kvplan plan $(fuzz_case) --json >/dev/null
	$(valgrind_run) ./kvplan simulate $(fuzz_case) --trace - >/dev/null
	$(valgrind_run) ./kvplan simulate $(fuzz_case) --jitter 5% --jobs 3 \
		--json >/dev/null
	$(valgrind_run) ./kvplan sweep -m opt-125m -w h200 -g 9 -s 33 \
		--vary batch=1,3 --vary policy=auto,kvpr-row --simulate \
		--jobs 2 >/dev/null
	$(valgrind_run) ./kvplan sweep -m opt-125m -w h200 -g 9 -s 33 \
		--vary model.num_hidden_layers=3,5 -b 7 --draws 9 \
		--uncertain 'link.h2d.bytes_per_s=normal(9%)' >/dev/null
	$(valgrind_run) ./kvplan show hardware t4 >/dev/null
	$(valgrind_run) ./kvplan place -m opt-30b -w flexgen-t4 -s 512 -g 32 \
		-b 28 --json >/dev/null
	$(valgrind_run) ./kvplan plan $(fuzz_case) --set gpu=3 2>/dev/null; \
		test $$? -eq 2

# kvplan by other compilers: the same bytes.  Lists of make, as between quotes
# of the shell the mark of a line that goes on is a word.
determinism_sources = \
	$(libbase_a_SOURCES) $(nodist_libbase_a_SOURCES) \
	$(libmodel_a_SOURCES) $(libschedule_a_SOURCES) $(liblp_a_SOURCES) \
	$(libtraces_a_SOURCES) $(libsim_a_SOURCES) $(libplots_a_SOURCES) \
	$(libevaluate_a_SOURCES) $(libsweep_a_SOURCES) \
	$(libreproduce_a_SOURCES) $(libcli_a_SOURCES) $(kvplan_SOURCES)
determinism_libraries = \
	$(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) $(SQLITE_LIBS) $(LIBS)
EXTRA_DIST += %D%/determinism.sh
check-determinism: base/embedded.c
	@$(AM_TESTS_ENVIRONMENT) \
	SOURCES='$(determinism_sources)' \
	FLAGS='$(DEFS) -I. $(AM_CPPFLAGS) $(AM_CFLAGS)' \
	LIBRARIES='$(determinism_libraries)' \
		$(SHELL) $(srcdir)/%D%/determinism.sh

.PHONY: $(valgrind_tests) check-determinism check-valgrind fuzz-smoke
