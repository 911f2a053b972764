// A progress line for programs that run for a while:
//
//   train  [=========>          ]  47%  470/1000  31.2/s  ETA 0:17  loss 2.31
//
// On a terminal it is one line, drawn over and over; elsewhere (a log, a pipe) it is a plain line
// at most every ten percent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace heddle::progress {

// What a line says at one moment.
struct Progress {
  std::string label;
  int64_t done = 0, total = 0; // total 0: not known; then there is no bar, percentage or ETA
  double seconds = 0;          // since the start
  std::string text;            // anything more, such as the loss
};

// The line, at most `width` columns wide: the bar shrinks first and then goes; the text is cut
// last. A width of 0 means a log: no bar and no limit.
std::string format(const Progress &progress, int width);

// A duration as 0:07, 12:34 or 1:02:03.
std::string formatDuration(double seconds);

class ProgressBar {
public:
  // Draws to stderr.
  ProgressBar(std::string label, int64_t total);
  ~ProgressBar(); // ends the line, so that what is printed next starts on its own
  ProgressBar(const ProgressBar &) = delete;
  ProgressBar &operator=(const ProgressBar &) = delete;

  // Says that `done` of the total are done. Cheap enough for every step: it draws ten times a
  // second.
  void update(int64_t done, std::string text = "");

  // Draws the last state and ends the line; calling it again does nothing.
  void finish();

private:
  using Clock = std::chrono::steady_clock;
  void draw();

  Progress progress;
  Clock::time_point start, lastDraw;
  bool terminal;
  bool finished = false;
  bool stale = false;    // something has changed since it was last drawn
  int64_t nextTenth = 1; // elsewhere than on a terminal: the tenth that is printed next
};

} // namespace heddle::progress
