/* SPDX-License-Identifier: Apache-2.0 */
/* Constants and variables. A variable that is only read is a constant. */
#include "convert/tensorflow_operation.h"

midge_status mg_tf_lower_constant(mg_tensorflow *tf, mg_tf_operation *operation)
{
    const Mg__AttrValue *value = mg_attr(operation->node, "value");
    int32_t tensor;
    TRY(mg_tf_constant_proto(tf, value != NULL ? value->tensor : NULL, &tensor));
    return mg_tf_give_one(tf, operation, tensor);
}

static midge_status own_variable(mg_tensorflow *tf, const mg_tf_operation *operation,
                                 int32_t *variable)
{
    const mg_tf_source handle = mg_tf_own_source(operation);
    return mg_tf_variable_of(tf, &handle, variable);
}

midge_status mg_tf_lower_variable(mg_tensorflow *tf, mg_tf_operation *operation)
{
    mg_tf_value value = {MG_TF_VARIABLE, -1};
    TRY(own_variable(tf, operation, &value.number));
    return mg_tf_give_value(tf, operation, value);
}

/* TensorFlow 1: the variable itself is the tensor. */
midge_status mg_tf_lower_reference(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t variable = -1, tensor = -1;
    TRY(own_variable(tf, operation, &variable));
    TRY(mg_tf_variable_read(tf, variable, &tensor));
    return mg_tf_give_one(tf, operation, tensor);
}

midge_status mg_tf_read_input(mg_tensorflow *tf, const mg_tf_operation *operation, size_t place,
                              int32_t *tensor)
{
    if (place >= operation->input_count)
        return mg_tf_refuse(tf, "has %zu inputs, not %zu", operation->input_count, place + 1);
    const mg_tf_value *value = &operation->inputs[place];
    if (value->kind != MG_TF_VARIABLE) return mg_tf_input(tf, operation, place, tensor);
    return mg_tf_variable_read(tf, value->number, tensor);
}

midge_status mg_tf_lower_read_variable(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t tensor = -1;
    TRY(mg_tf_read_input(tf, operation, 0, &tensor));
    return mg_tf_give_one(tf, operation, tensor);
}

/* What the signature names was fed before; the rest has a value of its own, or none. */
midge_status mg_tf_lower_placeholder(mg_tensorflow *tf, mg_tf_operation *operation)
{
    int32_t tensor = -1;
    if (operation->input_count == 0)
        return mg_tf_refuse(tf, "is an input that the signature does not name");
    TRY(mg_tf_input(tf, operation, 0, &tensor));
    return mg_tf_give_one(tf, operation, tensor);
}
