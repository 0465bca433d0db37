/* SPDX-License-Identifier: Apache-2.0 */
/* Samples to train on, of every kind, and what is said about bad ones. The files are made in a
 * folder of their own. */
#define _POSIX_C_SOURCE 200809L
#include "dataset.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"

#define SIZE(array) (sizeof(array) / sizeof(array)[0])

static void put(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    EXPECT(stream != NULL && fwrite(bytes, 1, size, stream) == size && fclose(stream) == 0, "%s",
           path);
}

static void put_text(const char *path, const char *text)
{
    put(path, text, strlen(text));
}

static void put_npy(const char *path, const char *descr, const char *shape, const void *data,
                    size_t bytes)
{
    unsigned char file[600] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    char *head = (char *)file + 10;
    int length =
        snprintf(head, 200, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape);
    file[8] = (unsigned char)length;
    memcpy(head + length, data, bytes);
    put(path, file, 10 + (size_t)length + bytes);
}

/* ---- Rows of text ---- */

static const cli_dataset_wish any = {.any_shape = true, .classes = true};

static void check_csv(void)
{
    static const struct {
        const char *text, *column;
        bool classes;
        size_t count, values, class_count;
        float first[2];   /* numbers of sample 1 */
        float target;     /* of sample 1 */
        const char *name; /* of that class */
    } cases[] = {
        {"1,2,0\n3,4,1\n", NULL, true, 2, 2, 2, {3, 4}, 1, NULL},
        {"1,2,0\n3,4,1", "first", true, 2, 2, 4, {4, 1}, 3, NULL},
        {"a,label,b\n1,0,2\n3,1,4\n\n", NULL, true, 2, 2, 2, {3, 4}, 1, NULL},
        {"a,b,c\n1,0,2\n3,1,4\n", "b", true, 2, 2, 2, {3, 4}, 1, NULL},
        {"a,b,c\n1,0,2\n3,1,4\n", "1", true, 2, 2, 2, {3, 4}, 1, NULL},
        {"x,y,kind\n5,6,dog\n7,8,cat\n", NULL, true, 2, 2, 2, {7, 8}, 0, "cat"},
        {"y,a,b\n0,1,2\n1,3,4\n", NULL, true, 2, 2, 2, {3, 4}, 1, NULL},
        {"5;6;dog\r\n7;8;cat\r\n", NULL, true, 2, 2, 2, {7, 8}, 0, "cat"},
        {"dog\t5\t6\ncat\t7\t8\n", NULL, true, 2, 2, 2, {7, 8}, 0, "cat"},
        {"1,2,\"a, b\"\n3,4,\"a \"\"c\"\"\"\n", NULL, true, 2, 2, 2, {3, 4}, 0, "a \"c\""},
        {"\xef\xbb\xbf"
         "1,2,0.5\n3,4,-1.5\n",
         NULL,
         false,
         2,
         2,
         0,
         {3, 4},
         -1.5f,
         NULL},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_dataset dataset;
        midge_error error = {MIDGE_OK, ""};
        float values[2];
        cli_dataset_wish wish = {
            .any_shape = true, .classes = cases[i].classes, .label_column = cases[i].column};
        put_text("a.csv", cases[i].text);
        bool opened = cli_dataset_open("a.csv", &wish, &dataset, &error) == MIDGE_OK;
        EXPECT(opened, "case %zu: %s", i, error.message);
        EXPECT(dataset.count == cases[i].count && dataset.values == cases[i].values &&
                   dataset.class_count == cases[i].class_count,
               "case %zu: %zu samples of %zu, %zu classes", i, dataset.count, dataset.values,
               dataset.class_count);
        if (opened && dataset.count == 2 && dataset.values == 2) {
            cli_dataset_sample(&dataset, 1, values);
            EXPECT(memcmp(values, cases[i].first, sizeof values) == 0, "case %zu: %g %g", i,
                   (double)values[0], (double)values[1]);
            float target = *cli_dataset_target(&dataset, 1);
            EXPECT(target == cases[i].target, "case %zu: %g", i, (double)target);
            const char *name = cli_labels_name(&dataset.classes, (size_t)target);
            EXPECT((name == NULL) == (cases[i].name == NULL) &&
                       (name == NULL || strcmp(name, cases[i].name) == 0),
                   "case %zu: %s", i, name != NULL ? name : "no name");
        }
        cli_dataset_free(&dataset);
    }
}

