/* SPDX-License-Identifier: Apache-2.0 */
/* Element types: the numbers of the C interface are not those of the file format. */
#include "objects.h"

typedef struct type_row {
    midge_type type;
    const char *name;
} type_row;

/* By TfLiteType. */
static const type_row rows[] = {
    [kTfLiteFloat32] = {MIDGE_FLOAT32, "FLOAT32"},
    [kTfLiteInt32] = {MIDGE_INT32, "INT32"},
    [kTfLiteUInt8] = {MIDGE_UINT8, "UINT8"},
    [kTfLiteInt64] = {MIDGE_INT64, "INT64"},
    [kTfLiteString] = {MIDGE_STRING, "STRING"},
    [kTfLiteBool] = {MIDGE_BOOL, "BOOL"},
    [kTfLiteInt16] = {MIDGE_INT16, "INT16"},
    [kTfLiteComplex64] = {MIDGE_COMPLEX64, "COMPLEX64"},
    [kTfLiteInt8] = {MIDGE_INT8, "INT8"},
    [kTfLiteFloat16] = {MIDGE_FLOAT16, "FLOAT16"},
    [kTfLiteFloat64] = {MIDGE_FLOAT64, "FLOAT64"},
    [kTfLiteComplex128] = {MIDGE_COMPLEX128, "COMPLEX128"},
    [kTfLiteUInt64] = {MIDGE_UINT64, "UINT64"},
    [kTfLiteResource] = {MIDGE_RESOURCE, "RESOURCE"},
    [kTfLiteVariant] = {MIDGE_VARIANT, "VARIANT"},
    [kTfLiteUInt32] = {MIDGE_UINT32, "UINT32"},
    [kTfLiteUInt16] = {MIDGE_UINT16, "UINT16"},
    [kTfLiteInt4] = {MIDGE_INT4, "INT4"},
    [kTfLiteBFloat16] = {MIDGE_BFLOAT16, "BFLOAT16"},
    [kTfLiteInt2] = {MIDGE_INT2, "INT2"},
    [kTfLiteUInt4] = {MIDGE_UINT4, "UINT4"},
    [kTfLiteFloat8E4M3FN] = {MIDGE_FLOAT8_E4M3FN, "FLOAT8_E4M3FN"},
    [kTfLiteFloat8E5M2] = {MIDGE_FLOAT8_E5M2, "FLOAT8_E5M2"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

TfLiteType tfl_type(midge_type type)
{
    for (int i = kTfLiteFloat32; i < ROWS; ++i)
        if (rows[i].type == type) return (TfLiteType)i;
    return kTfLiteNoType;
}

const char *TfLiteTypeGetName(TfLiteType type)
{
    if (type == kTfLiteNoType) return "NOTYPE";
    return (int)type > 0 && (int)type < ROWS ? rows[type].name : "Unknown type";
}

bool tfl_elements(int rank, const int *shape, size_t *elements)
{
    size_t product = 1;
    for (int i = 0; i < rank; ++i) {
        if (shape[i] < 0) return false;
        if (shape[i] > 0 && product > (size_t)INT32_MAX / (size_t)shape[i]) return false;
        product *= (size_t)shape[i];
    }
    *elements = product;
    return true;
}

bool tfl_type_bytes(TfLiteType type, size_t elements, size_t *bytes)
{
    if ((int)type <= 0 || (int)type >= ROWS) return false;
    size_t bits = midge_type_bits(rows[type].type);
    if (bits == 0 || elements > (SIZE_MAX - 7) / bits) return false;
    *bytes = (elements * bits + 7) / 8;
    return true;
}
