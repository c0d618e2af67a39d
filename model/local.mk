noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	%D%/element.c %D%/element.h \
	%D%/figures.c %D%/figures.h \
	%D%/hardware.c %D%/hardware.h \
	%D%/layer.c %D%/layer.h \
	%D%/llm.c %D%/llm.h \
	%D%/memory.c %D%/memory.h \
	%D%/offload.c %D%/offload.h \
	%D%/placement.c %D%/placement.h \
	%D%/flexgen_cost.c %D%/flexgen_cost.h \
	%D%/offload_cost.c %D%/offload_cost.h \
	%D%/profile.c %D%/profile.h \
	%D%/work.c %D%/work.h \
	%D%/workload.c %D%/workload.h

include %D%/profiles/local.mk
