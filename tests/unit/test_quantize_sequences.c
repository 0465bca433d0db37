/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optimised recurrent layers, with their states, and graphs that nodes call: what has an integer
 * form takes it, what has none is written out, narrowed or left float, and the outputs stay right.
 */
#include "optimised.h"

/* ---- Models ---- */

/* Long short-term memory. */
static const char plain_memory[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[2,5,12] a:f32[8,12]= b:f32[8,12]= c:f32[8,12]= "
    "d:f32[8,12]= e:f32[8,8]= f:f32[8,8]= g:f32[8,8]= h:f32[8,8]= - - - i:f32[8]= j:f32[8]= "
    "k:f32[8]= l:f32[8]= - - m:f32[2,8]~ n:f32[2,8]~ - - - - -> y:f32[2,5,8] "
    "{fused_activation_function=4}";
/* Coupled gates, norms and a projection; and peepholes, with the steps outside of the batch. */
static const char normalised[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[2,5,12] - b:f32[16,12]= c:f32[16,12]= d:f32[16,12]= - "
    "f:f32[16,8]= g:f32[16,8]= h:f32[16,8]= - - - - p:f32[16]= q:f32[16]= i:f32[16]= r:f32[8,16]= "
    "s:f32[8]= m:f32[2,8]~ n:f32[2,16]~ - j:f32[16]= k:f32[16]= l:f32[16]= -> y:f32[2,5,8] "
    "{fused_activation_function=4 cell_clip=3}";
static const char peeping[] =
    "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[4,3,12] a:f32[8,12]= b:f32[8,12]= c:f32[8,12]= "
    "d:f32[8,12]= e:f32[8,8]= f:f32[8,8]= g:f32[8,8]= h:f32[8,8]= o:f32[8]= p:f32[8]= q:f32[8]= "
    "i:f32[8]= j:f32[8]= k:f32[8]= l:f32[8]= - - m:f32[3,8]~ n:f32[3,8]~ - - - - -> y:f32[4,3,8] "
    "{fused_activation_function=4 time_major=1}";
/* Written out step by step; the second with the steps outside of the batch, and a neighbour. */
static const char stepped[] =
    "UNIDIRECTIONAL_SEQUENCE_RNN x:f32[2,6,12] a:f32[8,12]= b:f32[8,8]= c:f32[8]= s:f32[2,8]~ -> "
    "y:f32[2,6,8] {fused_activation_function=4}";
static const char stepped_outside[] =
    "UNIDIRECTIONAL_SEQUENCE_RNN x:f32[6,2,12] a:f32[8,12]= b:f32[8,8]= c:f32[8]= s:f32[2,8]~ -> "
    "h:f32[6,2,8] {fused_activation_function=1 time_major=1};"
    "FULLY_CONNECTED h d:f32[5,8]= e:f32[5]= -> f:f32[12,5];"
    "LOGISTIC f -> g:f32[12,5]; FULLY_CONNECTED g i:f32[5,5]= j:f32[5]= -> y:f32[12,5]";
static const char stepped_once[] =
    "UNIDIRECTIONAL_SEQUENCE_RNN x:f32[1,1,12] a:f32[8,12]= b:f32[8,8]= c:f32[8]= s:f32[1,8]~ -> "
    "y:f32[1,1,8] {fused_activation_function=0}";

/* Bodies: their weights become int8, what they take and give stays float. */
static const char chosen[] =
    "FULLY_CONNECTED x:f32[1,40] w:f32[40,40]= b:f32[40]= -> a:f32[1,40];"
    "REDUCE_MAX a r:i32[2]={0,1} -> m:f32[]; GREATER m k:f32[]={0.5} -> c:bool[];"
    "IF c a -> d:f32[1,30] {then_subgraph_index=1 else_subgraph_index=2};"
    "FULLY_CONNECTED d e:f32[10,30]= f:f32[10]= -> y:f32[1,10];"
    "graph then; FULLY_CONNECTED g:f32[1,40] h:f32[30,40]= i:f32[30]= -> j:f32[1,30];"
    "graph else; FULLY_CONNECTED k:f32[1,40] l:f32[30,40]= - -> n:f32[1,30]";
static const char looped[] =
    "FULLY_CONNECTED x:f32[1,40] w:f32[40,40]= b:f32[40]= -> a:f32[1,40];"
    "WHILE i:i32[1]={0} a -> j:i32[1] d:f32[1,40] {cond_subgraph_index=1 body_subgraph_index=2};"
    "FULLY_CONNECTED d e:f32[10,40]= f:f32[10]= -> y:f32[1,10]; out y;"
    "graph condition; in i:i32[1] v:f32[1,40]; LESS i n:i32[1]={3} -> c:bool[1]; out c;"
    "graph body; in i:i32[1] v:f32[1,40]; ADD i o:i32[1]={1} -> j:i32[1];"
    "FULLY_CONNECTED v g:f32[40,40]= h:f32[40]= -> k:f32[1,40]; TANH k -> l:f32[1,40]; out j l";
/* A running sum, which a graph of its own begins. */
static const char remembered[] =
    "CALL_ONCE -> {init_subgraph_index=1}; VAR_HANDLE -> h:res[1] {shared_name=v};"
    "READ_VARIABLE h -> r:f32[1,40]; FULLY_CONNECTED x:f32[1,40] w:f32[40,40]= b:f32[40]= -> "
    "a:f32[1,40]; ADD r a -> s:f32[1,40]; ASSIGN_VARIABLE h s ->;"
    "FULLY_CONNECTED s e:f32[10,40]= f:f32[10]= -> y:f32[1,10]; out y;"
    "graph begin; VAR_HANDLE -> h:res[1] {shared_name=v}; ASSIGN_VARIABLE h k:f32[1,40]= ->";

/* ---- Tests ---- */

/* The cell computes in integers, states included. */
static void test_lstm(void)
{
    static const network layers[] = {
        {"plain memory", plain_memory}, {"normalised", normalised}, {"peeping", peeping}};
    const bound integer = {"int8", MIDGE_OPTIMIZE_INT8, 27};
    const bound wide = {"int16x8", MIDGE_OPTIMIZE_INT16X8, 30};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
        subject at = {0};
        if (open_subject(&at, layers[i].text)) {
            check_mode(layers[i].name, at.model, &integer);
            check_noise(layers[i].name, at.model, &wide);
            check_ranges(layers[i].name, at.model);
        }
        close_subject(&at);
    }
}

/* A node's number means that of the model given, however many nodes come of another one. */
static void check_numbers(void)
{
    static const char *const numbers[] = {"1", "2", "UNIDIRECTIONAL_SEQUENCE_RNN"};
    static const size_t wanted[] = {1, 1, 1};
    subject at = {0};
    if (!open_subject(&at, stepped_outside)) return;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i) {
        midge_optimize_options options = request(MIDGE_OPTIMIZE_INT8);
        midge_error error = {MIDGE_OK, ""};
        void *bytes = NULL;
        size_t size = 0;
        options.keep_float = &numbers[i];
        options.keep_float_count = 1;
        midge_status status = midge_optimize(at.model, &options, &bytes, &size, &error);
        EXPECT(status == MIDGE_OK, "%s: %s", numbers[i], error.message);
        size_t floats = count_float_nodes(bytes, size);
        EXPECT(floats == wanted[i], "%s: %zu float nodes", numbers[i], floats);
        EXPECT(noise_of(at.model, bytes, size) >= 27, "%s: %.1f dB", numbers[i],
               noise_of(at.model, bytes, size));
        midge_optimize_free(NULL, bytes);
    }
    close_subject(&at);
}

