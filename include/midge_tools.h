/* SPDX-License-Identifier: Apache-2.0 */
/*
 * midge_tools: what one may ask about a model file beyond running it. Needs libmidge-tools, which
 * contains libmidge.
 *
 * The rules of midge.h hold. Everything that these functions give out belongs to the model (or the
 * midge_metadata) that it was asked of, and lives as long. Several threads may convert, optimise
 * and train at once, each with objects of its own; of Keras files that is so where libhdf5 was
 * built thread-safe, as Debian's is.
 */
#ifndef MIDGE_TOOLS_H
#define MIDGE_TOOLS_H

#include "midge.h"
#include "midge_metadata.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Inspection ----------------------------------------------------------------------------- */

/* The computations of a file: graph 0 is what a session runs, the others are called by it. These
 * work on every model that loads, also on one that needs operators midge lacks. */
typedef struct midge_graph_info {
    const char *name;
    size_t tensor_count;
    size_t node_count;
    size_t input_count;
    const int32_t *inputs; /* tensor indices */
    size_t output_count;
    const int32_t *outputs;
} midge_graph_info;

/* A tensor as the file describes it. */
typedef struct midge_tensor_info {
    const char *name;
    midge_type type;
    int rank;
    const int32_t *shape;
    int signature_rank;
    const int32_t *signature; /* -1 where any size is meant */
    bool variable;
    bool sparse;
    const void *constant; /* the stored bytes; NULL: computed or given */
    size_t constant_bytes;
    midge_quantization quantization;
    int32_t block_size;        /* 0, or how many elements share a scale of tensor block_scales */
    int32_t block_scales;      /* tensor index */
    int32_t block_zero_points; /* tensor index, -1 where there is none */
} midge_tensor_info;

/* One level of a sparse constant: how the indices along a dimension, or along a dimension of the
 * blocks, are stored. */
typedef struct midge_sparse_level {
    int32_t dimension;  /* rank + b for dimension b of the blocks */
    bool compressed;    /* stored by segments and indices; else all dense_size of them */
    int32_t dense_size; /* 0 when compressed */
    size_t segment_count;
    const void *segments; /* numbers of segment_bytes bytes: 1, 2 or 4 */
    size_t segment_bytes;
    size_t index_count;
    const void *indices;
    size_t index_bytes;
} midge_sparse_level;

/* Why a session would refuse a node, or MIDGE_SUPPORT_YES. */
typedef enum midge_support {
    MIDGE_SUPPORT_YES,
    MIDGE_SUPPORT_NO_OPERATOR, /* midge has no such operator */
    MIDGE_SUPPORT_NO_CUSTOM,   /* nor such a custom operator; the program may bring it */
    MIDGE_SUPPORT_NO_VERSION   /* midge knows the operator only in older versions */
} midge_support;

/* False for an index out of range, as all below. */
MIDGE_API size_t midge_inspect_graph_count(const midge_model *model);
MIDGE_API bool midge_inspect_graph(const midge_model *model, size_t graph, midge_graph_info *info);
MIDGE_API bool midge_inspect_tensor(const midge_model *model, size_t graph, size_t tensor,
                                    midge_tensor_info *info);
/* The range that quantisation-aware training has learned for a float tensor, which the optimiser
 * takes in place of what samples show. False where there is none. */
MIDGE_API bool midge_inspect_range(const midge_model *model, size_t graph, size_t tensor,
                                   float range[2]);
/* Of a sparse constant: how many levels, in the order of traversal, and which dimension each
 * dimension of the blocks cuts. False for a dense tensor. */
MIDGE_API bool midge_inspect_sparsity(const midge_model *model, size_t graph, size_t tensor,
                                      size_t *level_count, size_t *block_count,
                                      const int32_t **block_map);
MIDGE_API bool midge_inspect_sparse_level(const midge_model *model, size_t graph, size_t tensor,
                                          size_t level, midge_sparse_level *info);
/* Members of `info` that only a session knows are 0 and "". */
MIDGE_API bool midge_inspect_node(const midge_model *model, size_t graph, size_t node,
                                  midge_node_info *info);
/* A parameter of a built-in operator, named as in the schema: "stride_w". */
typedef struct midge_option {
    const char *name;
    midge_type type; /* of the values; MIDGE_STRING: they are the text itself, or NULL */
    bool vector;
    size_t count;       /* 1 of what is no vector */
    const void *values; /* `count` of them */
} midge_option;
/* Parameter `index` of a node; false past the last. Values that are structs of their own, which
 * some operators of StableHLO have, are left out. */
