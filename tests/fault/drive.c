/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "unit/counting_allocator.h"

enum { MOST_SECONDS = 20 };

drive_options drive_defaults(void)
{
    return (drive_options){.fill = DRIVE_SMALL,
                           .threads = 1,
                           .refuse_from = SIZE_MAX,
                           .memory_bytes = (uint64_t)64 << 20,
                           .milliseconds = 2000,
                           .while_iterations = 1000};
}

const char *drive_outcome_name(drive_outcome outcome)
{
    switch (outcome) {
    case DRIVE_REJECT_LOAD: return "rejected by load";
    case DRIVE_REJECT_PREPARE: return "rejected by prepare";
    case DRIVE_RUN_ERROR: return "failed in invoke";
    case DRIVE_OK: return "ran";
    default: return "?";
    }
}

/* What a float tensor holds: element i takes value i of a row. */
static float float_value(drive_fill fill, size_t i)
{
    static const float wild[] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, 1e-40f, -0.0f, 1.5f};
    switch (fill) {
    case DRIVE_SMALL: return (float)(i % 4) / 2;
    case DRIVE_LARGEST: return FLT_MAX;
    case DRIVE_SMALLEST: return -FLT_MAX;
    case DRIVE_WILD: return wild[i % (sizeof wild / sizeof wild[0])];
    default: return 0;
    }
}

static unsigned char byte_value(drive_fill fill, size_t width, size_t i)
{
    size_t element = i / width, place = i % width;
    bool top = place == width - 1;
    switch (fill) {
    case DRIVE_SMALL: return place == 0 ? (unsigned char)(element % 4) : 0;
    case DRIVE_LARGEST: return top ? 0x7f : 0xff;
    case DRIVE_SMALLEST: return top ? 0x80 : 0;
    case DRIVE_WILD: {
        static const unsigned char tops[] = {0x7f, 0x80, 0xff, 0x00};
        return top ? tops[element % 4] : (unsigned char)(element % 3 == 0 ? 0xff : element * 37);
    }
    default: return 0;
    }
}

void drive_fill_elements(midge_type type, void *data, size_t bytes, drive_fill fill)
{
    size_t width = midge_type_bits(type) / 8;
    unsigned char *at = data;
    if (type == MIDGE_FLOAT32 || type == MIDGE_COMPLEX64) {
        for (size_t i = 0; i < bytes / 4; ++i) {
            float value = float_value(fill, i);
            memcpy(at + 4 * i, &value, 4);
        }
        return;
    }
    if (type == MIDGE_FLOAT64 || type == MIDGE_COMPLEX128) {
        for (size_t i = 0; i < bytes / 8; ++i) {
            double value = float_value(fill, i);
            memcpy(at + 8 * i, &value, 8);
        }
        return;
    }
    if (type == MIDGE_BOOL) {
        for (size_t i = 0; i < bytes; ++i) at[i] = fill == DRIVE_WILD ? (unsigned char)i : i % 2;
        return;
    }
    for (size_t i = 0; i < bytes; ++i) at[i] = byte_value(fill, width < 1 ? 1 : width, i);
}

/* Strings "", "a", "bc", …: sound, as the interface demands. */
static midge_status write_strings(midge_session *session, size_t index, size_t count)
{
    size_t bytes = 4 * (count + 2) + 3 * count;
    unsigned char *data = malloc(bytes);
    if (data == NULL) return MIDGE_NO_MEMORY;
    int32_t head = (int32_t)count, offset = 4 * (int32_t)(count + 2);
    memcpy(data, &head, 4);
    for (size_t i = 0; i <= count; ++i) {
        memcpy(data + 4 + 4 * i, &offset, 4);
        for (size_t k = 0; i < count && k < i % 4; ++k) data[offset++] = (unsigned char)('a' + k);
    }
    midge_status status = midge_session_write_input(session, index, data, (size_t)offset);
    free(data);
    return status;
}

/* False when a tensor has more strings than a test wants to write. */
static bool can_fill(const midge_session *session)
{
    enum { MOST_STRINGS = 10000 };
    for (size_t i = 0; i < midge_session_input_count(session); ++i) {
        const midge_tensor *input = midge_session_input(session, i);
        if (midge_tensor_type(input) == MIDGE_STRING && midge_tensor_elements(input) > MOST_STRINGS)
            return false;
    }
    return true;
}

static midge_status fill_inputs(midge_session *session, drive_fill fill)
{
    for (size_t i = 0; i < midge_session_input_count(session); ++i) {
        midge_tensor *input = midge_session_input(session, i);
        if (midge_tensor_type(input) == MIDGE_STRING) {
            midge_status status = write_strings(session, i, midge_tensor_elements(input));
            if (status != MIDGE_OK) return status;
            continue;
        }
        void *data = midge_tensor_data(input);
        if (data != NULL)
            drive_fill_elements(midge_tensor_type(input), data, midge_tensor_bytes(input), fill);
    }
    return MIDGE_OK;
}

