/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dense over the last dimension: y = x W + b with W in x out, rows = samples and what lies between.
 *   dW = x' dy    db = sum of dy over rows    dx = dy W'
 */
#include "train/train_build.h"

typedef struct dense_plan {
    size_t rows; /* of a sample */
    size_t in;
    size_t out;
} dense_plan;

static float *worker_scratch(const mg_train_pass *pass, const mg_train_node *node)
{
    return mg_train_worker_scratch(pass, node, 0);
}

static void dense_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const dense_plan *plan = node->plan;
    const mg_train_weight *bias = mg_train_weight_of(pass, node, 1);
    const mg_train_product product = {
        .rows = pass->batch * plan->rows,
        .columns = plan->out,
        .depth = plan->in,
        .left = {mg_train_input(pass, node, 0)->values, plan->in, 1},
        .right = {mg_train_weight_of(pass, node, 0)->values, 1, plan->out},
        .bias = bias != NULL ? bias->values : NULL,
        .out = mg_train_output(pass, node)->values,
        .out_stride = plan->out};
    if (mg_train_depth_parts(product.rows, product.depth) > 1)
        mg_train_multiply_parts(pass, &product, pass->trainer->scratch, worker_scratch(pass, node),
                                node->per_worker);
    else
        mg_train_multiply(pass, &product, NULL, worker_scratch(pass, node), node->per_worker);
}

static void dense_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const dense_plan *plan = node->plan;
    mg_train_tensor *x = mg_train_input(pass, node, 0);
    const mg_train_tensor *y = mg_train_output(pass, node);
    mg_train_weight *kernel = mg_train_weight_of(pass, node, 0);
    mg_train_weight *bias = mg_train_weight_of(pass, node, 1);
    const size_t rows = pass->batch * plan->rows;
    if (bias != NULL && bias->trained)
        mg_train_sum_rows(pass, y->gradient, rows, plan->out, bias->gradient);
    if (x->gradient != NULL) {
        const mg_train_product product = {.rows = rows,
                                          .columns = plan->in,
                                          .depth = plan->out,
                                          .left = {y->gradient, plan->out, 1},
                                          .right = {kernel->values, plan->out, 1},
                                          .out = x->gradient,
                                          .out_stride = plan->in};
        mg_train_multiply(pass, &product, NULL, worker_scratch(pass, node), node->per_worker);
    }
    /* Last, because it may change the kernel. */
    if (kernel->trained && rows <= MG_TRAIN_OUTER_DEPTH) {
        const mg_train_outer outer = {plan->in, plan->out, rows, x->values, y->gradient, kernel};
        mg_train_multiply_outer(pass, &outer, pass->trainer->scratch, worker_scratch(pass, node),
                                node->per_worker);
    } else if (kernel->trained) {
        const mg_train_product product = {.rows = plan->in,
                                          .columns = plan->out,
                                          .depth = rows,
                                          .left = {x->values, 1, plan->in},
                                          .right = {y->gradient, 1, plan->out},
                                          .out = kernel->gradient,
                                          .out_stride = plan->out};
        mg_train_multiply(pass, &product, pass->trainer->scratch, worker_scratch(pass, node),
                          node->per_worker);
    }
}

/* The scratch of each worker takes a panel of the deepest of the products; fewer samples than there
 * is room for take no more. */
static void dense_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                        mg_train_needs *needs)
{
    const dense_plan *plan = node->plan;
    const uint64_t rows = (uint64_t)batch * plan->rows;
    uint64_t depth = plan->in > plan->out ? plan->in : plan->out;
    mg_train_needs outer;
    mg_train_outer_needs(trainer, plan->in, plan->out, MG_TRAIN_OUTER_DEPTH, &outer);
    if (rows < MG_TRAIN_OUTER_DEPTH)
        mg_train_outer_needs(trainer, plan->in, plan->out, (size_t)rows, &outer);
    else if (depth < rows)
        depth = rows;
    needs->shared = rows > MG_TRAIN_OUTER_DEPTH ? rows * plan->in : 0;
    needs->per_worker = trainer->kernels.gemm_f32->panel_columns * (depth + 1);
    if (needs->shared < outer.shared) needs->shared = outer.shared;
    const uint64_t parts = mg_train_depth_parts(1, plan->in) * plan->out *
                           (rows < MG_TRAIN_OUTER_DEPTH ? rows : MG_TRAIN_OUTER_DEPTH);
    if (needs->shared < parts) needs->shared = parts;
    if (needs->per_worker < outer.per_worker) needs->per_worker = outer.per_worker;
}

static const mg_train_operation dense_operation = {"dense", dense_forward, dense_backward,
                                                   dense_needs, false};

midge_status mg_train_build_dense(midge_trainer *trainer, const mg_keras_layer *layer,
                                  mg_keras_call *call)
{
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const mg_train_tensor input = *mg_train_tensor_at(trainer, call->inputs[0]);
    int32_t shape[MIDGE_MAX_RANK], units, kernel, bias;
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_count(trainer, layer, "units", &units));
    if (input.rank < 1) return mg_keras_refuse(&trainer->keras, layer, "its input has no features");
    memcpy(shape, input.shape, sizeof shape);
    int32_t features = shape[input.rank - 1];
    shape[input.rank - 1] = units;
    TRY(mg_train_plan(trainer, sizeof(dense_plan), &memory));
    dense_plan *plan = memory;
    *plan = (dense_plan){input.elements / (size_t)features, (size_t)features, (size_t)units};
    TRY(mg_train_add_weight(trainer, layer,
                            &(mg_train_weight_form){"kernel",
                                                    "kernel_initializer",
                                                    "glorot_uniform",
                                                    "kernel_regularizer",
                                                    false,
                                                    2,
                                                    {features, units}},
                            &kernel));
    TRY(mg_train_add_weight(
        trainer, layer,
        &(mg_train_weight_form){
            "bias", "bias_initializer", "zeros", "bias_regularizer", false, 1, {units}},
        &bias));
    TRY(mg_train_add_node(trainer, layer, &dense_operation, 1, call->inputs, input.rank, shape,
                          &call->outputs[0], &node));
    node->weights[0] = kernel;
    node->weights[1] = bias;
    node->plan = plan;
    return mg_train_activate(trainer, layer, json_object_get(layer->config, "activation"),
                             call->outputs[0], &call->outputs[0]);
}
