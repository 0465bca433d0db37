/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move elements about. The answers are LiteRT's (reference kernels); of strings
 * where it has none, and of int4, they follow from what the operator means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text_case.h"

/* clang-format off */

static const text_case reshaping[] = {
    {"RESHAPE x:i32[2,3]={1,2,3,4,5,6} s:i32[2]={3,-1} -> y:i32[?]",
     "y:i32[3,2]={1,2,3,4,5,6}"},
    {"RESHAPE x:i8[4]={-1,2,-3,4} -> y:i8[?] {new_shape=[2,2]}",
     "y:i8[2,2]={-1,2,-3,4}"},
    {"RESHAPE x:f32[1]={7} -> y:f32[?] {new_shape=[0]}",
     "y:f32[]={7}"},
    {"RESHAPE x:str[2,2]={a,,ccc,dd} s:i32[1]={4} -> y:str[?]",
     "y:str[4]={a,,ccc,dd}"},
    {"SQUEEZE x:i16[1,3,1]={7,8,9} -> y:i16[?]",
     "y:i16[3]={7,8,9}"},
    {"SQUEEZE x:i16[1,3,1]={7,8,9} -> y:i16[?] {squeeze_dims=[-1]}",
     "y:i16[1,3]={7,8,9}"},
    {"SQUEEZE.2 x:str[1,2]={ab,c} -> y:str[?] {squeeze_dims=[0]}",
     "y:str[2]={ab,c}"},
    {"EXPAND_DIMS x:u8[2]={3,4} a:i32[]={0} -> y:u8[?]",
     "y:u8[1,2]={3,4}"},
    {"EXPAND_DIMS x:u8[2]={3,4} a:i64[1]={-1} -> y:u8[?]",
     "y:u8[2,1]={3,4}"},
    {"SHAPE x:i32[2,1,3]={0} -> y:i32[?] {out_type=2}",
     "y:i32[3]={2,1,3}"},
    {"SHAPE x:f32[4]={0} -> y:i64[?] {out_type=4}",
     "y:i64[1]={4}"},
    {"RANK x:bool[2,1,3]={0} -> y:i32[]",
     "y:i32[]={3}"},
    {"BROADCAST_ARGS a:i32[3]={2,1,3} b:i32[2]={4,1} -> y:i32[?]",
     "y:i32[3]={2,4,3}"},
    {"BROADCAST_ARGS a:i64[1]={1} b:i64[2]={5,6} -> y:i64[?]",
     "y:i64[2]={5,6}"},
    {"EXPAND_DIMS x:str[2]={a,} a:i32[]={0} -> y:str[?]",
     "y:str[1,2]={a,}"},
};

static const text_case ordering[] = {
    {"TRANSPOSE x:i32[2,3]={1,2,3,4,5,6} p:i32[2]={1,0} -> y:i32[?]",
     "y:i32[3,2]={1,4,2,5,3,6}"},
    {"TRANSPOSE x:i8[2,1,3]={1,2,3,4,5,6} p:i32[3]={2,0,1} -> y:i8[?]",
     "y:i8[3,2,1]={1,4,2,5,3,6}"},
    {"TRANSPOSE x:i64[2,2,2]={1,2,3,4,5,6,7,8} p:i32[3]={0,2,1} -> y:i64[?]",
     "y:i64[2,2,2]={1,3,2,4,5,7,6,8}"},
    {"TRANSPOSE.7 x:i4[3,3]={1,2,3,4,5,6,7,-8,-1} p:i32[2]={1,0} -> y:i4[?]",
     "y:i4[3,3]={1,4,7,2,5,-8,3,6,-1}"},
    {"TRANSPOSE x:i16[1,2,3,2]={1,2,3,4,5,6,7,8,9,10,11,12} p:i32[4]={0,3,1,2} -> y:i16[?]",
     "y:i16[1,2,2,3]={1,3,5,7,9,11,2,4,6,8,10,12}"},
    {"REVERSE_V2.3 x:i32[2,3]={1,2,3,4,5,6} a:i32[1]={1} -> y:i32[?]",
     "y:i32[2,3]={3,2,1,6,5,4}"},
    {"REVERSE_V2.3 x:i8[2,3]={1,2,3,4,5,6} a:i32[1]={-2} -> y:i8[?]",
     "y:i8[2,3]={4,5,6,1,2,3}"},
    {"REVERSE_V2.3 x:bool[3,1]={1,0,0} a:i32[2]={0,1} -> y:bool[?]",
     "y:bool[3,1]={0,0,1}"},
    {"REVERSE_SEQUENCE x:i32[2,4]={1,2,3,4,5,6,7,8} l:i32[2]={3,1} -> y:i32[?] {seq_dim=1 "
     "batch_dim=0}",
     "y:i32[2,4]={3,2,1,4,5,6,7,8}"},
    {"REVERSE_SEQUENCE x:u8[3,2,2]={1,2,3,4,5,6,7,8,9,10,11,12} l:i64[2]={2,3} -> y:u8[?] "
     "{seq_dim=0 batch_dim=1}",
     "y:u8[3,2,2]={5,6,11,12,1,2,7,8,9,10,3,4}"},
};

