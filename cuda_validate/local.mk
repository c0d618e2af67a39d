# kvplan-gpu, built where configure finds nvcc and cuBLAS.  The kernels are
# CUDA C, everything else is C; neither GLPK nor GSL is linked.
if HAVE_CUDA
noinst_LIBRARIES += libcuda_validate.a
bin_PROGRAMS += %D%/kvplan-gpu
endif

cuda_kernels = \
	%D%/attention.cu %D%/attention.h \
	%D%/attention_state.cuh \
	%D%/compare.cu %D%/compare.h \
	%D%/elementwise.cu %D%/elementwise.h \
	%D%/fill.cu %D%/fill.h \
	%D%/probe.cu %D%/probe.h
libcuda_validate_a_CPPFLAGS = $(AM_CPPFLAGS) $(CUDA_CPPFLAGS)
libcuda_validate_a_SOURCES = $(cuda_kernels) \
	%D%/act.c %D%/act.h \
	%D%/attend.c %D%/attend.h \
	%D%/buffer.c %D%/buffer.h \
	%D%/cache.h \
	%D%/check.c %D%/check.h \
	%D%/check_step.c %D%/check_step.h \
	%D%/compute.c %D%/compute.h \
	%D%/contention.c %D%/contention.h \
	%D%/device.c %D%/device.h \
	%D%/half.c %D%/half.h \
	%D%/host_attention.c %D%/host_attention.h \
	%D%/host_work.c %D%/host_work.h \
	%D%/job.c %D%/job.h \
	%D%/machine.c %D%/machine.h \
	%D%/matmul.c %D%/matmul.h \
	%D%/measure.c %D%/measure.h \
	%D%/perform.c %D%/perform.h \
	%D%/pool.c %D%/pool.h \
	%D%/profile.c %D%/profile.h \
	%D%/profile_contention.c \
	%D%/profile_gemm.c \
	%D%/profile_host.c \
	%D%/profile_host_work.c \
	%D%/profile_kernels.c \
	%D%/profile_launch.c \
	%D%/profile_links.c \
	%D%/profile_power.c \
	%D%/profile_transfer.c \
	%D%/reference.c %D%/reference.h \
	%D%/runs.c %D%/runs.h \
	%D%/runtime.c %D%/runtime.h \
	%D%/samples.c %D%/samples.h \
	%D%/sensors.c %D%/sensors.h \
	%D%/session.c %D%/session.h \
	%D%/threads.c %D%/threads.h \
	%D%/timing.c %D%/timing.h \
	%D%/usage.c %D%/usage.h \
	%D%/workspace.c %D%/workspace.h

%C%_kvplan_gpu_SOURCES = \
	%D%/cmd_check.c \
	%D%/cmd_profile.c \
	%D%/cmd_run.c \
	%D%/command.h \
	%D%/main.c
%C%_kvplan_gpu_LDADD = libcuda_validate.a libtraces.a libschedule.a \
	libmodel.a libbase.a \
	$(GPU_CJSON_LIBS) $(CUDA_LIBS)

# One object for each kernel file: machine code for each architecture asked
# for.  Static locals need no guards and nothing throws, so that the objects
# link without a C++ library.
SUFFIXES += .cu
AM_NVCCFLAGS = -std=c++17 -O3 -I$(top_srcdir) $(CUDA_GENCODE) \
	-Xcompiler -Wall,-Wextra,-fno-exceptions,-fno-threadsafe-statics
cuda_verbose = $(cuda_verbose_@AM_V@)
cuda_verbose_ = $(cuda_verbose_@AM_DEFAULT_V@)
cuda_verbose_0 = @echo "  NVCC    " $@;

.cu.o:
	$(cuda_verbose)$(MKDIR_P) $(@D) && \
	$(NVCC) $(AM_NVCCFLAGS) $(NVCCFLAGS) -c -o $@ $<

%D%/attention.o: %D%/attention.h %D%/attention_state.cuh
%D%/compare.o: %D%/compare.h
%D%/elementwise.o: %D%/elementwise.h
%D%/fill.o: %D%/fill.h
%D%/probe.o: %D%/probe.h

EXTRA_DIST += %D%/README.md %D%/campaign.sh \
	%D%/make-plans.sh %D%/peers/hf_offloaded.py %D%/stages.sh \
	%D%/validate.sh
