// Weights that were trained elsewhere: safetensors files whose names or layouts are not the
// model's.
#pragma once

#include <heddle/compile.h>

#include <functional>

namespace heddle {

/// How a file holds a model's parameters. Each of the three may be left out.
struct WeightFormat {
  /// Names in the file that a parameter of the model may have; the first that is there counts.
  /// Default: the parameter's own.
  std::function<std::vector<std::string>(const std::string &parameter)> file_names = {};
  /// Whether the file has a matrix as [in, out] where the model has [out, in].
  std::function<bool(const std::string &parameter)> transposed = {};
  /// Names in the file that the model has no use for. Any other unknown name is an error.
  std::function<bool(const std::string &file_name)> ignored = {};
};

/// GPT-2 as Hugging Face stores it, for a model with its names (h.0.attn.c_attn.weight), as in
/// examples/gpt: with or without "transformer." before them, and with matrices as [in, out].
WeightFormat hugging_face_gpt2();

/// BERT as Hugging Face stores it, for a model with the names of BertForMaskedLM
/// (bert.encoder.layer.0.attention.self.query.weight), as in examples/bert: with or without "bert."
/// before them, with the old names of norms (gamma, beta), and with the heads that the model lacks.
WeightFormat hugging_face_bert();

/// Sets all parameters of the model from a safetensors file. f16, bf16 and f64 in the file become
/// f32 where the parameter is. Throws Error, and changes nothing, if one is missing or of another
/// shape, or if a name of the file is unknown. Buffers and the optimiser's state keep their values.
void load_pretrained(Executable &model, const std::string &path, const WeightFormat &format = {},
                     std::source_location where = std::source_location::current());

} // namespace heddle
