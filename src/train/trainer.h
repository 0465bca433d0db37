/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Keras model that learns.
 *
 *   source ── train_source.c ──> JSON ── keras_config.c ──> layers ── train_build.c ──> nodes
 *                                                                          │
 *     train_fit.c ──> batches ──> train_step.c: forward, loss, backward, optimiser
 *
 * A layer is what the configuration names; for each of its calls the row of its class in layers.def
 * puts one or more nodes into the trainer. A node is an operation with a forward and a backward
 * function, in an order in which each has its inputs.
 *
 * Tensors have no batch dimension: `shape` is that of a sample, and samples lie one behind the
 * other. Gradients are those of the loss by the tensor's elements. An operation overwrites the
 * gradients of its inputs and weights; where several nodes use one tensor or weight, train_step.c
 * gives the later ones a spare and adds.
 *
 * Results never depend on the number of threads: work is split over elements that one thread
 * computes wholly, or into parts whose number the shapes decide and which are added in order.
 */
#ifndef MG_TRAINER_H
#define MG_TRAINER_H

#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/threads.h"
#include "convert/keras.h"
#include "kernel/descend.h"
#include "kernel/kernel.h"
#include "train/train_compile.h"
#include "train/train_random.h"

enum { MG_TRAIN_WEIGHTS = 4 }; /* of a node, at most */

typedef struct mg_train_tensor {
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t elements; /* of a sample */
    int32_t limit;   /* elements are numbers below it: of an embedding; 0: any */
    int32_t users;   /* nodes that read it */
    int32_t shown;   /* the tensor whose memory it shares, -1: its own */
    bool differentiable;
    bool needed;  /* the output depends on it */
    bool written; /* the gradient, in this pass */
    bool rounded; /* of quantisation-aware runs: to steps of the range, below */
    float least, most;
    float *values;
    float *gradient; /* NULL where nothing depends on it */
    float *spare;
} mg_train_tensor;

typedef struct mg_train_weight {
    const mg_keras_layer *layer;
    const char *name;
    int32_t rank;
    int32_t shape[MIDGE_MAX_RANK];
    size_t elements;
    int32_t users;
    bool statistic; /* moves, but not by gradients */
    bool trained;
    bool written;
    bool updated; /* this step is made already */
    float l1, l2;
    float *values;
    float *gradient;
    float *spare;
    float *slots[3];  /* of the optimiser */
    float *best;      /* the values of the best epoch */
    float *rounded;   /* what takes the place of the values in quantisation-aware runs */
    uint8_t *cluster; /* of each element, while a run shares values; NULL */
    int32_t clusters;
} mg_train_weight;

struct mg_train_node;

/* A step of the optimiser. */
typedef struct mg_train_update {
    const mg_descend_kernel *kernel;
    mg_train_optimizer_kind kind;
    mg_descent descent;
    bool early; /* it needs no more of the gradients than those of the elements at hand */
} mg_train_update;

/* What a pass over the nodes knows. */
typedef struct mg_train_pass {
    struct midge_trainer *trainer;
    size_t batch;
    bool training;
    uint64_t step; /* of the optimiser; with the seed it makes what is drawn at random */
    const mg_train_update *update; /* the step that follows; NULL: only gradients are wanted */
} mg_train_pass;

/* Memory of a node for a batch, in floats. */
typedef struct mg_train_needs {
    uint64_t saved;      /* its own, kept from forward to backward */
    uint64_t shared;     /* scratch for all threads together */
    uint64_t per_worker; /* scratch of each thread */
} mg_train_needs;

typedef struct mg_train_operation {
    const char *name;
    void (*forward)(const mg_train_pass *pass, struct mg_train_node *node);
    /* Gradients of the inputs that are differentiable, and of the weights that are trained. */
    void (*backward)(const mg_train_pass *pass, struct mg_train_node *node);
    /* NULL: nothing. */
    void (*needs)(const struct midge_trainer *trainer, const struct mg_train_node *node,
                  size_t batch, mg_train_needs *needs);
    bool view; /* its output is its input in another shape */
} mg_train_operation;

