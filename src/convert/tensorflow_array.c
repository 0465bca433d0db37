/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that cut, join, pick and place elements. */
#include "base/size.h"
#include "convert/tensorflow_operation.h"

/* Inputs after the first are indices and sizes, which .tflite wants as int32. */
midge_status mg_tf_lower_indexed(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, operation->input_count, &inputs));
    for (size_t i = 1; i < operation->input_count; ++i)
        TRY(mg_tf_as_int32(tf, inputs[i], &inputs[i]));
    TRY(mg_tf_node(tf, operation->row->code, operation->input_count, inputs, -1, &output));
    return mg_tf_give_one(tf, operation, output);
}

static midge_status join(mg_tensorflow *tf, size_t count, const int32_t *inputs, int32_t axis,
                         int32_t *output)
{
    mg_network_node *node;
    TRY(mg_tf_begin(tf, MG_BUILTIN_CONCATENATION, count, inputs, 1, -1, &node));
    ((mg_ConcatenationOptions *)node->options)->axis = axis;
    return mg_tf_finish(tf, output);
}

midge_status mg_tf_lower_concat(mg_tensorflow *tf, mg_tf_operation *operation)
{
    bool axis_first = strcmp(operation->node->op, "Concat") == 0;
    size_t count = operation->input_count;
    int32_t *inputs = NULL, axis, output;
    if (count < 2) return mg_tf_refuse(tf, "joins nothing");
    TRY(mg_tf_inputs(tf, operation, axis_first, count - !axis_first, &inputs));
    TRY(mg_tf_input_int(tf, operation, axis_first ? 0 : count - 1, &axis));
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, inputs[0])->rank, &axis));
    if (count == 2) return mg_tf_give_one(tf, operation, inputs[0]);
    TRY(join(tf, count - 1, inputs, axis, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* LiteRT's PACK takes no truth values; CONCATENATION does. */
static midge_status pack_truths(mg_tensorflow *tf, size_t count, int32_t *inputs, int32_t axis,
                                int32_t *output)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, inputs[0]);
    int32_t shape[MIDGE_MAX_RANK];
    if (source.rank == MIDGE_MAX_RANK)
        return mg_tf_refuse(tf, "makes more than %d dimensions", MIDGE_MAX_RANK);
    for (int32_t i = 0; i <= source.rank; ++i)
        shape[i] = i == axis ? 1 : source.shape[i < axis ? i : i - 1];
    for (size_t i = 0; i < count; ++i)
        TRY(mg_tf_reshape(tf, inputs[i], source.rank + 1, shape, &inputs[i]));
    return join(tf, count, inputs, axis, output);
}

midge_status mg_tf_lower_pack(mg_tensorflow *tf, mg_tf_operation *operation)
{
    size_t count = operation->input_count;
    int32_t *inputs = NULL, axis, output;
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, count, &inputs));
    axis = (int32_t)mg_attr_int(operation->node, "axis", 0);
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, inputs[0])->rank + 1, &axis));
    if (mg_tf_tensor(tf, inputs[0])->type == MIDGE_BOOL) {
        TRY(pack_truths(tf, count, inputs, axis, &output));
        return mg_tf_give_one(tf, operation, output);
    }
    TRY(mg_tf_begin(tf, MG_BUILTIN_PACK, count, inputs, 1, -1, &node));
    mg_PackOptions *options = node->options;
    options->axis = axis;
    options->values_count = (int32_t)count;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

enum { MOST_PARTS = 1024 };

/* Finishes a node with many outputs. */
static midge_status give_parts(mg_tensorflow *tf, mg_tf_operation *operation, size_t count)
{
    void *memory = NULL;
    TRY(mg_tf_memory(tf, count, sizeof(int32_t), &memory));
    TRY(mg_tf_finish(tf, memory));
    return mg_tf_give(tf, operation, count, memory);
}

midge_status mg_tf_lower_unpack(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t input, axis;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    axis = (int32_t)mg_attr_int(operation->node, "axis", 0);
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, input)->rank, &axis));
    int32_t count = mg_tf_tensor(tf, input)->shape[axis];
    if (count < 1 || count > MOST_PARTS) return mg_tf_refuse(tf, "makes %d parts", (int)count);
    TRY(mg_tf_begin(tf, MG_BUILTIN_UNPACK, 1, &input, (size_t)count, -1, &node));
    mg_UnpackOptions *options = node->options;
    options->axis = axis;
    options->num = count;
    return give_parts(tf, operation, (size_t)count);
}

midge_status mg_tf_lower_split(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, axis;
    mg_network_node *node;
    int64_t count = mg_attr_int(operation->node, "num_split", 0);
    if (count < 1 || count > MOST_PARTS) return mg_tf_refuse(tf, "makes %d parts", (int)count);
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_input_int(tf, operation, 0, &axis));
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, inputs[1])->rank, &axis));
    TRY(mg_tf_int32_scalar(tf, axis, &inputs[0]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_SPLIT, 2, inputs, (size_t)count,
                    (int)mg_tf_tensor(tf, inputs[1])->type, &node));
    ((mg_SplitOptions *)node->options)->num_splits = (int32_t)count;
    return give_parts(tf, operation, (size_t)count);
}

