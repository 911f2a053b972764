#include "BarChart.h"

#include "FolderTest.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

using namespace heddle::plot;
namespace fs = std::filesystem;

namespace {

BarChart sample() {
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {"Times",
          "two threads",
          {"a", "b", "c"},
          {{"ratio", 1, 2, {{0.5, "0.50"}, {none, "no peer"}, {7, "7.00"}}},
           {"share", 100, 150, {{0, "0 %"}, {90, "90 %"}, {150, "150 %"}}}}};
}

std::string message_of(const BarChart &chart, const fs::path &path) {
  try {
    save(chart, path);
  } catch (const std::runtime_error &error) {
    return error.what();
  }
  return "";
}

class BarChartTest : public heddle::test::FolderTest {};

TEST_F(BarChartTest, SavesByExtension) {
  save(sample(), folder / "a.png");
  save(sample(), folder / "a.svg");
  EXPECT_EQ(contents("a.png").substr(1, 3), "PNG");
  EXPECT_NE(contents("a.svg").find("</svg>"), std::string::npos);
  EXPECT_EQ(contents("a.svg").find("nan"), std::string::npos);
  EXPECT_EQ(files(), 2) << "a temporary file was left behind";
}

TEST_F(BarChartTest, SaysWhatCannotBeDrawn) {
  const fs::path path = folder / "a.png";
  EXPECT_EQ(message_of({"Times", "", {}, {}}, path),
            "bar chart 'Times' has no row; add at least one");
  EXPECT_EQ(message_of({"Times", "", {"a"}, {}}, path),
            "bar chart 'Times' has no panel; add at least one");
  EXPECT_EQ(message_of({"Times", "", {"a"}, {{"ratio", 1, 2, {}}}}, path),
            "bar chart 'Times', panel 'ratio': expected a bar a row, got 0 bars for 1 rows");
  BarChart chart = sample();
  chart.panels[0].bars[0].value = -1;
  EXPECT_NE(message_of(chart, path).find("a bar of -1 is below 0"), std::string::npos);
  chart = sample();
  chart.panels[0].mark = 0;
  EXPECT_NE(message_of(chart, path).find("expected 0 < mark <= most"), std::string::npos);
  EXPECT_EQ(files(), 0);
}

TEST_F(BarChartTest, ChecksAPathBeforehand) {
  EXPECT_NO_THROW(checkPicturePath(folder / "a.SVG"));
  EXPECT_NO_THROW(checkPicturePath("a.png"));
  EXPECT_THROW(checkPicturePath(folder / "a.jpg"), std::runtime_error);
  EXPECT_THROW(checkPicturePath(folder / "none" / "a.png"), std::runtime_error);
}

} // namespace
