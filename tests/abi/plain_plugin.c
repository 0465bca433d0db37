/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A delegate in a shared library that needs no other library, as most accelerators come: it takes
 * ADD and MUL of floats and works through the functions of TfLiteContext alone, so that any runtime
 * can load it. Options: "factor" multiplies results, to tell them from those of other kernels;
 * "take" names the operator to take alone; "refuse" the step at which it gives up ("create",
 * "delegate", "prepare", "invoke"); "static" takes only tensors of fixed sizes; "log" a file to
 * which one line is added when it is destroyed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/c/common.h"

#include "plugin_entry.h"

typedef struct plugin {
    TfLiteDelegate delegate;
    float factor;
    char take[16];
    char refuse[16];
    char log[512];
} plugin;

enum { STEPS = 16 };

/* The nodes of one kernel, each with memory for its result while it is needed inside only. */
typedef struct kernel {
    const plugin *of;
    int count;
    int codes[STEPS];
    int inputs[STEPS][2];
    int outputs[STEPS];
    float *inside[STEPS];
} kernel;

static TfLiteIntArray *array_of_size(int size)
{
    TfLiteIntArray *made = malloc(sizeof *made + (size_t)size * sizeof made->data[0]);
    if (made == NULL) exit(1);
    made->size = size;
    return made;
}

static bool refuses(const plugin *of, TfLiteContext *context, const char *step)
{
    if (strcmp(of->refuse, step) != 0) return false;
    context->ReportError(context, "the plugin gives up at %s", step);
    return true;
}

static void *init(TfLiteContext *context, const char *buffer, size_t length)
{
    (void)length;
    const TfLiteDelegateParams *params = (const TfLiteDelegateParams *)(const void *)buffer;
    kernel *made = calloc(1, sizeof *made);
    if (made == NULL) exit(1);
    made->of = (const plugin *)params->delegate->data_;
    for (int i = 0; i < params->nodes_to_replace->size && i < STEPS; ++i) {
        TfLiteNode *node;
        TfLiteRegistration *registration;
        if (context->GetNodeAndRegistration(context, params->nodes_to_replace->data[i], &node,
                                            &registration) != kTfLiteOk)
            continue;
        made->codes[made->count] = registration->builtin_code;
        made->inputs[made->count][0] = node->inputs->data[0];
        made->inputs[made->count][1] = node->inputs->data[1];
        made->outputs[made->count++] = node->outputs->data[0];
    }
    return made;
}

static void free_kernel(TfLiteContext *context, void *buffer)
{
    (void)context;
    kernel *of = buffer;
    for (int i = 0; i < STEPS; ++i) free(of->inside[i]);
    free(of);
}

/* Results have the shape of the first input of the first node. */
static TfLiteStatus prepare_kernel(TfLiteContext *context, TfLiteNode *node)
{
    const kernel *of = node->user_data;
    if (refuses(of->of, context, "prepare")) return kTfLiteError;
    const TfLiteIntArray *dims = context->tensors[of->inputs[0][0]].dims;
    for (int i = 0; i < node->outputs->size; ++i) {
        TfLiteIntArray *shape = array_of_size(dims->size);
        if (dims->size > 0)
            memcpy(shape->data, dims->data, (size_t)dims->size * sizeof dims->data[0]);
        TfLiteTensor *output = &context->tensors[node->outputs->data[i]];
        TfLiteStatus status = context->ResizeTensor(context, output, shape);
        if (status != kTfLiteOk) return status;
    }
    return kTfLiteOk;
}

static float *place_of(kernel *of, TfLiteContext *context, const TfLiteNode *node, int tensor,
                       size_t count)
{
    for (int i = 0; i < of->count; ++i) {
        if (of->outputs[i] != tensor) continue;
        for (int k = 0; k < node->outputs->size; ++k)
            if (node->outputs->data[k] == tensor) return context->tensors[tensor].data.f;
        free(of->inside[i]);
        of->inside[i] = malloc(count * sizeof(float));
        if (of->inside[i] == NULL) exit(1);
        return of->inside[i];
    }
    return context->tensors[tensor].data.f;
}

static const float *value_of(const kernel *of, const TfLiteContext *context, int tensor)
{
    for (int i = 0; i < of->count; ++i)
        if (of->outputs[i] == tensor && of->inside[i] != NULL) return of->inside[i];
    return context->tensors[tensor].data.f;
}

