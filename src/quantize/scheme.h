/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What TensorFlow Lite's integer kernels demand of each operator: which inputs are activations,
 * how their scales and those of the outputs hang together, which input is weights. One row for each
 * operator that has an integer form; operators without a row stay float.
 */
#ifndef MG_QUANTIZE_SCHEME_H
#define MG_QUANTIZE_SCHEME_H

#include "network/network.h"

typedef enum mg_scale_rule {
    MG_SCALES_FREE, /* every tensor has its own */
    MG_SCALES_SAME, /* all activations and outputs share one scale and zero point */
    MG_SCALES_FIXED /* the output's is given by the operator */
} mg_scale_rule;

typedef struct mg_scale {
    float scale;
    int32_t zero_point;
} mg_scale;

typedef struct mg_scheme {
    int32_t op;
    mg_scale_rule rule;
    uint32_t activations; /* bit i: input i is one; MG_EVERY_INPUT for all */
    int8_t weights;       /* input with the weights, -1: none */
    int8_t bias;
    int8_t axis;  /* of the weights' scales */
    bool wide;    /* has an int16 form, too */
    mg_scale low; /* MG_SCALES_FIXED: of int8 */
} mg_scheme;

#define MG_EVERY_INPUT UINT32_MAX

/* The int16 form of MG_SCALES_FIXED has this scale, zero point 0. */
#define MG_FIXED_WIDE_SCALE (1.0f / 32768.0f)

/* NULL when the operator has no form for activations of this type (int8 or int16). */
const mg_scheme *mg_scheme_find(int32_t op, midge_type type);

/* Is input `index` of the node an activation by the row? */
bool mg_scheme_activation(const mg_scheme *scheme, size_t index);

/* The scale that the row fixes. */
mg_scale mg_scheme_fixed(const mg_scheme *scheme, midge_type type);

#endif