static const text_case cutting[] = {
    {"SLICE x:i32[3,4]={1,2,3,4,5,6,7,8,9,10,11,12} b:i32[2]={1,1} s:i32[2]={2,-1} -> "
     "y:i32[?]",
     "y:i32[2,3]={6,7,8,10,11,12}"},
    {"SLICE x:i8[5]={1,2,3,4,5} b:i64[1]={2} s:i64[1]={2} -> y:i8[?]",
     "y:i8[2]={3,4}"},
    {"SLICE.3 x:str[4]={a,bb,,d} b:i32[1]={1} s:i32[1]={3} -> y:str[?]",
     "y:str[3]={bb,,d}"},
    {"SLICE.7 x:i4[2,3]={1,2,3,4,5,-6} b:i32[2]={0,1} s:i32[2]={2,2} -> y:i4[?]",
     "y:i4[2,2]={2,3,5,-6}"},
    {"SLICE x:i32[4]={1,2,3,4} b:i32[1]={4} s:i32[1]={0} -> y:i32[?]",
     "y:i32[0]"},
    {"STRIDED_SLICE x:i32[6]={1,2,3,4,5,6} b:i32[1]={-1} e:i32[1]={-7} s:i32[1]={-2} -> "
     "y:i32[?]",
     "y:i32[3]={6,4,2}"},
    {"STRIDED_SLICE x:i32[6]={1,2,3,4,5,6} b:i32[1]={4} e:i32[1]={1} s:i32[1]={1} -> "
     "y:i32[?] {begin_mask=1 end_mask=1}",
     "y:i32[6]={1,2,3,4,5,6}"},
    {"STRIDED_SLICE x:i8[2,3]={1,2,3,4,5,6} b:i32[2]={1,0} e:i32[2]={2,3} s:i32[2]={1,2} -> "
     "y:i8[?] {shrink_axis_mask=1}",
     "y:i8[2]={4,6}"},
    {"STRIDED_SLICE.6 x:i16[2,3,2]={1,2,3,4,5,6,7,8,9,10,11,12} b:i32[2]={0,1} "
     "e:i32[2]={0,2} s:i32[2]={1,1} -> y:i16[?] {ellipsis_mask=1}",
     "y:i16[2,3,1]={2,4,6,8,10,12}"},
    {"STRIDED_SLICE.6 x:i64[3]={1,2,3} b:i32[2]={0,1} e:i32[2]={0,3} s:i32[2]={1,1} -> "
     "y:i64[?] {new_axis_mask=1}",
     "y:i64[1,2]={2,3}"},
    {"STRIDED_SLICE.8 x:i32[8]={1,2,3,4,5,6,7,8} b:i32[1]={2} e:i32[1]={5} s:i32[1]={2} -> "
     "y:i32[?] {offset=1}",
     "y:i32[3]={3,5,7}"},
    {"STRIDED_SLICE.5 x:str[4]={a,bb,ccc,dddd} b:i32[1]={3} e:i32[1]={0} s:i32[1]={-2} -> "
     "y:str[?]",
     "y:str[2]={dddd,bb}"},
    {"SPLIT a:i32[]={1} x:i32[2,4]={1,2,3,4,5,6,7,8} -> y:i32[?] z:i32[?] {num_splits=2}",
     "y:i32[2,2]={1,2,5,6} z:i32[2,2]={3,4,7,8}"},
    {"SPLIT a:i32[]={-2} x:i8[3,1]={1,2,3} -> u:i8[?] v:i8[?] w:i8[?] {num_splits=3}",
     "u:i8[1,1]={1} v:i8[1,1]={2} w:i8[1,1]={3}"},
    {"SPLIT_V x:i32[5]={1,2,3,4,5} s:i32[3]={1,-1,2} a:i32[]={0} -> u:i32[?] v:i32[?] "
     "w:i32[?] {num_splits=3}",
     "u:i32[1]={1} v:i32[2]={2,3} w:i32[2]={4,5}"},
    {"SPLIT_V x:i16[2,3]={1,2,3,4,5,6} s:i64[2]={2,1} a:i32[]={-1} -> u:i16[?] v:i16[?] "
     "{num_splits=2}",
     "u:i16[2,2]={1,2,4,5} v:i16[2,1]={3,6}"},
    {"UNPACK x:i32[2,3]={1,2,3,4,5,6} -> u:i32[?] v:i32[?] {num=2 axis=0}",
     "u:i32[3]={1,2,3} v:i32[3]={4,5,6}"},
    {"UNPACK x:u8[2,2]={1,2,3,4} -> u:u8[?] v:u8[?] {num=2 axis=-1}",
     "u:u8[2]={1,3} v:u8[2]={2,4}"},
    {"MATRIX_DIAG x:i32[2,2]={1,2,3,4} -> y:i32[?]",
     "y:i32[2,2,2]={1,0,0,2,3,0,0,4}"},
    {"MATRIX_SET_DIAG x:i8[2,3]={1,2,3,4,5,6} d:i8[2]={8,9} -> y:i8[?]",
     "y:i8[2,3]={8,2,3,4,9,6}"},
};

