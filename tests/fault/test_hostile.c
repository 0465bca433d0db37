/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every sound model of the seeds with every change of the hostile classes: each must end where it
 * may, and nothing must break on the way.
 *
 * There are some 200,000 cases; MIDGE_EVERY=N in the environment takes every Nth of each class, 1
 * all.
 *
 * usage: test_hostile [SEED|all [CLASS [VARIANT]]]    repeats a part; with VARIANT prints the case
 */
#include <stdlib.h>

#include "hostile.h"
#include "seeds.h"

enum { EVERY = 5 };

/* Enough for the sound models; what a size of a million makes larger than this need not run. */
static const uint64_t memory_bytes = 8u << 20;

typedef struct tally {
    size_t cases, by_outcome[DRIVE_OK + 1];
    double slowest;
} tally;

static size_t printed, every = EVERY;
static bool verbose;

static void judge(const char *text, const char *class, const hostile_case *at, drive_result result)
{
    bool sound = result.broken == NULL && (at->allowed & result.outcome) != 0;
    ++*(sound ? &expect_total.passed : &expect_total.failed);
    bool slow = result.seconds > 1;
    if (verbose || slow || (!sound && printed++ < 50))
        (void)printf("%s%s variant %zu: %s: %s%s%s (%s) in %.60s\n",
                     sound ? slow ? "slow " : "" : "FAILED ", class, at->variant, at->what,
                     drive_outcome_name(result.outcome), result.broken != NULL ? ", " : "",
                     result.broken != NULL ? result.broken : "", result.message, text);
}

/* False when there is no such variant. */
static bool run_case(const char *text, const hostile_class *class, size_t variant, tally *sum)
{
    draft model;
    if (!draft_parse(&model, text)) {
        EXPECT(false, "%s: %s", text, model.error.message);
        draft_free(&model);
        return false;
    }
    hostile_case at = {&model, variant, DRIVE_ANY, ""};
    bool more = class->mutate(&at);
    if (more) {
        size_t size;
        unsigned char *bytes = draft_write(&model, &size);
        drive_options options = drive_defaults();
        options.memory_bytes = memory_bytes;
        options.fill = (drive_fill)((variant * 2654435761u >> 16) % DRIVE_FILLS);
        options.threads = variant % 16 == 0 ? 2 : 1;
        options.kernels = variant % 3 == 0 ? "ref" : "auto";
        drive_result result = drive(bytes, size, &options);
        judge(text, class->name, &at, result);
        ++sum->cases;
        ++sum->by_outcome[result.outcome];
        if (result.seconds > sum->slowest) sum->slowest = result.seconds;
        free(bytes);
    }
    draft_free(&model);
    return more;
}

static void run_class(const hostile_class *class, const char *seed, const char *variant)
{
    tally sum = {0};
    size_t first = seed != NULL ? strtoul(seed, NULL, 10) : 0;
    for (size_t s = first; seed_text(s) != NULL && (seed == NULL || s == first); ++s) {
        if (variant != NULL) {
            (void)run_case(seed_text(s), class, strtoul(variant, NULL, 10), &sum);
            continue;
        }
        /* Each seed begins elsewhere, so that all variants are met with some seed. */
        for (size_t v = s % every; run_case(seed_text(s), class, v, &sum); v += every) continue;
    }
    (void)printf("%-28s %6zu cases: %6zu %s, %6zu %s, %6zu %s, %6zu %s; slowest %.3f s\n",
                 class->name, sum.cases, sum.by_outcome[DRIVE_REJECT_LOAD],
                 drive_outcome_name(DRIVE_REJECT_LOAD), sum.by_outcome[DRIVE_REJECT_PREPARE],
                 drive_outcome_name(DRIVE_REJECT_PREPARE), sum.by_outcome[DRIVE_RUN_ERROR],
                 drive_outcome_name(DRIVE_RUN_ERROR), sum.by_outcome[DRIVE_OK],
                 drive_outcome_name(DRIVE_OK), sum.slowest);
}

/* The seeds themselves: accepted, and with all fills at worst refused by data. */
static bool change_nothing(hostile_case *at)
{
    hostile_note(at, DRIVE_RUN_ERROR | DRIVE_OK, "nothing");
    return at->variant < DRIVE_FILLS * 3;
}

static const hostile_class sound[] = {{"H25 sound", change_nothing}, {NULL, NULL}};

int main(int argc, char **argv)
{
    const char *seed = argc > 1 && strcmp(argv[1], "all") != 0 ? argv[1] : NULL;
    const char *name = argc > 2 ? argv[2] : "", *variant = argc > 3 ? argv[3] : NULL;
    const hostile_class *const lists[] = {sound,           hostile_links,    hostile_options,
                                          hostile_shapes,  hostile_contents, hostile_scales,
                                          hostile_sparsity};
    const char *wanted = getenv("MIDGE_EVERY");
    if (wanted != NULL && strtoul(wanted, NULL, 10) > 0) every = strtoul(wanted, NULL, 10);
    verbose = argc > 3;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; ++i)
        for (const hostile_class *class = lists[i]; class->name != NULL; ++class)
            if (strstr(class->name, name) != NULL) run_class(class, seed, variant);
    return expect_finish();
}
