/* SPDX-License-Identifier: Apache-2.0 */
/* What operators on shapes and indices refuse, in prepare or in run, and what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text_case.h"

/* clang-format off */
static const text_case shapes[] = {
    {"RESHAPE x:i32[4]={1} s:i32[2]={3,-1} -> y:i32[?]", "do not make up shape [3,1]"},
    {"RESHAPE x:i32[4]={1} s:i32[2]={-1,-1} -> y:i32[?]", "size -1 of dimension 1"},
    {"RESHAPE x:i32[4]={1} s:i32[1]={-2} -> y:i32[?]", "size -2 of dimension 0"},
    {"RESHAPE x:i32[4]={1} s:i32[3]={2147483647,2147483647,4} -> y:i32[?]",
     SIZE_MAX > UINT32_MAX ? "do not make up" : "more elements than fit"},
    {"RESHAPE x:i32[4]={1} s:i32[9]={1} -> y:i32[?]", "9 dimensions, at most 8"},
    {"RESHAPE x:i32[4]={1} -> y:i32[?]", "no shape, neither as input nor as option"},
    {"RESHAPE x:i32[4]={1} s:i32[1]={4} -> y:f32[?]", "input is int32, but output is float32"},
    {"SQUEEZE x:i32[2]={1} -> y:i32[?] {squeeze_dims=[0]}", "has size 2, only 1 can be squeezed"},
    {"SQUEEZE x:i32[1]={1} -> y:i32[?] {squeeze_dims=[-2]}", "axis -2 is outside rank 1"},
    {"EXPAND_DIMS x:i32[1]={1} a:i32[]={2} -> y:i32[?]", "axis 2 is outside rank 2"},
    {"EXPAND_DIMS x:i32[1,1,1,1,1,1,1,1]={1} a:i32[]={0} -> y:i32[?]", "has 8 dimensions"},
    {"SHAPE x:i32[1]={1} -> y:i64[?] {out_type=2}", "output is int64, out_type says int32"},
    {"BROADCAST_ARGS a:i32[1]={2} b:i32[1]={3} -> y:i32[?]", "sizes 2 and 3 of dimension 0"},
    {"BROADCAST_TO x:i32[2]={1} s:i32[1]={3} -> y:i32[?]", "[2] does not broadcast to [3]"},
    {"BROADCAST_TO x:i32[1,1]={1} s:i32[1]={1} -> y:i32[?]", "[1,1] does not broadcast to [1]"},
    {"FILL d:i32[1]={-1} v:i32[]={0} -> y:i32[?]", "size -1 in dims is out of range"},
    {"FILL d:i32[2]={65536,65536} v:i32[]={0} -> y:i32[?]", "passes 2^31"},
    {"TILE x:i32[2]={1} m:i32[1]={-1} -> y:i32[?]", "-1 times dimension 0"},
    {"TILE x:i32[2]={1} m:i32[1]={1073741824} -> y:i32[?]", "1073741824 times dimension 0"},
    {"RANGE a:i32[]={1} b:i32[]={3} c:i32[]={0} -> y:i32[?]", "steps of 0 do not lead from 1 to 3"},
    {"RANGE a:f32[]={1} b:f32[]={3} c:f32[]={-1} -> y:f32[?]", "steps of -1 do not lead"},
    {"RANGE a:i64[]={-9e18} b:i64[]={9e18} c:i64[]={1} -> y:i64[?]", "more than fit"},
    {"ONE_HOT i:i32[1]={0} d:i32[]={-1} on:i32[]={1} off:i32[]={0} -> y:i32[?]", "depth is -1"},
    {"ONE_HOT i:i32[1]={0} d:i32[]={2} on:i32[]={1} off:i32[]={0} -> y:i32[?] {axis=2}", "axis 2"},
};

