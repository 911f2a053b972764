// A masked language model as BERT's, on the stories of examples/gpt: it guesses words that are
// hidden from it, from what stands on both sides. docs/tutorials/transformer.md explains it.
#include "model.h"

#include <ProgressBar.h>
#include <heddle/data.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <random>
#include <string_view>

using namespace heddle;

namespace {

constexpr std::int64_t kBatch = 32, kContext = 48;
constexpr std::string_view kMask = "[MASK]";

// The tokenizer knows no mask: it is one number more.
struct Words {
  data::Tokenizer tokenizer;
  std::int32_t mask() const { return tokenizer.size(); }
  std::int32_t size() const { return tokenizer.size() + 1; }

  /// Words of a text, in which [MASK] is the mask.
  std::vector<std::int32_t> encode(std::string_view text) const {
    std::vector<std::int32_t> ids;
    for (std::size_t from = 0, at = 0; at != text.npos; from = at + kMask.size()) {
      at = text.find(kMask, from);
      const auto part = tokenizer.encode(text.substr(from, at == text.npos ? at : at - from));
      ids.insert(ids.end(), part.begin(), part.end());
      if (at != text.npos)
        ids.push_back(mask());
    }
    return ids;
  }
};

Executable make_executable(const Words &words, std::int64_t steps) {
  const std::int64_t warmup = std::max<std::int64_t>(1, steps / 10);
  const Schedule lr = schedule::warmup(warmup, schedule::cosine(2e-3, steps - warmup + 1, 1e-5));
  return compile(bert::make_masked_language_model(
      {.context = kContext, .vocabulary = words.size(), .dropout = 0.0}, kBatch,
      optim::AdamW{.lr = lr, .beta2 = 0.98, .weight_decay = 0.01, .max_grad_norm = 1}));
}

struct Batch {
  data::Padded texts;
  std::vector<std::int32_t> labels;
};

// Of every hundred words 15 are to be guessed: of these, 80 % are hidden, 10 % are replaced by
// others, 10 % stay (Devlin et al., 2019, 3.1). Which follows from `seed`.
Batch hide_words(const Words &words, const std::vector<std::vector<std::int32_t>> &texts,
                 std::uint64_t seed) {
  Batch batch{data::pad(texts, {.length = kContext, .rows = kBatch}), {}};
  batch.labels.assign(batch.texts.ids.size(), -100);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    std::int32_t &word = batch.texts.ids[i];
    if (word < data::special_count || random() % 100 >= 15)
      continue;
    batch.labels[i] = word;
    const std::uint64_t kind = random() % 10;
    if (kind < 8)
      word = words.mask();
    else if (kind == 8)
      word = data::special_count +
             static_cast<std::int32_t>(
                 random() % static_cast<std::uint64_t>(words.mask() - data::special_count));
  }
  return batch;
}

/// What always guessing the most frequent word would reach, in percent.
double share_of_the_most_frequent(const std::vector<std::vector<std::int32_t>> &texts,
                                  const Words &words) {
  std::vector<double> counts(static_cast<std::size_t>(words.size()));
  for (const auto &text : texts)
    for (const std::int32_t word : text)
      counts[static_cast<std::size_t>(word)] += word >= data::special_count;
  return 100 * *std::ranges::max_element(counts) /
         std::accumulate(counts.begin(), counts.end(), 0.0);
}

