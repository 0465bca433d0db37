/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What midge writes as Keras files, it reads again as the same model: the goldens of tests/convert
 * convert to the same bytes after a way through each format. The same document gives the same
 * bytes; an incomplete one, lack of memory and a full disk are errors that leave the old file.
 * Threads may read at the same time.
 */
#define _XOPEN_SOURCE 700
#include <glob.h>
#include <hdf5.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/file_write.h"
#include "counting_allocator.h"
#include "keras_copy.h"

#define FOLDER MIDGE_SOURCE_DIR "/tests/convert/"

/* libhdf5 forgets some of its own memory. The leak checker asks for this. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhdf5\n";
}

static char folder[] = "/tmp/midge-keras-write-XXXXXX";

static const char *place(const char *name)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void convert(const char *path, void **bytes, size_t *size)
{
    midge_error error = {MIDGE_OK, ""};
    if (midge_convert_file(path, NULL, bytes, size, &error) != MIDGE_OK)
        fail_msg("%s", error.message);
}

/* `name` without its folder and ending, as the model is the same under each. */
static void check_way(const char *golden, mg_keras_format format, const char *name)
{
    mg_heap heap;
    midge_error error = {MIDGE_OK, ""};
    void *written = NULL, *expected = NULL, *made = NULL;
    size_t written_size = 0, expected_size = 0, made_size = 0;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    if (keras_copy(&heap, golden, format, &written, &written_size, &error) != MIDGE_OK)
        fail_msg("%s: %s", golden, error.message);
    if (mg_file_write(&heap, place(name), written, written_size, &error) != MIDGE_OK)
        fail_msg("%s", error.message);
    convert(golden, &expected, &expected_size);
    convert(place(name), &made, &made_size);
    if (made_size != expected_size || memcmp(made, expected, made_size) != 0)
        fail_msg("%s is another model after a way through %s", golden, name);
    midge_convert_free(NULL, expected);
    midge_convert_free(NULL, made);
    mg_heap_release(&heap, written);
    assert_int_equal(heap.live, 0);
}