static const text_case movement[] = {
    {"TRANSPOSE x:i32[2,2]={1} p:i32[2]={0,0} -> y:i32[?]", "entry 1 of the permutation is 0"},
    {"TRANSPOSE x:i32[2,2]={1} p:i32[2]={2,0} -> y:i32[?]", "entry 0 of the permutation is 2"},
    {"TRANSPOSE x:i32[2,2]={1} p:i32[1]={0} -> y:i32[?]", "has 1 elements, need 2"},
    {"REVERSE_V2 x:i32[2]={1} a:i32[1]={1} -> y:i32[?]", "axis 1 is outside rank 1"},
    {"REVERSE_V2 x:i32[2]={1} a:i32[2]={0,-1} -> y:i32[?]", "axis 0 is there twice"},
    {"REVERSE_SEQUENCE x:i32[1,2]={1} l:i32[1]={3} -> y:i32[?] {seq_dim=1}", "length 3 of batch 0"},
    {"REVERSE_SEQUENCE x:i32[1,2]={1} l:i32[1]={1} -> y:i32[?] {seq_dim=0}", "are both 0"},
    {"SLICE x:i32[3]={1} b:i32[1]={2} s:i32[1]={2} -> y:i32[?]", "2 elements from 2 on"},
    {"SLICE x:i32[3]={1} b:i32[1]={-1} s:i32[1]={1} -> y:i32[?]", "from -1 on"},
    {"SLICE x:i32[3]={1} b:i64[1]={9e18} s:i64[1]={9e18} -> y:i32[?]", "do not lie in dimension 0"},
    {"STRIDED_SLICE x:i32[3]={1} b:i32[1]={0} e:i32[1]={2} s:i32[1]={0} -> y:i32[?]",
     "stride 0 is 0"},
    {"STRIDED_SLICE x:i32[3]={1} b:i32[1]={3} e:i32[1]={4} s:i32[1]={1} -> y:i32[?] "
     "{shrink_axis_mask=1}", "index 3 with stride 1 in a dimension of 3"},
    {"STRIDED_SLICE x:i32[1,1]={1} b:i32[2]={0} e:i32[2]={1} s:i32[2]={1} -> y:i32[?] "
     "{ellipsis_mask=3}", "ellipsis_mask 0x3 has two bits"},
    {"STRIDED_SLICE x:i32[1]={1} b:i32[2]={0} e:i32[2]={1} s:i32[2]={1} -> y:i32[?]",
     "2 slices of 1 dimensions"},
    {"STRIDED_SLICE x:i32[4]={1} b:i32[1]={2} e:i32[1]={3} s:i32[1]={1} -> y:i32[?] {offset=1}",
     "3 elements from 2 on do not lie in a dimension of 4"},
    {"STRIDED_SLICE x:i32[1]={1} b:i32[9]={0} e:i32[9]={1} s:i32[9]={1} -> y:i32[?] "
     "{new_axis_mask=511}", "more than 8 dimensions"},
    {"SPLIT a:i32[]={0} x:i32[4]={1} -> u:i32[?] v:i32[?] w:i32[?] {num_splits=3}",
     "size 4 does not divide into 3 parts"},
    {"SPLIT a:i32[]={0} x:i32[4]={1} -> u:i32[?] v:i32[?] {num_splits=0}", "options say 0 parts"},
    {"SPLIT_V x:i32[4]={1} s:i32[2]={1,2} a:i32[]={0} -> u:i32[?] v:i32[?] {num_splits=2}",
     "sum up to 3 of 4"},
    {"SPLIT_V x:i32[4]={1} s:i32[2]={-1,-1} a:i32[]={0} -> u:i32[?] v:i32[?] {num_splits=2}",
     "size -1 of part 1"},
    {"UNPACK x:i32[3]={1} -> u:i32[?] v:i32[?] {num=2}", "of size 3 makes no 2 parts"},
    {"CONCATENATION a:i32[1,2]={1} b:i32[2,1]={1} -> y:i32[?]", "do not fit together"},
    {"CONCATENATION a:i32[1]={1} b:i32[1]={1} -> y:i32[?] {axis=1}", "axis 1 is outside rank 1"},
    {"CONCATENATION a:i32[1]={1} b:i32[1]={1} -> y:i32[?] {fused_activation_function=1}",
     "activation 1, only none"},
    {"CONCATENATION a:i8[1]q1:0={1} b:i8[1]q2:0={1} -> y:i8[?]q1:0", "must agree"},
    {"PACK a:i32[1]={1} b:i32[1]={1} -> y:i32[?] {values_count=3}", "values_count is 3"},
    {"PACK a:i32[1]={1} b:i32[2]={1} -> y:i32[?] {values_count=2}", "another input is [2]"},
    {"PAD x:i32[1]={1} p:i32[1,2]={-1,0} -> y:i32[?]", "paddings -1 and 0 of dimension 0"},
    {"PAD x:i32[1]={1} p:i32[2,2]={0} -> y:i32[?]", "paddings has 4 elements, need 2"},
    {"PADV2 x:i32[1]={1} p:i32[1,2]={1,0} v:f32[]={1} -> y:i32[?]", "value is float32"},
    {"MIRROR_PAD x:i32[2]={1} p:i32[1,2]={2,0} -> y:i32[?] {mode=0}", "paddings 2 and 0"},
    {"MIRROR_PAD x:i32[2]={1} p:i32[1,2]={0,3} -> y:i32[?] {mode=1}", "paddings 0 and 3"},
    {"MIRROR_PAD x:i32[2]={1} p:i32[1,2]={0,1} -> y:i32[?] {mode=2}", "mode 2"},
    {"SPACE_TO_DEPTH x:i32[1,2,2,1]={1} -> y:i32[?] {block_size=0}", "block_size is 0"},
    {"SPACE_TO_DEPTH x:i32[1,3,2,1]={1} -> y:i32[?] {block_size=2}", "does not divide by block 2"},
    {"DEPTH_TO_SPACE x:i32[1,1,1,6]={1} -> y:i32[?] {block_size=2}", "6 channels do not divide"},
    {"SPACE_TO_BATCH_ND x:i32[1,3,1]={1} b:i32[1]={2} p:i32[1,2]={0} -> y:i32[?]",
     "does not divide by this block"},
    {"SPACE_TO_BATCH_ND x:i32[1,3,1]={1} b:i32[1]={0} p:i32[1,2]={0} -> y:i32[?]",
     "block size 0 with borders 0 and 0"},
    {"BATCH_TO_SPACE_ND x:i32[3,1,1]={1} b:i32[1]={2} c:i32[1,2]={0} -> y:i32[?]",
     "does not divide by this block"},
    {"BATCH_TO_SPACE_ND x:i32[2,1,1]={1} b:i32[1]={2} c:i32[1,2]={2,1} -> y:i32[?]",
     "does not divide by this block"},
    {"MATRIX_SET_DIAG x:i32[2,2]={1} d:i32[3]={1} -> y:i32[?]", "diagonal [3] does not fit"},
    {"STABLEHLO_PAD x:i32[1]={1} v:i32[]={0} -> y:i32[?] {edge_padding_low=[0] "
     "edge_padding_high=[0] interior_padding=[-1]}", "paddings 0, 0 and -1 of dimension 0"},
    {"STABLEHLO_PAD x:i32[1]={1} v:i32[]={0} -> y:i32[?]", "paddings of 0, 0 and 0 for rank 1"},
    {"DILATE x:i32[2]={1} d:i32[1]={0} v:i32[]={0} -> y:i32[?]", "dilation 0 of dimension 0"},
};

