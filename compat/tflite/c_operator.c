/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteOperator: what its setters keep, op_bridge.c calls. */
#include <stdlib.h>

#include "objects.h"

TfLiteOperator *TfLiteOperatorCreate(TfLiteBuiltinOperator builtin_code, const char *custom_name,
                                     int version, void *user_data)
{
    TfLiteOperator *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->builtin_code = builtin_code;
    made->custom_name = custom_name;
    made->version = version;
    made->user_data = user_data;
    return made;
}

TfLiteOperator *TfLiteOperatorCreateWithData(TfLiteBuiltinOperator builtin_code,
                                             const char *custom_name, int version, void *user_data)
{
    return TfLiteOperatorCreate(builtin_code, custom_name, version, user_data);
}

void TfLiteOperatorDelete(TfLiteOperator *registration)
{
    free(registration);
}

TfLiteBuiltinOperator TfLiteOperatorGetBuiltInCode(const TfLiteOperator *registration)
{
    return registration == NULL ? kTfLiteBuiltinPlaceholderForGreaterOpCodes
                                : registration->builtin_code;
}

const char *TfLiteOperatorGetCustomName(const TfLiteOperator *registration)
{
    return registration == NULL ? NULL : registration->custom_name;
}

int TfLiteOperatorGetVersion(const TfLiteOperator *registration)
{
    return registration == NULL ? -1 : registration->version;
}

void *TfLiteOperatorGetUserData(const TfLiteOperator *registration)
{
    return registration == NULL ? NULL : registration->user_data;
}

void TfLiteOperatorSetInit(TfLiteOperator *registration,
                           void *(*init)(TfLiteOpaqueContext *context, const char *buffer,
                                         size_t length))
{
    if (registration != NULL) registration->init = init;
}

TfLiteStatus TfLiteOperatorSetInitWithData(TfLiteOperator *registration,
                                           void *(*init)(void *user_data,
                                                         TfLiteOpaqueContext *context,
                                                         const char *buffer, size_t length))
{
    if (registration == NULL) return kTfLiteError;
    registration->init_with_data = init;
    return kTfLiteOk;
}

void TfLiteOperatorSetFree(TfLiteOperator *registration,
                           void (*free)(TfLiteOpaqueContext *context, void *data))
{
    if (registration != NULL) registration->free = free;
}

TfLiteStatus TfLiteOperatorSetFreeWithData(TfLiteOperator *registration,
                                           void (*free)(void *user_data,
                                                        TfLiteOpaqueContext *context, void *data))
{
    if (registration == NULL) return kTfLiteError;
    registration->free_with_data = free;
    return kTfLiteOk;
}

void TfLiteOperatorSetPrepare(TfLiteOperator *registration,
                              TfLiteStatus (*prepare)(TfLiteOpaqueContext *context,
                                                      TfLiteOpaqueNode *node))
{
    if (registration != NULL) registration->prepare = prepare;
}

TfLiteStatus TfLiteOperatorSetPrepareWithData(TfLiteOperator *registration,
                                              TfLiteStatus (*prepare)(void *user_data,
                                                                      TfLiteOpaqueContext *context,
                                                                      TfLiteOpaqueNode *node))
{
    if (registration == NULL) return kTfLiteError;
    registration->prepare_with_data = prepare;
    return kTfLiteOk;
}

void TfLiteOperatorSetInvoke(TfLiteOperator *registration,
                             TfLiteStatus (*invoke)(TfLiteOpaqueContext *context,
                                                    TfLiteOpaqueNode *node))
{
    if (registration != NULL) registration->invoke = invoke;
}

TfLiteStatus TfLiteOperatorSetInvokeWithData(TfLiteOperator *registration,
                                             TfLiteStatus (*invoke)(void *user_data,
                                                                    TfLiteOpaqueContext *context,
                                                                    TfLiteOpaqueNode *node))
{
    if (registration == NULL) return kTfLiteError;
    registration->invoke_with_data = invoke;
    return kTfLiteOk;
}

void TfLiteOperatorSetAsyncKernel(
    TfLiteOperator *registration,
    struct TfLiteAsyncKernel *(*async_kernel)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node))
{
    if (registration != NULL) registration->async_kernel = async_kernel;
}

TfLiteStatus TfLiteOperatorSetAsyncKernelWithData(
    TfLiteOperator *registration,
    struct TfLiteAsyncKernel *(*async_kernel)(void *user_data, TfLiteOpaqueContext *context,
                                              TfLiteOpaqueNode *node))
{
    if (registration == NULL) return kTfLiteError;
    registration->async_kernel_with_data = async_kernel;
    return kTfLiteOk;
}

void TfLiteOperatorSetInplaceOperator(TfLiteOperator *registration, uint64_t inplace_operator)
{
    if (registration != NULL) registration->inplace_operator = inplace_operator;
}
