/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/matmul.h"

#include <stdlib.h>

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include "base/xalloc.h"
#include "cuda_validate/buffer.h"

/* What NVIDIA recommends for Hopper; more than it does for Ampere. */
enum { WORKSPACE_BYTES = 32 << 20 };

struct matmul {
	struct device *g;
	cublasHandle_t handle;
	struct buffer workspace;
	cudaStream_t stream;
};

struct matmul *matmul_new(struct device *g)
{
	struct matmul *p = xcalloc(1, sizeof *p);

	p->g = g;
	/* partial sums of a split product stay in fp32: check.h counts on one
	 * rounding for each product */
	if (buffer_alloc(g, BUFFER_DEVICE, WORKSPACE_BYTES, &p->workspace) &&
	    device_blas_ok(g, cublasCreate(&p->handle), "cublasCreate") &&
	    device_blas_ok(g, cublasSetWorkspace(p->handle,
						 p->workspace.data,
						 WORKSPACE_BYTES),
			   "cublasSetWorkspace") &&
	    device_blas_ok(g, cublasSetMathMode(p->handle,
			   CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
			   "cublasSetMathMode"))
		return p;
	matmul_free(p);
	return NULL;
}

void matmul_free(struct matmul *p)
{
	if (p == NULL)
		return;
	if (p->handle != NULL)
		(void)cublasDestroy(p->handle);
	buffer_free(&p->workspace);
	free(p);
}

/* cublasSetStream() takes the workspace away, so it is given again. */
static bool use_stream(struct matmul *p, cudaStream_t stream)
{
	if (p->stream == stream)
		return true;
	if (!device_blas_ok(p->g, cublasSetStream(p->handle, stream),
			    "cublasSetStream") ||
	    !device_blas_ok(p->g, cublasSetWorkspace(p->handle,
						     p->workspace.data,
						     WORKSPACE_BYTES),
			    "cublasSetWorkspace"))
		return false;
	p->stream = stream;
	return true;
}

bool matmul_run(struct matmul *p, const struct matmul_shape *s,
		const void *x, const void *w, void *y,
		struct CUstream_st *stream)
{
	const float one = 1.0f, beta = s->add ? 1.0f : 0.0f;

	/* column-major to cuBLAS: Y^T[n][m] = W[k][n]^T * X^T[k][m] */
	return use_stream(p, stream) &&
	       device_blas_ok(p->g, cublasGemmEx(
			p->handle, CUBLAS_OP_T, CUBLAS_OP_N, (int)s->n,
			(int)s->m, (int)s->k, &one, w, CUDA_R_16F, (int)s->k,
			x, CUDA_R_16F, (int)s->k, &beta, y, CUDA_R_16F,
			(int)s->row, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
			"cublasGemmEx");
}

int matmul_version(const struct matmul *p)
{
	int v = 0;

	if (cublasGetVersion(p->handle, &v) != CUBLAS_STATUS_SUCCESS)
		return 0;
	return v;
}
