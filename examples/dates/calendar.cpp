#include "calendar.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <chrono>
#include <random>

namespace dates {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array kMonths = {"January",   "February", "March",    "April",
                                "May",       "June",     "July",     "August",
                                "September", "October",  "November", "December"};
constexpr std::array kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                  "Thursday", "Friday", "Saturday"};

std::string ordinal(unsigned day) {
  const bool teens = day / 10 == 1;
  const char *ending = teens           ? "th"
                       : day % 10 == 1 ? "st"
                       : day % 10 == 2 ? "nd"
                       : day % 10 == 3 ? "rd"
                                       : "th";
  return fmt::format("{}{}", day, ending);
}

/// The same numbers on every machine, which the distributions of <random> are not.
class Draw {
public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t count) { return random_() % count; }

private:
  std::mt19937_64 random_;
};

bool isHeldOut(std::int64_t day) { return static_cast<std::uint64_t>(day) * 2654435761U % 10 == 7; }

std::string written(const year_month_day &date, Draw &draw) {
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month()),
                 day = static_cast<unsigned>(date.day());
  std::string name = kMonths[month - 1],
              weekday = kWeekdays[std::chrono::weekday(sys_days(date)).c_encoding()];
  if (draw.below(3) == 0) {
    name.resize(3);
    weekday.resize(3);
  }
  const std::string shortYear = fmt::format("{:02}", year % 100);
  std::string text;
  switch (draw.below(12)) {
  case 0:
    text = fmt::format("{} {} {}", day, name, year);
    break;
  case 1:
    text = fmt::format("{} {}, {}", name, day, year);
    break;
  case 2:
    text = fmt::format("{} of {} {}", ordinal(day), name, year);
    break;
  case 3:
    text = fmt::format("{}, {} {} {}", weekday, day, name, year);
    break;
  case 4:
    text = fmt::format("{} {} {}", name, ordinal(day), year);
    break;
  case 5:
    text = fmt::format("{} the {}, {} {}", weekday, ordinal(day), name, year);
    break;
  case 6:
    text = fmt::format("{}.{}.{}", day, month, year);
    break;
  case 7:
    text = fmt::format("{}/{:02}/{:02}", year, month, day);
    break;
  case 8:
    text = fmt::format("{}-{}-{}", day, name, shortYear);
    break;
  case 9:
    text = fmt::format("{} {} '{}", day, name, shortYear);
    break;
  case 10:
    text = fmt::format("{:02}.{:02}.{}", day, month, shortYear);
    break;
  default:
    text = fmt::format("{}{:02}{:02}", year, month, day);
  }
  const std::uint64_t form = draw.below(4);
  for (char &c : text)
    if (form == 0)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (form == 1)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

} // namespace

Example example(std::uint64_t number, bool held_out) {
  Draw draw(number * 2 + (held_out ? 1 : 0));
  constexpr sys_days first = std::chrono::January / 1 / std::chrono::year(1970),
                     end = std::chrono::January / 1 / std::chrono::year(2070);
  constexpr auto days = static_cast<std::uint64_t>((end - first).count());
  std::int64_t day = 0;
  do
    day = static_cast<std::int64_t>(draw.below(days));
  while (isHeldOut(day) != held_out);
  const year_month_day date(first + std::chrono::days(day));
  return {written(date, draw),
          fmt::format("{}-{:02}-{:02}", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()))};
}

std::vector<Example> examples(std::uint64_t first, std::uint64_t count, bool held_out) {
  std::vector<Example> list;
  for (std::uint64_t i = 0; i < count; ++i)
    list.push_back(example(first + i, held_out));
  return list;
}

} // namespace dates