MIDGE_API bool midge_inspect_option(const midge_model *model, size_t graph, size_t node,
                                    size_t index, midge_option *option);
/* *known gets the newest version midge knows, 0 when it lacks the operator. */
MIDGE_API midge_support midge_inspect_support(const midge_model *model, size_t graph, size_t node,
                                              int *known);

/* One named input (`output` false) or output of a signature, in lexicographic order. */
MIDGE_API bool midge_inspect_binding(const midge_model *model, size_t signature, bool output,
                                     size_t index, const char **name, int32_t *tensor);
/* The graph that a signature runs, and how many inputs and outputs it names. */
MIDGE_API bool midge_inspect_signature(const midge_model *model, size_t signature, size_t *graph,
                                       size_t *input_count, size_t *output_count);

/* ---- Optimisation --------------------------------------------------------------------------- */

typedef enum midge_optimize_mode {
    MIDGE_OPTIMIZE_NONE = 0,    /* the model as it is, equal constants stored once */
    MIDGE_OPTIMIZE_FLOAT16 = 1, /* float16 constants: half the size, float arithmetic */
    MIDGE_OPTIMIZE_DYNAMIC = 2, /* int8 weights, activations quantised as they occur */
    /* int8 weights and activations. Needs samples, or a model with learned ranges (see
     * midge_inspect_range): then nodes whose ranges are not known stay float without samples. */
    MIDGE_OPTIMIZE_INT8 = 3,
    MIDGE_OPTIMIZE_INT16X8 = 4 /* int8 weights, int16 activations; samples as above */
} midge_optimize_mode;

/* Which range of its values a tensor's integers cover. */
typedef enum midge_optimize_range {
    MIDGE_RANGE_ALL = 0,        /* every value that occurred */
    MIDGE_RANGE_PERCENTILE = 1, /* all but a few of the largest */
    MIDGE_RANGE_LEAST_ERROR = 2 /* that with the least mean square error */
} midge_optimize_range;

typedef struct midge_optimize_options {
    size_t size;                      /* sizeof(midge_optimize_options) */
    const midge_allocator *allocator; /* copied; NULL: the C library's */
    midge_optimize_mode mode;
    int threads; /* that run the samples */
    /* Writes sample `index` into the inputs of the session. Called for 0 to sample_count - 1, and
     * that more than once; the same index must mean the same sample. */
    size_t sample_count;
    midge_status (*sample)(void *context, size_t index, midge_session *session, midge_error *error);
    /* Told between samples how many of the runs are done; false stops. May be NULL. */
    bool (*progress)(void *context, size_t done, size_t total);
    void *context; /* of both */
    midge_optimize_range range;
    double percentile;       /* of MIDGE_RANGE_PERCENTILE; 0 stands for 99.99 */
    midge_type input_type;   /* of float inputs: MIDGE_FLOAT32, MIDGE_INT8, MIDGE_UINT8 or, of */
    midge_type output_type;  /* MIDGE_OPTIMIZE_INT16X8, MIDGE_INT16; of float outputs alike */
    size_t keep_float_count; /* nodes to leave alone, each by its number in graph 0, its operator */
    const char *const *keep_float; /* such as "SOFTMAX", or the name of a tensor that it makes */
    bool correct_bias; /* adds to each bias what the samples show to be missing on average */
    bool prune;        /* leave out what no runtime reads: names, metadata, recorded ranges */
    /* Before that, of each tensor of weights of a convolution, product or recurrent layer with at
     * least 1024 elements (not depthwise): */
    double sparsity;  /* this share of the weights, those of least magnitude, becomes 0 */
    int32_t clusters; /* so many different values remain; 0: all. Such files compress well. */
    bool equalize;    /* lets channels between two layers use their tensor's range alike; runs the
                       * samples once more */
} midge_optimize_options;

/* {sizeof, 1 thread, everything else zero} */
MIDGE_API midge_optimize_options midge_optimize_options_default(void);

/*
 * Makes a smaller model of a float one. *bytes is a .tflite file of *size bytes that the caller
 * frees with midge_optimize_free. Nodes that have no integer form stay float, with QUANTIZE and
 * DEQUANTIZE nodes where types meet. Equal requests give equal bytes.
 */
MIDGE_API midge_status midge_optimize(midge_model *model, const midge_optimize_options *options,
                                      void **bytes, size_t *size, midge_error *error);
/* `allocator` is that of the options. The same as midge_convert_free: what one function of this
 * header gives as bytes, either frees. */
