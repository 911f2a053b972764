#include "heddle/training/run.h"

#include "Best.h"
#include "Failures.h"
#include "LogFile.h"
#include "LogText.h"
#include "RunFolder.h"

#include <heddle/data/files.h>

#include <charconv>
#include <chrono>

namespace heddle::training {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// The metadata of a run's files.
constexpr const char *kStep = "step", *kLogLines = "log_lines", *kBestBy = "best_by";

std::int64_t wholeNumber(const Metadata &metadata, const char *name, const fs::path &file) {
  std::int64_t value = -1;
  if (const auto found = metadata.find(name); found != metadata.end()) {
    const std::string &text = found->second;
    const char *end = text.data() + text.size();
    if (const auto result = std::from_chars(text.data(), end, value); result.ptr != end)
      value = -1;
  }
  if (value < 0)
    fail("{} was not saved by a training::Run: its metadata has no '{}'", file.string(), name);
  return value;
}

void checkRegular(const fs::path &file) {
  std::error_code ignored;
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored))
    fail("{} is not a regular file; choose another folder", file.string());
}

} // namespace

struct Run::Impl {
  Executable *exe;
  RunOptions options;
  RunFolder folder;
  const RunFiles &files = folder.files();
  Best best{options.best, options.higher_is_better};
  std::optional<LogFile> log;
  bool replacing = false; // the run before this one is still there
  std::size_t lines = 0;  // of the log
  std::int64_t step = 0;
  double secondsBefore = 0; // in the sessions before this one
  Clock::time_point start;

  Impl(Executable &exe, const fs::path &path, RunOptions given)
      : exe(&exe), options(std::move(given)), folder(path) {
    for (const fs::path &file : {files.last, files.best, files.log})
      checkRegular(file);
    if (options.existing == Existing::resume)
      resume();
    else if (options.existing == Existing::overwrite)
      replacing = files.exist();
    else if (files.exist())
      fail(
          "{} already holds a run; resume it (training::Existing::resume), start anew in its place "
          "(training::Existing::overwrite), or choose another folder",
          path.string());
    log.emplace(replacing ? files.begun : files.log);
    start = Clock::now();
  }

  double seconds() const {
    return secondsBefore + std::chrono::duration<double>(Clock::now() - start).count();
  }

  void resume();
  std::size_t readLog(std::string_view text, std::size_t linesSaved);
  void checkBest();

  void saveLast() {
    log->sync(); // a checkpoint on the disk has its lines there
    withoutPlace([&] {
      exe->save_checkpoint(files.last.string(),
                           {{kStep, std::to_string(step)}, {kLogLines, std::to_string(lines)}});
    });
    if (!replacing)
      return;
    log->moveTo(files.log);
    removeFile(files.best);
    replacing = false;
  }
  void saveBest() const {
    withoutPlace([&] {
      exe->save(files.best.string(), {{kStep, std::to_string(step)}, {kBestBy, options.best}});
    });
  }
};

// Nothing on disk changes before all is found to fit.
void Run::Impl::resume() {
  std::error_code ignored;
  if (!fs::exists(files.last, ignored))
    fail("{} has no last.safetensors to resume from{}", folder.path().string(),
         files.exist() ? ": its run ended before the first checkpoint; start anew with "
                         "training::Existing::overwrite"
                       : "; is it the folder of a run?");
  const Metadata metadata = withoutPlace([&] { return safetensors_metadata(files.last.string()); });
  step = wholeNumber(metadata, kStep, files.last);
  const auto saved = static_cast<std::size_t>(wholeNumber(metadata, kLogLines, files.last));
  std::size_t kept = 0;
  {
    const std::string text = withoutPlace([&] { return data::read_file(files.log); });
    kept = readLog(text, saved);
  }
  withoutPlace([&] { exe->resume(files.last.string()); });
  checkBest();
  std::error_code error;
  fs::resize_file(files.log, kept, error);
  if (error)
    fail("cannot write {}: {}", files.log.string(), error.message());
}

// Takes the lines up to the checkpoint's step, and gives their bytes. The first `linesSaved` of
// them were on the disk when it was saved. Those behind, if of its step, were logged after it was;
// what else there is may be the rest of a killed program, whatever it looks like.
std::size_t Run::Impl::readLog(std::string_view text, std::size_t linesSaved) {
  LogReader reader(text, files.log.string());
  std::size_t kept = 0;
  while (std::optional<LogEntry> entry =
             lines < linesSaved ? reader.next() : reader.nextIfWhole()) {
    if (entry->step > step)
      break;
    best.offer(*entry);
    secondsBefore = entry->seconds;
    lines = reader.lines();
    kept = reader.bytes();
  }
  if (lines < linesSaved)
    fail("{} does not go with {}: it has {} lines up to step {}, and had {} when that was saved; "
         "put back the log of this run, or start anew with training::Existing::overwrite",
         files.log.string(), files.last.string(), lines, step, linesSaved);
  return kept;
}

// The best weights are saved after the checkpoint of their step, so only those of the last
// checkpoint's own step can be missing; then they are the ones that were just loaded.
void Run::Impl::checkBest() {
  if (!best.value())
    return;
  const std::int64_t from = best.value()->step;
  std::error_code ignored;
  const bool there = fs::exists(files.best, ignored);
  Metadata metadata;
  if (there)
    metadata = withoutPlace([&] { return safetensors_metadata(files.best.string()); });
  if (there && metadata[kBestBy] == options.best &&
      wholeNumber(metadata, kStep, files.best) == from)
    return;
  if (from == step)
    return saveBest();
  fail("{} {}, and by the log the best {} is of step {}; {}", files.best.string(),
       there ? fmt::format("is the best {} of step {}", metadata[kBestBy], metadata[kStep])
             : "is not there",
       options.best, from,
       there ? "resume with the metric that the run was begun with" : "put it back");
}

Run::Run(Executable &exe, fs::path folder, RunOptions options)
    : impl_(std::make_unique<Impl>(exe, std::move(folder), std::move(options))) {}
Run::~Run() = default;
Run::Run(Run &&) noexcept = default;
Run &Run::operator=(Run &&) noexcept = default;

bool Run::exists(const fs::path &folder) { return RunFiles(folder).exist(); }

std::int64_t Run::step() const { return impl_->step; }
double Run::seconds() const { return impl_->seconds(); }

void Run::end_step(const Metrics &metrics) {
  ++impl_->step;
  if (!metrics.empty())
    log("train", metrics);
}

void Run::log(std::string_view phase, const Metrics &metrics) {
  const LogEntry entry{impl_->step, impl_->seconds(), std::string(phase), metrics};
  const std::string line = formatLine(entry);
  const bool better = impl_->best.offer(entry);
  impl_->log->append(line);
  ++impl_->lines;
  if (better) {
    impl_->saveLast();
    impl_->saveBest();
  }
}

void Run::save() { impl_->saveLast(); }

std::optional<BestValue> Run::best() const { return impl_->best.value(); }
std::int64_t Run::since_best() const { return impl_->best.since(); }

fs::path Run::last_path() const { return impl_->files.last; }
fs::path Run::best_path() const { return impl_->files.best; }
fs::path Run::log_path() const { return impl_->replacing ? impl_->files.begun : impl_->files.log; }

} // namespace heddle::training
