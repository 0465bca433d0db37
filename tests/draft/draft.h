/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models for tests, written as text. A draft is a model of the schema's structs: parse one, change
 * what you like in `model`, write it as a file. Everything a draft points to lies in its region.
 *
 * Statements end with ';' or at the end of a line:
 *
 *   OP tensor … -> tensor … {field=value …}   a node; OP.3 has version 3, custom:Name is custom
 *   … -> tensor … + tensor …   with intermediates
 *   in tensor …        inputs of the subgraph; without it all tensors that nobody makes
 *   out tensor …       outputs; without it all tensors that nobody reads
 *   graph name         begins the next subgraph
 *   signature key x=tensor … -> y=tensor …
 *
 * A tensor is '-' (absent), a name, or name:type[sizes] at its first mention; the name may be
 * missing. A size '?' is open (1 in the shape, -1 in the signature). Behind it, without spaces:
 *
 *   q0.5:3             scale 0.5, zero point 3; q0.5:3/1 has that for each slice of dimension 1
 *   ~                  a variable
 *   =                  a constant with data made up from its position
 *   ={1,2,3}           a constant with these values; the last one is repeated as needed
 *   =%                 as = or ={…}%, described as sparse
 *
 * Types: f32 f16 bf16 f64 i2 i4 u4 i8 u8 i16 u16 i32 u32 i64 u64 bool c64 c128 str res var.
 * Options belong to the table of the operator's row; vectors are [1,2]. {#00ff} gives custom
 * options in hexadecimal.
 */
#ifndef DRAFT_H
#define DRAFT_H

#include "schema/schema.h"

typedef struct draft {
    mg_heap heap;
    mg_region region;
    mg_Model model;
    midge_error error; /* why the text is wrong */
} draft;

/* False, with the reason in `error`, for a text that is wrong. Free the draft in any case. */
bool draft_parse(draft *made, const char *text);
void draft_free(draft *made);

/* The file, in memory of exactly its size from malloc. Ends the program when memory runs out. */
unsigned char *draft_write(const draft *from, size_t *size);

/* Text to file in one step; ends the program when the text is wrong. */
unsigned char *draft_file(const char *text, size_t *size);

/* Zeroed memory that lives as long as the draft. */
void *draft_get(draft *of, size_t bytes);
mg_int32s draft_int32s(draft *of, size_t count, const int32_t *values);
mg_floats draft_floats(draft *of, size_t count, float value);
mg_int64s draft_int64s(draft *of, size_t count, int64_t value);
/* Adds a buffer with these bytes and returns its number. */
uint32_t draft_buffer(draft *of, size_t bytes, const void *content);

static inline mg_Tensor *draft_tensor(const draft *of, size_t graph, size_t index)
{
    return &of->model.subgraphs.items[graph].tensors.items[index];
}

static inline mg_Operator *draft_node(const draft *of, size_t graph, size_t index)
{
    return &of->model.subgraphs.items[graph].operators.items[index];
}

typedef struct draft_sparsity {
    mg_SparsityParameters *sparsity;
    mg_DimensionMetadata *last; /* the level that is compressed, by: */
    mg_Int32Vector *segments;
    mg_Int32Vector *indices;
} draft_sparsity;

/* Gives a constant a sparsity that says what its shape says. False for scalars and for what is no
 * constant. */
bool draft_make_sparse(draft *model, mg_Tensor *tensor, draft_sparsity *parts);

/* The data of a tensor that is a constant, to be changed in place. */
void *draft_data(const draft *of, const mg_Tensor *tensor, size_t *bytes);

/* Bytes of `elements` elements of a type; 0 for types without a size. */
size_t draft_bytes(int32_t type, size_t elements);

#endif