midge_status mg_tf_lower_split_v(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, axis;
    mg_network_node *node;
    int64_t count = mg_attr_int(operation->node, "num_split", 0);
    if (count < 1 || count > MOST_PARTS) return mg_tf_refuse(tf, "makes %d parts", (int)count);
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    TRY(mg_tf_input_int(tf, operation, 2, &axis));
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, inputs[0])->rank, &axis));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_int32_scalar(tf, axis, &inputs[2]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_SPLIT_V, 3, inputs, (size_t)count, -1, &node));
    ((mg_SplitVOptions *)node->options)->num_splits = (int32_t)count;
    return give_parts(tf, operation, (size_t)count);
}

static int32_t mask(const mg_tf_operation *operation, const char *key)
{
    return (int32_t)(mg_attr_int(operation->node, key, 0) & INT32_MAX);
}

/* Whether all steps are 1, so that a slice of all elements only changes the shape. */
static bool steps_by_one(const mg_tensorflow *tf, int32_t steps)
{
    int32_t values[32];
    size_t count = 0;
    if (!mg_tf_constant_ints(tf, steps, 32, values, &count)) return false;
    for (size_t i = 0; i < count; ++i)
        if (values[i] != 1) return false;
    return true;
}

midge_status mg_tf_lower_strided_slice(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    size_t before = 0, after = 0;
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 4, &inputs));
    for (size_t i = 1; i < 4; ++i) TRY(mg_tf_as_int32(tf, inputs[i], &inputs[i]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_STRIDED_SLICE, 4, inputs, 1, -1, &node));
    mg_StridedSliceOptions *options = node->options;
    options->begin_mask = mask(operation, "begin_mask");
    options->end_mask = mask(operation, "end_mask");
    options->ellipsis_mask = mask(operation, "ellipsis_mask");
    options->new_axis_mask = mask(operation, "new_axis_mask");
    options->shrink_axis_mask = mask(operation, "shrink_axis_mask");
    TRY(mg_tf_finish(tf, &output));
    const mg_network_tensor *source = mg_tf_tensor(tf, inputs[0]), *made = mg_tf_tensor(tf, output);
    (void)mg_shape_elements(source->rank, source->shape, &before);
    (void)mg_shape_elements(made->rank, made->shape, &after);
    if (made->data == NULL && before == after && steps_by_one(tf, inputs[3])) {
        --mg_tf_graph(tf)->node_count;
        const mg_network_tensor shape = *made;
        TRY(mg_tf_reshape(tf, inputs[0], shape.rank, shape.shape, &output));
    }
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_pad(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    size_t count = operation->row->code == MG_BUILTIN_PADV2 ? 3 : 2;
    TRY(mg_tf_inputs(tf, operation, 0, count, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_node(tf, operation->row->code, count, inputs, -1, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_mirror_pad(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_MIRROR_PAD, 2, inputs, 1, -1, &node));
    ((mg_MirrorPadOptions *)node->options)->mode = mg_attr_is(operation->node, "mode", "SYMMETRIC")
                                                       ? MG_MIRROR_PAD_SYMMETRIC
                                                       : MG_MIRROR_PAD_REFLECT;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

/* Cut where the first element comes to stand, and joined the other way round. */
static midge_status roll_axis(mg_tensorflow *tf, int32_t input, int32_t axis, int32_t shift,
                              int32_t *output)
{
    const mg_network_tensor source = *mg_tf_tensor(tf, input);
    int32_t size = source.shape[axis], parts[2], begin, sizes;
    *output = input;
    if (size == 0 || shift % size == 0) return MIDGE_OK;
    int32_t cut = size - (shift % size + size) % size;
    for (int i = 0; i < 2; ++i) {
        int32_t first[MIDGE_MAX_RANK] = {0}, shape[MIDGE_MAX_RANK];
        memcpy(shape, source.shape, sizeof shape);
        first[axis] = i == 0 ? cut : 0;
        shape[axis] = i == 0 ? size - cut : cut;
        TRY(mg_tf_int32s(tf, (size_t)source.rank, first, &begin));
        TRY(mg_tf_int32s(tf, (size_t)source.rank, shape, &sizes));
        TRY(mg_tf_node(tf, MG_BUILTIN_SLICE, 3, (int32_t[]){input, begin, sizes}, -1, &parts[i]));
    }
    return join(tf, 2, parts, axis, output);
}

midge_status mg_tf_lower_roll(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t output, shifts[MIDGE_MAX_RANK], axes[MIDGE_MAX_RANK];
    size_t shift_count = 0, axis_count = 0;
    TRY(mg_tf_input(tf, operation, 0, &output));
    TRY(mg_tf_input_ints(tf, operation, 1, MIDGE_MAX_RANK, shifts, &shift_count));
    TRY(mg_tf_input_ints(tf, operation, 2, MIDGE_MAX_RANK, axes, &axis_count));
    if (shift_count != axis_count)
        return mg_tf_refuse(tf, "has %zu shifts of %zu axes", shift_count, axis_count);
    for (size_t i = 0; i < axis_count; ++i) {
        TRY(mg_tf_axis(tf, axes[i], mg_tf_tensor(tf, output)->rank, &axes[i]));
        TRY(roll_axis(tf, output, axes[i], shifts[i], &output));
    }
    return mg_tf_give_one(tf, operation, output);
}

/* ---- By index ---- */

midge_status mg_tf_lower_gather(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t inputs[2], axis, output;
    mg_network_node *node;
    int32_t batch = (int32_t)mg_attr_int(operation->node, "batch_dims", 0);
    TRY(mg_tf_read_input(tf, operation, 0, &inputs[0]));
    TRY(mg_tf_input(tf, operation, 1, &inputs[1]));
    axis = batch;
    if (operation->input_count > 2) TRY(mg_tf_input_int(tf, operation, 2, &axis));
    TRY(mg_tf_axis(tf, axis, mg_tf_tensor(tf, inputs[0])->rank, &axis));
    if (batch < 0) batch += mg_tf_tensor(tf, inputs[1])->rank;
    TRY(mg_tf_begin(tf, MG_BUILTIN_GATHER, 2, inputs, 1, -1, &node));
    mg_GatherOptions *options = node->options;
    options->axis = axis;
    options->batch_dims = batch;
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_gather_nd(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t inputs[2], output;
    if (mg_attr_int(operation->node, "batch_dims", 0) != 0)
        return mg_tf_refuse(tf, "batch_dims other than 0");
    TRY(mg_tf_read_input(tf, operation, 0, &inputs[0]));
    TRY(mg_tf_input(tf, operation, 1, &inputs[1]));
    TRY(mg_tf_node(tf, MG_BUILTIN_GATHER_ND, 2, inputs, -1, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_scatter_nd(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[0], &inputs[0]));
    TRY(mg_tf_as_int32(tf, inputs[2], &inputs[2]));
    midge_type type = mg_tf_tensor(tf, inputs[1])->type;
    TRY(mg_tf_node(tf, MG_BUILTIN_SCATTER_ND, 3, inputs, (int)type, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_scatter_add(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, shape, placed, output;
    TRY(mg_tf_inputs(tf, operation, 0, 3, &inputs));
    const mg_network_tensor source = *mg_tf_tensor(tf, inputs[0]);
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_int32s(tf, (size_t)source.rank, source.shape, &shape));
    TRY(mg_tf_node(tf, MG_BUILTIN_SCATTER_ND, 3, (int32_t[]){inputs[1], inputs[2], shape},
                   (int)source.type, &placed));
    TRY(mg_tf_binary(tf, MG_BUILTIN_ADD, inputs[0], placed, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_one_hot(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 4, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_ONE_HOT, 4, inputs, 1, (int)mg_tf_tensor(tf, inputs[2])->type,
                    &node));
    ((mg_OneHotOptions *)node->options)->axis = (int32_t)mg_attr_int(operation->node, "axis", -1);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_reverse_sequence(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t *inputs = NULL, output;
    mg_network_node *node;
    TRY(mg_tf_inputs(tf, operation, 0, 2, &inputs));
    TRY(mg_tf_as_int32(tf, inputs[1], &inputs[1]));
    TRY(mg_tf_begin(tf, MG_BUILTIN_REVERSE_SEQUENCE, 2, inputs, 1, -1, &node));
    mg_ReverseSequenceOptions *options = node->options;
    options->seq_dim = (int32_t)mg_attr_int(operation->node, "seq_dim", 0);
    options->batch_dim = (int32_t)mg_attr_int(operation->node, "batch_dim", 0);
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}

midge_status mg_tf_lower_bucketize(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const Mg__AttrValue *boundaries = mg_attr(operation->node, "boundaries");
    int32_t input, output;
    void *memory = NULL;
    mg_network_node *node;
    TRY(mg_tf_input(tf, operation, 0, &input));
    if (boundaries == NULL || boundaries->list == NULL)
        return mg_tf_refuse(tf, "has no boundaries");
    size_t count = boundaries->list->n_f;
    TRY(mg_network_memory(tf->network, count * sizeof(float), &memory));
    if (count > 0) memcpy(memory, boundaries->list->f, count * sizeof(float));
    TRY(mg_tf_begin(tf, MG_BUILTIN_BUCKETIZE, 1, &input, 1, MIDGE_INT32, &node));
    ((mg_BucketizeOptions *)node->options)->boundaries = (mg_floats){memory, count};
    TRY(mg_tf_finish(tf, &output));
    return mg_tf_give_one(tf, operation, output);
}
