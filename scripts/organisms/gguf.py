"""Reading and writing GGUF files of version 3 with float32 and float16 tensors (the llama architecture's layout)."""

import struct

import numpy as np

ALIGNMENT = 32
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
TYPES = {0: np.float32, 1: np.float16}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def scalar(self, form):
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def string(self):
        size = self.scalar("Q")
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8")

    def value(self, kind):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            inner, count = self.scalar("I"), self.scalar("Q")
            return (inner, [self.value(inner) for _ in range(count)])
        return self.scalar(SCALARS[kind])


def read_gguf(path):
    """Returns (metadata, tensors): metadata maps a key to (type, value), tensors a name to a float32 array."""
    reader = Reader(open(path, "rb").read())
    assert reader.scalar("I") == 0x46554747, "not a GGUF file"
    assert reader.scalar("I") == 3, "GGUF of another version"
    tensor_count, entry_count = reader.scalar("Q"), reader.scalar("Q")
    metadata = {}
    for _ in range(entry_count):
        key, kind = reader.string(), reader.scalar("I")
        metadata[key] = (kind, reader.value(kind))
    described = []
    for _ in range(tensor_count):
        name = reader.string()
        shape = [reader.scalar("Q") for _ in range(reader.scalar("I"))]
        described.append((name, shape, reader.scalar("I"), reader.scalar("Q")))
    start = -(-reader.at // ALIGNMENT) * ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in described:
        count = int(np.prod(shape))
        flat = np.frombuffer(reader.data, TYPES[kind], count, start + offset)
        tensors[name] = flat.reshape(shape[::-1]).astype(np.float32)
    return metadata, tensors


def write_string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def write_value(kind, value):
    if kind == STRING:
        return write_string(value)
    if kind == ARRAY:
        inner, items = value
        return struct.pack("<IQ", inner, len(items)) + b"".join(write_value(inner, one) for one in items)
    return struct.pack("<" + SCALARS[kind], value)


def write_gguf(path, metadata, tensors):
    """Matrices as float16, vectors (the norms) as float32, as llama.cpp's converter does."""
    head = struct.pack("<IIQQ", 0x46554747, 3, len(tensors), len(metadata))
    for key, (kind, value) in metadata.items():
        head += write_string(key) + struct.pack("<I", kind) + write_value(kind, value)
    body = b""
    for name, array in tensors.items():
        kind = 1 if array.ndim == 2 else 0
        shape = array.shape[::-1]
        head += write_string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        head += struct.pack("<IQ", kind, len(body))
        body += array.astype(TYPES[kind]).tobytes()
        body += b"\0" * (-len(body) % ALIGNMENT)
    with open(path, "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGNMENT) + body)
