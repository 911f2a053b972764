// BERT's masked language model (Devlin et al., 2019), with Hugging Face's names for the weights
// (BertForMaskedLM), so that heddle::load_pretrained reads its files.
#pragma once

#include <heddle/heddle.h>

#include <string>

namespace bert {

/// BERT base has 12 layers, 12 heads, width 768, intermediate 3072, context 512, vocabulary 30522.
struct Config {
  std::int64_t layers = 2, heads = 4, width = 64, intermediate = 256, context = 64, vocabulary = 0;
  double dropout = 0.1;

  /// Throws heddle::Error, naming the option, for a size that cannot be.
  void check() const;
};

struct Embeddings : heddle::nn::Module {
  heddle::nn::Embedding word_embeddings, position_embeddings, token_type_embeddings;
  heddle::nn::LayerNorm LayerNorm; // so called by Hugging Face
  heddle::nn::Dropout dropout;

  Embeddings(heddle::nn::Module &parent, std::string name, const Config &config);
  heddle::Tensor operator()(heddle::Tensor tokens, heddle::Tensor types);
};

/// A linear layer, then norm(x + its result).
struct AddAndNorm : heddle::nn::Module {
  heddle::nn::Linear dense;
  heddle::nn::LayerNorm LayerNorm;
  heddle::nn::Dropout dropout;

  AddAndNorm(heddle::nn::Module &parent, std::string name, std::int64_t in, const Config &config);
  heddle::Tensor operator()(heddle::Tensor added, heddle::Tensor x);
};

struct Layer : heddle::nn::Module {
  struct Attention : heddle::nn::Module {
    struct Self : heddle::nn::Module {
      heddle::nn::Linear query, key, value;
      Self(heddle::nn::Module &parent, std::string name, const Config &config);
    } self;
    AddAndNorm output;
    Attention(heddle::nn::Module &parent, std::string name, const Config &config);
  } attention;
  struct Intermediate : heddle::nn::Module {
    heddle::nn::Linear dense;
    Intermediate(heddle::nn::Module &parent, std::string name, const Config &config);
  } intermediate;
  AddAndNorm output;

  Layer(heddle::nn::Module &parent, std::string name, const Config &config);
  heddle::Tensor operator()(heddle::Tensor x, heddle::Tensor visible);

private:
  Config config;
};

struct Bert : heddle::nn::Module {
  Embeddings embeddings;
  struct Encoder : heddle::nn::Module {
    heddle::nn::ModuleList<Layer> layer;
    Encoder(heddle::nn::Module &parent, std::string name, const Config &config);
  } encoder;

  Bert(heddle::nn::Module &parent, std::string name, const Config &config);
  /// The last layer's [batch, T, width] for tokens and types i32 [batch, T]; key_padding_mask i1
  /// [batch, T] is true for padding.
  heddle::Tensor operator()(heddle::Tensor tokens, heddle::Tensor types,
                            heddle::Tensor key_padding_mask);
};

struct MaskedLanguageModel : heddle::nn::Module {
  Bert bert;
  struct Cls : heddle::nn::Module {
    struct Predictions : heddle::nn::Module {
      struct Transform : heddle::nn::Module {
        heddle::nn::Linear dense;
        heddle::nn::LayerNorm LayerNorm;
        Transform(heddle::nn::Module &parent, std::string name, const Config &config);
      } transform;
      heddle::Parameter bias;
      Predictions(heddle::nn::Module &parent, std::string name, const Config &config);
    } predictions;
    Cls(heddle::nn::Module &parent, std::string name, const Config &config);
  } cls;

  explicit MaskedLanguageModel(const Config &config);
  /// Logits [batch, T, vocabulary] for every position; arguments as Bert's.
  heddle::Tensor operator()(heddle::Tensor tokens, heddle::Tensor types,
                            heddle::Tensor key_padding_mask);
};

/// Functions of texts [batch, context], all of type 0: train(tokens, padding, labels) and
/// accuracy(tokens, padding, labels) -> right, count, with labels -100 where nothing is to be
/// guessed; and predict(tokens, padding) -> logits [1, context, vocabulary] of one text.
heddle::Model make_masked_language_model(const Config &config, std::int64_t batch,
                                         heddle::optim::Optimizer optimizer);

} // namespace bert
