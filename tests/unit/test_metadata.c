/* SPDX-License-Identifier: Apache-2.0 */
/* The inspection and metadata half of midge_tools.h on the built-in model, and metadata whose bytes
 * are broken one by one, or written and read back. */
#include <math.h>
#include <stdlib.h>

#include "archive.h"
#include "expect.h"
#include "files.h"
#include "midge_tools.h"

static const char path[] = MIDGE_SOURCE_DIR "/models/fashion_mnist_int8.tflite";

static void check_inspection(const midge_model *model)
{
    midge_graph_info graph;
    midge_tensor_info tensor;
    midge_node_info node;
    int known = 0;
    size_t graph_index = 9, inputs = 0, outputs = 0;
    const char *name = "";
    int32_t bound = -1;
    EXPECT(midge_inspect_graph_count(model) == 1, "%zu graphs", midge_inspect_graph_count(model));
    EXPECT(midge_inspect_graph(model, 0, &graph), "graph 0");
    EXPECT(!midge_inspect_graph(model, 1, &graph), "graph 1");
    EXPECT(graph.input_count == 1 && graph.output_count == 1, "%zu inputs", graph.input_count);
    EXPECT(midge_inspect_tensor(model, 0, (size_t)graph.inputs[0], &tensor), "the input");
    EXPECT(tensor.type == MIDGE_UINT8 && tensor.rank == 4 && tensor.shape[1] == 28, "the input");
    EXPECT(tensor.constant == NULL && tensor.quantization.count == 1, "the input");
    EXPECT(!midge_inspect_tensor(model, 0, graph.tensor_count, &tensor), "beyond the tensors");
    EXPECT(!midge_inspect_tensor(model, 1, 0, &tensor), "beyond the graphs");
    for (size_t i = 0; i < graph.node_count; ++i) {
        EXPECT(midge_inspect_node(model, 0, i, &node) && node.op[0] != '\0', "node %zu", i);
        EXPECT(midge_inspect_support(model, 0, i, &known) == MIDGE_SUPPORT_YES, "node %zu", i);
        EXPECT(known >= node.version, "node %zu: version %d of %d", i, node.version, known);
    }
    EXPECT(!midge_inspect_node(model, 0, graph.node_count, &node), "beyond the nodes");
    EXPECT(midge_inspect_support(model, 0, graph.node_count, &known) == MIDGE_SUPPORT_NO_OPERATOR,
           "beyond the nodes");
    EXPECT(midge_inspect_signature(model, 0, &graph_index, &inputs, &outputs), "signature 0");
    EXPECT(graph_index == 0 && inputs == 1 && outputs == 1, "%zu inputs", inputs);
    EXPECT(midge_inspect_binding(model, 0, false, 0, &name, &bound), "its input");
    EXPECT(strcmp(name, "picture") == 0 && bound == graph.inputs[0], "%s %d", name, bound);
    EXPECT(!midge_inspect_binding(model, 0, true, 1, &name, &bound), "its second output");
    EXPECT(!midge_inspect_signature(model, 1, &graph_index, &inputs, &outputs), "signature 1");
}

