/* SPDX-License-Identifier: Apache-2.0 */
/* Which function runs each node, and whether the node fits the operator's row. */
#include <stdio.h>
#include <string.h>

#include "run/session.h"

enum { NAME_TEXT = 64 };

static midge_status prepare_custom(midge_op_context *context)
{
    return context->custom->prepare(context);
}

static midge_status run_custom(midge_op_context *context)
{
    return context->custom->invoke(context);
}

/* The row of every operator that the program brings. */
static const mg_op custom_row = {.code = MG_BUILTIN_CUSTOM,
                                 .name = "CUSTOM",
                                 .max_version = INT32_MAX,
                                 .max_inputs = -1,
                                 .max_outputs = -1,
                                 .optional_inputs = UINT64_MAX,
                                 .flags = MG_OP_STATEFUL,
                                 .prepare = prepare_custom,
                                 .run = run_custom};

static const midge_custom_operator *find_custom(const midge_session *session, const mg_node *node)
{
    bool built_in = node->op != MG_BUILTIN_CUSTOM;
    const char *name = built_in ? mg_builtin_name(node->op) : node->custom_name;
    for (size_t i = 0; i < session->custom_operator_count; ++i) {
        const midge_custom_operator *custom = session->custom_operators[i];
        if (custom->built_in == built_in && strcmp(custom->name, name) == 0) return custom;
    }
    return NULL;
}

static const char *node_name(const mg_node *node, char text[NAME_TEXT])
{
    return mg_printable(node->op == MG_BUILTIN_CUSTOM ? node->custom_name
                                                      : mg_builtin_name(node->op),
                        text, NAME_TEXT);
}

static midge_status fail_node(midge_session *session, const mg_node_state *state, const char *what,
                              size_t have, int32_t least, int32_t most)
{
    char name[NAME_TEXT];
    return mg_fail(&session->error, MIDGE_INVALID_MODEL,
                   most < 0 ? "node %d %s: %zu %s, need at least %d"
                            : "node %d %s: %zu %s, need %d to %d",
                   (int)(state - state->instance->nodes), node_name(state->context.node, name),
                   have, what, (int)least, (int)most);
}

static bool within(size_t count, int32_t least, int32_t most)
{
    return count >= (size_t)least && (most < 0 || count <= (size_t)most);
}

static midge_status check_inputs(midge_session *session, const mg_node_state *state)
{
    const mg_node *node = state->context.node;
    char name[NAME_TEXT];
    for (size_t i = 0; i < node->input_count; ++i) {
        bool optional = i >= 64 ? state->op->optional_inputs == UINT64_MAX
                                : (state->op->optional_inputs >> i & 1) != 0;
        if (node->inputs[i] < 0 && !optional)
            return mg_fail(&session->error, MIDGE_INVALID_MODEL, "node %d %s: input %zu is absent",
                           (int)(state - state->instance->nodes), node_name(node, name), i);
    }
    return MIDGE_OK;
}

static midge_status check_row(midge_session *session, const mg_node_state *state)
{
    const mg_node *node = state->context.node;
    const mg_op *op = state->op;
    char name[NAME_TEXT];
    if (!within(node->input_count, op->min_inputs, op->max_inputs))
        return fail_node(session, state, "inputs", node->input_count, op->min_inputs,
                         op->max_inputs);
    if (!within(node->output_count, op->min_outputs, op->max_outputs))
        return fail_node(session, state, "outputs", node->output_count, op->min_outputs,
                         op->max_outputs);
    bool wrong = (node->options_type != 0 && op->options_type != 0 &&
                  node->options_type != op->options_type) ||
                 (node->options_2_type != 0 && op->options_2_type != 0 &&
                  node->options_2_type != op->options_2_type);
    if (wrong)
        return mg_fail(&session->error, MIDGE_INVALID_MODEL,
                       "node %d %s: its options table is of another operator (tag %d)",
                       (int)(state - state->instance->nodes), node_name(node, name),
                       node->options_type != 0 ? node->options_type : node->options_2_type);
    return check_inputs(session, state);
}

