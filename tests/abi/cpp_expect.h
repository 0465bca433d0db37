/* SPDX-License-Identifier: Apache-2.0 */
/* What the C++ test programs share: counted expectations, the folder with the models of
 * write_models (the first argument, MIDGE_ABI_MODELS or MODELS), and the count at the end. */
#ifndef ABI_CPP_EXPECT_H
#define ABI_CPP_EXPECT_H

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>

static int passed, failed;
#define EXPECT(condition)                                               \
    do {                                                                \
        if (condition) {                                                \
            ++passed;                                                   \
        } else {                                                        \
            ++failed;                                                   \
            std::printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                               \
    } while (0)

static std::string folder;

static inline std::string path_of(const char *name)
{
    return folder + "/" + name + ".tflite";
}

/* Runs the tests; the result is that of main. */
static inline int run_all(int argc, char **argv, std::initializer_list<void (*)()> tests)
{
    const char *given = argc > 1 ? argv[1] : std::getenv("MIDGE_ABI_MODELS");
    folder = given != nullptr ? given : MODELS;
    for (void (*test)() : tests) test();
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

#endif
