/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sound model of one operator with up to eight changes of the hostile classes at once. Bytes are
 * taken as
 *   0 … 1   number of the seed
 *   2       data of inputs, kernels, threads
 *   then for each change 4 bytes: the class, and the variant in 24 bits
 */
#include "fuzz.h"

#include <stdlib.h>

#include "hostile.h"
#include "seeds.h"

enum { HEAD = 3, CHANGE = 4, MOST_CHANGES = 8 };

static const hostile_class *find_class(size_t number)
{
    const hostile_class *const lists[] = {hostile_links,    hostile_options, hostile_shapes,
                                          hostile_contents, hostile_scales,  hostile_sparsity};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; ++i)
        for (const hostile_class *at = lists[i]; at->name != NULL; ++at)
            if (number-- == 0) return at;
    return NULL;
}

static size_t count_classes(void)
{
    size_t count = 0;
    while (find_class(count) != NULL) ++count;
    return count;
}

static size_t count_seeds(void)
{
    size_t count = 0;
    while (seed_text(count) != NULL) ++count;
    return count;
}

/* One change; variants past the last begin again. */
static void apply(draft *model, const uint8_t *bytes, size_t classes)
{
    hostile_case at = {.model = model, .allowed = DRIVE_ANY};
    const hostile_class *class = find_class(bytes[0] % classes);
    size_t variant = bytes[1] | (size_t)bytes[2] << 8 | (size_t)bytes[3] << 16;
    for (at.variant = variant; !class->mutate(&at) && at.variant > 0;) at.variant /= 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static size_t classes, seeds;
    if (classes == 0) classes = count_classes(), seeds = count_seeds();
    if (size < HEAD) return 0;
    draft model;
    if (draft_parse(&model, seed_text((data[0] | (size_t)data[1] << 8) % seeds))) {
        for (size_t i = 0; i < MOST_CHANGES && HEAD + (i + 1) * CHANGE <= size; ++i)
            apply(&model, data + HEAD + i * CHANGE, classes);
        void *bytes = NULL;
        size_t length;
        mg_heap heap;
        mg_heap_init(&heap, NULL, SIZE_MAX);
        if (mg_schema_write(&model.model, &heap, &bytes, &length, NULL) == MIDGE_OK) {
            drive_options options = drive_defaults();
            options.fill = (drive_fill)(data[2] % DRIVE_FILLS);
            options.kernels = data[2] / 8 % 2 == 0 ? "auto" : "ref";
            options.threads = 1 + data[2] / 16 % 2;
            options.memory_bytes = 4u << 20;
            options.milliseconds = 500;
            fuzz_require(drive(bytes, length, &options).broken);
            mg_heap_release(&heap, bytes);
        }
    }
    draft_free(&model);
    return 0;
}
