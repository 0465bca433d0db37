/* SPDX-License-Identifier: Apache-2.0 */
/* The XNNPACK delegate of programs that ask for one: it takes no node. */
#include <stdlib.h>

#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"

typedef struct stand_in {
    TfLiteDelegate delegate; /* first: programs have a pointer to it */
    TfLiteXNNPackDelegateOptions options;
} stand_in;

struct TfLiteXNNPackDelegateWeightsCache {
    bool finished;
};

static TfLiteStatus take_nothing(TfLiteContext *context, TfLiteDelegate *delegate)
{
    (void)context;
    (void)delegate;
    return kTfLiteOk;
}

TfLiteXNNPackDelegateOptions TfLiteXNNPackDelegateOptionsDefault(void)
{
    return (TfLiteXNNPackDelegateOptions){
        .flags = TFLITE_XNNPACK_DELEGATE_FLAG_QS8 | TFLITE_XNNPACK_DELEGATE_FLAG_QU8 |
                 TFLITE_XNNPACK_DELEGATE_FLAG_DYNAMIC_FULLY_CONNECTED,
        .weight_cache_file_descriptor = -1};
}

TfLiteDelegate *TfLiteXNNPackDelegateCreate(const TfLiteXNNPackDelegateOptions *options)
{
    stand_in *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->options = options != NULL ? *options : TfLiteXNNPackDelegateOptionsDefault();
    made->delegate.data_ = made;
    made->delegate.Prepare = take_nothing;
    made->delegate.flags = kTfLiteDelegateFlagsAllowDynamicTensors;
    return &made->delegate;
}

TfLiteDelegate *
TfLiteXNNPackDelegateCreateWithThreadpool(const TfLiteXNNPackDelegateOptions *options,
                                          TfLiteContext *context)
{
    (void)context;
    return TfLiteXNNPackDelegateCreate(options);
}

void TfLiteXNNPackDelegateDelete(TfLiteDelegate *delegate)
{
    free(delegate);
}

void *TfLiteXNNPackDelegateGetThreadPool(TfLiteDelegate *delegate)
{
    (void)delegate;
    return NULL;
}

const TfLiteXNNPackDelegateOptions *TfLiteXNNPackDelegateGetOptions(TfLiteDelegate *delegate)
{
    return delegate == NULL ? NULL : &((stand_in *)delegate)->options;
}

int TfLiteXNNPackDelegateGetFlags(TfLiteDelegate *delegate)
{
    return delegate == NULL ? 0 : (int)((stand_in *)delegate)->options.flags;
}

bool TfLiteXNNPackDelegateCanUseInMemoryWeightCacheProvider(void)
{
    return false;
}

const char *TfLiteXNNPackDelegateInMemoryFilePath(void)
{
    return ":memory";
}

struct TfLiteXNNPackDelegateWeightsCache *TfLiteXNNPackDelegateWeightsCacheCreate(void)
{
    return calloc(1, sizeof(struct TfLiteXNNPackDelegateWeightsCache));
}

struct TfLiteXNNPackDelegateWeightsCache *
TfLiteXNNPackDelegateWeightsCacheCreateWithSize(size_t size)
{
    (void)size;
    return TfLiteXNNPackDelegateWeightsCacheCreate();
}

static bool finish(struct TfLiteXNNPackDelegateWeightsCache *cache)
{
    if (cache == NULL) return false;
    cache->finished = true;
    return true;
}

bool TfLiteXNNPackDelegateWeightsCacheFinalizeSoft(struct TfLiteXNNPackDelegateWeightsCache *cache)
{
    return finish(cache);
}

bool TfLiteXNNPackDelegateWeightsCacheFinalizeHard(struct TfLiteXNNPackDelegateWeightsCache *cache)
{
    return finish(cache);
}

void TfLiteXNNPackDelegateWeightsCacheDelete(struct TfLiteXNNPackDelegateWeightsCache *cache)
{
    free(cache);
}
