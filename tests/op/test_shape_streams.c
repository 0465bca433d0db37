/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers, which go on from run to run, and sparse constants. Numbers are LiteRT's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draft/draft.h"
#include "midge_tools.h"

/* A model of a text, loaded. */
typedef struct running {
    draft model;
    unsigned char *file;
    midge_model *loaded;
    midge_session *session;
} running;

static void parse(running *run, const char *text)
{
    memset(run, 0, sizeof *run);
    if (!draft_parse(&run->model, text)) fail_msg("%s", run->model.error.message);
}

static midge_status begin(running *run, midge_error *error)
{
    size_t size = 0;
    run->file = draft_write(&run->model, &size);
    midge_status status = midge_model_load_memory(run->file, size, NULL, &run->loaded, error);
    if (status == MIDGE_OK) status = midge_session_create(run->loaded, NULL, &run->session, error);
    return status;
}

static const void *next(running *run, size_t output)
{
    if (midge_session_invoke(run->session) != MIDGE_OK)
        fail_msg("%s", midge_session_message(run->session));
    return midge_tensor_data(midge_session_output(run->session, output));
}

static void start(running *run, const char *text)
{
    midge_error error = {0};
    parse(run, text);
    if (begin(run, &error) != MIDGE_OK) fail_msg("%s: %s", text, error.message);
}

static void stop(running *run)
{
    midge_session_free(run->session);
    midge_model_free(run->loaded);
    free(run->file);
    draft_free(&run->model);
}

/* ---- Random numbers -------------------------------------------------------------------------- */

static void uniform_numbers_are_those_of_the_seed(void **state)
{
    /* In units of 2^-23. */
    static const int32_t expected[2][6] = {{3753598, 5207287, 2173231, 2523124, 1724263, 4892716},
                                           {2313386, 2707974, 5128833, 7586877, 22431, 3283280}};
    running run;
    (void)state;
    start(&run, "RANDOM_UNIFORM s:i32[1]={6} -> y:f32[?] {seed=5 seed2=7}");
    for (int turn = 0; turn < 2; ++turn) {
        const float *numbers = next(&run, 0);
        for (int i = 0; i < 6; ++i)
            assert_int_equal((int32_t)ldexpf(numbers[i], 23), expected[turn][i]);
    }
    stop(&run);
}

/* Of a seed only the lower 32 bits count. */
static void long_seeds_are_cut(void **state)
{
    running run, same;
    (void)state;
    start(&run, "RANDOM_UNIFORM s:i32[1]={8} -> y:f32[?] {seed=5 seed2=7}");
    start(&same, "RANDOM_UNIFORM s:i32[1]={8} -> y:f32[?] {seed=4294967301 seed2=1099511627783}");
    assert_memory_equal(next(&run, 0), next(&same, 0), 8 * sizeof(float));
    stop(&run);
    stop(&same);
}

static void streams_without_seeds_differ(void **state)
{
    running run, other;
    (void)state;
    start(&run, "RANDOM_UNIFORM s:i32[1]={64} -> y:f32[?]");
    start(&other, "RANDOM_UNIFORM s:i32[1]={64} -> y:f32[?]");
    assert_memory_not_equal(next(&run, 0), next(&other, 0), 64 * sizeof(float));
    stop(&run);
    stop(&other);
}

static void normal_numbers_are_those_of_the_seed(void **state)
{
    static const float expected[2][3] = {{-0.87252676f, -0.920335f, 1.5606196f},
                                         {-0.888666f, -1.5409162f, -0.07921896f}};
    running run;
    (void)state;
    start(&run, "RANDOM_STANDARD_NORMAL s:i32[1]={3} -> y:f32[?] {seed=5 seed2=7}");
    for (int turn = 0; turn < 2; ++turn) {
        const float *numbers = next(&run, 0);
        for (int i = 0; i < 3; ++i) assert_float_equal(numbers[i], expected[turn][i], 1e-6f);
    }
    stop(&run);
}

static void classes_are_drawn_as_by_the_seed(void **state)
{
    static const int32_t expected[2][16] = {{1, 2, 2, 2, 2, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0},
                                            {2, 2, 2, 2, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0}};
    running run;
    (void)state;
    start(&run, "MULTINOMIAL l:f32[2,3]={0,1,2,3,0,-1} n:i32[]={8} -> y:i32[?] "
                "{seed=2147483648 seed2=3}");
    for (int turn = 0; turn < 2; ++turn)
        assert_memory_equal(next(&run, 0), expected[turn], sizeof expected[turn]);
    stop(&run);
}