static void check_metadata(const midge_model *model)
{
    midge_metadata *metadata = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_tensor_metadata tensor = {0};
    midge_associated_file file = {0};
    EXPECT(midge_metadata_create(model, &metadata, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(metadata != NULL, "no metadata");
    if (metadata == NULL) return;
    EXPECT(strcmp(midge_metadata_about(metadata).name, "Fashion-MNIST") == 0, "its name");
    EXPECT(strcmp(midge_metadata_about(metadata).author, "") == 0, "its author");
    EXPECT(midge_metadata_tensor(metadata, false, 0, &tensor), "input 0");
    EXPECT(tensor.content == MIDGE_CONTENT_IMAGE && tensor.color_space == MIDGE_COLOR_GREY,
           "content %d", (int)tensor.content);
    EXPECT(tensor.mean_count == 1 && tensor.mean[0] == 0.0f, "%zu means", tensor.mean_count);
    EXPECT(tensor.deviation_count == 1 && tensor.deviation[0] == 255.0f, "deviation");
    EXPECT(!midge_metadata_tensor(metadata, false, 1, &tensor), "input 1");
    EXPECT(midge_metadata_tensor(metadata, true, 0, &tensor), "output 0");
    EXPECT(tensor.file_count == 1, "%zu files", tensor.file_count);
    EXPECT(midge_metadata_file(metadata, true, 0, 0, &file), "its file");
    EXPECT(file.type == MIDGE_FILE_AXIS_LABELS, "type %d", (int)file.type);
    EXPECT(strcmp(file.name, "fashion_mnist_labels.txt") == 0, "%s", file.name);
    EXPECT(!midge_metadata_file(metadata, true, 0, 1, &file), "its second file");
    EXPECT(!midge_metadata_file(metadata, false, 0, 0, &file), "a file of the input");
    midge_metadata_free(metadata);
    midge_metadata_free(NULL);
}

/* Keeps the reads below from being left out. */
static volatile double last_sum;

/* Asks everything of a block that may be broken. */
static void use_all(const midge_metadata *metadata)
{
    midge_tensor_metadata tensor;
    midge_associated_file file;
    size_t letters = strlen(midge_metadata_about(metadata).description);
    double sum = (double)letters;
    for (size_t i = 0; i < 4; ++i) {
        bool output = i % 2 == 1;
        if (!midge_metadata_tensor(metadata, output, i / 2, &tensor)) continue;
        for (size_t k = 0; k < tensor.mean_count; ++k) sum += (double)tensor.mean[k];
        for (size_t k = 0; k < tensor.deviation_count; ++k) sum += (double)tensor.deviation[k];
        for (size_t k = 0; midge_metadata_file(metadata, output, i / 2, k, &file); ++k) {
            sum += (double)strlen(file.name);
        }
    }
    last_sum = sum;
}

/* Every byte of the block takes a few other values; each time it is read, or refused with a line.
 */
static void check_broken(cli_bytes *bytes, size_t begin, size_t size)
{
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t refused = 0;
    for (size_t i = 0; i < size * sizeof values; ++i) {
        unsigned char *at = bytes->data + begin + i / sizeof values;
        unsigned char saved = *at;
        midge_model *model = NULL;
        midge_metadata *metadata = NULL;
        midge_error error = {MIDGE_OK, ""};
        *at = values[i % sizeof values];
        midge_status status =
            midge_model_load_memory(bytes->data, bytes->size, NULL, &model, &error);
        if (status == MIDGE_OK) status = midge_metadata_create(model, &metadata, &error);
        if (status == MIDGE_OK && metadata != NULL) use_all(metadata);
        if (status != MIDGE_OK) {
            ++refused;
            EXPECT(strncmp(error.message, "metadata TFLITE_METADATA: ", 26) == 0, "%s",
                   error.message);
        }
        midge_metadata_free(metadata);
        midge_model_free(model);
        *at = saved;
    }
    EXPECT(refused > size / 4, "%zu refused", refused);
}

/* ---- Writing ---- */

static const float mean = 127.5f, deviation = 127.5f;
static const char *const labels[] = {"cup", "keys", "", "Wörter"};

static midge_metadata_options wanted(void)
{
    midge_metadata_options options = midge_metadata_options_default();
    options.name = "desk";
    options.author = "nobody";
    options.content = MIDGE_CONTENT_IMAGE;
    options.color_space = MIDGE_COLOR_RGB;
    options.mean_count = 1;
    options.mean = &mean;
    options.deviation = &deviation;
    options.label_count = sizeof labels / sizeof labels[0];
    options.labels = labels;
    return options;
}

static void check_read_back(const void *bytes, size_t size)
{
    static const char text[] = "cup\nkeys\n\nWörter\n";
    midge_model *model = NULL;
    midge_metadata *metadata = NULL;
    midge_error error = {MIDGE_OK, ""};
    midge_tensor_metadata tensor = {0};
    midge_associated_file file = {0};
    cli_bytes member;
    EXPECT(midge_model_load_memory(bytes, size, NULL, &model, &error) == MIDGE_OK, "%s",
           error.message);
    if (model == NULL) return;
    EXPECT(midge_metadata_create(model, &metadata, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(strcmp(midge_metadata_about(metadata).name, "desk") == 0, "its name");
    EXPECT(strcmp(midge_metadata_about(metadata).author, "nobody") == 0, "its author");
    EXPECT(strcmp(midge_metadata_about(metadata).license, "") == 0, "its license");
    EXPECT(midge_metadata_tensor(metadata, false, 0, &tensor), "input 0");
    EXPECT(tensor.content == MIDGE_CONTENT_IMAGE && tensor.color_space == MIDGE_COLOR_RGB,
           "content %d", (int)tensor.content);
    EXPECT(tensor.mean_count == 1 && tensor.mean[0] == mean, "%zu means", tensor.mean_count);
    EXPECT(tensor.deviation_count == 1 && tensor.deviation[0] == deviation, "deviation");
    EXPECT(midge_metadata_file(metadata, true, 0, 0, &file), "a file");
    EXPECT(file.type == MIDGE_FILE_AXIS_LABELS, "type %d", (int)file.type);
    if (cli_archive_supported()) {
        EXPECT(cli_archive_read("the model", bytes, size, file.name, 1000, &member, &error) ==
                   MIDGE_OK,
               "%s", error.message);
        EXPECT(member.size == strlen(text) && memcmp(member.data, text, member.size) == 0,
               "%zu bytes of labels", member.size);
        cli_bytes_free(&member);
    }
    midge_metadata_free(metadata);
    midge_model_free(model);
}

/* What is written once more, with other words, holds these alone. */
static void check_writing(const midge_model *model)
{
    void *first = NULL, *again = NULL;
    size_t size = 0, again_size = 0;
    midge_error error = {MIDGE_OK, ""};
    midge_model *written = NULL;
    midge_metadata_options options = wanted();
    EXPECT(midge_metadata_add(model, &options, &first, &size, &error) == MIDGE_OK, "%s",
           error.message);
    if (first == NULL) return;
    check_read_back(first, size);
    EXPECT(midge_model_load_memory(first, size, NULL, &written, &error) == MIDGE_OK, "%s",
           error.message);
    EXPECT(midge_metadata_add(written, &options, &again, &again_size, &error) == MIDGE_OK, "%s",
           error.message);
    EXPECT(again_size == size && memcmp(first, again, size) == 0, "%zu bytes, then %zu", size,
           again_size);
    midge_optimize_free(NULL, again);
    options = midge_metadata_options_default();
    EXPECT(midge_metadata_add(written, &options, &again, &again_size, &error) == MIDGE_OK, "%s",
           error.message);
    EXPECT(again_size < size, "%zu bytes without labels", again_size);
    midge_optimize_free(NULL, again);
    midge_model_free(written);
    midge_optimize_free(NULL, first);
}

static void check_refused(const midge_model *model)
{
    static const char *const bad[] = {"two\nlines"};
    const float zero = 0, none = NAN;
    void *bytes = NULL;
    size_t size = 0;
    midge_error error = {MIDGE_OK, ""};
    for (int i = 0; i < 6; ++i) {
        midge_metadata_options options = wanted();
        if (i == 0) options.size = 8;
        if (i == 1) options.labels = bad, options.label_count = 1;
        if (i == 2) options.labels = NULL;
        if (i == 3) options.deviation = &zero;
        if (i == 4) options.mean = &none;
        if (i == 5) options.content = (midge_content)9;
        EXPECT(midge_metadata_add(model, &options, &bytes, &size, &error) == MIDGE_INVALID_ARGUMENT,
               "%d is taken", i);
    }
}

/* Memory runs out at every allocation in turn. */
static size_t left_before_failure;

static void *get_some(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    if (left_before_failure-- == 0) return NULL;
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(memory);
}

static void check_memory(const midge_model *model)
{
    const midge_allocator allocator = {NULL, get_some, release};
    midge_metadata_options options = wanted();
    midge_error error = {MIDGE_OK, ""};
    void *bytes = NULL;
    size_t size = 0, allocations = 0;
    options.allocator = &allocator;
    for (;; ++allocations) {
        left_before_failure = allocations;
        midge_status status = midge_metadata_add(model, &options, &bytes, &size, &error);
        if (status == MIDGE_OK) break;
        EXPECT(status == MIDGE_NO_MEMORY && bytes == NULL, "%zu: %s", allocations, error.message);
    }
    EXPECT(allocations > 5, "%zu allocations", allocations);
    midge_optimize_free(&allocator, bytes);
}

int main(void)
{
    cli_bytes bytes;
    midge_model *model = NULL;
    midge_error error = {MIDGE_OK, ""};
    size_t size = 0, file_size = 0;
    EXPECT(cli_file_read(path, 1 << 24, &bytes, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(midge_model_load_memory(bytes.data, bytes.size, NULL, &model, &error) == MIDGE_OK, "%s",
           error.message);
    if (model != NULL) {
        check_inspection(model);
        check_metadata(model);
        check_writing(model);
        check_refused(model);
        check_memory(model);
        const unsigned char *block = midge_model_metadata(model, "TFLITE_METADATA", &size);
        const unsigned char *file = midge_model_file(model, &file_size);
        bool inside = block >= file && block + size <= file + file_size;
        EXPECT(inside, "the block lies in the file");
        if (inside) check_broken(&bytes, (size_t)(block - file), size);
    }
    midge_model_free(model);
    cli_bytes_free(&bytes);
    return expect_finish();
}