MIDGE_API void midge_optimize_free(const midge_allocator *allocator, void *bytes);

/* ---- Conversion ----------------------------------------------------------------------------- */

typedef struct midge_convert_options {
    size_t size; /* sizeof(midge_convert_options); lets later versions add members */
    const midge_allocator *allocator; /* of the result and the work; NULL: the C library's */
    int32_t batch; /* of all inputs; 0: what the file says, and 1 where it leaves that open */
    /* Is told what becomes of each layer: its name, its class, and the operators that were made for
     * it, "" for none. NULL: nobody is. */
    void (*report)(void *context, const char *layer, const char *class_name, const char *operators);
    void *context;
    const char *signature; /* of a SavedModel; NULL: serving_default, or the only one */
} midge_convert_options;

/*
 * Makes a .tflite file, in memory, of a Keras model: a .h5 file, a .keras archive or its folder; or
 * of a TensorFlow model: the folder of a SavedModel, or a frozen graph (.pb). No code in the model
 * is run. The same input gives the same bytes. `options` may be NULL. *bytes is to be freed with
 * midge_convert_free. The libraries that read the containers may have memory of their own.
 */
MIDGE_API midge_status midge_convert_file(const char *path, const midge_convert_options *options,
                                          void **bytes, size_t *size, midge_error *error);
/* `allocator` is that of the conversion. */
MIDGE_API void midge_convert_free(const midge_allocator *allocator, void *bytes);

/* ---- Training ------------------------------------------------------------------------------- */

/*
 * A trainer is a Keras model with its weights, an optimiser with its state, and the rules by which
 * they learn. One thread at a time may use it; it works with several of its own. Equal trainers,
 * data and options give equal bits, however many threads work.
 *
 *   midge_trainer *trainer = NULL;
 *   midge_train_data train = {.size = sizeof train, .count = 60000, .x = pixels, .y = classes};
 *   midge_fit_options fit = midge_fit_options_default();
 *   fit.epochs = 10;
 *   if (midge_trainer_create("dense", NULL, &trainer, &error) ||
 *       midge_trainer_fit(trainer, &train, NULL, &fit, &error) ||
 *       midge_trainer_save(trainer, "model.keras", &error)) …
 *   midge_trainer_free(trainer);
 *
 * Samples are floats. x holds the elements of one sample, in the order of the model's input without
 * its batch dimension; of several inputs one after the other, in the model's order. y holds the
 * target: the number of the class for sparse_categorical_crossentropy (of each position where the
 * output has several), else as many floats as the output has. midge_trainer_describe says how many.
 */
typedef struct midge_trainer midge_trainer;

typedef struct midge_trainer_options {
    size_t size;                      /* sizeof(midge_trainer_options) */
    const midge_allocator *allocator; /* copied; NULL: the C library's */
    int threads;
    uint64_t seed; /* of first weights, order of samples, dropout, augmentation */
    /* Of one sample. Of a built-in network: 28 x 28 for pictures, 49 x 40 for sound where rank is
     * 0. Of a sequence: for a configuration that leaves its input open. */
    int32_t input_rank;
    const int32_t *input_shape;
    /* How many there shall be. Of a built-in network: 0 stands for 10. Of others: 0 leaves the
     * model as it is; else its last layer with weights becomes a new one for so many classes. */
    int32_t classes;
    /* Layers whose weights stay as they are, by name, "outer/inner" inside a nested model. */
    size_t freeze_count;
    const char *const *freeze;
    bool freeze_all_but_last; /* all but the last layer with weights */
} midge_trainer_options;

/* {sizeof, 1 thread, everything else zero} */
MIDGE_API midge_trainer_options midge_trainer_options_default(void);

/*
 * `source` is the path of a .keras or .h5 file, whose weights and compile settings are taken, or of
 * a .json file with the configuration of a model; or this JSON itself; or the name of a built-in
 * network:
 *
 *   "dense"   Flatten, Dense 128 relu, Dense: the first network of TensorFlow's tutorials
 *   "conv"    two convolutions with pooling, for small pictures
 *   "mobile"  depthwise-separable convolutions, for pictures
 *   "sound"   for time x frequency features of sounds
 *
 * A model whose file has no compile settings gets midge_compile_options_default with the loss that
 * suits its output. What the optimiser kept when the file was saved is taken, too, unless the model
 * gets a new last layer, or the file has other variables than the optimiser. Layers that midge
 * cannot train are refused here, all by name.
 */
