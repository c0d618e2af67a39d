# All but what tells one process of a sweep from many
noinst_LIBRARIES += libsweep.a
libsweep_a_SOURCES = \
	%D%/axis.c %D%/axis.h \
	%D%/columns.c %D%/columns.h \
	%D%/draws.c %D%/draws.h \
	%D%/file.c %D%/file.h \
	%D%/launcher.c %D%/launcher.h \
	%D%/name.c %D%/name.h \
	%D%/point.c %D%/point.h \
	%D%/pool.c %D%/pool.h \
	%D%/ranks.h \
	%D%/row.c %D%/row.h \
	%D%/run.c %D%/run.h \
	%D%/simulate.c %D%/simulate.h \
	%D%/space.c %D%/space.h \
	%D%/sweep.c %D%/sweep.h \
	%D%/uncertain.c %D%/uncertain.h \
	%D%/walk.c %D%/walk.h \
	%D%/worker.c %D%/worker.h
