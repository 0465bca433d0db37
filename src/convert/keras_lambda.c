/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of TensorFlow in a graph of Keras 2, TFOpLambda and SlicingOpLambda, which the file
 * calls by name. A node is ["layer", node, output, {more arguments}], or a list of such, or begins
 * with
 * ["_CONSTANT_VALUE", -1, value, …]. Each is done as the function of keras.ops that is the same,
 * with its arguments under the names of that one.
 */
#include <stdio.h>

#include "convert/keras_layer.h"

typedef struct function {
    const char *name;
    const char *class_name; /* of keras.ops */
    /* "theirs:ours theirs:ours"; other arguments keep their names. */
    const char *arguments;
} function;

#define BINARY "y:x2 x:x1"
static const function functions[] = {
    {"__operators__.add", "Add", BINARY},
    {"__operators__.getitem", "GetItem", "slice_spec:key"},
    {"abs", "Absolute", ""},
    {"cast", "Cast", ""},
    {"clip_by_value", "Clip", "clip_value_min:x_min clip_value_max:x_max"},
    {"compat.v1.gather", "Take", ""},
    {"compat.v1.nn.softmax", "Softmax", ""},
    {"compat.v1.pad", "Pad", "paddings:pad_width"},
    {"compat.v1.squeeze", "Squeeze", ""},
    {"compat.v1.transpose", "Transpose", "perm:axes"},
    {"concat", "Concatenate", ""},
    {"expand_dims", "ExpandDims", ""},
    {"gather", "Take", ""},
    {"identity", "Identity", ""},
    {"image.resize", "Resize", "method:interpolation"},
    {"linalg.l2_normalize", "Normalize", ""},
    {"linalg.matmul", "Matmul", "b:x2 a:x1"},
    {"math.abs", "Absolute", ""},
    {"math.add", "Add", BINARY},
    {"math.argmax", "Argmax", ""},
    {"math.argmin", "Argmin", ""},
    {"math.ceil", "Ceil", ""},
    {"math.cos", "Cos", ""},
    {"math.cumsum", "Cumsum", ""},
    {"math.divide", "TrueDivide", BINARY},
    {"math.equal", "Equal", BINARY},
    {"math.exp", "Exp", ""},
    {"math.floor", "Floor", ""},
    {"math.floordiv", "FloorDivide", BINARY},
    {"math.floormod", "Mod", BINARY},
    {"math.greater", "Greater", BINARY},
    {"math.greater_equal", "GreaterEqual", BINARY},
    {"math.l2_normalize", "Normalize", ""},
    {"math.less", "Less", BINARY},
    {"math.less_equal", "LessEqual", BINARY},
    {"math.log", "Log", ""},
    {"math.log1p", "Log1p", ""},
    {"math.logical_and", "LogicalAnd", BINARY},
    {"math.logical_not", "LogicalNot", ""},
    {"math.logical_or", "LogicalOr", BINARY},
    {"math.maximum", "Maximum", BINARY},
    {"math.minimum", "Minimum", BINARY},
    {"math.multiply", "Multiply", BINARY},
    {"math.negative", "Negative", ""},
    {"math.not_equal", "NotEqual", BINARY},
    {"math.pow", "Power", BINARY},
    {"math.reciprocal", "Reciprocal", ""},
    {"math.reduce_all", "All", ""},
    {"math.reduce_any", "Any", ""},
    {"math.reduce_logsumexp", "Logsumexp", ""},
    {"math.reduce_max", "Max", ""},
    {"math.reduce_mean", "Mean", ""},
    {"math.reduce_min", "Min", ""},
    {"math.reduce_prod", "Prod", ""},
    {"math.reduce_std", "Std", ""},
    {"math.reduce_sum", "Sum", ""},
    {"math.reduce_variance", "Var", ""},
    {"math.round", "Round", ""},
    {"math.rsqrt", "Rsqrt", ""},
    {"math.sigmoid", "Sigmoid", ""},
    {"math.sign", "Sign", ""},
    {"math.sin", "Sin", ""},
    {"math.softplus", "Softplus", ""},
    {"math.sqrt", "Sqrt", ""},
    {"math.square", "Square", ""},
    {"math.subtract", "Subtract", BINARY},
    {"math.tan", "Tan", ""},
    {"math.tanh", "Tanh", ""},
    {"math.top_k", "TopK", ""},
    {"math.truediv", "TrueDivide", BINARY},
    {"nn.elu", "Elu", ""},
    {"nn.gelu", "Gelu", ""},
    {"nn.l2_normalize", "Normalize", ""},
    {"nn.leaky_relu", "LeakyRelu", "alpha:negative_slope"},
    {"nn.log_softmax", "LogSoftmax", ""},
    {"nn.relu", "Relu", ""},
    {"nn.relu6", "Relu6", ""},
    {"nn.selu", "Selu", ""},
    {"nn.sigmoid", "Sigmoid", ""},
    {"nn.silu", "Silu", ""},
    {"nn.softmax", "Softmax", ""},
    {"nn.softplus", "Softplus", ""},
    {"nn.softsign", "Softsign", ""},
    {"nn.swish", "Silu", ""},
    {"nn.tanh", "Tanh", ""},
    {"ones_like", "OnesLike", ""},
    {"pad", "Pad", "paddings:pad_width"},
    {"repeat", "Repeat", ""},
    {"reshape", "Reshape", "shape:newshape"},
    {"reverse", "Flip", ""},
    {"roll", "Roll", ""},
    {"split", "Split", "num_or_size_splits:indices_or_sections"},
    {"squeeze", "Squeeze", ""},
    {"stack", "Stack", ""},
    {"stop_gradient", "StopGradient", ""},
    {"tile", "Tile", "multiples:repeats"},
    {"transpose", "Transpose", "perm:axes"},
    {"unstack", "Unstack", ""},
    {"where", "Where", "x:x1 y:x2"},
    {"zeros_like", "ZerosLike", ""},
};

