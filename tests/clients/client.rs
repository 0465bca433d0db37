// SPDX-License-Identifier: Apache-2.0

// Runs a model through the Rust binding and prints what it says.
use tflitec::interpreter::{Interpreter, Options};
use tflitec::model::Model;
use tflitec::tensor;

fn main() {
    let path = std::env::args().nth(1).unwrap();
    println!("nonsense refused {}", Model::new("no/such/file").is_err());
    let model = Model::new(&path).unwrap();
    let mut options = Options::default();
    options.thread_count = 2;
    let interpreter = Interpreter::new(&model, Some(options)).unwrap();
    println!("inputs {} outputs {}", interpreter.input_tensor_count(), interpreter.output_tensor_count());
    interpreter.resize_input(0, tensor::Shape::new(vec![2, 3])).unwrap();
    interpreter.allocate_tensors().unwrap();
    let input = interpreter.input(0).unwrap();
    println!("{} {:?} {:?}", input.name(), input.data_type(), input.shape());
    interpreter.copy(&[1f32, 2.0, 3.0, 4.0, 5.0, 6.0][..], 0).unwrap();
    println!("too much refused {}", interpreter.copy(&[1f32; 7][..], 0).is_err());
    interpreter.invoke().unwrap();
    let output = interpreter.output(0).unwrap();
    println!("{} {:?} {:?}", output.name(), output.shape(), output.data::<f32>());
    for index in 0..interpreter.signature_count() {
        println!("signature {:?}", interpreter.get_signature_key(index));
    }
}