static const text_case indices[] = {
    {"GATHER x:i32[3]={1} i:i32[2]={0,3} -> y:i32[?]", "index 1 is 3, outside 0 to 2"},
    {"GATHER x:i32[3]={1} i:i64[1]={-9e18} -> y:i32[?]", "index 0 is -9000000000000000000"},
    {"GATHER x:i32[2,3]={1} i:i32[3,1]={0} -> y:i32[?] {axis=1 batch_dims=1}",
     "no 1 batch dimensions in common"},
    {"GATHER_ND x:i32[2,2]={1} i:i32[1,2]={0,2} -> y:i32[?]", "address 0 is outside the input"},
    {"GATHER_ND x:i32[2]={1} i:i32[1,2]={0,0} -> y:i32[?]", "addresses of 2 indices for 1"},
    {"SCATTER_ND i:i32[1,1]={-1} u:i32[1]={1} s:i32[1]={2} -> y:i32[?]", "address 0 is outside"},
    {"SCATTER_ND i:i32[1,1]={0} u:i32[2]={1} s:i32[1]={2} -> y:i32[?]", "do not fit shape [2]"},
    {"SPARSE_TO_DENSE i:i32[]={2} s:i32[1]={2} v:i32[]={1} d:i32[]={0} -> y:i32[?]",
     "address 0 is outside"},
    {"SPARSE_TO_DENSE i:i32[1,2]={0} s:i32[1]={2} v:i32[]={1} d:i32[]={0} -> y:i32[?]",
     "addresses of 2 indices for 1 dimensions"},
    {"DYNAMIC_UPDATE_SLICE x:i32[2]={1} u:i32[3]={1} s:i32[1]={0} -> y:i32[?]", "has size 3"},
    {"EMBEDDING_LOOKUP i:i32[1]={2} t:i32[2,1]={1} -> y:i32[?]", "id 0 is 2, of 2 rows"},
    {"EMBEDDING_LOOKUP i:i32[1]={0} t:i8[2,1]={1} -> y:f32[?]", "table has 0 scales"},
    {"EMBEDDING_LOOKUP i:i32[1]={0} t:i8[2,1]q1:3={1} -> y:f32[?]", "zero point 0 of the table is 3"},
    {"EMBEDDING_LOOKUP_SPARSE i:i32[1]={0} x:i32[1,2]={3,0} d:i32[2]={3,1} w:f32[1]={1} "
     "t:f32[1,1]={1} -> y:f32[?]", "index 0 of entry 0 is 3, of 3"},
    {"HASHTABLE_LOOKUP a:i32[1]={0} k:i32[2]={1} v:i32[1]={1} -> y:i32[?] h:u8[?]",
     "2 keys for 1 values"},
    {"TOPK_V2 x:i32[2]={1} k:i32[]={3} -> v:i32[?] i:i32[?]", "k is 3, need 0 to 2"},
    {"TOPK_V2 x:i32[2]={1} k:i32[]={-1} -> v:i32[?] i:i32[?]", "k is -1"},
    {"ARG_MAX x:i32[2]={1} a:i32[]={1} -> y:i32[?] {output_type=2}", "axis 1 is outside rank 1"},
    {"ARG_MAX x:i32[2]={1} a:i32[]={0} -> y:i64[?] {output_type=2}", "output_type says 2"},
    {"UNIQUE x:i32[1,1]={1} -> v:i32[?] i:i32[?] {idx_out_type=2}", "has 2 dimensions, need 1"},
    {"WHERE x:i32[]={1} -> y:i64[?]", "condition has 0 dimensions"},
    {"CUMSUM x:i32[2]={1} a:i32[]={-2} -> y:i32[?]", "axis -2 is outside rank 1"},
    {"SEGMENT_SUM x:i32[2]={1} s:i32[2]={1,0} -> y:i32[?]", "segment id 1 is 0 after 1"},
    {"SEGMENT_SUM x:i32[2]={1} s:i32[2]={-1,0} -> y:i32[?]", "segment id 0 is -1"},
    {"SEGMENT_SUM x:i32[1]={1} s:i32[1]={2147483647} -> y:i32[?]", "segment id 0 is 2147483647"},
    {"UNSORTED_SEGMENT_SUM x:i32[1]={1} s:i32[1]={2} n:i32[]={2} -> y:i32[?]",
     "segment id 0 is 2, of 2 segments"},
    {"UNSORTED_SEGMENT_MAX x:i32[2]={1} s:i32[1]={0} n:i32[]={1} -> y:i32[?]", "do not fit data"},
    {"DENSIFY x:f32[1]={1} -> y:f32[?]", "not a sparse constant"},
};

