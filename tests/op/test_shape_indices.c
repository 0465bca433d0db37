/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that pick, rank and combine elements by indices and windows. The answers are LiteRT's
 * (reference kernels; of int4 they follow from what GATHER means). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text_case.h"

/* clang-format off */

static const text_case picking[] = {
    {"GATHER x:i32[2,3]={1,2,3,4,5,6} i:i32[2]={2,0} -> y:i32[?] {axis=1}",
     "y:i32[2,2]={3,1,6,4}"},
    {"GATHER x:i8[3]={1,2,3} i:i64[2,2]={0,1,2,2} -> y:i8[?] {axis=-1}",
     "y:i8[2,2]={1,2,3,3}"},
    {"GATHER.5 x:i32[2,3]={1,2,3,4,5,6} i:i32[2,2]={0,2,1,1} -> y:i32[?] {axis=1 "
     "batch_dims=1}",
     "y:i32[2,2]={1,3,5,5}"},
    {"GATHER.6 x:f32[3,1]={1,2,3} i:i16[1]={2} -> y:f32[?]",
     "y:f32[1,1]={3}"},
    {"GATHER.2 x:str[3]={a,bb,ccc} i:i32[4]={2,0,2,1} -> y:str[?]",
     "y:str[4]={ccc,a,ccc,bb}"},
    {"GATHER.7 x:i4[3,3]={1,2,3,4,5,6,7,-8,-1} i:i32[2]={2,0} -> y:i4[?] {axis=1}",
     "y:i4[3,2]={3,1,6,4,-1,7}"},
    {"GATHER_ND x:i32[2,2]={1,2,3,4} i:i32[2,1]={1,0} -> y:i32[?]",
     "y:i32[2,2]={3,4,1,2}"},
    {"GATHER_ND x:i8[2,2,2]={1,2,3,4,5,6,7,8} i:i64[2,3]={1,0,1,0,1,0} -> y:i8[?]",
     "y:i8[2]={6,3}"},
    {"GATHER_ND.2 x:str[2,2]={a,b,c,d} i:i32[2,2]={1,1,0,1} -> y:str[?]",
     "y:str[2]={d,b}"},
    {"SCATTER_ND i:i32[3,1]={1,3,1} u:i32[3]={5,6,7} s:i32[1]={4} -> y:i32[?]",
     "y:i32[4]={0,12,0,6}"},
    {"SCATTER_ND i:i32[2,1]={2,0} u:i8[2,2]={1,2,3,4} s:i32[2]={3,2} -> y:i8[?]",
     "y:i8[3,2]={3,4,0,0,1,2}"},
    {"SCATTER_ND i:i32[2,1]={1,1} u:bool[2]={1,1} s:i32[1]={3} -> y:bool[?]",
     "y:bool[3]={0,1,0}"},
    {"SPARSE_TO_DENSE i:i32[2,2]={0,1,2,0} s:i32[2]={3,2} v:i32[2]={5,6} d:i32[]={-1} -> "
     "y:i32[?]",
     "y:i32[3,2]={-1,5,-1,-1,6,-1}"},
    {"SPARSE_TO_DENSE.2 i:i64[2]={3,1} s:i64[1]={4} v:i64[]={9} d:i64[]={0} -> y:i64[?]",
     "y:i64[4]={0,9,0,9}"},
    {"DYNAMIC_UPDATE_SLICE x:i32[3,3]={1,2,3,4,5,6,7,8,9} u:i32[2,2]={10,11,12,13} "
     "s:i32[2]={2,-1} -> y:i32[?]",
     "y:i32[3,3]={1,2,3,10,11,6,12,13,9}"},
    {"EMBEDDING_LOOKUP i:i32[3]={2,0,2} t:i32[3,2]={1,2,3,4,5,6} -> y:i32[?]",
     "y:i32[3,2]={5,6,1,2,5,6}"},
    {"EMBEDDING_LOOKUP.3 i:i32[2]={1,0} t:i8[2,3]q0.5:0={1,-2,3,4,5,-128} -> y:f32[?]",
     "y:f32[2,3]={2,2.5,-64,0.5,-1,1.5}"},
    {"EMBEDDING_LOOKUP.4 i:i32[2]={1,0} t:i4[2,4]q0.5:0/0={1,-2,3,4,5,6,7,-8} -> y:f32[?]",
     "y:f32[2,4]={2.5,3,3.5,-4,0.5,-1,1.5,2}"},
    {"EMBEDDING_LOOKUP_SPARSE i:i32[3]={1,3,0} x:i32[3,2]={0,0,2,0,2,1} d:i32[2]={3,2} "
     "w:f32[3]={1,2,4} t:f32[4,3]={0,0.5,0.25,1,1.5,1.25,2,2.5,2.25,3,3.5,3.25} -> y:f32[?] "
     "{combiner=0}",
     "y:f32[3,3]={1,1.5,1.25,0,0,0,6,9,7.5}"},
    {"EMBEDDING_LOOKUP_SPARSE i:i32[3]={1,3,0} x:i32[3,2]={0,0,2,0,2,1} d:i32[2]={3,2} "
     "w:f32[3]={1,2,2} t:f32[4,3]={0,0.5,0.25,1,1.5,1.25,2,2.5,2.25,3,3.5,3.25} -> y:f32[?] "
     "{combiner=1}",
     "y:f32[3,3]={1,1.5,1.25,0,0,0,1.5,2,1.75}"},
    {"HASHTABLE_LOOKUP a:i32[4]={5,1,2,9} k:i32[3]={1,5,9} v:i32[3,2]={1,2,3,4,5,6} -> "
     "y:i32[?] h:u8[?]",
     "y:i32[4,2]={3,4,1,2,0,0,5,6} h:u8[4]={1,1,0,1}"},
    {"HASHTABLE_LOOKUP a:i32[3]={5,7,1} k:i32[3]={1,5,9} v:str[3]={one,five,nine} -> "
     "y:str[?] h:u8[?]",
     "y:str[3]={five,,one} h:u8[3]={1,0,1}"},
};