/* The name that our function gives to an argument. */
static void rename_argument(const function *row, const char *theirs, char *ours, size_t capacity)
{
    size_t length = strlen(theirs);
    (void)snprintf(ours, capacity, "%s", theirs);
    for (const char *at = row->arguments; *at != '\0';) {
        const char *end = at + strcspn(at, " ");
        if (strncmp(at, theirs, length) == 0 && at[length] == ':')
            (void)snprintf(ours, capacity, "%.*s", (int)(end - at - (ptrdiff_t)length - 1),
                           at + length + 1);
        at = *end == ' ' ? end + 1 : end;
    }
}

/* A mention without the arguments that it carries. */
static json_t *bare_mention(const json_t *mention)
{
    json_t *list = json_array();
    for (size_t i = 0; i < 3; ++i) (void)json_array_append(list, json_array_get(mention, i));
    return list;
}

/* The first argument: a tensor, several, or a number. */
static json_t *first_argument(const json_t *node, const json_t **more)
{
    const json_t *head = json_array_get(node, 0);
    if (json_is_string(head)) {
        bool constant = strcmp(json_string_value(head), "_CONSTANT_VALUE") == 0;
        *more = json_array_get(node, 3);
        return constant ? json_incref(json_array_get(node, 2)) : bare_mention(node);
    }
    *more = json_array_get(head, 3);
    if (json_array_size(node) == 1) return bare_mention(head);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(node); ++i)
        (void)json_array_append_new(list, bare_mention(json_array_get(node, i)));
    return list;
}

/* {"args": [first], "kwargs": {…}}; the second is the configuration, too. */
static json_t *translate(const function *row, const json_t *node)
{
    const json_t *more = NULL;
    json_t *first = first_argument(node, &more), *named = json_object(), *value;
    const char *key;
    char ours[40];
    json_object_foreach((json_t *)(uintptr_t)more, key, value)
    {
        rename_argument(row, key, ours, sizeof ours);
        (void)json_object_set(named, ours, value);
    }
    return json_pack("{s:[o], s:o}", "args", first, "kwargs", named);
}

/* TensorFlow gives the sizes of parts, Keras the places where to cut. */
static void sizes_to_places(json_t *config)
{
    const json_t *sizes = json_object_get(config, "indices_or_sections");
    if (!json_is_array(sizes)) return;
    json_t *places = json_array();
    json_int_t at = 0;
    for (size_t i = 0; i + 1 < json_array_size(sizes); ++i) {
        at += json_integer_value(json_array_get(sizes, i));
        (void)json_array_append_new(places, json_integer(at));
    }
    (void)json_object_set_new(config, "indices_or_sections", places);
}

static void set_default(json_t *config, const char *key, json_t *value)
{
    if (json_object_get(config, key) == NULL) (void)json_object_set(config, key, value);
    json_decref(value);
}

/* What TensorFlow takes for arguments that are not given, where Keras takes something else. */
static void set_defaults(const function *row, json_t *config)
{
    const char *name = row->class_name;
    if (strcmp(name, "Take") == 0 || strncmp(name, "Arg", 3) == 0)
        set_default(config, "axis", json_integer(0));
    if (strcmp(name, "LeakyRelu") == 0) set_default(config, "negative_slope", json_real(0.2));
    if (strcmp(name, "Gelu") == 0) set_default(config, "approximate", json_false());
}

static midge_status run_function(mg_keras *keras, const mg_keras_layer *layer, const function *row,
                                 mg_keras_call *call)
{
    json_t *arguments = translate(row, call->arguments);
    json_t *config = json_object_get(arguments, "kwargs");
    json_t *object = json_pack("{s:s, s:s, s:O}", "module", "keras.ops", "class_name",
                               row->class_name, "config", config);
    mg_keras_layer same = *layer;
    midge_status status = MIDGE_NO_MEMORY;
    if (strcmp(row->class_name, "Split") == 0) sizes_to_places(config);
    set_defaults(row, config);
    if (object != NULL) {
        same.class_name = row->class_name;
        same.config = config;
        same.row = mg_keras_find_class(object);
        const json_t *node = call->arguments;
        call->arguments = arguments;
        status = same.row->lower(keras, &same, call);
        call->arguments = node;
        bool wide = strncmp(row->class_name, "Arg", 3) == 0 &&
                    strcmp(mg_json_text(config, "output_type", "int64"), "int64") == 0;
        if (status == MIDGE_OK && wide)
            status = mg_keras_cast(keras, call->outputs[0], MIDGE_INT64, &call->outputs[0]);
    }
    json_decref(object);
    json_decref(arguments);
    return status == MIDGE_NO_MEMORY ? mg_fail(keras->error, status, "out of memory") : status;
}

midge_status mg_keras_lower_tensorflow(mg_keras *keras, const mg_keras_layer *layer,
                                       mg_keras_call *call)
{
    const char *name = mg_json_text(layer->config, "function", "");
    char printable[60];
    if (!json_is_array(call->arguments))
        return mg_keras_refuse(keras, layer, "is called in a way midge does not know");
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i)
        if (strcmp(functions[i].name, name) == 0)
            return run_function(keras, layer, &functions[i], call);
    return mg_keras_refuse(keras, layer, "the TensorFlow function tf.%s is not one midge converts",
                           mg_printable(name, printable, sizeof printable));
}
