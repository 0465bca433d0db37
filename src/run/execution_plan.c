/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution plans: a graph whose nodes run in another order, some of them as groups.
 *
 * The session gets a graph of its own: the tensors, inputs and outputs of the model's, and for each
 * step a node, which for a group is a custom one. Everything above works on it as on any other.
 */
#include <string.h>

#include "run/session.h"

enum { NOWHERE = -1, ALONE = 0 };

/* While a plan is checked. */
typedef struct plan_check {
    midge_session *session;
    const midge_execution_plan *plan;
    const mg_graph *graph;
    int32_t *place;      /* of each node: NOWHERE, ALONE, or 1 + the number of its group */
    bool *stepped;       /* of each node and group: is a step */
    unsigned char *made; /* of each tensor: is there before the step at hand */
} plan_check;

static midge_status fail_plan(const plan_check *check, const char *what, size_t number)
{
    return mg_fail(&check->session->error, MIDGE_INVALID_ARGUMENT,
                   "execution plan of graph %zu: %s %zu", check->plan->graph, what, number);
}

static midge_status get(midge_session *session, size_t count, size_t bytes, void *memory)
{
    void *made = NULL;
    TRY(mg_region_get_array(&session->region, count, bytes, &made, &session->error));
    memcpy(memory, &made, sizeof made);
    return MIDGE_OK;
}

static midge_status check_tensors(const plan_check *check, size_t count, const int32_t *tensors,
                                  int32_t least)
{
    for (size_t i = 0; i < count; ++i)
        if (tensors[i] < least ||
            (tensors[i] >= 0 && (size_t)tensors[i] >= check->graph->tensor_count))
            return fail_plan(check, "a group has no such tensor: entry", i);
    return MIDGE_OK;
}

static midge_status place_groups(const plan_check *check)
{
    for (size_t g = 0; g < check->plan->group_count; ++g) {
        const midge_node_group *group = &check->plan->groups[g];
        const midge_custom_operator *by = group->run_by;
        if (group->node_count == 0 || by == NULL || by->name == NULL || by->prepare == NULL ||
            by->invoke == NULL)
            return fail_plan(check, "without nodes or without a complete operator is group", g);
        for (size_t i = 0; i < group->node_count; ++i) {
            size_t node = group->nodes[i];
            if (node >= check->graph->node_count || check->place[node] != NOWHERE)
                return fail_plan(check, "in no graph or twice in groups is node", node);
            check->place[node] = (int32_t)g + 1;
        }
        TRY(check_tensors(check, group->input_count, group->inputs, -1));
        TRY(check_tensors(check, group->output_count, group->outputs, 0));
    }
    return MIDGE_OK;
}

static midge_status check_steps(const plan_check *check)
{
    const midge_execution_plan *plan = check->plan;
    size_t nodes = check->graph->node_count;
    for (size_t s = 0; s < plan->step_count; ++s) {
        size_t step = plan->steps[s];
        if (step >= nodes + plan->group_count || check->stepped[step] ||
            (step < nodes && check->place[step] != NOWHERE))
            return fail_plan(check, "nothing that may run there is step", s);
        check->stepped[step] = true;
        if (step < nodes) check->place[step] = ALONE;
    }
    for (size_t g = 0; g < plan->group_count; ++g)
        if (!check->stepped[nodes + g]) return fail_plan(check, "it leaves out group", g);
    for (size_t n = 0; n < nodes; ++n)
        if (check->place[n] == NOWHERE) return fail_plan(check, "it leaves out node", n);
    return MIDGE_OK;
}

static mg_node node_of_group(const midge_node_group *group)
{
    return (mg_node){.op = MG_BUILTIN_CUSTOM,
                     .custom_name = group->run_by->name,
                     .version = 1,
                     .input_count = group->input_count,
                     .inputs = group->inputs,
                     .output_count = group->output_count,
                     .outputs = group->outputs};
}

/* A group may give only what its nodes make. */
static midge_status check_outputs(const plan_check *check, size_t g)
{
    const midge_node_group *group = &check->plan->groups[g];
    for (size_t i = 0; i < group->output_count; ++i) {
        bool found = false;
        for (size_t k = 0; k < group->node_count && !found; ++k) {
            const mg_node *node = &check->graph->nodes[group->nodes[k]];
            for (size_t o = 0; o < node->output_count; ++o)
                found = found || node->outputs[o] == group->outputs[i];
        }
        if (!found)
            return fail_plan(check, "a group gives what none of its nodes makes: tensor",
                             (size_t)group->outputs[i]);
    }
    return MIDGE_OK;
}

