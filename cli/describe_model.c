/* SPDX-License-Identifier: Apache-2.0 */
#include "describe_model.h"

#include <stdlib.h>

#include "files.h"

/* What the model has said until now, for what the description leaves open. */
static void keep_normalization(const midge_metadata *metadata, midge_metadata_options *options)
{
    midge_tensor_metadata about;
    if (metadata == NULL || !midge_metadata_tensor(metadata, false, 0, &about)) return;
    options->content = about.content;
    options->color_space = about.color_space;
    if (about.mean_count != about.deviation_count) return;
    options->mean_count = about.mean_count;
    options->mean = about.mean;
    options->deviation = about.deviation;
}

/* Three channels are colours. */
static midge_color_space find_colors(const midge_model *model)
{
    midge_graph_info graph;
    midge_tensor_info input;
    if (!midge_inspect_graph(model, 0, &graph) || graph.input_count == 0 ||
        !midge_inspect_tensor(model, 0, (size_t)graph.inputs[0], &input) || input.rank < 3)
        return MIDGE_COLOR_GREY;
    bool last = input.shape[input.rank - 1] == 3;
    bool first = input.rank == 4 && input.shape[1] == 3 && input.shape[3] > 3;
    return last || first ? MIDGE_COLOR_RGB : MIDGE_COLOR_GREY;
}

static midge_status describe(const midge_model *model, const cli_description *description,
                             const char **names, void **bytes, size_t *size, midge_error *error)
{
    midge_metadata_options options = midge_metadata_options_default();
    midge_metadata *metadata = NULL;
    float mean = 0, deviation = 1;
    const cli_labels *labels = description->labels;
    double low = description->range[0], high = description->range[1];
    TRY(midge_metadata_create(model, &metadata, error));
    keep_normalization(metadata, &options);
    if (description->pictures && low != high) {
        deviation = (float)(255.0 / (high - low));
        mean = (float)((0 - low) * 255.0 / (high - low));
        options.content = MIDGE_CONTENT_IMAGE;
        options.color_space = find_colors(model);
        options.mean_count = 1;
        options.mean = &mean;
        options.deviation = &deviation;
    }
    for (size_t i = 0; labels != NULL && i < labels->count; ++i) {
        names[i] = cli_labels_name(labels, i);
        if (names[i] == NULL) names[i] = "";
        options.label_count = labels->count;
    }
    options.labels = names;
    midge_status status = midge_metadata_add(model, &options, bytes, size, error);
    midge_metadata_free(metadata);
    return status;
}

midge_status cli_describe_model(const char *name, const void *file, size_t file_size,
                                const cli_description *description, void **bytes, size_t *size,
                                midge_error *error)
{
    midge_model *model = NULL;
    size_t count = description->labels != NULL ? description->labels->count : 0;
    const char **names = malloc((count + 1) * sizeof *names);
    if (names == NULL) return cli_fail_memory(error, name, count * sizeof *names);
    midge_status status = midge_model_load_memory(file, file_size, NULL, &model, error);
    if (status == MIDGE_OK) status = describe(model, description, names, bytes, size, error);
    if (status != MIDGE_OK) (void)cli_fail_in(error, name);
    midge_model_free(model);
    free(names);
    return status;
}
