/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the models that the programs of this folder run, one file each. usage: write_models DIR */
#include <stdio.h>
#include <stdlib.h>

#include "draft/draft.h"

typedef struct named_draft {
    const char *name;
    const char *text;
} named_draft;

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
