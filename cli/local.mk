# All but main(), and what tells one process of a sweep from many
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	%D%/bundle.c %D%/bundle.h \
	%D%/calibrate_report.c %D%/calibrate_report.h \
	%D%/case.c %D%/case.h \
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
	%D%/command.c %D%/command.h \
	%D%/compare.c %D%/compare.h \
	%D%/diff_plot.c %D%/diff_plot.h \
	%D%/diff_report.c %D%/diff_report.h \
	%D%/evaluate.c %D%/evaluate.h \
	%D%/explain.c %D%/explain.h \
	%D%/gantt.c %D%/gantt.h \
	%D%/fit_budget.c %D%/fit_budget.h \
	%D%/fit_report.c %D%/fit_report.h \
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
	%D%/replications.c %D%/replications.h \
	%D%/reproduce_band.c %D%/reproduce_band.h \
	%D%/reproduce_export.c %D%/reproduce_export.h \
	%D%/reproduce_fact.c %D%/reproduce_fact.h \
	%D%/reproduce_figure.c %D%/reproduce_figure.h \
	%D%/reproduce_files.c %D%/reproduce_files.h \
	%D%/reproduce_headlines.c %D%/reproduce_headlines.h \
	%D%/reproduce_html.c %D%/reproduce_html.h \
	%D%/reproduce_html_tables.c %D%/reproduce_html_tables.h \
	%D%/reproduce_index.c %D%/reproduce_index.h \
	%D%/reproduce_item.c %D%/reproduce_item.h \
	%D%/reproduce_make.c %D%/reproduce_make.h \
	%D%/reproduce_measured.c %D%/reproduce_measured.h \
	%D%/reproduce_metric.c %D%/reproduce_metric.h \
	%D%/reproduce_run.c %D%/reproduce_run.h \
	%D%/reproduce_study.c %D%/reproduce_study.h \
	%D%/reproduce_text.c %D%/reproduce_text.h \
	%D%/reproduce_view.c %D%/reproduce_view.h \
	%D%/request.c %D%/request.h \
	%D%/sheet.c %D%/sheet.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/sweep_axis.c %D%/sweep_axis.h \
	%D%/sweep_case.c %D%/sweep_case.h \
	%D%/sweep_columns.c %D%/sweep_columns.h \
	%D%/sweep_draws.c %D%/sweep_draws.h \
	%D%/sweep_file.c %D%/sweep_file.h \
	%D%/sweep_name.c %D%/sweep_name.h \
	%D%/sweep_worker.c %D%/sweep_worker.h \
	%D%/sweep_pool.c %D%/sweep_pool.h \
	%D%/sweep_ranks.h \
	%D%/sweep_row.c %D%/sweep_row.h \
	%D%/sweep_run.c %D%/sweep_run.h \
	%D%/sweep_simulate.c %D%/sweep_simulate.h \
	%D%/sweep_space.c %D%/sweep_space.h \
	%D%/sweep_walk.c %D%/sweep_walk.h \
	%D%/sweep_uncertain.c %D%/sweep_uncertain.h \
	%D%/validate.c %D%/validate.h \
	%D%/validate_plot.c %D%/validate_plot.h \
	%D%/worth_report.c %D%/worth_report.h

bin_PROGRAMS += kvplan
kvplan_SOURCES = %D%/main.c %D%/sweep_ranks_alone.c
kvplan_LDADD = libcli.a liblp.a libsim.a libtraces.a libplots.a \
	libschedule.a libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) \
	$(CJSON_LIBS) $(SQLITE_LIBS)

# The same over MPI, which kvplan starts under mpirun
if HAVE_MPI
bin_PROGRAMS += kvplan-mpi
AM_CPPFLAGS += $(MPI_CFLAGS)
endif
kvplan_mpi_SOURCES = %D%/main.c %D%/sweep_ranks_mpi.c
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