static const text_case ranking[] = {
    {"TOPK_V2 x:i32[2,4]={3,9,3,7,1,1,1,1} k:i32[]={3} -> v:i32[?] i:i32[?]",
     "v:i32[2,3]={9,7,3,1,1,1} i:i32[2,3]={1,3,0,0,1,2}"},
    {"TOPK_V2 x:f32[5]={-1,2.5,0,2.5,-3} k:i32[]={2} -> v:f32[?] i:i32[?]",
     "v:f32[2]={2.5,2.5} i:i32[2]={1,3}"},
    {"TOPK_V2.3 x:i16[4]={-5,6,-7,6} k:i16[]={4} -> v:i16[?] i:i16[?]",
     "v:i16[4]={6,6,-5,-7} i:i16[4]={1,3,0,2}"},
    {"ARG_MAX x:i32[2,3]={1,5,5,9,2,9} a:i32[]={1} -> y:i32[?] {output_type=2}",
     "y:i32[2]={1,0}"},
    {"ARG_MAX x:i8[2,2]={3,-4,3,9} a:i32[]={0} -> y:i64[?] {output_type=4}",
     "y:i64[2]={0,1}"},
    {"ARG_MIN x:f32[3]={2,-1,-1} a:i64[]={-1} -> y:i32[?] {output_type=2}",
     "y:i32[]={1}"},
    {"ARG_MIN.3 x:bool[2,2]={1,0,0,0} a:i32[]={1} -> y:i32[?] {output_type=2}",
     "y:i32[2]={1,0}"},
    {"UNIQUE x:i32[6]={4,1,4,2,1,9} -> v:i32[?] i:i32[?] {idx_out_type=2}",
     "v:i32[4]={4,1,2,9} i:i32[6]={0,1,0,2,1,3}"},
    {"UNIQUE x:f32[4]={0.5,2,0.5,-1} -> v:f32[?] i:i64[?] {idx_out_type=4}",
     "v:f32[3]={0.5,2,-1} i:i64[4]={0,1,0,2}"},
    {"WHERE x:bool[2,3]={0,1,0,1,0,1} -> y:i64[?]",
     "y:i64[3,2]={0,1,1,0,1,2}"},
    {"WHERE x:f32[4]={0,-0.5,0,3} -> y:i64[?]",
     "y:i64[2,1]={1,3}"},
    {"CUMSUM x:i32[2,3]={1,2,3,4,5,6} a:i32[]={1} -> y:i32[?]",
     "y:i32[2,3]={1,3,6,4,9,15}"},
    {"CUMSUM x:i64[2,3]={1,2,3,4,5,6} a:i32[]={-2} -> y:i64[?] {exclusive=1 reverse=1}",
     "y:i64[2,3]={4,5,6,0,0,0}"},
    {"CUMSUM x:f32[3]={0.5,1,2} a:i32[]={0} -> y:f32[?] {exclusive=1}",
     "y:f32[3]={0,0.5,1.5}"},
    {"SEGMENT_SUM x:i32[4,2]={1,2,3,4,5,6,7,8} s:i32[4]={0,0,1,2} -> y:i32[?]",
     "y:i32[3,2]={4,6,5,6,7,8}"},
    {"UNSORTED_SEGMENT_SUM x:i32[3]={1,2,3} s:i32[3]={2,-1,2} n:i32[]={4} -> y:i32[?]",
     "y:i32[4]={0,0,4,0}"},
    {"UNSORTED_SEGMENT_PROD x:f32[3,2]={1,2,3,4,5,6} s:i32[3]={0,1,0} n:i32[]={3} -> y:f32[?]",
     "y:f32[3,2]={5,12,3,4,1,1}"},
    {"UNSORTED_SEGMENT_MAX x:i32[4]={-1,-2,-3,-4} s:i32[4]={1,1,0,1} n:i32[]={3} -> y:i32[?]",
     "y:i32[3]={-3,-1,-2147483648}"},
    {"UNSORTED_SEGMENT_MIN x:i32[2,2]={4,3,2,1} s:i32[2,2]={0,1,1,0} n:i32[]={2} -> y:i32[?]",
     "y:i32[2]={1,2}"},
};

