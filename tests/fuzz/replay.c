/* SPDX-License-Identifier: Apache-2.0 */
/* Gives files to a fuzz target without a fuzzer. usage: replay_<name> FILE... */
#include <stdlib.h>

#include "fuzz.h"

/* In memory of exactly the file's size, so that a read past its end is noticed. */
static int replay(const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) {
        (void)printf("FAILED %s cannot be read\n", path);
        if (stream != NULL) (void)fclose(stream);
        return 1;
    }
    long size = ftell(stream);
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    rewind(stream);
    size_t got = bytes != NULL && size > 0 ? fread(bytes, 1, (size_t)size, stream) : 0;
    (void)fclose(stream);
    if (bytes != NULL && got == (size_t)size) (void)LLVMFuzzerTestOneInput(bytes, got);
    free(bytes);
    return got == (size_t)size ? 0 : 1;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; ++i) failed += replay(argv[i]);
    (void)printf("%d passed, %d failed, 0 skipped\n", argc - 1 - failed, failed);
    return failed > 0;
}