/* No integer kernel computes a plain recurrent layer, but all do its steps. */
static void test_unrolled(void)
{
    static const network layers[] = {
        {"stepped", stepped}, {"stepped outside", stepped_outside}, {"stepped once", stepped_once}};
    static const bound modes[] = {{"int8", MIDGE_OPTIMIZE_INT8, 27},
                                  {"int16x8", MIDGE_OPTIMIZE_INT16X8, 34},
                                  {"dynamic", MIDGE_OPTIMIZE_DYNAMIC, 34}};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
        subject at = {0};
        for (size_t k = 0; k < 3 && (k > 0 || open_subject(&at, layers[i].text)); ++k)
            check_mode(layers[i].name, at.model, &modes[k]);
        close_subject(&at);
    }
    check_numbers();
}

static void test_bodies(void)
{
    static const network callers[] = {
        {"chosen", chosen}, {"looped", looped}, {"remembered", remembered}};
    /* Each round of a loop quantises its activations anew. */
    const bound modes[] = {{"dynamic", MIDGE_OPTIMIZE_DYNAMIC, 27},
                           {"int8", MIDGE_OPTIMIZE_INT8, 27},
                           {"int16x8", MIDGE_OPTIMIZE_INT16X8, 30}};
    for (size_t i = 0; i < 9; ++i) {
        midge_optimize_options options = request(modes[i % 3].mode);
        subject at = {0};
        void *bytes = NULL;
        size_t size = 0;
        if (open_subject(&at, callers[i / 3].text)) {
            check_noise(callers[i / 3].name, at.model, &modes[i % 3]);
            EXPECT(midge_optimize(at.model, &options, &bytes, &size, NULL) == MIDGE_OK &&
                       size < at.size * 2 / 3,
                   "%s %s: %zu bytes of %zu", callers[i / 3].name, modes[i % 3].name, size,
                   at.size);
            midge_optimize_free(NULL, bytes);
        }
        close_subject(&at);
    }
}

int main(void)
{
    test_lstm();
    test_unrolled();
    test_bodies();
    expect_memory_errors(stepped);
    return expect_finish();
}
