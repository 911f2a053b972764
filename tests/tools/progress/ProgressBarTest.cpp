#include "ProgressBar.h"

#include <gtest/gtest.h>

#include <limits>

using namespace heddle::progress;

namespace {

TEST(FormatDuration, ReadsAsAClock) {
  EXPECT_EQ(formatDuration(0), "0:00");
  EXPECT_EQ(formatDuration(7.4), "0:07");
  EXPECT_EQ(formatDuration(59.6), "1:00");
  EXPECT_EQ(formatDuration(754), "12:34");
  EXPECT_EQ(formatDuration(3723), "1:02:03");
  EXPECT_EQ(formatDuration(std::numeric_limits<double>::infinity()), "--:--");
  EXPECT_EQ(formatDuration(std::numeric_limits<double>::quiet_NaN()), "--:--");
}

TEST(Format, ShowsBarPercentageCountRateEtaAndText) {
  EXPECT_EQ(format({"train", 500, 1000, 25, "loss 2.31"}, 100),
            "train  [===============>              ]   50%  500/1000  20.0/s  ETA 0:25  loss 2.31");
}

TEST(Format, HasNoBarInALog) {
  EXPECT_EQ(format({"train", 500, 1000, 25, "loss 2.31"}, 0),
            "train   50%  500/1000  20.0/s  ETA 0:25  loss 2.31");
}

TEST(Format, ShowsTheTimeTakenWhenDone) {
  EXPECT_EQ(format({"train", 1000, 1000, 50, ""}, 0), "train  100%  1000/1000  20.0/s  in 0:50");
  EXPECT_NE(format({"", 10, 10, 1, ""}, 80).find("[==============================]"),
            std::string::npos);
}

TEST(Format, KnowsNoEtaBeforeTheFirstStep) {
  EXPECT_EQ(format({"train", 0, 10, 0, ""}, 0), "train    0%  0/10  0.0/s  ETA --:--");
}

TEST(Format, ShowsSlowAndFastRates) {
  EXPECT_NE(format({"", 1, 10, 4, ""}, 0).find("4.0 s each"), std::string::npos);
  EXPECT_NE(format({"", 150, 200, 1, ""}, 0).find("150/s"), std::string::npos);
  EXPECT_NE(format({"", 25000, 50000, 1, ""}, 0).find("25.0k/s"), std::string::npos);
}

TEST(Format, CountsWhenTheTotalIsNotKnown) {
  EXPECT_EQ(format({"read", 42, 0, 2, "MB"}, 80), "read  42  21.0/s  MB");
}

TEST(Format, NeverSaysAHundredPercentTooEarlyOrMore) {
  EXPECT_NE(format({"", 999, 1000, 1, ""}, 0).find(" 99%"), std::string::npos);
  EXPECT_NE(format({"", 1001, 1000, 1, ""}, 0).find("100%"), std::string::npos);
}

TEST(Format, FitsTheTerminal) {
  Progress progress{"train", 500, 1000, 25, "loss 2.31"};
  for (int width = 1; width < 120; ++width)
    EXPECT_LE(format(progress, width).size(), static_cast<size_t>(width));
  EXPECT_EQ(format(progress, 60).find('['), std::string::npos) << "no room for a bar";
  EXPECT_NE(format(progress, 66).find('['), std::string::npos);
}

TEST(Format, CutsBetweenCharacters) {
  EXPECT_EQ(format({"\u00e9t\u00e9", 0, 0, 0, ""}, 1), "\u00e9");
}

} // namespace
