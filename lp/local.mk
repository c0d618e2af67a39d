noinst_LIBRARIES += liblp.a
liblp_a_SOURCES = \
	%D%/certificate.c %D%/certificate.h \
	%D%/choices.c %D%/choices.h \
	%D%/cycle.c %D%/cycle.h \
	%D%/place.c %D%/place.h \
	%D%/place_blame.c %D%/place_blame.h \
	%D%/place_program.c %D%/place_program.h \
	%D%/kept_graphs.c %D%/kept_graphs.h \
	%D%/paper_split.c %D%/paper_split.h \
	%D%/period.c %D%/period.h \
	%D%/planner.c %D%/planner.h \
	%D%/refine.c %D%/refine.h \
	%D%/skeleton.c %D%/skeleton.h \
	%D%/solver.c %D%/solver.h \
	%D%/steady.c %D%/steady.h \
	%D%/step.c %D%/step.h \
	%D%/times.c %D%/times.h
