/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that join tensors of one shape, element by element, and Concatenate. An input that has
 * only the last axis, all others of size 1, is repeated. */
#include "convert/keras_layer.h"
#include "train/train_build.h"

typedef enum merge_kind {
    MERGE_ADD,
    MERGE_SUBTRACT,
    MERGE_MULTIPLY,
    MERGE_AVERAGE,
    MERGE_MAXIMUM,
    MERGE_MINIMUM
} merge_kind;

typedef struct merge_plan {
    merge_kind kind;
    size_t elements; /* of the output */
    float share;     /* of each input in a mean */
} merge_plan;

typedef struct merge_work {
    const mg_train_pass *pass;
    const mg_train_node *node;
    size_t input; /* whose gradient is made */
} merge_work;

static inline float merged(merge_kind kind, float a, float b)
{
    switch (kind) {
    case MERGE_SUBTRACT: return a - b;
    case MERGE_MULTIPLY: return a * b;
    case MERGE_MAXIMUM: return b > a ? b : a;
    case MERGE_MINIMUM: return b < a ? b : a;
    default: return a + b;
    }
}

static void merge_samples(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const merge_work *at = argument;
    const merge_plan *plan = at->node->plan;
    float *y = mg_train_output(at->pass, at->node)->values;
    for (size_t i = 0; i < at->node->input_count; ++i) {
        const mg_train_tensor *input = mg_train_input(at->pass, at->node, i);
        for (size_t sample = begin; sample < end; ++sample) {
            float *to = y + sample * plan->elements;
            const float *from = input->values + sample * input->elements;
            for (size_t k = 0; k < plan->elements; k += input->elements)
                for (size_t e = 0; e < input->elements; ++e)
                    to[k + e] = i == 0 ? from[e] : merged(plan->kind, to[k + e], from[e]);
        }
    }
    if (plan->kind != MERGE_AVERAGE) return;
    for (size_t k = begin * plan->elements; k < end * plan->elements; ++k) y[k] *= plan->share;
}

/* The product of all other inputs at one element. */
static float others(const merge_work *at, size_t sample, size_t element)
{
    float product = 1;
    for (size_t i = 0; i < at->node->input_count; ++i) {
        const mg_train_tensor *input = mg_train_input(at->pass, at->node, i);
        if (i != at->input)
            product *= input->values[sample * input->elements + element % input->elements];
    }
    return product;
}

/* How many inputs have the extreme; the gradient goes to each in equal parts when they are equal,
 * as that of a maximum of two does. */
static float chosen(const merge_work *at, size_t sample, size_t element, float own, float extreme)
{
    float same = 0;
    if (own != extreme) return 0;
    for (size_t i = 0; i < at->node->input_count; ++i) {
        const mg_train_tensor *input = mg_train_input(at->pass, at->node, i);
        same += input->values[sample * input->elements + element % input->elements] == extreme;
    }
    return 1 / same;
}

static void return_samples(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const merge_work *at = argument;
    const merge_plan *plan = at->node->plan;
    const mg_train_tensor *y = mg_train_output(at->pass, at->node);
    mg_train_tensor *input = mg_train_input(at->pass, at->node, at->input);
    size_t size = input->elements;
    for (size_t sample = begin; sample < end; ++sample) {
        float *dx = input->gradient + sample * size;
        memset(dx, 0, size * sizeof(float));
        for (size_t k = 0; k < plan->elements; ++k) {
            size_t place = sample * plan->elements + k;
            float factor = plan->share;
            if (plan->kind == MERGE_SUBTRACT && at->input > 0) factor = -1;
            if (plan->kind == MERGE_MULTIPLY) factor = others(at, sample, k);
            if (plan->kind >= MERGE_MAXIMUM)
                factor = chosen(at, sample, k, input->values[sample * size + k % size],
                                y->values[place]);
            dx[k % size] += y->gradient[place] * factor;
        }
    }
}

static void merge_forward(const mg_train_pass *pass, mg_train_node *node)
{
    merge_work at = {pass, node, 0};
    mg_parallel_for(pass->trainer->pool, pass->batch, 1, merge_samples, &at);
}

static void merge_backward(const mg_train_pass *pass, mg_train_node *node)
{
    for (size_t i = 0; i < node->input_count; ++i) {
        merge_work at = {pass, node, i};
        if (mg_train_input(pass, node, i)->gradient != NULL)
            mg_parallel_for(pass->trainer->pool, pass->batch, 1, return_samples, &at);
    }
}

static const mg_train_operation merge_operation = {"merge", merge_forward, merge_backward, NULL,
                                                   false};

static bool fits(const mg_train_tensor *whole, const mg_train_tensor *part)
{
    bool same = part->rank == whole->rank, repeated = same && part->rank > 0;
    for (int32_t i = 0; i < part->rank && part->rank == whole->rank; ++i) {
        same = same && part->shape[i] == whole->shape[i];
        repeated = repeated && part->shape[i] == (i + 1 < part->rank ? 1 : whole->shape[i]);
    }
    return same || repeated;
}

