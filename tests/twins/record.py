#!/usr/bin/env python3
"""What PyTorch computes, as files that TwinTest.cpp compares Heddle with.

    record.py FOLDER [--seed N] [--large]

One safetensors file a case: "weights.*" (a state_dict), "input.*", "output", and "trained.*": the weights after one
step of SGD with learning rate 0.1 on the mean of output * cotangent ("input.cotangent"). Needs PyTorch. `recorded/`
holds what `record.py tests/twins/recorded` wrote.
"""
import argparse
import json
import math
import pathlib
import struct

import torch
from torch import nn

DTYPES = {torch.float32: "F32", torch.int32: "I32", torch.bool: "BOOL"}


def save(path, tensors):
    """The format of https://github.com/huggingface/safetensors."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def record(path, module, inputs, run):
    # Norms and biases begin at ones and zeros, which would hide a mistake in them.
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.dim() == 1:
                parameter += 0.3 * torch.randn_like(parameter)
    module.train()  # modules have dropout 0; in eval mode PyTorch takes another path, without gradients
    tensors = {"weights." + name: value.clone() for name, value in module.state_dict().items()}
    output = run(module)
    cotangent = torch.randn_like(output)
    (output * cotangent).mean().backward()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter -= 0.1 * parameter.grad
    tensors.update({"trained." + name: value for name, value in module.state_dict().items()})
    inputs = {name: value.int() if value.dtype == torch.int64 else value for name, value in inputs.items()}
    tensors.update({"input." + name: value for name, value in inputs.items()})
    tensors["input.cotangent"] = cotangent
    tensors["output"] = output
    save(path, tensors)


def padding(rows, length):
    """Some padding at the end of each row but the first."""
    counts = torch.tensor([0] + [int(torch.randint(1, length, ())) for _ in range(rows - 1)])
    return torch.arange(length) >= length - counts[:, None]


class Gpt2(nn.Module):
    """GPT-2 (Radford et al., 2019), its weights named and laid out as Hugging Face's: [in, out]."""

    class Conv1D(nn.Module):
        def __init__(self, size_in, size_out):
            super().__init__()
            self.weight = nn.Parameter(0.2 * torch.randn(size_in, size_out))
            self.bias = nn.Parameter(torch.zeros(size_out))

        def forward(self, x):
            return x @ self.weight + self.bias

    class Block(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.heads = heads
            self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attn, self.mlp = nn.Module(), nn.Module()
            self.attn.c_attn = Gpt2.Conv1D(width, 3 * width)
            self.attn.c_proj = Gpt2.Conv1D(width, width)
            self.mlp.c_fc = Gpt2.Conv1D(width, 4 * width)
            self.mlp.c_proj = Gpt2.Conv1D(4 * width, width)

        def forward(self, x):
            batch, length, width = x.shape
            split = [t.view(batch, length, self.heads, -1).transpose(1, 2)
                     for t in self.attn.c_attn(self.ln_1(x)).chunk(3, -1)]
            y = nn.functional.scaled_dot_product_attention(*split, is_causal=True)
            x = x + self.attn.c_proj(y.transpose(1, 2).reshape(batch, length, width))
            return x + self.mlp.c_proj(nn.functional.gelu(self.mlp.c_fc(self.ln_2(x)), approximate="tanh"))

    def __init__(self, layers, heads, width, context, vocabulary):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.h = nn.ModuleList([Gpt2.Block(width, heads) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(width)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        return self.ln_f(x) @ self.wte.weight.T


class Bert(nn.Module):
    """BERT's masked language model (Devlin et al., 2019), its weights named as Hugging Face's BertForMaskedLM."""

    class Layer(nn.Module):
        def __init__(self, width, heads, intermediate):
            super().__init__()
            self.heads = heads
            self.attention = nn.Module()
            self.attention.self, self.attention.output = nn.Module(), nn.Module()
            for name in ("query", "key", "value"):
                setattr(self.attention.self, name, nn.Linear(width, width))
            self.intermediate, self.output = nn.Module(), nn.Module()
            self.attention.output.dense = nn.Linear(width, width)
            self.intermediate.dense = nn.Linear(width, intermediate)
            self.output.dense = nn.Linear(intermediate, width)
            for part in (self.attention.output, self.output):
                part.LayerNorm = nn.LayerNorm(width, eps=1e-12)

        def forward(self, x, visible):
            batch, length, width = x.shape
            q, k, v = (getattr(self.attention.self, name)(x).view(batch, length, self.heads, -1).transpose(1, 2)
                       for name in ("query", "key", "value"))
            y = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=visible[:, None, None])
            y = self.attention.output.dense(y.transpose(1, 2).reshape(batch, length, width))
            x = self.attention.output.LayerNorm(x + y)
            return self.output.LayerNorm(x + self.output.dense(nn.functional.gelu(self.intermediate.dense(x))))

    def __init__(self, layers, heads, width, intermediate, context, vocabulary):
        super().__init__()
        self.bert, self.cls = nn.Module(), nn.Module()
        embeddings = self.bert.embeddings = nn.Module()
        embeddings.word_embeddings = nn.Embedding(vocabulary, width)
        embeddings.position_embeddings = nn.Embedding(context, width)
        embeddings.token_type_embeddings = nn.Embedding(2, width)
        embeddings.LayerNorm = nn.LayerNorm(width, eps=1e-12)
        self.bert.encoder = nn.Module()
        self.bert.encoder.layer = nn.ModuleList([Bert.Layer(width, heads, intermediate) for _ in range(layers)])
        predictions = self.cls.predictions = nn.Module()
        predictions.bias = nn.Parameter(torch.zeros(vocabulary))
        predictions.transform = nn.Module()
        predictions.transform.dense = nn.Linear(width, width)
        predictions.transform.LayerNorm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, tokens, types, visible):
        e, p = self.bert.embeddings, self.cls.predictions
        x = e.word_embeddings(tokens) + e.position_embeddings(torch.arange(tokens.shape[1])) \
            + e.token_type_embeddings(types)
        x = e.LayerNorm(x)
        for layer in self.bert.encoder.layer:
            x = layer(x, visible)
        x = p.transform.LayerNorm(nn.functional.gelu(p.transform.dense(x)))
        return x @ e.word_embeddings.weight.T + p.bias


def cases(folder, large):
    batch, source, target, width, heads = (3, 41, 29, 64, 4) if large else (2, 7, 5, 8, 2)
    wide = 3 * width
    src, tgt = torch.randn(batch, source, width), torch.randn(batch, target, width)
    src_padding, tgt_padding = padding(batch, source), padding(batch, target)
    options = {"dropout": 0.0, "batch_first": True}

    record(folder / "multihead_attention.safetensors", nn.MultiheadAttention(width, heads, **options),
           {"query": tgt, "key": src, "key_padding_mask": src_padding},
           lambda m: m(tgt, src, src, key_padding_mask=src_padding, need_weights=False)[0])

    values = torch.randn(batch, source, width + 3)
    # Of booleans, PyTorch's modules hide where a mask is true, and its functions where it is false.
    hidden = torch.rand(target, source) < 0.3
    record(folder / "multihead_attention_dims.safetensors",
           nn.MultiheadAttention(width, heads, kdim=width, vdim=width + 3, bias=False, **options),
           {"query": tgt, "key": src, "value": values, "mask": ~hidden},
           lambda m: m(tgt, src, values, attn_mask=hidden, need_weights=False)[0])

    for name, activation, first in (("encoder_post_norm", "relu", False), ("encoder_pre_norm", "gelu", True)):
        layer = nn.TransformerEncoderLayer(width, heads, wide, activation=activation, norm_first=first, **options)
        norm = nn.LayerNorm(width) if first else None
        record(folder / f"{name}.safetensors",
               nn.TransformerEncoder(layer, 2, norm=norm, enable_nested_tensor=False),
               {"src": src, "src_key_padding_mask": src_padding},
               lambda m: m(src, src_key_padding_mask=src_padding))

    causal = nn.Transformer.generate_square_subsequent_mask(target) < 0
    layer = nn.TransformerDecoderLayer(width, heads, wide, norm_first=True, **options)
    record(folder / "decoder_pre_norm.safetensors", nn.TransformerDecoder(layer, 2),
           {"tgt": tgt, "memory": src, "memory_key_padding_mask": src_padding},
           lambda m: m(tgt, src, tgt_mask=causal, memory_key_padding_mask=src_padding))

    record(folder / "transformer.safetensors",
           nn.Transformer(width, heads, 2, 2, wide, **options),
           {"src": src, "tgt": tgt, "src_key_padding_mask": src_padding, "tgt_key_padding_mask": tgt_padding},
           lambda m: m(src, tgt, tgt_mask=causal, src_key_padding_mask=src_padding,
                       tgt_key_padding_mask=tgt_padding, memory_key_padding_mask=src_padding))

    vocabulary = 11 if not large else 97
    tokens = torch.randint(0, vocabulary, (batch, source))
    record(folder / "gpt2.safetensors", Gpt2(2, heads, width, source + 2, vocabulary), {"tokens": tokens},
           lambda m: m(tokens))
    types = torch.randint(0, 2, (batch, source))
    record(folder / "bert.safetensors", Bert(2, heads, width, wide, source + 2, vocabulary),
           {"tokens": tokens, "types": types, "key_padding_mask": src_padding},
           lambda m: m(tokens, types, ~src_padding))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true", help="sizes beyond the kernels' tiles")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    cases(options.folder, options.large)


if __name__ == "__main__":
    main()
