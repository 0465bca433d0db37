/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of midge.h. */
#include <string.h>

#include "run/create.h"

midge_signature *midge_session_signature(midge_session *session, const char *key)
{
    for (size_t i = 0; i < session->model->signature_count; ++i)
        if (key == NULL || strcmp(session->signatures[i].definition->key, key) == 0)
            return &session->signatures[i];
    return NULL;
}

size_t midge_signature_input_count(const midge_signature *signature)
{
    return signature->definition->input_count;
}

size_t midge_signature_output_count(const midge_signature *signature)
{
    return signature->definition->output_count;
}

const char *midge_signature_input_name(const midge_signature *signature, size_t index)
{
    const mg_signature *definition = signature->definition;
    return index < definition->input_count ? definition->inputs[index].name : NULL;
}

const char *midge_signature_output_name(const midge_signature *signature, size_t index)
{
    const mg_signature *definition = signature->definition;
    return index < definition->output_count ? definition->outputs[index].name : NULL;
}

static midge_tensor *find(const midge_signature *signature, const mg_binding *bindings,
                          size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; ++i)
        if (strcmp(bindings[i].name, name) == 0)
            return &signature->instance->tensors[bindings[i].tensor];
    return NULL;
}

midge_tensor *midge_signature_input(const midge_signature *signature, const char *name)
{
    return find(signature, signature->definition->inputs, signature->definition->input_count, name);
}

midge_tensor *midge_signature_output(const midge_signature *signature, const char *name)
{
    return find(signature, signature->definition->outputs, signature->definition->output_count,
                name);
}

static midge_status require_input(midge_signature *signature, const char *name,
                                  midge_tensor **input)
{
    char key[64], text[64];
    *input = midge_signature_input(signature, name);
    if (*input != NULL) return MIDGE_OK;
    return mg_fail(&signature->session->error, MIDGE_INVALID_ARGUMENT,
                   "signature %s has no input '%s'",
                   mg_printable(signature->definition->key, key, sizeof key),
                   mg_printable(name, text, sizeof text));
}

midge_status midge_signature_resize_input(midge_signature *signature, const char *name, int rank,
                                          const int32_t *shape)
{
    midge_tensor *input;
    TRY(require_input(signature, name, &input));
    if (shape == NULL && rank > 0)
        return mg_fail(&signature->session->error, MIDGE_INVALID_ARGUMENT, "shape is NULL");
    return mg_instance_resize(signature->instance, input, rank, shape);
}

midge_status midge_signature_write_input(midge_signature *signature, const char *name,
                                         const void *data, size_t bytes)
{
    midge_tensor *input;
    TRY(require_input(signature, name, &input));
    if (data == NULL && bytes > 0)
        return mg_fail(&signature->session->error, MIDGE_INVALID_ARGUMENT, "data is NULL");
    TRY(midge_signature_prepare(signature));
    return mg_instance_write(signature->instance, input, data, bytes);
}

midge_status midge_signature_prepare(midge_signature *signature)
{
    if (signature->instance->prepared) return MIDGE_OK;
    mg_session_begin_prepare(signature->session);
    return mg_instance_prepare(signature->instance);
}

midge_status midge_signature_invoke(midge_signature *signature)
{
    mg_session_begin(signature->session);
    return mg_instance_invoke(signature->instance);
}
