noinst_LIBRARIES += libevaluate.a
libevaluate_a_SOURCES = \
	%D%/bundle.c %D%/bundle.h \
	%D%/case.c %D%/case.h \
	%D%/compare.c %D%/compare.h \
	%D%/evaluate.c %D%/evaluate.h \
	%D%/gain.c %D%/gain.h \
	%D%/outcome.c %D%/outcome.h \
	%D%/replications.c %D%/replications.h \
	%D%/request.c %D%/request.h
