/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that give their input another shape; the memory stays. */
#include "train/train_build.h"

static void view_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_tensor *x = mg_train_input(pass, node, 0);
    mg_train_tensor *y = mg_train_output(pass, node);
    if (y->values != x->values)
        memcpy(y->values, x->values, pass->batch * x->elements * sizeof(float));
}

static void view_backward(const mg_train_pass *pass, mg_train_node *node)
{
    mg_train_tensor *x = mg_train_input(pass, node, 0);
    const mg_train_tensor *y = mg_train_output(pass, node);
    if (y->gradient != x->gradient)
        memcpy(x->gradient, y->gradient, pass->batch * x->elements * sizeof(float));
}

static const mg_train_operation view_operation = {"view", view_forward, view_backward, NULL, true};

midge_status mg_train_build_flatten(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    int32_t elements = (int32_t)mg_train_tensor_at(trainer, call->inputs[0])->elements;
    return mg_train_add_node(trainer, layer, &view_operation, 1, call->inputs, 1, &elements,
                             &call->outputs[0], NULL);
}
