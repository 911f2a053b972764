// An encoder-decoder Transformer that reads dates: "Tue 3rd of march 98" becomes 1998-03-03.
// docs/tutorials/transformer.md explains it.
#include "calendar.h"
#include "translator.h"

#include <ProgressBar.h>
#include <heddle/data.h>

#include <cstdio>
#include <filesystem>
#include <string_view>

using namespace heddle;

namespace {

constexpr std::int64_t kBatch = 64, kSteps = 1000, kHeldOut = 1000;

data::Tokenizer make_tokenizer() {
  std::vector<std::string> texts;
  for (const dates::Example &example : dates::examples(0, 5000, /*held_out=*/false)) {
    texts.push_back(example.text);
    texts.push_back(example.date);
  }
  return data::Tokenizer::train(texts, {.pieces = data::Pieces::character});
}

dates::Config config_of(const data::Tokenizer &tokenizer) {
  return {.vocabulary = tokenizer.size(),
          .source_length = dates::longest_text,
          .target_length = dates::longest_date + 1,
          .padding = data::padding_id};
}

Executable make_executable(const data::Tokenizer &tokenizer) {
  const Schedule lr = schedule::warmup(200, schedule::cosine(2e-3, kSteps - 200, 1e-5));
  return compile(dates::make_translator(config_of(tokenizer), kBatch,
                                        optim::Adam{.lr = lr, .beta2 = 0.98, .max_grad_norm = 1}));
}

struct Batch {
  std::vector<std::int32_t> source, target, labels;
};

// The target is what the decoder is given, one position after the other; the labels are what is to
// follow. cross_entropy leaves out -100.
Batch make_batch(const data::Tokenizer &tokenizer, std::int64_t step) {
  std::vector<std::vector<std::int32_t>> sources, targets, labels;
  for (const dates::Example &example :
       dates::examples(static_cast<std::uint64_t>(step * kBatch), kBatch, /*held_out=*/false)) {
    sources.push_back(tokenizer.encode(example.text));
    targets.push_back(tokenizer.encode(example.date, {.begin = true}));
    labels.push_back(tokenizer.encode(example.date, {.end = true}));
  }
  const std::size_t length = dates::longest_date + 1;
  return {data::pad(sources, {.length = dates::longest_text}).ids,
          data::pad(targets, {.length = length}).ids,
          data::pad(labels, {.length = length, .id = -100}).ids};
}

std::string read_date(Executable &exe, const data::Tokenizer &tokenizer, const std::string &text) {
  const std::vector<std::vector<std::int32_t>> source{tokenizer.encode(text)};
  exe.run("encode", data::pad(source, {.length = dates::longest_text}).ids);
  const std::vector<std::int32_t> begin{data::begin_id};
  return tokenizer.decode(generate(exe, begin,
                                   {.max_tokens = dates::longest_date,
                                    .temperature = 0,
                                    .stop_token = data::end_id,
                                    .context = dates::longest_date + 1}));
}

bool train(const std::string &folder) {
  const data::Tokenizer tokenizer = make_tokenizer();
  Executable exe = make_executable(tokenizer);
  exe.initialize(/*seed=*/1);
  {
    progress::ProgressBar bar("train", kSteps);
    for (std::int64_t step = 0; step < kSteps; ++step) {
      const Batch batch = make_batch(tokenizer, step);
      const double loss = exe.run("train", batch.source, batch.target, batch.labels).loss();
      bar.update(step + 1, "loss " + std::to_string(loss));
    }
  }
  int right = 0;
  for (const dates::Example &example : dates::examples(0, kHeldOut, /*held_out=*/true)) {
    const std::string read = read_date(exe, tokenizer, example.text);
    right += read == example.date;
    if (read != example.date)
      std::printf("  %s: read as %s\n", example.text.c_str(), read.c_str());
  }
  const double share = 100.0 * right / kHeldOut;
  std::printf("of %d dates on days that it has never seen, %.1f%% are read exactly\n",
              static_cast<int>(kHeldOut), share);
  std::filesystem::create_directories(folder);
  tokenizer.save(folder + "/tokenizer.json");
  exe.save(folder + "/weights.safetensors");
  return share > 99;
}

void read(const std::string &folder, std::span<char *const> texts) {
  const auto tokenizer = data::Tokenizer::load(folder + "/tokenizer.json");
  Executable exe = make_executable(tokenizer);
  exe.load(folder + "/weights.safetensors");
  for (const char *text : texts)
    std::printf("%s: %s\n", text, read_date(exe, tokenizer, text).c_str());
}

} // namespace

int main(int argc, char **argv) try {
  const std::string_view command = argc > 2 ? argv[1] : "";
  if (command == "train" && argc == 3)
    return train(argv[2]) ? 0 : 1;
  if (command == "read" && argc > 3)
    return read(argv[2], std::span(argv, static_cast<std::size_t>(argc)).subspan(3)), 0;
  std::fputs("usage: heddle_dates train FOLDER\n"
             "       heddle_dates read FOLDER TEXT...\n",
             stderr);
  return 2;
} catch (const std::exception &error) {
  std::fprintf(stderr, "heddle_dates: %s\n", error.what());
  return 1;
}
