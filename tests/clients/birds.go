// SPDX-License-Identifier: Apache-2.0

// Calls as a listener for birds does: a model from memory, the XNNPACK delegate, one interpreter
// that is used from many goroutines in turn, floats copied in and out, and a second interpreter of
// another model beside it. The listener has a fork of this binding, with the same interface.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/mattn/go-tflite"
	"github.com/mattn/go-tflite/delegates/xnnpack"
)

type analyzer struct {
	sync.Mutex
	interpreter *tflite.Interpreter
}

func open(content []byte, threads int) *analyzer {
	model := tflite.NewModel(content)
	if model == nil {
		panic("no model")
	}
	options := tflite.NewInterpreterOptions()
	delegate := xnnpack.New(xnnpack.DelegateOptions{NumThreads: int32(threads)})
	if delegate != nil {
		options.AddDelegate(delegate)
		options.SetNumThread(1)
	} else {
		options.SetNumThread(threads)
	}
	options.SetErrorReporter(func(text string, _ any) { fmt.Println("reported", text) }, nil)
	interpreter := tflite.NewInterpreter(model, options)
	if interpreter == nil {
		panic("no interpreter")
	}
	if interpreter.AllocateTensors() != tflite.OK {
		panic("no tensors")
	}
	runtime.GC()
	return &analyzer{interpreter: interpreter}
}

func (a *analyzer) predict(sample []float32) []float32 {
	a.Lock()
	defer a.Unlock()
	input := a.interpreter.GetInputTensor(0)
	if input == nil {
		panic("no input")
	}
	copy(input.Float32s(), sample)
	if a.interpreter.Invoke() != tflite.OK {
		panic("failed")
	}
	output := a.interpreter.GetOutputTensor(0)
	scores := make([]float32, output.Dim(output.NumDims()-1))
	copy(scores, output.Float32s())
	return scores
}

func main() {
	content, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	birds, range_ := open(content, 2), open(content, 1)
	results := make([][]float32, 8)
	var wait sync.WaitGroup
	for i := range results {
		wait.Add(1)
		go func() {
			defer wait.Done()
			results[i] = birds.predict([]float32{float32(i), 0.5, -1})
		}()
	}
	wait.Wait()
	for _, scores := range results {
		fmt.Println(scores)
	}
	fmt.Println(range_.predict([]float32{60.2, 24.9, 12}))
}
