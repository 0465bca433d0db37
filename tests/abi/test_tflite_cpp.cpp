/* SPDX-License-Identifier: Apache-2.0 */
/* The C++ interface, as camera programs, media filters and robot modules use it. The first argument
 * or MIDGE_ABI_MODELS is the folder with the models of write_models. */
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"
#include "tensorflow/lite/interpreter.h"
#include "tensorflow/lite/kernels/kernel_util.h"
#include "tensorflow/lite/kernels/register.h"
#include "tensorflow/lite/model.h"
#include "tensorflow/lite/string_util.h"

#include "cpp_expect.h"

/* As a stage of a camera program: file, resolver, builder, threads, allocate, fill by type, read.
 */
static void camera_stage()
{
    std::unique_ptr<tflite::FlatBufferModel> model =
        tflite::FlatBufferModel::BuildFromFile(path_of("quantised").c_str());
    EXPECT(model != nullptr);
    tflite::ops::builtin::BuiltinOpResolver resolver;
    std::unique_ptr<tflite::Interpreter> interpreter;
    tflite::InterpreterBuilder(*model, resolver)(&interpreter);
    EXPECT(interpreter != nullptr);
    EXPECT(interpreter->SetNumThreads(2) == kTfLiteOk);
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    int input = interpreter->inputs()[0];
    TfLiteTensor *tensor = interpreter->tensor(input);
    EXPECT(tensor->type == kTfLiteInt8 && tensor->bytes == 4 && tensor->dims->data[1] == 4);
    EXPECT(interpreter->typed_tensor<float>(input) == nullptr);
    std::int8_t *bytes = interpreter->typed_tensor<std::int8_t>(input);
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<std::int8_t>(3 + 2 * i);
    EXPECT(interpreter->Invoke() == kTfLiteOk);
    const std::int8_t *sums = interpreter->typed_output_tensor<std::int8_t>(0);
    EXPECT(sums[3] == 4); /* 3 + 1.25 = 4.25, scale 1 */
    EXPECT(std::strcmp(interpreter->GetInputName(0), "x") == 0);
}

/* As a filter: builder with threads, own delegate, resize, names. */
static void media_filter()
{
    auto model = tflite::FlatBufferModel::BuildFromFile(path_of("add_one").c_str());
    tflite::ops::builtin::BuiltinOpResolverWithoutDefaultDelegates resolver;
    std::unique_ptr<tflite::Interpreter> interpreter;
    EXPECT(tflite::InterpreterBuilder(*model, resolver)(&interpreter, 2) == kTfLiteOk);
    model.reset();
    TfLiteXNNPackDelegateOptions options = TfLiteXNNPackDelegateOptionsDefault();
    options.num_threads = 2;
    std::unique_ptr<TfLiteDelegate, decltype(&TfLiteXNNPackDelegateDelete)> delegate(
        TfLiteXNNPackDelegateCreate(&options), TfLiteXNNPackDelegateDelete);
    EXPECT(interpreter->ModifyGraphWithDelegate(std::move(delegate)) == kTfLiteOk);
    EXPECT(interpreter->ResizeInputTensor(interpreter->inputs()[0], {2, 3}) == kTfLiteOk);
    EXPECT(interpreter->ResizeInputTensorStrict(interpreter->inputs()[0], {2, 4}) == kTfLiteError);
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    float *in = interpreter->typed_input_tensor<float>(0);
    for (int i = 0; i < 6; ++i) in[i] = static_cast<float>(i);
    EXPECT(interpreter->Invoke() == kTfLiteOk);
    EXPECT(interpreter->typed_output_tensor<float>(0)[5] == 6);
    EXPECT(interpreter->tensors_size() == 3);
    EXPECT(interpreter->signature_keys().size() == 1);
    tflite::SignatureRunner *runner = interpreter->GetSignatureRunner("serve");
    EXPECT(runner != nullptr && runner->Invoke() == kTfLiteOk);
    EXPECT(runner->output_tensor("y") == interpreter->output_tensor(0));
    EXPECT(interpreter->GetSignatureRunner("other") == nullptr);
    EXPECT(interpreter->ResizeInputTensor(interpreter->inputs()[0], {1, 1, 2, 3}) == kTfLiteOk);
    EXPECT(interpreter->ResizeInputTensorStrict(interpreter->inputs()[0], {1, 3, 2, 3}) ==
           kTfLiteError); /* the model says two dimensions */
}

