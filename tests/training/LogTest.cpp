// Lines of a log: written, read back, and what is no line.
#include "Testing.h"

#include "../../training/src/LogText.h"

#include <cmath>
#include <limits>

namespace heddle::training {
namespace {

using testing::messageOf;

class LogTest : public testing::FolderTest {
protected:
  std::string errorOf(std::string_view text) const {
    const std::string path = write("log.jsonl", text);
    const std::string message = messageOf([&] { read_log(path); });
    EXPECT_TRUE(message == "no error" || message.starts_with(path + ":")) << message;
    return message == "no error" ? message : message.substr(path.size() + 1);
  }
};

constexpr const char *kLine = R"({"step":1,"seconds":0.5,"phase":"train","loss":2.5})"
                              "\n";

TEST_F(LogTest, LinesComeBackAsTheyWere) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<LogEntry> entries{
      {1, 0.25, "train", {{"loss", 0.1}, {"lr", 1e-300}}},
      {1, 0.5, "train", {{"up", infinity}, {"down", -infinity}, {"\"ü\n", -0.0}}},
      {1'000'000'000'000, 1e9, "validation", {}},
  };
  std::string text;
  for (const LogEntry &entry : entries)
    text += formatLine(entry);
  const std::vector<LogEntry> read = read_log(write("log.jsonl", text));
  ASSERT_EQ(read.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(read[i].step, entries[i].step);
    EXPECT_EQ(read[i].seconds, entries[i].seconds);
    EXPECT_EQ(read[i].phase, entries[i].phase);
    EXPECT_EQ(read[i].metrics, entries[i].metrics);
  }
  EXPECT_TRUE(std::signbit(read[1].metrics[2].value));
  EXPECT_EQ(read_log(folder).size(), 3U) << "the folder of the log is as good as the file";
}

TEST_F(LogTest, TheFormIsDecided) {
  EXPECT_EQ(formatLine({1, 0.5, "train", {{"loss", 2.5}}}), kLine);
  EXPECT_EQ(formatLine({2, 1.23456, "v", {{"x", std::nan("")}, {"y", 1}}}),
            "{\"step\":2,\"seconds\":1.235,\"phase\":\"v\",\"x\":\"NaN\",\"y\":1.0}\n");
}

TEST_F(LogTest, FindsAMetric) {
  const LogEntry entry{1, 0, "train", {{"loss", 2}, {"lr", 3}}};
  EXPECT_EQ(entry.find("lr"), 3);
  EXPECT_EQ(entry.find("l"), std::nullopt);
}

TEST_F(LogTest, ALineThatWasCutShortIsLeftOut) {
  const std::string line = kLine;
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, line.size() - 1})
    EXPECT_EQ(read_log(write("log.jsonl", line + line.substr(0, length))).size(), 1U);
  EXPECT_TRUE(read_log(write("log.jsonl", "")).empty());
}

TEST_F(LogTest, WhatIsNoLog) {
  const std::string line = kLine, no = "no line of a training log: ";
  EXPECT_EQ(errorOf(line + "{\"step\":\n"),
            "2: " + no + R"(expected a JSON object, got '"{\"step\":"')");
  EXPECT_EQ(errorOf("[1]\n"), "1: " + no + R"(expected a JSON object, got '"[1]"')");
  EXPECT_EQ(errorOf(line + "\n"), "2: " + no + R"(expected a JSON object, got '""')");
  EXPECT_EQ(errorOf(R"({"seconds":0,"phase":"train"})"
                    "\n"),
            "1: " + no + "expected a \"step\" in every line");
  EXPECT_EQ(errorOf(R"({"step":1,"seconds":0})"
                    "\n"),
            "1: " + no + "expected a \"phase\" in every line");
  for (const char *step : {"-1", "1.5", "\"1\"", "18446744073709551615", "null"})
    EXPECT_EQ(errorOf("{\"step\":" + std::string(step) + "}\n"),
              "1: " + no + "expected a whole number of steps, got \"step\": " + step);
  EXPECT_EQ(errorOf(R"({"step":1,"seconds":"now"})"
                    "\n"),
            "1: " + no + "expected a number of seconds, got \"seconds\": \"now\"");
  EXPECT_EQ(errorOf(R"({"step":1,"phase":3})"
                    "\n"),
            "1: " + no + "expected a text, got \"phase\": 3");
  EXPECT_EQ(errorOf(R"({"step":1,"loss":"low"})"
                    "\n"),
            "1: " + no +
                "expected a number, \"NaN\", \"Infinity\" or \"-Infinity\", got \"loss\": \"low\"");
  EXPECT_EQ(errorOf(line + R"({"step":0,"seconds":0,"phase":"train"})"
                           "\n"),
            "2: " + no + "step 0 comes after step 1; are these the logs of two runs?");
  EXPECT_NE(errorOf("{\"step\":1,\"loss\":1e999}\n"), "no error");
  EXPECT_NE(errorOf("\xff\xfe\n"), "no error");
  EXPECT_NE(errorOf(std::string(1000, '\0') + "\n"), "no error");
  EXPECT_LT(errorOf(std::string(1'000'000, '[') + "\n").size(), 300U);
  EXPECT_NE(messageOf([&] { read_log(folder / "none"); }).find("none: No such file"),
            std::string::npos);
}

TEST_F(LogTest, WhatCannotBeWritten) {
  const auto errorFor = [](const LogEntry &entry) { return messageOf([&] { formatLine(entry); }); };
  EXPECT_EQ(errorFor({1, 0, "", {}}),
            "a phase is named by a word without '/', as \"train\" or \"validation\"; got ''");
  EXPECT_NE(errorFor({1, 0, "a/b", {}}).find("got 'a/b'"), std::string::npos);
  EXPECT_EQ(errorFor({1, 0, "train", {{"", 1}}}), "a metric of phase 'train' has no name");
  EXPECT_EQ(
      errorFor({1, 0, "train", {{"step", 1}}}),
      "a line of the log already has a 'step'; give the metric of phase 'train' another name");
  EXPECT_NE(errorFor({1, 0, "train", {{"a", 1}, {"a", 2}}}).find("already has a 'a'"),
            std::string::npos);
  EXPECT_NE(errorFor({1, 0, "train", {{"\xff", 1}}}).find("is not UTF-8"), std::string::npos);
}

} // namespace
} // namespace heddle::training
