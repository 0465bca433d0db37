/* SPDX-License-Identifier: Apache-2.0 */
/* Activations of single elements (activations.def), and softmax over the last axis. */
#include "train/train_activation.h"
#include "convert/keras_layer.h"
#include "convert/keras_ranges.h"
#include "train/train_build.h"

#define SELU_SCALE 1.05070098f
#define SELU_ALPHA 1.67326324f
#define HALF_ROOT 0.70710678f   /* sqrt(1/2) */
#define NORMAL_PEAK 0.39894228f /* 1 / sqrt(2 pi) */

enum { LEAST_ELEMENTS = 16384 };

typedef struct activation_plan {
    mg_train_function row;
    float a;
} activation_plan;

static inline float sigmoid(float x)
{
    float e = expf(-fabsf(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

static inline float softplus(float x)
{
    return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x)));
}

static inline float mish_derivative(float x)
{
    float t = tanhf(softplus(x));
    return t + x * (1 - t * t) * sigmoid(x);
}

#define ACTIVATION(name, function, derivative)                                                     \
    static void name##_forward(const float *values, const float *unused, const float *dy, float a, \
                               size_t count, float *result)                                        \
    {                                                                                              \
        (void)unused;                                                                              \
        (void)dy;                                                                                  \
        (void)a;                                                                                   \
        for (size_t i = 0; i < count; ++i) {                                                       \
            const float x = values[i];                                                             \
            result[i] = (function);                                                                \
        }                                                                                          \
    }                                                                                              \
    static void name##_backward(const float *values, const float *answers, const float *dy,        \
                                float a, size_t count, float *result)                              \
    {                                                                                              \
        (void)a;                                                                                   \
        for (size_t i = 0; i < count; ++i) {                                                       \
            const float x = values[i], y = answers[i];                                             \
            (void)x;                                                                               \
            (void)y;                                                                               \
            result[i] = dy[i] * (float)(derivative);                                               \
        }                                                                                          \
    }
#include "train/activations.def"

static const mg_train_function rows[] = {
#define ACTIVATION(name, function, derivative) {#name, name##_forward, name##_backward},
#include "train/activations.def"
};

bool mg_train_find_function(const char *name, mg_train_function *function)
{
    static const char *const same[][2] = {
        {"swish", "silu"}, {"hard_swish", "hard_silu"}, {"celu", "elu"}};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; ++i)
        if (strcmp(same[i][0], name) == 0) name = same[i][1];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        if (strcmp(rows[i].name, name) != 0) continue;
        *function = rows[i];
        return true;
    }
    return false;
}

typedef struct element_work {
    mg_train_elements_function *loop;
    const float *x, *y, *dy;
    float a;
    float *result;
} element_work;

static void run_elements(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const element_work *at = argument;
    at->loop(at->x + begin, at->y + begin, at->dy != NULL ? at->dy + begin : NULL, at->a,
             end - begin, at->result + begin);
}

static void activation_forward(const mg_train_pass *pass, mg_train_node *node)
{
    const activation_plan *plan = node->plan;
    const mg_train_tensor *x = mg_train_input(pass, node, 0);
    mg_train_tensor *y = mg_train_output(pass, node);
    element_work at = {plan->row.forward, x->values, y->values, NULL, plan->a, y->values};
    mg_parallel_for(pass->trainer->pool, pass->batch * x->elements, LEAST_ELEMENTS, run_elements,
                    &at);
}

static void activation_backward(const mg_train_pass *pass, mg_train_node *node)
{
    const activation_plan *plan = node->plan;
    const mg_train_tensor *x = mg_train_input(pass, node, 0);
    const mg_train_tensor *y = mg_train_output(pass, node);
    element_work at = {plan->row.backward, x->values, y->values, y->gradient, plan->a, x->gradient};
    mg_parallel_for(pass->trainer->pool, pass->batch * x->elements, LEAST_ELEMENTS, run_elements,
                    &at);
}

static const mg_train_operation activation_operation = {"activation", activation_forward,
                                                        activation_backward, NULL, false};
static const mg_train_operation sigmoid_operation = {"sigmoid", activation_forward,
                                                     activation_backward, NULL, false};