static const text_case windows[] = {
    {"REDUCE_WINDOW x:i32[2]={1} v:i32[]={0} w:i64[1]={0} s:i64[1]={1} d:i64[1]={1} -> y:i32[?] "
     "{reduce_function=1}", "dimension 0: window 0"},
    {"REDUCE_WINDOW x:i32[2]={1} v:i32[]={0} w:i64[1]={1} s:i64[1]={1} d:i64[1]={1} -> y:i32[?] "
     "{reduce_function=7}", "reduce_function 7"},
    {"STABLEHLO_REDUCE_WINDOW x:i32[2]={1} v:i32[]={0} -> y:i32[?] {window_dimensions=[1] "
     "body_subgraph_index=2}", "subgraph 2 does not exist"},
    {"STABLEHLO_REDUCE_WINDOW x:i32[2]={1} v:i32[]={0} -> y:i32[?] {window_dimensions=[1] "
     "body_subgraph_index=1}; graph b; SUB p:i32[] q:i32[] -> r:i32[]",
     "subgraph 1 has 1 nodes that are not one sum"},
    {"STABLEHLO_REDUCE_WINDOW x:i32[2]={1} v:i32[]={0} -> y:i32[?] {body_subgraph_index=1}; "
     "graph b; ADD p:i32[] q:i32[] -> r:i32[]", "0 window sizes"},
    {"STABLEHLO_GATHER x:i32[3]={1} i:i32[1]={0} -> y:i32[?] {offset_dims=[0] start_index_map=[0] "
     "slice_sizes=[4]}", "slice size 0 is 4, the operand has 3"},
    {"STABLEHLO_GATHER x:i32[3]={1} i:i32[1]={0} -> y:i32[?] {offset_dims=[1] start_index_map=[0] "
     "slice_sizes=[1]}", "entry 0 of offset_dims is 1, of 1"},
    {"STABLEHLO_GATHER x:i32[3]={1} i:i32[1]={0} -> y:i32[?] {offset_dims=[0] start_index_map=[1] "
     "slice_sizes=[1]}", "entry 0 of start_index_map is 1, of 1"},
    {"STABLEHLO_SCATTER x:i32[2]={1} i:i32[1,1]={0} u:i32[1]={1} -> y:i32[?] "
     "{inserted_window_dims=[1] scatter_dims_to_operand_dims=[0] index_vector_dim=1 "
     "update_computation_subgraph_index=1}; graph b; STABLEHLO_ADD p:i32[] q:i32[] -> r:i32[]",
     "entry 0 of inserted_window_dims is 1, of 1"},
    {"STABLEHLO_SCATTER x:i32[2]={1} i:i32[1,1]={0} u:i32[1]={1} -> y:i32[?] "
     "{inserted_window_dims=[0] scatter_dims_to_operand_dims=[0] index_vector_dim=1 "
     "update_computation_subgraph_index=1}; graph b; SUB p:i32[] q:i32[] -> r:i32[]",
     "subgraph 1 has 1 nodes that are not one of STABLEHLO_ADD"},
};
/* clang-format on */

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    TEXT_CHECK_REFUSED(shapes);
}

static void impossible_movements_are_refused(void **state)
{
    (void)state;
    TEXT_CHECK_REFUSED(movement);
}

static void indices_outside_are_refused(void **state)
{
    (void)state;
    TEXT_CHECK_REFUSED(indices);
}

static void impossible_windows_are_refused(void **state)
{
    (void)state;
    TEXT_CHECK_REFUSED(windows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible_shapes_are_refused),
        cmocka_unit_test(impossible_movements_are_refused),
        cmocka_unit_test(indices_outside_are_refused),
        cmocka_unit_test(impossible_windows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
