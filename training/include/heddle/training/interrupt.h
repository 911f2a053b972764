// Ctrl-C ends a loop, not the program.
#pragma once

#include <csignal>

namespace heddle::training {

/// While one is alive, the first SIGINT or SIGTERM only sets a flag, for the loop to end after the
/// current step and keep its work; the next one ends the program as usual. A signal that was
/// ignored before (as nohup and some shells make it) stays ignored.
///
///   training::Interrupt interrupt;
///   while (run.step() < steps && !interrupt)
///     ...
class Interrupt {
public:
  Interrupt();
  /// Puts back what was there before.
  ~Interrupt();
  Interrupt(const Interrupt &) = delete;
  Interrupt &operator=(const Interrupt &) = delete;

  /// Whether there was a signal.
  explicit operator bool() const { return signal() != 0; }
  /// SIGINT, SIGTERM, or 0.
  int signal() const;

private:
  struct sigaction interrupt_before_, terminate_before_;
};

} // namespace heddle::training