static midge_status add_elements(midge_trainer *trainer, const mg_keras_layer *layer,
                                 const char *name, float a, int32_t input, int32_t *output)
{
    const mg_train_tensor source = *mg_train_tensor_at(trainer, input);
    void *memory = NULL;
    mg_train_node *node;
    TRY(mg_train_plan(trainer, sizeof(activation_plan), &memory));
    activation_plan *plan = memory;
    plan->a = a;
    (void)mg_train_find_function(name, &plan->row);
    bool probability = strcmp(name, "sigmoid") == 0;
    TRY(mg_train_add_node(trainer, layer, probability ? &sigmoid_operation : &activation_operation,
                          1, &input, source.rank, source.shape, output, &node));
    node->plan = plan;
    return MIDGE_OK;
}

/* ---- Softmax ---- */

/* Rows of the last axis; `log`: the logarithm of it. */
typedef struct softmax_work {
    const float *x, *y, *dy;
    float *result;
    size_t length;
    bool log;
} softmax_work;

static void softmax_rows(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const softmax_work *at = argument;
    for (size_t r = begin; r < end; ++r) {
        const float *x = at->x + r * at->length;
        float *y = at->result + r * at->length, most = x[0], sum = 0;
        for (size_t i = 1; i < at->length; ++i) most = x[i] > most ? x[i] : most;
        for (size_t i = 0; i < at->length; ++i) {
            float e = expf(x[i] - most);
            sum += e;
            y[i] = at->log ? x[i] - most : e;
        }
        float last = at->log ? logf(sum) : 1 / sum;
        for (size_t i = 0; i < at->length; ++i) y[i] = at->log ? y[i] - last : y[i] * last;
    }
}

static void softmax_row_gradients(void *argument, size_t begin, size_t end, int worker)
{
    (void)worker;
    const softmax_work *at = argument;
    for (size_t r = begin; r < end; ++r) {
        const float *y = at->y + r * at->length, *dy = at->dy + r * at->length;
        float *dx = at->result + r * at->length, sum = 0;
        for (size_t i = 0; i < at->length; ++i) sum += at->log ? dy[i] : dy[i] * y[i];
        for (size_t i = 0; i < at->length; ++i)
            dx[i] = at->log ? dy[i] - expf(y[i]) * sum : y[i] * (dy[i] - sum);
    }
}

static void run_softmax(const mg_train_pass *pass, const mg_train_node *node, bool log, bool back)
{
    const mg_train_tensor *x = mg_train_input(pass, node, 0), *y = mg_train_output(pass, node);
    size_t length = (size_t)y->shape[y->rank - 1];
    softmax_work at = {x->values, y->values, y->gradient, back ? x->gradient : y->values,
                       length,    log};
    mg_parallel_for(pass->trainer->pool, pass->batch * x->elements / length,
                    1 + LEAST_ELEMENTS / 4 / length, back ? softmax_row_gradients : softmax_rows,
                    &at);
}

static void softmax_forward(const mg_train_pass *pass, mg_train_node *node)
{
    run_softmax(pass, node, false, false);
}

static void softmax_backward(const mg_train_pass *pass, mg_train_node *node)
{
    run_softmax(pass, node, false, true);
}

static void log_softmax_forward(const mg_train_pass *pass, mg_train_node *node)
{
    run_softmax(pass, node, true, false);
}

static void log_softmax_backward(const mg_train_pass *pass, mg_train_node *node)
{
    run_softmax(pass, node, true, true);
}

static const mg_train_operation softmax_operation = {"softmax", softmax_forward, softmax_backward,
                                                     NULL, false};
static const mg_train_operation log_softmax_operation = {"log_softmax", log_softmax_forward,
                                                         log_softmax_backward, NULL, false};

bool mg_train_is_probability(const mg_train_operation *operation)
{
    return operation == &softmax_operation || operation == &sigmoid_operation;
}

bool mg_train_is_cut(const mg_train_node *node)
{
    if (node->operation != &activation_operation) return false;
    const activation_plan *plan = node->plan;
    return strcmp(plan->row.name, "relu") == 0 || strcmp(plan->row.name, "relu6") == 0;
}