MIDGE_API midge_status midge_trainer_create(const char *source,
                                            const midge_trainer_options *options,
                                            midge_trainer **trainer, midge_error *error);
MIDGE_API void midge_trainer_free(midge_trainer *trainer);

/* How it learns. Members that an optimiser does not know are without meaning for it. */
typedef struct midge_compile_options {
    size_t size; /* sizeof(midge_compile_options) */
    /* As Keras writes them: "sparse_categorical_crossentropy", "categorical_crossentropy",
     * "binary_crossentropy", "mean_squared_error" ("mse"), "mean_absolute_error" ("mae"), "huber".
     * NULL: what suits the output. */
    const char *loss;
    bool from_logits; /* the model gives what would go into softmax or sigmoid */
    double label_smoothing;
    double huber_delta;
    const char *optimizer; /* "sgd", "adam", "adamw", "rmsprop" */
    double learning_rate;
    double momentum; /* sgd, rmsprop */
    bool nesterov;   /* sgd */
    double beta_1;   /* adam, adamw */
    double beta_2;
    double rho;     /* rmsprop */
    double epsilon; /* adam, adamw, rmsprop */
    bool centered;  /* rmsprop */
    bool amsgrad;   /* adam, adamw */
    double weight_decay;
    double clip_norm;        /* of each weight's gradient; 0: not clipped, as below */
    double clip_global_norm; /* of all gradients together */
    double clip_value;
    /* "accuracy", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy",
     * "sparse_top_k_categorical_accuracy" (k = 5), "top_k_categorical_accuracy",
     * "mean_squared_error" ("mse"), "mean_absolute_error" ("mae"), "root_mean_squared_error" */
    size_t metric_count;
    const char *const *metrics;
    /* NULL, or Keras' JSON of a schedule, by which the learning rate follows from the number of
     * steps in place of learning_rate: {"class_name": "ExponentialDecay", "config":
     * {"initial_learning_rate": 0.01, "decay_steps": 1000, "decay_rate": 0.9}}; also
     * InverseTimeDecay, PolynomialDecay, CosineDecay, CosineDecayRestarts and
     * PiecewiseConstantDecay. */
    const char *learning_rate_schedule;
} midge_compile_options;

/* Keras' defaults for an optimiser; NULL or an unknown one: for "adam". No loss, no metrics. */
MIDGE_API midge_compile_options midge_compile_options_default(const char *optimizer);
/* What the trainer has; its strings are the trainer's until it is compiled again. */
MIDGE_API midge_compile_options midge_trainer_compiled(const midge_trainer *trainer);
/* Copies what `options` points to; the optimiser begins anew. A failure leaves all as it was. */
MIDGE_API midge_status midge_trainer_compile(midge_trainer *trainer,
                                             const midge_compile_options *options,
                                             midge_error *error);

/* From the next step on; the optimiser goes on. Refused where a schedule was compiled. May be
 * called from `progress` of a fit, whose schedule is MIDGE_SCHEDULE_CONSTANT. */
MIDGE_API midge_status midge_trainer_set_learning_rate(midge_trainer *trainer, double rate,
                                                       midge_error *error);

/* ---- What there is to know about a trainer */

enum { MIDGE_MOST_METRICS = 8 };

typedef struct midge_trainer_info {
    size_t x_elements;      /* floats of a sample */
    size_t y_elements;      /* of a target, by the loss */
    size_t output_elements; /* of a prediction */
    int32_t input_rank;     /* of the first input, without the batch dimension, as below */
    int32_t input_shape[MIDGE_MAX_RANK];
    int32_t output_rank;
    int32_t output_shape[MIDGE_MAX_RANK];
    size_t layer_count;
    size_t weight_count;
    uint64_t parameters;
    uint64_t trained_parameters; /* the rest is frozen, or statistics */
    size_t metric_count;
    uint64_t steps;        /* of the optimiser, so far */
    uint64_t memory_bytes; /* held now */
    uint64_t memory_peak;
} midge_trainer_info;

typedef struct midge_trainer_layer {
    const char *name; /* "outer/inner" inside a nested model */
    const char *class_name;
    int32_t rank; /* of its output, with the batch dimension, which is -1 */
    int32_t shape[MIDGE_MAX_RANK];
    uint64_t parameters;
    bool trained; /* false: frozen */
} midge_trainer_layer;

typedef struct midge_trainer_weight {
    const char *layer;
    const char *name; /* as Keras': "kernel" */
    int32_t rank;
    const int32_t *shape;
    size_t elements;
    const float *values; /* the trainer's own, until it is used again */
    bool trained;
} midge_trainer_weight;

