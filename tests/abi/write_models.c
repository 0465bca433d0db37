/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the models that the programs of this folder run, one file each. usage: write_models DIR */
#include <stdio.h>
#include <stdlib.h>

#include "draft/draft.h"

typedef struct named_draft {
    const char *name;
    const char *text;
} named_draft;

/* clang-format off */
/* Options of a detector as a FlexBuffer: 5 detections of 2 classes, scores from 0.05 on, overlaps
 * up to 0.6, scales 10, 10, 5, 5, one class each. */
#define DETECTOR_OPTIONS \
    "6d61785f646574656374696f6e73006d61785f636c61737365735f7065725f646574656374696f6e00646574" \
    "656374696f6e735f7065725f636c617373006e756d5f636c6173736573006e6d735f73636f72655f74687265" \
    "73686f6c64006e6d735f696f755f7468726573686f6c6400795f7363616c6500785f7363616c6500685f7363" \
    "616c6500775f7363616c65007573655f726567756c61725f6e6d73000b782294a4475c691821323b00000000" \
    "0f0000000000000001000000000000000b000000000000000500000000000000000000000000144001000000" \
    "000000000500000000000000333333333333e33f9a9999999999a93f02000000000000000000000000000000" \
    "000000000000144000000000000024400000000000002440070f07070f0f076b0f0f0f632701"
/* clang-format on */

static const named_draft drafts[] = {
    {"add_one", "ADD x:f32[?,3] one:f32[3]={1} -> y:f32[?,3]; signature serve x=x -> y=y"},
    {"two_inputs",
     "ADD b:f32[2,2] a:f32[2,2] -> s:f32[2,2]; MUL s a -> p:f32[2,2]; in b a; out s p"},
    {"quantised", "ADD x:i8[1,4]q0.5:3 c:i8[4]q0.25:-1={1,2,3,4} -> y:i8[1,4]q1:0"},
    {"bytes", "ADD x:u8[1,4]q1:0 c:u8[4]q1:0={4} -> y:u8[1,4]q1:0"},
    {"per_channel",
     "CONV_2D x:i8[1,4,4,2]q0.5:3 w:i8[3,1,1,2]q0.5:0/0= b:i32[3]q0.25:0/0= -> y:i8[1,4,4,3]q2:0 "
     "{padding=1 stride_w=1 stride_h=1}"},
    {"two_signatures",
     "ADD x:f32[2] k:f32[1]={1} -> y:f32[2]\nsignature first p=x -> q=y\ngraph other\n"
     "MUL u:f32[3] t:f32[1]={2} -> v:f32[3]\nsignature second b=u -> a=v"},
    {"scalar", "NEG x:f32[] -> y:f32[]"},
    {"integers", "ADD x:i32[5] c:i32[1]={7} -> y:i32[5]"},
    {"booleans", "LOGICAL_NOT x:bool[6] -> y:bool[6]"},
    {"late_shape", "WHERE x:bool[6] -> y:i64[?,1]"},
    {"constant_output", "SHAPE x:f32[2,5] -> y:i32[2] {out_type=2}"},
    {"softmax", "SOFTMAX x:f32[?,5] -> y:f32[?,5] {beta=1}"},
    {"chain", "NEG x:f32[?,3] -> a:f32[?,3]; ABS x -> b:f32[?,3]; EXP b -> e:f32[?,3]; ADD a "
              "one:f32[1]={1} -> c:f32[?,3]; MUL e c -> d:f32[?,3]; NEG d -> y:f32[?,3]; out y c"},
    {"detector", "custom:TFLite_Detection_PostProcess boxes:f32[1,6,4] classes:f32[1,6,3] "
                 "anchors:f32[6,4]={0.25,0.2,0.4,0.3,0.25,0.5,0.4,0.3,0.25,0.8,0.4,0.3,0.75,0.2,0."
                 "4,0.3,0.75,0.5,0.4,0.3,0.75,0.8,0.4,0.3} "
                 "-> b:f32[1,5,4] c:f32[1,5] s:f32[1,5] n:f32[1] {#" DETECTOR_OPTIONS "}"},
    {"custom", "custom:Twice x:f32[?,3] -> y:f32[?,3] {#0102030405}"},
};

int main(int argc, char **argv)
{
    if (argc < 2) return 2;
    for (size_t i = 0; i < sizeof drafts / sizeof drafts[0]; ++i) {
        char path[1024];
        size_t size;
        unsigned char *bytes = draft_file(drafts[i].text, &size);
        (void)snprintf(path, sizeof path, "%s/%s.tflite", argv[1], drafts[i].name);
        FILE *file = fopen(path, "wb");
        if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
            fprintf(stderr, "cannot write %s\n", path);
            return 1;
        }
        free(bytes);
    }
    return 0;
}