typedef struct mg_train_node {
    const mg_train_operation *operation;
    const mg_keras_layer *layer;
    size_t input_count;
    int32_t *inputs;
    int32_t output;
    int32_t weights[MG_TRAIN_WEIGHTS]; /* -1: none */
    const void *plan;                  /* the operation's own parameters */
    bool useful;                       /* the loss depends on it */
    bool learns; /* something before it or in it is differentiable: backward is called */
    bool frozen;
    bool after_loss; /* the loss takes its input: softmax and sigmoid at the end */
    size_t shared;   /* floats of scratch, as `needs` says, in whole lines */
    size_t per_worker;
    float *saved;
} mg_train_node;

typedef struct mg_train_layer {
    const mg_keras_layer *layer;
    int32_t output; /* tensor of its first call */
    bool frozen;
} mg_train_layer;

/* What a layer, or a part of it, gives: for the names of learned ranges. */
typedef struct mg_train_result {
    const mg_keras_layer *layer;
    const char *part; /* convert/keras_ranges.h; NULL: the layer's output */
    int32_t tensor;
} mg_train_result;

/* A list that grows; `items` is the heap's. */
typedef struct mg_train_list {
    void *items;
    size_t count;
    size_t capacity;
} mg_train_list;

/* A run of midge_trainer_fit: what must be known to go on with it. */
typedef struct mg_train_run {
    uint64_t number; /* of runs begun; part of the order of samples */
    int32_t epoch;
    uint64_t step; /* batches done in this epoch */
    bool open;     /* begun, not ended */
    double loss_sum;
    double loss_weight;
    mg_metric_sum metrics[MIDGE_MOST_METRICS];
    double best;
    bool has_best;
    int32_t best_epoch;
    int32_t waited;         /* epochs without anything better, for early stopping */
    int32_t plateau_waited; /* the same for the schedule */
    double plateau_rate;    /* the learning rate that the plateau has left */
} mg_train_run;

struct midge_trainer {
    mg_heap heap;
    mg_region region; /* as long as the trainer */
    mg_keras keras;   /* layers, in its region */
    json_t *object;   /* the model's JSON */
    mg_keras_model *model;
    char *json;     /* of midge_trainer_json */
    char name[200]; /* of the source, for messages */
    mg_pool *pool;
    mg_kernels kernels;
    uint64_t seed;

    mg_train_list tensors, weights, nodes, layers, results;
    size_t input_count;
    int32_t *inputs; /* tensors */
    int32_t output;
    int32_t loss_tensor; /* what the loss takes: the output, or what its activation takes */

    mg_train_compiled compiled;
    uint64_t steps;

    size_t capacity; /* samples for which there is room */
    mg_region room;  /* of tensors, saved, scratch */
    float *scratch;
    float *targets;
    float *target_weights;
    float *row_losses;

    bool fake; /* passes see what int8 leaves */
    mg_train_run run;
};

/* ---- Access */

static inline mg_train_tensor *mg_train_tensor_at(const midge_trainer *trainer, int32_t index)
{
    return (mg_train_tensor *)trainer->tensors.items + index;
}

static inline mg_train_weight *mg_train_weight_at(const midge_trainer *trainer, size_t index)
{
    return (mg_train_weight *)trainer->weights.items + index;
}

static inline mg_train_node *mg_train_node_at(const midge_trainer *trainer, size_t index)
{
    return (mg_train_node *)trainer->nodes.items + index;
}

static inline mg_train_result *mg_train_result_at(const midge_trainer *trainer, size_t index)
{
    return (mg_train_result *)trainer->results.items + index;
}

static inline mg_train_layer *mg_train_layer_at(const midge_trainer *trainer, size_t index)
{
    return (mg_train_layer *)trainer->layers.items + index;
}

static inline mg_train_tensor *mg_train_input(const mg_train_pass *pass, const mg_train_node *node,
                                              size_t index)
{
    return mg_train_tensor_at(pass->trainer, node->inputs[index]);
}

static inline mg_train_tensor *mg_train_output(const mg_train_pass *pass, const mg_train_node *node)
{
    return mg_train_tensor_at(pass->trainer, node->output);
}

