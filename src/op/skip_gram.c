/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SKIP_GRAM: the n-grams of a sentence's words, leaving out up to max_skip_size words between two
 * neighbours, joined by spaces, in the order of a depth-first walk.
 */
#include <string.h>

#include "op/op.h"
#include "op/require.h"
#include "op/string_writer.h"

enum { MAX_NGRAM = 32 };

midge_status mg_prepare_skip_gram(midge_op_context *context)
{
    const mg_SkipGramOptions *options = MG_OPTIONS(context, SkipGramOptions);
    TRY(mg_require_type(context, mg_input(context, 0), "input", MG_TYPES(MIDGE_STRING)));
    TRY(mg_require_type(context, mg_output(context, 0), "output", MG_TYPES(MIDGE_STRING)));
    if (mg_input(context, 0)->elements < 1 && !mg_input(context, 0)->dynamic) {
        return mg_op_fail(context, MIDGE_INVALID_MODEL, "the input has no sentence");
    }
    if (options->ngram_size < 1 || options->ngram_size > MAX_NGRAM) {
        return mg_op_fail(context, MIDGE_UNSUPPORTED, "ngram_size %d is not within 1 to %d",
                          (int)options->ngram_size, MAX_NGRAM);
    }
    return mg_set_output_dynamic(context, 0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A word and where to look for the one after it. */
typedef struct word {
    size_t number;
    mg_string text;
    size_t end;
} word;

/* Words end at white space; a single space in front of the first one belongs to it when it is the
 * only word. False when there is none from `position` on. */
static bool find_word(mg_string sentence, size_t position, word *found)
{
    size_t begin = position;
    for (size_t i = begin > 0 ? begin : 1; i < sentence.length; i++) {
        if (!is_space(sentence.bytes[i])) continue;
        if (i > begin && !is_space(sentence.bytes[begin])) {
            found->text = (mg_string){sentence.bytes + begin, i - begin};
            found->end = i + 1;
            return true;
        }
        begin = i + 1;
    }
    if (begin >= sentence.length) return false;
    found->text = (mg_string){sentence.bytes + begin, sentence.length - begin};
    found->end = sentence.length;
    return true;
}

typedef struct gram_walk {
    const mg_SkipGramOptions *options;
    mg_string sentence;
    size_t grams;
    size_t bytes;
    mg_string_writer *writer; /* NULL: count only */
} gram_walk;

static void emit(gram_walk *walk, const word *stack, int depth)
{
    static const mg_string space = {" ", 1}, nothing = {"", 0};
    walk->grams++;
    if (walk->writer != NULL) mg_strings_append(walk->writer, nothing);
    for (int i = 0; i < depth; i++) {
        walk->bytes += stack[i].text.length + (i > 0);
        if (walk->writer == NULL) continue;
        if (i > 0) mg_strings_extend(walk->writer, space);
        mg_strings_extend(walk->writer, stack[i].text);
    }
}

/* Moves stack[depth] to its next word, unless there is none or it would skip too many. */
static bool step(const gram_walk *walk, word *stack, int depth)
{
    if (depth >= walk->options->ngram_size) return false;
    if (depth > 0) {
        size_t distance = stack[depth].number - stack[depth - 1].number;
        if ((int64_t)distance > walk->options->max_skip_size) return false;
    }
    if (!find_word(walk->sentence, stack[depth].end, &stack[depth])) return false;
    stack[depth].number++;
    return true;
}

/* False when the grams would not fit a string tensor. The first word is on the stack already. */
static bool visit(gram_walk *walk)
{
    word stack[MAX_NGRAM + 1] = {{0, {NULL, 0}, 0}};
    int size = walk->options->ngram_size;
    walk->grams = walk->bytes = 0;
    if (!find_word(walk->sentence, 0, &stack[0])) return true;
    stack[1] = stack[0];
    for (int depth = 1; depth >= 0;) {
        if (step(walk, stack, depth)) {
            depth++;
            if (depth < size) stack[depth] = stack[depth - 1];
            continue;
        }
        if (depth > 0 && (walk->options->include_all_ngrams || depth == size)) {
            emit(walk, stack, depth);
            if (walk->grams > INT32_MAX / 8 || walk->bytes > INT32_MAX / 2) return false;
        }
        depth--;
    }
    return true;
}

/* A sentence with fewer words than an n-gram has none, not even shorter ones. */
static bool has_words(mg_string sentence, int32_t count)
{
    word found = {0, {NULL, 0}, 0};
    for (int32_t i = 0; i < count; i++) {
        if (!find_word(sentence, found.end, &found)) return false;
    }
    return true;
}

midge_status mg_run_skip_gram(midge_op_context *context)
{
    const midge_tensor *input = mg_input(context, 0);
    TRY(mg_require_strings(context, input, "input"));
    if (input->elements == 0) return mg_op_fail(context, MIDGE_RUN_ERROR, "there is no sentence");
    gram_walk walk = {MG_OPTIONS(context, SkipGramOptions), mg_string_at(input, 0), 0, 0, NULL};
    bool any = has_words(walk.sentence, walk.options->ngram_size);
    if (any && !visit(&walk)) {
        return mg_op_fail(context, MIDGE_LIMIT_EXCEEDED, "the sentence has too many n-grams");
    }
    int32_t count = (int32_t)walk.grams;
    mg_string_writer writer;
    TRY(mg_resize_output(context, 0, 1, &count));
    TRY(mg_strings_begin(context, 0, walk.grams, walk.bytes, &writer));
    walk.writer = &writer;
    if (any) visit(&walk);
    return MIDGE_OK;
}
