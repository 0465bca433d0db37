/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GRU whose reset comes after the product. a = x K + b_0 and p = h R + b_1 in three gates of
 * `units`: z, r, h.
 *   z = f(a_z + p_z)    r = f(a_r + p_r)    n = g(a_h + r p_h)    h' = z h + (1 - z) n
 *
 * Saved for each row of each step, in the order of time: the sums that go into f and g, the gates,
 * p_h, the h before; the gradients of a and of p.
 */
#include "train/train_recurrent.h"

typedef struct gru_memory {
    float *sums, *gates, *da, *dp; /* three units by row and step */
    float *product, *before;       /* one unit by row and step */
    float *recurrent;              /* p of one step */
    float *hidden, *kept;          /* dh of one step, and what passes z */
    float *ordered;                /* x, or dx, in the order of time, where that is reversed */
} gru_memory;

typedef struct gru_work {
    const mg_train_pass *pass;
    const mg_train_node *node;
    const mg_train_recurrent *plan;
    gru_memory memory;
    const float *bias;
    size_t place;
} gru_work;

static gru_memory lay_out(const mg_train_pass *pass, const mg_train_node *node)
{
    const mg_train_recurrent *plan = node->plan;
    size_t one = pass->trainer->capacity * plan->units, unit = one * plan->steps;
    float *at = node->saved;
    gru_memory memory;
    memory.sums = at;
    memory.gates = at += 3 * unit;
    memory.da = at += 3 * unit;
    memory.dp = at += 3 * unit;
    memory.product = at += 3 * unit;
    memory.before = at += unit;
    memory.recurrent = at += unit;
    memory.hidden = at += 3 * one;
    memory.kept = at += one;
    memory.ordered = at += one;
    return memory;
}

static void gru_needs(const midge_trainer *trainer, const mg_train_node *node, size_t batch,
                      mg_train_needs *needs)
{
    const mg_train_recurrent *plan = node->plan;
    uint64_t rows = (uint64_t)batch * plan->steps;
    needs->saved = 14 * rows * plan->units + 5 * (uint64_t)batch * plan->units +
                   (plan->reversed ? rows * plan->features : 0);
    mg_train_recurrent_needs(trainer, plan, batch, needs);
}

static void advance_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const gru_work *at = argument;
    const mg_train_recurrent *plan = at->plan;
    size_t units = plan->units;
    float *y = mg_train_output(at->pass, at->node)->values;
    for (size_t b = begin; b < end; ++b) {
        size_t row = b * plan->steps + at->place;
        float *sums = at->memory.sums + row * 3 * units;
        float *gates = at->memory.gates + row * 3 * units;
        float *product = at->memory.product + row * units;
        const float *old = at->memory.before + row * units;
        float *p = at->memory.recurrent + b * 3 * units;
        for (size_t i = 0; at->bias != NULL && i < 3 * units; ++i) {
            sums[i] += at->bias[i];
            p[i] += at->bias[3 * units + i];
        }
        for (size_t i = 0; i < 2 * units; ++i) sums[i] += p[i];
        plan->inner.forward(sums, NULL, NULL, 1, 2 * units, gates);
        for (size_t i = 0; i < units; ++i) {
            product[i] = p[2 * units + i];
            sums[2 * units + i] += gates[units + i] * product[i];
        }
        plan->outer.forward(sums + 2 * units, NULL, NULL, 1, units, gates + 2 * units);
        bool last = at->place + 1 == plan->steps;
        for (size_t i = 0; i < units; ++i) {
            float h = gates[i] * old[i] + (1 - gates[i]) * gates[2 * units + i];
            if (plan->all) y[row * units + i] = h;
            if (!plan->all && last) y[b * units + i] = h;
            if (!last) at->memory.before[(row + 1) * units + i] = h;
        }
    }
}

static void gru_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_recurrent *plan = node->plan;
    const mg_train_weight *bias = mg_train_weight_of(pass, node, 2);
    gru_work at = {pass, node, plan, lay_out(pass, node), bias != NULL ? bias->values : NULL, 0};
    size_t units = plan->units;
    const mg_train_product product = {
        .rows = pass->batch * plan->steps,
        .columns = 3 * units,
        .depth = plan->features,
        .left = {mg_train_ordered_input(pass, node, at.memory.ordered), plan->features, 1},
        .right = {mg_train_weight_of(pass, node, 0)->values, 1, 3 * units},
        .out = at.memory.sums,
        .out_stride = 3 * units};
    mg_train_multiply(pass, &product, NULL, mg_train_worker_scratch(pass, node, 0),
                      node->per_worker);
    for (size_t b = 0; b < pass->batch; ++b)
        memset(at.memory.before + b * plan->steps * units, 0, units * sizeof(float));
    for (; at.place < plan->steps; ++at.place) {
        mg_train_step_product(pass, node, at.memory.before + at.place * units, plan->steps * units,
                              units, mg_train_weight_of(pass, node, 1)->values, 3 * units, false,
                              at.memory.recurrent, 3 * units);
        mg_parallel_for(pass->trainer->pool, pass->batch, 4, advance_rows, &at);
    }
}