void train(const std::string &folder, std::uint64_t epochs, const std::string &file) {
  std::vector<std::string> lines = data::read_lines(file);
  std::erase(lines, "");
  const data::Split split = data::split(lines.size(), /*fraction=*/0.1, /*seed=*/1);
  const Words words{
      data::Tokenizer::train(data::gather(lines, split.train),
                             {.pieces = data::Pieces::word,
                              .min_frequency = 3,
                              .cleaning = {.lower_case = true, .strip_punctuation = true}})};
  const std::vector<std::vector<std::int32_t>> ids = words.tokenizer.encode_all(lines);

  std::uint64_t epoch_number = 0;
  auto make_batch = [&](std::span<const std::size_t> rows) {
    // Other words are hidden in each epoch.
    return hide_words(words, data::gather(ids, rows), epoch_number * lines.size() + rows[0]);
  };
  const data::LoaderOptions options{.batch = kBatch, .seed = 1};
  const data::Loader training(split.train, options, make_batch);
  const data::Loader validation(split.validation, {.batch = kBatch, .shuffle = false}, make_batch);
  const auto batches = static_cast<std::int64_t>(training.batches());
  std::printf("%zu lines, %d words\n", lines.size(), words.size());
  std::fflush(stdout);

  const std::int64_t steps = static_cast<std::int64_t>(epochs) * batches;
  Executable exe = make_executable(words, steps);
  exe.initialize(/*seed=*/1);
  progress::ProgressBar bar("train", steps);
  std::int64_t step = 0;
  for (epoch_number = 1; epoch_number <= epochs; ++epoch_number)
    for (auto epoch = training.epoch(epoch_number); auto batch = epoch.next();) {
      const double loss =
          exe.run("train", batch->texts.ids, batch->texts.key_padding_mask(), batch->labels).loss();
      bar.update(++step, "loss " + std::to_string(loss));
    }
  bar.finish();

  double right = 0, count = 0;
  epoch_number = 0;
  for (auto epoch = validation.epoch(0); auto batch = epoch.next();) {
    const Outputs outputs =
        exe.run("accuracy", batch->texts.ids, batch->texts.key_padding_mask(), batch->labels);
    right += outputs["right"].item();
    count += outputs["count"].item();
  }
  std::printf("of %.0f words in lines that it has never seen, %.1f%% are guessed right (the most "
              "frequent word: %.1f%%)\n",
              count, 100 * right / count,
              share_of_the_most_frequent(data::gather(ids, split.validation), words));
  std::filesystem::create_directories(folder);
  words.tokenizer.save(folder + "/tokenizer.json");
  exe.save(folder + "/weights.safetensors");
}

void fill(const std::string &folder, std::span<char *const> texts) {
  const Words words{data::Tokenizer::load(folder + "/tokenizer.json")};
  Executable exe = make_executable(words, /*steps=*/1);
  exe.load(folder + "/weights.safetensors");
  for (const char *text : texts) {
    const std::vector<std::vector<std::int32_t>> ids{words.encode(text)};
    if (ids[0].size() > static_cast<std::size_t>(kContext))
      throw Error("'" + std::string(text) + "' has " + std::to_string(ids[0].size()) +
                  " words; the model takes " + std::to_string(kContext));
    const data::Padded padded = data::pad(ids, {.length = kContext});
    const Outputs outputs = exe.run("predict", padded.ids, padded.key_padding_mask());
    std::printf("%s\n", text);
    for (std::size_t at = 0; at < ids[0].size(); ++at) {
      if (ids[0][at] != words.mask())
        continue;
      const auto all = outputs["logits"].as<float>();
      const auto logits = all.subspan(at * static_cast<std::size_t>(words.size()),
                                      static_cast<std::size_t>(words.tokenizer.size()));
      std::vector<std::int32_t> order(logits.size());
      std::iota(order.begin(), order.end(), 0);
      std::ranges::partial_sort(order, order.begin() + 5, [&](std::int32_t x, std::int32_t y) {
        return logits[static_cast<std::size_t>(x)] > logits[static_cast<std::size_t>(y)];
      });
      std::printf("  word %zu:", at + 1);
      for (int i = 0; i < 5; ++i)
        std::printf(" %s", words.tokenizer.piece(order[static_cast<std::size_t>(i)]).c_str());
      std::printf("\n");
    }
  }
}

} // namespace

int main(int argc, char **argv) try {
  const std::string_view command = argc > 2 ? argv[1] : "";
  const std::uint64_t epochs = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 120;
  if (command == "train" && argc <= 5 && epochs > 0)
    train(argv[2], epochs, argc == 5 ? argv[4] : HEDDLE_STORIES);
  else if (command == "fill" && argc > 3)
    fill(argv[2], std::span(argv, static_cast<std::size_t>(argc)).subspan(3));
  else {
    std::fputs("usage: heddle_bert train FOLDER [EPOCHS [TEXTS]]\n"
               "       heddle_bert fill FOLDER 'the [MASK] barked'...\n",
               stderr);
    return 2;
  }
} catch (const std::exception &error) {
  std::fprintf(stderr, "heddle_bert: %s\n", error.what());
  return 1;
}
