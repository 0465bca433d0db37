/* SPDX-License-Identifier: Apache-2.0 */
/* H04: files cut at every byte, with bytes behind them, with a page of zeros in them, and spliced
 * from two. Real files where they are at hand, the built-in models and made ones always. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>

#include "draft/draft.h"
#include "drive.h"
#include "seeds.h"

typedef struct file {
    unsigned char *bytes;
    size_t size;
    char name[200];
} file;

static bool read_file(const char *folder, const char *name, file *made)
{
    (void)snprintf(made->name, sizeof made->name, "%s/%s/%s", MIDGE_SOURCE_DIR, folder, name);
    FILE *stream = fopen(made->name, "rb");
    if (stream == NULL) return false;
    made->size = 0;
    made->bytes = malloc(1 << 20);
    if (made->bytes != NULL) made->size = fread(made->bytes, 1, 1 << 20, stream);
    (void)fclose(stream);
    return made->size > 0;
}

/* Loads only: most prefixes end there, and the others are driven whole below. */
static midge_status load(const unsigned char *bytes, size_t size, midge_error *error)
{
    midge_model *model = NULL;
    midge_status status = midge_model_load_memory(bytes, size, NULL, &model, error);
    midge_model_free(model);
    return status;
}

/* Every prefix in memory of its own, so that a read past its end is noticed. */
static void cut_everywhere(const file *whole, size_t step)
{
    size_t accepted = 0, shortest = whole->size, unsound = 0;
    for (size_t size = 0; size < whole->size; size += step) {
        unsigned char *prefix = malloc(size > 0 ? size : 1);
        if (prefix == NULL) exit(2);
        memcpy(prefix, whole->bytes, size);
        midge_error error = {0};
        midge_status status = load(prefix, size, &error);
        if (status == MIDGE_OK) {
            drive_options options = drive_defaults();
            drive_result result = drive(prefix, size, &options);
            unsound += result.broken != NULL;
            ++accepted;
            if (size < shortest) shortest = size;
        } else if (status != MIDGE_INVALID_MODEL || error.message[0] == '\0') {
            ++unsound;
        }
        free(prefix);
    }
    EXPECT(unsound == 0, "%s: %zu prefixes ended in an odd way", whole->name, unsound);
    /* Only what lies behind the model may be missing: padding, associated files. */
    EXPECT(accepted == 0 || shortest + 65536 > whole->size, "%s: accepted with %zu of %zu bytes",
           whole->name, shortest, whole->size);
    (void)printf("%s: %zu bytes, %zu prefixes accepted\n", whole->name, whole->size, accepted);
}

static void drive_changed(const file *whole, const unsigned char *bytes, size_t size,
                          unsigned allowed, const char *what, size_t at)
{
    drive_options options = drive_defaults();
    options.memory_bytes = 16u << 20;
    drive_result result = drive(bytes, size, &options);
    EXPECT(result.broken == NULL && (result.outcome & allowed) != 0, "%s, %s at %zu: %s, %s (%s)",
           whole->name, what, at, drive_outcome_name(result.outcome),
           result.broken != NULL ? result.broken : "sound", result.message);
}

static void append_and_blank(const file *whole)
{
    enum { MORE = 100, PAGE = 512 };
    unsigned char *copy = malloc(whole->size + MORE);
    if (copy == NULL) exit(2);
    memcpy(copy, whole->bytes, whole->size);
    memset(copy + whole->size, 0xa5, MORE);
    drive_changed(whole, copy, whole->size + MORE, DRIVE_OK | DRIVE_RUN_ERROR, "bytes appended", 0);
    size_t steps = whole->size / 40 + 1;
    for (size_t at = 0; at < whole->size; at += steps) {
        size_t page = whole->size - at < PAGE ? whole->size - at : PAGE;
        memcpy(copy, whole->bytes, whole->size);
        memset(copy + at, 0, page);
        drive_changed(whole, copy, whole->size, DRIVE_ANY, "a page of zeros", at);
        memset(copy + at, 0xff, page);
        drive_changed(whole, copy, whole->size, DRIVE_ANY, "a page of ones", at);
    }
    free(copy);
}

static void splice(const file *front, const file *back)
{
    size_t least = front->size < back->size ? front->size : back->size;
    unsigned char *both = malloc(back->size);
    if (both == NULL) exit(2);
    for (size_t at = 8; at < least; at += least / 40 + 1) {
        memcpy(both, back->bytes, back->size);
        memcpy(both, front->bytes, at);
        drive_changed(front, both, back->size, DRIVE_ANY, "spliced", at);
    }
    free(both);
}

static void try_file(const file *whole, const file *other)
{
    size_t step = whole->size > 100000 ? whole->size / 2000 : 1;
    cut_everywhere(whole, step);
    append_and_blank(whole);
    splice(whole, other);
    splice(other, whole);
}

static file made_file(const char *text, const char *name)
{
    file made = {0};
    made.bytes = draft_file(text, &made.size);
    (void)snprintf(made.name, sizeof made.name, "%s", name);
    return made;
}

int main(void)
{
    static const struct {
        const char *folder, *name;
    } real[] = {
        {"../shared/models/tflite_micro", "hello_world_int8.tflite"},
        {"../shared/models/tflite_micro", "keyword_scrambled_8bit.tflite"},
        {"../shared/models/mlperf_tiny", "kws_ref_model.tflite"},
        {"../shared/models/litert", "multi_signature_model.tflite"},
    };
    static const char *const built_in[] = {"fashion_mnist_int8.tflite",
                                           "fashion_mnist_float.tflite"};
    file other = made_file("SOFTMAX x:f32[4] -> y:f32[4] {beta=1}", "softmax");
    for (size_t i = 0; i < sizeof real / sizeof real[0]; ++i) {
        file whole;
        if (read_file(real[i].folder, real[i].name, &whole)) {
            try_file(&whole, &other);
            free(whole.bytes);
        } else {
            expect_skip(real[i].name);
        }
    }
    for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; ++i) {
        file whole = {0};
        bool there = read_file("models", built_in[i], &whole);
        EXPECT(there, "%s is not there", whole.name);
        if (there) try_file(&whole, &other);
        free(whole.bytes);
    }
    for (size_t i = 0; seed_text(i) != NULL; i += 12) {
        file whole = made_file(seed_text(i), seed_text(i));
        try_file(&whole, &other);
        free(whole.bytes);
    }
    free(other.bytes);
    return expect_finish();
}
