// SPDX-License-Identifier: Apache-2.0

// Runs a model through the Go binding and prints what it says.
package main

import (
	"fmt"
	"os"

	"github.com/mattn/go-tflite"
)

func main() {
	if tflite.NewModel([]byte("no model at all")) != nil {
		panic("accepted")
	}
	model := tflite.NewModelFromFile(os.Args[1])
	if model == nil {
		panic("no model")
	}
	defer model.Delete()
	options := tflite.NewInterpreterOptions()
	defer options.Delete()
	options.SetNumThread(2)
	options.SetErrorReporter(func(text string, _ interface{}) { fmt.Println("reported:", text != "") }, nil)
	interpreter := tflite.NewInterpreter(model, options)
	if interpreter == nil {
		panic("no interpreter")
	}
	defer interpreter.Delete()
	fmt.Println("invoke too early", interpreter.Invoke())
	fmt.Println("allocate", interpreter.AllocateTensors())
	fmt.Println("resize", interpreter.ResizeInputTensor(0, []int32{2, 3}), interpreter.AllocateTensors())
	input := interpreter.GetInputTensor(0)
	fmt.Println(input.Name(), input.Type(), input.NumDims(), input.Dim(0), input.ByteSize())
	fmt.Println("set", input.SetFloat32s([]float32{1, 2, 3, 4, 5, 6}))
	fmt.Println("invoke", interpreter.Invoke())
	output := interpreter.GetOutputTensor(0)
	fmt.Println(output.Name(), output.Float32s(), output.QuantizationParams())
}
