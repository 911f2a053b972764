#include "heddle/training/interrupt.h"

#include <atomic>
#include <initializer_list>

namespace heddle::training {
namespace {

// A handler may run on any thread, and may use no more than this and sigaction.
std::atomic<int> caught = 0;
std::atomic<int> alive = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void onSignal(int number) {
  caught = number;
  for (const int each : {SIGINT, SIGTERM}) {
    struct sigaction now {};
    sigaction(each, nullptr, &now);
    if (now.sa_handler != onSignal) // it is ignored
      continue;
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    sigaction(each, &usual, nullptr);
  }
}

void install(int number, struct sigaction &before) {
  sigaction(number, nullptr, &before);
  if (before.sa_handler == SIG_IGN)
    return;
  struct sigaction action {};
  action.sa_handler = onSignal;
  action.sa_flags = SA_RESTART; // a file that is being written is written to its end
  sigaction(number, &action, nullptr);
}

} // namespace

Interrupt::Interrupt() {
  if (alive++ == 0)
    caught = 0;
  install(SIGINT, interrupt_before_);
  install(SIGTERM, terminate_before_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
  --alive;
}

int Interrupt::signal() const { return caught; }

} // namespace heddle::training
