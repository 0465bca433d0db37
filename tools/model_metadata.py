# SPDX-License-Identifier: Apache-2.0
"""Model metadata of an image classifier: how pictures become the input, what outputs mean.

The block is the FlatBuffer that TensorFlow Lite's support library reads (identifier M001), kept in
the model under the name TFLITE_METADATA. The label file it names travels in a ZIP archive behind
the model. Below, a table is a dictionary {field id: (kind, value)} in the numbering of that schema.
"""
import io
import zipfile

import flatbuffers

import tflite_file

AXIS_LABELS = 2       # AssociatedFileType
IMAGE_PROPERTIES = 2  # tag in the union ContentProperties
NORMALIZATION = 1     # tag in the union ProcessUnitOptions
GREYSCALE, RGB = 2, 1  # ColorSpaceType


def string(text):
    return ("string", text)


def byte(number):
    return ("byte", number)


def table(**fields):
    return ("table", {int(key[1:]): value for key, value in fields.items()})


def tables(*members):
    return ("tables", members)


def floats(*numbers):
    return ("floats", numbers)


def pack(builder, item):
    """Writes what `item` refers to and returns its offset; a byte is written by its table."""
    kind, value = item
    if kind == "string":
        return builder.CreateString(value)
    if kind == "floats":
        builder.StartVector(4, len(value), 4)
        for number in reversed(value):
            builder.PrependFloat32(number)
        return builder.EndVector()
    if kind == "tables":
        offsets = [pack(builder, member) for member in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()
    packed = {key: field[1] if field[0] == "byte" else pack(builder, field)
              for key, field in value.items()}
    builder.StartObject(max(packed) + 1)
    for key, field in value.items():
        if field[0] == "byte":
            builder.PrependUint8Slot(key, packed[key], 0)
        else:
            builder.PrependUOffsetTRelativeSlot(key, packed[key], 0)
    return builder.EndObject()


def image_classifier_block(name, description, labels_file, mean, deviation, colour):
    image = table(_0=byte(colour))
    normalization = table(_0=floats(mean), _1=floats(deviation))
    picture = table(
        _0=string("picture"), _1=string("The picture to name."),
        _3=table(_0=byte(IMAGE_PROPERTIES), _1=image),
        _4=tables(table(_0=byte(NORMALIZATION), _1=normalization)))
    scores = table(
        _0=string("probability"), _1=string("How likely each label is."),
        _6=tables(table(_0=string(labels_file), _1=string("One label a line."),
                        _2=byte(AXIS_LABELS))))
    graph = table(_2=tables(picture), _3=tables(scores))
    root = table(_0=string(name), _1=string(description), _3=tables(graph), _7=string("1.0.0"))
    builder = flatbuffers.Builder(1024)
    builder.Finish(pack(builder, root), file_identifier=b"M001")
    return bytes(builder.Output())


def with_image_classifier_metadata(content, name, description, labels, labels_file, mean,
                                   deviation, colour=GREYSCALE):
    """The model file `content` with metadata, and the labels in an archive at its end."""
    model = tflite_file.read(content)
    block = image_classifier_block(name, description, labels_file, mean, deviation, colour)
    tflite_file.add_metadata(model, "TFLITE_METADATA", block)
    model.description = description
    file = io.BytesIO(tflite_file.write(model))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        member = zipfile.ZipInfo(labels_file, date_time=(1980, 1, 1, 0, 0, 0))
        archive.writestr(member, "".join(label + "\n" for label in labels))
    return file.getvalue()
