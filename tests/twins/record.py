#!/usr/bin/env python3
"""What PyTorch computes, as files that TwinTest.cpp compares Heddle with.

    record.py FOLDER [--seed N] [--large]

One safetensors file a case: "weights.*" (a state_dict), "input.*", "output", and "trained.*": the weights after one
step of SGD with learning rate 0.1 on the mean of output * cotangent ("input.cotangent"). Needs PyTorch and Hugging
Face's transformers. `recorded/` holds what `record.py tests/twins/recorded` wrote.
"""
import argparse
import json
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


def record(path, module, inputs, run, prefix=""):
    """`prefix` is what names have in a state_dict and not in Heddle's model."""
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
    # Of parameters once: state_dict has tied ones by both names.
    tensors.update({"trained." + name.removeprefix(prefix): value for name, value in module.named_parameters()})
    inputs = {name: value.int() if value.dtype == torch.int64 else value for name, value in inputs.items()}
    tensors.update({"input." + name: value for name, value in inputs.items()})
    tensors["input.cotangent"] = cotangent
    tensors["output"] = output
    save(path, tensors)


def padding(rows, length):
    """Some padding at the end of each row but the first."""
    counts = torch.tensor([0] + [int(torch.randint(1, length, ())) for _ in range(rows - 1)])
    return torch.arange(length) >= length - counts[:, None]


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


def hugging_face_cases(folder, large):
    """The library's own models, of sizes and weights of ours."""
    import transformers

    batch, length, width, heads, vocabulary = (3, 41, 64, 4, 97) if large else (2, 7, 8, 2, 11)
    tokens = torch.randint(0, vocabulary, (batch, length))
    gpt2 = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=vocabulary, n_positions=length + 2, n_embd=width, n_layer=2, n_head=heads, initializer_range=0.2,
        resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0))
    record(folder / "gpt2.safetensors", gpt2, {"tokens": tokens}, lambda m: m(tokens).logits, prefix="transformer.")

    bert = transformers.BertForMaskedLM(transformers.BertConfig(
        vocab_size=vocabulary, max_position_embeddings=length + 2, hidden_size=width, num_hidden_layers=2,
        num_attention_heads=heads, intermediate_size=3 * width, initializer_range=0.2,
        hidden_dropout_prob=0, attention_probs_dropout_prob=0))
    types, hidden = torch.randint(0, 2, (batch, length)), padding(batch, length)
    tokens = tokens.masked_fill(hidden, 0)  # BertConfig's padding token, whose row gets no gradient of the lookup
    record(folder / "bert.safetensors", bert, {"tokens": tokens, "types": types, "key_padding_mask": hidden},
           lambda m: m(tokens, token_type_ids=types, attention_mask=(~hidden).int()).logits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true", help="sizes beyond the kernels' tiles")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    cases(options.folder, options.large)
    hugging_face_cases(options.folder, options.large)


if __name__ == "__main__":
    main()
