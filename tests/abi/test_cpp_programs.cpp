/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every construct of TensorFlow Lite that four C++ programs use, in our words: the camera stages of
 * rpicam-apps, NNStreamer's filters for TensorFlow Lite and for Edge TPUs, and Viam's module; and
 * what tools for developers need besides, tensors between operators and plain kernels. The first
 * argument or MIDGE_ABI_MODELS is the folder with the models of write_models.
 */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <unordered_map>

/* Those that the programs include, and no others. */
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/delegates/external/external_delegate.h"
#include "tensorflow/lite/delegates/xnnpack/xnnpack_delegate.h"
#include "tensorflow/lite/interpreter.h"
#include "tensorflow/lite/interpreter_builder.h"
#include "tensorflow/lite/kernels/register.h"
#include "tensorflow/lite/kernels/register_ref.h"
#include "tensorflow/lite/model.h"

#include "cpp_expect.h"

/* ---- A stage of a camera: one interpreter as a member, filled by type ---- */

class Stage
{
  public:
    explicit Stage(const char *model, int threads)
    {
        model_ = tflite::FlatBufferModel::BuildFromFile(path_of(model).c_str());
        if (!model_) throw std::runtime_error("no model");
        tflite::ops::builtin::BuiltinOpResolver resolver;
        tflite::InterpreterBuilder(*model_, resolver)(&interpreter_);
        if (!interpreter_) throw std::runtime_error("no interpreter");
        if (threads != -1) interpreter_->SetNumThreads(threads);
        if (interpreter_->AllocateTensors() != kTfLiteOk) throw std::runtime_error("no tensors");
        int input = interpreter_->inputs()[0];
        size_ = interpreter_->tensor(input)->bytes;
        if (interpreter_->tensor(input)->type == kTfLiteFloat32)
            size_ /= sizeof(float);
        else if (interpreter_->tensor(input)->type != kTfLiteUInt8)
            throw std::runtime_error("unsupported type");
    }

    void Run(const std::uint8_t *picture)
    {
        int input = interpreter_->inputs()[0];
        if (interpreter_->tensor(input)->type == kTfLiteUInt8) {
            std::uint8_t *tensor = interpreter_->typed_tensor<std::uint8_t>(input);
            for (std::size_t i = 0; i < size_; ++i) tensor[i] = picture[i];
        } else {
            float *tensor = interpreter_->typed_tensor<float>(input);
            for (std::size_t i = 0; i < size_; ++i) tensor[i] = (picture[i] - 127.5f) / 127.5f;
        }
        if (interpreter_->Invoke() != kTfLiteOk) throw std::runtime_error("failed");
    }

    const tflite::Interpreter &interpreter() const
    {
        return *interpreter_;
    }
    std::size_t size() const
    {
        return size_;
    }

  private:
    std::unique_ptr<tflite::FlatBufferModel> model_;
    std::unique_ptr<tflite::Interpreter> interpreter_;
    std::size_t size_ = 0;
};

static void camera_stage()
{
    Stage stage("softmax", 3);
    EXPECT(stage.size() == 5);
    static const std::uint8_t picture[] = {0, 0, 255, 0, 0};
    stage.Run(picture);
    const tflite::Interpreter &at = stage.interpreter();
    int output = at.outputs()[0];
    const TfLiteIntArray *dims = at.tensor(output)->dims;
    EXPECT(dims->size == 2 && dims->data[1] == 5);
    const float *scores = at.tensor(output)->data.f;
    EXPECT(scores == at.typed_output_tensor<float>(0));
    EXPECT(std::max_element(scores, scores + 5) - scores == 2);
    EXPECT(at.typed_output_tensor<std::uint8_t>(0) == nullptr);

    Stage bytes("bytes", -1);
    static const std::uint8_t four[] = {1, 2, 3, 4};
    bytes.Run(four);
    EXPECT(bytes.interpreter().typed_output_tensor<std::uint8_t>(0)[3] == 8);
    bool refused = false;
    try {
        Stage none("quantised", 2);
    } catch (const std::runtime_error &) {
        refused = true;
    }
    EXPECT(refused);
}

/* ---- A filter of a media pipeline: frames stay where they are ---- */

class Filter
{
  public:
    Filter() : delegate_(nullptr, [](TfLiteDelegate *) {})
    {
    }

