noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = \
	%D%/clock.c %D%/clock.h \
	%D%/histogram.c %D%/histogram.h \
	%D%/jitter.c %D%/jitter.h \
	%D%/links.c %D%/links.h \
	%D%/max_min.c %D%/max_min.h \
	%D%/paces.c %D%/paces.h \
	%D%/priority_queue.c %D%/priority_queue.h \
	%D%/replicate.c %D%/replicate.h \
	%D%/run.c %D%/run.h \
	%D%/streams.c %D%/streams.h \
	%D%/topology.c %D%/topology.h \
	%D%/waiting.c %D%/waiting.h
