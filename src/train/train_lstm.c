/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LSTM. z = x K + h R + b in four gates of `units`: i, f, c, o.
 *   c' = f(z_f) c + f(z_i) g(z_c)        h' = f(z_o) g(c')
 *
 * Saved for each row of each step, in the order of time: z, its four gates, c', g(c'), the h and c
 * before. The gradients of z take the place of z in a buffer of their own, so that those of the
 * weights are three products over all rows.
 */
#include "train/train_recurrent.h"

typedef struct lstm_memory {
    float *z, *gates, *cell, *squashed, *before, *cell_before; /* by row and step */
    float *dz;
    float *recurrent;      /* h R of one step; dh of the step before */
    float *hidden, *dcell; /* of one step, by row */
    float *ordered;        /* x, or dx, in the order of time, where that is reversed */
} lstm_memory;

typedef struct lstm_work {
    const mg_train_pass *pass;
    const mg_train_node *node;
    const mg_train_recurrent *plan;
    lstm_memory memory;
    const float *bias;
    size_t place; /* of the step in time */
} lstm_work;

static lstm_memory lay_out(const mg_train_pass *pass, const mg_train_node *node)
{
    const mg_train_recurrent *plan = node->plan;
    size_t rows = pass->trainer->capacity * plan->steps, unit = rows * plan->units;
    float *at = node->saved;
    lstm_memory memory;
    memory.z = at;
    memory.gates = at += 4 * unit;
    memory.dz = at += 4 * unit;
    memory.cell = at += 4 * unit;
    memory.squashed = at += unit;
    memory.before = at += unit;
    memory.cell_before = at += unit;
    memory.recurrent = at += unit;
    memory.hidden = at += 4 * pass->trainer->capacity * plan->units;
    memory.dcell = at += pass->trainer->capacity * plan->units;
    memory.ordered = at += pass->trainer->capacity * plan->units;
    return memory;
}

static void lstm_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                       mg_train_needs *needs)
{
    const mg_train_recurrent *plan = node->plan;
    uint64_t rows = (uint64_t)batch * plan->steps;
    needs->saved = 16 * rows * plan->units + 6 * (uint64_t)batch * plan->units +
                   (plan->reversed ? rows * plan->features : 0);
    mg_train_recurrent_needs(trainer, plan, batch, needs);
}

static void advance_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const lstm_work *at = argument;
    const mg_train_recurrent *plan = at->plan;
    const lstm_memory *memory = &at->memory;
    size_t units = plan->units;
    float *y = mg_train_output(at->pass, at->node)->values;
    for (size_t b = begin; b < end; ++b) {
        size_t row = b * plan->steps + at->place;
        float *z = memory->z + row * 4 * units, *gates = memory->gates + row * 4 * units;
        float *cell = memory->cell + row * units, *squashed = memory->squashed + row * units;
        const float *old = memory->cell_before + row * units;
        const float *more = memory->recurrent + b * 4 * units;
        for (size_t i = 0; i < 4 * units; ++i)
            z[i] += more[i] + (at->bias != NULL ? at->bias[i] : 0);
        plan->inner.forward(z, gates, NULL, 1, 2 * units, gates);
        plan->outer.forward(z + 2 * units, NULL, NULL, 1, units, gates + 2 * units);
        plan->inner.forward(z + 3 * units, NULL, NULL, 1, units, gates + 3 * units);
        for (size_t i = 0; i < units; ++i)
            cell[i] = gates[units + i] * old[i] + gates[i] * gates[2 * units + i];
        plan->outer.forward(cell, NULL, NULL, 1, units, squashed);
        bool last = at->place + 1 == plan->steps;
        for (size_t i = 0; i < units; ++i) {
            float h = gates[3 * units + i] * squashed[i];
            if (plan->all) y[row * units + i] = h;
            if (!plan->all && last) y[b * units + i] = h;
            if (!last) {
                memory->before[(row + 1) * units + i] = h;
                memory->cell_before[(row + 1) * units + i] = cell[i];
            }
        }
    }
}

static void lstm_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_recurrent *plan = node->plan;
    const mg_train_weight *bias = mg_train_weight_of(pass, node, 2);
    lstm_work at = {pass, node, plan, lay_out(pass, node), bias != NULL ? bias->values : NULL, 0};
    size_t units = plan->units, rows = pass->batch * plan->steps;
    const mg_train_product product = {
        .rows = rows,
        .columns = 4 * units,
        .depth = plan->features,
        .left = {mg_train_ordered_input(pass, node, at.memory.ordered), plan->features, 1},
        .right = {mg_train_weight_of(pass, node, 0)->values, 1, 4 * units},
        .out = at.memory.z,
        .out_stride = 4 * units};
    mg_train_multiply(pass, &product, NULL, mg_train_worker_scratch(pass, node, 0),
                      node->per_worker);
    for (size_t b = 0; b < pass->batch; ++b) {
        memset(at.memory.before + b * plan->steps * units, 0, units * sizeof(float));
        memset(at.memory.cell_before + b * plan->steps * units, 0, units * sizeof(float));
    }
    for (; at.place < plan->steps; ++at.place) {
        mg_train_step_product(pass, node, at.memory.before + at.place * units, plan->steps * units,
                              units, mg_train_weight_of(pass, node, 1)->values, 4 * units, false,
                              at.memory.recurrent, 4 * units);
        mg_parallel_for(pass->trainer->pool, pass->batch, 4, advance_rows, &at);
    }
}

