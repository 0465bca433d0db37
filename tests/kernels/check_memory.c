/* SPDX-License-Identifier: Apache-2.0 */
/* Guarded memory, random values and verdicts of midge-check. */
#define _DEFAULT_SOURCE
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check_run.h"

enum { CANARY = 0xc5 };

uint32_t check_random(check *run)
{
    /* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
    uint64_t z = run->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

int32_t check_between(check *run, int32_t least, int32_t most)
{
    uint64_t span = (uint64_t)((int64_t)most - least) + 1;
    return (int32_t)(least + (int64_t)(((uint64_t)check_random(run) * span) >> 32));
}

size_t check_size(check *run, size_t tile, size_t most)
{
    static const size_t primes[] = {3, 7, 13, 17, 31, 37, 61, 67, 97, 127, 131, 251, 257};
    size_t size;
    switch (check_random(run) % 4) {
    case 0: size = primes[check_random(run) % (sizeof primes / sizeof primes[0])]; break;
    case 1: size = 1 + check_random(run) % most; break;
    default: size = 1 + check_random(run) % (2 * tile + 1); break;
    }
    return size > most ? most : size;
}

static int32_t draw(check *run, check_values how, size_t i, int32_t least, int32_t most)
{
    switch (how) {
    case CHECK_SMALLEST: return least;
    case CHECK_LARGEST: return most;
    case CHECK_ALTERNATING: return i % 2 == 0 ? least : most;
    case CHECK_ZERO: return 0;
    case CHECK_SPARSE: return check_random(run) % 8 != 0 ? 0 : check_between(run, least, most);
    default: return check_between(run, least, most);
    }
}

void check_fill_i8(check *run, check_values how, int8_t *data, size_t count)
{
    for (size_t i = 0; i < count; ++i) data[i] = (int8_t)draw(run, how, i, INT8_MIN, INT8_MAX);
}

void check_fill_u8(check *run, check_values how, uint8_t *data, size_t count)
{
    for (size_t i = 0; i < count; ++i) data[i] = (uint8_t)draw(run, how, i, 0, UINT8_MAX);
}

void check_fill_i16(check *run, check_values how, int16_t *data, size_t count)
{
    for (size_t i = 0; i < count; ++i) data[i] = (int16_t)draw(run, how, i, INT16_MIN, INT16_MAX);
}

void check_fill_i32(check *run, check_values how, int32_t *data, size_t count)
{
    for (size_t i = 0; i < count; ++i) data[i] = draw(run, how, i, INT32_MIN, INT32_MAX);
}

void check_fill_f32(check *run, check_values how, float *data, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        float value = (float)check_between(run, -(1 << 20), 1 << 20) / (float)(1 << 20);
        switch (how) {
        case CHECK_SMALLEST: value = -1; break;
        case CHECK_LARGEST: value = 1; break;
        case CHECK_ALTERNATING: value = ldexpf(value, i % 2 == 0 ? 12 : -12); break;
        case CHECK_ZERO: value = i % 2 == 0 ? 0.0f : -0.0f; break;
        case CHECK_SPARSE: value = check_random(run) % 8 != 0 ? 0 : value; break;
        default: break;
        }
        data[i] = value;
    }
}

static void fail(check *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!run->quiet && run->failures++ < 5) {
        printf("FAILED %s: %s: ", run->row->name, run->description);
        vprintf(format, arguments);
        printf("\n");
    } else if (run->quiet) {
        ++run->failures;
    }
    va_end(arguments);
}

void *check_memory(check *run, size_t bytes, size_t alignment)
{
    if (run->buffer_count == CHECK_MOST_BUFFERS) {
        fail(run, "the case uses more than %d buffers", CHECK_MOST_BUFFERS);
        return NULL;
    }
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t inner = (bytes + alignment + page - 1) / page * page;
    unsigned char *pages =
        mmap(NULL, inner + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return NULL;
    (void)mprotect(pages, page, PROT_NONE);
    (void)mprotect(pages + page + inner, page, PROT_NONE);
    memset(pages + page, CANARY, inner);
    bool at_end = run->buffer_count % 2 == run->cases % 2;
    size_t offset = at_end ? (inner - bytes) / alignment * alignment : 0;
    check_buffer *buffer = &run->buffers[run->buffer_count++];
    *buffer = (check_buffer){pages, inner, page, pages + page + offset, bytes, 0, false};
    return buffer->data;
}

void *check_output(check *run, size_t bytes, size_t alignment, unsigned char pattern)
{
    void *memory = check_memory(run, bytes, alignment);
    if (memory != NULL) memset(memory, pattern, bytes);
    return memory;
}

static uint64_t digest(const check_buffer *buffer)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < buffer->bytes; ++i)
        hash = (hash ^ buffer->data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void check_seal(check *run, const void *memory)
{
    for (size_t i = 0; i < run->buffer_count; ++i) {
        if (run->buffers[i].data != memory) continue;
        run->buffers[i].sealed = true;
        run->buffers[i].digest = digest(&run->buffers[i]);
    }
}

void check_case(check *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(run->description, sizeof run->description, format, arguments);
    va_end(arguments);
    ++run->cases;
}

static bool canaries_live(const check_buffer *buffer)
{
    const unsigned char *start = buffer->pages + buffer->page, *end = start + buffer->inner;
    for (const unsigned char *at = start; at < buffer->data; ++at)
        if (*at != CANARY) return false;
    for (const unsigned char *at = buffer->data + buffer->bytes; at < end; ++at)
        if (*at != CANARY) return false;
    return true;
}

void check_release(check *run)
{
    for (size_t i = 0; i < run->buffer_count; ++i)
        (void)munmap(run->buffers[i].pages, run->buffers[i].inner + 2 * run->buffers[i].page);
    run->buffer_count = 0;
}

void check_case_end(check *run)
{
    for (size_t i = 0; i < run->buffer_count; ++i) {
        const check_buffer *buffer = &run->buffers[i];
        if (!canaries_live(buffer)) fail(run, "wrote outside buffer %zu", i);
        if (buffer->sealed && buffer->digest != digest(buffer))
            fail(run, "changed its input %zu", i);
    }
    check_release(run);
}

void check_equal(check *run, const void *got, const void *want, size_t bytes, size_t element_bytes)
{
    const unsigned char *a = got, *b = want;
    if (memcmp(a, b, bytes) == 0) return;
    size_t i = 0;
    while (a[i] == b[i]) ++i;
    i = i / element_bytes * element_bytes;
    int64_t value_a = 0, value_b = 0;
    memcpy(&value_a, a + i, element_bytes);
    memcpy(&value_b, b + i, element_bytes);
    fail(run, "element %zu of %zu is 0x%llx, must be 0x%llx", i / element_bytes,
         bytes / element_bytes, (unsigned long long)value_a, (unsigned long long)value_b);
}

void check_close(check *run, float got, float want, double bound, size_t index)
{
    if (got == want || (isnan(got) && isnan(want))) return;
    if (fabs((double)got - (double)want) <= bound) return;
    fail(run, "element %zu is %.9g, must be %.9g within %.3g", index, (double)got, (double)want,
         bound);
}

bool check_failed(const check *run)
{
    return run->failures > 0;
}
