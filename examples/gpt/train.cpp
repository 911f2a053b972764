// heddle_gpt_demo: trains a small GPT on a text, ships it as a C library, and lets a C program
// write with it.
#include "batches.h"
#include "files.h"
#include "ship.h"
#include "tokenizer.h"
#include "training.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace gpt;

namespace {

// A resumed run has the shape it was begun with, whatever the defaults are by then.
void save_settings(const Options &options, const std::string &text_mark) {
  const Config &m = options.model;
  const nlohmann::json settings = {{"layers", m.layers},   {"heads", m.heads},
                                   {"width", m.width},     {"context", m.context},
                                   {"dropout", m.dropout}, {"batch", options.batch},
                                   {"seed", options.seed}, {"lr", options.learning_rate},
                                   {"text", text_mark}};
  write_file(options.output / "settings.json", settings.dump(2) + "\n");
}

void load_settings(const CLI::App &app, Options &options, const std::string &text_mark) {
  const auto path = options.output / "settings.json";
  nlohmann::json settings;
  try {
    settings = nlohmann::json::parse(read_file(path));
    auto take = [&](const char *name, auto &value) {
      if (app.count("--" + std::string(name)) == 0)
        settings.at(name).get_to(value);
    };
    Config &m = options.model;
    take("layers", m.layers);
    take("heads", m.heads);
    take("width", m.width);
    take("context", m.context);
    take("dropout", m.dropout);
    take("batch", options.batch);
    take("seed", options.seed);
    take("lr", options.learning_rate);
    if (settings.at("text") != text_mark)
      throw std::runtime_error(
          fmt::format("{} is not the text that the training in {} was begun with; resume with that "
                      "one",
                      options.data.string(), options.output.string()));
  } catch (const nlohmann::json::exception &error) {
    throw std::runtime_error(fmt::format("{} is damaged ({}); train again without --resume",
                                         path.string(), error.what()));
  }
}

void add_options(CLI::App &app, Options &options) {
  options.data = HEDDLE_GPT_DIR "/corpus/stories.txt";
  app.add_option("--data", options.data,
                 "text file to learn from, UTF-8 (default: the stories in examples/gpt/corpus)");
  app.add_option("--output", options.output, "folder for all that is made")->capture_default_str();
  app.add_option("--epochs", options.epochs, "times through the text")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--steps", options.steps, "training steps, instead of --epochs")
      ->check(CLI::Range(1, 1000000000));
  app.add_option("--stop-at", options.stop_at, "stop after this step, to go on later with --resume")
      ->check(CLI::Range(1, 1000000000));
  app.add_flag("--resume", options.resume, "go on from the checkpoint in the output folder");
  app.add_option("--layers", options.model.layers)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--heads", options.model.heads)->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--width", options.model.width, "a multiple of the heads")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--context", options.model.context, "tokens that it sees at once")
      ->check(CLI::Range(2, 65536))
      ->capture_default_str();
  app.add_option("--pieces", options.pieces,
                 "pieces of words in the vocabulary; 0: single characters only")
      ->check(CLI::Range(0, 65536))
      ->capture_default_str();
  app.add_option("--dropout", options.model.dropout)
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "windows a step")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--lr", options.learning_rate, "the highest learning rate")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "the same seed gives the same run")->capture_default_str();
  app.add_option("--prompt", options.prompt,
                 "what the text begins with (default: the first words of the corpus)");
  app.add_option("--length", options.length, "tokens to write")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_flag("!--no-generate", options.generate, "train only");
}

// Tells two texts apart: length and FNV-1a hash.
std::string mark_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : text)
    hash = (hash ^ c) * 0x100000001b3;
  return fmt::format("{} bytes, {:016x}", text.size(), hash);
}

// As far as the second space: enough to begin with, and surely in the vocabulary.
std::string first_words(const std::string &text) {
  std::size_t end = text.find(' ');
  if (end != std::string::npos)
    end = text.find_first_of(" \n", end + 1);
  return end == std::string::npos || end > 80 ? text.substr(0, text.find_first_of(" \n"))
                                              : text.substr(0, end);
}

void print_next_steps(const Options &options) {
  const std::string out = options.output.string();
  fmt::print("\n\nloss curve: {0}/loss.svg, {0}/loss.png\nweights:    {0}/weights.safetensors\n\n"
             "next:\n"
             "  {0}/generate --prompt 'Once' --temperature 0.9    more text, another way\n"
             "  ./dev demo --data FILE                             your own text\n"
             "  ./dev demo --resume --epochs {1}                   train for longer\n"
             "  docs/tutorials/first-model.md                      a model of your own\n",
             out, options.epochs * 2);
}

int run(const CLI::App &app, Options &options) {
  const std::string text = read_text(options.data);
  make_directory(options.output);
  const auto vocabulary_path = options.output / "vocab.txt";
  const std::string text_mark = mark_of(text);
  if (options.resume)
    load_settings(app, options, text_mark);
  const Vocabulary vocabulary =
      options.resume ? Vocabulary::load(vocabulary_path) : Vocabulary(text, options.pieces);
  options.model.vocabulary = vocabulary.size();
  options.model.check();
  const Batches batches(vocabulary.encode(text), options.batch, options.model.context,
                        options.seed);
  fmt::print(
      "text: {}: {} bytes are {} tokens, {} different ones; {} for training, {} for validation\n",
      options.data.string(), text.size(), batches.training_size() + batches.validation_size(),
      vocabulary.size(), batches.training_size(), batches.validation_size());

  const bool done = train(options, batches, [&] {
    vocabulary.save(vocabulary_path);
    save_settings(options, text_mark);
  });
  if (!done) {
    fmt::print("stopped early; go on with the same command and --resume\n");
    return 0;
  }
  if (!options.generate)
    return 0;
  if (options.prompt.empty())
    options.prompt = first_words(text);
  ship(options);
  print_next_steps(options);
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Trains a small GPT on a text and lets it write.", "heddle_gpt_demo");
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run(app, options);
  } catch (const std::exception &error) {
    fmt::print(stderr, "heddle_gpt_demo: {}\n", error.what());
    return 1;
  }
}
