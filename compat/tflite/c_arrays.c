/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteIntArray and TfLiteFloatArray. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

size_t TfLiteIntArrayGetSizeInBytes(int size)
{
    return sizeof(TfLiteIntArray) + (size > 0 ? (size_t)size * sizeof(int) : 0);
}

TfLiteIntArray *TfLiteIntArrayCreate(int size)
{
    TfLiteIntArray *made = size < 0 ? NULL : malloc(TfLiteIntArrayGetSizeInBytes(size));
    if (made != NULL) made->size = size;
    return made;
}

TfLiteIntArray *tfl_int_array(size_t size, const int32_t *values)
{
    TfLiteIntArray *made = size > INT_MAX ? NULL : TfLiteIntArrayCreate((int)size);
    if (made != NULL && size > 0) memcpy(made->data, values, size * sizeof *values);
    return made;
}

int TfLiteIntArrayEqual(const TfLiteIntArray *a, const TfLiteIntArray *b)
{
    if (a == b) return 1;
    return a != NULL && b != NULL && TfLiteIntArrayEqualsArray(a, b->size, b->data);
}

int TfLiteIntArrayEqualsArray(const TfLiteIntArray *a, int b_size, const int b_data[])
{
    if (a == NULL) return b_size == 0;
    if (a->size != b_size) return 0;
    return b_size == 0 || memcmp(a->data, b_data, (size_t)b_size * sizeof *b_data) == 0;
}

TfLiteIntArray *TfLiteIntArrayCopy(const TfLiteIntArray *src)
{
    TfLiteIntArray *made = src == NULL ? NULL : TfLiteIntArrayCreate(src->size);
    if (made != NULL && src->size > 0)
        memcpy(made->data, src->data, (size_t)src->size * sizeof *src->data);
    return made;
}

void TfLiteIntArrayFree(TfLiteIntArray *a)
{
    free(a);
}

int TfLiteFloatArrayGetSizeInBytes(int size)
{
    return (int)(sizeof(TfLiteFloatArray) + (size > 0 ? (size_t)size * sizeof(float) : 0));
}

TfLiteFloatArray *TfLiteFloatArrayCreate(int size)
{
    if (size < 0) return NULL;
    TfLiteFloatArray *made = malloc(sizeof *made + (size_t)size * sizeof(float));
    if (made != NULL) made->size = size;
    return made;
}

TfLiteFloatArray *TfLiteFloatArrayCopy(const TfLiteFloatArray *src)
{
    TfLiteFloatArray *made = src == NULL ? NULL : TfLiteFloatArrayCreate(src->size);
    if (made != NULL && src->size > 0)
        memcpy(made->data, src->data, (size_t)src->size * sizeof *src->data);
    return made;
}

void TfLiteFloatArrayFree(TfLiteFloatArray *a)
{
    free(a);
}
