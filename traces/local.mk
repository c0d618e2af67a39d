noinst_LIBRARIES += libtraces.a
libtraces_a_SOURCES = \
	%D%/chrome.c %D%/chrome.h \
	%D%/timeline.c %D%/timeline.h

EXTRA_DIST += %D%/h200-sxm