static void check_bad_csv(void)
{
    static const struct {
        const char *text, *column, *message;
    } cases[] = {
        {"1,2,0\n3,4\n", NULL, "a.csv: line 2 has 2 columns, the first has 3"},
        {"a,b,y\n1,2,0\n3,,1\n", NULL, "a.csv: line 3, column 1 b: '' is not a number"},
        {"1,2,0\n3,x,1\n", NULL, "a.csv: line 2, column 1: 'x' is not a number"},
        {"1,2,0\n3,4,\n", NULL, "a.csv: line 2 has no label"},
        {"1,2,0\n3,nan,1\n", NULL, "a.csv: line 2 holds nan in place 1"},
        {"1,2,0\n3,4,1.5\n", NULL,
         "a.csv: line 2 has the target 1.5, which is no class; classes are 0, 1, 2, …"},
        {"1,2,0\n3,4,-1\n", NULL,
         "a.csv: line 2 has the target -1, which is no class; classes are 0, 1, 2, …"},
        {"1,2,0\n3,4,1\n", "z",
         "a.csv: has no column 'z'; --label-column takes a name of the first line, a number from 0 "
         "to 2, first or last"},
        {"1\n2\n", NULL,
         "a.csv: its first line has 1 columns; a sample and its target take two or more"},
        {"", NULL, "a.csv: its first line has 1 columns; a sample and its target take two or more"},
        {"a,y\n", NULL, "a.csv: line 1, column 0: 'a' is not a number"},
    };
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_dataset dataset;
        midge_error error = {MIDGE_OK, ""};
        cli_dataset_wish wish = any;
        wish.label_column = cases[i].column;
        put_text("a.csv", cases[i].text);
        EXPECT(cli_dataset_open("a.csv", &wish, &dataset, &error) != MIDGE_OK, "case %zu", i);
        EXPECT(strcmp(error.message, cases[i].message) == 0, "%s", error.message);
        cli_dataset_free(&dataset);
    }
}

