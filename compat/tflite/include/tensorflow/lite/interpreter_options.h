/* SPDX-License-Identifier: Apache-2.0 */
/* tflite::InterpreterOptions: settings of how an interpreter uses memory. */
#ifndef TENSORFLOW_LITE_INTERPRETER_OPTIONS_H_
#define TENSORFLOW_LITE_INTERPRETER_OPTIONS_H_

namespace tflite
{

class InterpreterOptions
{
  public:
    /* Tensors between operators stay readable after Invoke. */
    void SetPreserveAllTensors(bool value = true)
    {
        preserve_all_tensors_ = value;
    }
    bool GetPreserveAllTensors() const
    {
        return preserve_all_tensors_;
    }

    /* Kept: dynamic tensors hold memory only as long as it is needed, and large ones share it. */
    void SetEnsureDynamicTensorsAreReleased(bool value = true)
    {
        release_dynamic_ = value;
    }
    bool GetEnsureDynamicTensorsAreReleased() const
    {
        return release_dynamic_;
    }
    void SetDynamicAllocationForLargeTensors(int value)
    {
        large_tensors_ = value > 0 ? value : 0;
    }
    int GetDynamicAllocationForLargeTensors() const
    {
        return large_tensors_;
    }
    void OptimizeMemoryForLargeTensors(int value)
    {
        if (value > 0) SetDynamicAllocationForLargeTensors(value);
    }

    /* Kept: they are about the original's default delegate. */
    void SetDisableDelegateClustering(bool value = true)
    {
        disable_clustering_ = value;
    }
    bool GetDisableDelegateClustering() const
    {
        return disable_clustering_;
    }
    void SetCacheConstantCastOp(bool value)
    {
        cache_casts_ = value;
    }
    bool GetCacheConstantCastOp() const
    {
        return cache_casts_;
    }

  private:
    bool preserve_all_tensors_ = false;
    bool release_dynamic_ = false;
    int large_tensors_ = 0;
    bool disable_clustering_ = false;
    bool cache_casts_ = false;
};

} // namespace tflite

#endif
