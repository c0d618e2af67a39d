bin_PROGRAMS += kvplan
kvplan_SOURCES = \
	%D%/case.c %D%/case.h \
	%D%/bundle.c %D%/bundle.h \
	%D%/calibrate_report.c %D%/calibrate_report.h \
	%D%/chart.c %D%/chart.h \
	%D%/cmd_calibrate.c \
	%D%/cmd_diff.c \
	%D%/cmd_fit_budget.c \
	%D%/cmd_list.c \
	%D%/cmd_place.c \
	%D%/cmd_plan.c \
	%D%/cmd_plot.c \
	%D%/cmd_reproduce.c \
	%D%/cmd_show.c \
	%D%/cmd_simulate.c \
	%D%/cmd_validate.c \
	%D%/cmd_worth.c \
	%D%/command.h \
	%D%/compare.c %D%/compare.h \
	%D%/diff_plot.c %D%/diff_plot.h \
	%D%/diff_report.c %D%/diff_report.h \
	%D%/evaluate.c %D%/evaluate.h \
	%D%/explain.c %D%/explain.h \
	%D%/gantt.c %D%/gantt.h \
	%D%/fit_budget.c %D%/fit_budget.h \
	%D%/fit_report.c %D%/fit_report.h \
	%D%/grid.c %D%/grid.h \
	%D%/main.c \
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
	%D%/validate.c %D%/validate.h \
	%D%/validate_plot.c %D%/validate_plot.h \
	%D%/worth_report.c %D%/worth_report.h
kvplan_LDADD = liblp.a libsim.a libtraces.a libplots.a libschedule.a \
	libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) \
	$(SQLITE_LIBS)

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = %D%/kvplan.bash

# Every committed bundle of measured runs against its calibration
validate: kvplan$(EXEEXT)
	for runs in $(srcdir)/traces/*/runs; do \
		KVPLAN_DATADIR='$(abs_top_srcdir)' ./kvplan validate \
			"$${runs%/runs}" || exit 1; \
	done
.PHONY: validate
