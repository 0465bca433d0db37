/* SPDX-License-Identifier: Apache-2.0 */
/* The main program of midge-check: which rows, which mode, what came out. */
#define _DEFAULT_SOURCE
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "check_run.h"

/* A family without a test is found at run time and fails, so that nobody forgets one. */
#define MG_FAMILY(family) extern const check_family check_##family __attribute__((weak));
#define MG_KERNEL(family, tier, types, exact)
#include "kernel/kernels.def"

static const check_family *const families[] = {
#define MG_FAMILY(family) &check_##family,
#define MG_KERNEL(family, tier, types, exact)
#include "kernel/kernels.def"
};

typedef struct options {
    uint64_t seed;
    const char *kernel; /* glob on the row's name */
    const char *tier;
    bool list;
    bool bench;
} options;

static sigjmp_buf escape;

static void escape_from(int number)
{
    siglongjmp(escape, number);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    struct sigaction action = {.sa_handler = escape_from, .sa_flags = SA_NODEFER};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i)
        (void)sigaction(numbers[i], &action, NULL);
}

unsigned check_kernel(check *run, const check_family *family, const void *kernel,
                      const void *reference)
{
    int caught = sigsetjmp(escape, 1);
    if (caught == 0) {
        family->test(run, kernel, reference);
    } else {
        ++run->failures;
        if (!run->quiet)
            printf("FAILED %s: %s: %s\n", run->row->name, run->description,
                   caught == SIGILL ? "illegal instruction" : "touched memory outside its extents");
    }
    check_release(run);
    return run->failures;
}

/* Nanoseconds of the fastest of several timed runs of `repeat` calls. */
static double fastest(void (*call)(void *argument), void *argument, unsigned repeat)
{
    double best = 1e30;
    for (int round = 0; round < 7; ++round) {
        struct timespec start, end;
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        for (unsigned i = 0; i < repeat; ++i) call(argument);
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        double took =
            1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec);
        if (took < best) best = took;
    }
    return best / repeat;
}

void check_measure(check *run, const char *shape, double work, void (*call)(void *argument),
                   void *argument)
{
    unsigned repeat = 1;
    while (repeat < 1u << 20 && fastest(call, argument, repeat) * repeat < 2e6) repeat *= 2;
    double nanoseconds = fastest(call, argument, repeat);
    printf("%-28s %-36s %12.0f ns %9.2f G/s\n", run->row->name, shape, nanoseconds,
           work / nanoseconds);
}

static bool wanted(const mg_kernel_row *row, const options *chosen)
{
    if (chosen->kernel != NULL && fnmatch(chosen->kernel, row->name, 0) != 0) return false;
    return chosen->tier == NULL || strcmp(chosen->tier, mg_tier_name(row->tier)) == 0;
}

/* A row that this CPU cannot run counts as skipped, also when its emulation passes. */
static void run_emulated(const mg_kernel_row *row, const check_family *family,
                         const options *chosen, unsigned counts[3])
{
    const void *kernel = chosen->bench ? NULL : check_emulated_kernel(row);
    check run = {.row = row, .state = chosen->seed};
    const void *reference = mg_kernel_selected(row->family, MG_TIER_ref)->kernel;
    const unsigned failures = kernel == NULL ? 0 : check_kernel(&run, family, kernel, reference);
    if (failures == 0)
        printf("skip: %s: this CPU lacks %s", row->name, mg_tier_name(row->tier));
    else
        printf("FAILED %s, emulated", row->name);
    if (kernel != NULL) printf("; %u cases emulated", run.cases);
    printf("\n");
    ++counts[failures == 0 ? 2 : 1];
}

static void run_row(const mg_kernel_row *row, const options *chosen, unsigned counts[3])
{
    const check_family *family = families[row->family];
    if (family == NULL) {
        printf("FAILED %s: family %s has no test\n", row->name, mg_kernel_family_name(row->family));
        ++counts[1];
        return;
    }
    if ((row->tier & mg_cpu_tiers()) == 0) {
        run_emulated(row, family, chosen, counts);
        return;
    }
    check run = {.row = row, .state = chosen->seed};
    if (chosen->bench) {
        family->bench(&run, row->kernel);
        return;
    }
    const void *reference = mg_kernel_selected(row->family, MG_TIER_ref)->kernel;
    unsigned failures = check_kernel(&run, family, row->kernel, reference);
    printf("%-28s %6u cases  %s\n", row->name, run.cases, failures == 0 ? "ok" : "FAILED");
    ++counts[failures == 0 ? 0 : 1];
}

static void usage(FILE *to)
{
    fprintf(to,
            "usage: midge-check [--seed N] [--kernel GLOB] [--tier NAME] [--list | --bench]\n"
            "Compares every kernel of this CPU with the plain C one. --bench measures instead.\n");
}

static bool parse(int count, char **words, options *chosen)
{
    for (int i = 1; i < count; ++i) {
        bool more = i + 1 < count;
        if (strcmp(words[i], "--list") == 0)
            chosen->list = true;
        else if (strcmp(words[i], "--bench") == 0)
            chosen->bench = true;
        else if (strcmp(words[i], "--seed") == 0 && more)
            chosen->seed = strtoull(words[++i], NULL, 0);
        else if (strcmp(words[i], "--kernel") == 0 && more)
            chosen->kernel = words[++i];
        else if (strcmp(words[i], "--tier") == 0 && more)
            chosen->tier = words[++i];
        else
            return false;
    }
    return true;
}

int main(int count, char **words)
{
    options chosen = {.seed = (uint64_t)time(NULL)};
    if (!parse(count, words, &chosen)) {
        usage(stderr);
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    catch_signals();
    size_t rows;
    const mg_kernel_row *row = mg_kernel_rows(&rows);
    unsigned counts[3] = {0}, planted = 0;
    if (!chosen.list && !chosen.bench) printf("seed %llu\n", (unsigned long long)chosen.seed);
    for (size_t i = 0; i < rows; ++i) {
        if (!wanted(&row[i], &chosen)) continue;
        if (chosen.list)
            printf("%-28s %-12s %s\n", row[i].name, mg_tier_name(row[i].tier), row[i].types);
        else
            run_row(&row[i], &chosen, counts);
    }
    if (chosen.list || chosen.bench) return 0;
    if (chosen.kernel == NULL && chosen.tier == NULL) {
        unsigned missed = check_planted_faults(chosen.seed, &planted);
        printf("%-28s %6u faults  %u missed\n", "planted", planted, missed);
        counts[0] += planted - missed;
        counts[1] += missed;
    }
    printf("%u passed, %u failed, %u skipped\n", counts[0], counts[1], counts[2]);
    return counts[1] == 0 ? 0 : 1;
}
