// Text classification: what is a message to a shop about? docs/tutorials/text.md explains it.
#include <heddle/data.h>
#include <heddle/heddle.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string_view>

using namespace heddle;

constexpr int kBatch = 32, kLength = 40, kWidth = 32, kEpochs = 20;

struct Net : nn::Module {
  nn::Embedding embedding;
  nn::Linear fc;
  Net(int vocabulary, int topics)
      : embedding(*this, "embedding", vocabulary, kWidth), fc(*this, "fc", kWidth, topics) {}

  // The mean of the words' vectors, without those of the padding, then a linear layer.
  Tensor operator()(Tensor ids, Tensor padding) {
    Tensor words = unsqueeze(cast(logical_not(padding), f32), -1); // [batch, length, 1]
    Tensor mean = sum(embedding(ids) * words, 1) / maximum(sum(words, 1), 1);
    return fc(mean); // [batch, topics]
  }
};

Model classifier(int vocabulary, int topics) {
  Model m("classifier");
  auto net = m.add<Net>(vocabulary, topics);
  Input ids{"ids", i32, {kBatch, kLength}}, padding{"padding", i1, {kBatch, kLength}};
  Input labels{"labels", i32, {kBatch}};
  auto loss = [=](Tensor ids, Tensor padding, Tensor labels) {
    return cross_entropy(net(ids, padding), labels);
  };
  m.train_step("train", {ids, padding, labels}, loss, optim::Adam{.lr = 1e-2});
  m.function("test", {ids, padding, labels}, [=](Tensor ids, Tensor padding, Tensor labels) {
    return sum(cast(eq(argmax(net(ids, padding), -1), labels), i32));
  });
  Input one{"ids", i32, {1, kLength}}, its_padding{"padding", i1, {1, kLength}};
  m.function("predict", {one, its_padding},
             [=](Tensor ids, Tensor padding) { return softmax(net(ids, padding), -1); });
  return m;
}

struct Batch {
  data::Padded texts;
  std::vector<std::int32_t> labels;
};

// Each topic as its place among the names.
std::vector<std::int32_t> labels_of(const std::vector<std::string> &topics,
                                    const std::vector<std::string> &names) {
  std::vector<std::int32_t> labels;
  for (const std::string &topic : topics)
    labels.push_back(static_cast<std::int32_t>(std::ranges::find(names, topic) - names.begin()));
  return labels;
}

void fit(Executable &exe, const data::Loader<Batch> &training,
         const data::Loader<Batch> &validation, std::size_t validation_rows) {
  exe.initialize(/*seed=*/1);
  for (int number = 1; number <= kEpochs; ++number) {
    double loss = 0, correct = 0;
    for (auto epoch = training.epoch(number); auto batch = epoch.next();) {
      const auto padding = batch->texts.key_padding_mask();
      loss += exe.run("train", batch->texts.ids, padding, batch->labels).loss();
    }
    for (auto epoch = validation.epoch(0); auto batch = epoch.next();) {
      const auto padding = batch->texts.key_padding_mask();
      correct += exe.run("test", batch->texts.ids, padding, batch->labels)[0].item();
    }
    if (number % 5 == 0)
      std::printf("epoch %2d: mean training loss %.3f, validation accuracy %.1f%%\n", number,
                  loss / static_cast<double>(training.batches()),
                  100 * correct / static_cast<double>(validation_rows));
  }
}

void train(const std::string &folder, const std::string &file) {
  const data::Table table = data::read_csv(file);
  const std::vector<std::string> texts = table.texts("text"), topics = table.texts("topic");
  const data::Split split = data::split(table.rows(), /*fraction=*/0.2, /*seed=*/1);

  const auto tokenizer =
      data::Tokenizer::train(data::gather(texts, split.train),
                             {.pieces = data::Pieces::word,
                              .vocabulary = 2000,
                              .min_frequency = 2,
                              .cleaning = {.lower_case = true, .strip_punctuation = true}});

  const std::set<std::string> sorted(topics.begin(), topics.end());
  const std::vector<std::string> names(sorted.begin(), sorted.end());
  std::printf("%zu messages on %zu topics, %d words\n", table.rows(), names.size(),
              tokenizer.size());

  const std::vector<std::vector<std::int32_t>> ids = tokenizer.encode_all(texts);
  const std::vector<std::int32_t> labels = labels_of(topics, names);
  auto make_batch = [&](std::span<const std::size_t> rows) {
    Batch batch{data::pad(data::gather(ids, rows), {.length = kLength, .rows = kBatch}),
                data::gather(labels, rows)};
    batch.labels.resize(kBatch, -100); // which cross_entropy leaves out
    return batch;
  };
  const data::Loader training(split.train, {.batch = kBatch, .seed = 1}, make_batch);
  const data::Loader validation(split.validation, {.batch = kBatch, .shuffle = false}, make_batch);

  Executable exe = compile(classifier(tokenizer.size(), static_cast<int>(names.size())));
  fit(exe, training, validation, split.validation.size());

  std::filesystem::create_directories(folder);
  std::string lines;
  for (const std::string &name : names)
    lines += name + "\n";
  data::write_file(folder + "/topics.txt", lines);
  tokenizer.save(folder + "/tokenizer.json");
  exe.save(folder + "/weights.safetensors");
}

void predict(const std::string &folder, std::span<char *const> texts) {
  const std::vector<std::string> names = data::read_lines(folder + "/topics.txt");
  const auto tokenizer = data::Tokenizer::load(folder + "/tokenizer.json");
  Executable exe = compile(classifier(tokenizer.size(), static_cast<int>(names.size())));
  exe.load(folder + "/weights.safetensors");
  for (const char *text : texts) {
    const std::vector<std::vector<std::int32_t>> ids{tokenizer.encode(text)};
    const data::Padded padded = data::pad(ids, {.length = kLength});
    const Outputs outputs = exe.run("predict", padded.ids, padded.key_padding_mask());
    const auto chances = outputs[0].as<float>();
    const auto best = std::ranges::max_element(chances);
    std::printf("%s (%.0f%%): %s\n", names[best - chances.begin()].c_str(), 100 * *best, text);
  }
}

int main(int argc, char **argv) try {
  const std::string_view command = argc > 2 ? argv[1] : "";
  if (command == "train" && argc <= 4)
    train(argv[2], argc == 4 ? argv[3] : HEDDLE_MESSAGES);
  else if (command == "predict" && argc > 3)
    predict(argv[2], std::span(argv, static_cast<std::size_t>(argc)).subspan(3));
  else {
    std::fputs("usage: heddle_text_classifier train FOLDER [CSV]\n"
               "       heddle_text_classifier predict FOLDER TEXT...\n",
               stderr);
    return 2;
  }
} catch (const std::exception &error) {
  std::fprintf(stderr, "text_classifier: %s\n", error.what());
  return 1;
}