class Listener : public tflite::ErrorReporter
{
  public:
    using tflite::ErrorReporter::Report;
    int Report(const char *format, va_list args) override
    {
        char line[1024];
        int written = std::vsnprintf(line, sizeof line, format, args);
        text += line;
        return written;
    }
    std::string text;
};

/* As a module: bytes in memory, C accessors on C++ tensors, messages of its own. */
static void robot_module()
{
    std::ifstream file(path_of("two_inputs"), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    Listener listener;
    auto model = tflite::FlatBufferModel::BuildFromBuffer(bytes.data(), bytes.size(), &listener);
    EXPECT(model != nullptr && model->initialized());
    tflite::ops::builtin::BuiltinOpResolver resolver;
    std::unique_ptr<tflite::Interpreter> interpreter;
    tflite::InterpreterBuilder builder(*model, resolver);
    builder.SetNumThreads(1);
    EXPECT(builder(&interpreter) == kTfLiteOk);
    EXPECT(interpreter->Invoke() == kTfLiteError);
    EXPECT(!listener.text.empty());
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    for (std::size_t i = 0; i < interpreter->inputs().size(); ++i) {
        TfLiteTensor *tensor = interpreter->input_tensor(i);
        const float values[] = {1, 2, 3, 4};
        EXPECT(TfLiteTensorCopyFromBuffer(tensor, values, sizeof values) == kTfLiteOk);
    }
    EXPECT(interpreter->Invoke() == kTfLiteOk);
    const TfLiteTensor *sum = interpreter->output_tensor(0);
    EXPECT(TfLiteTensorByteSize(sum) == 16 && sum->data.f[3] == 8);
    EXPECT(tflite::FlatBufferModel::BuildFromBuffer("nonsense", 8, &listener) == nullptr);
}

static TfLiteStatus twice_prepare(TfLiteContext *context, TfLiteNode *node)
{
    TF_LITE_ENSURE_EQ(context, tflite::NumInputs(node), 1);
    const TfLiteTensor *x = tflite::GetInput(context, node, 0);
    TfLiteTensor *y = tflite::GetOutput(context, node, 0);
    return context->ResizeTensor(context, y, TfLiteIntArrayCopy(x->dims));
}

static TfLiteStatus twice_invoke(TfLiteContext *context, TfLiteNode *node)
{
    const TfLiteTensor *x = tflite::GetInput(context, node, 0);
    float *y = tflite::GetTensorData<float>(tflite::GetOutput(context, node, 0));
    for (std::int64_t i = 0; i < tflite::NumElements(x); ++i)
        y[i] = 2 * tflite::GetTensorData<float>(x)[i];
    return kTfLiteOk;
}

static void custom_operator()
{
    auto model = tflite::FlatBufferModel::BuildFromFile(path_of("custom").c_str());
    TfLiteRegistration twice = {};
    twice.prepare = twice_prepare;
    twice.invoke = twice_invoke;
    tflite::ops::builtin::BuiltinOpResolver resolver;
    resolver.AddCustom("Twice", &twice);
    std::unique_ptr<tflite::Interpreter> interpreter;
    EXPECT(tflite::InterpreterBuilder(*model, resolver)(&interpreter) == kTfLiteOk);
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    interpreter->typed_input_tensor<float>(0)[1] = 4;
    EXPECT(interpreter->Invoke() == kTfLiteOk);
    EXPECT(interpreter->typed_output_tensor<float>(0)[1] == 8);

    tflite::MutableOpResolver nothing;
    Listener listener;
    model = tflite::FlatBufferModel::BuildFromFile(path_of("add_one").c_str(), &listener);
    EXPECT(tflite::InterpreterBuilder(*model, nothing)(&interpreter) == kTfLiteError);
    EXPECT(interpreter == nullptr && listener.text.find("ADD") != std::string::npos);
}

int main(int argc, char **argv)
{
    return run_all(argc, argv, {camera_stage, media_filter, robot_module, custom_operator});
}
