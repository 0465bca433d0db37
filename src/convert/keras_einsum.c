/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EinsumDense and the function einsum. An EinsumDense whose equation is a product over the last
 * dimensions of the input is one FULLY_CONNECTED: "abc,cd->abd", "abc,cde->abde", "abcd,cde->abe",
 * "...x,xy->...y". All others are products of matrices.
 */
#include "convert/einsum.h"
#include "convert/keras_layer.h"

enum { MOST_LETTERS = 8 };

/* input: kept then summed; kernel: summed then made; output: kept then made. */
typedef struct equation {
    size_t summed, made;           /* dimensions of the kernel */
    size_t kept;                   /* letters of the input, without "..." */
    char output[MOST_LETTERS + 1]; /* the letters made */
} equation;

static const char *skip_dots(const char *text, size_t *length)
{
    if (*length < 3 || strncmp(text, "...", 3) != 0) return text;
    *length -= 3;
    return text + 3;
}

static bool read_equation(const char *text, equation *made)
{
    const char *comma = strchr(text, ','), *arrow = strstr(text, "->");
    if (comma == NULL || arrow == NULL || arrow < comma || strlen(text) > 60) return false;
    const char *input = text, *kernel = comma + 1, *output = arrow + 2;
    size_t ins = (size_t)(comma - input), kernels = (size_t)(arrow - kernel), outs = strlen(output);
    input = skip_dots(input, &ins);
    output = skip_dots(output, &outs);
    if (ins > MOST_LETTERS || kernels > MOST_LETTERS || outs > MOST_LETTERS) return false;
    for (made->summed = 0; made->summed < kernels; ++made->summed)
        if (memchr(output, kernel[made->summed], outs) != NULL) break;
    made->made = kernels - made->summed;
    if (made->summed == 0 || made->summed > ins || made->made > outs) return false;
    made->kept = ins - made->summed;
    memcpy(made->output, output + outs - made->made, made->made);
    made->output[made->made] = '\0';
    return strncmp(input + made->kept, kernel, made->summed) == 0 &&
           outs - made->made == made->kept && strncmp(output, input, made->kept) == 0 &&
           strncmp(output + made->kept, kernel + made->summed, made->made) == 0;
}

/* A bias of all letters made is the product's; another is added in the shape that Keras stores. */
static midge_status add_bias(mg_keras *keras, const mg_keras_layer *layer, int32_t made,
                             int32_t *output)
{
    mg_keras_weight bias;
    int32_t terms;
    TRY(mg_keras_weights(keras, layer, "bias", -1, NULL, &bias));
    TRY(mg_keras_constant(keras, "bias", bias.rank, bias.shape, bias.values, &terms));
    return mg_keras_binary(keras, MG_BUILTIN_ADD, made, terms, output);
}

static midge_status turn(mg_keras *keras, int32_t input, const int32_t *order, int32_t *output)
{
    int32_t rank = mg_keras_tensor(keras, input)->rank;
    bool same = true;
    for (int32_t i = 0; i < rank; ++i) same = same && order[i] == i;
    *output = input;
    return same ? MIDGE_OK : mg_keras_transpose(keras, input, order, output);
}

/* Of one or two tensors, which it changes. */
static midge_status multiply(mg_keras *keras, const mg_keras_layer *layer, const char *text,
                             size_t count, int32_t *inputs, int32_t *output)
{
    char printable[100];
    int32_t ranks[2];
    const int32_t *shapes[2];
    mg_einsum plan;
    for (size_t i = 0; i < count; ++i) {
        ranks[i] = mg_keras_tensor(keras, inputs[i])->rank;
        shapes[i] = mg_keras_tensor(keras, inputs[i])->shape;
    }
    const char *reason = mg_einsum_plan(text, count, ranks, shapes, &plan);
    if (reason != NULL)
        return mg_keras_refuse(keras, layer, "equation '%s' %s",
                               mg_printable(text, printable, sizeof printable), reason);
    for (size_t i = 0; i < count; ++i) TRY(turn(keras, inputs[i], plan.order[i], &inputs[i]));
    *output = inputs[0];
    if (count == 1) return MIDGE_OK;
    for (size_t i = 0; i < 2; ++i)
        TRY(mg_keras_reshape(keras, inputs[i], 3, plan.matrices[i], &inputs[i]));
    TRY(mg_keras_matmul(keras, inputs[0], inputs[1], true, output));
    TRY(mg_keras_reshape(keras, *output, plan.made_rank, plan.made, output));
    return turn(keras, *output, plan.result, output);
}