static const text_case joining[] = {
    {"CONCATENATION a:i32[1,2]={1,2} b:i32[1,1]={3} -> y:i32[?] {axis=-1}",
     "y:i32[1,3]={1,2,3}"},
    {"CONCATENATION a:bool[1]={1} b:bool[2]={0,1} c:bool[1]={0} -> y:bool[?] {axis=0}",
     "y:bool[4]={1,0,1,0}"},
    {"CONCATENATION a:u8[4]q0.5:10={0,10,20,255} b:u8[4]q1:0={0,10,128,255} -> y:u8[?]q1:5 "
     "{axis=0}",
     "y:u8[8]={0,5,10,128,5,15,133,255}"},
    {"CONCATENATION.5 a:i4[2,1]={1,-2} b:i4[2,2]={3,4,5,6} -> y:i4[?] {axis=1}",
     "y:i4[2,3]={1,3,4,-2,5,6}"},
    {"PACK a:i32[2]={1,2} b:i32[2]={3,4} -> y:i32[?] {values_count=2 axis=0}",
     "y:i32[2,2]={1,2,3,4}"},
    {"PACK a:i32[2]={1,2} b:i32[2]={3,4} c:i32[2]={5,6} -> y:i32[?] {values_count=3 axis=-1}",
     "y:i32[2,3]={1,3,5,2,4,6}"},
    {"TILE x:i32[1,2]={1,2} m:i32[2]={2,2} -> y:i32[?]",
     "y:i32[2,4]={1,2,1,2,1,2,1,2}"},
    {"TILE x:u8[2,1]={1,2} m:i64[2]={1,3} -> y:u8[?]",
     "y:u8[2,3]={1,1,1,2,2,2}"},
    {"TILE.2 x:str[2]={a,bc} m:i32[1]={2} -> y:str[?]",
     "y:str[4]={a,bc,a,bc}"},
    {"BROADCAST_TO.2 x:i32[2,1]={1,2} s:i32[3]={2,2,3} -> y:i32[?]",
     "y:i32[2,2,3]={1,1,1,2,2,2,1,1,1,2,2,2}"},
    {"BROADCAST_TO.3 x:i8[]={7} s:i64[2]={2,2} -> y:i8[?]",
     "y:i8[2,2]={7,7,7,7}"},
    {"FILL d:i32[2]={2,3} v:i16[]={-5} -> y:i16[?]",
     "y:i16[2,3]={-5,-5,-5,-5,-5,-5}"},
    {"FILL d:i64[1]={3} v:bool[]={1} -> y:bool[?]",
     "y:bool[3]={1,1,1}"},
    {"RANGE a:i32[]={5} b:i32[]={-2} c:i32[]={-3} -> y:i32[?]",
     "y:i32[3]={5,2,-1}"},
    {"RANGE.2 a:i64[]={1} b:i64[]={6} c:i64[]={2} -> y:i64[?]",
     "y:i64[3]={1,3,5}"},
    {"RANGE a:f32[]={0.5} b:f32[]={2} c:f32[]={0.25} -> y:f32[?]",
     "y:f32[6]={0.5,0.75,1,1.25,1.5,1.75}"},
    {"ONE_HOT i:i32[3]={1,-1,2} d:i32[]={3} on:i32[]={5} off:i32[]={2} -> y:i32[?] {axis=-1}",
     "y:i32[3,3]={2,5,2,2,2,2,2,2,5}"},
    {"ONE_HOT i:i64[2]={0,1} d:i32[]={2} on:i8[]={1} off:i8[]={0} -> y:i8[?] {axis=0}",
     "y:i8[2,2]={1,0,0,1}"},
    {"FILL.2 d:i32[2]={1,2} v:str[]={abc} -> y:str[?]",
     "y:str[1,2]={abc,abc}"},
};