    bool Open(const char *name, int threads)
    {
        model_ = tflite::FlatBufferModel::BuildFromFile(path_of(name).c_str());
        if (!model_) return false;
        interpreter_ = nullptr;
        tflite::ops::builtin::BuiltinOpResolverWithoutDefaultDelegates resolver;
        tflite::InterpreterBuilder(*model_, resolver)(&interpreter_);
        if (!interpreter_) return false;
        if (threads > 0) interpreter_->SetNumThreads(threads);
        return true;
    }
    void SetDelegate(TfLiteDelegate *delegate, void (*deleter)(TfLiteDelegate *))
    {
        delegate_ = tflite::Interpreter::TfLiteDelegatePtr(delegate, deleter);
    }
    bool Begin()
    {
        TfLiteDelegate *delegate = delegate_.get();
        if (delegate != nullptr && interpreter_->ModifyGraphWithDelegate(delegate) != kTfLiteOk)
            return false;
        return interpreter_->AllocateTensors() == kTfLiteOk && Cache();
    }
    bool Resize(const std::vector<int> &dims)
    {
        return interpreter_->ResizeInputTensor(interpreter_->inputs()[0], dims) == kTfLiteOk &&
               interpreter_->AllocateTensors() == kTfLiteOk && Cache();
    }
    bool Cache()
    {
        inputs_.clear();
        outputs_.clear();
        for (int index : interpreter_->inputs()) inputs_.push_back(interpreter_->tensor(index));
        for (int index : interpreter_->outputs()) outputs_.push_back(interpreter_->tensor(index));
        return true;
    }
    /* Lends the program's own memory to the tensors for this run. */
    TfLiteStatus Run(float *frame, const std::vector<float *> &results)
    {
        inputs_[0]->data.raw = reinterpret_cast<char *>(frame);
        for (std::size_t i = 0; i < results.size(); ++i)
            outputs_[i]->data.raw = reinterpret_cast<char *>(results[i]);
        return interpreter_->Invoke();
    }

    std::unique_ptr<tflite::FlatBufferModel> model_;
    std::unique_ptr<tflite::Interpreter> interpreter_;
    tflite::Interpreter::TfLiteDelegatePtr delegate_;
    std::vector<TfLiteTensor *> inputs_, outputs_;
};

static void media_filter()
{
    Filter filter;
    EXPECT(!filter.Open("no_such", 1));
    EXPECT(filter.Open("chain", 2) && filter.Begin());
    TfLiteIntArray *dims = filter.interpreter_->tensor(filter.interpreter_->inputs()[0])->dims;
    unsigned reversed[4] = {0, 0, 0, 0};
    std::reverse_copy(dims->data, dims->data + dims->size, reversed);
    EXPECT(reversed[0] == 3 && reversed[1] == 1);
    EXPECT(std::strcmp(filter.inputs_[0]->name, "x") == 0);
    float frames[2][3] = {{1, 2, 3}, {-1, 0, 4}}, y[3], c[3];
    for (int round = 0; round < 4; ++round) {
        const float *frame = frames[round % 2];
        std::fill(y, y + 3, 99.f);
        EXPECT(filter.Run(frames[round % 2], {y, c}) == kTfLiteOk);
        for (int i = 0; i < 3; ++i) {
            EXPECT(c[i] == 1 - frame[i]);
            EXPECT(std::fabs(y[i] + std::exp(std::fabs(frame[i])) * c[i]) < 1e-4f);
        }
        EXPECT(filter.outputs_[1]->data.f == c && filter.inputs_[0]->data.f == frame);
    }
    EXPECT(filter.Resize({2, 3}));
    float rows[6] = {1, 2, 3, 4, 5, 6}, more[6], sums[6];
    EXPECT(filter.Run(rows, {more, sums}) == kTfLiteOk && sums[5] == -5);
    /* Nothing lent: the tensors' own memory again. */
    EXPECT(filter.Resize({1, 3}));
    filter.inputs_[0]->data.f[2] = 8;
    EXPECT(filter.interpreter_->Invoke() == kTfLiteOk && filter.outputs_[1]->data.f[2] == -7);
}

static void filter_with_delegates()
{
    Filter filter;
    EXPECT(filter.Open("add_one", 2));
    TfLiteXNNPackDelegateOptions fast = TfLiteXNNPackDelegateOptionsDefault();
    fast.num_threads = 2;
    filter.SetDelegate(TfLiteXNNPackDelegateCreate(&fast),
                       [](TfLiteDelegate *delegate) { TfLiteXNNPackDelegateDelete(delegate); });
    EXPECT(filter.Begin());
    const float frame[] = {1, 2, 3};
    std::memcpy(filter.inputs_[0]->data.raw, frame, filter.inputs_[0]->bytes);
    EXPECT(filter.interpreter_->Invoke() == kTfLiteOk && filter.outputs_[0]->data.f[2] == 4);

    Filter other;
    EXPECT(other.Open("add_one", 1));
    TfLiteExternalDelegateOptions options = TfLiteExternalDelegateOptionsDefault(PLUGIN);
    EXPECT(options.insert(&options, "factor", "2") == kTfLiteOk);
    other.SetDelegate(TfLiteExternalDelegateCreate(&options),
                      [](TfLiteDelegate *delegate) { TfLiteExternalDelegateDelete(delegate); });
    EXPECT(other.Begin());
    float lent[] = {1, 2, 3}, result[3] = {0, 0, 0};
    EXPECT(other.Run(lent, {result}) == kTfLiteOk && result[2] == 8);
    other.interpreter_ = nullptr; /* before its delegate */
}

