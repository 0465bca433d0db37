/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tflite::Interpreter and InterpreterBuilder over the C interface. TfLiteTensor is the same object
 * in both.
 */
#ifndef TENSORFLOW_LITE_CORE_INTERPRETER_H_
#define TENSORFLOW_LITE_CORE_INTERPRETER_H_

#include <complex>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "midge_tflite.h"
#include "tensorflow/lite/core/api/error_reporter.h"
#include "tensorflow/lite/core/api/op_resolver.h"
#include "tensorflow/lite/core/c/c_api.h"
#include "tensorflow/lite/core/c/c_api_experimental.h"
#include "tensorflow/lite/core/c/common.h"
#include "tensorflow/lite/core/model_builder.h"
#include "tensorflow/lite/core/signature_runner.h"
#include "tensorflow/lite/interpreter_options.h"

namespace tflite
{

/* The TfLiteType of a C++ type. */
template <typename T> constexpr TfLiteType typeToTfLiteType()
{
    return kTfLiteNoType;
}
template <> constexpr TfLiteType typeToTfLiteType<float>()
{
    return kTfLiteFloat32;
}
template <> constexpr TfLiteType typeToTfLiteType<double>()
{
    return kTfLiteFloat64;
}
template <> constexpr TfLiteType typeToTfLiteType<std::int8_t>()
{
    return kTfLiteInt8;
}
template <> constexpr TfLiteType typeToTfLiteType<std::uint8_t>()
{
    return kTfLiteUInt8;
}
template <> constexpr TfLiteType typeToTfLiteType<std::int16_t>()
{
    return kTfLiteInt16;
}
template <> constexpr TfLiteType typeToTfLiteType<std::uint16_t>()
{
    return kTfLiteUInt16;
}
template <> constexpr TfLiteType typeToTfLiteType<std::int32_t>()
{
    return kTfLiteInt32;
}
template <> constexpr TfLiteType typeToTfLiteType<std::uint32_t>()
{
    return kTfLiteUInt32;
}
template <> constexpr TfLiteType typeToTfLiteType<std::int64_t>()
{
    return kTfLiteInt64;
}
template <> constexpr TfLiteType typeToTfLiteType<std::uint64_t>()
{
    return kTfLiteUInt64;
}
template <> constexpr TfLiteType typeToTfLiteType<bool>()
{
    return kTfLiteBool;
}
template <> constexpr TfLiteType typeToTfLiteType<std::string>()
{
    return kTfLiteString;
}
template <> constexpr TfLiteType typeToTfLiteType<TfLiteFloat16>()
{
    return kTfLiteFloat16;
}
template <> constexpr TfLiteType typeToTfLiteType<TfLiteBFloat16>()
{
    return kTfLiteBFloat16;
}
template <> constexpr TfLiteType typeToTfLiteType<std::complex<float>>()
{
    return kTfLiteComplex64;
}
template <> constexpr TfLiteType typeToTfLiteType<std::complex<double>>()
{
    return kTfLiteComplex128;
}

class InterpreterBuilder;

class Interpreter
{
  public:
    typedef std::unique_ptr<TfLiteDelegate, void (*)(TfLiteDelegate *)> TfLiteDelegatePtr;

    ~Interpreter()
    {
        runners_.clear();
        TfLiteInterpreterDelete(interpreter_);
        TfLiteInterpreterOptionsDelete(options_);
    }
    Interpreter(const Interpreter &) = delete;
    Interpreter &operator=(const Interpreter &) = delete;

    /* ---- Inputs, outputs, tensors: indices are those of the model ---- */

    const std::vector<int> &inputs() const
    {
        return inputs_;
    }
    const std::vector<int> &outputs() const
    {
        return outputs_;
    }
    const std::vector<int> &variables() const
    {
        return variables_;
    }
    const char *GetInputName(int index) const
    {
        return TfLiteTensorName(input_tensor(index));
    }
    const char *GetOutputName(int index) const
    {
        return TfLiteTensorName(output_tensor(index));
    }

