/* SPDX-License-Identifier: Apache-2.0 */
#include "compression.h"

#include <string.h>

#include "element.h"
#include "gzip.h"

static void count_zeros(const midge_tensor_info *tensor, cli_compression *of)
{
    size_t elements = 1;
    if (tensor->constant == NULL || tensor->rank < 2 || tensor->sparse ||
        !cli_is_number(tensor->type))
        return;
    for (int i = 0; i < tensor->rank; ++i) elements *= (size_t)tensor->shape[i];
    size_t width = elements > 0 ? tensor->constant_bytes / elements : 0;
    if (width == 0 || width > sizeof(double)) return;
    of->weights += elements;
    for (size_t i = 0; i < elements; ++i)
        of->zeros += cli_element(tensor->type, tensor->constant, i) == 0;
}

cli_compression cli_compression_measure(const cli_model_facts *facts)
{
    cli_compression of = {0};
    midge_graph_info graph;
    midge_tensor_info tensor;
    size_t bytes = 0;
    const void *file = midge_model_file(facts->model, &bytes);
    of.deflated = cli_deflated_size(file, bytes);
    for (size_t g = 0; midge_inspect_graph(facts->model, g, &graph); ++g)
        for (size_t i = 0; midge_inspect_tensor(facts->model, g, i, &tensor); ++i)
            count_zeros(&tensor, &of);
    return of;
}