static const text_case bordering[] = {
    {"PAD x:i32[1,2]={1,2} p:i32[2,2]={1,0,0,2} -> y:i32[?]",
     "y:i32[2,4]={0,0,0,0,1,2,0,0}"},
    {"PAD.2 x:i8[2]q0.5:-3={1,2} p:i64[1,2]={2,1} -> y:i8[?]q0.5:-3",
     "y:i8[5]={-3,-3,1,2,-3}"},
    {"PAD x:f32[2,2]={1,2,3,4} p:i32[2,2]={0,0,1,1} -> y:f32[?]",
     "y:f32[2,4]={0,1,2,0,0,3,4,0}"},
    {"PADV2 x:i16[2,1]={1,2} p:i32[2,2]={1,1,0,1} v:i16[]={9} -> y:i16[?]",
     "y:i16[4,2]={9,9,1,9,2,9,9,9}"},
    {"PADV2 x:i64[1]={1} p:i32[1,2]={2,0} v:i64[]={-7} -> y:i64[?]",
     "y:i64[3]={-7,-7,1}"},
    {"MIRROR_PAD x:i32[2,3]={1,2,3,4,5,6} p:i32[2,2]={1,1,2,1} -> y:i32[?] {mode=0}",
     "y:i32[4,6]={6,5,4,5,6,5,3,2,1,2,3,2,6,5,4,5,6,5,3,2,1,2,3,2}"},
    {"MIRROR_PAD x:i32[2,3]={1,2,3,4,5,6} p:i32[2,2]={2,1,0,3} -> y:i32[?] {mode=1}",
     "y:i32[5,6]={4,5,6,6,5,4,1,2,3,3,2,1,1,2,3,3,2,1,4,5,6,6,5,4,4,5,6,6,5,4}"},
    {"SPACE_TO_DEPTH x:i32[1,2,2,1]={1,2,3,4} -> y:i32[?] {block_size=2}",
     "y:i32[1,1,1,4]={1,2,3,4}"},
    {"SPACE_TO_DEPTH.2 x:i8[1,2,4,2]={1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16} -> y:i8[?] "
     "{block_size=2}",
     "y:i8[1,1,2,8]={1,2,3,4,9,10,11,12,5,6,7,8,13,14,15,16}"},
    {"DEPTH_TO_SPACE x:i32[1,1,2,4]={1,2,3,4,5,6,7,8} -> y:i32[?] {block_size=2}",
     "y:i32[1,2,4,1]={1,2,5,6,3,4,7,8}"},
    {"SPACE_TO_BATCH_ND x:i32[1,2,3,1]={1,2,3,4,5,6} b:i32[2]={2,2} p:i32[2,2]={0,0,1,0} -> "
     "y:i32[?]",
     "y:i32[4,1,2,1]={0,2,1,3,0,5,4,6}"},
    {"SPACE_TO_BATCH_ND.3 x:i8[1,3,1]q1:-4={1,2,3} b:i32[1]={2} p:i32[1,2]={1,0} -> "
     "y:i8[?]q1:-4",
     "y:i8[2,2,1]={-4,2,1,3}"},
    {"BATCH_TO_SPACE_ND x:i32[4,1,2,1]={1,2,3,4,5,6,7,8} b:i32[2]={2,2} c:i32[2,2]={0,0,1,0} "
     "-> y:i32[?]",
     "y:i32[1,2,3,1]={3,2,4,7,6,8}"},
    {"BATCH_TO_SPACE_ND.3 x:u8[2,2,1]={1,2,3,4} b:i32[1]={2} c:i32[1,2]={0,1} -> y:u8[?]",
     "y:u8[1,3,1]={1,3,2}"},
    {"STABLEHLO_PAD x:i32[2,2]={1,2,3,4} v:i32[]={9} -> y:i32[?] {edge_padding_low=[1,-1] "
     "edge_padding_high=[0,2] interior_padding=[1,0]}",
     "y:i32[4,3]={9,9,9,2,9,9,9,9,9,4,9,9}"},
    {"DILATE x:i8[2,2]={1,2,3,4} d:i32[2]={2,3} v:i8[]={-1} -> y:i8[?]",
     "y:i8[3,4]={1,-1,-1,2,-1,-1,-1,-1,3,-1,-1,4}"},
};
/* clang-format on */

static void reshaping_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(reshaping);
}

static void ordering_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(ordering);
}

static void cutting_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(cutting);
}

static void joining_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(joining);
}

static void bordering_gives_these_elements(void **state)
{
    (void)state;
    TEXT_CHECK(bordering);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reshaping_gives_these_elements),
        cmocka_unit_test(ordering_gives_these_elements),
        cmocka_unit_test(cutting_gives_these_elements),
        cmocka_unit_test(joining_gives_these_elements),
        cmocka_unit_test(bordering_gives_these_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
