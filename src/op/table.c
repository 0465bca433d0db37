/* SPDX-License-Identifier: Apache-2.0 */
#include "op/table.h"

#include "op/activation.h"

midge_status mg_require_quantized_unary(midge_op_context *context)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    TRY(mg_require_same_type(context, input, "input", output, "output"));
    TRY(mg_require_pointwise_quantized(context, input, "input"));
    return mg_require_pointwise_quantized(context, output, "output");
}

midge_status mg_prepare_real_table(midge_op_context *context, mg_real_function function,
                                   const void *parameters)
{
    const midge_tensor *input = context->inputs[0];
    void *table;
    TRY(mg_require_quantized_unary(context));
    mg_affine in = mg_affine_of(input);
    mg_affine out = mg_affine_of(context->outputs[0]);
    if (input->type == MIDGE_INT16) {
        TRY(mg_pointwise_prepare(context, 1, mg_row_lookup_16, MG_LOOKUP_16 * sizeof(int16_t),
                                 MG_POINTWISE_MIDDLE, &table));
        mg_lookup_fill_16(table, in, out, function, parameters);
        return MIDGE_OK;
    }
    TRY(mg_pointwise_prepare(context, 1, mg_row_lookup_8, MG_LOOKUP_8, MG_POINTWISE_CHEAP, &table));
    mg_lookup_fill_8(table, input->type == MIDGE_INT8, in, out, function, parameters);
    return MIDGE_OK;
}

midge_status mg_prepare_stored_table(midge_op_context *context, mg_stored_function function,
                                     const void *parameters)
{
    void *table;
    TRY(mg_pointwise_prepare(context, 1, mg_row_lookup_8, MG_LOOKUP_8, MG_POINTWISE_CHEAP, &table));
    mg_lookup_fill_stored(table, context->inputs[0]->type == MIDGE_INT8, function, parameters);
    return MIDGE_OK;
}

midge_status mg_requantization_of(midge_op_context *context, mg_requantization *requantization)
{
    const midge_tensor *input = context->inputs[0];
    const midge_tensor *output = context->outputs[0];
    *requantization = (mg_requantization){.zero_in = mg_zero_point(input),
                                          .zero_out = mg_zero_point(output),
                                          .negative_sign = 1,
                                          .scale_in = mg_scale(input),
                                          .scale_out = mg_scale(output)};
    mg_type_range(output->type, &requantization->least, &requantization->most);
    return mg_factor(context, (double)(mg_scale(input) / mg_scale(output)),
                     &requantization->factor);
}

midge_status mg_prepare_requantization(midge_op_context *context, mg_stored_function function,
                                       mg_elementwise_row row,
                                       const mg_requantization *requantization)
{
    void *parameters;
    if (context->inputs[0]->type != MIDGE_INT16)
        return mg_prepare_stored_table(context, function, requantization);
    TRY(mg_pointwise_prepare(context, 1, row, sizeof *requantization, MG_POINTWISE_MIDDLE,
                             &parameters));
    *(mg_requantization *)parameters = *requantization;
    return MIDGE_OK;
}
