/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A delegate in a shared library, as accelerators come: takes every ADD and computes it with the
 * functions for opaque types, so that it depends on no layout. Option "factor" multiplies the sum,
 * to tell it from the library's own kernel; option "fail" lets the creation fail. Option "refuse"
 * names the step at which it gives up: "delegate" when it is applied, "prepare", or "invoke".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_opaque.h"
#include "tensorflow/lite/c/common.h"

#include "plugin_entry.h"

typedef struct plugin {
    float factor;
    char refuse[16];
    TfLiteOperator *operator;
} plugin;

static void *init(TfLiteOpaqueContext *context, const char *buffer, size_t length)
{
    (void)context;
    (void)length;
    return ((const TfLiteOpaqueDelegateParams *)(const void *)buffer)->delegate_data;
}

static bool refuses(const plugin *of, TfLiteOpaqueContext *context, const char *step)
{
    if (strcmp(of->refuse, step) != 0) return false;
    TfLiteOpaqueContextReportError(context, "the plugin gives up at %s", step);
    return true;
}

/* A sum has the shape of the first input. */
static TfLiteStatus prepare_kernel(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    if (refuses(TfLiteOpaqueNodeGetUserData(node), context, "prepare") ||
        TfLiteOpaqueNodeNumberOfInputs(node) != 2)
        return kTfLiteError;
    const TfLiteOpaqueTensor *a = TfLiteOpaqueNodeGetInput(context, node, 0);
    TfLiteIntArray *shape = TfLiteIntArrayCreate(TfLiteOpaqueTensorNumDims(a));
    for (int i = 0; i < shape->size; ++i) shape->data[i] = TfLiteOpaqueTensorDim(a, i);
    return TfLiteOpaqueContextResizeTensor(context, TfLiteOpaqueNodeGetOutput(context, node, 0),
                                           shape);
}

static TfLiteStatus invoke(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node)
{
    const plugin *of = TfLiteOpaqueNodeGetUserData(node);
    if (refuses(of, context, "invoke")) return kTfLiteError;
    const TfLiteOpaqueTensor *a = TfLiteOpaqueNodeGetInput(context, node, 0);
    const TfLiteOpaqueTensor *b = TfLiteOpaqueNodeGetInput(context, node, 1);
    TfLiteOpaqueTensor *sum = TfLiteOpaqueNodeGetOutput(context, node, 0);
    size_t period = TfLiteOpaqueTensorByteSize(b) / sizeof(float);
    const float *left = TfLiteOpaqueTensorData(a), *right = TfLiteOpaqueTensorData(b);
    float *to = TfLiteOpaqueTensorData(sum);
    for (size_t i = 0; i < TfLiteOpaqueTensorByteSize(sum) / sizeof(float); ++i)
        to[i] = of->factor * (left[i] + right[i % period]);
    return kTfLiteOk;
}

static TfLiteStatus prepare(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate,
                            void *data)
{
    TfLiteIntArray *plan;
    if (refuses(data, context, "delegate")) return kTfLiteError;
    if (TfLiteOpaqueContextGetExecutionPlan(context, &plan) != kTfLiteOk) return kTfLiteError;
    TfLiteIntArray *chosen = TfLiteIntArrayCreate(plan->size);
    chosen->size = 0;
    for (int i = 0; i < plan->size; ++i) {
        TfLiteOpaqueNode *node;
        TfLiteOperator *operator;
        if (TfLiteOpaqueContextGetNodeAndRegistration(context, plan->data[i], &node, &operator) ==
                kTfLiteOk &&
            TfLiteOperatorGetBuiltInCode(operator) == kTfLiteBuiltinAdd)
            chosen->data[chosen->size++] = plan->data[i];
    }
    TfLiteStatus status = TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(
        context, ((plugin *)data)->operator, chosen, delegate);
    TfLiteIntArrayFree(chosen);
    return status;
}

TfLiteDelegate *tflite_plugin_create_delegate(const char *const *keys, const char *const *values,
                                              size_t count, void (*report_error)(const char *))
{
    plugin *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->factor = 1;
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(keys[i], "factor") == 0) made->factor = strtof(values[i], NULL);
        if (strcmp(keys[i], "refuse") == 0)
            (void)snprintf(made->refuse, sizeof made->refuse, "%s", values[i]);
        if (strcmp(keys[i], "fail") == 0) {
            report_error("asked to fail");
            free(made);
            return NULL;
        }
    }
    made->operator= TfLiteOperatorCreate(kTfLiteBuiltinDelegate, "ADD plugin", 1, NULL);
    TfLiteOperatorSetInit(made->operator, init);
    TfLiteOperatorSetPrepare(made->operator, prepare_kernel);
    TfLiteOperatorSetInvoke(made->operator, invoke);
    const TfLiteOpaqueDelegateBuilder builder = {
        .data = made, .Prepare = prepare, .flags = kTfLiteDelegateFlagsAllowDynamicTensors};
    return (TfLiteDelegate *)TfLiteOpaqueDelegateCreate(&builder);
}

void tflite_plugin_destroy_delegate(TfLiteDelegate *delegate)
{
    if (delegate == NULL) return; /* as one package gives after a failure */
    plugin *of = TfLiteOpaqueDelegateGetData((TfLiteOpaqueDelegate *)delegate);
    TfLiteOperatorDelete(of->operator);
    free(of);
    TfLiteOpaqueDelegateDelete((TfLiteOpaqueDelegate *)delegate);
}
