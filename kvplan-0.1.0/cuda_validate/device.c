/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cuda_validate/device.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

enum status device_count(size_t *n, struct diag *d)
{
	int found = 0, driver = 0;
	cudaError_t e = cudaGetDeviceCount(&found);

	(void)cudaDriverGetVersion(&driver);
	if (e == cudaErrorInsufficientDriver && driver == 0)
		return diag_fail(d, STATUS_DEVICE,
				 "no NVIDIA driver found on this machine");
	if (e == cudaErrorInsufficientDriver)
		return diag_fail(d, STATUS_DEVICE,
				 "the NVIDIA driver serves CUDA %d.%d, "
				 "expected %d.%d or newer", driver / 1000,
				 driver % 1000 / 10, CUDART_VERSION / 1000,
				 CUDART_VERSION % 1000 / 10);
	if (e == cudaErrorNoDevice || (e == cudaSuccess && found == 0))
		return diag_fail(d, STATUS_DEVICE,
				 "the NVIDIA driver sees no GPU");
	if (e != cudaSuccess)
		return diag_fail(d, STATUS_DEVICE, "CUDA does not start: %s",
				 cudaGetErrorString(e));
	*n = (size_t)found;
	return STATUS_OK;
}

static void describe(struct device *g)
{
	struct cudaDeviceProp p;

	if (!device_ok(g, cudaGetDeviceProperties(&p, g->index),
		       "cudaGetDeviceProperties"))
		return;
	snprintf(g->name, sizeof g->name, "%.100s", p.name);
	snprintf(g->pci, sizeof g->pci, "%04x:%02x:%02x.0",
		 (unsigned)p.pciDomainID, (unsigned)p.pciBusID,
		 (unsigned)p.pciDeviceID);
	g->major = p.major;
	g->minor = p.minor;
	g->sms = (size_t)p.multiProcessorCount;
	g->l2_bytes = (size_t)p.l2CacheSize;
	g->memory_bytes = p.totalGlobalMem;
	g->copy_engines = (size_t)p.asyncEngineCount;
	(void)device_ok(g, cudaDriverGetVersion(&g->driver),
			"cudaDriverGetVersion");
	(void)device_ok(g, cudaRuntimeGetVersion(&g->runtime),
			"cudaRuntimeGetVersion");
}

enum status device_open(size_t index, struct device *g, struct diag *d)
{
	struct device opened = { .index = (int)index };
	enum status s;
	size_t n;

	s = device_count(&n, d);
	if (s != STATUS_OK)
		return s;
	if (index >= n)
		return diag_fail(d, STATUS_USAGE,
				 "there is no GPU %zu, expected 0 to %zu",
				 index, n - 1);
	if (device_use(&opened) &&
	    device_ok(&opened, cudaFree(NULL), "starting CUDA"))
		describe(&opened);
	s = device_status(&opened, d);
	if (s == STATUS_OK)
		*g = opened;
	return s;
}

bool device_use(struct device *g)
{
	return device_ok(g, cudaSetDevice(g->index), "cudaSetDevice");
}

bool device_fail(struct device *g, const char *fmt, ...)
{
	va_list ap;

	if (g->status != STATUS_OK)
		return false;
	g->status = STATUS_DEVICE;
	va_start(ap, fmt);
	vsnprintf(g->diag.text, sizeof g->diag.text, fmt, ap);
	va_end(ap);
	(void)diag_prefix(&g->diag, STATUS_DEVICE, "GPU %d", g->index);
	return false;
}

bool device_ok(struct device *g, unsigned error, const char *what)
{
	if (error == cudaSuccess)
		return true;
	return device_fail(g, "%s: %s", what,
			   cudaGetErrorString((cudaError_t)error));
}

bool device_blas_ok(struct device *g, unsigned status, const char *what)
{
	if (status == CUBLAS_STATUS_SUCCESS)
		return true;
	return device_fail(g, "%s: %s", what,
			   cublasGetStatusString((cublasStatus_t)status));
}

bool device_failed(const struct device *g)
{
	return g->status != STATUS_OK;
}

enum status device_status(const struct device *g, struct diag *d)
{
	if (g->status != STATUS_OK)
		*d = g->diag;
	return g->status;
}

bool device_synchronise(struct device *g)
{
	return device_ok(g, cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

struct CUstream_st *device_stream_new(struct device *g)
{
	cudaStream_t stream = NULL;

	if (!device_ok(g, cudaStreamCreateWithFlags(&stream,
						    cudaStreamNonBlocking),
		       "cudaStreamCreateWithFlags"))
		return NULL;
	return stream;
}

void device_stream_free(struct CUstream_st *stream)
{
	if (stream != NULL)
		(void)cudaStreamDestroy(stream);
}

struct CUevent_st *device_event_new(struct device *g)
{
	cudaEvent_t event = NULL;

	if (!device_ok(g, cudaEventCreate(&event), "cudaEventCreate"))
		return NULL;
	return event;
}

void device_event_free(struct CUevent_st *event)
{
	if (event != NULL)
		(void)cudaEventDestroy(event);
}
