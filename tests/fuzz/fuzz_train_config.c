/* SPDX-License-Identifier: Apache-2.0 */
/* Text as the configuration of a model to train, compile settings and all; what is taken makes a
 * step and a configuration again. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "midge_tools.h"

enum { BATCH = 2, MOST_FLOATS = 20000 };
static const size_t most_bytes = (size_t)48 << 20;

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    size_t *held = context;
    if (bytes > most_bytes || *held > most_bytes - bytes) return NULL;
    void *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory != NULL) *held += bytes;
    return memory;
}

static void release(void *context, void *memory, size_t bytes)
{
    size_t *held = context;
    *held -= bytes;
    free(memory);
}

static void use(midge_trainer *trainer)
{
    static float x[BATCH * MOST_FLOATS], y[BATCH * MOST_FLOATS], output[BATCH * MOST_FLOATS];
    midge_trainer_info info = midge_trainer_describe(trainer);
    midge_error error = {MIDGE_OK, ""};
    const char *json = NULL;
    if (midge_trainer_json(trainer, &json, &error) == MIDGE_OK)
        fuzz_require(json[0] == '{' ? NULL : "no configuration");
    if (info.x_elements > MOST_FLOATS || info.y_elements > MOST_FLOATS ||
        info.output_elements > MOST_FLOATS || info.parameters > MOST_FLOATS)
        return;
    if (midge_trainer_train_on_batch(trainer, BATCH, x, y, NULL, NULL, NULL, &error) != MIDGE_OK)
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    (void)midge_trainer_predict(trainer, BATCH, x, output, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t held = 0;
    const midge_allocator allocator = {&held, allocate, release};
    midge_trainer_options options = midge_trainer_options_default();
    midge_trainer *trainer = NULL;
    midge_error error = {MIDGE_OK, ""};
    /* Anything else would be the name of a file. */
    if (size == 0 || data[0] != '{') return 0;
    char *text = malloc(size + 1);
    if (text == NULL) __builtin_trap();
    memcpy(text, data, size);
    text[size] = '\0';
    options.allocator = &allocator;
    if (midge_trainer_create(text, &options, &trainer, &error) == MIDGE_OK)
        use(trainer);
    else
        fuzz_require(error.message[0] == '\0' ? "a failure without a message" : NULL);
    midge_trainer_free(trainer);
    fuzz_require(held != 0 ? "memory is left" : NULL);
    free(text);
    return 0;
}
