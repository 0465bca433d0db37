/* SPDX-License-Identifier: Apache-2.0 */
/* With subgraphs, resources, strings, state, packed types or options of their own. */
#include "seeds.h"

const char *const seeds_stateful[] = {
    "IF c:bool[1] x:f32[2,3] -> y:f32[2,3] {then_subgraph_index=1 else_subgraph_index=2}; graph a; "
    "ABS x:f32[2,3] -> y:f32[2,3]; graph b; NEG x:f32[2,3] -> y:f32[2,3]",
    "IF c:bool[1] x:f32[4] -> y:f32[4] {then_subgraph_index=1 else_subgraph_index=2}; graph a; ABS "
    "x:f32[4] -> y:f32[4]; graph b; RESHAPE x:f32[4] s:i32[2]={2,2} -> y:f32[2,2]",
    "WHILE i:i32[1] x:f32[3] -> j:i32[1] y:f32[3] {cond_subgraph_index=1 body_subgraph_index=2}; "
    "graph c; in i:i32[1] x:f32[3]; LESS i n:i32[1]={3} -> b:bool[1]; out b; graph d; in i:i32[1] "
    "x:f32[3]; ADD i o:i32[1]={1} -> j:i32[1]; MUL x f:f32[1]={2} -> y:f32[3]; out j y",
    "WHILE i:i32[1] x:f32[1] -> j:i32[1] y:f32[1] {cond_subgraph_index=1 body_subgraph_index=2}; "
    "graph c; in i:i32[1] x:f32[1]; LESS i n:i32[1]={4} -> b:bool[1]; out b; graph d; in i:i32[1] "
    "x:f32[1]; ADD i o:i32[1]={1} -> j:i32[1]; CONCATENATION x f:f32[1]={2} -> y:f32[2]; out j y",
    "CALL_ONCE -> {init_subgraph_index=1}; VAR_HANDLE -> h:res[1] {shared_name=v}; READ_VARIABLE h "
    "-> r:f32[2,3]; ADD r x:f32[2,3] -> y:f32[2,3]; ASSIGN_VARIABLE h y ->; out y; graph init; "
    "VAR_HANDLE -> h:res[1] {shared_name=v}; ASSIGN_VARIABLE h k:f32[2,3]= ->",
    "HASHTABLE -> h:res[1] {table_id=1 key_dtype=4 value_dtype=5}; HASHTABLE_IMPORT h "
    "k:i64[2]={3,9} v:str[2]={ab,c} ->; HASHTABLE_FIND h q:i64[3] d:str[1]={none} -> y:str[3]; "
    "HASHTABLE_SIZE h -> n:i64[1]",
    "HASHTABLE -> h:res[1] {table_id=2 key_dtype=5 value_dtype=4}; HASHTABLE_IMPORT h "
    "k:str[3]={a,bc,} v:i64[3]={7,8,9} ->; HASHTABLE_FIND h q:str[2] d:i64[1]={-1} -> y:i64[2]; "
    "HASHTABLE_SIZE h -> n:i64[1]",
    "STABLEHLO_CASE i:i32[1] x:f32[3] -> y:f32[3] {branch_subgraph_indices=[1,2]}; graph a; ABS "
    "x:f32[3] -> y:f32[3]; graph b; NEG x:f32[3] -> y:f32[3]",
    "STABLEHLO_COMPOSITE x:f32[3] -> y:f32[3] {name=some.thing decomposition_subgraph_index=1}; "
    "graph a; SQUARE x:f32[3] -> y:f32[3]",
    "EMBEDDING_LOOKUP_SPARSE i:i32[3]={1,3,0} n:i32[3,2]={0,0,2,0,2,1} s:i32[2]={3,2} "
    "w:f32[3]={1,2,4} v:f32[4,3,2]= -> y:f32[3,3,2] {combiner=1}",
    "CONV_3D_TRANSPOSE s:i32[5]={1,4,4,4,2} f:f32[2,2,2,2,3]= x:f32[1,3,3,3,3] b:f32[2]= -> "
    "y:f32[1,4,4,4,2] {padding=1 stride_d=1 stride_w=1 stride_h=1}",
    "LSH_PROJECTION h:f32[2,3]= x:i32[4] w:f32[4] -> y:i32[6] {type=2}",
    "LSH_PROJECTION h:f32[2,3]= x:i32[4,2] -> y:i32[2] {type=1}",
    "MULTINOMIAL x:f32[2,4] n:i32[]={3} -> y:i64[2,3] {seed=1 seed2=2}",
    "RANDOM_UNIFORM s:i32[2]={2,3} -> y:f32[2,3] {seed=1 seed2=2}",
    "RANDOM_STANDARD_NORMAL s:i64[2]={2,3} -> y:f32[2,3] {seed=5}",
    "REDUCE_WINDOW x:f32[4,4] i:f32[1]={0} w:i64[2]={2,2} s:i64[2]={1,1} d:i64[2]={1,1} -> "
    "y:f32[3,3] {reduce_function=1}",
    "STABLEHLO_REDUCE_WINDOW x:f32[4,4] i:f32[1]={0} -> y:f32[3,3] {window_dimensions=[2,2] "
    "window_strides=[1,1] base_dilations=[1,1] window_dilations=[1,1] padding=[0,0,0,0] "
    "body_subgraph_index=1}; graph b; in p:f32[] q:f32[]; STABLEHLO_ADD p q -> r:f32[]",
    "SKIP_GRAM s:str[1] -> y:str[1] {ngram_size=2 max_skip_size=1}",
    "STABLEHLO_GATHER x:f32[4,3] i:i32[2,1] -> y:f32[2,3] {offset_dims=[1] "
    "collapsed_slice_dims=[0] start_index_map=[0] index_vector_dim=1 slice_sizes=[1,3]}",
    "STABLEHLO_SCATTER x:f32[4,3] i:i32[2,1] u:f32[2,3] -> y:f32[4,3] {update_window_dims=[1] "
    "inserted_window_dims=[0] scatter_dims_to_operand_dims=[0] index_vector_dim=1 "
    "update_computation_subgraph_index=1}; graph b; in p:f32[] q:f32[]; STABLEHLO_ADD p q -> "
    "r:f32[]",
    "STABLEHLO_RNG_BIT_GENERATOR s:u64[2] -> t:u64[2] y:i32[3,2] {algorithm=1}",
    "STABLEHLO_RNG_BIT_GENERATOR s:u64[2] -> t:u64[2] y:u64[3] {algorithm=2}",
    "STABLEHLO_SHIFT_LEFT x:i32[3] n:i32[3] -> y:i32[3]",
    "BIDIRECTIONAL_SEQUENCE_RNN x:f32[2,3,4] a:f32[5,4]= b:f32[5,5]= c:f32[5]= d:f32[2,5]~ "
    "e:f32[6,4]= f:f32[6,6]= g:f32[6]= h:f32[2,6]~ - - - -> y:f32[2,3,5] z:f32[2,3,6] "
    "{fused_activation_function=4}",
    "BIDIRECTIONAL_SEQUENCE_LSTM x:f32[2,3,4] - a:f32[5,4]= b:f32[5,4]= c:f32[5,4]= - d:f32[5,5]= "
    "e:f32[5,5]= f:f32[5,5]= - - - - g:f32[5]= h:f32[5]= i:f32[5]= - - - A:f32[5,4]= B:f32[5,4]= "
    "C:f32[5,4]= - D:f32[5,5]= E:f32[5,5]= F:f32[5,5]= - - - - G:f32[5]= H:f32[5]= I:f32[5]= - - "
    "j:f32[2,5]~ k:f32[2,5]~ J:f32[2,5]~ K:f32[2,5]~ - - - - - - - - - -> y:f32[2,3,10] "
    "{fused_activation_function=4 merge_outputs=1 time_major=0}",
    "UNIDIRECTIONAL_SEQUENCE_LSTM a:i8[1,3,4]q0.0039:-128 b:i8[5,4]q0.009:0= c:i8[5,4]q0.0074:0= "
    "d:i8[5,4]q0.0094:0= e:i8[5,4]q0.012:0= f:i8[5,5]q0.0093:0= g:i8[5,5]q0.0058:0= "
    "h:i8[5,5]q0.0049:0= i:i8[5,5]q0.0082:0= - - - j:i32[5]q3.5e-05:0= k:i32[5]q2.9e-05:0= "
    "l:i32[5]q3.7e-05:0= m:i32[5]q4.6e-05:0= - - n:i8[1,5]q0.0078:0~ o:i16[1,5]q0.0002441:0~ - - - "
    "- -> x:i8[1,3,5]q0.0078:0 + z0:i16[]q0.0001:0 z1:i16[]q0.0001:0 z2:i16[]q0.0001:0 "
    "z3:i16[]q0.0001:0 z4:i8[]q0.0078:0 {fused_activation_function=4 cell_clip=10}",
    "LSTM x:u8[1,8]q0.0078125:128 p:u8[1,8]q0.0078125:128 w:u8[32,16]q0.01:128= "
    "b:i32[32]q0.000078125:0= s:i16[1,8]q0.00048828125:0 -> y:u8[1,8]q0.0078125:128 "
    "t:i16[1,8]q0.00048828125:0 c:u8[1,16]q0.0078125:128 a:i16[1,32]q0.000244140625:0 "
    "{kernel_type=1 fused_activation_function=4}",
    "LSTM x:f32[2,3] p:f32[2,4]~ w:f32[16,7]= b:f32[16]= s:f32[2,4]~ -> y:f32[2,4] t:f32[2,4] "
    "c:f32[2,7] a:f32[2,16] {kernel_type=1 fused_activation_function=4}",
    "GATHER s:str[3]={ab,,cde} i:i32[2] -> y:str[2]",
    "RESHAPE s:str[4] p:i32[2]={2,2} -> y:str[2,2]",
    "TRANSPOSE.4 x:i4[3,3]= p:i32[2]={1,0} -> y:i4[3,3]",
    "CAST.6 x:i4[3]= -> y:i8[3] {in_data_type=17 out_data_type=9}",
    "FULLY_CONNECTED.9 x:f32[2,4] w:f32[3,4]= - -> y:f32[2,3] {keep_num_dims=1}",
    "CONV_2D x:f32[1,5,5,4] w:f32[6,3,3,2]= b:f32[6]= -> y:f32[1,5,5,6] {stride_w=1 stride_h=1}",
    "DEPTHWISE_CONV_2D x:f32[1,6,6,3] w:f32[1,3,3,6]= b:f32[6]= -> y:f32[1,6,6,6] {stride_w=1 "
    "stride_h=1 depth_multiplier=2}",
    "custom:SignalWindow x:i16[1,8] w:i16[8]= -> y:i16[1,8] {#73686966740001070101010c04022401}",
    "custom:SignalFftAutoScale x:i16[16] -> y:i16[16] s:i32[] {#00000100002401}",
    "custom:SignalRfft x:i16[480] -> y:i16[514] "
    "{#54006666745f6c656e67746800020e0d020001000200070000020505062501}",
    "custom:SignalEnergy x:i16[514] -> y:u32[257] "
    "{#656e645f696e6465780073746172745f696e6465780002170e00030001000200f10005000505062501}",
    "custom:SignalFilterBankSquareRoot x:u64[40] s:i32[] -> y:u32[40] {#00000100002401}",
    "custom:SignalFilterBankSpectralSubtraction x:u32[40] -> y:u32[40] z:u32[40] "
    "{#"
    "616c7465726e6174655f6f6e655f6d696e75735f736d6f6f7468696e6700616c7465726e6174655f736d6f6f746869"
    "6e6700636c616d70696e67006d696e5f7369676e616c5f72656d61696e696e67006e756d5f6368616e6e656c73006f"
    "6e655f6d696e75735f736d6f6f7468696e6700736d6f6f7468696e6700736d6f6f7468696e675f6269747300737065"
    "637472616c5f7375627472616374696f6e5f626974730009a588756d594d3a3123090001000900293cd70300003303"
    "2800673e99010a000e000505690505050505051b2501}",
    "custom:SignalPCAN x:u32[40] n:u32[40] g:i16[125]= -> y:u32[40] "
    "{#736e725f736869667400010b0101010604022401}",
    "custom:SignalFilterBankLog x:u32[40] -> y:i16[40] "
    "{#"
    "696e7075745f636f7272656374696f6e5f62697473006f75747075745f7363616c650002240f020102034004040424"
    "01}",
    "custom:MaxUnpooling2D x:f32[1,2,2,3] i:i32[1,2,2,3] -> y:f32[1,4,4,3] "
    "{#0100000002000000020000000200000002000000}",
    "custom:Convolution2DTransposeBias x:f32[1,3,2,2] w:f32[3,3,2,2]= b:f32[3]= -> y:f32[1] "
    "{#010000000200000002000000}",
    "DENSIFY x:f32[2,3]=% -> y:f32[2,3]",
    "DENSIFY x:i8[3,4]q0.5:0=% -> y:i8[3,4]q0.5:0",
    "DENSIFY w:f32[3,4]=% -> d:f32[3,4]; FULLY_CONNECTED x:f32[2,4] d b:f32[3]= -> y:f32[2,3]",
    "DENSIFY w:f16[3,2,2,2]=% -> d:f16[3,2,2,2]; DEQUANTIZE d -> e:f32[3,2,2,2]; CONV_2D "
    "x:f32[1,4,4,2] e b:f32[3]= -> y:f32[1,3,3,3] {padding=1 stride_w=1 stride_h=1}",
    NULL};