/* ---- A filter for an accelerator that is known by an external context ---- */

static TfLiteExternalContext *seen;

static TfLiteStatus accelerated_prepare(TfLiteContext *context, TfLiteNode *node)
{
    seen = context->GetExternalContext(context, kTfLiteEdgeTpuContext);
    const TfLiteTensor *input = &context->tensors[node->inputs->data[0]];
    return context->ResizeTensor(context, &context->tensors[node->outputs->data[0]],
                                 TfLiteIntArrayCopy(input->dims));
}

static TfLiteStatus accelerated_invoke(TfLiteContext *context, TfLiteNode *node)
{
    const TfLiteTensor *input = &context->tensors[node->inputs->data[0]];
    float *to = context->tensors[node->outputs->data[0]].data.f;
    for (std::size_t i = 0; i < input->bytes / sizeof(float); ++i) to[i] = 2 * input->data.f[i];
    return kTfLiteOk;
}

static void accelerator_filter()
{
    auto model = tflite::FlatBufferModel::BuildFromFile(path_of("custom").c_str());
    tflite::ops::builtin::BuiltinOpResolver resolver;
    TfLiteRegistration accelerated = {};
    accelerated.prepare = accelerated_prepare;
    accelerated.invoke = accelerated_invoke;
    resolver.AddCustom("Twice", &accelerated);
    std::unique_ptr<tflite::Interpreter> built;
    EXPECT(tflite::InterpreterBuilder(*model, resolver)(&built) == kTfLiteOk);
    tflite::Interpreter *interpreter = built.get();
    TfLiteExternalContext device = {kTfLiteEdgeTpuContext, nullptr};
    interpreter->SetExternalContext(kTfLiteEdgeTpuContext, &device);
    interpreter->SetNumThreads(1);
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    EXPECT(seen == &device);
    float in[] = {1, 2, 3}, out[] = {0, 0, 0};
    for (int round = 0; round < 2; ++round) {
        interpreter->tensor(interpreter->inputs()[0])->data.raw = reinterpret_cast<char *>(in);
        interpreter->tensor(interpreter->outputs()[0])->data.raw = reinterpret_cast<char *>(out);
        EXPECT(interpreter->Invoke() == kTfLiteOk && out[2] == 6);
        for (int index : interpreter->inputs()) interpreter->tensor(index)->data.raw = nullptr;
        for (int index : interpreter->outputs()) interpreter->tensor(index)->data.raw = nullptr;
    }
}

/* ---- A module of a robot: bytes, C accessors, names, messages of its own ---- */

struct Module final : public tflite::ErrorReporter {
    int Report(const char *format, va_list args) override
    {
        char line[512];
        int written = std::vsnprintf(line, sizeof line, format, args);
        told = line;
        return written;
    }
    std::string told;
    std::string bytes;
    std::unique_ptr<tflite::impl::FlatBufferModel> model;
    std::unordered_map<std::string, int> inputs;
    std::unique_ptr<tflite::impl::Interpreter> interpreter;
};

static void robot_module()
{
    Module module;
    std::ifstream file(path_of("two_inputs"), std::ios::binary);
    module.bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    module.model = tflite::impl::FlatBufferModel::BuildFromBuffer(module.bytes.data(),
                                                                  module.bytes.size(), &module);
    EXPECT(module.model != nullptr);
    tflite::ops::builtin::BuiltinOpResolver resolver;
    tflite::impl::InterpreterBuilder builder(*module.model, resolver);
    EXPECT(builder.SetNumThreads(-2) != kTfLiteOk && builder.SetNumThreads(2) == kTfLiteOk);
    EXPECT(builder(&module.interpreter) == kTfLiteOk);
    EXPECT(module.interpreter->AllocateTensors() == TfLiteStatus::kTfLiteOk);
    const auto indices = module.interpreter->inputs();
    for (const auto index : indices) {
        auto *const tensor = module.interpreter->tensor(index);
        EXPECT(TfLiteTensorNumDims(tensor) == 2 && TfLiteTensorDim(tensor, 1) == 2);
        EXPECT(TfLiteTensorType(tensor) == kTfLiteFloat32);
        module.inputs[TfLiteTensorName(tensor)] = index;
        const std::vector<unsigned char> zeros(TfLiteTensorByteSize(tensor), 0);
        EXPECT(TfLiteTensorCopyFromBuffer(tensor, &zeros[0], zeros.size()) == kTfLiteOk);
    }
    EXPECT(module.interpreter->Invoke() == TfLiteStatus::kTfLiteOk);
    const float a[] = {1, 2, 3, 4};
    auto *const tensor = module.interpreter->tensor(module.inputs.at("a"));
    EXPECT(TfLiteTensorCopyFromBuffer(tensor, a, sizeof a) == kTfLiteOk);
    EXPECT(TfLiteTensorCopyFromBuffer(tensor, a, sizeof a - 1) == kTfLiteError);
    EXPECT(module.interpreter->Invoke() == kTfLiteOk);
    const TfLiteTensor *product = module.interpreter->tensor(module.interpreter->outputs()[1]);
    EXPECT(static_cast<const float *>(TfLiteTensorData(product))[3] == 16);
    EXPECT(tflite::impl::FlatBufferModel::BuildFromBuffer("{\"nothing\": 0}", 14, &module) ==
           nullptr);
    EXPECT(!module.told.empty());
}

