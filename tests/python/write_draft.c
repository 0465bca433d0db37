/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the model of a text (tests/draft) to standard output, for tests in other languages. */
#include <stdio.h>
#include <stdlib.h>

#include "draft/draft.h"

int main(int count, char **arguments)
{
    size_t size = 0;
    if (count != 2) {
        (void)fputs("usage: write_draft TEXT > FILE\n", stderr);
        return 2;
    }
    unsigned char *file = draft_file(arguments[1], &size);
    bool written = fwrite(file, 1, size, stdout) == size && fflush(stdout) == 0;
    free(file);
    return written ? 0 : 1;
}