MIDGE_API midge_trainer_info midge_trainer_describe(const midge_trainer *trainer);
/* False for an index out of range, as below. Layers come in the order of their calls. */
MIDGE_API bool midge_trainer_layer_at(const midge_trainer *trainer, size_t index,
                                      midge_trainer_layer *layer);
/* In the order of layers, of one layer in that of Keras. */
MIDGE_API bool midge_trainer_weight_at(const midge_trainer *trainer, size_t index,
                                       midge_trainer_weight *weight);
/* The weight `name` of a layer; false when there is none. */
MIDGE_API bool midge_trainer_find_weight(const midge_trainer *trainer, const char *layer,
                                         const char *name, size_t *index);
MIDGE_API midge_status midge_trainer_set_weight(midge_trainer *trainer, size_t index,
                                                size_t elements, const float *values,
                                                midge_error *error);
/* Freezes a layer, or lets it learn again; the layers inside a nested model with it. */
MIDGE_API midge_status midge_trainer_set_trained(midge_trainer *trainer, const char *layer,
                                                 bool trained, midge_error *error);
/* "accuracy"; NULL past the last. */
MIDGE_API const char *midge_trainer_metric_name(const midge_trainer *trainer, size_t index);

/* ---- Data */

/* Samples 0 to count - 1, in arrays or from a function. */
typedef struct midge_train_data {
    size_t size; /* sizeof(midge_train_data) */
    size_t count;
    const float *x; /* count * x_elements */
    const float *y;
    const float *sample_weights; /* factor of each sample's loss; NULL: 1 */
    /* Where x is NULL: writes sample `index`. Called on the thread of the caller; the same index
     * must mean the same sample. */
    midge_status (*sample)(void *context, size_t index, float *x, float *y, midge_error *error);
    void *context;
    /* With `sample`, where elements are bytes: says where those of a sample lie, until all is done.
     * A byte b stands for byte_values[b], of 256. Then `sample` is called with an x that is NULL,
     * for y alone. Quicker than writing, because all threads share the work. */
    const unsigned char *(*bytes)(void *context, size_t index);
    const float *byte_values;
} midge_train_data;

/* Changes pictures (height x width, or height x width x channels) at random, each time anew but
 * equal for equal seeds, epochs and samples. Zeros change nothing. What comes in from outside is
 * the nearest pixel. */
typedef struct midge_augmentation {
    double shift_x; /* largest, as a share of the width; both ways, as below */
    double shift_y;
    double rotate; /* largest, in degrees */
    double zoom;   /* largest, as a share */
    bool flip_x;   /* left and right change places in half of the samples */
    bool flip_y;
    double brightness; /* largest addend, in units of the samples */
    double contrast;   /* largest change of the factor about the sample's mean */
    double noise;      /* standard deviation, in units of the samples */
} midge_augmentation;

/* ---- Fitting */

typedef enum midge_schedule {
    MIDGE_SCHEDULE_CONSTANT = 0,
    MIDGE_SCHEDULE_STEP = 1,   /* times `schedule_factor` after each `schedule_epochs` epochs */
    MIDGE_SCHEDULE_COSINE = 2, /* half a cosine over all steps, down to schedule_least */
    MIDGE_SCHEDULE_PLATEAU = 3 /* times factor when schedule_epochs epochs bring nothing better */
} midge_schedule;

/* How a run stands. Losses and metrics are means over the samples of the epoch so far. */
typedef struct midge_fit_progress {
    int32_t epoch; /* from 0 */
    int32_t epochs;
    size_t step; /* batches done in this epoch */
    size_t steps;
    bool epoch_end; /* all batches are done, and the validation after them */
    double loss;    /* with the penalties of regularizers */
    double metrics[MIDGE_MOST_METRICS];
    bool validated; /* at the end of an epoch with validation data */
    double validation_loss;
    double validation_metrics[MIDGE_MOST_METRICS];
    double learning_rate;
    double seconds; /* of this epoch, in this process */
    bool best;      /* at the end of an epoch: no other was better */
} midge_fit_progress;

