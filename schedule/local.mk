noinst_LIBRARIES += libschedule.a
libschedule_a_SOURCES = \
	%D%/accelerate_sequential.c %D%/accelerate_sequential.h \
	%D%/bound.c %D%/bound.h \
	%D%/graph.c %D%/graph.h \
	%D%/kvpr_row.c %D%/kvpr_row.h \
	%D%/load_all.c %D%/load_all.h \
	%D%/offloaded_cache.c %D%/offloaded_cache.h \
	%D%/plan.c %D%/plan.h \
	%D%/policy.c %D%/policy.h \
	%D%/recompute_all.c %D%/recompute_all.h \
	%D%/row.c %D%/row.h
