/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a trainer as a file: a head, then for each weight its values and what the optimiser
 * keeps of it, then the range of each tensor. Numbers lie as in the memory of the machine, which
 * the head's mark tells.
 */
#include "base/file.h"
#include "base/file_write.h"
#include "train/trainer.h"

static const char magic[8] = {'m', 'g', 't', 'r', 'a', 'i', 'n', '1'};
static const uint32_t order_mark = 0x01020304;

typedef struct state_head {
    char magic[8];
    uint32_t order;
    uint32_t head_bytes;
    uint64_t checksum; /* of all behind it */
    uint64_t seed;
    uint64_t steps;
    uint64_t weights;
    uint64_t floats;
    uint32_t optimizer;
    uint32_t epoch;
    uint32_t best_epoch;
    uint32_t waited;
    uint32_t plateau_waited;
    uint32_t flags;
    uint64_t run;
    uint64_t run_step;
    double loss_sum;
    double loss_weight;
    double best;
    double plateau_rate;
    mg_metric_sum metrics[MIDGE_MOST_METRICS];
} state_head;

enum { FLAG_OPEN = 1, FLAG_BEST = 2 };

static uint64_t sum_bytes(const unsigned char *bytes, size_t size)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        sum = mg_random_mix(sum ^ word);
    }
    for (; i < size; ++i) sum = mg_random_mix(sum ^ bytes[i]);
    return sum;
}

/* The arrays of a weight, in the order of the file; what a weight lacks is left out. */
static size_t arrays_of(const mg_train_weight *weight, float **arrays)
{
    size_t count = 0;
    float *const all[] = {weight->values, weight->slots[0], weight->slots[1], weight->slots[2],
                          weight->best};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i)
        if (all[i] != NULL) arrays[count++] = all[i];
    return count;
}

static uint64_t count_floats(const midge_trainer *trainer)
{
    uint64_t floats = 0;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        float *arrays[5];
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        floats += (uint64_t)arrays_of(weight, arrays) * weight->elements;
    }
    return floats + 2 * trainer->tensors.count;
}

static state_head make_head(const midge_trainer *trainer)
{
    const mg_train_run *run = &trainer->run;
    state_head head;
    memset(&head, 0, sizeof head);
    memcpy(head.magic, magic, sizeof magic);
    head.order = order_mark;
    head.head_bytes = sizeof head;
    head.seed = trainer->seed;
    head.steps = trainer->steps;
    head.weights = trainer->weights.count;
    head.floats = count_floats(trainer);
    head.optimizer = (uint32_t)trainer->compiled.optimizer;
    head.epoch = (uint32_t)run->epoch;
    head.best_epoch = (uint32_t)run->best_epoch;
    head.waited = (uint32_t)run->waited;
    head.plateau_waited = (uint32_t)run->plateau_waited;
    head.flags = (run->open ? FLAG_OPEN : 0u) | (run->has_best ? FLAG_BEST : 0u);
    head.run = run->number;
    head.run_step = run->step;
    head.loss_sum = run->loss_sum;
    head.loss_weight = run->loss_weight;
    head.best = run->best;
    head.plateau_rate = run->plateau_rate;
    memcpy(head.metrics, run->metrics, sizeof head.metrics);
    return head;
}

midge_status midge_trainer_save_state(midge_trainer *trainer, const char *path, midge_error *error)
{
    void *memory = NULL;
    if (trainer == NULL || path == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_save_state: an argument is NULL");
    TRY(mg_train_reserve_slots(trainer, error));
    state_head head = make_head(trainer);
    size_t size = sizeof head + (size_t)head.floats * sizeof(float);
    TRY(mg_heap_get(&trainer->heap, size, &memory, error));
    unsigned char *bytes = memory, *to = bytes + sizeof head;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        float *arrays[5];
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        size_t count = arrays_of(weight, arrays), part = weight->elements * sizeof(float);
        for (size_t k = 0; k < count; ++k, to += part) memcpy(to, arrays[k], part);
    }
    for (size_t i = 0; i < trainer->tensors.count; ++i) {
        const mg_train_tensor *tensor = mg_train_tensor_at(trainer, (int32_t)i);
        const float range[] = {tensor->least, tensor->most};
        memcpy(to, range, sizeof range);
        to += sizeof range;
    }
    const size_t summed = offsetof(state_head, seed);
    memcpy(bytes, &head, sizeof head);
    head.checksum = sum_bytes(bytes + summed, size - summed);
    memcpy(bytes, &head, sizeof head);
    midge_status status = mg_file_rewrite(&trainer->heap, path, bytes, size, error);
    mg_heap_release(&trainer->heap, memory);
    return status;
}

