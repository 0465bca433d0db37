/* SPDX-License-Identifier: Apache-2.0 */
/*
 * H01, H02: files with single bytes and words changed, whatever they mean: offsets, vtables,
 * lengths, tags, identifiers, attributes. Numbers that lead forward, backward, to itself, far away.
 *
 * MIDGE_EVERY=N in the environment takes every Nth change, 1 all.
 */
#include <stdlib.h>

#include "draft/draft.h"
#include "drive.h"
#include "seeds.h"

enum { EVERY = 3, SEED_STEP = 25 };

static size_t printed, every = EVERY, by_outcome[DRIVE_OK + 1];

static void drive_case(const char *text, const unsigned char *bytes, size_t size, size_t position,
                       size_t change)
{
    drive_options options = drive_defaults();
    options.memory_bytes = 8u << 20;
    options.fill = (drive_fill)(position % DRIVE_FILLS);
    drive_result result = drive(bytes, size, &options);
    ++*(result.broken == NULL ? &expect_total.passed : &expect_total.failed);
    ++by_outcome[result.outcome];
    if (result.broken != NULL && printed++ < 30)
        (void)printf("FAILED byte %zu change %zu: %s, %s (%s) in %.60s\n", position, change,
                     drive_outcome_name(result.outcome), result.broken, result.message, text);
}

/* What a word may become; `at` is where it is. */
static uint32_t changed_word(uint32_t word, size_t change, size_t at, size_t size)
{
    const uint32_t values[] = {0,
                               1,
                               2,
                               4,
                               word + 1,
                               word - 1,
                               word + 4,
                               word * 2,
                               0x7fffffff,
                               0x80000000,
                               0xffffffff,
                               (uint32_t)size,
                               (uint32_t)(size - at),
                               (uint32_t)(size - at - 4),
                               (uint32_t)at,
                               (uint32_t)(0 - at),
                               0x10000,
                               0x55555555};
    return values[change % (sizeof values / sizeof values[0])];
}

enum { WORD_CHANGES = 18 };

static void change_words(const char *text, unsigned char *bytes, size_t size)
{
    size_t number = 0;
    for (size_t at = 0; at + 4 <= size; at += 4) {
        uint32_t word;
        memcpy(&word, bytes + at, 4);
        for (size_t change = 0; change < WORD_CHANGES; ++change) {
            if (number++ % every != 0) continue;
            uint32_t value = changed_word(word, change, at, size);
            if (value == word) continue;
            memcpy(bytes + at, &value, 4);
            drive_case(text, bytes, size, at, change);
        }
        memcpy(bytes + at, &word, 4);
    }
}

static void change_bytes(const char *text, unsigned char *bytes, size_t size)
{
    static const unsigned char masks[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff};
    size_t number = 0;
    for (size_t at = 0; at < size; ++at) {
        for (size_t change = 0; change < sizeof masks; ++change) {
            if (number++ % every != 0) continue;
            bytes[at] ^= masks[change];
            drive_case(text, bytes, size, at, WORD_CHANGES + change);
            bytes[at] ^= masks[change];
        }
    }
}

/* Two changes at once, at places drawn at random. */
static void change_pairs(const char *text, unsigned char *bytes, size_t size, uint32_t random)
{
    for (size_t i = 0; i < 300; ++i) {
        size_t places[2];
        uint32_t words[2];
        for (size_t k = 0; k < 2; ++k) {
            random = random * 1664525 + 1013904223;
            places[k] = (random >> 8) % (size / 4) * 4;
            memcpy(&words[k], bytes + places[k], 4);
            random = random * 1664525 + 1013904223;
            uint32_t value = changed_word(words[k], random >> 16, places[k], size);
            memcpy(bytes + places[k], &value, 4);
        }
        drive_case(text, bytes, size, places[0], 100 + i);
        for (size_t k = 2; k-- > 0;) memcpy(bytes + places[k], &words[k], 4);
    }
}

int main(void)
{
    /* Something of everything: graphs, signatures, quantisation, sparsity, strings, options. */
    static const char *const rich[] = {
        "CONV_2D.3 x:i8[1,5,5,2]q0.5:3 w:i8[3,2,2,2]q0.01:0/0= b:i32[3]q0.005:0/0= -> "
        "c:i8[1,4,4,3]q0.7:-2 {padding=1 stride_w=1 stride_h=1}; RESHAPE c s:i32[2]={1,48} -> "
        "d:i8[1,48]q0.7:-2; signature serve image=x -> scores=d",
        "DENSIFY w:f32[3,4]=% -> d:f32[3,4]; FULLY_CONNECTED x:f32[?,4] d b:f32[3]= -> y:f32[?,3]",
        "WHILE i:i32[1] x:f32[3] -> j:i32[1] y:f32[3] {cond_subgraph_index=1 "
        "body_subgraph_index=2}; graph c; in i:i32[1] x:f32[3]; LESS i n:i32[1]={3} -> b:bool[1]; "
        "out b; graph d; in i:i32[1] x:f32[3]; ADD i o:i32[1]={1} -> j:i32[1]; MUL x f:f32[1]={2} "
        "-> y:f32[3]; out j y",
    };
    const char *wanted = getenv("MIDGE_EVERY");
    if (wanted != NULL && strtoul(wanted, NULL, 10) > 0) every = strtoul(wanted, NULL, 10);
    size_t count = sizeof rich / sizeof rich[0];
    for (size_t i = 0; i < count || seed_text((i - count) * SEED_STEP) != NULL; ++i) {
        const char *text = i < count ? rich[i] : seed_text((i - count) * SEED_STEP);
        size_t size;
        unsigned char *bytes = draft_file(text, &size);
        change_words(text, bytes, size);
        if (i < count) change_bytes(text, bytes, size);
        change_pairs(text, bytes, size, (uint32_t)i);
        free(bytes);
    }
    for (int outcome = DRIVE_REJECT_LOAD; outcome <= DRIVE_OK; outcome *= 2)
        (void)printf("%6zu %s\n", by_outcome[outcome], drive_outcome_name((drive_outcome)outcome));
    return expect_finish();
}
