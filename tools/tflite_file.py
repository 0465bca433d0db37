# SPDX-License-Identifier: Apache-2.0
"""Reading and writing .tflite files as the schema's plain objects, for scripts in this tree.

The schema classes come with ai-edge-litert. Their own packing forgets that buffers are to lie at
multiples of 16 bytes, without which a runtime must copy every constant; write() restores that.
"""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ALIGNMENT = 16


class AlignedBuffer(schema.BufferT):
    """A Buffer table whose bytes start at a multiple of ALIGNMENT in the finished file."""

    def Pack(self, builder):
        vector = None
        if self.data is not None and len(self.data):
            raw = np.ascontiguousarray(self.data).tobytes()
            builder.StartVector(1, len(raw), ALIGNMENT)
            builder.head -= len(raw)
            builder.Bytes[builder.head:builder.head + len(raw)] = raw
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)


def read(content):
    """The ModelT of a file's bytes."""
    return schema.ModelT.InitFromPackedBuf(bytearray(content), 0)


def write(model):
    """The file's bytes of a ModelT."""
    for index, buffer in enumerate(model.buffers):
        if not isinstance(buffer, AlignedBuffer):
            aligned = AlignedBuffer()
            aligned.data = buffer.data
            model.buffers[index] = aligned
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def add_metadata(model, name, content):
    """Attaches a named block of bytes to a ModelT."""
    buffer = AlignedBuffer()
    buffer.data = np.frombuffer(bytes(content), np.uint8)
    model.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name = name
    entry.buffer = len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
