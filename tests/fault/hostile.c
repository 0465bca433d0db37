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

size_t hostile_elements(const mg_Tensor *tensor)
{
    int64_t elements = 1;
    for (size_t i = 0; i < tensor->shape.count; ++i) {
        int64_t size = tensor->shape.items[i];
        if (size < 0 || size > HOSTILE_MOST) return 0;
        elements *= size;
        if (elements > HOSTILE_MOST) return 0;
    }
    return (size_t)elements;
}

void hostile_note(hostile_case *at, unsigned allowed, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(at->what, sizeof at->what, format, arguments);
    va_end(arguments);
    at->allowed = allowed;
}
