/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

#include <stdarg.h>

static bool find(const draft *model, size_t number, bool nodes, hostile_place *place)
{
    for (size_t g = 0; g < model->model.subgraphs.count; ++g) {
        const mg_SubGraph *graph = &model->model.subgraphs.items[g];
        size_t count = nodes ? graph->operators.count : graph->tensors.count;
        if (number < count) {
            *place = (hostile_place){g, number};
            return true;
        }
        number -= count;
    }
    return false;
}

bool hostile_tensor(const draft *model, size_t number, hostile_place *place)
{
    return find(model, number, false, place);
}

bool hostile_node(const draft *model, size_t number, hostile_place *place)
{
    return find(model, number, true, place);
}

size_t hostile_tensor_count(const draft *model)
{
    size_t count = 0;
    for (size_t g = 0; g < model->model.subgraphs.count; ++g)
        count += model->model.subgraphs.items[g].tensors.count;
    return count;
}

size_t hostile_node_count(const draft *model)
{
    size_t count = 0;
    for (size_t g = 0; g < model->model.subgraphs.count; ++g)
        count += model->model.subgraphs.items[g].operators.count;
    return count;
}

void hostile_note(hostile_case *at, unsigned allowed, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(at->what, sizeof at->what, format, arguments);
    va_end(arguments);
    at->allowed = allowed;
}
