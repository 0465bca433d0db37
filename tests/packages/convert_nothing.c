/* SPDX-License-Identifier: Apache-2.0 */
/* Calls the converter, which needs whatever libraries the tools need, with a file that is not
 * there. */
#include <stdio.h>
#include <string.h>

#include "midge_tools.h"

int main(void)
{
    void *bytes = NULL;
    size_t size = 0;
    midge_error error = {0};
    if (midge_convert_file("/nowhere.h5", NULL, &bytes, &size, &error) == MIDGE_OK) return 1;
    puts(error.message);
    return strlen(error.message) == 0;
}