typedef struct midge_fit_options {
    size_t size;    /* sizeof(midge_fit_options) */
    int32_t epochs; /* of this run; 1 by default */
    int32_t batch;  /* 32 by default; the last batch of an epoch may be smaller */
    bool shuffle;   /* true by default */
    /* Without validation data: this share of the samples, the last, is kept for it. */
    double validation_share;
    size_t class_weight_count; /* factors of the loss of samples by their class; 0: all 1 */
    const double *class_weights;
    midge_augmentation augmentation;
    midge_schedule schedule; /* CONSTANT: the learning rate as compiled */
    double schedule_factor;  /* 0.1 by default */
    int32_t schedule_epochs; /* 10 by default */
    double schedule_least;   /* no learning rate below this */
    /* What is better: a lower loss of the validation (of the training where there is none), or,
     * when this is set, a higher first metric. */
    bool monitor_metric;
    double least_improvement;
    int32_t patience;  /* stops after so many epochs without anything better; 0: never */
    bool restore_best; /* the weights of the best epoch at the end */
    /* Quantisation-aware: the model learns with what int8 weights and activations will lose, so
     * that midge_optimize takes less from it. Weights stay floats. The ranges that it learns go
     * into saved and converted models, where midge_optimize finds them; a run without this forgets
     * them. */
    bool quantize_aware;
    /* Pruning: this share of the elements of every kernel, the smallest, is 0 in the end. It grows
     * over prune_epochs epochs, 0: half of them. What is 0 stays 0. */
    double prune_share;
    int32_t prune_epochs;
    /* Clustering: in the last cluster_epochs epochs, 0: half of them, the elements of every kernel
     * have so many different values, which learn; 2 to 256, 0: all may differ. */
    int32_t clusters;
    int32_t cluster_epochs;
    /* Goes on with the run that was stopped, or that midge_trainer_load_state brought: the same
     * data and options must be given again. Bits are as if nothing had happened. */
    bool resume;
    /* Told after each batch and at the end of each epoch; false stops. The trainer may be asked,
     * saved, and evaluated meanwhile. May be NULL. */
    bool (*progress)(void *context, const midge_fit_progress *progress);
    void *context;
} midge_fit_options;

/* {sizeof, 1 epoch, batch 32, shuffle, the defaults above, everything else zero} */
MIDGE_API midge_fit_options midge_fit_options_default(void);

/* MIDGE_CANCELLED when progress stopped it. A loss that is no number ends it with an error that
 * names the epoch and the step. `validation` may be NULL. */
MIDGE_API midge_status midge_trainer_fit(midge_trainer *trainer, const midge_train_data *data,
                                         const midge_train_data *validation,
                                         const midge_fit_options *options, midge_error *error);

/* One step of the optimiser on these samples; *loss and metrics (metric_count of them, or NULL) are
 * those before the step. sample_weights may be NULL. */
MIDGE_API midge_status midge_trainer_train_on_batch(midge_trainer *trainer, size_t count,
                                                    const float *x, const float *y,
                                                    const float *sample_weights, double *loss,
                                                    double *metrics, midge_error *error);
/* Batches only save memory: 0 stands for 32. `metrics` as above. */
MIDGE_API midge_status midge_trainer_evaluate(midge_trainer *trainer, const midge_train_data *data,
                                              int32_t batch, double *loss, double *metrics,
                                              midge_error *error);
/* count * output_elements floats go to `output`. */
MIDGE_API midge_status midge_trainer_predict(midge_trainer *trainer, size_t count, const float *x,
                                             float *output, midge_error *error);

/* ---- Keeping what was learned */

/* .h5 and .hdf5 as Keras' legacy format, other names as .keras. Keras loads both, compiled, and of
 * .keras what the optimiser keeps, too; midge takes it from both. */
MIDGE_API midge_status midge_trainer_save(midge_trainer *trainer, const char *path,
                                          midge_error *error);
/* As midge_convert_file of the saved model. *bytes is to be freed with midge_convert_free. */
MIDGE_API midge_status midge_trainer_convert(midge_trainer *trainer,
                                             const midge_convert_options *options, void **bytes,
                                             size_t *size, midge_error *error);
/* All that the next step depends on: weights, the optimiser's memory, how far the run is. The file
 * is complete or not there; while it is written, PATH.new is there, too. It fits trainers made and
 * compiled alike. */
MIDGE_API midge_status midge_trainer_save_state(midge_trainer *trainer, const char *path,
                                                midge_error *error);
MIDGE_API midge_status midge_trainer_load_state(midge_trainer *trainer, const char *path,
                                                midge_error *error);
/* The configuration as Keras' JSON, which the trainer keeps until it is asked again. */
MIDGE_API midge_status midge_trainer_json(midge_trainer *trainer, const char **json,
                                          midge_error *error);

#ifdef __cplusplus
}
#endif

#endif