static TfLiteStatus invoke(TfLiteContext *context, TfLiteNode *node)
{
    kernel *of = node->user_data;
    if (refuses(of->of, context, "invoke")) return kTfLiteError;
    size_t count = context->tensors[of->inputs[0][0]].bytes / sizeof(float);
    for (int i = 0; i < of->count; ++i) {
        const float *a = value_of(of, context, of->inputs[i][0]);
        const float *b = value_of(of, context, of->inputs[i][1]);
        size_t period = context->tensors[of->inputs[i][1]].bytes / sizeof(float);
        bool inner = period == 0 || period > count;
        float *to = place_of(of, context, node, of->outputs[i], count);
        for (size_t k = 0; k < count; ++k) {
            float right = b[inner ? k : k % period];
            float value = of->codes[i] == kTfLiteBuiltinAdd ? a[k] + right : a[k] * right;
            to[k] = of->of->factor * value;
        }
    }
    return kTfLiteOk;
}

static bool takes(const plugin *of, const TfLiteRegistration *registration)
{
    if (registration->builtin_code == kTfLiteBuiltinAdd) return strcmp(of->take, "MUL") != 0;
    return registration->builtin_code == kTfLiteBuiltinMul && strcmp(of->take, "ADD") != 0;
}

static TfLiteStatus prepare(TfLiteContext *context, TfLiteDelegate *delegate)
{
    const plugin *of = (const plugin *)delegate->data_;
    TfLiteIntArray *plan;
    if (refuses(of, context, "delegate")) return kTfLiteError;
    if (context->GetExecutionPlan(context, &plan) != kTfLiteOk) return kTfLiteError;
    TfLiteIntArray *chosen = array_of_size(plan->size);
    chosen->size = 0;
    for (int i = 0; i < plan->size; ++i) {
        TfLiteNode *node;
        TfLiteRegistration *registration;
        if (context->GetNodeAndRegistration(context, plan->data[i], &node, &registration) ==
                kTfLiteOk &&
            takes(of, registration) &&
            context->tensors[node->inputs->data[0]].type == kTfLiteFloat32)
            chosen->data[chosen->size++] = plan->data[i];
    }
    const TfLiteRegistration made = {.init = init,
                                     .free = free_kernel,
                                     .prepare = prepare_kernel,
                                     .invoke = invoke,
                                     .builtin_code = kTfLiteBuiltinDelegate,
                                     .custom_name = "plain plugin",
                                     .version = 1};
    TfLiteStatus status =
        context->ReplaceNodeSubsetsWithDelegateKernels(context, made, chosen, delegate);
    free(chosen);
    return status;
}

static bool is_key(const char *key, const char *name, const char *value, char *to, size_t bytes)
{
    if (strcmp(key, name) != 0) return false;
    (void)snprintf(to, bytes, "%s", value);
    return true;
}

TfLiteDelegate *tflite_plugin_create_delegate(const char *const *keys, const char *const *values,
                                              size_t count, void (*report_error)(const char *))
{
    plugin *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    made->factor = 1;
    made->delegate = (TfLiteDelegate){
        .data_ = made, .Prepare = prepare, .flags = kTfLiteDelegateFlagsAllowDynamicTensors};
    for (size_t i = 0; i < count; ++i) {
        if (is_key(keys[i], "take", values[i], made->take, sizeof made->take) ||
            is_key(keys[i], "refuse", values[i], made->refuse, sizeof made->refuse) ||
            is_key(keys[i], "log", values[i], made->log, sizeof made->log))
            continue;
        if (strcmp(keys[i], "factor") == 0) {
            made->factor = strtof(values[i], NULL);
        } else if (strcmp(keys[i], "static") == 0) {
            made->delegate.flags = kTfLiteDelegateFlagsNone;
        } else {
            report_error("unknown option ");
            report_error(keys[i]);
            (void)snprintf(made->refuse, sizeof made->refuse, "create");
        }
    }
    if (strcmp(made->refuse, "create") != 0) return &made->delegate;
    free(made);
    return NULL;
}

void tflite_plugin_destroy_delegate(TfLiteDelegate *delegate)
{
    if (delegate == NULL) return; /* as one package gives after a failure */
    plugin *of = (plugin *)delegate->data_;
    FILE *log = of->log[0] != '\0' ? fopen(of->log, "a") : NULL;
    if (log != NULL) {
        (void)fprintf(log, "destroyed\n");
        (void)fclose(log);
    }
    free(of);
}
