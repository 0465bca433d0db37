/* SPDX-License-Identifier: Apache-2.0 */
/* VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE: values that outlive an invocation and are shared
 * by the subgraphs of a session. */
#include <string.h>

#include "op/op.h"
#include "op/require.h"
#include "op/resource.h"

midge_status mg_prepare_var_handle(midge_op_context *context)
{
    const mg_VarHandleOptions *options = MG_OPTIONS(context, VarHandleOptions);
    TRY(mg_require_type(context, mg_output(context, 0), "output",
                        MG_TYPES_2(MIDGE_RESOURCE, MIDGE_INT32)));
    void *index;
    TRY(mg_prepared(context, sizeof(int32_t), &index));
    TRY(mg_resource_open(mg_session_resources(context), MG_RESOURCE_VARIABLE, options->container,
                         options->shared_name, 0, index, context->error));
    return mg_set_output_shape(context, 0, 1, (const int32_t[]){1});
}

midge_status mg_run_var_handle(midge_op_context *context)
{
    memcpy(mg_output(context, 0)->data, context->prepared, sizeof(int32_t));
    return MIDGE_OK;
}

static midge_status require_handle(midge_op_context *context)
{
    const midge_tensor *handle = mg_input(context, 0);
    TRY(mg_require_type(context, handle, "handle", MG_TYPES_2(MIDGE_RESOURCE, MIDGE_INT32)));
    return mg_require_elements(context, handle, "handle", 1);
}

/*
 * The variable that the handle names. A plain int32 that no VAR_HANDLE made is a name of its own:
 * the first assignment makes the variable.
 */
static midge_status find_variable(midge_op_context *context, bool add, mg_resource **variable)
{
    mg_resources *resources = mg_session_resources(context);
    const midge_tensor *handle = mg_input(context, 0);
    int32_t number;
    memcpy(&number, handle->data, sizeof number);
    *variable = mg_resource_at(resources, MG_RESOURCE_VARIABLE, number);
    if (*variable == NULL && add && handle->type == MIDGE_INT32) {
        int32_t index;
        TRY(mg_resource_open(resources, MG_RESOURCE_VARIABLE, "", "", number, &index,
                             context->error));
        *variable = mg_resource_at(resources, MG_RESOURCE_VARIABLE, index);
    }
    if (*variable == NULL) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "%d is no variable", (int)number);
    }
    return MIDGE_OK;
}

/* True when the file says of which shape the value will be. Rank 0 may also mean unknown. */
static bool shape_is_stated(const mg_tensor *definition)
{
    if (definition->rank == 0) return false;
    for (int32_t i = 0; i < definition->signature_rank; i++) {
        if (definition->signature[i] < 0) return false;
    }
    return true;
}

midge_status mg_prepare_read_variable(midge_op_context *context)
{
    TRY(require_handle(context));
    const mg_tensor *definition = mg_output(context, 0)->definition;
    if (definition == NULL || !shape_is_stated(definition)) {
        return mg_set_output_dynamic(context, 0);
    }
    return mg_set_output_shape(context, 0, definition->rank, definition->shape);
}

midge_status mg_run_read_variable(midge_op_context *context)
{
    mg_resource *variable;
    TRY(find_variable(context, false, &variable));
    if (!variable->assigned) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "the variable is read before it is assigned");
    }
    midge_tensor *output = mg_output(context, 0);
    if (output->type != variable->type) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "the variable has %s, the output %s",
                          midge_type_name(variable->type), midge_type_name(output->type));
    }
    if (output->dynamic) TRY(mg_resize_output(context, 0, variable->rank, variable->shape));
    if (output->type == MIDGE_STRING) TRY(mg_resize_output_bytes(context, 0, variable->bytes));
    if (output->bytes != variable->bytes) {
        return mg_op_fail(context, MIDGE_RUN_ERROR, "the variable has %zu bytes, the output %zu",
                          variable->bytes, output->bytes);
    }
    if (output->bytes > 0) memcpy(output->data, variable->data, output->bytes);
    return MIDGE_OK;
}

midge_status mg_prepare_assign_variable(midge_op_context *context)
{
    TRY(require_handle(context));
    return mg_require_type(context, mg_input(context, 1), "value",
                           ~(MG_TYPES(MIDGE_RESOURCE) | MG_TYPES(MIDGE_VARIANT)));
}

midge_status mg_run_assign_variable(midge_op_context *context)
{
    const midge_tensor *value = mg_input(context, 1);
    mg_resource *variable;
    TRY(find_variable(context, true, &variable));
    TRY(mg_resource_reserve(mg_session_resources(context), variable, value->bytes, context->error));
    if (value->bytes > 0) memcpy(variable->data, value->data, value->bytes);
    variable->type = value->type;
    variable->rank = value->rank;
    memcpy(variable->shape, value->shape, sizeof variable->shape);
    variable->elements = value->elements;
    variable->assigned = true;
    return MIDGE_OK;
}
