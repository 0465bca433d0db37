/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the metadata of a sound model, and as what follows the model in its file. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "draft/draft.h"
#include "midge_tools.h"

static unsigned char *wrap(const uint8_t *data, size_t size, size_t *length)
{
    draft model;
    if (!draft_parse(&model, "ABS x:f32[1] -> y:f32[1]")) __builtin_trap();
    mg_Metadata entry = {"TFLITE_METADATA", draft_buffer(&model, size, data)};
    model.model.metadata = (mg_Metadata_vector){&entry, 1};
    unsigned char *bytes = draft_write(&model, length);
    draft_free(&model);
    return bytes;
}

static void read_all(midge_metadata *metadata)
{
    midge_tensor_metadata tensor;
    midge_associated_file file;
    (void)midge_metadata_about(metadata);
    for (int output = 0; output < 2; ++output) {
        for (size_t i = 0; i < 4; ++i) (void)midge_metadata_tensor(metadata, output, i, &tensor);
        for (size_t i = 0; i < 8; ++i) (void)midge_metadata_file(metadata, output, i, 0, &file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t length;
    unsigned char *bytes = wrap(data, size, &length);
    unsigned char *whole = malloc(length + size);
    if (whole == NULL) __builtin_trap();
    memcpy(whole, bytes, length);
    if (size > 0) memcpy(whole + length, data, size);
    midge_model *model = NULL;
    midge_metadata *metadata = NULL;
    if (midge_model_load_memory(whole, length + size, NULL, &model, NULL) == MIDGE_OK &&
        midge_metadata_create(model, &metadata, NULL) == MIDGE_OK && metadata != NULL)
        read_all(metadata);
    midge_metadata_free(metadata);
    midge_model_free(model);
    free(whole);
    free(bytes);
    return 0;
}
