/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a command line by a table of options. */
#include "arguments.h"
#include "expect.h"

#define SIZE(array) (sizeof(array) / sizeof(array)[0])

typedef struct values {
    bool json;
    const char *model;
    int resize;
    int64_t threads;
    uint64_t limit;
    cli_texts input;
    double share;
} values;

static const values defaults = {false, NULL, 2, 1, 0, {NULL, 0}, 0.25};

static const cli_option options[] = {
    {"json", 'j', CLI_FLAG, offsetof(values, json), NULL, "", 0, 0},
    {"model", 'm', CLI_TEXT, offsetof(values, model), "FILE", "", 0, 0},
    {"resize", '\0', CLI_CHOICE, offsetof(values, resize), "near|linear|cubic", "", 0, 0},
    {"threads", 't', CLI_COUNT, offsetof(values, threads), "N", "", 1, 64},
    {"limit-memory", '\0', CLI_BYTES, offsetof(values, limit), "SIZE", "", 0, 0},
    {"input", 'i', CLI_LIST, offsetof(values, input), "FILE", "", 0, 0},
    {"share", '\0', CLI_NUMBER, offsetof(values, share), "SHARE", "", 0, 1},
};

static const cli_command command = {
    .name = "test",
    .operands = "FILE",
    .options = options,
    .option_count = SIZE(options),
    .least_operands = 1,
    .most_operands = 2,
    .defaults = &defaults,
    .values_size = sizeof defaults,
};

enum { most = 12 };

/* Parses arguments that end with NULL. */
static midge_status parse(const char *const *texts, cli_arguments *arguments, midge_error *error)
{
    char buffer[most][60];
    char *pointers[most];
    int count = 0;
    for (; texts[count] != NULL; ++count) {
        (void)snprintf(buffer[count], sizeof buffer[count], "%s", texts[count]);
        pointers[count] = buffer[count];
    }
    *error = (midge_error){MIDGE_OK, ""};
    midge_status status = cli_arguments_parse(&command, count, pointers, arguments, error);
    /* The texts are gone when this returns; checks of text values compare before that. */
    const values *got = arguments->values;
    if (status == MIDGE_OK && got->model != NULL) {
        EXPECT(strcmp(got->model, "m.tflite") == 0, "%s", got->model);
    }
    return status;
}

static void check_accepted(void)
{
    static const struct {
        const char *texts[most];
        values wanted;
        size_t operands, inputs;
    } cases[] = {
        {{"a", NULL}, {false, NULL, 2, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"--json", "a", "b", NULL}, {true, NULL, 2, 1, 0, {NULL, 0}, 0.25}, 2, 0},
        {{"a", "--model", "m.tflite", NULL}, {false, "", 2, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "--model=m.tflite", "-j", NULL}, {true, "", 2, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "-mm.tflite", NULL}, {false, "", 2, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "-jt", "4", NULL}, {true, NULL, 2, 4, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"-jt64", "a", NULL}, {true, NULL, 2, 64, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "--resize=linear", NULL}, {false, NULL, 1, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "--limit-memory", "64M", NULL},
         {false, NULL, 2, 1, 67108864, {NULL, 0}, 0.25},
         1,
         0},
        {{"a", "--limit-memory=3kB", NULL}, {false, NULL, 2, 1, 3072, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "--limit-memory=2GiB", NULL},
         {false, NULL, 2, 1, 2147483648u, {NULL, 0}, 0.25},
         1,
         0},
        {{"a", "--limit-memory=77", NULL}, {false, NULL, 2, 1, 77, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "--share=0.5", NULL}, {false, NULL, 2, 1, 0, {NULL, 0}, 0.5}, 1, 0},
        {{"a", "--share", "1e-2", NULL}, {false, NULL, 2, 1, 0, {NULL, 0}, 0.01}, 1, 0},
        {{"-", NULL}, {false, NULL, 2, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"--", "--json", NULL}, {false, NULL, 2, 1, 0, {NULL, 0}, 0.25}, 1, 0},
        {{"a", "-i", "x", "--input=y", "--input", "-z", NULL},
         {false, NULL, 2, 1, 0, {NULL, 0}, 0.25},
         1,
         3},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_arguments arguments;
        midge_error error;
        EXPECT(parse(cases[i].texts, &arguments, &error) == MIDGE_OK, "case %zu: %s", i,
               error.message);
        const values *got = arguments.values;
        EXPECT(got->json == cases[i].wanted.json, "case %zu", i);
        EXPECT((got->model != NULL) == (cases[i].wanted.model != NULL), "case %zu", i);
        EXPECT(got->resize == cases[i].wanted.resize, "case %zu: %d", i, got->resize);
        EXPECT(got->threads == cases[i].wanted.threads, "case %zu", i);
        EXPECT(got->limit == cases[i].wanted.limit, "case %zu", i);
        EXPECT(got->share == cases[i].wanted.share, "case %zu: %g", i, got->share);
        EXPECT(got->input.count == cases[i].inputs, "case %zu", i);
        EXPECT(arguments.operands.count == cases[i].operands, "case %zu", i);
        cli_arguments_free(&command, &arguments);
    }
}

