/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out: for every allocation of a clean life of a model, that one is refused, and
 * again that one and all after it. The call must say so, nothing may be lost, and the same objects
 * must work once there is memory again.
 */
#include <stdlib.h>

#include "draft/draft.h"
#include "seeds.h"
#include "unit/counting_allocator.h"
#include "unit/expect.h"

typedef struct subject {
    const char *name;
    unsigned char *bytes;
    size_t size;
    int32_t resized[MIDGE_MAX_RANK]; /* another shape of input 0, rank 0 for none */
    int resized_rank;
    int threads;
} subject;

typedef struct life {
    const subject *of;
    counting_allocator counter;
    midge_allocator allocator;
    midge_model *model;
    midge_session *session;
    midge_error error;
    unsigned long long result; /* hash of the outputs */
    int steps;                 /* done so far */
} life;

static midge_status step_load(life *at)
{
    midge_model_options options = midge_model_options_default();
    options.allocator = &at->allocator;
    return midge_model_load_memory(at->of->bytes, at->of->size, &options, &at->model, &at->error);
}

static midge_status step_create(life *at)
{
    midge_session_options options = midge_session_options_default();
    options.allocator = &at->allocator;
    options.threads = at->of->threads;
    return midge_session_create(at->model, &options, &at->session, &at->error);
}

static midge_status keep_message(life *at, midge_status status)
{
    if (status != MIDGE_OK)
        (void)snprintf(at->error.message, sizeof at->error.message, "%s",
                       midge_session_message(at->session));
    return status;
}

/* One sound string for every element. */
static midge_status write_strings(life *at, size_t index, size_t count)
{
    int32_t table[64];
    if (count > 60) return MIDGE_INVALID_ARGUMENT;
    table[0] = (int32_t)count;
    for (size_t i = 0; i <= count; ++i) table[1 + i] = 4 * ((int32_t)count + 2);
    return midge_session_write_input(at->session, index, table, 4 * (count + 2));
}

static midge_status step_write(life *at)
{
    for (size_t i = 0; i < midge_session_input_count(at->session); ++i) {
        const midge_tensor *input = midge_session_input(at->session, i);
        midge_status status = midge_session_prepare(at->session);
        if (status == MIDGE_OK && midge_tensor_type(input) == MIDGE_STRING) {
            status = write_strings(at, i, midge_tensor_elements(input));
        } else if (status == MIDGE_OK) {
            unsigned char *data = midge_tensor_data(input);
            for (size_t k = 0; k < midge_tensor_bytes(input); ++k)
                data[k] = midge_tensor_type(input) == MIDGE_BOOL ? k % 2 : (k % 4 == 0 ? k % 3 : 0);
        }
        if (status != MIDGE_OK) return keep_message(at, status);
    }
    return MIDGE_OK;
}

static midge_status step_invoke(life *at)
{
    midge_status status = keep_message(at, midge_session_invoke(at->session));
    if (status != MIDGE_OK) return status;
    for (size_t i = 0; i < midge_session_output_count(at->session); ++i) {
        const midge_tensor *output = midge_session_output(at->session, i);
        at->result =
            at->result * 31 + expect_hash(midge_tensor_data(output), midge_tensor_bytes(output));
    }
    return MIDGE_OK;
}

static midge_status step_resize(life *at)
{
    if (at->of->resized_rank == 0) return MIDGE_OK;
    return keep_message(
        at, midge_session_resize_input(at->session, 0, at->of->resized_rank, at->of->resized));
}

static midge_status step_prepare(life *at)
{
    return keep_message(at, midge_session_prepare(at->session));
}

typedef midge_status (*life_step)(life *at);

static const life_step all_steps[] = {step_load,   step_create,  step_write, step_invoke,
                                      step_resize, step_prepare, step_write, step_invoke};
enum { STEPS = sizeof all_steps / sizeof all_steps[0] };

static void begin(life *at, const subject *of, size_t from, size_t count)
{
    *at = (life){.of = of, .counter = {.refuse_from = from, .refuse_count = count}};
    at->allocator = (midge_allocator){&at->counter, counting_allocate, counting_release};
}

/* Goes on from where it stopped; ends at the first failure. */
static midge_status live(life *at)
{
    midge_status status = MIDGE_OK;
    for (; at->steps < STEPS && status == MIDGE_OK; at->steps += status == MIDGE_OK)
        status = all_steps[at->steps](at);
    return status;
}