static midge_status check_head(const midge_trainer *trainer, const char *name, const mg_file *file,
                               const state_head *head, midge_error *error)
{
    const size_t summed = offsetof(state_head, seed);
    if (head->order != order_mark || head->head_bytes != sizeof *head)
        return mg_fail(error, MIDGE_UNSUPPORTED, "%s: the state of another kind of machine", name);
    if (head->checksum != sum_bytes(file->bytes + summed, file->size - summed))
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: the state is damaged", name);
    if (head->weights != trainer->weights.count ||
        head->optimizer != (uint32_t)trainer->compiled.optimizer ||
        head->floats != count_floats(trainer) ||
        file->size != sizeof *head + (size_t)head->floats * sizeof(float))
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "%s: the state of another model, or of one that was compiled otherwise",
                       name);
    return MIDGE_OK;
}

static void take_head(midge_trainer *trainer, const state_head *head)
{
    trainer->seed = head->seed;
    trainer->steps = head->steps;
    trainer->run = (mg_train_run){.number = head->run,
                                  .epoch = (int32_t)head->epoch,
                                  .step = head->run_step,
                                  .open = (head->flags & FLAG_OPEN) != 0,
                                  .loss_sum = head->loss_sum,
                                  .loss_weight = head->loss_weight,
                                  .best = head->best,
                                  .has_best = (head->flags & FLAG_BEST) != 0,
                                  .best_epoch = (int32_t)head->best_epoch,
                                  .waited = (int32_t)head->waited,
                                  .plateau_waited = (int32_t)head->plateau_waited,
                                  .plateau_rate = head->plateau_rate};
    memcpy(trainer->run.metrics, head->metrics, sizeof head->metrics);
}

/* Best weights are in a state where the run keeps them. */
static midge_status make_best(midge_trainer *trainer, const state_head *head, midge_error *error)
{
    uint64_t elements = 0;
    for (size_t i = 0; i < trainer->weights.count; ++i)
        elements += mg_train_weight_at(trainer, i)->elements;
    if (count_floats(trainer) + elements != head->floats) return MIDGE_OK;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        mg_train_weight *weight = mg_train_weight_at(trainer, i);
        void *memory = NULL;
        if (weight->best != NULL) continue;
        TRY(mg_heap_get_array(&trainer->heap, weight->elements, sizeof(float), &memory, error));
        weight->best = memory;
        memcpy(memory, weight->values, weight->elements * sizeof(float));
    }
    return MIDGE_OK;
}

static midge_status take(midge_trainer *trainer, const char *name, const mg_file *file,
                         midge_error *error)
{
    state_head head;
    if (file->size < sizeof head || memcmp(file->bytes, magic, sizeof magic) != 0)
        return mg_fail(error, MIDGE_INVALID_MODEL, "%s: no state of a trainer", name);
    memcpy(&head, file->bytes, sizeof head);
    TRY(mg_train_reserve_slots(trainer, error));
    TRY(make_best(trainer, &head, error));
    TRY(check_head(trainer, name, file, &head, error));
    const unsigned char *from = file->bytes + sizeof head;
    for (size_t i = 0; i < trainer->weights.count; ++i) {
        float *arrays[5];
        const mg_train_weight *weight = mg_train_weight_at(trainer, i);
        size_t count = arrays_of(weight, arrays), part = weight->elements * sizeof(float);
        for (size_t k = 0; k < count; ++k, from += part) memcpy(arrays[k], from, part);
    }
    for (size_t i = 0; i < trainer->tensors.count; ++i) {
        mg_train_tensor *tensor = mg_train_tensor_at(trainer, (int32_t)i);
        float range[2];
        memcpy(range, from, sizeof range);
        tensor->least = range[0];
        tensor->most = range[1];
        from += sizeof range;
    }
    take_head(trainer, &head);
    return MIDGE_OK;
}

midge_status midge_trainer_load_state(midge_trainer *trainer, const char *path, midge_error *error)
{
    const uint64_t most_bytes = UINT64_C(1) << 36;
    mg_file file = {0};
    char name[200];
    if (trainer == NULL || path == NULL)
        return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                       "midge_trainer_load_state: an argument is NULL");
    TRY(mg_file_open(&trainer->heap, path, true, most_bytes, &file, error));
    midge_status status = take(trainer, mg_printable(path, name, sizeof name), &file, error);
    mg_file_close(&trainer->heap, &file);
    return status;
}
