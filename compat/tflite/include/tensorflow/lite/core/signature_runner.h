/* SPDX-License-Identifier: Apache-2.0 */
/* SignatureRunner: named inputs and outputs. Made and owned by Interpreter. */
#ifndef TENSORFLOW_LITE_CORE_SIGNATURE_RUNNER_H_
#define TENSORFLOW_LITE_CORE_SIGNATURE_RUNNER_H_

#include <string>
#include <vector>

#include "tensorflow/lite/core/c/c_api.h"
#include "tensorflow/lite/core/c/c_api_experimental.h"
#include "tensorflow/lite/core/c/common.h"

namespace tflite
{

class SignatureRunner
{
  public:
    SignatureRunner(TfLiteSignatureRunner *runner, const std::string &key)
        : runner_(runner), key_(key)
    {
        for (std::size_t i = 0; i < TfLiteSignatureRunnerGetInputCount(runner); ++i)
            inputs_.push_back(TfLiteSignatureRunnerGetInputName(runner, static_cast<int32_t>(i)));
        for (std::size_t i = 0; i < TfLiteSignatureRunnerGetOutputCount(runner); ++i)
            outputs_.push_back(TfLiteSignatureRunnerGetOutputName(runner, static_cast<int32_t>(i)));
    }
    ~SignatureRunner()
    {
        TfLiteSignatureRunnerDelete(runner_);
    }
    SignatureRunner(const SignatureRunner &) = delete;
    SignatureRunner &operator=(const SignatureRunner &) = delete;

    const std::string &signature_key() const
    {
        return key_;
    }
    std::size_t input_size() const
    {
        return inputs_.size();
    }
    std::size_t output_size() const
    {
        return outputs_.size();
    }
    const std::vector<const char *> &input_names() const
    {
        return inputs_;
    }
    const std::vector<const char *> &output_names() const
    {
        return outputs_;
    }
    TfLiteTensor *input_tensor(const char *name)
    {
        return TfLiteSignatureRunnerGetInputTensor(runner_, name);
    }
    const TfLiteTensor *output_tensor(const char *name) const
    {
        return TfLiteSignatureRunnerGetOutputTensor(runner_, name);
    }
    /* As the C interface, strict: sizes that the model fixes stay. */
    TfLiteStatus ResizeInputTensor(const char *name, const std::vector<int> &size)
    {
        return ResizeInputTensorStrict(name, size);
    }
    TfLiteStatus ResizeInputTensorStrict(const char *name, const std::vector<int> &size)
    {
        return TfLiteSignatureRunnerResizeInputTensor(runner_, name, size.data(),
                                                      static_cast<int32_t>(size.size()));
    }
    TfLiteStatus AllocateTensors()
    {
        return TfLiteSignatureRunnerAllocateTensors(runner_);
    }
    TfLiteStatus Invoke()
    {
        return TfLiteSignatureRunnerInvoke(runner_);
    }
    TfLiteStatus Cancel()
    {
        return TfLiteSignatureRunnerCancel(runner_);
    }

  private:
    TfLiteSignatureRunner *runner_;
    std::string key_;
    std::vector<const char *> inputs_, outputs_;
};

} // namespace tflite

#endif
