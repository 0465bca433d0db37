# SPDX-License-Identifier: Apache-2.0
"""Classifies a picture as introductions to TensorFlow Lite on the Raspberry Pi do it.

usage: image_classification.py MODEL PICTURE LABELS
"""
import sys

from tflite_runtime.interpreter import Interpreter
from PIL import Image
import numpy as np

model, filename, label_file = sys.argv[1:]
labels = open(label_file).read().splitlines()

interpreter = Interpreter(model_path=model)
interpreter.allocate_tensors()
input_details = interpreter.get_input_details()
output_details = interpreter.get_output_details()
img = Image.open(filename).convert("RGB")
img = img.resize((224, 224))
input_data = np.array(img)
input_data = np.expand_dims(input_data, axis=0)
interpreter.set_tensor(input_details[0]["index"], input_data)
interpreter.invoke()
predictions = interpreter.get_tensor(output_details[0]["index"])[0]
top_indices = np.argsort(predictions)[::-1][:10]

for index in top_indices:
    print(labels[index], predictions[index])