    std::size_t tensors_size() const
    {
        int count = 0;
        while (TfLiteInterpreterGetTensor(interpreter_, count) != nullptr) ++count;
        return static_cast<std::size_t>(count);
    }
    TfLiteTensor *tensor(int tensor_index) const
    {
        return TfLiteInterpreterGetTensor(interpreter_, tensor_index);
    }
    TfLiteTensor *input_tensor(std::size_t index) const
    {
        return tensor(inputs_.at(index));
    }
    TfLiteTensor *output_tensor(std::size_t index) const
    {
        return tensor(outputs_.at(index));
    }

    /* Null when the tensor is of another type. */
    template <class T> T *typed_tensor(int tensor_index) const
    {
        TfLiteTensor *found = tensor(tensor_index);
        if (found == nullptr || found->type != typeToTfLiteType<T>()) return nullptr;
        return static_cast<T *>(TfLiteTensorData(found));
    }
    template <class T> T *typed_input_tensor(int index) const
    {
        return typed_tensor<T>(inputs_.at(static_cast<std::size_t>(index)));
    }
    template <class T> T *typed_output_tensor(int index) const
    {
        return typed_tensor<T>(outputs_.at(static_cast<std::size_t>(index)));
    }

    /* ---- Resize, allocate, invoke ---- */

    TfLiteStatus ResizeInputTensor(int tensor_index, const std::vector<int> &dims)
    {
        return TfLiteInterpreterResizeInputTensor(interpreter_, PositionOf(tensor_index),
                                                  dims.data(), static_cast<int32_t>(dims.size()));
    }
    /* Only sizes that the model leaves open may change. */
    TfLiteStatus ResizeInputTensorStrict(int tensor_index, const std::vector<int> &dims)
    {
        const TfLiteTensor *found = tensor(tensor_index);
        if (found == nullptr || found->dims->size != static_cast<int>(dims.size()))
            return kTfLiteError;
        const TfLiteIntArray *open = TfLiteTensorGetDimsSignature(found);
        if (open->size != found->dims->size) return kTfLiteError;
        for (int i = 0; i < open->size; ++i)
            if (open->data[i] != -1 && open->data[i] != dims[static_cast<std::size_t>(i)])
                return kTfLiteError;
        return ResizeInputTensor(tensor_index, dims);
    }
    TfLiteStatus AllocateTensors()
    {
        return TfLiteInterpreterAllocateTensors(interpreter_);
    }
    TfLiteStatus Invoke()
    {
        return TfLiteInterpreterInvoke(interpreter_);
    }
    TfLiteStatus ResetVariableTensors()
    {
        return TfLiteInterpreterResetVariableTensors(interpreter_);
    }
    TfLiteStatus EnsureTensorDataIsReadable(int tensor_index)
    {
        return TfLiteInterpreterEnsureTensorDataIsReadable(interpreter_, tensor_index);
    }
    TfLiteStatus SetCustomAllocationForTensor(int tensor_index,
                                              const TfLiteCustomAllocation &memory,
                                              int64_t flags = kTfLiteCustomAllocationFlagsNone)
    {
        return TfLiteInterpreterSetCustomAllocationForTensor(interpreter_, tensor_index, &memory,
                                                             flags);
    }

    /* At once before the first allocation, after one with the next that follows a resize. */
    TfLiteStatus SetNumThreads(int num_threads)
    {
        return midge_tflite_set_threads(interpreter_, num_threads);
    }

    /* Stops an invocation under way, from any thread. */
    TfLiteStatus EnableCancellation()
    {
        return kTfLiteOk;
    }
    TfLiteStatus Cancel()
    {
        return TfLiteInterpreterCancel(interpreter_);
    }