static void return_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const gru_work *at = argument;
    const mg_train_recurrent *plan = at->plan;
    size_t units = plan->units;
    const float *dy = mg_train_output(at->pass, at->node)->gradient;
    bool last = at->place + 1 == plan->steps;
    for (size_t b = begin; b < end; ++b) {
        size_t row = b * plan->steps + at->place;
        const float *sums = at->memory.sums + row * 3 * units;
        const float *gates = at->memory.gates + row * 3 * units;
        const float *product = at->memory.product + row * units;
        const float *old = at->memory.before + row * units;
        float *da = at->memory.da + row * 3 * units, *dp = at->memory.dp + row * 3 * units;
        float *dh = at->memory.hidden + b * units, *kept = at->memory.kept + b * units;
        for (size_t i = 0; i < units; ++i) {
            dh[i] = last ? 0 : dh[i] + kept[i];
            if (plan->all) dh[i] += dy[row * units + i];
            if (!plan->all && last) dh[i] += dy[b * units + i];
            da[i] = dh[i] * (old[i] - gates[2 * units + i]);
            da[2 * units + i] = dh[i] * (1 - gates[i]);
            kept[i] = dh[i] * gates[i];
        }
        plan->outer.backward(sums + 2 * units, gates + 2 * units, da + 2 * units, 1, units,
                             da + 2 * units);
        for (size_t i = 0; i < units; ++i) {
            da[units + i] = da[2 * units + i] * product[i];
            dp[2 * units + i] = da[2 * units + i] * gates[units + i];
        }
        plan->inner.backward(sums, gates, da, 1, 2 * units, da);
        memcpy(dp, da, 2 * units * sizeof(float));
    }
}

static void gru_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const mg_train_recurrent *plan = node->plan;
    mg_train_weight *kernel = mg_train_weight_of(pass, node, 0);
    mg_train_weight *recurrent = mg_train_weight_of(pass, node, 1);
    mg_train_weight *bias = mg_train_weight_of(pass, node, 2);
    gru_work at = {pass, node, plan, lay_out(pass, node), NULL, 0};
    size_t units = plan->units, rows = pass->batch * plan->steps;
    for (at.place = plan->steps; at.place-- > 0;) {
        mg_parallel_for(pass->trainer->pool, pass->batch, 4, return_rows, &at);
        mg_train_step_product(pass, node, at.memory.dp + at.place * 3 * units,
                              plan->steps * 3 * units, 3 * units, recurrent->values, units, true,
                              at.memory.hidden, units);
    }
    if (kernel->trained)
        mg_train_learn_matrix(pass, node, mg_train_ordered_input(pass, node, at.memory.ordered),
                              plan->features, at.memory.da, 3 * units, kernel->gradient);
    if (recurrent->trained)
        mg_train_learn_matrix(pass, node, at.memory.before, units, at.memory.dp, 3 * units,
                              recurrent->gradient);
    if (bias != NULL && bias->trained) {
        mg_train_sum_rows(pass, at.memory.da, rows, 3 * units, bias->gradient);
        mg_train_sum_rows(pass, at.memory.dp, rows, 3 * units, bias->gradient + 3 * units);
    }
    mg_train_recurrent_input_gradient(pass, node, at.memory.da, 3 * units, at.memory.ordered);
}

static const mg_train_operation gru_operation = {"gru", gru_forward, gru_backward, gru_needs,
                                                 false};

midge_status mg_train_build_gru(midge_trainer *trainer, const mg_keras_layer *layer,
                                mg_keras_call *call)
{
    mg_train_node *node;
    if (!mg_json_flag(layer->config, "reset_after", true))
        return mg_keras_refuse(&trainer->keras, layer, "reset_after false");
    return mg_train_add_recurrent(trainer, layer, call, 3, &gru_operation, 2, &node);
}
