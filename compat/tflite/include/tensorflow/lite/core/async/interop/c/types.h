/* SPDX-License-Identifier: Apache-2.0 */
/* Handles of buffers and of what one waits for, which programs and asynchronous kernels of
 * delegates hand to each other. The library keeps the pointer and knows nothing of what it is. */
#ifndef TENSORFLOW_LITE_CORE_ASYNC_INTEROP_C_TYPES_H_
#define TENSORFLOW_LITE_CORE_ASYNC_INTEROP_C_TYPES_H_

#include "tensorflow/lite/core/c/c_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TfLiteBackendBuffer TfLiteBackendBuffer;
TFL_CAPI_EXPORT extern TfLiteBackendBuffer *TfLiteBackendBufferCreate(void);
TFL_CAPI_EXPORT extern void TfLiteBackendBufferDelete(TfLiteBackendBuffer *buf);
TFL_CAPI_EXPORT extern void TfLiteBackendBufferSetPtr(TfLiteBackendBuffer *buf, void *ptr);
TFL_CAPI_EXPORT extern void *TfLiteBackendBufferGetPtr(const TfLiteBackendBuffer *buf);

typedef struct TfLiteSynchronization TfLiteSynchronization;
TFL_CAPI_EXPORT extern TfLiteSynchronization *TfLiteSynchronizationCreate(void);
TFL_CAPI_EXPORT extern void TfLiteSynchronizationDelete(TfLiteSynchronization *sync);
TFL_CAPI_EXPORT extern void TfLiteSynchronizationSetPtr(TfLiteSynchronization *sync, void *ptr);
TFL_CAPI_EXPORT extern void *TfLiteSynchronizationGetPtr(const TfLiteSynchronization *sync);

#ifdef __cplusplus
}
#endif

#endif
