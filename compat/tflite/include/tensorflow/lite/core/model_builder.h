/* SPDX-License-Identifier: Apache-2.0 */
/* FlatBufferModel: a checked model file, shared with the interpreters made of it. */
#ifndef TENSORFLOW_LITE_CORE_MODEL_BUILDER_H_
#define TENSORFLOW_LITE_CORE_MODEL_BUILDER_H_

#include <cstddef>
#include <memory>

#include "tensorflow/lite/core/api/error_reporter.h"
#include "tensorflow/lite/core/c/c_api.h"

namespace tflite
{

class FlatBufferModel
{
  public:
    /* Null for what is no sound model. */
    static std::unique_ptr<FlatBufferModel>
    BuildFromFile(const char *filename, ErrorReporter *error_reporter = DefaultErrorReporter())
    {
        ErrorReporter *reporter = OrDefault(error_reporter);
        return Wrap(
            TfLiteModelCreateFromFileWithErrorReporter(filename, ErrorReporter::Forward, reporter),
            reporter);
    }

    /* The bytes are not copied. */
    static std::unique_ptr<FlatBufferModel>
    BuildFromBuffer(const char *caller_owned_buffer, std::size_t buffer_size,
                    ErrorReporter *error_reporter = DefaultErrorReporter())
    {
        ErrorReporter *reporter = OrDefault(error_reporter);
        return Wrap(TfLiteModelCreateWithErrorReporter(caller_owned_buffer, buffer_size,
                                                       ErrorReporter::Forward, reporter),
                    reporter);
    }

    /* Every model is verified; the second argument, a verifier of one's own, must be null. */
    static std::unique_ptr<FlatBufferModel>
    VerifyAndBuildFromFile(const char *filename, std::nullptr_t = nullptr,
                           ErrorReporter *error_reporter = DefaultErrorReporter())
    {
        return BuildFromFile(filename, error_reporter);
    }

    static std::unique_ptr<FlatBufferModel>
    VerifyAndBuildFromBuffer(const char *caller_owned_buffer, std::size_t buffer_size,
                             std::nullptr_t = nullptr,
                             ErrorReporter *error_reporter = DefaultErrorReporter())
    {
        return BuildFromBuffer(caller_owned_buffer, buffer_size, error_reporter);
    }

    bool initialized() const
    {
        return model_ != nullptr;
    }
    ErrorReporter *error_reporter() const
    {
        return reporter_;
    }
    /* For InterpreterBuilder. */
    const std::shared_ptr<TfLiteModel> &handle() const
    {
        return model_;
    }

  private:
    FlatBufferModel(TfLiteModel *model, ErrorReporter *reporter)
        : model_(model, TfLiteModelDelete), reporter_(reporter)
    {
    }

    static ErrorReporter *OrDefault(ErrorReporter *reporter)
    {
        return reporter != nullptr ? reporter : DefaultErrorReporter();
    }

    static std::unique_ptr<FlatBufferModel> Wrap(TfLiteModel *model, ErrorReporter *reporter)
    {
        if (model == nullptr) return nullptr;
        return std::unique_ptr<FlatBufferModel>(new FlatBufferModel(model, reporter));
    }

    std::shared_ptr<TfLiteModel> model_;
    ErrorReporter *reporter_;
};

} // namespace tflite

#endif
