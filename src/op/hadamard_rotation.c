/* SPDX-License-Identifier: Apache-2.0 */
/* aeq.hadamard_rotation: a Hadamard transform of every `hadamard_size` values of the last
 * dimension. The random signs that the options also hold are folded into weights by the tool that
 * wrote the model; nothing reads them here. */
#include <string.h>

#include "kernel/ref/hadamard.h"
#include "op/custom_options.h"
#include "op/op.h"
#include "op/require.h"

midge_status mg_prepare_hadamard_rotation(midge_op_context *context)
{
    const midge_tensor *input = mg_input(context, 0);
    TRY(mg_require_type(context, input, "input", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_type(context, mg_output(context, 0), "output", MG_TYPES(MIDGE_FLOAT32)));
    TRY(mg_require_rank(context, input, "input", 2, 3));
    mg_flex options;
    int32_t size = 0, depth = input->shape[input->rank - 1];
    TRY(mg_options_open(context, &options));
    TRY(mg_option_int32(context, &options, "hadamard_size", 1, INT32_MAX, &size));
    if ((size & (size - 1)) != 0 || depth % size != 0) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL,
                          "hadamard_size %d is no power of two that divides %d", (int)size,
                          (int)depth);
    }
    void *prepared;
    TRY(mg_prepared(context, sizeof(size_t), &prepared));
    *(size_t *)prepared = (size_t)size;
    return mg_set_output_like(context, 0, input);
}

static void transform(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    midge_op_context *context = argument;
    size_t size = *(const size_t *)context->prepared;
    float *values = mg_output(context, 0)->data;
    for (size_t i = begin; i < end; i++) mg_hadamard_f32(values + i * size, size);
}

midge_status mg_run_hadamard_rotation(midge_op_context *context)
{
    size_t size = *(const size_t *)context->prepared;
    const midge_tensor *input = mg_input(context, 0), *output = mg_output(context, 0);
    if (output->data != input->data) memcpy(output->data, input->data, output->bytes);
    mg_parallel_for(context->pool, output->elements / size, 1 + 32768 / size, transform, context);
    return MIDGE_OK;
}