static midge_status check_order(const plan_check *check, size_t count, const mg_node *nodes)
{
    const mg_graph *graph = check->graph;
    memset(check->made, 1, graph->tensor_count);
    for (size_t n = 0; n < graph->node_count; ++n)
        for (size_t o = 0; o < graph->nodes[n].output_count; ++o)
            if (graph->nodes[n].outputs[o] >= 0) check->made[graph->nodes[n].outputs[o]] = 0;
    for (size_t s = 0; s < count; ++s) {
        for (size_t i = 0; i < nodes[s].input_count; ++i)
            if (nodes[s].inputs[i] >= 0 && !check->made[nodes[s].inputs[i]])
                return fail_plan(check, "its inputs are not there before step", s);
        for (size_t o = 0; o < nodes[s].output_count; ++o)
            if (nodes[s].outputs[o] >= 0) check->made[nodes[s].outputs[o]] = 1;
    }
    for (size_t i = 0; i < graph->output_count; ++i)
        if (graph->outputs[i] >= 0 && !check->made[graph->outputs[i]])
            return fail_plan(check, "no step makes output", i);
    return MIDGE_OK;
}

static midge_status copy_indices(midge_session *session, size_t count, const int32_t **indices)
{
    int32_t *copy = NULL;
    if (count == 0) return MIDGE_OK;
    TRY(get(session, count, sizeof *copy, &copy));
    memcpy(copy, *indices, count * sizeof *copy);
    *indices = copy;
    return MIDGE_OK;
}

static midge_status build(const plan_check *check, mg_instance *instance)
{
    midge_session *session = check->session;
    const midge_execution_plan *plan = check->plan;
    mg_node *nodes = NULL;
    mg_graph *graph = NULL;
    size_t *steps = NULL;
    TRY(get(session, plan->step_count, sizeof *nodes, &nodes));
    TRY(get(session, plan->step_count, sizeof *steps, &steps));
    TRY(get(session, plan->step_count, sizeof(midge_custom_operator *),
            &instance->group_operators));
    TRY(get(session, 1, sizeof *graph, &graph));
    for (size_t s = 0; s < plan->step_count; ++s) {
        steps[s] = plan->steps[s];
        bool alone = steps[s] < check->graph->node_count;
        size_t g = alone ? 0 : steps[s] - check->graph->node_count;
        nodes[s] = alone ? check->graph->nodes[steps[s]] : node_of_group(&plan->groups[g]);
        instance->group_operators[s] = alone ? NULL : plan->groups[g].run_by;
        if (alone) continue;
        TRY(check_outputs(check, g));
        TRY(copy_indices(session, nodes[s].input_count, &nodes[s].inputs));
        TRY(copy_indices(session, nodes[s].output_count, &nodes[s].outputs));
    }
    TRY(check_order(check, plan->step_count, nodes));
    *graph = *check->graph;
    graph->nodes = nodes;
    graph->node_count = plan->step_count;
    instance->graph = graph;
    instance->steps = steps;
    return MIDGE_OK;
}

midge_status mg_instance_follow_plan(mg_instance *instance)
{
    midge_session *session = instance->session;
    const midge_execution_plan *plan = NULL;
    for (size_t i = 0; i < session->plan_count && plan == NULL; ++i)
        if (session->plans[i].graph == (size_t)instance->index) plan = &session->plans[i];
    if (plan == NULL) return MIDGE_OK;
    plan_check check = {.session = session, .plan = plan, .graph = instance->graph};
    size_t nodes = instance->graph->node_count;
    if (plan->step_count > nodes || plan->group_count > nodes)
        return fail_plan(&check, "there are fewer nodes than its steps or groups, which are",
                         plan->step_count);
    TRY(get(session, nodes, sizeof *check.place, &check.place));
    TRY(get(session, nodes + plan->group_count, sizeof *check.stepped, &check.stepped));
    TRY(get(session, instance->graph->tensor_count, 1, &check.made));
    for (size_t n = 0; n < nodes; ++n) check.place[n] = NOWHERE;
    TRY(place_groups(&check));
    TRY(check_steps(&check));
    return build(&check, instance);
}