static bool sound_strings(const midge_tensor *tensor)
{
    const unsigned char *data = midge_tensor_data(tensor);
    size_t bytes = midge_tensor_bytes(tensor), count = midge_tensor_elements(tensor);
    int32_t head, last = 0;
    if (bytes < 4 * (count + 2)) return false;
    memcpy(&head, data, 4);
    if (head < 0 || (size_t)head != count) return false;
    for (size_t i = 0; i <= count; ++i) {
        int32_t offset;
        memcpy(&offset, data + 4 + 4 * i, 4);
        if (offset < last || (size_t)offset > bytes) return false;
        last = offset;
    }
    return true;
}

/* Keeps the reads below from being left out. */
static volatile unsigned read_sum;

/* Reads every byte of the outputs, so that a sanitizer sees them. */
static const char *read_outputs(const midge_session *session)
{
    unsigned sum = 0;
    for (size_t i = 0; i < midge_session_output_count(session); ++i) {
        const midge_tensor *output = midge_session_output(session, i);
        const unsigned char *data = midge_tensor_data(output);
        size_t bytes = midge_tensor_bytes(output);
        if (data == NULL && bytes > 0) return "an output has bytes, but no data";
        for (size_t k = 0; k < bytes; ++k) sum += data[k];
        if (midge_tensor_type(output) == MIDGE_STRING && !sound_strings(output))
            return "an output has strings that are not sound";
    }
    read_sum = sum;
    return NULL;
}

static const char *check_message(midge_status status, const char *message, bool refusing)
{
    static const unsigned allowed = 1u << MIDGE_LIMIT_EXCEEDED | 1u << MIDGE_INVALID_MODEL |
                                    1u << MIDGE_UNSUPPORTED | 1u << MIDGE_RUN_ERROR;
    if (status == MIDGE_NO_MEMORY && !refusing) return "no memory, though none was refused";
    if (status != MIDGE_NO_MEMORY && (allowed >> status & 1) == 0)
        return "a status of another kind";
    if (message[0] == '\0') return "a failure without a message";
    for (; *message != '\0'; ++message)
        if ((unsigned char)*message < 0x20 || (unsigned char)*message > 0x7e)
            return "a message with bytes of the file in it";
    return NULL;
}

static void note_failure(drive_result *result, drive_outcome outcome, midge_status status,
                         const char *message, bool refusing)
{
    result->outcome = outcome;
    result->status = status;
    (void)snprintf(result->message, sizeof result->message, "%s", message);
    if (result->broken == NULL) result->broken = check_message(status, message, refusing);
}

static void use_session(midge_session *session, const drive_options *options, drive_result *result)
{
    bool refusing = options->refuse_from != SIZE_MAX;
    midge_status status = midge_session_prepare(session);
    drive_outcome stage = DRIVE_REJECT_PREPARE;
    /* Twice: what the first run leaves behind must not hurt the second. */
    for (int run = 0; run < 2 && status == MIDGE_OK && can_fill(session); ++run) {
        stage = DRIVE_RUN_ERROR;
        status = fill_inputs(session, options->fill);
        if (status == MIDGE_OK) status = midge_session_invoke(session);
        if (status == MIDGE_OK) result->broken = read_outputs(session);
    }
    if (status == MIDGE_OK) status = midge_session_reset(session);
    if (status != MIDGE_OK)
        note_failure(result, stage, status, midge_session_message(session), refusing);
}

static void use_model(midge_model *model, const midge_allocator *allocator,
                      const midge_limits *limits, const drive_options *options,
                      drive_result *result)
{
    midge_session_options session_options = midge_session_options_default();
    session_options.allocator = allocator;
    session_options.limits = limits;
    session_options.threads = options->threads;
    session_options.kernels = options->kernels;
    midge_error error = {0};
    midge_session *session = NULL;
    midge_status status = midge_session_create(model, &session_options, &session, &error);
    if (status != MIDGE_OK)
        note_failure(result, DRIVE_REJECT_PREPARE, status, error.message,
                     options->refuse_from != SIZE_MAX);
    else
        use_session(session, options, result);
    midge_session_free(session);
}

drive_result drive(const void *bytes, size_t size, const drive_options *options)
{
    drive_result result = {.outcome = DRIVE_OK};
    counting_allocator counter = {.refuse_from = options->refuse_from,
                                  .refuse_count = options->refuse_count};
    midge_allocator allocator = {&counter, counting_allocate, counting_release};
    midge_limits limits = {.memory_bytes = options->memory_bytes,
                           .milliseconds = options->milliseconds,
                           .while_iterations = options->while_iterations};
    midge_model_options model_options = midge_model_options_default();
    model_options.allocator = &allocator;
    midge_error error = {0};
    midge_model *model = NULL;
    clock_t start = clock();
    midge_status status = midge_model_load_memory(bytes, size, &model_options, &model, &error);
    if (status != MIDGE_OK)
        note_failure(&result, DRIVE_REJECT_LOAD, status, error.message,
                     options->refuse_from != SIZE_MAX);
    else
        use_model(model, &allocator, &limits, options, &result);
    midge_model_free(model);
    result.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    result.allocations = counter.calls;
    if (counter.live != 0) result.broken = "memory was kept";
    if (result.seconds > MOST_SECONDS) result.broken = "it took too long";
    return result;
}