typedef struct bit_case {
    const char *model;
    size_t words;
    uint64_t after[3];
    uint32_t bits[5];
} bit_case;

static void bits_follow_from_the_state(void **state)
{
    static const bit_case cases[] = {
        {"STABLEHLO_RNG_BIT_GENERATOR s:u64[3]={1,4294967295,3} -> n:u64[3] y:u32[5] {algorithm=1}",
         3,
         {1, 4294967297, 3},
         {1127930813, 425008509, 2542996891, 1978398648, 1705044092}},
        {"STABLEHLO_RNG_BIT_GENERATOR s:u64[2]={1,4294967295} -> n:u64[2] y:u32[5] {algorithm=2}",
         2,
         {1, 4294967298, 0},
         {1079361140, 50240612, 3906887105, 1176396260, 3415307700}},
        {"STABLEHLO_RNG_BIT_GENERATOR s:u64[2]={1,4294967295} -> n:u64[2] y:u32[5] {algorithm=0}",
         2,
         {1, 4294967297, 0},
         {2801864775, 2976701648, 1986231211, 4216140024, 103692430}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        running run;
        start(&run, cases[i].model);
        assert_memory_equal(next(&run, 1), cases[i].bits, sizeof cases[i].bits);
        assert_memory_equal(next(&run, 0), cases[i].after, cases[i].words * sizeof(uint64_t));
        stop(&run);
    }
}

/* ---- Sparse constants ------------------------------------------------------------------------ */

static mg_DimensionMetadata dense_level(int32_t size)
{
    return (mg_DimensionMetadata){.format = MG_DIMENSION_DENSE, .dense_size = size};
}

/* A compressed level whose segments are bytes and whose indices are uint16. */
static mg_DimensionMetadata compressed_level(draft *of, size_t segment_count,
                                             const uint8_t *segments, size_t index_count,
                                             const uint16_t *indices)
{
    mg_Uint8Vector *first = draft_get(of, sizeof *first);
    mg_Uint16Vector *second = draft_get(of, sizeof *second);
    first->values = (mg_bytes){segments, segment_count};
    second->values = (mg_uint16s){indices, index_count};
    return (mg_DimensionMetadata){.format = MG_DIMENSION_SPARSE_CSR,
                                  .array_segments_type = MG_INDEX_VECTOR_Uint8Vector,
                                  .array_segments = first,
                                  .array_indices_type = MG_INDEX_VECTOR_Uint16Vector,
                                  .array_indices = second};
}

/* Makes tensor 0 sparse, with these elements stored. */
static void make_sparse(running *run, size_t levels, const int32_t *order,
                        mg_DimensionMetadata *metadata, size_t blocks, const int32_t *block_map,
                        size_t stored, const void *elements)
{
    mg_SparsityParameters *made = draft_get(&run->model, sizeof *made);
    mg_Tensor *tensor = draft_tensor(&run->model, 0, 0);
    made->traversal_order = draft_int32s(&run->model, levels, order);
    made->block_map = draft_int32s(&run->model, blocks, block_map);
    made->dim_metadata = (mg_DimensionMetadata_vector){metadata, levels};
    tensor->sparsity = made;
    tensor->buffer = draft_buffer(&run->model, stored, elements);
}

static const uint8_t row_segments[] = {0, 2, 2, 3};
static const uint16_t row_indices[] = {0, 3, 1};
static const float stored_floats[] = {5, 6, 7};

/* Rows are dense, columns compressed. */
static void make_rows_sparse(running *run, mg_DimensionMetadata levels[2])
{
    levels[0] = dense_level(3);
    levels[1] = compressed_level(&run->model, 4, row_segments, 3, row_indices);
    make_sparse(run, 2, (const int32_t[]){0, 1}, levels, 0, NULL, sizeof stored_floats,
                stored_floats);
}

static void compressed_rows_unfold(void **state)
{
    static const float expected[] = {5, 0, 0, 6, 0, 0, 0, 0, 0, 7, 0, 0};
    mg_DimensionMetadata levels[2];
    midge_error error = {0};
    running run;
    (void)state;
    parse(&run, "DENSIFY x:f32[3,4]= -> y:f32[?]");
    make_rows_sparse(&run, levels);
    if (begin(&run, &error) != MIDGE_OK) fail_msg("%s", error.message);
    assert_memory_equal(next(&run, 0), expected, sizeof expected);
    stop(&run);
}

/* Blocks of 2 by 2, columns of blocks before rows of blocks. */
static void blocks_unfold(void **state)
{
    static const uint8_t segments[] = {0, 1, 2};
    static const uint16_t indices[] = {1, 0};
    static const int8_t stored[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const int8_t expected[] = {0, 0, 5, 6, 0, 0, 7, 8, 1, 2, 0, 0, 3, 4, 0, 0};
    mg_DimensionMetadata levels[4];
    midge_error error = {0};
    running run;
    (void)state;
    parse(&run, "DENSIFY x:i8[4,4]= -> y:i8[?]");
    levels[0] = dense_level(2);
    levels[1] = compressed_level(&run.model, 3, segments, 2, indices);
    levels[2] = levels[3] = dense_level(2);
    make_sparse(&run, 4, (const int32_t[]){1, 0, 2, 3}, levels, 2, (const int32_t[]){0, 1},
                sizeof stored, stored);
    if (begin(&run, &error) != MIDGE_OK) fail_msg("%s", error.message);
    assert_memory_equal(next(&run, 0), expected, sizeof expected);
    stop(&run);
}

/* Levels are told as they are stored. */
static void sparse_constants_can_be_inspected(void **state)
{
    mg_DimensionMetadata levels[2];
    midge_error error = {0};
    midge_sparse_level level = {0};
    size_t level_count = 0, block_count = 9;
    const int32_t *block_map = NULL;
    running run;
    (void)state;
    parse(&run, "DENSIFY x:f32[3,4]= -> y:f32[?]");
    make_rows_sparse(&run, levels);
    if (begin(&run, &error) != MIDGE_OK) fail_msg("%s", error.message);
    assert_true(midge_inspect_sparsity(run.loaded, 0, 0, &level_count, &block_count, &block_map));
    assert_int_equal(level_count, 2);
    assert_int_equal(block_count, 0);
    assert_true(midge_inspect_sparse_level(run.loaded, 0, 0, 0, &level));
    assert_false(level.compressed);
    assert_int_equal(level.dense_size, 3);
    assert_true(midge_inspect_sparse_level(run.loaded, 0, 0, 1, &level));
    assert_true(level.compressed);
    assert_int_equal(level.dimension, 1);
    assert_int_equal(level.segment_count, 4);
    assert_int_equal(level.segment_bytes, 1);
    assert_memory_equal(level.segments, row_segments, sizeof row_segments);
    assert_int_equal(level.index_count, 3);
    assert_int_equal(level.index_bytes, 2);
    assert_memory_equal(level.indices, row_indices, sizeof row_indices);
    assert_false(midge_inspect_sparse_level(run.loaded, 0, 0, 2, &level));
    assert_false(midge_inspect_sparsity(run.loaded, 0, 1, &level_count, &block_count, &block_map));
    assert_false(midge_inspect_sparsity(run.loaded, 1, 0, &level_count, &block_count, &block_map));
    stop(&run);
}

/* Their data is shorter than their shape says. */
static void other_operators_get_no_sparse_constants(void **state)
{
    mg_DimensionMetadata levels[2];
    midge_error error = {0};
    running run;
    (void)state;
    parse(&run, "TRANSPOSE x:f32[3,4]= p:i32[2]={1,0} -> y:f32[?]");
    make_rows_sparse(&run, levels);
    assert_int_equal(begin(&run, &error), MIDGE_UNSUPPORTED);
    assert_non_null(strstr(error.message, "input 0 is a sparse constant"));
    stop(&run);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_numbers_are_those_of_the_seed),
        cmocka_unit_test(long_seeds_are_cut),
        cmocka_unit_test(streams_without_seeds_differ),
        cmocka_unit_test(normal_numbers_are_those_of_the_seed),
        cmocka_unit_test(classes_are_drawn_as_by_the_seed),
        cmocka_unit_test(bits_follow_from_the_state),
        cmocka_unit_test(compressed_rows_unfold),
        cmocka_unit_test(blocks_unfold),
        cmocka_unit_test(sparse_constants_can_be_inspected),
        cmocka_unit_test(other_operators_get_no_sparse_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