/* Appends " CONV_2D version 9 (node 3 of subgraph 0 and 5 more)" to the list of the missing. */
static void note_missing(midge_session *session, const mg_node_state *state, size_t *used)
{
    char *text = session->error.message;
    size_t room = sizeof session->error.message;
    char name[NAME_TEXT], entry[160];
    const mg_node *node = state->context.node;
    const mg_op *row = mg_op_find(node->op, node->custom_name);
    (void)node_name(node, name);
    if (row != NULL)
        (void)snprintf(entry, sizeof entry, "%s%s version %d (known up to %d)",
                       *used == 0 ? "" : ", ", name, (int)node->version, (int)row->max_version);
    else
        (void)snprintf(entry, sizeof entry, "%s%s%s", *used == 0 ? "" : ", ",
                       node->op == MG_BUILTIN_CUSTOM ? "custom " : "", name);
    if (strstr(text, entry + (*used == 0 ? 0 : 2)) != NULL) return;
    int wrote = snprintf(text + *used, room - *used, "%s", entry);
    *used += (size_t)wrote < room - *used ? (size_t)wrote : room - *used - 1;
    wrote = snprintf(text + *used, room - *used, " (node %d of subgraph %d)",
                     (int)(state - state->instance->nodes), (int)state->instance->index);
    *used += (size_t)wrote < room - *used ? (size_t)wrote : room - *used - 1;
}

static const midge_custom_operator *group_operator(const mg_node_state *state)
{
    const mg_instance *instance = state->instance;
    return instance->group_operators == NULL ? NULL
                                             : instance->group_operators[state - instance->nodes];
}

static bool resolve_node(midge_session *session, mg_node_state *state)
{
    const mg_node *node = state->context.node;
    const midge_custom_operator *custom = group_operator(state);
    if (custom == NULL) custom = find_custom(session, node);
    state->context.custom = custom;
    state->op = custom != NULL ? &custom_row : mg_op_find(node->op, node->custom_name);
    return state->op != NULL &&
           (node->version <= state->op->max_version || state->op->code == MG_BUILTIN_CUSTOM);
}

/* Turns the list in the session's message into a failure. */
static midge_status fail_missing(midge_session *session, size_t used)
{
    static const char prefix[] = "missing operators: ";
    char *text = session->error.message;
    size_t room = sizeof session->error.message - sizeof prefix;
    memmove(text + sizeof prefix - 1, text, used < room ? used + 1 : room);
    memcpy(text, prefix, sizeof prefix - 1);
    session->error.message[sizeof session->error.message - 1] = '\0';
    session->error.status = MIDGE_UNSUPPORTED;
    return MIDGE_UNSUPPORTED;
}

static bool may_be_missing(const mg_node_state *state)
{
    return state->instance->session->defer_prepare && state->op == NULL &&
           state->context.node->op == MG_BUILTIN_CUSTOM;
}

midge_status mg_resolve_operators(midge_session *session)
{
    size_t used = 0;
    session->error.message[0] = '\0';
    for (size_t i = 0; i < session->instance_count; ++i) {
        mg_instance *instance = &session->instances[i];
        for (size_t n = 0; n < instance->graph->node_count; ++n) {
            if (resolve_node(session, &instance->nodes[n])) continue;
            if (may_be_missing(&instance->nodes[n]))
                session->custom_missing = true;
            else
                note_missing(session, &instance->nodes[n], &used);
        }
    }
    if (used > 0) return fail_missing(session, used);
    for (size_t i = 0; i < session->instance_count; ++i) {
        mg_instance *instance = &session->instances[i];
        for (size_t n = 0; n < instance->graph->node_count; ++n)
            if (instance->nodes[n].op != NULL) TRY(check_row(session, &instance->nodes[n]));
    }
    return MIDGE_OK;
}

midge_status mg_require_operators(midge_session *session)
{
    if (!session->custom_missing) return MIDGE_OK;
    size_t used = 0;
    session->error.message[0] = '\0';
    for (size_t i = 0; i < session->instance_count; ++i) {
        mg_instance *instance = &session->instances[i];
        for (size_t n = 0; n < instance->graph->node_count; ++n)
            if (instance->nodes[n].op == NULL) note_missing(session, &instance->nodes[n], &used);
    }
    return fail_missing(session, used);
}
