/* SPDX-License-Identifier: Apache-2.0 */
/* TfLiteOpaqueNode, which is a TfLiteNode. */
#include <string.h>

#include "objects.h"

static const TfLiteNode *seen(const TfLiteOpaqueNode *node)
{
    return (const TfLiteNode *)node;
}

/* Entry `index` of a list of tensors; -1 when it is out of range or absent. */
static int entry(const TfLiteIntArray *list, int index)
{
    return list == NULL || index < 0 || index >= list->size ? -1 : list->data[index];
}

static TfLiteOpaqueTensor *tensor_at(const TfLiteContext *context, int index)
{
    return (TfLiteOpaqueTensor *)context->GetTensor(context, index);
}

const TfLiteOpaqueTensor *TfLiteOpaqueNodeGetInput(const TfLiteOpaqueContext *opaque_context,
                                                   const TfLiteOpaqueNode *opaque_node, int index)
{
    return tensor_at((const TfLiteContext *)opaque_context,
                     entry(seen(opaque_node)->inputs, index));
}

TfLiteOpaqueTensor *TfLiteOpaqueNodeGetOutput(TfLiteOpaqueContext *opaque_context,
                                              const TfLiteOpaqueNode *opaque_node, int index)
{
    return tensor_at((const TfLiteContext *)opaque_context,
                     entry(seen(opaque_node)->outputs, index));
}

int TfLiteOpaqueNodeNumberOfInputs(const TfLiteOpaqueNode *opaque_node)
{
    return seen(opaque_node)->inputs->size;
}

int TfLiteOpaqueNodeNumberOfOutputs(const TfLiteOpaqueNode *opaque_node)
{
    return seen(opaque_node)->outputs->size;
}

void *TfLiteOpaqueNodeGetUserData(const TfLiteOpaqueNode *opaque_node)
{
    return seen(opaque_node)->user_data;
}

void *TfLiteOpaqueNodeGetBuiltinData(const TfLiteOpaqueNode *opaque_node)
{
    return seen(opaque_node)->builtin_data;
}

TfLiteStatus TfLiteOpaqueNodeGetCustomInitialData(const TfLiteOpaqueNode *opaque_node,
                                                  const void **init_data, int *size)
{
    *init_data = seen(opaque_node)->custom_initial_data;
    *size = seen(opaque_node)->custom_initial_data_size;
    return kTfLiteOk;
}

static TfLiteStatus list(const TfLiteIntArray *from, const int **indices, int *count)
{
    if (from == NULL) return kTfLiteError;
    *indices = from->data;
    *count = from->size;
    return kTfLiteOk;
}

TfLiteStatus TfLiteOpaqueNodeInputs(const TfLiteOpaqueNode *opaque_node, const int **inputs,
                                    int *num_inputs)
{
    return list(seen(opaque_node)->inputs, inputs, num_inputs);
}

TfLiteStatus TfLiteOpaqueNodeOutputs(const TfLiteOpaqueNode *opaque_node, const int **outputs,
                                     int *num_outputs)
{
    return list(seen(opaque_node)->outputs, outputs, num_outputs);
}

TfLiteStatus TfLiteOpaqueNodeTemporaries(const TfLiteOpaqueNode *opaque_node,
                                         const int **temporaries, int *num_temporaries)
{
    return list(seen(opaque_node)->temporaries, temporaries, num_temporaries);
}

TfLiteStatus TfLiteOpaqueNodeSetTemporaries(TfLiteOpaqueNode *opaque_node, const int *temporaries,
                                            int num_temporaries)
{
    TfLiteNode *node = (TfLiteNode *)opaque_node;
    TfLiteIntArray *made = TfLiteIntArrayCreate(num_temporaries);
    if (made == NULL) return kTfLiteError;
    if (num_temporaries > 0)
        memcpy(made->data, temporaries, (size_t)num_temporaries * sizeof *temporaries);
    TfLiteIntArrayFree(node->temporaries);
    node->temporaries = made;
    return kTfLiteOk;
}

int TfLiteOpaqueNodeGetInputTensorIndex(const TfLiteOpaqueNode *opaque_node, int index_of_input)
{
    return entry(seen(opaque_node)->inputs, index_of_input);
}

int TfLiteOpaqueNodeGetOutputTensorIndex(const TfLiteOpaqueNode *opaque_node, int index_of_output)
{
    return entry(seen(opaque_node)->outputs, index_of_output);
}