/* ---- Layers ---- */

midge_status mg_train_activate(midge_trainer *trainer, const mg_keras_layer *layer,
                               const json_t *name, int32_t input, int32_t *output)
{
    const mg_train_tensor source = *mg_train_tensor_at(trainer, input);
    char printable[60];
    *output = input;
    if (name == NULL || json_is_null(name)) return MIDGE_OK;
    const char *text = mg_keras_activation_name(name);
    if (text == NULL)
        return mg_keras_refuse(&trainer->keras, layer, "its activation is not a known function");
    if (strcmp(text, "linear") == 0) return MIDGE_OK;
    TRY(mg_train_note_result(trainer, layer, MG_KERAS_BEFORE_ACTIVATION, input));
    if (strcmp(text, "softmax") == 0)
        return mg_train_add_node(trainer, layer, &softmax_operation, 1, &input, source.rank,
                                 source.shape, output, NULL);
    if (strcmp(text, "log_softmax") == 0)
        return mg_train_add_node(trainer, layer, &log_softmax_operation, 1, &input, source.rank,
                                 source.shape, output, NULL);
    if (strcmp(text, "leaky_relu") == 0)
        return add_elements(trainer, layer, text, 0.2f, input, output);
    mg_train_function function;
    if (mg_train_find_function(text, &function))
        return add_elements(trainer, layer, text, 1, input, output);
    return mg_keras_refuse(&trainer->keras, layer, "activation '%s' is not one midge trains",
                           mg_printable(text, printable, sizeof printable));
}

midge_status mg_train_build_activation(midge_trainer *trainer, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const json_t *name = json_object_get(layer->config, "activation");
    return mg_train_activate(trainer, layer, name, call->inputs[0], &call->outputs[0]);
}

midge_status mg_train_build_softmax(midge_trainer *trainer, const mg_keras_layer *layer,
                                    mg_keras_call *call)
{
    int32_t axis = -1;
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    const mg_train_tensor source = *mg_train_tensor_at(trainer, call->inputs[0]);
    bool given =
        mg_json_ints(layer->config, "axis", 1, &axis) || mg_json_absent(layer->config, "axis");
    if (!given || (axis != -1 && axis != source.rank))
        return mg_keras_refuse(&trainer->keras, layer, "an axis other than the last");
    return mg_train_add_node(trainer, layer, &softmax_operation, 1, call->inputs, source.rank,
                             source.shape, &call->outputs[0], NULL);
}

/* f(x) = max_value above it, slope * x below 0. */
midge_status mg_train_build_relu(midge_trainer *trainer, const mg_keras_layer *layer,
                                 mg_keras_call *call)
{
    float slope = (float)mg_json_number(layer->config, "negative_slope", 0);
    double most = mg_json_number(layer->config, "max_value", INFINITY);
    int32_t *output = &call->outputs[0];
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    if (mg_json_number(layer->config, "threshold", 0) != 0)
        return mg_keras_refuse(&trainer->keras, layer, "a threshold other than 0");
    if (most == 6 && slope == 0)
        return add_elements(trainer, layer, "relu6", 1, call->inputs[0], output);
    TRY(add_elements(trainer, layer, slope != 0 ? "leaky_relu" : "relu", slope, call->inputs[0],
                     output));
    if (most == INFINITY) return MIDGE_OK;
    return add_elements(trainer, layer, "ceiling", (float)most, *output, output);
}

midge_status mg_train_build_leaky_relu(midge_trainer *trainer, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    double slope = mg_json_number(layer->config, "alpha", 0.3);
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    slope = mg_json_number(layer->config, "negative_slope", slope);
    return add_elements(trainer, layer, "leaky_relu", (float)slope, call->inputs[0],
                        &call->outputs[0]);
}

midge_status mg_train_build_elu(midge_trainer *trainer, const mg_keras_layer *layer,
                                mg_keras_call *call)
{
    TRY(mg_train_check_rank(trainer, layer, call, -1));
    return add_elements(trainer, layer, "elu", (float)mg_json_number(layer->config, "alpha", 1),
                        call->inputs[0], &call->outputs[0]);
}