static midge_status add_merge(midge_trainer *trainer, const mg_keras_layer *layer,
                              mg_keras_call *call, merge_kind kind)
{
    const mg_train_tensor *whole = mg_train_tensor_at(trainer, call->inputs[0]);
    void *memory = NULL;
    mg_train_node *node;
    if (call->input_count < 2)
        return mg_keras_refuse(&trainer->keras, layer, "joins less than two inputs");
    for (size_t i = 1; i < call->input_count; ++i)
        if (mg_train_tensor_at(trainer, call->inputs[i])->elements > whole->elements)
            whole = mg_train_tensor_at(trainer, call->inputs[i]);
    for (size_t i = 0; i < call->input_count; ++i)
        if (!fits(whole, mg_train_tensor_at(trainer, call->inputs[i])))
            return mg_keras_refuse(&trainer->keras, layer,
                                   "its inputs have shapes that do not fit");
    if (kind == MERGE_SUBTRACT && call->input_count != 2)
        return mg_keras_refuse(&trainer->keras, layer, "subtracts more than two inputs");
    const mg_train_tensor shape = *whole;
    TRY(mg_train_plan(trainer, sizeof(merge_plan), &memory));
    merge_plan *plan = memory;
    *plan = (merge_plan){kind, shape.elements,
                         kind == MERGE_AVERAGE ? 1 / (float)call->input_count : 1};
    TRY(mg_train_add_node(trainer, layer, &merge_operation, call->input_count, call->inputs,
                          shape.rank, shape.shape, &call->outputs[0], &node));
    node->plan = plan;
    return MIDGE_OK;
}

midge_status mg_train_build_add(midge_trainer *trainer, const mg_keras_layer *layer,
                                mg_keras_call *call)
{
    return add_merge(trainer, layer, call, MERGE_ADD);
}

midge_status mg_train_build_subtract(midge_trainer *trainer, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    return add_merge(trainer, layer, call, MERGE_SUBTRACT);
}

midge_status mg_train_build_multiply(midge_trainer *trainer, const mg_keras_layer *layer,
                                     mg_keras_call *call)
{
    return add_merge(trainer, layer, call, MERGE_MULTIPLY);
}

midge_status mg_train_build_average(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    return add_merge(trainer, layer, call, MERGE_AVERAGE);
}

midge_status mg_train_build_maximum(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    return add_merge(trainer, layer, call, MERGE_MAXIMUM);
}

midge_status mg_train_build_minimum(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    return add_merge(trainer, layer, call, MERGE_MINIMUM);
}

/* ---- Concatenate ---- */

typedef struct join_plan {
    size_t outer; /* pieces of a sample */
    size_t width; /* of a piece of the output */
} join_plan;

static void run_join(const mg_train_pass *pass, const mg_train_node *node, bool back)
{
    const join_plan *plan = node->plan;
    const mg_train_tensor *output = mg_train_output(pass, node);
    size_t offset = 0, pieces = pass->batch * plan->outer;
    for (size_t i = 0; i < node->input_count; ++i) {
        mg_train_tensor *input = mg_train_input(pass, node, i);
        size_t width = input->elements / plan->outer, bytes = width * sizeof(float);
        for (size_t p = 0; p < pieces && !back; ++p)
            memcpy(output->values + p * plan->width + offset, input->values + p * width, bytes);
        for (size_t p = 0; p < pieces && back && input->gradient != NULL; ++p)
            memcpy(input->gradient + p * width, output->gradient + p * plan->width + offset, bytes);
        offset += width;
    }
}

static void join_forward(const mg_train_pass *pass, mg_train_node *node)
{
    run_join(pass, node, false);
}

static void join_backward(const mg_train_pass *pass, mg_train_node *node)
{
    run_join(pass, node, true);
}

static const mg_train_operation join_operation = {"concatenate", join_forward, join_backward, NULL,
                                                  false};

midge_status mg_train_build_concatenate(midge_trainer *trainer, const mg_keras_layer *layer,
                                        mg_keras_call *call)
{
    mg_train_tensor shape = *mg_train_tensor_at(trainer, call->inputs[0]);
    int32_t axis = mg_json_int(layer->config, "axis", -1);
    void *memory = NULL;
    mg_train_node *node;
    if (axis < 0) axis += shape.rank + 1;
    --axis; /* the batch does not count here */
    if (axis < 0 || axis >= shape.rank)
        return mg_keras_refuse(&trainer->keras, layer, "an axis that its inputs lack");
    for (size_t i = 1; i < call->input_count; ++i) {
        const mg_train_tensor *next = mg_train_tensor_at(trainer, call->inputs[i]);
        bool good = next->rank == shape.rank;
        for (int32_t k = 0; good && k < shape.rank; ++k)
            good = k == axis || next->shape[k] == shape.shape[k];
        if (!good || !mg_int32_add(shape.shape[axis], next->shape[axis], &shape.shape[axis]))
            return mg_keras_refuse(&trainer->keras, layer,
                                   "its inputs have shapes that do not fit");
    }
    TRY(mg_train_plan(trainer, sizeof(join_plan), &memory));
    join_plan *plan = memory;
    *plan = (join_plan){1, 1};
    for (int32_t k = 0; k < axis; ++k) plan->outer *= (size_t)shape.shape[k];
    for (int32_t k = axis; k < shape.rank; ++k) plan->width *= (size_t)shape.shape[k];
    TRY(mg_train_add_node(trainer, layer, &join_operation, call->input_count, call->inputs,
                          shape.rank, shape.shape, &call->outputs[0], &node));
    node->plan = plan;
    return MIDGE_OK;
}
