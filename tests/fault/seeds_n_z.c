/* SPDX-License-Identifier: Apache-2.0 */
/* Operators N to Z, and a custom one, each with its first types: small draws at random. */
#include "seeds.h"

const char *const seeds_n_z[] = {
    "in a:bool[1] b:f32[4,5,2] c:f32[4,5,2]; IF a b c -> d:f32[4,5,2] {then_subgraph_index=1 "
    "else_subgraph_index=2}; out d; graph g1; in a:f32[4,5,2] b:f32[4,5,2]; ADD a b -> "
    "c:f32[4,5,2]; out c; graph g2; in a:f32[4,5,2] b:f32[4,5,2]; MUL a b -> c:f32[4,5,2]; out c",
    "in a:bool[1] b:i32[3,2,5] c:i32[3,2,5]; IF a b c -> d:i32[3,2,5] {then_subgraph_index=1 "
    "else_subgraph_index=2}; out d; graph g1; in a:i32[3,2,5] b:i32[3,2,5]; ADD a b -> "
    "c:i32[3,2,5]; out c; graph g2; in a:i32[3,2,5] b:i32[3,2,5]; MUL a b -> c:i32[3,2,5]; out c",
    "NEG a:f32[7] -> b:f32[7]",
    "NEG a:i64[2,3,1,1] -> b:i64[2,3,1,1]",
    "NON_MAX_SUPPRESSION_V4 a:f32[4,4] b:f32[4] c:i32[]={1} d:f32[]={0.6595} e:f32[]={0.461713} -> "
    "f:i32[1] g:i32[]",
    "NON_MAX_SUPPRESSION_V5 a:f32[5,4] b:f32[5] c:i32[]={5} d:f32[]={0.709052} e:f32[]={0.370166} "
    "f:f32[]={0} -> g:i32[5] h:f32[5] i:i32[]",
    "NOT_EQUAL.3 a:f32[3,1,5] b:f32[3,1,5] -> c:bool[3,1,5]",
    "NOT_EQUAL.3 a:i8[5,2,4,4]q0.1079:25 b:i8[5,2,4,4]q0.03333:-28 -> c:bool[5,2,4,4]",
    "ONE_HOT a:i32[1,4] b:i32[]={6} c:f32[]={0.902415} d:f32[]={0.959259} -> e:f32[6,1,4]",
    "ONE_HOT a:i32[3,4] b:i32[]={1} c:i32[]={-5} d:i32[]={-1} -> e:i32[3,4,1] {axis=2}",
    "PACK.2 a:i8[4,1] b:i8[4,1] -> c:i8[4,1,2] {values_count=2 axis=-1}",
    "PACK.3 a:i16[1,5,2,1]q5.668e-05:0 -> b:i16[1,5,2,1,1]q5.668e-05:0 {values_count=1 axis=3}",
    "PAD a:f32[1,5,1,1] b:i64[4,2] -> c:f32[1,6,6,5]",
    "PAD.2 a:i8[1,4,1]q0.2558:13 b:i64[3,2]={0,2,2,0,1,3} -> c:i8[3,6,5]q0.2558:13",
    "PADV2 a:f32[5,6,6] b:i32[3,2]={0,1,0,2,2,0} c:f32[1]={2.06659} -> d:f32[6,8,8]",
    "PADV2.2 a:i8[3,1,6,1]q0.02752:-56 b:i32[4,2]={0,0,1,3,3,3,0,1} c:i8[1]q0.02752:-56={50} -> "
    "d:i8[3,5,12,2]q0.02752:-56",
    "POW a:f32[5,5,4] b:f32[5,5,4] -> c:f32[5,5,4]",
    "POW a:i32[2,4,3,1] b:i32[2,4,3,1] -> c:i32[2,4,3,1]",
    "PRELU a:f32[1,1,3,6] b:f32[1,1,6]= -> c:f32[1,1,3,6]",
    "PRELU a:i8[1,4,6,5]q0.05647:-26 b:i8[1,1,5]q0.01263:11= -> c:i8[1,4,6,5]q0.06814:-48",
    "QUANTIZE.3 a:i16[1,1,3]q0.0001592:0 -> b:i8[1,1,3]q0.09741:-73",
    "QUANTIZE.3 a:i8[4,5,4]q0.2882:63 -> b:i8[4,5,4]q0.01936:-74",
    "QUANTIZE.3 a:i16[4,4,8]q0.003016:0 -> b:i32[4,4,8]q0.03124:0",
    "QUANTIZE.3 a:f32[7,9,7] -> b:u8[7,9,7]q0.07828:61",
    "RANGE.2 a:f32[] b:f32[] c:f32[] -> d:f32[2]",
    "RANGE.2 a:i64[] b:i64[] c:i64[] -> d:i64[5]",
    "RANK a:i16[4,6,4] -> b:i32[]",
    "RANK a:u8[1,1,1,1] -> b:i32[]",
    "REAL a:c64[1,8,4,2] -> b:f32[1,8,4,2]",
    "REDUCE_ALL a:bool[1,5,1,2] b:i32[2] -> c:bool[5,1]",
    "REDUCE_ANY a:bool[5,5,6] b:i32[1]={-3} -> c:bool[5,6]",
    "REDUCE_MAX a:f32[2,3,6] b:i32[3]={1,0,-1} -> c:f32[1,1,1] {keep_dims=1}",
    "REDUCE_MAX.2 a:i8[1,7,7,4]q0.01245:51 b:i32[3]={1,0,2} -> c:i8[4]q0.01245:51",
    "REDUCE_MIN a:f32[5] b:i32[1] -> c:f32[1] {keep_dims=1}",
    "REDUCE_MIN.2 a:i8[1]q0.07718:87 b:i32[]={0} -> c:i8[]q0.07718:87",
    "REDUCE_PROD a:f32[4,2,7] b:i32[2] -> c:f32[4]",
    "REDUCE_PROD.2 a:i8[1]q0.09568:83 b:i32[1]={0} -> c:i8[]q0.2672:39",
    "RELU.2 a:f32[1,9,8] -> b:f32[1,9,8]",
    "RELU.2 a:i8[8,5,9]q0.01873:-83 -> b:i8[8,5,9]q0.1011:60",
    "RELU6.2 a:f32[1,5,1] -> b:f32[1,5,1]",
    "RELU6.2 a:i8[1,6,9]q0.1962:37 -> b:i8[1,6,9]q0.01101:-67",
    "RELU_0_TO_1 a:f32[7,2,1] -> b:f32[7,2,1]",
    "RELU_0_TO_1 a:i8[3,1,1]q0.01145:43 -> b:i8[3,1,1]q0.1245:-37",
    "RELU_N1_TO_1 a:f32[7] -> b:f32[7]",
    "RELU_N1_TO_1 a:i8[1,8,2,8]q0.01135:-6 -> b:i8[1,8,2,8]q0.04784:40",
    "RESHAPE a:f32[4,4,1,2] c:i32[2]={4,8} -> b:f32[4,8] {new_shape=[4,8]}",
    "RESHAPE a:i8[1,6,1] c:i32[2] -> b:i8[1,6] {new_shape=[1,6]}",
    "RESIZE_BILINEAR.3 a:f32[2,6,4,1] b:i32[2] -> c:f32[2,6,7,1]",
    "RESIZE_BILINEAR.3 a:i8[2,5,7,1]q0.003527:-51 b:i32[2] -> c:i8[2,6,2,1]q0.003527:-51",
    "RESIZE_NEAREST_NEIGHBOR.3 a:f32[1,5,2,1] b:i32[2] -> c:f32[1,8,6,1]",
    "RESIZE_NEAREST_NEIGHBOR.3 a:i8[2,8,7,3]q0.3037:19 b:i32[2] -> c:i8[2,11,2,3]q0.3037:19",
    "REVERSE_SEQUENCE a:f32[2,3,2] b:i32[3] -> c:f32[2,3,2] {batch_dim=1}",
    "REVERSE_SEQUENCE a:i16[2,2,2] b:i32[2] -> c:i16[2,2,2] {seq_dim=1}",
    "REVERSE_V2.3 a:f32[3] b:i32[1]={0} -> c:f32[3]",
    "REVERSE_V2.3 a:i8[3,1,1] b:i32[1]={0} -> c:i8[3,1,1]",
    "RFFT2D a:f32[3,2,8] b:i32[2]={2,8} -> c:c64[3,2,5]",
    "RIGHT_SHIFT a:i8[2] b:i8[2] -> c:i8[2]",
    "RIGHT_SHIFT a:i16[2,4,1,1] b:i16[1,1,1,1] -> c:i16[2,4,1,1]",
    "RNN a:f32[1,6] b:f32[8,6]= c:f32[8,8]= d:f32[8]= e:f32[1,8]~ -> f:f32[1,8] "
    "{fused_activation_function=1}",
    "RNN.2 a:f32[2,3] b:i8[5,3]q0.004:0= c:i8[5,5]q0.004:0= d:f32[5]= e:f32[2,5]~ -> f:f32[2,5] "
    "{fused_activation_function=1}",
    "ROUND a:f32[6,3,3] -> b:f32[6,3,3]",
    "RSQRT a:f32[9,9,3] -> b:f32[9,9,3]",
    "RSQRT.2 a:i8[1]q0.0953:-128 -> b:i8[1]q0.01845:40",
    "SCATTER_ND a:i32[5,1] b:f32[5,3,1] c:i32[3] -> d:f32[4,3,1]",
    "SCATTER_ND a:i32[4,3] b:i8[4] c:i32[3] -> d:i8[5,3,2]",
    "SEGMENT_SUM a:f32[1,6] b:i32[1] -> c:f32[1,6]",
    "SELECT.2 a:bool[1,5,4] b:f32[1,5,4] c:f32[1,5,4] -> d:f32[1,5,4]",
    "SELECT.2 a:bool[5,6,1] b:i8[5,6,1]q0.03104:6 c:i8[5,6,1]q0.03104:6 -> d:i8[5,6,1]q0.03104:6",
    "SELECT_V2 a:bool[3,2,1] b:f32[3,2,5] c:f32[3,2,1] -> d:f32[3,2,5]",
    "SELECT_V2 a:bool[3,1,4,3] b:i8[1,6,1,3] c:i8[3,6,4,3] -> d:i8[3,6,4,3]",
    "SHAPE a:f32[4] -> b:i32[1] {out_type=2}",
    "SHAPE a:i8[5,1,5] -> b:i32[3] {out_type=2}",
    "SIGN.2 a:f32[2,5,8,7] -> b:f32[2,5,8,7]",
    "SIGN.2 a:i32[6,1,2] -> b:i32[6,1,2]",
    "SIN a:f32[4,1,8] -> b:f32[4,1,8]",
    "SLICE.4 a:f32[6,2,1,1] b:i32[4]={4,0,0,0} c:i32[4]={-1,1,1,-1} -> d:f32[2,1,1,1]",
    "SLICE.4 a:i8[2,5,1,5]q0.0285:-8 b:i32[4]={1,4,0,0} c:i32[4]={1,1,-1,3} -> "
    "d:i8[1,1,1,3]q0.0285:-8",
    "SOFTMAX a:f32[3,6,7] -> b:f32[3,6,7] {beta=2}",
    "SOFTMAX.2 a:i8[4,7,1]q0.00371:90 -> b:i8[4,7,1]q0.003906:-128 {beta=1}",
    "SOFTMAX.3 a:i16[6,3,3]q0.0002441:0 -> b:i16[6,3,3]q3.052e-05:0 {beta=0.5}",
    "SOFTMAX a:u8[5,1,1,4]q0.01506:107 -> b:u8[5,1,1,4]q0.003906:0 {beta=2}",
    "SPACE_TO_BATCH_ND.3 a:f32[2,5,4,4] b:i32[2]={2,2} c:i32[2,2] -> d:f32[8,3,2,4]",
    "SPACE_TO_BATCH_ND.2 a:i8[2,2,5,2] b:i32[2]={1,3} c:i32[2,2]={0,0,0,1} -> d:i8[6,2,2,2]",
    "SPACE_TO_DEPTH a:f32[1,2,6,4] -> b:f32[1,1,3,16] {block_size=2}",
    "SPACE_TO_DEPTH.2 a:i8[2,4,2,3]q0.0164:-71 -> b:i8[2,2,1,12]q0.0164:-71 {block_size=2}",
    "SPARSE_TO_DENSE.2 a:i64[1,2] b:i64[2]={1,1} c:f32[] d:f32[] -> e:f32[1,1]",
    "SPARSE_TO_DENSE.3 a:i64[2,3] b:i64[3]={1,5,5} c:i8[2] d:i8[] -> e:i8[1,5,5]",
    "SPLIT.4 a:i32[]={0} b:f32[2] -> c:f32[2] {num_splits=1}",
    "SPLIT.4 a:i32[]={-1} b:i8[6,1,1,9]q0.09924:-85 -> c:i8[6,1,1,3]q0.09924:-85 "
    "d:i8[6,1,1,3]q0.09924:-85 e:i8[6,1,1,3]q0.09924:-85 {num_splits=3}",
    "SPLIT_V.2 a:f32[4,2,6,2] b:i32[1]={-1} c:i32[]={0} -> d:f32[4,2,6,2] {num_splits=1}",
    "SPLIT_V.2 a:i8[6,1,1,1]q0.1948:73 b:i32[2]={4,2} c:i32[]={0} -> d:i8[4,1,1,1]q0.1948:73 "
    "e:i8[2,1,1,1]q0.1948:73 {num_splits=2}",
    "SQRT a:f32[1,1,2] -> b:f32[1,1,2]",
    "SQRT.2 a:i8[2,7,1]q0.005778:-128 -> b:i8[2,7,1]q0.02795:31",
    "SQUARE a:f32[8,9,1,5] -> b:f32[8,9,1,5]",
    "SQUARED_DIFFERENCE a:f32[2,4,1] b:f32[1,1,1] -> c:f32[2,4,1]",
    "SQUARED_DIFFERENCE.2 a:i8[2,3,4]q0.1471:6 b:i8[2,3,4]q0.2151:-83= -> c:i8[2,3,4]q2.783:-81",
    "SQUEEZE a:f32[1,4,3] -> b:f32[4,3] {squeeze_dims=[]}",
    "SQUEEZE a:i8[2,2,3] -> b:i8[2,2,3] {squeeze_dims=[]}",
    "STABLEHLO_ADD a:i8[1,1,1] b:i8[1,1,1] -> c:i8[1,1,1]",
    "STABLEHLO_ADD a:i32[2,5,1,1,1] b:i32[2,5,1,1,1] -> c:i32[2,5,1,1,1]",
    "STABLEHLO_AND a:i8[6,1,3,6] b:i8[6,1,3,6] -> c:i8[6,1,3,6]",
    "STABLEHLO_AND a:bool[4,2,5] b:bool[4,2,5] -> c:bool[4,2,5]",
    "STABLEHLO_MAXIMUM a:f32[1] b:f32[1] -> c:f32[1]",
    "STABLEHLO_MAXIMUM a:i8[6] b:i8[6] -> c:i8[6]",
    "STABLEHLO_MINIMUM a:f32[1,2,5] b:f32[1,2,5] -> c:f32[1,2,5]",
    "STABLEHLO_MINIMUM a:i64[5,1,1] b:i64[5,1,1] -> c:i64[5,1,1]",
    "STABLEHLO_MULTIPLY a:f32[4,5,4,3,1] b:f32[4,5,4,3,1] -> c:f32[4,5,4,3,1]",
    "STABLEHLO_MULTIPLY a:i8[3,5] b:i8[3,5] -> c:i8[3,5]",
    "STRIDED_SLICE.6 a:f32[4,5,5,1] b:i32[4] c:i32[4]={2,3,4,-2} d:i32[4]={2,1,3,-1} -> "
    "e:f32[1,3,1,1] {begin_mask=2}",
    "STRIDED_SLICE.6 a:i8[1,3,3] b:i32[3] c:i32[3]={-2,3,4} d:i32[3]={-2,2,3} -> e:i8[1,2,1] "
    "{end_mask=1}",
    "SUB a:f32[4,1,3,2] b:f32[4,1,3,2] -> c:f32[4,1,3,2] {fused_activation_function=1}",
    "SUB.2 a:i8[5,1,1,2]q0.1249:60 b:i8[5,1,1,2]q0.1959:-15 -> c:i8[5,1,1,2]q0.479:-44 "
    "{fused_activation_function=1}",
    "SUM.2 a:f32[5,4,1] b:i32[3]={-3,-1,1} -> c:f32[]",
    "SUM.2 a:i8[4,3,2]q0.005505:-85 b:i32[1]={-2} -> c:i8[4,2]q0.05505:52",
    "SVDF a:f32[1,11] c:f32[6,11]= b:f32[6,5]= d:f32[6]= e:f32[1,30]~ -> f:f32[1,6] {rank=1}",
    "SVDF.3 a:i8[2,9]q0.02:15 b:i8[4,9]q0.01:0= c:i16[4,3]q0.0001221:0= "
    "d:i32[4]q2.98e-08:0={-177,-288,-954,-254} e:i16[2,12]q0.0002441:0~ -> f:i8[2,4]q0.05:3 "
    "{rank=1 fused_activation_function=1}",
    "SVDF.2 a:f32[2,10] c:i8[12,10]q0.01:0= b:f32[12,8]= d:f32[6]= e:f32[2,96]~ -> f:f32[2,6] "
    "{rank=2}",
    "TANH a:f32[8,4,7] -> b:f32[8,4,7]",
    "TANH.2 a:i8[5,3,1]q0.1723:52 -> b:i8[5,3,1]q0.0078125:0",
    "custom:TFLite_Detection_PostProcess a:f32[1,8,4] b:f32[1,8,4] c:f32[8,4]= -> d:f32[1,14,4] "
    "e:f32[1,14] f:f32[1,14] g:f32[1] "
    "{#"
    "6d61785f646574656374696f6e73006d61785f636c61737365735f7065725f646574656374696f6e00646574656374"
    "696f6e735f7065725f636c617373006e756d5f636c6173736573006e6d735f73636f72655f7468726573686f6c6400"
    "6e6d735f696f755f7468726573686f6c6400795f7363616c6500785f7363616c6500685f7363616c6500775f736361"
    "6c65007573655f726567756c61725f6e6d73000b782294a4475c691821323b000000000f0000000000000001000000"
    "000000000b000000000000006400000000000000000000000000144002000000000000000700000000000000000000"
    "000000e03f9a9999999999c93f03000000000000000000000000000000000000000000144000000000000024400000"
    "000000002440070f07070f0f076b0f0f0f632701}",
    "TILE.2 a:f32[3,2,1,2] b:i32[4] -> c:f32[9,2,1,2]",
    "TILE.2 a:i8[3,4,1,2]q0.1839:-63 b:i32[4]={2,2,1,1} -> c:i8[6,8,1,2]q0.1839:-63",
    "TOPK_V2.2 a:f32[5,4,8] b:i32[] -> c:f32[5,4,1] d:i32[5,4,1]",
    "TOPK_V2.2 a:i8[4,5,1] b:i32[]={1} -> c:i8[4,5,1] d:i32[4,5,1]",
    "TRANSPOSE.4 a:f32[4,6,5,2,1] b:i32[5]={4,3,2,0,1} -> c:f32[1,2,5,4,6]",
    "TRANSPOSE.4 a:i8[1,6,3,1,6] b:i32[5]={3,0,2,1,4} -> c:i8[1,1,3,6,6]",
    "TRANSPOSE_CONV.3 a:i32[4]={1,8,6,9} c:f32[9,4,4,3]= b:f32[1,4,3,3] -> d:f32[1,8,6,9] "
    "{stride_w=2 stride_h=2}",
    "TRANSPOSE_CONV.3 a:i32[4]={1,10,8,1} c:i8[1,1,4,9]q0.001894:0= b:i8[1,5,4,9]q0.1208:12 -> "
    "d:i8[1,10,8,1]q0.1464:-8 {stride_w=2 stride_h=2}",
    "TRANSPOSE_CONV.3 a:i32[4]={1,10,6,4} c:i8[4,2,2,9]q0.01468:0/0= b:i16[1,5,3,9]q0.0001691:0 -> "
    "d:i16[1,10,6,4]q0.0007967:0 {stride_w=2 stride_h=2}",
    "TRANSPOSE_CONV.3 a:i32[4]={1,18,12,1} c:u8[1,3,1,11]q0.02615:107= b:u8[1,6,4,11]q0.02131:209 "
    "-> d:u8[1,18,12,1]q0.1355:92 {stride_w=3 stride_h=3}",
    "UNIDIRECTIONAL_SEQUENCE_LSTM a:f32[2,2,5] - b:f32[7,5]= c:f32[7,5]= d:f32[7,5]= - e:f32[7,7]= "
    "f:f32[7,7]= g:f32[7,7]= - - - - h:f32[7]= i:f32[7]= j:f32[7]= - - k:f32[2,7]~ l:f32[2,7]~ -> "
    "m:f32[2,2,7] {fused_activation_function=4}",
    "UNIDIRECTIONAL_SEQUENCE_LSTM.3 a:f32[1,5,2] - b:i8[5,2]q0.003249:0= c:i8[5,2]q0.007423:0= "
    "d:i8[5,2]q0.007022:0= - e:i8[5,5]q0.004105:0= f:i8[5,5]q0.004722:0= g:i8[5,5]q0.003146:0= - - "
    "- - h:f32[5]= i:f32[5]= j:f32[5]= - - k:f32[1,5]~ l:f32[1,5]~ - m:f32[5]= n:f32[5]= o:f32[5]= "
    "-> p:f32[1,5,5] {fused_activation_function=4 proj_clip=1}",
    "UNIDIRECTIONAL_SEQUENCE_RNN a:f32[3,1,3] b:f32[5,3]= c:f32[5,5]= d:f32[5]= e:f32[1,5]~ -> "
    "f:f32[3,1,5] {time_major=1 fused_activation_function=3}",
    "UNIDIRECTIONAL_SEQUENCE_RNN.2 a:f32[2,5,6] b:i8[5,6]q0.004:0= c:i8[5,5]q0.004:0= d:f32[5]= "
    "e:f32[2,5]~ -> f:f32[2,5,5] {fused_activation_function=3}",
    "UNIQUE a:f32[17] -> b:f32[5] c:i32[17]",
    "UNIQUE a:i8[5] -> b:i8[3] c:i64[5] {idx_out_type=4}",
    "UNPACK.4 a:f32[1,3,4,2,4] -> b:f32[1,4,2,4] c:f32[1,4,2,4] d:f32[1,4,2,4] {num=3 axis=-4}",
    "UNPACK.4 a:i8[3,1,1,1]q0.1041:2 -> b:i8[3,1,1]q0.1041:2 {num=1 axis=1}",
    "UNSORTED_SEGMENT_MAX a:f32[2,1,2] b:i32[2] c:i32[]={4} -> d:f32[4,1,2]",
    "UNSORTED_SEGMENT_MAX a:i32[6] b:i32[6] c:i32[]={4} -> d:i32[4]",
    "UNSORTED_SEGMENT_MIN a:f32[2,4,1] b:i32[2] c:i32[]={4} -> d:f32[4,4,1]",
    "UNSORTED_SEGMENT_MIN a:i32[1] b:i32[1] c:i32[]={4} -> d:i32[4]",
    "UNSORTED_SEGMENT_PROD a:f32[6,5,3] b:i32[6] c:i32[]={4} -> d:f32[4,5,3]",
    "UNSORTED_SEGMENT_PROD a:i32[1,5,3] b:i32[1] c:i32[]={4} -> d:i32[4,5,3]",
    "UNSORTED_SEGMENT_SUM a:f32[4] b:i32[4] c:i32[]={4} -> d:f32[4]",
    "UNSORTED_SEGMENT_SUM a:i32[4,2,2] b:i32[4] c:i32[]={4} -> d:i32[4,2,2]",
    "in a:f32[1,6,3]; CALL_ONCE -> {init_subgraph_index=1}; VAR_HANDLE -> b:res[1] "
    "{shared_name=v}; READ_VARIABLE b -> c:f32[1,6,3]; ADD c a -> d:f32[1,6,3]; ASSIGN_VARIABLE b "
    "d ->; out d; graph g1; in; VAR_HANDLE -> a:res[1] {shared_name=v}; ASSIGN_VARIABLE a "
    "b:f32[1,6,3]= ->; out",
    "WHERE.2 a:f32[2,2,2] -> b:i64[5,3]",
    "WHERE.2 a:i8[5,4,2] -> b:i64[16,3]",
    "in a:i32[1] b:f32[6]; WHILE a b -> c:i32[1] d:f32[6] {cond_subgraph_index=1 "
    "body_subgraph_index=2}; out c d; graph g1; in a:i32[1] b:f32[6]; LESS a c:i32[1]={2} -> "
    "d:bool[1]; out d; graph g2; in a:i32[1] b:f32[6]; ADD a c:i32[1]={1} -> d:i32[1]; MUL b "
    "e:f32[1]={1.1} -> f:f32[6]; out d f",
    "ZEROS_LIKE a:f32[8,1,1,1] -> b:f32[8,1,1,1]",
    "ZEROS_LIKE a:i64[4,1,1] -> b:i64[4,1,1]",
    NULL};