static void all_models_come_back_the_same(void **state)
{
    (void)state;
    glob_t found;
    size_t models = 0;
    assert_int_equal(glob(FOLDER "*.keras", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; ++i) {
        if (strstr(found.gl_pathv[i], "refused") != NULL) continue;
        check_way(found.gl_pathv[i], MG_KERAS_ARCHIVE, "plain.keras");
        check_way(found.gl_pathv[i], MG_KERAS_PACKED_ARCHIVE, "packed.keras");
        check_way(found.gl_pathv[i], MG_KERAS_LEGACY, "legacy.h5");
        ++models;
    }
    globfree(&found);
    assert_true(models >= 19);
    check_way(FOLDER "nested.h5", MG_KERAS_LEGACY, "again.h5");
    check_way(FOLDER "bidirectional.h5", MG_KERAS_LEGACY, "again.h5");
}

static void equal_documents_give_equal_bytes(void **state)
{
    (void)state;
    mg_heap heap;
    midge_error error = {MIDGE_OK, ""};
    mg_heap_init(&heap, NULL, SIZE_MAX);
    for (int format = MG_KERAS_ARCHIVE; format <= MG_KERAS_LEGACY; ++format) {
        void *bytes[2] = {NULL, NULL};
        size_t sizes[2] = {0, 0};
        for (int i = 0; i < 2; ++i) {
            /* Times of files count seconds, and their zone comes from the environment. */
            if (i == 1) (void)sleep(2);
            (void)setenv("TZ", i == 0 ? "UTC" : "Asia/Kolkata", 1);
            if (keras_copy(&heap, FOLDER "nested.keras", (mg_keras_format)format, &bytes[i],
                           &sizes[i], &error) != MIDGE_OK)
                fail_msg("%s", error.message);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        for (int i = 0; i < 2; ++i) mg_heap_release(&heap, bytes[i]);
    }
}

/* ---- Documents ---- */

static const char one_dense[] =
    "{\"module\": \"keras\", \"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", "
    "\"layers\": [{\"module\": \"keras.layers\", \"class_name\": \"Dense\", \"config\": "
    "{\"name\": \"only\", \"units\": 2, \"use_bias\": true}}]}}";

static void refuse_values(size_t count, const char *const *names, bool of_other,
                          const char *because)
{
    mg_heap heap;
    midge_error error = {MIDGE_OK, ""};
    mg_keras keras = {.heap = &heap, .error = &error, .file = "test", .tree = true};
    mg_keras_model *model = NULL;
    mg_keras_value values[4] = {{.rank = 0}};
    static const float number = 1;
    void *bytes = NULL;
    size_t size = 0;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    mg_region_init(&keras.region, &heap);
    json_t *object = json_loads(one_dense, 0, NULL);
    assert_non_null(object);
    assert_int_equal(mg_keras_read_model(&keras, object, &model), MIDGE_OK);
    mg_keras_layer other = model->layers[0];
    other.tree = "layers/other";
    for (size_t i = 0; i < count; ++i)
        values[i] =
            (mg_keras_value){.layer = of_other && i + 1 == count ? &other : &model->layers[0],
                             .name = names[i],
                             .values = &number};
    const mg_keras_document document = {object, model, count, values, NULL};
    assert_int_equal(mg_keras_write(&heap, &document, MG_KERAS_ARCHIVE, &bytes, &size, &error),
                     MIDGE_INVALID_ARGUMENT);
    assert_null(bytes);
    if (strstr(error.message, because) == NULL)
        fail_msg("'%s' does not say '%s'", error.message, because);
    json_decref(object);
    mg_region_free(&keras.region);
    assert_int_equal(heap.live, 0);
}

static void incomplete_documents_are_refused(void **state)
{
    (void)state;
    refuse_values(1, (const char *const[]){"kernel"}, false,
                  "'only' (Dense): weight 'bias' is miss");
    refuse_values(3, (const char *const[]){"kernel", "bias", "kernel"}, false, "given twice");
    refuse_values(3, (const char *const[]){"kernel", "bias", "gamma"}, false, "none of this class");
    refuse_values(3, (const char *const[]){"kernel", "bias", "bias"}, true, "no layer");
}

static void lack_of_memory_is_an_error(void **state)
{
    (void)state;
    bool done = false;
    for (size_t n = 0; !done; ++n) {
        counting_allocator counter = {.refuse_from = n, .refuse_count = 1};
        const midge_allocator allocator = {&counter, counting_allocate, counting_release};
        mg_heap heap;
        midge_error error = {MIDGE_OK, ""};
        void *bytes = NULL;
        size_t size = 0;
        mg_heap_init(&heap, &allocator, SIZE_MAX);
        midge_status status =
            keras_copy(&heap, FOLDER "dense.keras", n % 2 == 0 ? MG_KERAS_LEGACY : MG_KERAS_ARCHIVE,
                       &bytes, &size, &error);
        done = counter.calls <= n;
        assert_true((status == MIDGE_OK) == (bytes != NULL));
        assert_true(status == MIDGE_OK || error.message[0] != '\0');
        if (done) assert_int_equal(status, MIDGE_OK);
        mg_heap_release(&heap, bytes);
        assert_int_equal(counter.live, 0);
        assert_true(n < 10000);
    }
}

/* ---- The file ---- */

static size_t count_files(void)
{
    glob_t found;
    size_t count = 0;
    if (glob(place("*"), 0, NULL, &found) == 0) {
        count = found.gl_pathc;
        globfree(&found);
    }
    return count;
}

static void failed_writing_leaves_the_old_file(void **state)
{
    (void)state;
    static char many[100000];
    mg_heap heap;
    midge_error error = {MIDGE_OK, ""};
    mg_file file;
    struct rlimit before, small;
    mg_heap_init(&heap, NULL, SIZE_MAX);
    assert_int_equal(mg_file_write(&heap, place("old"), "old", 3, &error), MIDGE_OK);
    assert_int_equal(chmod(place("old"), 0640), 0);
    size_t files = count_files();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 5000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(mg_file_write(&heap, place("old"), many, sizeof many, &error), MIDGE_IO_ERROR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_non_null(strstr(error.message, "cannot be written"));
    assert_int_equal(count_files(), files);
    assert_int_equal(mg_file_open(&heap, place("old"), false, 100, &file, &error), MIDGE_OK);
    assert_int_equal(file.size, 3);
    assert_memory_equal(file.bytes, "old", 3);
    mg_file_close(&heap, &file);
    assert_int_equal(mg_file_write(&heap, place("old"), many, sizeof many, &error), MIDGE_OK);
    struct stat state_of;
    assert_int_equal(stat(place("old"), &state_of), 0);
    assert_int_equal(state_of.st_mode & 0777, 0640);
    assert_int_equal(state_of.st_size, sizeof many);
    assert_int_equal(mg_file_write(&heap, "/nowhere/at/all", "x", 1, &error), MIDGE_IO_ERROR);
}

/* ---- Threads ---- */

enum { THREADS = 4, ROUNDS = 8 };

typedef struct reader {
    pthread_t thread;
    const char *path;
    const void *expected;
    size_t size;
    size_t wrong;
} reader;

static void *read_again(void *argument)
{
    reader *self = argument;
    for (int i = 0; i < ROUNDS; ++i) {
        midge_error error = {MIDGE_OK, ""};
        void *bytes = NULL;
        size_t size = 0;
        bool equal = midge_convert_file(self->path, NULL, &bytes, &size, &error) == MIDGE_OK &&
                     size == self->size && memcmp(bytes, self->expected, size) == 0;
        self->wrong += !equal;
        midge_convert_free(NULL, bytes);
    }
    return NULL;
}

static void threads_read_side_by_side(void **state)
{
    (void)state;
    static const char *const paths[] = {FOLDER "sequence.h5", FOLDER "dense.keras"};
    hbool_t safe = 0;
    reader readers[THREADS] = {0};
    void *expected[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0}, started = 0;
    if (H5is_library_threadsafe(&safe) < 0 || !safe) skip();
    for (int i = 0; i < 2; ++i) convert(paths[i], &expected[i], &sizes[i]);
    for (size_t i = 0; i < THREADS; ++i, ++started) {
        readers[i] =
            (reader){.path = paths[i % 2], .expected = expected[i % 2], .size = sizes[i % 2]};
        if (pthread_create(&readers[i].thread, NULL, read_again, &readers[i]) != 0) break;
    }
    size_t wrong = 0;
    for (size_t i = 0; i < started; ++i) {
        (void)pthread_join(readers[i].thread, NULL);
        wrong += readers[i].wrong;
    }
    assert_true(started > 0);
    assert_int_equal(wrong, 0);
    for (int i = 0; i < 2; ++i) midge_convert_free(NULL, expected[i]);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    glob_t found;
    if (glob(place("*"), 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; ++i) (void)remove(found.gl_pathv[i]);
        globfree(&found);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_models_come_back_the_same),
        cmocka_unit_test(equal_documents_give_equal_bytes),
        cmocka_unit_test(incomplete_documents_are_refused),
        cmocka_unit_test(lack_of_memory_is_an_error),
        cmocka_unit_test(failed_writing_leaves_the_old_file),
        cmocka_unit_test(threads_read_side_by_side),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
