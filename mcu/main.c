/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest program: the built-in model, its memory and its pictures are constants and one
 * static block. Under an emulator with semihosting it writes what came out; on a board, look at
 * `verdict`.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "block_allocator.h"
#include "start.h"

/* Put there by the linker: ld -r -b binary. */
extern const unsigned char model_start[] __asm__("_binary_model_start");
extern const unsigned char model_end[] __asm__("_binary_model_end");
extern const unsigned char pixels_start[] __asm__("_binary_pixels_start");
extern const unsigned char pixels_end[] __asm__("_binary_pixels_end");
extern const unsigned char expected_start[] __asm__("_binary_expected_start");

static _Alignas(64) unsigned char block[MEMORY_BYTES];

/* Pictures whose scores are as expected, and those that are not. */
static volatile int verdict[2];

static midge_status open_model(const midge_allocator *allocator, midge_model **model,
                               midge_session **session, midge_error *error)
{
    midge_model_options model_options = midge_model_options_default();
    model_options.allocator = allocator;
    midge_session_options options = midge_session_options_default();
    options.allocator = allocator;
    midge_status status = midge_model_load_memory(model_start, (size_t)(model_end - model_start),
                                                  &model_options, model, error);
    return status != MIDGE_OK ? status : midge_session_create(*model, &options, session, error);
}

int main(void)
{
    block_allocator blocks;
    midge_allocator allocator = block_allocator_begin(&blocks, block, sizeof block);
    midge_model *model = NULL;
    midge_session *session = NULL;
    midge_error error = {0};
    if (open_model(&allocator, &model, &session, &error) != MIDGE_OK) {
        board_write(error.message);
        return 1;
    }
    midge_tensor *input = midge_session_input(session, 0);
    const midge_tensor *output = midge_session_output(session, 0);
    size_t pixel_bytes = midge_tensor_bytes(input), score_bytes = midge_tensor_bytes(output);
    size_t pictures = (size_t)(pixels_end - pixels_start) / pixel_bytes;
    for (size_t i = 0; i < pictures; ++i) {
        memcpy(midge_tensor_data(input), pixels_start + i * pixel_bytes, pixel_bytes);
        bool same =
            midge_session_invoke(session) == MIDGE_OK &&
            memcmp(midge_tensor_data(output), expected_start + i * score_bytes, score_bytes) == 0;
        ++verdict[same ? 0 : 1];
    }
    midge_session_free(session);
    midge_model_free(model);
    char text[100];
    (void)snprintf(text, sizeof text, "%d pictures as expected, %d not; %lu bytes of memory\n",
                   verdict[0], verdict[1], (unsigned long)blocks.most);
    board_write(text);
    return verdict[0] == 0 || verdict[1] != 0;
}
