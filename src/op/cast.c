/* SPDX-License-Identifier: Apache-2.0 */
/* CAST: elements of one type as another; the options' types are not looked at. */
#include "op/cast.h"

#include <string.h>

#include "kernel/ref/convert_elements.h"

enum { NO_ELEMENT = -1, GRAIN_BLOCKS = 256 };

static int element_of(midge_type type)
{
    switch (type) {
    case MIDGE_BOOL: return MG_ELEMENT_BOOL;
    case MIDGE_INT2: return MG_ELEMENT_INT2;
    case MIDGE_INT4: return MG_ELEMENT_INT4;
    case MIDGE_UINT4: return MG_ELEMENT_UINT4;
    case MIDGE_INT8: return MG_ELEMENT_INT8;
    case MIDGE_UINT8: return MG_ELEMENT_UINT8;
    case MIDGE_INT16: return MG_ELEMENT_INT16;
    case MIDGE_UINT16: return MG_ELEMENT_UINT16;
    case MIDGE_INT32: return MG_ELEMENT_INT32;
    case MIDGE_UINT32: return MG_ELEMENT_UINT32;
    case MIDGE_INT64: return MG_ELEMENT_INT64;
    case MIDGE_FLOAT8_E4M3FN: return MG_ELEMENT_FLOAT8_E4M3FN;
    case MIDGE_FLOAT8_E5M2: return MG_ELEMENT_FLOAT8_E5M2;
    case MIDGE_FLOAT16: return MG_ELEMENT_FLOAT16;
    case MIDGE_BFLOAT16: return MG_ELEMENT_BFLOAT16;
    case MIDGE_FLOAT32: return MG_ELEMENT_FLOAT32;
    case MIDGE_FLOAT64: return MG_ELEMENT_FLOAT64;
    case MIDGE_COMPLEX64: return MG_ELEMENT_COMPLEX64;
    default: return NO_ELEMENT;
    }
}

static bool can_convert(midge_type type)
{
    return element_of(type) != NO_ELEMENT;
}

typedef struct conversion {
    const midge_tensor *from;
    const midge_tensor *to;
} conversion;

/* Ranges are of blocks, so that no byte of packed elements has two writers. */
static void convert_range(void *argument, size_t begin, size_t end, int worker)
{
    const conversion *task = argument;
    size_t first = begin * MG_CONVERT_BLOCK;
    size_t last = end * MG_CONVERT_BLOCK;
    (void)worker;
    if (last > task->to->elements) last = task->to->elements;
    mg_convert_elements((mg_element)element_of(task->from->type), task->from->data,
                        (mg_element)element_of(task->to->type), task->to->data, first, last);
}

void mg_convert_tensor(midge_op_context *context, const midge_tensor *from, const midge_tensor *to)
{
    conversion task = {from, to};
    if (from->type == to->type) {
        memcpy(to->data, from->data, to->bytes);
        return;
    }
    size_t blocks = (to->elements + MG_CONVERT_BLOCK - 1) / MG_CONVERT_BLOCK;
    mg_parallel_for(context->pool, blocks, GRAIN_BLOCKS, convert_range, &task);
}

static midge_status require_convertible(midge_op_context *context, const midge_tensor *tensor,
                                        const char *role)
{
    if (can_convert(tensor->type)) return MIDGE_OK;
    return mg_op_fail(context, MIDGE_UNSUPPORTED, "%s is %s, which has no conversion", role,
                      midge_type_name(tensor->type));
}

midge_status mg_prepare_cast(midge_op_context *context)
{
    TRY(require_convertible(context, context->inputs[0], "input"));
    TRY(require_convertible(context, context->outputs[0], "output"));
    return mg_set_output_like(context, 0, context->inputs[0]);
}

midge_status mg_run_cast(midge_op_context *context)
{
    mg_convert_tensor(context, context->inputs[0], context->outputs[0]);
    return MIDGE_OK;
}