    /* Calculations are as precise as the model says. */
    void SetAllowFp16PrecisionForFp32(bool)
    {
    }
    bool GetAllowFp16PrecisionForFp32() const
    {
        return false;
    }
    void UseNNAPI(bool)
    {
    }
    void SetAllowBufferHandleOutput(bool allow)
    {
        TfLiteSetAllowBufferHandleOutput(interpreter_, allow);
    }
    TfLiteStatus SetBufferHandle(int tensor_index, TfLiteBufferHandle handle,
                                 TfLiteDelegate *delegate)
    {
        return TfLiteInterpreterSetBufferHandle(interpreter_, tensor(tensor_index), handle,
                                                reinterpret_cast<TfLiteOpaqueDelegate *>(delegate));
    }
    TfLiteStatus GetBufferHandle(int tensor_index, TfLiteBufferHandle *handle,
                                 TfLiteDelegate **delegate)
    {
        TfLiteOpaqueDelegate *found = nullptr;
        TfLiteStatus status =
            TfLiteInterpreterGetBufferHandle(interpreter_, tensor_index, handle, &found);
        if (status == kTfLiteOk) *delegate = reinterpret_cast<TfLiteDelegate *>(found);
        return status;
    }
    /* For kernels of the program and of delegates, which ask their TfLiteContext for it. */
    void SetExternalContext(TfLiteExternalContextType type, TfLiteExternalContext *context)
    {
        midge_tflite_set_external_context(interpreter_, type, context);
    }

    /* ---- Delegates ---- */

    TfLiteStatus ModifyGraphWithDelegate(TfLiteDelegate *delegate)
    {
        return TfLiteInterpreterModifyGraphWithDelegate(interpreter_, delegate);
    }
    /* Keeps the delegate. */
    template <typename Delegate, typename Deleter>
    TfLiteStatus ModifyGraphWithDelegate(std::unique_ptr<Delegate, Deleter> delegate)
    {
        TfLiteDelegate *raw = delegate.get();
        Deleter deleter = delegate.get_deleter();
        kept_.push_back(std::shared_ptr<Delegate>(delegate.release(), deleter));
        return ModifyGraphWithDelegate(raw);
    }

    /* ---- Signatures ---- */

    std::vector<const std::string *> signature_keys() const
    {
        std::vector<const std::string *> keys;
        for (const std::string &key : keys_) keys.push_back(&key);
        return keys;
    }
    /* Null for an unknown key. `key` null: the only signature, or the model itself. */
    SignatureRunner *GetSignatureRunner(const char *key)
    {
        std::string name = key != nullptr ? key : "";
        auto found = runners_.find(name);
        if (found != runners_.end()) return found->second.get();
        TfLiteSignatureRunner *made = TfLiteInterpreterGetSignatureRunner(interpreter_, key);
        if (made == nullptr) return nullptr;
        return (runners_[name] = std::unique_ptr<SignatureRunner>(new SignatureRunner(made, name)))
            .get();
    }
    TfLiteTensor *input_tensor_by_signature(const char *input, const char *key)
    {
        SignatureRunner *runner = GetSignatureRunner(key);
        return runner != nullptr ? runner->input_tensor(input) : nullptr;
    }
    const TfLiteTensor *output_tensor_by_signature(const char *output, const char *key)
    {
        SignatureRunner *runner = GetSignatureRunner(key);
        return runner != nullptr ? runner->output_tensor(output) : nullptr;
    }

    ErrorReporter *error_reporter() const
    {
        return reporter_;
    }
    /* The C object. */
    TfLiteInterpreter *handle() const
    {
        return interpreter_;
    }

  private:
    friend class InterpreterBuilder;

    Interpreter(const std::shared_ptr<TfLiteModel> &model, TfLiteInterpreterOptions *options,
                TfLiteInterpreter *interpreter, ErrorReporter *reporter)
        : model_(model), options_(options), interpreter_(interpreter), reporter_(reporter)
    {
        int count = TfLiteInterpreterGetInputTensorCount(interpreter);
        for (int i = 0; i < count; ++i)
            inputs_.push_back(TfLiteInterpreterGetInputTensorIndex(interpreter, i));
        count = TfLiteInterpreterGetOutputTensorCount(interpreter);
        for (int i = 0; i < count; ++i)
            outputs_.push_back(TfLiteInterpreterGetOutputTensorIndex(interpreter, i));
        count = TfLiteInterpreterGetSignatureCount(interpreter);
        for (int i = 0; i < count; ++i)
            keys_.push_back(TfLiteInterpreterGetSignatureKey(interpreter, i));
        const TfLiteTensor *found;
        for (int i = 0; (found = TfLiteInterpreterGetTensor(interpreter, i)) != nullptr; ++i)
            if (found->is_variable) variables_.push_back(i);
    }

