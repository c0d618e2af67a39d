noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	%D%/calibration.c %D%/calibration.h \
	%D%/curve.c %D%/curve.h \
	%D%/element.c %D%/element.h \
	%D%/calibrate.c %D%/calibrate.h \
	%D%/calibrate_curves.c %D%/calibrate_curves.h \
	%D%/calibrate_json.c %D%/calibrate_json.h \
	%D%/calibrate_links.c %D%/calibrate_links.h \
	%D%/calibrate_power.c %D%/calibrate_power.h \
	%D%/fit.c %D%/fit.h \
	%D%/fitted.c %D%/fitted.h \
	%D%/measurements.c %D%/measurements.h \
	%D%/measurements_check.c %D%/measurements_check.h \
	%D%/nvbandwidth.c %D%/nvbandwidth.h \
	%D%/figures.c %D%/figures.h \
	%D%/hardware.c %D%/hardware.h \
	%D%/layer.c %D%/layer.h \
	%D%/link_chains.c %D%/link_chains.h \
	%D%/llm.c %D%/llm.h \
	%D%/measured.c %D%/measured.h \
	%D%/memory.c %D%/memory.h \
	%D%/offload.c %D%/offload.h \
	%D%/pageable.c %D%/pageable.h \
	%D%/placement.c %D%/placement.h \
	%D%/flexgen_cost.c %D%/flexgen_cost.h \
	%D%/offload_cost.c %D%/offload_cost.h \
	%D%/sampled.c %D%/sampled.h \
	%D%/sampled_power.c %D%/sampled_power.h \
	%D%/power_limit.c %D%/power_limit.h \
	%D%/profile.c %D%/profile.h \
	%D%/work.c %D%/work.h \
	%D%/workload.c %D%/workload.h \
	%D%/workload_json.c %D%/workload_json.h

include %D%/profiles/local.mk
