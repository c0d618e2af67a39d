# A unit test is one file, test_MODULE.c, and one line below; it links with
# everything but kvplan-gpu.
if HAVE_CHECK
noinst_LIBRARIES += libharness.a
endif
libharness_a_SOURCES = \
	%D%/block_table.c %D%/block_table.h \
	%D%/flexgen_times.c %D%/flexgen_times.h \
	%D%/harness.c %D%/harness.h \
	%D%/json_edit.c %D%/json_edit.h \
	%D%/planned.c %D%/planned.h \
	%D%/random_block.c %D%/random_block.h \
	%D%/random_calibration.c %D%/random_calibration.h \
	%D%/random_case.c %D%/random_case.h \
	%D%/random_samples.c %D%/random_samples.h \
	%D%/random_place.c %D%/random_place.h \
	%D%/row_times.c %D%/row_times.h \
	%D%/run_check.c %D%/run_check.h \
	%D%/run_oracle.c %D%/run_oracle.h \
	%D%/scratch.c %D%/scratch.h \
	%D%/shapes.c %D%/shapes.h \
	%D%/steady_oracle.c %D%/steady_oracle.h \
	%D%/sweep_subject.c %D%/sweep_subject.h \
	%D%/toy_hardware.c %D%/toy_hardware.h \
	%D%/two_engines.c %D%/two_engines.h
libharness_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)

AM_CPPFLAGS += $(CHECK_CFLAGS)
LDADD = libharness.a libcli.a libreproduce.a libsweep.a libevaluate.a \
	liblp.a libsim.a libtraces.a libplots.a \
	libschedule.a libmodel.a libbase.a $(GLPK_LIBS) $(GSL_LIBS) $(CJSON_LIBS) \
	$(SQLITE_LIBS) $(CHECK_LIBS)

UNIT_TESTS = \
	%D%/test_block \
	%D%/test_block_work \
	%D%/test_budget \
	%D%/test_calibrate \
	%D%/test_calibrate_links \
	%D%/test_calibrate_power \
	%D%/test_calibration \
	%D%/test_certificate \
	%D%/test_chrome \
	%D%/test_claim \
	%D%/test_clock \
	%D%/test_contour \
	%D%/test_csv \
	%D%/test_curve \
	%D%/test_cycle \
	%D%/test_decision \
	%D%/test_diag \
	%D%/test_diff \
	%D%/test_digits \
	%D%/test_element \
	%D%/test_file \
	%D%/test_file_write \
	%D%/test_fingerprint \
	%D%/test_fit \
	%D%/test_flexgen \
	%D%/test_footprint \
	%D%/test_gnuplot \
	%D%/test_gnuplot_failures \
	%D%/test_gain \
	%D%/test_graph \
	%D%/test_graph_waits \
	%D%/test_hardware \
	%D%/test_hardware_set \
	%D%/test_histogram \
	%D%/test_issue \
	%D%/test_issue_order \
	%D%/test_jitter \
	%D%/test_json \
	%D%/test_layer \
	%D%/test_layer_span \
	%D%/test_layer_stored \
	%D%/test_link_chains \
	%D%/test_links \
	%D%/test_links_random \
	%D%/test_llm \
	%D%/test_max_min \
	%D%/test_measured \
	%D%/test_measurements \
	%D%/test_memory \
	%D%/test_metric \
	%D%/test_nearest \
	%D%/test_offload \
	%D%/test_palette \
	%D%/test_paper_split \
	%D%/test_period \
	%D%/test_period_policies \
	%D%/test_place \
	%D%/test_place_limits \
	%D%/test_place_floor \
	%D%/test_placement \
	%D%/test_plan \
	%D%/test_planner \
	%D%/test_planner_given \
	%D%/test_planner_flexgen \
	%D%/test_planner_column \
	%D%/test_policy \
	%D%/test_power_limit \
	%D%/test_prefill \
	%D%/test_prefill_clock \
	%D%/test_priority_queue \
	%D%/test_priority_queue_wrap \
	%D%/test_profile \
	%D%/test_quantity \
	%D%/test_queueing \
	%D%/test_refine \
	%D%/test_replicate \
	%D%/test_crossing \
	%D%/test_joint \
	%D%/test_reproduce \
	%D%/test_reproduce_items \
	%D%/test_resource \
	%D%/test_run \
	%D%/test_run_by_hand \
	%D%/test_run_closed \
	%D%/test_run_gpus \
	%D%/test_run_hbm \
	%D%/test_run_policies \
	%D%/test_run_stuck \
	%D%/test_sheet \
	%D%/test_skeleton \
	%D%/test_solver \
	%D%/test_solver_random \
	%D%/test_statistics \
	%D%/test_steady \
	%D%/test_step \
	%D%/test_sweep_choice \
	%D%/test_sweep_walk \
	%D%/test_sweep_worker \
	%D%/test_table \
	%D%/test_table1 \
	%D%/test_tangent \
	%D%/test_text \
	%D%/test_timeline \
	%D%/test_times \
	%D%/test_topology \
	%D%/test_trace \
	%D%/test_trust \
	%D%/test_waiting \
	%D%/test_upgrade \
	%D%/test_work \
	%D%/test_workload \
	%D%/test_worth \
	%D%/test_wrap

if HAVE_SQLITE
UNIT_TESTS += %D%/test_nsight
endif

if HAVE_CHECK
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

# Of kvplan-gpu what needs no GPU
gpu_test_libs = libharness.a libcuda_validate.a libtraces.a \
	libschedule.a libmodel.a libbase.a $(GPU_CJSON_LIBS) \
	$(CHECK_LIBS) $(CUDA_LIBS)
%C%_test_half_LDADD = $(gpu_test_libs)
%C%_test_host_attention_LDADD = $(gpu_test_libs)
%C%_test_job_LDADD = $(gpu_test_libs)
%C%_test_samples_LDADD = $(gpu_test_libs)
%C%_test_usage_LDADD = $(gpu_test_libs)
GPU_TESTS = \
	%D%/test_half \
	%D%/test_host_attention \
	%D%/test_job \
	%D%/test_samples \
	%D%/test_usage
if HAVE_CHECK
if HAVE_CUDA
check_PROGRAMS += $(GPU_TESTS)
TESTS += $(GPU_TESTS)
endif
endif

include %D%/scripts.mk

include %D%/bench/local.mk
