"""Byte-level BPE as GPT-2's, with the vocabulary that a GGUF file holds."""

import re

PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")


def byte_letters():
    """GPT-2's printable stand-ins for bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, extra = {byte: chr(byte) for byte in printable}, 0
    for byte in range(256):
        if byte not in letters:
            letters[byte] = chr(256 + extra)
            extra += 1
    return letters


class Tokenizer:
    def __init__(self, metadata):
        tokens = metadata["tokenizer.ggml.tokens"][1][1]
        merges = metadata["tokenizer.ggml.merges"][1][1]
        self.ids = {token: index for index, token in enumerate(tokens)}
        self.ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(merges)}
        self.letters = byte_letters()
        self.known = {}
        self.start, self.end = self.ids["<|im_start|>"], self.ids["<|im_end|>"]

    def piece(self, piece):
        if piece not in self.known:
            parts = [self.letters[byte] for byte in piece.encode("utf-8")]
            while len(parts) > 1:
                pairs = [(self.ranks.get(pair, 1e9), at) for at, pair in enumerate(zip(parts, parts[1:]))]
                rank, at = min(pairs)
                if rank == 1e9:
                    break
                parts[at : at + 2] = [parts[at] + parts[at + 1]]
            self.known[piece] = [self.ids[part] for part in parts]
        return self.known[piece]

    def text(self, text):
        """Plain text: nothing in it is special."""
        return [token for piece in PIECES.findall(text) for token in self.piece(piece)]

    def open_turn(self, role):
        return [self.start, *self.text(role + "\n")]

    def close_turn(self):
        return [self.end, *self.text("\n")]
