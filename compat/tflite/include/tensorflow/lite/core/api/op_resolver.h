/* SPDX-License-Identifier: Apache-2.0 */
/* Which operators an interpreter may use. A registration without functions, found for a built-in
 * operator, means the operator of the library. */
#ifndef TENSORFLOW_LITE_CORE_API_OP_RESOLVER_H_
#define TENSORFLOW_LITE_CORE_API_OP_RESOLVER_H_

#include <array>
#include <map>
#include <string>
#include <utility>

#include "tensorflow/lite/builtin_ops.h"
#include "tensorflow/lite/core/c/common.h"

namespace tflite
{

typedef TfLiteBuiltinOperator BuiltinOperator;

class OpResolver
{
  public:
    virtual ~OpResolver() = default;
    virtual const TfLiteRegistration *FindOp(BuiltinOperator op, int version) const = 0;
    virtual const TfLiteRegistration *FindOp(const char *op, int version) const = 0;

    /* Which kernels the library runs, as of midge_tflite_options_kernels. */
    virtual const char *Kernels() const
    {
        return nullptr;
    }

    /* For the C interface. */
    static const TfLiteRegistration *FindBuiltin(void *self, TfLiteBuiltinOperator op, int version)
    {
        return static_cast<const OpResolver *>(self)->FindOp(op, version);
    }
    static const TfLiteRegistration *FindCustom(void *self, const char *name, int version)
    {
        return static_cast<const OpResolver *>(self)->FindOp(name, version);
    }
};

/* What was added, and nothing else. */
class MutableOpResolver : public OpResolver
{
  public:
    const TfLiteRegistration *FindOp(BuiltinOperator op, int version) const override
    {
        auto found = builtins_.find(std::make_pair(static_cast<int>(op), version));
        return found != builtins_.end() ? &found->second : nullptr;
    }

    const TfLiteRegistration *FindOp(const char *op, int version) const override
    {
        auto found = customs_.find(std::make_pair(std::string(op), version));
        return found != customs_.end() ? &found->second : nullptr;
    }

    void AddBuiltin(BuiltinOperator op, const TfLiteRegistration *registration, int version = 1)
    {
        AddBuiltin(op, registration, version, version);
    }

    void AddBuiltin(BuiltinOperator op, const TfLiteRegistration *registration, int min_version,
                    int max_version)
    {
        for (int version = min_version; version <= max_version; ++version) {
            TfLiteRegistration &to = builtins_[std::make_pair(static_cast<int>(op), version)];
            to = *registration;
            to.builtin_code = op;
            to.version = version;
        }
    }

    void AddCustom(const char *name, const TfLiteRegistration *registration, int version = 1)
    {
        AddCustom(name, registration, version, version);
    }

    void AddCustom(const char *name, const TfLiteRegistration *registration, int min_version,
                   int max_version)
    {
        for (int version = min_version; version <= max_version; ++version) {
            auto at = customs_.insert({{name, version}, *registration}).first;
            at->second = *registration;
            at->second.builtin_code = kTfLiteBuiltinCustom;
            at->second.custom_name = at->first.first.c_str();
            at->second.version = version;
        }
    }

    void AddAll(const MutableOpResolver &other)
    {
        for (const auto &entry : other.builtins_) builtins_[entry.first] = entry.second;
        for (const auto &entry : other.customs_)
            AddCustom(entry.first.first.c_str(), &entry.second, entry.first.second);
    }

  private:
    std::map<std::pair<int, int>, TfLiteRegistration> builtins_;
    std::map<std::pair<std::string, int>, TfLiteRegistration> customs_;
};

namespace ops
{
namespace builtin
{

/* All operators of the library, and what was added. */
class BuiltinOpResolver : public MutableOpResolver
{
  public:
    BuiltinOpResolver()
    {
        for (std::size_t i = 0; i < library_.size(); ++i) {
            library_[i] = TfLiteRegistration();
            library_[i].builtin_code = static_cast<int32_t>(i);
        }
    }

    const TfLiteRegistration *FindOp(BuiltinOperator op, int version) const override
    {
        const TfLiteRegistration *added = MutableOpResolver::FindOp(op, version);
        std::size_t code = static_cast<std::size_t>(op);
        return added != nullptr || code >= library_.size() ? added : &library_[code];
    }

    const TfLiteRegistration *FindOp(const char *op, int version) const override
    {
        return MutableOpResolver::FindOp(op, version);
    }

  private:
    std::array<TfLiteRegistration, 256> library_;
};

/* The library computes with scalar code. */
class BuiltinRefOpResolver : public BuiltinOpResolver
{
  public:
    const char *Kernels() const override
    {
        return "ref";
    }
};

/* There are no default delegates to do without. */
typedef BuiltinOpResolver BuiltinOpResolverWithoutDefaultDelegates;
typedef BuiltinOpResolver BuiltinOpResolverWithXNNPACK;

} // namespace builtin
} // namespace ops
} // namespace tflite

#endif