static void end(life *at)
{
    midge_session_free(at->session);
    midge_model_free(at->model);
}

/* Refuses `count` allocations from number `from` on; true when the life was clean, because there
 * are no so many allocations or because the work goes on without this one. */
static bool refuse(const subject *of, size_t from, size_t count, unsigned long long result)
{
    life at;
    begin(&at, of, from, count);
    midge_status status = live(&at);
    bool clean = status == MIDGE_OK;
    EXPECT(clean || status == MIDGE_NO_MEMORY, "%s, from %zu: status %d in step %d (%s)", of->name,
           from, status, at.steps, at.error.message);
    EXPECT(clean || strstr(at.error.message, "memory") != NULL, "%s, from %zu: message '%s'",
           of->name, from, at.error.message);
    bool refused = at.counter.calls > from;
    at.counter.refuse_from = SIZE_MAX;
    if (!clean) {
        status = live(&at);
        EXPECT(status == MIDGE_OK, "%s, from %zu: afterwards status %d in step %d (%s)", of->name,
               from, status, at.steps, at.error.message);
    }
    EXPECT(at.result == result, "%s, from %zu: other results", of->name, from);
    end(&at);
    EXPECT(at.counter.live == 0, "%s, from %zu: %zu allocations were kept", of->name, from,
           at.counter.live);
    return clean && !refused;
}

/* Refuses and gives up: everything must be freeable as it stands. */
static void refuse_and_free(const subject *of, size_t from)
{
    life at;
    begin(&at, of, from, SIZE_MAX);
    (void)live(&at);
    end(&at);
    EXPECT(at.counter.live == 0, "%s, from %zu: %zu allocations were kept when freed at once",
           of->name, from, at.counter.live);
}

/* Returns the number of allocations; 0 when the subject refuses these inputs. */
static size_t try_subject(const subject *of)
{
    life clean;
    begin(&clean, of, SIZE_MAX, 0);
    midge_status status = live(&clean);
    EXPECT(status == MIDGE_OK || status == MIDGE_RUN_ERROR, "%s: step %d: %s", of->name,
           clean.steps, clean.error.message);
    end(&clean);
    if (status != MIDGE_OK) return 0;
    size_t allocations = clean.counter.calls;
    for (size_t from = 0; from <= allocations; ++from) {
        bool past = refuse(of, from, 1, clean.result);
        EXPECT(past == (from == allocations), "%s: allocation %zu of %zu", of->name, from,
               allocations);
        (void)refuse(of, from, SIZE_MAX, clean.result);
        refuse_and_free(of, from);
    }
    return allocations;
}

static void try_surely(const subject *of)
{
    size_t allocations = try_subject(of);
    EXPECT(allocations > 0, "%s does not run", of->name);
    (void)printf("%s: %zu allocations\n", of->name, allocations);
}

/* Every operator. */
static void try_seeds(void)
{
    size_t ran = 0, allocations = 0, all = 0;
    for (; seed_text(all) != NULL; ++all) {
        subject made = {.name = seed_text(all), .threads = 1 + (int)(all % 2)};
        made.bytes = draft_file(made.name, &made.size);
        size_t count = try_subject(&made);
        ran += count > 0;
        allocations += count;
        free(made.bytes);
    }
    EXPECT(ran * 10 > all * 9, "only %zu of %zu models of one operator run", ran, all);
    (void)printf("%zu models of one operator: %zu allocations\n", ran, allocations);
}

static subject from_text(const char *name, const char *text)
{
    subject made = {.name = name, .threads = 1};
    made.bytes = draft_file(text, &made.size);
    return made;
}

static void try_text(const char *name, const char *text)
{
    subject made = from_text(name, text);
    try_surely(&made);
    free(made.bytes);
}

static void try_resized(const char *name, const char *text, int rank, const int32_t *shape)
{
    subject made = from_text(name, text);
    made.resized_rank = rank;
    made.threads = 2;
    memcpy(made.resized, shape, (size_t)rank * sizeof *shape);
    try_surely(&made);
    free(made.bytes);
}

static void try_file(const char *name)
{
    char path[300];
    subject made = {.name = name, .threads = 1};
    (void)snprintf(path, sizeof path, "%s/models/%s", MIDGE_SOURCE_DIR, name);
    FILE *stream = fopen(path, "rb");
    EXPECT(stream != NULL, "%s is not there", path);
    if (stream == NULL) return;
    made.bytes = malloc(1 << 20);
    if (made.bytes != NULL) made.size = fread(made.bytes, 1, 1 << 20, stream);
    (void)fclose(stream);
    try_surely(&made);
    free(made.bytes);
}

