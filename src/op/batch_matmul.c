/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BATCH_MATMUL: [… , rows, depth] times [… , depth, columns], leading dimensions broadcast; adj_x
 * and adj_y say that the last two dimensions of an operand are swapped.
 *
 * A left operand that is swapped is transposed into scratch. A right operand without batches of its
 * own meets all rows of the left one in a single product. int8 into int32 leaves the bare sums,
 * without zero points, as TensorFlow Lite has it.
 */
#include <string.h>

#include "op/require.h"
#include "op/shape.h"
#include "op/weighted.h"

typedef struct batch_matmul {
    mg_weighted weighted;
    bool bare;          /* int32 sums */
    size_t left_matrix; /* elements */
    size_t right_matrix;
    size_t rows; /* of one product */
    size_t columns;
    size_t depth;
    size_t products;
    size_t vectors; /* rows of the left operand, over all its batches */
    int32_t batch_rank;
    int32_t batch_shape[MIDGE_MAX_RANK];
    size_t left_step[MIDGE_MAX_RANK]; /* matrices, 0 where the operand is stretched */
    size_t right_step[MIDGE_MAX_RANK];
    size_t activations_at; /* offsets in scratch, after the transposed left operand */
    size_t product_at;
} batch_matmul;

/* Leading dimension `index` of `rank` of an operand that may have fewer. */
static int32_t batch_size(const midge_tensor *tensor, int32_t index, int32_t rank)
{
    const int32_t at = index + (tensor->rank - 2) - rank;
    return at < 0 ? 1 : tensor->shape[at];
}

static void batch_steps(const midge_tensor *tensor, int32_t rank, size_t step[MIDGE_MAX_RANK])
{
    size_t matrices = 1;
    for (int32_t i = rank - 1; i >= 0; i--) {
        const int32_t size = batch_size(tensor, i, rank);
        step[i] = size == 1 ? 0 : matrices;
        matrices *= (size_t)size;
    }
}

static midge_status set_batches(midge_op_context *context, batch_matmul *plan)
{
    const midge_tensor *left = context->inputs[0], *right = context->inputs[1];
    const int32_t rank = (left->rank > right->rank ? left->rank : right->rank) - 2;
    plan->batch_rank = rank;
    plan->products = 1;
    for (int32_t i = 0; i < rank; i++) {
        const int32_t a = batch_size(left, i, rank), b = batch_size(right, i, rank);
        if (a != b && a != 1 && b != 1)
            return mg_op_fail(context, MIDGE_INVALID_MODEL, "batches of %d and %d do not broadcast",
                              (int)a, (int)b);
        plan->batch_shape[i] = a == 1 ? b : a;
        if (!mg_size_multiply(plan->products, (size_t)plan->batch_shape[i], &plan->products))
            return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "too many batches");
    }
    batch_steps(left, rank, plan->left_step);
    batch_steps(right, rank, plan->right_step);
    return MIDGE_OK;
}

static midge_status set_output(midge_op_context *context, const batch_matmul *plan)
{
    int32_t shape[MIDGE_MAX_RANK];
    for (int32_t i = 0; i < plan->batch_rank; i++) shape[i] = plan->batch_shape[i];
    shape[plan->batch_rank] = (int32_t)plan->rows;
    shape[plan->batch_rank + 1] = (int32_t)plan->columns;
    return mg_set_output_shape(context, 0, plan->batch_rank + 2, shape);
}

static midge_status set_sizes(midge_op_context *context, batch_matmul *plan)
{
    const mg_BatchMatMulOptions *options = MG_OPTIONS(context, BatchMatMulOptions);
    const midge_tensor *left = context->inputs[0], *right = context->inputs[1];
    TRY(mg_require_rank(context, left, "left operand", 2, 5));
    TRY(mg_require_rank(context, right, "right operand", 2, 5));
    const int32_t *a = left->shape + left->rank - 2, *b = right->shape + right->rank - 2;
    const int32_t depth = options->adj_x ? a[0] : a[1];
    if (depth != (options->adj_y ? b[1] : b[0]))
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "depths %d and %d differ", (int)depth,
                          (int)(options->adj_y ? b[1] : b[0]));
    plan->depth = (size_t)depth;
    plan->rows = (size_t)(options->adj_x ? a[1] : a[0]);
    plan->columns = (size_t)(options->adj_y ? b[0] : b[1]);
    plan->left_matrix = plan->rows * plan->depth;
    plan->right_matrix = plan->columns * plan->depth;
    TRY(set_batches(context, plan));
    return set_output(context, plan);
}