static const text_case windows[] = {
    {"REDUCE_WINDOW x:i32[4]={1,2,3,4} v:i32[]={10} w:i64[1]={2} s:i64[1]={1} d:i64[1]={2} "
     "-> y:i32[?] {reduce_function=1}",
     "y:i32[2]={14,16}"},
    {"REDUCE_WINDOW x:i8[2,3]={1,5,2,7,3,4} v:i8[]={-128} w:i64[2]={2,2} s:i64[2]={1,1} "
     "d:i64[2]={1,1} -> y:i8[?] {reduce_function=4}",
     "y:i8[1,2]={7,5}"},
    {"STABLEHLO_REDUCE_WINDOW x:i32[3]={1,2,3} v:i32[]={1} -> y:i32[?] "
     "{window_dimensions=[2] window_strides=[1] base_dilations=[2] window_dilations=[1] "
     "padding=[1,0] body_subgraph_index=1}; graph b; STABLEHLO_ADD p:i32[] q:i32[] -> r:i32[]",
     "y:i32[5]={3,3,4,4,5}"},
    {"STABLEHLO_REDUCE_WINDOW x:f32[1,4]={1,-2,3,-4} v:f32[]={0} -> y:f32[?] "
     "{window_dimensions=[1,3] window_strides=[1,2] base_dilations=[1,1] "
     "window_dilations=[1,1] padding=[0,0,1,1] body_subgraph_index=1}; graph b; MAXIMUM "
     "p:f32[] q:f32[] -> r:f32[]",
     "y:f32[1,2]={1,3}"},
    {"STABLEHLO_GATHER x:i32[3,3]={1,2,3,4,5,6,7,8,9} i:i32[2,1]={1,5} -> y:i32[1,1] "
     "{offset_dims=[1] collapsed_slice_dims=[0] start_index_map=[0] index_vector_dim=1 "
     "slice_sizes=[1,2]}",
     "y:i32[2,2]={4,5,7,8}"},
    {"STABLEHLO_GATHER x:i8[2,3]={1,2,3,4,5,6} i:i64[2,2]={0,1,1,2} -> y:i8[1,1,1] "
     "{offset_dims=[1,2] start_index_map=[0,1] index_vector_dim=1 slice_sizes=[1,2]}",
     "y:i8[2,1,2]={2,3,5,6}"},
    {"STABLEHLO_SCATTER x:i32[4]={1,2,3,4} i:i32[3,1]={1,1,7} u:i32[3]={10,20,30} -> "
     "y:i32[?] {inserted_window_dims=[0] scatter_dims_to_operand_dims=[0] index_vector_dim=1 "
     "update_computation_subgraph_index=1}; graph b; STABLEHLO_ADD p:i32[] q:i32[] -> r:i32[]",
     "y:i32[4]={1,32,3,4}"},
    {"STABLEHLO_SCATTER x:i8[2,3]={1,2,3,4,5,6} i:i32[1,1]={1} u:i8[1,3]={7,-8,9} -> y:i8[?] "
     "{update_window_dims=[1] inserted_window_dims=[0] scatter_dims_to_operand_dims=[0] "
     "index_vector_dim=1 update_computation_subgraph_index=1}; graph b; STABLEHLO_MAXIMUM "
     "p:i8[] q:i8[] -> r:i8[]",
     "y:i8[2,3]={1,2,3,7,5,9}"},
};
/* clang-format on */

static void picking_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(picking);
}

static void ranking_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(ranking);
}

static void windows_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(windows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(picking_gives_these_elements),
        cmocka_unit_test(ranking_gives_these_elements),
        cmocka_unit_test(windows_gives_these_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