static void return_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const lstm_work *at = argument;
    const mg_train_recurrent *plan = at->plan;
    const lstm_memory *memory = &at->memory;
    size_t units = plan->units;
    const float *dy = mg_train_output(at->pass, at->node)->gradient;
    bool last = at->place + 1 == plan->steps;
    for (size_t b = begin; b < end; ++b) {
        size_t row = b * plan->steps + at->place;
        const float *gates = memory->gates + row * 4 * units, *z = memory->z + row * 4 * units;
        const float *cell = memory->cell + row * units, *squashed = memory->squashed + row * units;
        const float *old = memory->cell_before + row * units;
        float *dz = memory->dz + row * 4 * units, *dh = memory->hidden + b * units;
        float *dcell = memory->dcell + b * units;
        for (size_t i = 0; i < units; ++i) {
            if (last) dh[i] = dcell[i] = 0;
            if (plan->all) dh[i] += dy[row * units + i];
            if (!plan->all && last) dh[i] += dy[b * units + i];
            dz[3 * units + i] = dh[i] * squashed[i];
            dh[i] *= gates[3 * units + i];
        }
        plan->outer.backward(cell, squashed, dh, 1, units, dh);
        for (size_t i = 0; i < units; ++i) {
            float d = dcell[i] + dh[i];
            dz[i] = d * gates[2 * units + i];
            dz[units + i] = d * old[i];
            dz[2 * units + i] = d * gates[i];
            dcell[i] = d * gates[units + i];
        }
        plan->inner.backward(z, gates, dz, 1, 2 * units, dz);
        plan->outer.backward(z + 2 * units, gates + 2 * units, dz + 2 * units, 1, units,
                             dz + 2 * units);
        plan->inner.backward(z + 3 * units, gates + 3 * units, dz + 3 * units, 1, units,
                             dz + 3 * units);
    }
}

static void lstm_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_recurrent *plan = node->plan;
    mg_train_weight *kernel = mg_train_weight_of(pass, node, 0);
    mg_train_weight *recurrent = mg_train_weight_of(pass, node, 1);
    mg_train_weight *bias = mg_train_weight_of(pass, node, 2);
    lstm_work at = {pass, node, plan, lay_out(pass, node), NULL, 0};
    size_t units = plan->units, rows = pass->batch * plan->steps;
    for (at.place = plan->steps; at.place-- > 0;) {
        mg_parallel_for(pass->trainer->pool, pass->batch, 4, return_rows, &at);
        mg_train_step_product(pass, node, at.memory.dz + at.place * 4 * units,
                              plan->steps * 4 * units, 4 * units, recurrent->values, units, true,
                              at.memory.hidden, units);
    }
    if (kernel->trained)
        mg_train_learn_matrix(pass, node, mg_train_ordered_input(pass, node, at.memory.ordered),
                              plan->features, at.memory.dz, 4 * units, kernel->gradient);
    if (recurrent->trained)
        mg_train_learn_matrix(pass, node, at.memory.before, units, at.memory.dz, 4 * units,
                              recurrent->gradient);
    if (bias != NULL && bias->trained)
        mg_train_sum_rows(pass, at.memory.dz, rows, 4 * units, bias->gradient);
    mg_train_recurrent_input_gradient(pass, node, at.memory.dz, 4 * units, at.memory.ordered);
}

static const mg_train_operation lstm_operation = {"lstm", lstm_forward, lstm_backward, lstm_needs,
                                                  false};

/* Unless told otherwise, the gate that forgets begins open. */
midge_status mg_train_build_lstm(midge_trainer *trainer, const mg_keras_layer *layer,
                                 mg_keras_call *call)
{
    mg_train_node *node;
    size_t weights = trainer->weights.count;
    TRY(mg_train_add_recurrent(trainer, layer, call, 4, &lstm_operation, 1, &node));
    if (node->weights[2] < 0 || (size_t)node->weights[2] < weights ||
        !mg_json_flag(layer->config, "unit_forget_bias", true))
        return MIDGE_OK;
    const mg_train_weight *bias = mg_train_weight_at(trainer, (size_t)node->weights[2]);
    for (size_t i = bias->elements / 4; i < bias->elements / 2; ++i) bias->values[i] = 1;
    return MIDGE_OK;
}
