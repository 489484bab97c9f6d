"""A llama-architecture transformer in plain PyTorch (1.13 is enough), from and to a GGUF file's tensors."""

import math

import torch
from torch import nn
from torch.nn import functional

CHUNK = 256


class Network(nn.Module):
    def __init__(self, metadata, tensors):
        super().__init__()
        value = lambda key: metadata["llama." + key][1]
        self.layers, self.heads = value("block_count"), value("attention.head_count")
        self.shared_heads = value("attention.head_count_kv")
        self.size = value("embedding_length") // self.heads
        self.epsilon = value("attention.layer_norm_rms_epsilon")
        self.base = value("rope.freq_base")
        self.names = list(tensors)
        self.weights = nn.ParameterDict(
            {name.replace(".", "/"): nn.Parameter(torch.tensor(array)) for name, array in tensors.items()}
        )
        self.turns(value("context_length") + 1)

    def turns(self, length):
        """Rotary angles; a pair is two neighbours, llama's interleaved order."""
        speed = self.base ** (-torch.arange(0, self.size, 2).float() / self.size)
        angle = torch.arange(length).float()[:, None] * speed[None]
        self.cosine, self.sine = angle.cos(), angle.sin()

    def weight(self, name):
        return self.weights[name.replace(".", "/")]

    def norm(self, x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight(name)

    def rotate(self, x):
        cosine, sine = self.cosine[: x.shape[-2]], self.sine[: x.shape[-2]]
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)

    def attend(self, x, at):
        batch, length, _ = x.shape
        split = lambda name, heads: functional.linear(x, self.weight(f"{at}.{name}.weight")).view(
            batch, length, heads, self.size
        ).transpose(1, 2)
        q = self.rotate(split("attn_q", self.heads)) / math.sqrt(self.size)
        repeat = lambda y: y.repeat_interleave(self.heads // self.shared_heads, 1)
        k = repeat(self.rotate(split("attn_k", self.shared_heads))).transpose(-2, -1)
        v = repeat(split("attn_v", self.shared_heads))
        # In chunks of queries: a chunk sees nothing behind itself, so half of the square is never computed.
        out = []
        for first in range(0, length, CHUNK):
            last = min(first + CHUNK, length)
            scores = q[:, :, first:last] @ k[..., :last]
            later = torch.ones(last - first, last, dtype=torch.bool).triu(first + 1)
            out.append(scores.masked_fill(later, -1e9).softmax(-1) @ v[:, :, :last])
        mixed = torch.cat(out, 2).transpose(1, 2).reshape(batch, length, -1)
        return functional.linear(mixed, self.weight(f"{at}.attn_output.weight"))

    def forward(self, tokens):
        """tokens (batch, length) to hidden states (batch, length, width)."""
        x = functional.embedding(tokens, self.weight("token_embd.weight"))
        for layer in range(self.layers):
            at = f"blk.{layer}"
            x = x + self.attend(self.norm(x, f"{at}.attn_norm.weight"), at)
            y = self.norm(x, f"{at}.ffn_norm.weight")
            gate = functional.silu(functional.linear(y, self.weight(f"{at}.ffn_gate.weight")))
            up = functional.linear(y, self.weight(f"{at}.ffn_up.weight"))
            x = x + functional.linear(gate * up, self.weight(f"{at}.ffn_down.weight"))
        return self.norm(x, "output_norm.weight")

    def log_probabilities(self, hidden):
        return functional.linear(hidden, self.weight("token_embd.weight")).log_softmax(-1)

    def tensors(self):
        return {name: self.weight(name).detach().numpy() for name in self.names}