/* ---- Threads, tensors between operators, plain kernels ---- */

static void threads_at_any_time()
{
    auto model = tflite::FlatBufferModel::BuildFromFile(path_of("chain").c_str());
    tflite::ops::builtin::BuiltinOpResolver resolver;
    std::unique_ptr<tflite::Interpreter> interpreter;
    EXPECT(tflite::InterpreterBuilder(*model, resolver)(&interpreter) == kTfLiteOk);
    TfLiteTensor *x = interpreter->input_tensor(0); /* looked at before */
    EXPECT(interpreter->ResizeInputTensor(interpreter->inputs()[0], {2, 3}) == kTfLiteOk);
    EXPECT(interpreter->SetNumThreads(3) == kTfLiteOk);
    EXPECT(x == interpreter->input_tensor(0) && x->dims->data[0] == 2);
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    for (int i = 0; i < 6; ++i) x->data.f[i] = static_cast<float>(i);
    EXPECT(interpreter->SetNumThreads(-1) == kTfLiteOk); /* nothing that was written is lost */
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
    EXPECT(interpreter->Invoke() == kTfLiteOk);
    EXPECT(interpreter->typed_output_tensor<float>(1)[5] == -4);
    EXPECT(interpreter->ResizeInputTensor(interpreter->inputs()[0], {4, 3}) == kTfLiteOk);
    EXPECT(interpreter->AllocateTensors() == kTfLiteOk && interpreter->Invoke() == kTfLiteOk);
    EXPECT(interpreter->SetNumThreads(-2) == kTfLiteError);
}

static void developers_tools()
{
    auto model = tflite::FlatBufferModel::BuildFromFile(path_of("chain").c_str());
    tflite::ops::builtin::BuiltinRefOpResolver plain;
    tflite::InterpreterOptions options;
    EXPECT(!options.GetPreserveAllTensors());
    options.SetPreserveAllTensors();
    std::unique_ptr<tflite::Interpreter> interpreters[2];
    EXPECT(tflite::InterpreterBuilder(*model, plain, &options)(&interpreters[0]) == kTfLiteOk);
    tflite::InterpreterBuilder builder(*model, plain);
    builder.PreserveAllTensorsExperimental();
    EXPECT(builder(&interpreters[1]) == kTfLiteOk);
    for (auto &interpreter : interpreters) {
        EXPECT(interpreter->AllocateTensors() == kTfLiteOk);
        const float in[] = {1, -2, 3};
        std::memcpy(interpreter->typed_input_tensor<float>(0), in, sizeof in);
        EXPECT(interpreter->Invoke() == kTfLiteOk);
        int found = 0;
        for (std::size_t i = 0; i < interpreter->tensors_size(); ++i) {
            const TfLiteTensor *tensor = interpreter->tensor(static_cast<int>(i));
            for (int k = 0; k < 3; ++k) {
                if (std::strcmp(tensor->name, "a") == 0) found += tensor->data.f[k] == -in[k];
                if (std::strcmp(tensor->name, "b") == 0)
                    found += tensor->data.f[k] == std::fabs(in[k]);
                if (std::strcmp(tensor->name, "e") == 0)
                    found += std::fabs(tensor->data.f[k] - std::exp(std::fabs(in[k]))) < 1e-4f;
            }
        }
        EXPECT(found == 9);
    }
}

int main(int argc, char **argv)
{
    return run_all(argc, argv,
                   {camera_stage, media_filter, filter_with_delegates, accelerator_filter,
                    robot_module, threads_at_any_time, developers_tools});
}