    int32_t PositionOf(int tensor_index) const
    {
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (inputs_[i] == tensor_index) return static_cast<int32_t>(i);
        return -1;
    }

    std::shared_ptr<TfLiteModel> model_;
    TfLiteInterpreterOptions *options_;
    TfLiteInterpreter *interpreter_;
    ErrorReporter *reporter_;
    std::vector<int> inputs_, outputs_, variables_;
    std::vector<std::string> keys_;
    std::map<std::string, std::unique_ptr<SignatureRunner>> runners_;
    std::vector<std::shared_ptr<TfLiteDelegate>> kept_;
};

/* The resolver must outlive the interpreter. */
class InterpreterBuilder
{
  public:
    InterpreterBuilder(const FlatBufferModel &model, const OpResolver &resolver,
                       const InterpreterOptions *options_experimental = nullptr)
        : model_(model.handle()), reporter_(model.error_reporter()),
          options_(TfLiteInterpreterOptionsCreate())
    {
        TfLiteInterpreterOptionsSetErrorReporter(options_, ErrorReporter::Forward, reporter_);
        TfLiteInterpreterOptionsEnableCancellation(options_, true);
        TfLiteInterpreterOptionsSetOpResolver(options_, OpResolver::FindBuiltin,
                                              OpResolver::FindCustom,
                                              const_cast<OpResolver *>(&resolver));
        midge_tflite_options_kernels(options_, resolver.Kernels());
        if (options_experimental != nullptr && options_experimental->GetPreserveAllTensors())
            PreserveAllTensorsExperimental();
    }
    ~InterpreterBuilder()
    {
        TfLiteInterpreterOptionsDelete(options_);
    }
    InterpreterBuilder(const InterpreterBuilder &) = delete;
    InterpreterBuilder &operator=(const InterpreterBuilder &) = delete;

    TfLiteStatus operator()(std::unique_ptr<Interpreter> *interpreter)
    {
        if (interpreter == nullptr) return kTfLiteError;
        interpreter->reset();
        TfLiteInterpreter *made = TfLiteInterpreterCreate(model_.get(), options_);
        if (made == nullptr) return kTfLiteError;
        interpreter->reset(
            new Interpreter(model_, TfLiteInterpreterOptionsCopy(options_), made, reporter_));
        return kTfLiteOk;
    }
    TfLiteStatus operator()(std::unique_ptr<Interpreter> *interpreter, int num_threads)
    {
        TfLiteStatus status = SetNumThreads(num_threads);
        return status == kTfLiteOk ? (*this)(interpreter) : status;
    }

    TfLiteStatus SetNumThreads(int num_threads)
    {
        if (num_threads < -1) return kTfLiteError;
        TfLiteInterpreterOptionsSetNumThreads(options_, num_threads);
        return kTfLiteOk;
    }
    void AddDelegate(TfLiteDelegate *delegate)
    {
        TfLiteInterpreterOptionsAddDelegate(options_,
                                            reinterpret_cast<TfLiteOpaqueDelegate *>(delegate));
    }
    /* Tensors between operators stay readable after Invoke. */
    InterpreterBuilder &PreserveAllTensorsExperimental()
    {
        midge_tflite_options_preserve_all_tensors(options_, true);
        return *this;
    }

  private:
    std::shared_ptr<TfLiteModel> model_;
    ErrorReporter *reporter_;
    TfLiteInterpreterOptions *options_;
};

/* Programs also call them by the namespace where the original defines them. */
namespace impl
{
using ::tflite::FlatBufferModel;
using ::tflite::Interpreter;
using ::tflite::InterpreterBuilder;
using ::tflite::SignatureRunner;
} // namespace impl
} // namespace tflite

#endif