static midge_status set_arithmetic(midge_op_context *context, batch_matmul *plan, void *factors)
{
    const mg_BatchMatMulOptions *options = MG_OPTIONS(context, BatchMatMulOptions);
    const midge_tensor *left = context->inputs[0], *right = context->inputs[1];
    TRY(mg_require_type(context, left, "left operand",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_INT16)));
    TRY(mg_require_type(context, right, "right operand",
                        MG_TYPES_3(MIDGE_FLOAT32, MIDGE_INT8, MIDGE_INT16)));
    plan->bare = left->type == MIDGE_INT8 && context->outputs[0]->type == MIDGE_INT32;
    if (plan->bare) {
        TRY(mg_require_type(context, right, "right operand", MG_TYPES(MIDGE_INT8)));
        plan->weighted.kind = MG_WEIGHTED_INT;
        plan->weighted.form = (mg_gemm_int_form){MG_CELL_I8, MG_CELL_I8, 0, 0, plan->depth};
        return MIDGE_OK;
    }
    mg_weighted_rule rule = {0};
    rule.channel_axis = right->rank - (options->adj_y ? 2 : 1);
    rule.channels = (int32_t)plan->columns;
    rule.activation = MG_ACTIVATION_NONE;
    rule.weights_zero = true;
    rule.one_scale = true;
    rule.asymmetric = options->asymmetric_quantize_inputs;
    TRY(mg_weighted_prepare(context, left, right, NULL, context->outputs[0], &rule, factors,
                            &plan->weighted));
    plan->weighted.form.depth = plan->depth;
    return MIDGE_OK;
}

/* One right operand for all: the left batches are so many more rows. */
static void merge_batches(const midge_op_context *context, batch_matmul *plan)
{
    const midge_tensor *right = context->inputs[1];
    if (right->elements != plan->right_matrix) return;
    plan->rows *= plan->products;
    plan->left_matrix *= plan->products;
    plan->products = 1;
    plan->batch_rank = 0;
}

static mg_weighted_product product_of(const midge_op_context *context, const batch_matmul *plan)
{
    const bool swapped = MG_OPTIONS(context, BatchMatMulOptions)->adj_y;
    mg_weighted_product product = {0};
    product.weighted = &plan->weighted;
    product.rows.count = plan->rows;
    product.rows.segments = 1;
    product.rows.length = plan->depth;
    product.rows.point = mg_dense_rows_point;
    product.columns.column_step = swapped ? plan->depth : 1;
    product.columns.depth_step = swapped ? 1 : plan->columns;
    product.columns.count = plan->columns;
    product.columns.depth = plan->depth;
    product.out_stride = plan->columns;
    product.rows_per_scale = 1;
    return product;
}

static midge_status request_scratch(midge_op_context *context, batch_matmul *plan)
{
    const midge_tensor *left = context->inputs[0];
    const mg_weighted_product product = product_of(context, plan);
    size_t bytes = 0, part, offset;
    part = MG_OPTIONS(context, BatchMatMulOptions)->adj_x ? left->bytes : 0;
    TRY(mg_scratch_add(context, &bytes, part, &offset));
    plan->vectors = plan->depth > 0 ? left->elements / plan->depth : plan->products * plan->rows;
    TRY(mg_activations_scratch(context, &plan->weighted, plan->vectors, left->elements, &part));
    TRY(mg_scratch_add(context, &bytes, part, &plan->activations_at));
    TRY(mg_weighted_scratch(context, &product, &part));
    TRY(mg_scratch_add(context, &bytes, part, &plan->product_at));
    return mg_request_scratch(context, bytes);
}

