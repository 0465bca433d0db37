/* SPDX-License-Identifier: Apache-2.0 */
/* Handles that programs and delegates hand to each other, and the NNAPI delegate, which takes no
 * node. */
#include <stdlib.h>

#include "tensorflow/lite/core/async/interop/c/types.h"
#include "tensorflow/lite/delegates/nnapi/nnapi_delegate_c_api.h"

struct TfLiteBackendBuffer {
    void *pointer;
};

struct TfLiteSynchronization {
    void *pointer;
};

TfLiteBackendBuffer *TfLiteBackendBufferCreate(void)
{
    return calloc(1, sizeof(TfLiteBackendBuffer));
}

void TfLiteBackendBufferDelete(TfLiteBackendBuffer *buf)
{
    free(buf);
}

void TfLiteBackendBufferSetPtr(TfLiteBackendBuffer *buf, void *ptr)
{
    if (buf != NULL) buf->pointer = ptr;
}

void *TfLiteBackendBufferGetPtr(const TfLiteBackendBuffer *buf)
{
    return buf == NULL ? NULL : buf->pointer;
}

TfLiteSynchronization *TfLiteSynchronizationCreate(void)
{
    return calloc(1, sizeof(TfLiteSynchronization));
}

void TfLiteSynchronizationDelete(TfLiteSynchronization *sync)
{
    free(sync);
}

void TfLiteSynchronizationSetPtr(TfLiteSynchronization *sync, void *ptr)
{
    if (sync != NULL) sync->pointer = ptr;
}

void *TfLiteSynchronizationGetPtr(const TfLiteSynchronization *sync)
{
    return sync == NULL ? NULL : sync->pointer;
}

/* ---- NNAPI ---- */

static TfLiteStatus take_nothing(TfLiteContext *context, TfLiteDelegate *delegate)
{
    (void)context;
    (void)delegate;
    return kTfLiteOk;
}

TfLiteNnapiDelegateOptions TfLiteNnapiDelegateOptionsDefault(void)
{
    return (TfLiteNnapiDelegateOptions){.execution_preference = kUndefined,
                                        .disallow_nnapi_cpu = 1,
                                        .max_number_delegated_partitions = 3};
}

TfLiteDelegate *TfLiteNnapiDelegateCreate(const TfLiteNnapiDelegateOptions *options)
{
    (void)options;
    TfLiteDelegate *made = malloc(sizeof *made);
    if (made == NULL) return NULL;
    *made = TfLiteDelegateCreate();
    made->Prepare = take_nothing;
    made->flags = kTfLiteDelegateFlagsAllowDynamicTensors;
    return made;
}

void TfLiteNnapiDelegateDelete(TfLiteDelegate *delegate)
{
    free(delegate);
}
