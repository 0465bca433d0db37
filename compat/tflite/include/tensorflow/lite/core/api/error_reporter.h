/* SPDX-License-Identifier: Apache-2.0 */
/* Where messages go: derive from ErrorReporter, or take the default, standard error. */
#ifndef TENSORFLOW_LITE_CORE_API_ERROR_REPORTER_H_
#define TENSORFLOW_LITE_CORE_API_ERROR_REPORTER_H_

#include <cstdarg>
#include <cstdio>

namespace tflite
{

class ErrorReporter
{
  public:
    virtual ~ErrorReporter() = default;
    virtual int Report(const char *format, va_list args) = 0;

    int Report(const char *format, ...)
    {
        va_list args;
        va_start(args, format);
        int written = Report(format, args);
        va_end(args);
        return written;
    }

    int ReportError(void *, const char *format, ...)
    {
        va_list args;
        va_start(args, format);
        int written = Report(format, args);
        va_end(args);
        return written;
    }

    /* For the C interface. */
    static void Forward(void *reporter, const char *format, va_list args)
    {
        static_cast<ErrorReporter *>(reporter)->Report(format, args);
    }
};

class StderrReporter : public ErrorReporter
{
  public:
    using ErrorReporter::Report;
    int Report(const char *format, va_list args) override
    {
        int written = std::fputs("ERROR: ", stderr);
        written += std::vfprintf(stderr, format, args);
        std::fputc('\n', stderr);
        return written;
    }
};

inline ErrorReporter *DefaultErrorReporter()
{
    static StderrReporter reporter;
    return &reporter;
}

} // namespace tflite

#define TF_LITE_REPORT_ERROR(reporter, ...)            \
    do {                                               \
        if (reporter) (reporter)->Report(__VA_ARGS__); \
    } while (false)

#endif