midge_status mg_prepare_batch_matmul(midge_op_context *context)
{
    batch_matmul sizes = {0};
    void *memory;
    TRY(set_sizes(context, &sizes));
    TRY(mg_prepared(context, sizeof sizes + mg_weighted_factor_bytes(sizes.columns), &memory));
    batch_matmul *plan = memory;
    *plan = sizes;
    TRY(set_arithmetic(context, plan, plan + 1));
    context->multiply_accumulates =
        (uint64_t)plan->products * plan->rows * plan->columns * plan->depth;
    merge_batches(context, plan);
    return request_scratch(context, plan);
}

/* Swaps the last two dimensions of all matrices. */
static void transpose(const midge_tensor *left, size_t cell_bytes, char *out)
{
    const size_t height = (size_t)left->shape[left->rank - 2];
    const size_t width = (size_t)left->shape[left->rank - 1];
    const char *in = left->data;
    if (left->elements == 0) return;
    for (size_t m = 0; m < left->elements / (height * width); m++)
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++, in += cell_bytes)
                memcpy(out + ((m * width + x) * height + y) * cell_bytes, in, cell_bytes);
}

static size_t matrix_at(const batch_matmul *plan, const size_t step[MIDGE_MAX_RANK], size_t product)
{
    size_t matrix = 0;
    for (int32_t i = plan->batch_rank - 1; i >= 0; i--) {
        matrix += product % (size_t)plan->batch_shape[i] * step[i];
        product /= (size_t)plan->batch_shape[i];
    }
    return matrix;
}

static void run_bare(midge_op_context *context, const batch_matmul *plan,
                     const mg_weighted_product *product, void *scratch)
{
    const mg_plain_sums finish = {product->out, plan->columns};
    const mg_product_int integers = {context->kernels,
                                     plan->weighted.form,
                                     product->rows,
                                     product->columns,
                                     NULL,
                                     mg_finish_plain,
                                     &finish,
                                     NULL};
    mg_product_int_run(&integers, context->pool, scratch);
}

midge_status mg_run_batch_matmul(midge_op_context *context)
{
    const batch_matmul *plan = context->prepared;
    const mg_weighted *weighted = &plan->weighted;
    char *scratch = context->scratch;
    midge_tensor left = *context->inputs[0];
    if (MG_OPTIONS(context, BatchMatMulOptions)->adj_x) {
        transpose(&left, left.elements > 0 ? left.bytes / left.elements : 1, scratch);
        left.data = scratch;
    }
    mg_weighted_product product = product_of(context, plan);
    const float *row_scale;
    const char *activations = mg_activations(context, weighted, &left, plan->vectors,
                                             scratch + plan->activations_at, &row_scale, NULL);
    const size_t cell_bytes = mg_weighted_cell_bytes(weighted);
    const size_t out_bytes = plan->bare ? sizeof(int32_t) : mg_weighted_result_bytes(weighted);
    for (size_t p = 0; p < plan->products; p++) {
        const size_t left_index = matrix_at(plan, plan->left_step, p);
        const size_t left_at = left_index * plan->left_matrix;
        const size_t right_at = matrix_at(plan, plan->right_step, p) * plan->right_matrix;
        const mg_dense_rows rows = {activations + left_at * cell_bytes, plan->depth * cell_bytes};
        product.rows.argument = &rows;
        product.columns.weights =
            (const char *)context->inputs[1]->data + right_at * mg_weighted_weight_bytes(weighted);
        product.row_scale = row_scale ? row_scale + left_index * plan->rows : NULL;
        product.out =
            (char *)context->outputs[0]->data + p * plan->rows * plan->columns * out_bytes;
        if (plan->bare)
            run_bare(context, plan, &product, scratch + plan->product_at);
        else
            mg_weighted_run(context, &product, scratch + plan->product_at);
    }
    return MIDGE_OK;
}
