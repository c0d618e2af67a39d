# SPDX-License-Identifier: GPL-3.0-or-later
# KVPLAN_CUDA - what kvplan-gpu needs: nvcc, the CUDA runtime (linked
# statically), cuBLAS (linked dynamically) and cJSON (statically where there
# is a static library).  Sets NVCC, CUDA_CPPFLAGS, CUDA_LIBS, CUDA_GENCODE,
# GPU_CJSON_LIBS, cuda_summary and the conditional HAVE_CUDA.
AC_DEFUN([KVPLAN_CUDA], [
AC_ARG_WITH([cuda],
	[AS_HELP_STRING([--with-cuda@<:@=DIR@:>@],
		[build kvplan-gpu with the CUDA toolkit in DIR (default: where
		nvcc is found)])],
	[], [with_cuda=check])
AC_ARG_WITH([static-cjson],
	[AS_HELP_STRING([--with-static-cjson=FILE],
		[a libcjson.a for kvplan-gpu, if there is none where cJSON is
		installed])],
	[], [with_static_cjson=check])
AC_ARG_VAR([NVCC], [CUDA compiler])
AC_ARG_VAR([NVCCFLAGS], [CUDA compiler flags])
AC_ARG_VAR([CUDA_GENCODE], [architectures for nvcc, as -gencode options])
AS_IF([test "x$CUDA_GENCODE" = x], [CUDA_GENCODE="dnl
-gencode arch=compute_80,code=sm_80 dnl
-gencode arch=compute_90,code=sm_90 dnl
-gencode arch=compute_90,code=compute_90"])

cuda_why=
AS_IF([test "x$with_cuda" = xno], [cuda_why='not asked for'], [
	cuda_path=$PATH:/usr/local/cuda/bin
	AS_CASE([$with_cuda], [yes|check], [],
		[cuda_path=$with_cuda/bin:$with_cuda])
	AC_PATH_PROG([NVCC], [nvcc], [], [$cuda_path])
	AS_IF([test "x$NVCC" = x], [cuda_why='no nvcc'], [KVPLAN_TRY_CUDA])
	AS_IF([test "x$cuda_why" != x && test "x$with_cuda" != xcheck],
		[AC_MSG_ERROR([kvplan-gpu cannot be built: $cuda_why])])])
AM_CONDITIONAL([HAVE_CUDA], [test "x$cuda_why" = x])
AC_SUBST([CUDA_CPPFLAGS])
AC_SUBST([CUDA_LIBS])

AS_CASE([$with_static_cjson],
	[check|yes|no], [cjson_archive=`$PKG_CONFIG --variable=libdir \
		libcjson 2>/dev/null`/libcjson.a],
	[cjson_archive=$with_static_cjson
	AS_IF([test ! -f "$cjson_archive"],
		[AC_MSG_ERROR([no such file: $cjson_archive])])])
AS_IF([test "x$with_static_cjson" != xno && test -f "$cjson_archive"],
	[GPU_CJSON_LIBS="$cjson_archive -lm" cjson_summary='static cJSON'],
	[GPU_CJSON_LIBS=$CJSON_LIBS cjson_summary='dynamic cJSON'])
AC_SUBST([GPU_CJSON_LIBS])
AS_IF([test "x$cuda_why" = x],
	[cuda_summary="yes, with $NVCC and $cjson_summary"],
	[cuda_summary="no: $cuda_why"])
])

# Find headers and libraries beside nvcc, then compile and link with them.
AC_DEFUN([KVPLAN_TRY_CUDA], [
cuda_root=`dirname "$NVCC"`/..
cuda_root=`cd "$cuda_root" && pwd`
for cuda_lib in "$cuda_root/lib64" "$cuda_root/lib"; do
	test -f "$cuda_lib/libcudart_static.a" && break
done
# CUDA's headers are not held to this project's warnings
CUDA_CPPFLAGS="-isystem $cuda_root/include"
CUDA_LIBS="-L$cuda_lib -Wl,-rpath,$cuda_lib -lcublas -lcudart_static"
CUDA_LIBS="$CUDA_LIBS -ldl -lrt -lpthread -lm"
kvplan_save_CPPFLAGS=$CPPFLAGS
kvplan_save_LIBS=$LIBS
CPPFLAGS="$CPPFLAGS $CUDA_CPPFLAGS"
LIBS="$CUDA_LIBS $LIBS"
AC_MSG_CHECKING([whether cuBLAS and the CUDA runtime link])
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <cublas_v2.h>
#include <cuda_runtime_api.h>]], [[cublasHandle_t h;
return (int)cublasCreate(&h) + (int)cudaFree(0);]])],
	[AC_MSG_RESULT([yes])],
	[AC_MSG_RESULT([no])
	cuda_why='cuBLAS or the static CUDA runtime does not link'])
CPPFLAGS=$kvplan_save_CPPFLAGS
LIBS=$kvplan_save_LIBS
AS_IF([test "x$cuda_why" = x], [
	AC_MSG_CHECKING([whether $NVCC works])
	echo '__global__ void k(void) { } void f(void) { k<<<1, 1>>>(); }' \
		>conftest.cu
	AS_IF(["$NVCC" $CUDA_GENCODE $NVCCFLAGS -c -o conftest.o conftest.cu \
			>&AS_MESSAGE_LOG_FD 2>&1],
		[AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no])
		cuda_why='nvcc does not compile (see config.log)'])
	rm -f conftest.cu conftest.o])
])
