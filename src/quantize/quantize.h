/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantize: models with fewer bits. optimize.c takes the request; narrow_weights.c makes weights
 * smaller and leaves activations float; for integer arithmetic calibrate.c looks at what values
 * occur, scheme.c knows what each operator demands, scales.c gives every tensor its scale and
 * integer_graph.c rewrites the network.
 */
#ifndef MG_QUANTIZE_H
#define MG_QUANTIZE_H

#include "midge_tools.h"
#include "network/network.h"

/* Constants that a DEQUANTIZE widens from float16 become float constants again. */
midge_status mg_widen_constants(mg_network *network);

/* float16 constants, widened in front of their readers. */
midge_status mg_narrow_to_float16(mg_network *network, const midge_optimize_options *options);

/* int8 weights of operators that quantise their activations as they run. */
midge_status mg_narrow_to_dynamic(mg_network *network, const midge_optimize_options *options);

/* Makes small weights 0 and lets few different ones remain, as the options say. */
midge_status mg_thin_weights(mg_network *network, const midge_optimize_options *options);

/* Is input `index` of this operator weights that may be int8? */
bool mg_is_weight_input(int32_t op, size_t index);

/* Recurrent layers without an integer form, step by step. Sets *changed if there was one. */
midge_status mg_unroll_recurrent(mg_network *network, const midge_optimize_options *options,
                                 bool *changed);

/* Multiplies channels between two layers so that they use the range of their tensor alike; runs the
 * samples through the model that the network was read from. */
midge_status mg_equalize(mg_network *network, midge_model *model,
                         const midge_optimize_options *options, bool *changed);

/* What is optimised: the model given, or one made of it first, with the options that fit that. */
typedef struct mg_rework {
    midge_model *model;
    midge_optimize_options options;
    struct mg_rework_step {
        midge_model *made; /* NULL: nothing was changed */
        void *file;
        mg_network network; /* holds the names of options.keep_float */
    } steps[2];
} mg_rework;

/* Changes the float model as far as that must be done before samples run. mg_rework_free may be
 * called on a failed one. */
midge_status mg_rework_model(mg_heap *heap, midge_model *model,
                             const midge_optimize_options *options, midge_error *error,
                             mg_rework *work);
void mg_rework_free(mg_heap *heap, mg_rework *work);

/* Leaves out names within the graphs, the description and blocks that no program reads. */
midge_status mg_prune(mg_network *network);

/* Was the node named by keep_float? By its number (graph 0), its operator, or a tensor it makes. */
bool mg_is_kept_float(const mg_network *network, const mg_network_graph *graph, size_t node,
                      const midge_optimize_options *options);

#endif
