# All but main()
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	%D%/calibrate_report.c %D%/calibrate_report.h \
	%D%/chart.c %D%/chart.h \
	%D%/cmd_calibrate.c \
	%D%/cmd_diff.c \
	%D%/cmd_fit_budget.c \
	%D%/cmd_list.c \
	%D%/cmd_merge.c \
	%D%/cmd_place.c \
	%D%/cmd_plan.c \
	%D%/cmd_plot.c \
	%D%/cmd_reproduce.c \
	%D%/cmd_show.c \
	%D%/cmd_simulate.c \
	%D%/cmd_sweep.c \
	%D%/cmd_validate.c \
	%D%/cmd_worth.c \
	%D%/diff_plot.c %D%/diff_plot.h \
	%D%/diff_report.c %D%/diff_report.h \
	%D%/explain.c %D%/explain.h \
	%D%/fit_budget.c %D%/fit_budget.h \
	%D%/fit_report.c %D%/fit_report.h \
	%D%/gain_report.c %D%/gain_report.h \
	%D%/gantt.c %D%/gantt.h \
	%D%/grid.c %D%/grid.h \
	%D%/place_case.c %D%/place_case.h \
	%D%/place_export.c %D%/place_export.h \
	%D%/place_report.c %D%/place_report.h \
	%D%/plot.c %D%/plot.h \
	%D%/plot_file.c %D%/plot_file.h \
	%D%/plot_gantt.c \
	%D%/plot_heat.c \
	%D%/plot_line.c \
	%D%/plot_map.c \
	%D%/plot_pareto.c \
	%D%/plot_split.c \
	%D%/plot_tornado.c \
	%D%/sheet.c %D%/sheet.h \
	%D%/sweep_plot.c %D%/sweep_plot.h \
	%D%/validate.c %D%/validate.h \
	%D%/validate_plot.c %D%/validate_plot.h \
	%D%/value_set.c %D%/value_set.h \
	%D%/where.c %D%/where.h \
	%D%/worth_report.c %D%/worth_report.h

bin_PROGRAMS += kvplan
kvplan_SOURCES = %D%/main.c %D%/command.h sweep/ranks_alone.c
kvplan_LDADD = libcli.a libreproduce.a libsweep.a libevaluate.a liblp.a \
	libsim.a libtraces.a libplots.a libschedule.a libmodel.a libbase.a \
	$(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) $(SQLITE_LIBS)

# The same over MPI, which kvplan starts under mpirun
if HAVE_MPI
bin_PROGRAMS += kvplan-mpi
AM_CPPFLAGS += $(MPI_CFLAGS)
endif
kvplan_mpi_SOURCES = %D%/main.c sweep/ranks_mpi.c
kvplan_mpi_LDADD = $(kvplan_LDADD) $(MPI_LIBS)

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = %D%/kvplan.bash

# Every committed bundle of measured runs against its calibration
validate: kvplan$(EXEEXT)
	for runs in $(srcdir)/traces/*/runs; do \
		KVPLAN_DATADIR='$(abs_top_srcdir)' ./kvplan validate \
			"$${runs%/runs}" || exit 1; \
	done
.PHONY: validate
