#include "ProgressBar.h"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace heddle::progress {
namespace {

constexpr int kBarWidth = 30, kSmallestBar = 8;
constexpr auto kRedrawEvery = std::chrono::milliseconds(100);

double fraction(const Progress &p) {
  return p.total > 0 ? std::clamp(static_cast<double>(p.done) / p.total, 0.0, 1.0) : 0;
}

std::string formatRate(double perSecond) {
  if (perSecond >= 10e3)
    return fmt::format("{:.1f}k/s", perSecond / 1e3);
  if (perSecond >= 100)
    return fmt::format("{:.0f}/s", perSecond);
  if (perSecond >= 1 || perSecond == 0)
    return fmt::format("{:.1f}/s", perSecond);
  return fmt::format("{:.1f} s each", 1 / perSecond); // a rate below one a second reads badly
}

std::string bar(const Progress &p, int width) {
  int filled = static_cast<int>(fraction(p) * width);
  std::string inside(filled, '=');
  if (filled < width)
    inside += '>';
  inside.resize(width, ' ');
  return "[" + inside + "]";
}

bool stderrIsTerminal() {
  const char *term = std::getenv("TERM");
  return isatty(STDERR_FILENO) && !(term && std::strcmp(term, "dumb") == 0);
}

int terminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col - 1; // a full last column would wrap on some terminals
  return 79;
}

// Whether `c` continues a UTF-8 character; it takes no column of its own.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int columns(const std::string &text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string cutTo(const std::string &text, int width) {
  size_t end = 0;
  for (int used = 0; end < text.size(); ++end)
    if (!continues(text[end]) && used++ == width)
      break;
  return text.substr(0, end);
}

} // namespace

std::string formatDuration(double seconds) {
  // Beyond this nobody plans by it, and a number that is not finite has no digits.
  if (!(seconds < 1000.0 * 3600))
    return "--:--";
  auto s = static_cast<int64_t>(std::max(0.0, std::round(seconds)));
  if (s >= 3600)
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string format(const Progress &p, int width) {
  double rate = p.seconds > 0 ? p.done / p.seconds : 0;
  std::string rest; // all that follows the bar
  auto add = [&](const std::string &part) { rest += (rest.empty() ? "" : "  ") + part; };
  if (p.total > 0) {
    add(fmt::format("{:3}%", static_cast<int>(fraction(p) * 100)));
    add(fmt::format("{}/{}", p.done, p.total));
  } else {
    add(fmt::format("{}", p.done));
  }
  add(formatRate(rate));
  if (p.total > 0 && p.done >= p.total)
    add("in " + formatDuration(p.seconds));
  else if (p.total > 0)
    add("ETA " + (rate > 0 ? formatDuration((p.total - p.done) / rate) : "--:--"));
  if (!p.text.empty())
    add(p.text);

  std::string line = p.label.empty() ? "" : p.label + "  ";
  int room = width - columns(line) - columns(rest) - 4; // two brackets, two spaces
  if (width > 0 && p.total > 0 && room >= kSmallestBar)
    line += bar(p, std::min(room, kBarWidth)) + "  ";
  line += rest;
  return width > 0 ? cutTo(line, width) : line;
}

ProgressBar::ProgressBar(std::string label, int64_t total)
    : start(Clock::now()), terminal(stderrIsTerminal()) {
  progress.label = std::move(label);
  progress.total = total;
}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::update(int64_t done, std::string text) {
  if (finished)
    return;
  auto now = Clock::now();
  progress.done = done;
  progress.text = std::move(text);
  progress.seconds = std::chrono::duration<double>(now - start).count();
  stale = true;
  if (terminal) {
    if (now - lastDraw >= kRedrawEvery)
      lastDraw = now, draw();
  } else if (progress.total > 0) {
    int64_t tenth = static_cast<int64_t>(fraction(progress) * 10);
    if (tenth >= nextTenth)
      nextTenth = tenth + 1, draw();
  }
}

void ProgressBar::finish() {
  if (finished)
    return;
  finished = true;
  if (stale)
    draw();
  if (terminal && progress.seconds > 0)
    std::fputc('\n', stderr);
}

void ProgressBar::draw() {
  stale = false;
  if (terminal) // back to the first column, the line, and clear what an older, longer line left
    fmt::print(stderr, "\r{}\x1b[K", format(progress, terminalWidth()));
  else
    fmt::print(stderr, "{}\n", format(progress, 0));
  std::fflush(stderr);
}

} // namespace heddle::progress