midge_status mg_keras_lower_op_einsum(mg_keras *keras, const mg_keras_layer *layer,
                                      mg_keras_call *call)
{
    const char *text = mg_json_text(layer->config, "subscripts", "");
    const json_t *arguments = json_object_get(call->arguments, "args");
    size_t count = json_array_size(arguments), first = 0;
    int32_t inputs[2];
    /* In Keras 2 the equation is the first argument. */
    if (json_is_string(json_array_get(arguments, 0))) {
        text = json_string_value(json_array_get(arguments, 0));
        first = 1;
    }
    if (count < first + 1 || count > first + 2)
        return mg_keras_refuse(keras, layer, "of %zu tensors; write it as several of two",
                               count - first);
    for (size_t i = 0; i < count - first; ++i)
        TRY(mg_keras_operand(keras, call, first + i, "", &inputs[i]));
    return multiply(keras, layer, text, count - first, inputs, &call->outputs[0]);
}

static midge_status multiply_kernel(mg_keras *keras, const mg_keras_layer *layer, int32_t input,
                                    int32_t *output)
{
    mg_keras_weight kernel;
    int32_t weights;
    TRY(mg_keras_weights(keras, layer, "kernel", -1, NULL, &kernel));
    TRY(mg_keras_constant(keras, "kernel", kernel.rank, kernel.shape, kernel.values, &weights));
    TRY(multiply(keras, layer, mg_json_text(layer->config, "equation", ""), 2,
                 (int32_t[]){input, weights}, output));
    if (!mg_json_absent(layer->config, "bias_axes")) TRY(add_bias(keras, layer, *output, output));
    return mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), *output,
                             output);
}

midge_status mg_keras_lower_einsum(mg_keras *keras, const mg_keras_layer *layer,
                                   mg_keras_call *call)
{
    const mg_network_tensor source = *mg_keras_tensor(keras, call->inputs[0]);
    const char *axes = mg_json_text(layer->config, "bias_axes", NULL);
    equation at;
    mg_keras_weight kernel;
    int32_t rows = 1, columns = 1, bias = -1, shape[MIDGE_MAX_RANK], rank, made;
    if (!read_equation(mg_json_text(layer->config, "equation", ""), &at))
        return multiply_kernel(keras, layer, call->inputs[0], &call->outputs[0]);
    TRY(mg_keras_weights(keras, layer, "kernel", (int32_t)(at.summed + at.made), NULL, &kernel));
    for (size_t i = 0; i < at.summed; ++i) rows *= kernel.shape[i];
    for (size_t i = 0; i < at.made; ++i) columns *= kernel.shape[at.summed + i];
    int32_t kept = source.rank - (int32_t)at.summed;
    bool fits = kept >= 0 && kept + (int32_t)at.made <= MIDGE_MAX_RANK;
    for (size_t i = 0; fits && i < at.summed; ++i)
        fits = source.shape[(size_t)kept + i] == kernel.shape[i];
    if (!fits) return mg_keras_refuse(keras, layer, "its kernel does not fit its input");
    memcpy(shape, source.shape, sizeof shape);
    shape[kept] = rows;
    TRY(mg_keras_reshape(keras, call->inputs[0], kept + 1, shape, &made));
    bool whole = axes != NULL && strcmp(axes, at.output) == 0;
    if (whole) {
        mg_keras_weight terms;
        TRY(mg_keras_weights(keras, layer, "bias", (int32_t)at.made, kernel.shape + at.summed,
                             &terms));
        TRY(mg_keras_constant(keras, "bias", 1, &columns, terms.values, &bias));
    }
    TRY(mg_keras_product(keras, made, kernel.values, rows, columns, bias, &made));
    rank = kept;
    for (size_t i = 0; i < at.made; ++i) shape[rank++] = kernel.shape[at.summed + i];
    TRY(mg_keras_reshape(keras, made, rank, shape, &made));
    if (axes != NULL && !whole) TRY(add_bias(keras, layer, made, &made));
    return mg_keras_activate(keras, layer, json_object_get(layer->config, "activation"), made,
                             &call->outputs[0]);
}
