/* SPDX-License-Identifier: Apache-2.0 */
/* Delegates as objects, and what one knows of a tensor by its kind of memory. */
#include <stdlib.h>

#include "objects.h"

TfLiteDelegate TfLiteDelegateCreate(void)
{
    return (TfLiteDelegate){0};
}

TfLiteOpaqueDelegate *
TfLiteOpaqueDelegateCreate(const TfLiteOpaqueDelegateBuilder *opaque_delegate_builder)
{
    if (opaque_delegate_builder == NULL) return NULL;
    TfLiteDelegate *made = calloc(1, sizeof *made);
    TfLiteOpaqueDelegateBuilder *copy = malloc(sizeof *copy);
    if (made == NULL || copy == NULL) {
        free(made);
        free(copy);
        return NULL;
    }
    *copy = *opaque_delegate_builder;
    made->opaque_delegate_builder = copy;
    return (TfLiteOpaqueDelegate *)made;
}

void TfLiteOpaqueDelegateDelete(TfLiteOpaqueDelegate *delegate)
{
    TfLiteDelegate *made = (TfLiteDelegate *)delegate;
    if (made == NULL) return;
    free(made->opaque_delegate_builder);
    free(made);
}

void *TfLiteOpaqueDelegateGetData(const TfLiteOpaqueDelegate *delegate)
{
    const TfLiteDelegate *of = (const TfLiteDelegate *)delegate;
    if (of == NULL) return NULL;
    return of->opaque_delegate_builder != NULL ? of->opaque_delegate_builder->data : of->data_;
}

void *TfLiteKernelInitFailed(void)
{
    return (void *)(intptr_t)-1;
}

/* ---- Kinds of memory ---- */

typedef struct kind_row {
    TfLiteAllocationStrategy strategy;
    TfLiteRunStability address;
    TfLiteRunStability data;
    TfLiteRunStep data_known;
    TfLiteRunStep shape_known;
} kind_row;

#define ROW(strategy, address, data, data_known, shape_known)                                  \
    {                                                                                          \
        kTfLiteAllocationStrategy##strategy, kTfLiteRunStability##address,                     \
            kTfLiteRunStability##data, kTfLiteRunStep##data_known, kTfLiteRunStep##shape_known \
    }

/* By TfLiteAllocationType. */
static const kind_row kinds[] = {
    ROW(None, AcrossRuns, AcrossRuns, Init, Init),
    ROW(MMap, AcrossRuns, AcrossRuns, Init, Init),
    ROW(Arena, Unstable, SingleRun, Eval, Prepare),
    ROW(Arena, Unstable, AcrossRuns, Eval, Prepare),
    ROW(Malloc, SingleRun, SingleRun, Eval, Eval),
    ROW(Malloc, SingleRun, SingleRun, Prepare, Prepare),
    ROW(Unknown, Unknown, Unknown, Unknown, Unknown),
    ROW(New, AcrossRuns, SingleRun, Eval, Eval),
    ROW(Unknown, Unknown, Unknown, Unknown, Unknown),
};

static const kind_row *kind_of(const TfLiteTensor *tensor)
{
    unsigned kind = tensor == NULL ? kTfLiteNonCpu : (unsigned)tensor->allocation_type;
    return &kinds[kind <= kTfLiteNonCpu ? kind : kTfLiteNonCpu];
}

TfLiteAllocationStrategy TfLiteTensorGetAllocationStrategy(const TfLiteTensor *t)
{
    return kind_of(t)->strategy;
}

TfLiteRunStability TfLiteTensorGetBufferAddressStability(const TfLiteTensor *t)
{
    return kind_of(t)->address;
}

TfLiteRunStability TfLiteTensorGetDataStability(const TfLiteTensor *t)
{
    return kind_of(t)->data;
}

TfLiteRunStep TfLiteTensorGetDataKnownStep(const TfLiteTensor *t)
{
    return kind_of(t)->data_known;
}

TfLiteRunStep TfLiteTensorGetShapeKnownStep(const TfLiteTensor *t)
{
    return kind_of(t)->shape_known;
}
