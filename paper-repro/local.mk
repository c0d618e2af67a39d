# SPDX-License-Identifier: GPL-3.0-or-later
# Tables and figures of the KVPR paper, as data: index.json lists them.
EMBEDDED += %D%/index.json \
	%D%/table-1/item.json %D%/table-1/README.md \
	%D%/figure-7/item.json %D%/figure-7/README.md \
	%D%/figure-6/item.json %D%/figure-6/README.md \
	%D%/figure-8/item.json %D%/figure-8/README.md \
	%D%/figure-10/item.json %D%/figure-10/README.md \
	%D%/table-2/item.json %D%/table-2/README.md \
	%D%/figure-9/item.json %D%/figure-9/README.md \
	%D%/a4/item.json %D%/a4/README.md \
	%D%/a5/item.json %D%/a5/README.md \
	%D%/a6/item.json %D%/a6/README.md \
	%D%/a7/item.json %D%/a7/README.md

noinst_LIBRARIES += libreproduce.a
libreproduce_a_SOURCES = \
	%D%/band.c %D%/band.h \
	%D%/claim.c %D%/claim.h \
	%D%/crew.c %D%/crew.h \
	%D%/crossing.c %D%/crossing.h \
	%D%/export.c %D%/export.h \
	%D%/fact.c %D%/fact.h \
	%D%/figure.c %D%/figure.h \
	%D%/figure_band.c %D%/figure_band.h \
	%D%/figure_points.c %D%/figure_points.h \
	%D%/files.c %D%/files.h \
	%D%/find.c %D%/find.h \
	%D%/headlines.c %D%/headlines.h \
	%D%/html.c %D%/html.h \
	%D%/html_tables.c %D%/html_tables.h \
	%D%/index.c %D%/index.h \
	%D%/item.c %D%/item.h \
	%D%/joint.c %D%/joint.h \
	%D%/joint_report.c %D%/joint_report.h \
	%D%/make.c %D%/make.h \
	%D%/measured.c %D%/measured.h \
	%D%/metric.c %D%/metric.h \
	%D%/report.c %D%/report.h \
	%D%/run.c %D%/run.h \
	%D%/study.c %D%/study.h \
	%D%/text.c %D%/text.h \
	%D%/view.c %D%/view.h \
	%D%/words.c %D%/words.h

REPRODUCED = %D%/out
REPRODUCED_FROM = kvplan$(EXEEXT) $(EMBEDDED) traces/h200-sxm/hardware.json \
	$(srcdir)/traces/h200-sxm/runs/*.json

# Every table and figure, held against the committed GPU's measured runs
paper-repro: $(REPRODUCED)/report.html
.PHONY: paper-repro

$(REPRODUCED)/report.html: $(REPRODUCED_FROM)
	$(AM_V_GEN)$(MKDIR_P) $(REPRODUCED) && \
	KVPLAN_DATADIR='$(abs_top_srcdir)' ./kvplan reproduce \
		--measured $(srcdir)/traces/h200-sxm --output $(REPRODUCED)

clean-local: clean-paper-repro
clean-paper-repro:
	rm -rf $(REPRODUCED)
