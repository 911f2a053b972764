#include "LossCurve.h"

#include "FolderTest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

using namespace heddle::plot;
namespace fs = std::filesystem;

namespace {

Figure sample() {
  Figure figure{"Training loss", "step", "cross entropy (nats)", {{"train", {}, {}}}};
  for (int i = 0; i < 100; ++i) {
    figure.series[0].x.push_back(i);
    figure.series[0].y.push_back(1 + 3 * std::exp(-i / 20.0));
  }
  return figure;
}

std::string messageOf(const Figure &figure, const fs::path &path) {
  try {
    save(figure, path);
  } catch (const std::runtime_error &error) {
    return error.what();
  }
  return "";
}

class LossCurve : public heddle::test::FolderTest {};

TEST_F(LossCurve, SavesSvgByExtension) {
  save(sample(), folder / "loss.svg");
  std::string text = contents("loss.svg");
  EXPECT_NE(text.find("<svg"), std::string::npos);
  EXPECT_NE(text.find("</svg>"), std::string::npos);
  EXPECT_EQ(files(), 1u) << "a temporary file was left behind";
}

TEST_F(LossCurve, SavesPngByExtensionInAnyCase) {
  save(sample(), folder / "loss.PNG");
  EXPECT_EQ(contents("loss.PNG").substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(files(), 1u);
}

TEST_F(LossCurve, ReplacesAnOlderPicture) {
  std::ofstream(folder / "loss.png") << "old";
  save(sample(), folder / "loss.png");
  EXPECT_EQ(contents("loss.png").substr(1, 3), "PNG");
}

TEST_F(LossCurve, SkipsWhatIsNotFinite) {
  Figure figure = sample();
  figure.series[0].y[3] = std::numeric_limits<double>::quiet_NaN();
  figure.series[0].y[50] = std::numeric_limits<double>::infinity();
  save(figure, folder / "loss.svg");
  EXPECT_EQ(contents("loss.svg").find("nan"), std::string::npos);
}

TEST_F(LossCurve, DrawsOnePointAndConstantSeries) {
  EXPECT_EQ(messageOf({"", "", "", {{"one", {1}, {2}}}}, folder / "one.png"), "");
  EXPECT_EQ(messageOf({"", "", "", {{"flat", {1, 2, 3}, {0, 0, 0}}}}, folder / "flat.png"), "");
  Figure log{"", "", "", {{"flat", {1, 2}, {5, 5}}}, true};
  EXPECT_EQ(messageOf(log, folder / "log.png"), "");
}

TEST_F(LossCurve, DrawsALogAxisWithoutWhatIsNotPositive) {
  Figure figure = sample();
  figure.log_y = true;
  figure.series[0].y[10] = 0;
  figure.series[0].y[11] = -1;
  EXPECT_EQ(messageOf(figure, folder / "log.svg"), "");
}

TEST_F(LossCurve, RefusesAnUnknownExtension) {
  std::string message = messageOf(sample(), folder / "loss.gif");
  EXPECT_NE(message.find("expected the extension .svg or .png, got '.gif'"), std::string::npos)
      << message;
}

TEST_F(LossCurve, RefusesAFigureWithNothingToDraw) {
  EXPECT_EQ(messageOf({"Loss", "", "", {}}, folder / "a.png"),
            "figure 'Loss' has no series; add at least one");
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(messageOf({"Loss", "", "", {{"s", {1}, {nan}}}}, folder / "a.png").find("not finite"),
            std::string::npos);
  Figure log{"Loss", "", "", {{"s", {1}, {-1}}}, true};
  EXPECT_NE(messageOf(log, folder / "a.png").find("not positive"), std::string::npos);
  EXPECT_EQ(files(), 0u);
}

TEST_F(LossCurve, RefusesXAndYOfDifferentLengths) {
  EXPECT_EQ(messageOf({"Loss", "", "", {{"train", {1, 2}, {3}}}}, folder / "a.png"),
            "figure 'Loss', series 'train': expected as many x as y values, got 2 and 1");
}

TEST_F(LossCurve, NamesAPathThatCannotBeWritten) {
  for (const char *name : {"loss.svg", "loss.png"}) {
    fs::path path = folder / "missing" / name;
    std::string message = messageOf(sample(), path);
    EXPECT_NE(message.find("cannot write '" + path.string() + "'"), std::string::npos) << message;
    EXPECT_NE(message.find("there is no folder '" + (folder / "missing").string() + "'"),
              std::string::npos)
        << message;
  }
  fs::create_directories(folder / "taken.png");
  EXPECT_NE(messageOf(sample(), folder / "taken.png").find("cannot write"), std::string::npos);
  EXPECT_EQ(files(), 1u) << "a temporary file was left behind";
}

TEST(Ticks, AreRoundAndWithinTheRange) {
  EXPECT_EQ(ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(ticks(-1, 1, 4), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
  EXPECT_EQ(ticks(90, 1010, 5), (std::vector<double>{200, 400, 600, 800, 1000}));
  for (double at : ticks(1.234e-5, 9.87e-5, 7)) {
    EXPECT_GE(at, 1.234e-5);
    EXPECT_LE(at, 9.87e-5);
  }
  EXPECT_TRUE(ticks(1, 1, 5).empty());
}

} // namespace