static void check_refused(void)
{
    static const struct {
        const char *texts[most];
        const char *message;
    } cases[] = {
        {{NULL}, "test: FILE is missing; usage: midge test FILE"},
        {{"a", "b", "c", NULL}, "test: 'c' is one argument too many; usage: midge test FILE"},
        {{"a", "--jsno", NULL}, "test: unknown option --jsno; did you mean --json?"},
        {{"a", "--thr=2", NULL}, "test: unknown option --thr; did you mean --threads?"},
        {{"a", "--what-is-this", NULL},
         "test: unknown option --what-is-this; 'midge help test' lists them"},
        {{"a", "-x", NULL}, "test: unknown option -x; 'midge help test' lists them"},
        {{"a", "--json=1", NULL}, "test: --json takes no value"},
        {{"a", "--model", NULL}, "test: --model needs a value: --model FILE"},
        {{"a", "-m", NULL}, "test: -m needs a value: -m FILE"},
        {{"a", "--threads", "0", NULL},
         "test: --threads takes a whole number from 1 to 64, not '0'"},
        {{"a", "--threads=2x", NULL},
         "test: --threads takes a whole number from 1 to 64, not '2x'"},
        {{"a", "--threads=", NULL}, "test: --threads takes a whole number from 1 to 64, not ''"},
        {{"a", "--threads=99999999999999999999", NULL},
         "test: --threads takes a whole number from 1 to 64, not '99999999999999999999'"},
        {{"a", "--resize", "x", NULL}, "test: --resize is one of near|linear|cubic, not 'x'"},
        {{"a", "--share=1.5", NULL}, "test: --share takes a number from 0 to 1, not '1.5'"},
        {{"a", "--share=nan", NULL}, "test: --share takes a number from 0 to 1, not 'nan'"},
        {{"a", "--limit-memory=-1", NULL},
         "test: --limit-memory takes bytes such as 65536, 64K, 64M or 2G, not '-1'"},
        {{"a", "--limit-memory=99999999999T", NULL},
         "test: --limit-memory takes bytes such as 65536, 64K, 64M or 2G, not '99999999999T'"},
        {{"a", "--limit-memory=5X", NULL},
         "test: --limit-memory takes bytes such as 65536, 64K, 64M or 2G, not '5X'"},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_arguments arguments;
        midge_error error;
        EXPECT(parse(cases[i].texts, &arguments, &error) == CLI_USAGE, "case %zu", i);
        EXPECT(strcmp(error.message, cases[i].message) == 0, "%s", error.message);
        cli_arguments_free(&command, &arguments);
    }
}

static void check_distance(void)
{
    EXPECT(cli_name_distance("", "") == 0, "nothing");
    EXPECT(cli_name_distance("classify", "clasify") == 1, "one gone");
    EXPECT(cli_name_distance("run", "rum") == 1, "one changed");
    EXPECT(cli_name_distance("inspect", "kernels") == 6, "%zu",
           cli_name_distance("inspect", "kernels"));
    EXPECT(cli_name_distance("", "abc") == 3, "three come");
}

int main(void)
{
    check_accepted();
    check_refused();
    check_distance();
    return expect_finish();
}
