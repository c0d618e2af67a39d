noinst_LIBRARIES += libtraces.a
libtraces_a_SOURCES = \
	%D%/chain.c %D%/chain.h \
	%D%/chrome.c %D%/chrome.h \
	%D%/diff.c %D%/diff.h \
	%D%/import.c %D%/import.h \
	%D%/nsight.c %D%/nsight.h \
	%D%/timeline.c %D%/timeline.h \
	%D%/trace.c %D%/trace.h

EXTRA_DIST += %D%/h200-sxm %D%/h200-sxm-x2
