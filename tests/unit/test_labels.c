/* SPDX-License-Identifier: Apache-2.0 */
/* Label files of the styles that are about, and files that are none. */
#include "expect.h"
#include "labels.h"

#define SIZE(array) (sizeof(array) / sizeof(array)[0])

static midge_status parse(const char *text, cli_labels *labels, midge_error *error)
{
    *labels = (cli_labels){0};
    *error = (midge_error){MIDGE_OK, ""};
    return cli_labels_parse("l.txt", (const unsigned char *)text, strlen(text), labels, error);
}

/* "a|b||c": the names, with nothing between for a class without label. */
static void check(const char *text, const char *wanted)
{
    cli_labels labels;
    midge_error error;
    char got[200] = "";
    EXPECT(parse(text, &labels, &error) == MIDGE_OK, "%s", error.message);
    for (size_t i = 0; i < labels.count; ++i) {
        const char *name = cli_labels_name(&labels, i);
        size_t used = strlen(got);
        (void)snprintf(got + used, sizeof got - used, "%s%s", i == 0 ? "" : "|",
                       name != NULL ? name : "");
    }
    EXPECT(strcmp(got, wanted) == 0, "got %s, wanted %s", got, wanted);
    EXPECT(cli_labels_name(&labels, labels.count) == NULL, "beyond the end");
    cli_labels_free(&labels);
}

static void check_refused(const char *bytes, size_t size, const char *message)
{
    cli_labels labels = {0};
    midge_error error = {0};
    EXPECT(cli_labels_parse("l.txt", (const unsigned char *)bytes, size, &labels, &error) !=
               MIDGE_OK,
           "%s", message);
    EXPECT(strstr(error.message, message) != NULL, "%s", error.message);
    EXPECT(labels.names == NULL && labels.text == NULL, "%s", message);
}

int main(void)
{
    check("cat\ndog\n", "cat|dog");
    check("cat\ndog", "cat|dog");
    check("cat\r\ndog\r\n\r\n", "cat|dog");
    check("\xef\xbb\xbf"
          "cat\n  a dog \t\n",
          "cat|a dog");
    check("cat\n\ndog\n", "cat||dog");
    check("0 background\n1 cat\n", "background|cat");
    check("0  person\n2  car, red\n\n", "person||car, red");
    check("1: one\n3: three", "|one||three");
    check("0,zero\n1,one", "zero|one");
    check("0\n1\n2\n3\n", "0|1|2|3");
    check("7 up\n", "7 up");
    check("3 wheels\n2 wheels\n", "3 wheels|2 wheels");
    check("1 wheel\nno wheel\n", "1 wheel|no wheel");
    check("5 a\n5 b\n", "5 a|5 b");
    check("Kn\xc3\xa4ke\nBrot", "Kn\xc3\xa4ke|Brot");
    check("4294967296 a\n4294967297 b\n", "4294967296 a|4294967297 b");
    check_refused("", 0, "has no labels");
    check_refused("\n\n  \n", 5, "has no labels");
    check_refused("a\0b", 3, "byte 1 is 0");
    check_refused("<!DOCTYPE html>\n<html>", 22, "is a web page (HTML), not a label file");
    check_refused("PK\x03\x04"
                  "aaaa",
                  8, "is a zip archive, not a label file");
    return expect_finish();
}
