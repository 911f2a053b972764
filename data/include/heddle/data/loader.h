// Batches of a data set, epoch by epoch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace heddle::data {

/// The numbers 0 to count - 1 in a random order that follows from `seed` and `epoch` alone, on
/// every machine.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, std::uint64_t epoch = 0);

struct Split {
  std::vector<std::size_t> train, validation; ///< numbers of rows, each in ascending order
};
/// Puts a random `fraction` of `count` rows aside for validation, at least one row, and leaves at
/// least one to train on. The same seed gives the same split on every machine. Throws Error unless
/// 0 < fraction < 1 and count >= 2.
Split split(std::size_t count, double fraction, std::uint64_t seed = 0);

/// values[rows[0]], values[rows[1]], .... Throws std::out_of_range for a row that is not there.
template <class T>
std::vector<T> gather(const std::vector<T> &values, std::span<const std::size_t> rows) {
  std::vector<T> result;
  result.reserve(rows.size());
  for (const std::size_t row : rows)
    result.push_back(values.at(row));
  return result;
}

struct LoaderOptions {
  std::size_t batch = 32; ///< rows of a batch
  bool shuffle = true;    ///< anew in each epoch
  std::uint64_t seed = 0;
  bool drop_last = false; ///< leaves out a last batch that has fewer rows
  bool prefetch = true;   ///< makes the next batch on another thread while this one is used
};

namespace detail {
std::vector<std::size_t> all_rows(std::size_t count);
/// The rows of an epoch in order, those of all batches.
std::vector<std::size_t> epoch_rows(std::span<const std::size_t> rows, const LoaderOptions &options,
                                    std::uint64_t epoch);
void check(std::size_t rows, const LoaderOptions &options);
} // namespace detail

/// Cuts a data set into batches. `Batch` is what the user's function makes of the numbers of its
/// rows:
///
///   data::Loader loader(split.train, {.batch = 32, .seed = 1},
///                       [&](std::span<const std::size_t> rows) { return make_batch(rows); });
///   for (auto epoch = loader.epoch(0); auto batch = epoch.next();)
///     exe.run("train", batch->ids, batch->labels);
///
/// The function is called for one batch at a time, on another thread if options.prefetch.
template <class Batch> class Loader {
public:
  using Make = std::function<Batch(std::span<const std::size_t> rows)>;

  /// Throws Error if there are no rows, if options.batch is 0, or if drop_last would leave no
  /// batch.
  Loader(std::vector<std::size_t> rows, LoaderOptions options, Make make)
      : rows_(std::move(rows)), options_(options), make_(std::make_shared<Make>(std::move(make))) {
    detail::check(rows_.size(), options_);
  }
  /// Of the rows 0 to count - 1.
  Loader(std::size_t count, LoaderOptions options, Make make)
      : Loader(detail::all_rows(count), options, std::move(make)) {}

  /// Batches of an epoch.
  std::size_t batches() const {
    return (rows_.size() + (options_.drop_last ? 0 : options_.batch - 1)) / options_.batch;
  }

  class Epoch {
  public:
    /// The next batch; none when the epoch is over. What the user's function threw for this batch
    /// is thrown here, and the call after that gives the batch after it.
    std::optional<Batch> next() {
      if (!pending_.valid())
        return std::nullopt;
      std::future<Batch> current = std::move(pending_);
      current.wait();
      start();
      return current.get();
    }

  private:
    friend class Loader;
    Epoch(std::shared_ptr<const Make> make, std::vector<std::size_t> rows, LoaderOptions options,
          std::size_t first)
        : make_(std::move(make)),
          rows_(std::make_shared<std::vector<std::size_t>>(std::move(rows))), options_(options),
          at_(first * options.batch) {
      start();
    }
    void start() {
      if (at_ >= rows_->size())
        return;
      const std::size_t count = std::min(options_.batch, rows_->size() - at_);
      // A std::async future waits for its function when it is destroyed, so none outlives the
      // epoch.
      pending_ =
          std::async(options_.prefetch ? std::launch::async : std::launch::deferred,
                     [make = make_, rows = rows_, at = at_, count] {
                       return (*make)(std::span<const std::size_t>(*rows).subspan(at, count));
                     });
      at_ += count;
    }
    std::shared_ptr<const Make> make_;
    std::shared_ptr<const std::vector<std::size_t>> rows_;
    LoaderOptions options_;
    std::size_t at_;
    std::future<Batch> pending_;
  };

  /// The batches of epoch `number`, from batch `first` on: who resumes there sees what he would
  /// have. The order of the rows follows from options.seed and `number` alone.
  Epoch epoch(std::uint64_t number, std::size_t first = 0) const {
    return Epoch(make_, detail::epoch_rows(rows_, options_, number), options_, first);
  }

private:
  std::vector<std::size_t> rows_;
  LoaderOptions options_;
  std::shared_ptr<const Make> make_;
};

template <class Rows, class F>
Loader(Rows, LoaderOptions, F) -> Loader<std::invoke_result_t<F &, std::span<const std::size_t>>>;

} // namespace heddle::data