static void check_unknown_class(void)
{
    static const char *names[] = {"cat", "dog"};
    cli_labels known = {.count = 2, .names = names};
    cli_dataset_wish wish = {.any_shape = true, .classes = true, .known = &known};
    cli_dataset dataset;
    midge_error error = {MIDGE_OK, ""};
    put_text("a.csv", "1,2,dog\n3,4,cow\n");
    EXPECT(cli_dataset_open("a.csv", &wish, &dataset, &error) != MIDGE_OK, "a cow");
    EXPECT(strcmp(error.message, "a.csv: line 2 is of class 'cow', which is unknown") == 0, "%s",
           error.message);
    cli_dataset_free(&dataset);
    put_text("a.csv", "1,2,dog\n3,4,dog\n");
    EXPECT(cli_dataset_open("a.csv", &wish, &dataset, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(*cli_dataset_target(&dataset, 0) == 1 && dataset.class_count == 2, "numbers of others");
    cli_dataset_free(&dataset);
}

/* ---- Arrays ---- */

static void check_arrays(void)
{
    static const unsigned char pixels[8] = {0, 51, 102, 255, 255, 0, 0, 51};
    static const int64_t classes[2] = {1, 0};
    static const float numbers[4] = {1, 2, 3, 4}, hot[4] = {0, 1, 1, 0};
    float values[4];
    cli_dataset dataset;
    midge_error error = {MIDGE_OK, ""};
    put_npy("x.npy", "|u1", "(2, 2, 2)", pixels, sizeof pixels);
    put_npy("f.npy", "<f4", "(2, 2)", numbers, sizeof numbers);
    put_npy("y.npy", "<i8", "(2,)", classes, sizeof classes);
    put_npy("hot.npy", "<f4", "(2, 2)", hot, sizeof hot);
    EXPECT(cli_dataset_open("x.npy,y.npy", &any, &dataset, &error) == MIDGE_OK, "%s",
           error.message);
    cli_dataset_sample(&dataset, 0, values);
    EXPECT(values[1] == 0.2f && values[3] == 1.0f, "%g %g", (double)values[1], (double)values[3]);
    EXPECT(dataset.rank == 2 && dataset.shape[1] == 2 && dataset.class_count == 2, "its shape");
    cli_dataset_free(&dataset);
    cli_dataset_wish wish = any;
    wish.has_range = true;
    wish.range[0] = 0;
    wish.range[1] = 255;
    EXPECT(cli_dataset_open("x.npy,y.npy", &wish, &dataset, &error) == MIDGE_OK, "%s",
           error.message);
    cli_dataset_sample(&dataset, 1, values);
    EXPECT(values[0] == 255.0f && values[3] == 51.0f, "%g", (double)values[0]);
    cli_dataset_free(&dataset);
    EXPECT(cli_dataset_open("f.npy,hot.npy", &any, &dataset, &error) == MIDGE_OK, "%s",
           error.message);
    EXPECT(dataset.target_values == 2 && dataset.class_count == 2, "a target of two numbers");
    cli_dataset_sample(&dataset, 1, values);
    EXPECT(values[0] == 3.0f && cli_dataset_target(&dataset, 1)[0] == 1.0f, "%g",
           (double)values[0]);
    cli_dataset_free(&dataset);
}

static void check_bad_arrays(void)
{
    static const float spoiled[4] = {1, 2, 3, (float)(1e30 * 1e30)};
    static const int64_t classes[3] = {1, 0, 12};
    static const struct {
        const char *name, *message;
    } cases[] = {
        {"x.npy", "x.npy: gives samples without targets; name both, as in x.npy,y.npy"},
        {"none.npy,y.npy", "none.npy: cannot be opened: No such file or directory"},
        {"x.npy,three.npy", "three.npy: holds 3 targets, but there are 2 samples"},
        {"inf.npy,y.npy", "inf.npy,y.npy: sample 1 holds inf in place 1"},
        {"x.npy,x.npy:test", "x.npy,x.npy: is no folder, so it has no parts ':train' and ':test'"},
        {"three.npy,three.npy",
         "three.npy,three.npy: a sample is of shape [1], but the network takes [2, 2]"},
    };
    put_npy("inf.npy", "<f4", "(2, 2)", spoiled, sizeof spoiled);
    put_npy("three.npy", "<i8", "(3,)", classes, sizeof classes);
    for (size_t i = 0; i < SIZE(cases); ++i) {
        cli_dataset dataset;
        midge_error error = {MIDGE_OK, ""};
        cli_dataset_wish wish = {.classes = true, .rank = 2, .shape = {2, 2}};
        wish.any_shape = strncmp(cases[i].name, "inf", 3) == 0;
        EXPECT(cli_dataset_open(cases[i].name, &wish, &dataset, &error) != MIDGE_OK, "case %zu", i);
        EXPECT(strcmp(error.message, cases[i].message) == 0, "%s", error.message);
        cli_dataset_free(&dataset);
    }
}

/* ---- Folders ---- */

static void make_folder(const char *path)
{
    EXPECT(mkdir(path, 0777) == 0 || errno == EEXIST, "%s", path);
}

static void check_idx_folder(void)
{
    static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 2,   0,   0,
                                           0, 1, 0, 0, 0, 2, 0, 255, 255, 0};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 3, 9};
    cli_dataset dataset;
    midge_error error = {MIDGE_OK, ""};
    make_folder("fashion-mnist");
    put("fashion-mnist/train-images-idx3-ubyte", images, sizeof images);
    EXPECT(cli_dataset_open("fashion-mnist", &any, &dataset, &error) != MIDGE_OK, "no labels");
    EXPECT(strcmp(error.message, "fashion-mnist: has no file train-labels-idx1-ubyte") == 0, "%s",
           error.message);
    cli_dataset_free(&dataset);
    put("fashion-mnist/train-labels-idx1-ubyte", labels, sizeof labels);
    EXPECT(!cli_dataset_has_parts("fashion-mnist"), "one part");
    EXPECT(cli_dataset_open("fashion-mnist", &any, &dataset, &error) == MIDGE_OK, "%s",
           error.message);
    const char *name = cli_labels_name(&dataset.classes, 9);
    EXPECT(dataset.class_count == 10 && name != NULL && strcmp(name, "Ankle boot") == 0,
           "%zu classes", dataset.class_count);
    cli_dataset_free(&dataset);
    EXPECT(cli_dataset_open("fashion-mnist:test", &any, &dataset, &error) != MIDGE_OK, "no tests");
    EXPECT(strcmp(error.message, "fashion-mnist: has no part for tests") == 0, "%s", error.message);
    cli_dataset_free(&dataset);
    put("fashion-mnist/t10k-images-idx3-ubyte", images, sizeof images);
    put("fashion-mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
    EXPECT(cli_dataset_has_parts("fashion-mnist"), "two parts");
    EXPECT(!cli_dataset_has_parts("fashion-mnist:test"), "one of them");
}

static void check_picture_folder(void)
{
    static const char white[] = "P5 2 2 255\n\377\377\377\377",
                      black[] = "P5 4 2 255\n\0\0\0\0\0\0\0";
    float values[4];
    cli_dataset dataset;
    midge_error error = {MIDGE_OK, ""};
    const cli_dataset_wish wish = {.classes = true, .rank = 3, .shape = {2, 2, 1}};
    make_folder("pets");
    EXPECT(cli_dataset_open("pets", &wish, &dataset, &error) != MIDGE_OK, "no folders");
    EXPECT(strcmp(error.message, "pets: has 0 folders; put the pictures of each class into a "
                                 "folder with its name, or the four IDX files there") == 0,
           "%s", error.message);
    cli_dataset_free(&dataset);
    make_folder("pets/dog");
    make_folder("pets/cat");
    put("pets/dog/1.pgm", white, sizeof white - 1);
    EXPECT(cli_dataset_open("pets", &wish, &dataset, &error) != MIDGE_OK, "an empty folder");
    EXPECT(strcmp(error.message, "pets/cat: has no pictures") == 0, "%s", error.message);
    cli_dataset_free(&dataset);
    put("pets/cat/2.pgm", black, sizeof black);
    put("pets/cat/note.txt", "no picture", 10);
    EXPECT(cli_dataset_open("pets", &wish, &dataset, &error) == MIDGE_OK, "%s", error.message);
    EXPECT(dataset.count == 2 && dataset.class_count == 2 && dataset.targets[1] == 1.0f, "%zu",
           dataset.count);
    cli_dataset_sample(&dataset, 1, values);
    EXPECT(values[0] == 1.0f && values[3] == 1.0f, "%g", (double)values[0]);
    cli_dataset_free(&dataset);
    put("pets/cat/3.pgm", black, 8);
    EXPECT(cli_dataset_open("pets", &wish, &dataset, &error) != MIDGE_OK, "half a picture");
    EXPECT(strncmp(error.message, "pets/cat/3.pgm: ", 16) == 0, "%s", error.message);
    cli_dataset_free(&dataset);
}

int main(void)
{
    char folder[] = "/tmp/midge-dataset-XXXXXX";
    EXPECT(mkdtemp(folder) != NULL && chdir(folder) == 0, "%s", folder);
    check_csv();
    check_bad_csv();
    check_unknown_class();
    check_arrays();
    check_bad_arrays();
    check_idx_folder();
    check_picture_folder();
    char remove[100];
    (void)snprintf(remove, sizeof remove, "rm -r %s", folder);
    EXPECT(system(remove) == 0, "%s", folder);
    return expect_finish();
}
