/* SPDX-License-Identifier: Apache-2.0 */
/* Samples on their way into a batch: inputs side by side, targets checked. */
#include "train/train_batch.h"

#include "kernel/compiler.h"

size_t mg_train_x_elements(const midge_trainer *trainer)
{
    size_t elements = 0;
    for (size_t i = 0; i < trainer->input_count; ++i)
        elements += mg_train_tensor_at(trainer, trainer->inputs[i])->elements;
    return elements;
}

size_t mg_train_y_elements(const midge_trainer *trainer)
{
    const mg_train_tensor *output = mg_train_tensor_at(trainer, trainer->output);
    if (trainer->compiled.loss != MG_LOSS_SPARSE || output->rank == 0) return output->elements;
    return output->elements / (size_t)output->shape[output->rank - 1];
}

static midge_status check_limit(const mg_train_tensor *input, size_t index, const float *x,
                                midge_error *error)
{
    for (size_t i = 0; i < input->elements; ++i)
        if (!(x[i] >= 0 && x[i] < (float)input->limit))
            return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                           "sample %zu: element %zu is %g; the embedding has rows 0 to %d", index,
                           i, (double)x[i], (int)input->limit - 1);
    return MIDGE_OK;
}

midge_status mg_train_put_sample(midge_trainer *trainer, size_t place, size_t index, const float *x,
                                 midge_error *error)
{
    for (size_t i = 0; i < trainer->input_count; ++i) {
        const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[i]);
        if (input->limit > 0) TRY(check_limit(input, index, x, error));
        float *to = input->values + place * input->elements;
        if (x != to) memcpy(to, x, input->elements * sizeof(float));
        x += input->elements;
    }
    return MIDGE_OK;
}

/* A thread takes the same elements of all samples: those that it needs in the layers after, too. */
typedef struct byte_work {
    const unsigned char *const *bytes;
    size_t count;
    const float *values;
    const unsigned char *const *next;
    size_t next_count;
    size_t elements;
    float *to;
} byte_work;

static void put_bytes(void *argument, size_t begin, size_t end, int worker)
{
    enum { LINE = 64 };
    (void)worker;
    const byte_work *at = argument;
    for (size_t i = 0; i < at->count; ++i) {
        const unsigned char *from = at->bytes[i];
        const float *values = at->values;
        float *to = at->to + i * at->elements;
        size_t k = begin;
        for (; k + 4 <= end; k += 4) {
            const float a = values[from[k]], b = values[from[k + 1]];
            const float c = values[from[k + 2]], d = values[from[k + 3]];
            to[k] = a;
            to[k + 1] = b;
            to[k + 2] = c;
            to[k + 3] = d;
        }
        for (; k < end; ++k) to[k] = values[from[k]];
    }
    for (size_t i = 0; i < at->next_count; ++i)
        for (size_t k = begin; k < end; k += LINE) MG_PREFETCH(at->next[i] + k);
}

void mg_train_put_bytes(midge_trainer *trainer, const unsigned char *const *bytes, size_t count,
                        const float *values, const unsigned char *const *next, size_t next_count)
{
    enum { LEAST_WORK = 2048 };
    const mg_train_tensor *input = mg_train_tensor_at(trainer, trainer->inputs[0]);
    byte_work work = {bytes, count, values, next, next_count, input->elements, input->values};
    mg_parallel_for(trainer->pool, input->elements, 1 + LEAST_WORK / (count + 1), put_bytes, &work);
}

midge_status mg_train_put_target(midge_trainer *trainer, size_t place, size_t index, const float *y,
                                 midge_error *error)
{
    const mg_train_tensor *output = mg_train_tensor_at(trainer, trainer->output);
    size_t elements = mg_train_y_elements(trainer);
    bool sparse = trainer->compiled.loss == MG_LOSS_SPARSE;
    float classes = sparse ? (float)output->shape[output->rank - 1] : 0;
    for (size_t i = 0; i < elements; ++i) {
        if (sparse && !(y[i] >= 0 && y[i] < classes && y[i] == floorf(y[i])))
            return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                           "sample %zu: its target %g is no class from 0 to %d", index,
                           (double)y[i], (int)classes - 1);
        if (!isfinite(y[i]))
            return mg_fail(error, MIDGE_INVALID_ARGUMENT, "sample %zu: its target is no number",
                           index);
        trainer->targets[place * elements + i] = y[i];
    }
    return MIDGE_OK;
}

midge_status mg_train_check_sample(size_t index, size_t elements, const float *x,
                                   midge_error *error)
{
    float sum = 0;
    for (size_t i = 0; i < elements; ++i) sum += x[i] * 0;
    if (sum == 0) return MIDGE_OK;
    return mg_fail(error, MIDGE_INVALID_ARGUMENT,
                   "sample %zu: it has elements that are no finite numbers", index);
}