/* NULL where the node has none. */
static inline mg_train_weight *mg_train_weight_of(const mg_train_pass *pass,
                                                  const mg_train_node *node, size_t index)
{
    return node->weights[index] < 0
               ? NULL
               : mg_train_weight_at(pass->trainer, (size_t)node->weights[index]);
}

/* Behind the scratch that is for all threads together. */
static inline float *mg_train_worker_scratch(const mg_train_pass *pass, const mg_train_node *node,
                                             int worker)
{
    return pass->trainer->scratch + node->shared + node->per_worker * (size_t)worker;
}

/* Floats in whole cache lines. */
static inline size_t mg_train_line(size_t floats)
{
    return (floats + 15) & ~(size_t)15;
}

/* ---- train_activation.c */

/* Softmax over the last axis, or sigmoid. */
bool mg_train_is_probability(const mg_train_operation *operation);
/* An activation that integer kernels do while they round: it only cuts off. */
bool mg_train_is_cut(const mg_train_node *node);
/* train_pool.c: a pool that gives the largest. */
bool mg_train_is_largest(const mg_train_node *node);

/* ---- train_step.c */

enum { MG_TRAIN_MOST_BATCH = 1 << 20 };
/* Room for batches of `batch` samples. */
midge_status mg_train_reserve(midge_trainer *trainer, size_t batch, midge_error *error);
void mg_train_forward(midge_trainer *trainer, size_t batch, bool training);
/* The loss of the batch whose targets and factors are in the trainer, its gradient where `learn`,
 * and the sums of the metrics. */
double mg_train_loss(midge_trainer *trainer, size_t batch, bool learn);
double mg_train_penalty(const midge_trainer *trainer);
/* With `update` some weights take its step at once, as soon as nothing else needs them. */
void mg_train_backward(midge_trainer *trainer, size_t batch, const mg_train_update *update);

/* ---- trainer.c */

/* After a change of what learns, and of the loss: memory is to be reserved again. */
void mg_train_link(midge_trainer *trainer);

/* ---- train_optimizer.c */

bool mg_train_has_slot(const mg_train_compiled *compiled, int slot);
void mg_train_drop_slots(midge_trainer *trainer);
/* Those of the weights that are trained, zero where they are new. */
midge_status mg_train_add_slots(midge_trainer *trainer, midge_error *error);
/* With them all that a step needs. */
midge_status mg_train_reserve_slots(midge_trainer *trainer, midge_error *error);
/* The learning rate as compiled: of the next step where a schedule decides it. */
double mg_train_rate(const midge_trainer *trainer);
/* `early`: nobody looks at the gradients between the backward pass and the step. */
mg_train_update mg_train_begin_update(const midge_trainer *trainer, double learning_rate,
                                      bool early);
bool mg_train_updates_early(const mg_train_pass *pass, const mg_train_weight *weight);
/* Elements `first` to first + count - 1 of the weight by their gradients. */
void mg_train_update_range(const mg_train_update *update, const mg_train_weight *weight,
                           size_t first, const float *gradients, size_t count);
/* All weights that have not taken the step. */
void mg_train_end_update(midge_trainer *trainer, const mg_train_update *update);

/* ---- train_cluster.c */

void mg_train_drop_clusters(midge_trainer *trainer);

/* ---- train_variables.c */

struct mg_keras_document;
struct mg_keras_optimizer;
/* The weights for the writer of Keras' files, in memory of the region. */
midge_status mg_train_document(midge_trainer *trainer, mg_region *region,
                               struct mg_keras_document *document, midge_error *error);
/* What the optimiser keeps, in Keras' order; the arrays are those of the trainer, but for the
 * learning rate. All slots must be there. */
midge_status mg_train_variables(midge_trainer *trainer, mg_region *region,
                                struct mg_keras_optimizer *optimizer, midge_error *error);

/* ---- train_metric.c */

void mg_train_measure(const midge_trainer *trainer, size_t batch, mg_metric_sum *sums);
double mg_train_metric(const midge_trainer *trainer, size_t metric, const mg_metric_sum *sum);

/* ---- train_batch.c */

size_t mg_train_x_elements(const midge_trainer *trainer);
size_t mg_train_y_elements(const midge_trainer *trainer);

#endif
