/* SPDX-License-Identifier: Apache-2.0 */
/* Operators A to M, each with its first types: small draws at random. */
#include "seeds.h"

const char *const seeds_a_m[] = {
    "ABS a:f32[6] -> b:f32[6]",
    "ABS.2 a:i8[4,1,2]q0.1449:-98 -> b:i8[4,1,2]q0.0205:88",
    "ADD a:f32[1,1,4] b:f32[1,1,4] -> c:f32[1,1,4] {fused_activation_function=1}",
    "ADD.2 a:i8[4,5,1,4]q0.006834:-86 b:i8[]q0.006156:5 -> c:i8[4,5,1,4]q0.0104:-80",
    "ADD.3 a:i16[2,1,1]q3.633e-05:0 b:i16[1]q8.851e-05:0 -> c:i16[2,1,1]q0.0002017:0 "
    "{fused_activation_function=3 pot_scale_int16=0}",
    "ADD a:i32[4,1,3,2] b:i32[4,1,3,2] -> c:i32[4,1,3,2] {fused_activation_function=3}",
    "ADD_N a:f32[1,4,2,5] b:f32[1,4,2,5] -> c:f32[1,4,2,5]",
    "ADD_N a:i32[3,1,1,1,2] b:i32[3,1,1,1,2] -> c:i32[3,1,1,1,2]",
    "ARG_MAX a:f32[2,2,4,3,2] b:i64[]={-3} -> c:i64[2,2,3,2] {output_type=4}",
    "ARG_MAX.2 a:i8[2,5,3]q0.006231:-35 b:i64[]={-2} -> c:i64[2,3] {output_type=4}",
    "ARG_MIN a:f32[1,1,2] b:i32[]={-1} -> c:i32[1,1] {output_type=2}",
    "ARG_MIN.2 a:i8[3,3,4]q0.1393:-39 b:i32[]={1} -> c:i32[3,4] {output_type=2}",
    "ATAN2 a:f32[1,5,3,1] b:f32[1,5,3,1] -> c:f32[1,5,3,1]",
    "ATAN2 a:f64[1,1,5] b:f64[1,1,5] -> c:f64[1,1,5]",
    "AVERAGE_POOL_2D a:f32[1,6,2,15] -> b:f32[1,3,1,15] {padding=1 stride_w=1 stride_h=2 "
    "filter_width=2 filter_height=2}",
    "AVERAGE_POOL_2D.2 a:i8[1,7,3,23]q0.04988:5 -> b:i8[1,3,3,23]q0.04988:5 {padding=1 stride_w=1 "
    "stride_h=1 filter_width=1 filter_height=5}",
    "BATCH_MATMUL.2 a:f32[2,5,3] b:f32[2,3,1] -> c:f32[2,5,1]",
    "BATCH_MATMUL.2 a:i8[1,1,1,12]q0.2184:-59 b:i8[1,1,12,3]q0.1685:8 -> c:i8[1,1,1,3]q13.74:27",
    "BATCH_MATMUL.3 a:i16[1,2,6]q0.001508:0 b:i16[1,6,6]q0.0006951:0 -> c:i16[1,2,6]q0.07071:0 "
    "{adj_y=1}",
    "BATCH_TO_SPACE_ND.2 a:f32[2,1,2,4] b:i32[2]={1,1} c:i32[2,2] -> d:f32[2,1,2,4]",
    "BATCH_TO_SPACE_ND.2 a:i8[4,2,3,2] b:i32[2]={1,2} c:i32[2,2]={1,0,1,0} -> d:i8[2,1,5,2]",
    "BITCAST a:i8[5,3,1] -> b:u8[5,3,1]",
    "BITCAST a:i16[3,5,3,2,4] -> b:u16[3,5,3,2,4]",
    "BITWISE_XOR a:i8[1,1,5] b:i8[4,3,5] -> c:i8[4,3,5]",
    "BITWISE_XOR a:i16[1,2] b:i16[1,2] -> c:i16[1,2]",
    "BROADCAST_ARGS a:i64[1] b:i64[1] -> c:i64[1]",
    "BROADCAST_ARGS a:i32[4] b:i32[4] -> c:i32[4]",
    "BROADCAST_TO.3 a:f32[4,1] b:i32[3] -> c:f32[3,4,3]",
    "BROADCAST_TO.3 a:i8[6,1] b:i64[2]={6,2} -> c:i8[6,2]",
    "BUCKETIZE a:f32[3,1,2] -> b:i32[3,1,2] {boundaries=[-6.13253]}",
    "BUCKETIZE a:i32[1,1,1,5,5] -> b:i32[1,1,1,5,5] "
    "{boundaries=[-3.18932,-1.74897,2.00396,2.47983,5.44795]}",
    "CAST.5 a:f64[2] -> b:bool[2] {in_data_type=10 out_data_type=6}",
    "CAST.5 a:u8[4,4] -> b:f64[4,4] {in_data_type=3 out_data_type=10}",
    "CAST.5 a:i16[3,5,2,3,4] -> b:i8[3,5,2,3,4] {in_data_type=7 out_data_type=9}",
    "CAST.5 a:u16[6,4,1,6] -> b:u8[6,4,1,6] {in_data_type=16 out_data_type=3}",
    "CEIL a:f32[7,9,8] -> b:f32[7,9,8]",
    "COMPLEX_ABS a:c64[3,3,2] -> b:f32[3,3,2]",
    "CONCATENATION a:f32[5,1,1] -> b:f32[5,1,1]",
    "CONCATENATION.2 a:i8[4]q0.01687:44 b:i8[4]q0.01687:44 c:i8[1]q0.01687:44 d:i8[2]q0.01687:44 "
    "e:i8[5]q0.01687:44 -> f:i8[16]q0.01687:44 {axis=-1}",
    "CONV_2D.6 a:f32[2,8,3,3] b:f32[51,3,3,1]= c:f32[51]= -> d:f32[2,3,1,51] {padding=1 stride_w=2 "
    "stride_h=2}",
    "CONV_2D.3 a:i8[1,8,6,2]q0.1892:-67 b:i8[1,3,3,2]q0.001741:0= c:i32[1]q0.0003294:0={-972} -> "
    "d:i8[1,6,4,1]q0.1554:64 {padding=1 stride_w=1 stride_h=1 fused_activation_function=3}",
    "CONV_2D.5 a:f32[1,3,3,1] b:i8[17,1,1,1]q0.0124:0/0= c:f32[17]= -> d:f32[1,1,3,17] {stride_w=1 "
    "stride_h=3}",
    "CONV_2D.4 a:i16[1,6,6,1]q0.0002504:0 b:i8[1,3,3,1]q0.003518:0= c:i64[1]q8.809e-07:0={-64} -> "
    "d:i16[1,4,4,1]q0.0004846:0 {padding=1 stride_w=1 stride_h=1 fused_activation_function=3}",
    "CONV_3D a:f32[2,7,7,3,1] b:f32[3,3,1,1,1]= c:f32[1]={1.60463} -> d:f32[2,7,7,3,1] {stride_d=1 "
    "stride_w=1 stride_h=1}",
    "COS a:f32[3,5,6] -> b:f32[3,5,6]",
    "CUMSUM a:f32[6,1,1] b:i32[]={-3} -> c:f32[6,1,1] {exclusive=1}",
    "CUMSUM a:i32[1,1,2] b:i32[]={-2} -> c:i32[1,1,2]",
    "DEPTHWISE_CONV_2D.2 a:f32[1,6,6,1] b:f32[1,5,5,3]= c:f32[3]={0.194458,-3.06506,1.28595} -> "
    "d:f32[1,3,3,3] {stride_w=2 stride_h=2 depth_multiplier=3}",
    "DEPTHWISE_CONV_2D.3 a:i8[1,4,4,1]q0.01459:-67 b:i8[1,2,3,3]q0.001403:0/3= "
    "c:i32[3]q2.047e-05:0/0={-1623,810,-1893} -> d:i8[1,3,2,3]q0.01616:-29 {padding=1 stride_w=1 "
    "stride_h=1 depth_multiplier=3}",
    "DEPTHWISE_CONV_2D.6 a:f32[2,3,7,1] b:i8[1,2,4,1]q0.005041:0= c:f32[1]={2.54535} -> "
    "d:f32[2,1,2,1] {padding=1 stride_w=3 stride_h=3 depth_multiplier=1 "
    "fused_activation_function=3}",
    "DEPTHWISE_CONV_2D.5 a:i16[1,4,9,3]q0.002755:0 b:i8[1,1,1,3]q0.003377:0/3={90,11,108} "
    "c:i64[3]q9.303e-06:0/0={-609,337,1457} -> d:i16[1,2,3,3]q0.002665:0 {stride_w=3 stride_h=3 "
    "depth_multiplier=1 fused_activation_function=3 dilation_w_factor=2 dilation_h_factor=2}",
    "DEPTH_TO_SPACE a:f32[1,4,3,4] -> b:f32[1,8,6,1] {block_size=2}",
    "DEPTH_TO_SPACE a:i64[1,3,3,18] -> b:i64[1,9,9,2] {block_size=3}",
    "DEQUANTIZE.3 a:i8[7,9,8,1]q0.03862:-41 -> b:f32[7,9,8,1]",
    "DEQUANTIZE.3 a:i16[1,8,3]q6.576e-05:0 -> b:f32[1,8,3]",
    "DILATE a:f32[1,5] b:i32[2]={1,2} c:f32[]={-1.24035} -> d:f32[1,9]",
    "DILATE a:i8[1,2,5,2] b:i32[4]={1,2,2,2} c:i8[]={62} -> d:i8[1,3,9,3]",
    "DIV a:f32[1,2,3] b:f32[1,2,3] -> c:f32[1,2,3] {fused_activation_function=3}",
    "DIV a:i32[1,1,1,4] b:i32[] -> c:i32[1,1,1,4] {fused_activation_function=2}",
    "DYNAMIC_UPDATE_SLICE a:i8[1,6,4,5] b:i8[1,4,1,5] c:i32[4] -> d:i8[1,6,4,5]",
    "DYNAMIC_UPDATE_SLICE a:bool[1,4,1] b:bool[1,2,1] c:i32[3] -> d:bool[1,4,1]",
    "ELU a:f32[3,2,6] -> b:f32[3,2,6]",
    "ELU a:i8[1,1,2]q0.2032:-57 -> b:i8[1,1,2]q0.01362:74",
    "EMBEDDING_LOOKUP a:i32[4] b:f32[4,2,6]= -> c:f32[4,2,6]",
    "EMBEDDING_LOOKUP a:i32[5] b:i8[9,1,1]q0.2858:-70= -> c:i8[5,1,1]q0.2858:-70",
    "EQUAL.3 a:f32[5,3,1] b:f32[5,3,1] -> c:bool[5,3,1]",
    "EQUAL.3 a:i8[2]q0.02205:10 b:i8[2]q0.1829:3 -> c:bool[2]",
    "EXP.2 a:f32[3,4,6] -> b:f32[3,4,6]",
    "EXP.2 a:i8[5,3,1,4]q0.01949:-29 -> b:i8[5,3,1,4]q0.03524:85",
    "EXPAND_DIMS a:f32[4,1] b:i32[1]={0} -> c:f32[1,4,1]",
    "EXPAND_DIMS a:i8[4,1,3,5] b:i32[1]={-5} -> c:i8[1,4,1,3,5]",
    "FAKE_QUANT.2 a:f32[3,1,3,6] -> b:f32[3,1,3,6] {min=-0.541409 max=1.24656 num_bits=4}",
    "FILL.4 a:i64[2]={4,4} b:f32[] -> c:f32[4,4]",
    "FILL.4 a:i32[4] b:i8[] -> c:i8[6,1,3,4]",
    "FLOOR a:f32[9,6,9] -> b:f32[9,6,9]",
    "FLOOR_DIV.3 a:f32[] b:f32[1] -> c:f32[1]",
    "FLOOR_DIV.3 a:i8[1,2,1] b:i8[1] -> c:i8[1,2,1]",
    "FLOOR_MOD.2 a:f32[1,3,2,3] b:f32[1,3,2,1] -> c:f32[1,3,2,3]",
    "FLOOR_MOD.2 a:i8[2,1,3,5] b:i8[2,1,3,5] -> c:i8[2,1,3,5]",
    "FULLY_CONNECTED.5 a:f32[1,4,4] b:f32[10,4]= c:f32[10]= -> d:f32[1,4,10] "
    "{fused_activation_function=3 keep_num_dims=1}",
    "FULLY_CONNECTED.12 a:i8[1,3,4]q0.09243:36 b:i8[1,4]q0.004642:0={-63,106,49,-21} "
    "c:i32[1]q0.0004291:0={-1686} -> d:i8[1,3,1]q0.0896:70 {keep_num_dims=1}",
    "FULLY_CONNECTED.12 a:f32[1,4] b:i8[10,4]q0.003102:0/0= - -> c:f32[1,10] "
    "{fused_activation_function=2}",
    "FULLY_CONNECTED.11 a:i16[1,1,64]q3.466e-05:0 b:i8[1,64]q0.002549:0= "
    "c:i64[1]q8.834e-08:0={-990} -> d:i16[1,1]q7.854e-05:0 {fused_activation_function=3}",
    "GATHER.3 a:f32[1,5,2] b:i32[3] -> c:f32[3,5,2] {axis=-3}",
    "GATHER.3 a:i8[5,4,4] b:i32[2] -> c:i8[5,2,4] {axis=1}",
    "GATHER_ND.3 a:i8[1,3,1,1] b:i32[3,2,1] -> c:i8[3,2,3,1,1]",
    "GATHER_ND.3 a:i16[3,2] b:i64[3,2,2] -> c:i16[3,2]",
    "GELU.2 a:f32[9,6,5] -> b:f32[9,6,5]",
    "GELU.2 a:i8[9,9,6]q0.02149:49 -> b:i8[9,9,6]q0.01742:-24",
    "GREATER.2 a:f32[4,3] b:f32[4,3] -> c:bool[4,3]",
    "GREATER.2 a:i8[2,4,3]q0.01028:48 b:i8[2,4,3]q0.008213:-35 -> c:bool[2,4,3]",
    "GREATER_EQUAL.2 a:f32[5,5,1] b:f32[5,5,1] -> c:bool[5,5,1]",
    "GREATER_EQUAL.2 a:i8[5,4,3]q0.1334:87 b:i8[]q0.007068:49 -> c:bool[5,4,3]",
    "HARD_SWISH a:f32[3,2,6] -> b:f32[3,2,6]",
    "HARD_SWISH a:i8[6,9,1]q0.0801:18 -> b:i8[6,9,1]q0.00338:38",
    "HASHTABLE_LOOKUP a:i32[1] b:i32[5]={1,13,16,25,29} c:f32[5,4]= -> d:f32[1,4] e:u8[1]",
    "HASHTABLE_LOOKUP a:i32[1] b:i32[3]={4,7,20} c:i32[3,1]={-9708,-4021,4034} -> d:i32[1,1] "
    "e:u8[1]",
    "IMAG a:c64[7] -> b:f32[7]",
    "L2_NORMALIZATION.2 a:f32[5,5,6,1] -> b:f32[5,5,6,1]",
    "L2_NORMALIZATION.2 a:i8[1,3,5,2]q0.2298:49 -> b:i8[1,3,5,2]q0.0078125:0",
    "L2_POOL_2D a:f32[2,8,6,3] -> b:f32[2,8,6,3] {stride_w=1 stride_h=1 filter_width=3 "
    "filter_height=3}",
    "LEAKY_RELU a:f32[8,3,8] -> b:f32[8,3,8] {alpha=0.107359}",
    "LEAKY_RELU.2 a:i8[2,1,1]q0.1581:56 -> b:i8[2,1,1]q0.191:38 {alpha=0.0408099}",
    "LESS.2 a:f32[3,2,5] b:f32[3,2,5]= -> c:bool[3,2,5]",
    "LESS.2 a:i8[1,4,5]q0.1044:12 b:i8[1,4,5]q0.04573:-8 -> c:bool[1,4,5]",
    "LESS_EQUAL.2 a:f32[2,1,2,1] b:f32[2,1,2,1] -> c:bool[2,1,2,1]",
    "LESS_EQUAL.2 a:i8[5,4,4]q0.007537:63 b:i8[5,4,4]q0.00527:9 -> c:bool[5,4,4]",
    "LOCAL_RESPONSE_NORMALIZATION a:f32[7,1,9,8] -> b:f32[7,1,9,8] {radius=3 bias=1 alpha=0.5 "
    "beta=0.5}",
    "LOG a:f32[9,8,1] -> b:f32[9,8,1]",
    "LOG.2 a:i8[9,9,6]q0.07409:-128 -> b:i8[9,9,6]q0.1658:74",
    "LOGICAL_AND a:bool[5,2,4] b:bool[5,2,4] -> c:bool[5,2,4]",
    "LOGICAL_NOT a:bool[9,4,5] -> b:bool[9,4,5]",
    "LOGICAL_OR a:bool[1,5,5] b:bool[1,5,5] -> c:bool[1,5,5]",
    "LOGISTIC a:f32[1,3,1] -> b:f32[1,3,1]",
    "LOGISTIC.2 a:i8[1,6,3]q0.01002:54 -> b:i8[1,6,3]q0.003906:-128",
    "LOG_SOFTMAX a:f32[3] -> b:f32[3]",
    "LOG_SOFTMAX.2 a:i8[1,4,9]q0.08594:34 -> b:i8[1,4,9]q0.0625:127",
    "LSTM a:f32[1,5] - b:f32[8,5]= c:f32[8,5]= d:f32[8,5]= - e:f32[8,8]= f:f32[8,8]= g:f32[8,8]= - "
    "- - - h:f32[8]= i:f32[8]= j:f32[8]= - - k:f32[1,8]~ l:f32[1,8]~ -> m:f32[1,8] "
    "{fused_activation_function=4 cell_clip=1.5 proj_clip=1}",
    "LSTM.3 a:f32[2,7] - b:i8[7,7]q0.00662:0= c:i8[7,7]q0.006553:0= d:i8[7,7]q0.004918:0= - "
    "e:i8[7,5]q0.003203:0= f:i8[7,5]q0.004874:0= g:i8[7,5]q0.004478:0= - - - - h:f32[7]= i:f32[7]= "
    "j:f32[7]= k:i8[5,7]q0.007575:0= l:f32[5]= m:f32[2,5]~ n:f32[2,7]~ -> o:f32[2,5] "
    "{fused_activation_function=4 proj_clip=1}",
    "MATRIX_DIAG a:f32[3,2] -> b:f32[3,2,2]",
    "MATRIX_DIAG a:u8[3,6] -> b:u8[3,6,6]",
    "MATRIX_SET_DIAG a:f32[5,3,4] b:f32[5,3] -> c:f32[5,3,4]",
    "MATRIX_SET_DIAG a:i8[6,5,1,3] b:i8[6,5,1] -> c:i8[6,5,1,3]",
    "MAXIMUM a:f32[2,1,1,3] b:f32[2,4,3,3] -> c:f32[2,4,3,3]",
    "MAXIMUM.2 a:i8[1,5,1,3]q0.2301:71 b:i8[3]q0.2301:71 -> c:i8[1,5,1,3]q0.2301:71",
    "MAX_POOL_2D a:f32[1,3,2,3] -> b:f32[1,1,1,3] {padding=1 stride_w=3 stride_h=1 filter_width=2 "
    "filter_height=3}",
    "MAX_POOL_2D.2 a:i8[1,7,6,1]q0.07541:-29 -> b:i8[1,3,6,1]q0.07541:-29 {stride_w=1 stride_h=3 "
    "filter_width=2 filter_height=5}",
    "MEAN.2 a:f32[1,4,6] b:i32[2]={-1,-3} -> c:f32[4]",
    "MEAN.2 a:i8[7,6,5]q0.02611:-14 b:i32[3] -> c:i8[]q0.2272:-77",
    "MEAN.2 a:i16[6,2]q0.0002299:0 b:i32[1] -> c:i16[6]q0.002617:0",
    "MEAN.2 a:u8[6,2,3]q0.008363:100 b:i32[1] -> c:u8[6,3]q0.02193:115",
    "MINIMUM a:f32[4] b:f32[] -> c:f32[4]",
    "MINIMUM.2 a:i8[1,2,1]q0.005058:-37 b:i8[1,2,1]q0.005058:-37 -> c:i8[1,2,1]q0.005058:-37",
    "MIRROR_PAD.2 a:f32[4,5,3] b:i32[3,2]={4,4,2,0,1,2} -> c:f32[12,7,6] {mode=1}",
    "MIRROR_PAD.2 a:i8[5,2]q0.01925:-5 b:i32[2,2]={1,1,1,0} -> c:i8[7,3]q0.01925:-5 {mode=1}",
    "MUL a:f32[2,3,2] b:f32[2,3,1] -> c:f32[2,3,2] {fused_activation_function=1}",
    "MUL.2 a:i8[4,5,4]q0.04377:37 b:i8[4,5,4]q0.02379:-40 -> c:i8[4,5,4]q0.1781:51",
    "MUL.4 a:i16[4]q0.00161:0 b:i16[5,1,1,4]q0.00294:0= -> c:i16[5,1,1,4]q0.151:0",
    "MUL a:i32[1,2,1,5] b:i32[1,5]={421,-4856,2057,5790,-9633} -> c:i32[1,2,1,5]",
    NULL};
