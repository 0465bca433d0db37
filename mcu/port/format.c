/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snprintf and vsnprintf for messages. Small C libraries have none that knows "%zu" and "%lld", and
 * reads past the arguments then; others bring a heap along for "%g". This one knows the conversions
 * d i u x s c g and %, the lengths l ll z and t, a precision for s, and no width. "%g" gives six
 * digits.
 */
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct output {
    char *text;
    size_t capacity;
    size_t used; /* also beyond the capacity */
} output;

static void put(output *out, char c)
{
    if (out->used + 1 < out->capacity) out->text[out->used] = c;
    ++out->used;
}

static void put_text(output *out, const char *text, size_t most)
{
    if (text == NULL) text = "(null)";
    for (size_t i = 0; i < most && text[i] != '\0'; ++i) put(out, text[i]);
}

static void put_unsigned(output *out, uint64_t value, unsigned base)
{
    char digits[24];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    while (count > 0) put(out, digits[--count]);
}

static void put_signed(output *out, int64_t value)
{
    if (value < 0) put(out, '-');
    put_unsigned(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

/* Scales to a number of six digits before the point; *exponent is that of the first digit. */
static uint32_t six_digits(double value, int *exponent)
{
    *exponent = 5;
    for (; value >= 999999.5; ++*exponent) value /= 10;
    for (; value < 99999.95; --*exponent) value *= 10;
    return (uint32_t)(value + 0.5);
}

/* d.ddddd with the point behind `before` digits and without zeros at the end. */
static void put_digits(output *out, uint32_t digits, int before)
{
    char text[8];
    int count = 6;
    for (int i = 5; i >= 0; --i) {
        text[i] = (char)('0' + digits % 10);
        digits /= 10;
    }
    while (count > before && count > 1 && text[count - 1] == '0') --count;
    for (int i = before; i <= 0; ++i) {
        put(out, '0');
        if (i == before) put(out, '.');
    }
    for (int i = 0; i < count; ++i) {
        if (i == before && before > 0) put(out, '.');
        put(out, text[i]);
    }
}

static void put_real(output *out, double value)
{
    int exponent;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (bits >> 63 != 0) {
        put(out, '-');
        value = -value;
    }
    if (value != value) {
        put_text(out, "nan", 3);
    } else if (value > 1.7976931348623157e308) {
        put_text(out, "inf", 3);
    } else if (value == 0) {
        put(out, '0');
    } else {
        uint32_t digits = six_digits(value, &exponent);
        if (exponent >= -4 && exponent < 6) {
            put_digits(out, digits, exponent + 1);
        } else {
            put_digits(out, digits, 1);
            put_text(out, exponent < 0 ? "e-" : "e+", 2);
            if (exponent > -10 && exponent < 10) put(out, '0');
            put_unsigned(out, exponent < 0 ? (uint64_t)-exponent : (uint64_t)exponent, 10);
        }
    }
}

/* What stands between % and the conversion. */
typedef struct conversion {
    size_t precision;
    int longs; /* 1: l, z, t; 2: ll */
    char kind;
} conversion;

static const char *read_conversion(const char *format, int given_precision, conversion *read)
{
    *read = (conversion){SIZE_MAX, 0, '\0'};
    if (*format == '.' && format[1] == '*') {
        read->precision = given_precision < 0 ? SIZE_MAX : (size_t)given_precision;
        format += 2;
    } else if (*format == '.') {
        for (read->precision = 0, ++format; *format >= '0' && *format <= '9'; ++format)
            read->precision = read->precision * 10 + (size_t)(*format - '0');
    }
    for (; *format == 'l' || *format == 'z' || *format == 't'; ++format) ++read->longs;
    read->kind = *format;
    return *format != '\0' ? format + 1 : format;
}

/* What every length above int is, the arguments of this machine have in 32 bits or 64. */
_Static_assert(sizeof(long) == sizeof(size_t) && sizeof(long) == sizeof(ptrdiff_t), "lengths");

int vsnprintf(char *text, size_t capacity, const char *format, va_list arguments)
{
    output out = {text, capacity, 0};
    va_list rest;
    va_copy(rest, arguments);
    while (*format != '\0') {
        conversion at;
        if (*format != '%') {
            put(&out, *format++);
            continue;
        }
        int precision = strncmp(format, "%.*", 3) == 0 ? va_arg(rest, int) : -1;
        format = read_conversion(format + 1, precision, &at);
        switch (at.kind) {
        case 'd':
        case 'i':
            put_signed(&out, at.longs == 0   ? va_arg(rest, int)
                             : at.longs == 1 ? va_arg(rest, long)
                                             : va_arg(rest, long long));
            break;
        case 'u':
        case 'x':
            put_unsigned(&out,
                         at.longs == 0   ? va_arg(rest, unsigned)
                         : at.longs == 1 ? va_arg(rest, unsigned long)
                                         : va_arg(rest, unsigned long long),
                         at.kind == 'x' ? 16 : 10);
            break;
        case 's': put_text(&out, va_arg(rest, const char *), at.precision); break;
        case 'c': put(&out, (char)va_arg(rest, int)); break;
        case 'g': put_real(&out, va_arg(rest, double)); break;
        default: put(&out, '%');
        }
    }
    va_end(rest);
    if (capacity > 0) text[out.used < capacity ? out.used : capacity - 1] = '\0';
    return out.used > INT_MAX ? INT_MAX : (int)out.used;
}

int snprintf(char *text, size_t capacity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(text, capacity, format, arguments);
    va_end(arguments);
    return used;
}