int main(void)
{
    try_file("fashion_mnist_int8.tflite");
    try_file("fashion_mnist_float.tflite");
    try_resized("convolutions",
                "CONV_2D x:f32[1,9,9,3] w:f32[8,3,3,3]= b:f32[8]= -> a:f32[1,9,9,8] {stride_w=1 "
                "stride_h=1 fused_activation_function=1}; DEPTHWISE_CONV_2D a v:f32[1,3,3,8]= "
                "c:f32[8]= -> d:f32[1,9,9,8] {stride_w=1 stride_h=1 depth_multiplier=1}; "
                "MAX_POOL_2D d -> e:f32[1,4,4,8] {padding=1 stride_w=2 stride_h=2 filter_width=2 "
                "filter_height=2}; MEAN e m:i32[2]={1,2} -> f:f32[1,8]; FULLY_CONNECTED f "
                "u:f32[5,8]= - -> g:f32[1,5]; SOFTMAX g -> y:f32[1,5] {beta=1}",
                4, (int32_t[]){2, 12, 7, 3});
    try_text("LSTM",
             "UNIDIRECTIONAL_SEQUENCE_LSTM x:f32[1,5,2] - b:i8[5,2]q0.003:0= c:i8[5,2]q0.007:0= "
             "d:i8[5,2]q0.007:0= - e:i8[5,5]q0.004:0= f:i8[5,5]q0.005:0= g:i8[5,5]q0.003:0= - - - "
             "- h:f32[5]= i:f32[5]= j:f32[5]= - - k:f32[1,5]~ l:f32[1,5]~ -> m:f32[1,5,5] "
             "{fused_activation_function=4}; SVDF n:f32[1,2] o:f32[2,2]= p:f32[2,3]= - q:f32[1,6]~ "
             "-> r:f32[1,2] {rank=1}");
    try_text("control flow",
             "WHILE i:i32[1] x:f32[1] -> j:i32[1] y:f32[1] {cond_subgraph_index=1 "
             "body_subgraph_index=2}; IF c:bool[1] y -> z:f32[4] {then_subgraph_index=3 "
             "else_subgraph_index=4}; CALL_ONCE -> {init_subgraph_index=5}; VAR_HANDLE -> h:res[1] "
             "{shared_name=v}; READ_VARIABLE h -> r:f32[4]; in i x c; out j z r;"
             "graph cond; in i:i32[1] x:f32[1]; LESS i n:i32[1]={3} -> b:bool[1]; out b;"
             "graph body; in i:i32[1] x:f32[1]; ADD i o:i32[1]={1} -> j:i32[1]; CONCATENATION x "
             "f:f32[1]={2} -> y:f32[2]; out j y;"
             "graph then; ABS x:f32[4] -> y:f32[4]; graph else; RESHAPE x:f32[4] s:i32[2]={2,2} -> "
             "y:f32[2,2];"
             "graph init; VAR_HANDLE -> h:res[1] {shared_name=v}; ASSIGN_VARIABLE h k:f32[4]= ->");
    try_resized("shapes known late",
                "WHERE x:f32[2,3] -> a:i64[4,2]; CAST a -> b:f32[4,2]; TRANSPOSE b p:i32[2]={1,0} "
                "-> c:f32[2,4]; UNIQUE d:i32[5] -> e:i32[3] f:i32[5]; NON_MAX_SUPPRESSION_V4 "
                "g:f32[6,4] h:f32[6] i:i32[]={3} j:f32[]={0.5} k:f32[]={0} -> l:i32[3] m:i32[]; "
                "REVERSE_V2 c q:i32[1]={0} -> r:f32[2,4]",
                2, (int32_t[]){5, 4});
    try_text("strings",
             "GATHER s:str[3] i:i32[2]={2,0} -> t:str[2]; RESHAPE t p:i32[2]={1,2} -> u:str[1,2]; "
             "HASHTABLE -> h:res[1] {table_id=1 key_dtype=4 value_dtype=5}; HASHTABLE_IMPORT h "
             "k:i64[2]={3,9} v:str[2]={ab,c} ->; HASHTABLE_FIND h q:i64[3] d:str[1]={none} -> "
             "y:str[3]; SKIP_GRAM w:str[1] -> z:str[1] {ngram_size=2 max_skip_size=1}");
    try_seeds();
    return expect_finish();
}
