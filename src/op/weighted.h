/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of operators that multiply activations with weights: which combination of types a
 * node has, its zero points, factors and ranges. The operators themselves only say which rows meet
 * which columns.
 *
 *   F32       float x float
 *   INT       int8, uint8 or int16 x weights of 2, 4, 8 or 16 bits, sums in int32
 *   WIDE      int16 x weights, sums in int64
 *   DYNAMIC   float activations, quantised as they come, x int8 weights; float results
 */
#ifndef MG_WEIGHTED_H
#define MG_WEIGHTED_H

#include "op/op.h"
#include "op/product.h"

typedef enum mg_weighted_kind {
    MG_WEIGHTED_F32,
    MG_WEIGHTED_INT,
    MG_WEIGHTED_WIDE,
    MG_WEIGHTED_DYNAMIC
} mg_weighted_kind;

/* In what the operators differ. */
typedef struct mg_weighted_rule {
    int32_t channel_axis; /* of the weights: outputs, with a scale each or one for all */
    int32_t channels;
    int activation;
    int sum_type;      /* TensorType that the options ask of int16 sums without a bias */
    bool real_factors; /* rescale sums in double instead of fixed point */
    bool one_scale;    /* the reference reads more than one scale of integer products as 0 */
    bool weights_zero; /* the zero point of signed weights with one scale counts */
    bool asymmetric;   /* dynamic quantisation */
} mg_weighted_rule;

typedef struct mg_weighted {
    mg_weighted_kind kind;
    mg_gemm_int_form form; /* all but F32; the operator sets form.depth */
    float minimum;         /* F32 and DYNAMIC */
    float maximum;
    mg_requantisation how;      /* INT and WIDE */
    const double *real_factors; /* per column, instead of multiplier and shift; or NULL */
    bool wide_bias;             /* WIDE: the bias is int64 */
    bool asymmetric;            /* DYNAMIC */
    const float *column_scale;  /* DYNAMIC: column_scale[c * column_scale_step] */
    size_t column_scale_step;
} mg_weighted;

/* Memory for factors, aligned to 8. */
size_t mg_weighted_factor_bytes(size_t channels);

/* Checks types and quantisation of the tensors (bias may be NULL) and fills all but form.depth.
 * `factors` lives as long as the result. */
midge_status mg_weighted_prepare(midge_op_context *context, const midge_tensor *input,
                                 const midge_tensor *weights, const midge_tensor *bias,
                                 const midge_tensor *output, const mg_weighted_rule *rule,
                                 void *factors, mg_weighted *weighted);

/* Asymmetric activations are int16, freed of their zero points, since each vector has its own. Of a
 * single vector they can be bytes, whose zero point form.left_zero takes when it is known, in run;
 * panels that are packed before cannot have it. True if that is so now. */
bool mg_weighted_take_bytes(mg_weighted *weighted);

/* ---- Weights ----------------------------------------------------------------------------------
 * In prepare: weights of 2 or 4 bits are unpacked into the node's packed memory; they must be
 * constant. In run: where the weights lie as floats, bytes or int16. */
midge_status mg_weights_prepare(midge_op_context *context, const midge_tensor *weights);
const void *mg_weights_data(const midge_op_context *context, const midge_tensor *weights);

/* Bytes of an unpacked weight, and of a result. */
size_t mg_weighted_weight_bytes(const mg_weighted *weighted);
size_t mg_weighted_result_bytes(const mg_weighted *weighted);

/* ---- Products ------------------------------------------------------------------------------- */

typedef struct mg_weighted_product {
    const mg_weighted *weighted;
    mg_product_rows rows;
    mg_columns columns;
    const void *bias;    /* of column 0: float, int32 or int64; or NULL */
    size_t first_column; /* of columns, in the factors and scales */
    void *out;           /* of row 0, column 0 */
    size_t out_stride;
    const mg_placement *placement; /* or NULL */
    const float *row_scale;        /* DYNAMIC: row_scale[row / rows_per_scale] */
    size_t rows_per_scale;
    const void *packed; /* weights and biases that mg_weighted_keep packed, or NULL */
} mg_weighted_product;

/* What becomes of sums of integer products. It holds what `argument` points to, so it stays where
 * it is filled. */
typedef struct mg_weighted_finish {
    void (*finish)(const void *argument, const mg_sums *sums);
    const void *argument;
    const int32_t *bias; /* of the sums, or NULL */
    mg_requantised requantised;
    mg_scaled_sums scaled;
} mg_weighted_finish;

/* For a product of kind INT or DYNAMIC, of which only what follows `columns` need be set. */
void mg_weighted_finish_of(const midge_op_context *context, const mg_weighted_product *product,
                           mg_weighted_finish *finish);

/* In prepare: packs weights and biases, which are constant, for good where that pays. */
midge_status mg_weighted_keep(midge_op_context *context, const mg_weighted_product *product,
                              bool *kept);

/* Scratch of a product; of the product only sizes, weighted and placement need be set. */
midge_status mg_weighted_scratch(midge_op_context *context, const mg_weighted_product *product,
                                 size_t *bytes);
void mg_weighted_run(midge_op_context *context, const mg_weighted_product *product, void *scratch);

/* ---- Activations ------------------------------------------------------------------------------
 * What the products read: the input itself, or for DYNAMIC its vectors, quantised into scratch. */

/* Bytes of an activation as products read it. */
size_t mg_weighted_cell_bytes(const mg_weighted *weighted);

/* Scratch for `vectors` vectors with a scale each, `elements` elements in all; 0 unless DYNAMIC. */
midge_status mg_activations_scratch(midge_op_context *context, const mg_weighted *weighted,
                                    size_t vectors, size_t elements, size_t *bytes);

/* Returns where the activations lie; *row_scale: a scale per vector; *zero_point (or NULL): that of
 * the cells of a single vector after mg_weighted_take_bytes. */
const void *mg_activations(midge_op_context *context, const mg_weighted *weighted,
                           const midge_tensor *input, size_t vectors, void *scratch,
                           const float **row_scale, int32_t *zero_point);

/* Adds a part to a layout of scratch memory: its offset, aligned. */
midge_status mg_scratch_add(midge_op_context *context, size_t *total, size_t bytes, size_t *offset);

#endif
