// Ratios, shares and JSON, of results that nobody had to wait for.
#include "Report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <fstream>
#include <stdexcept>

using namespace bench;
using nlohmann::json;

namespace {

constexpr heddle::timing::Limits kLimits{.flops = 200e9, .bytes = 20e9};

Measured sample(const std::string &name = "mlp_infer_b1") {
  return {{name, "us", "predict", nullptr, 2, 6},
          {.median_seconds = 50e-6,
           .min_seconds = 40e-6,
           .calls = 9,
           .compile_seconds = 0.5,
           .share = 0.25,
           .arena_bytes = 3'000'000,
           .peak_bytes = 90'000'000}};
}

// Peers of a file with this text; what reading it says is wrong goes to `message`.
Peers peers_of(const std::string &text, std::string *message = nullptr) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("peers-" + std::to_string(getpid()));
  std::ofstream(path) << text;
  Peers peers;
  try {
    read_peers(path, peers);
  } catch (const std::runtime_error &error) {
    EXPECT_TRUE(message) << error.what();
    if (message)
      *message = error.what();
  }
  std::filesystem::remove(path);
  return peers;
}

const char *const kTwoPeers = R"(a warning that the peer prints
{"case": "mlp_infer_b1", "peer": "torch.eager", "median": 200.0, "unit": "us", "threads": 2}
{"case": "mlp_infer_b1/compile_seconds", "peer": "torch.compile", "median": 0.0, "unit": "s"}
{"case": "mlp_infer_b1", "peer": "torch.compile", "median": 0.1, "unit": "ms"}
{"case": "mlp_infer_b1", "peer": "onnxruntime", "error": "no such op"}

{"case": "bert_base_128_b1", "peer": "torch.eager", "median": 1.5, "unit": "s"}
)";

TEST(Peers, AreReadInTheirUnits) {
  const Peers peers = peers_of(kTwoPeers);
  EXPECT_EQ(peers.size(), 3U); // a compile time, here rounded to 0, is none of a case
  EXPECT_EQ(peers.count("mlp_infer_b1"), 2U);
  ASSERT_TRUE(best_peer(peers, "mlp_infer_b1"));
  EXPECT_EQ(best_peer(peers, "mlp_infer_b1")->name, "torch.compile");
  EXPECT_DOUBLE_EQ(best_peer(peers, "mlp_infer_b1")->median_seconds, 100e-6);
  EXPECT_DOUBLE_EQ(best_peer(peers, "bert_base_128_b1")->median_seconds, 1.5);
  EXPECT_FALSE(best_peer(peers, "k_softmax_4096x1024"));
}

TEST(Peers, ErrorsNameTheLine) {
  for (const auto &[line, expected] :
       {std::pair(R"({"case": "a", )", "line 2: not JSON"),
        std::pair(R"({"case": "a", "peer": "p", "median": "1", "unit": "us"})", "line 2: not JSON"),
        std::pair(R"({"case": "a", "peer": "p", "median": 1, "unit": "h"})",
                  "line 2: 'h' is no unit of time; expected s, ms or us"),
        std::pair(R"({"case": "a", "peer": "p", "median": 0, "unit": "s"})",
                  "line 2: the median is not above 0")}) {
    std::string message;
    peers_of(std::string("\n") + line, &message);
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  }
  std::string message;
  peers_of("", &message);
  EXPECT_NE(message.find("it is empty"), std::string::npos) << message;
}

TEST(Report, RowHasTheBestPeer) {
  const std::string row = describe(sample(), peers_of(kTwoPeers));
  for (const char *part :
       {"50.0 us", " 25 %", "0.50 s", "3.0 MB", "90.0 MB", "0.50 x torch.compile (100 us)"})
    EXPECT_NE(row.find(part), std::string::npos) << part << " is not in: " << row;
  EXPECT_EQ(describe(sample(), {}).find(" x "), std::string::npos);
}

TEST(Report, JsonHasEveryPeer) {
  const std::string lines = json_lines(sample(), peers_of(kTwoPeers), kLimits);
  const auto call = json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(call.at("case"), "mlp_infer_b1");
  EXPECT_EQ(call.at("peer"), "heddle");
  EXPECT_DOUBLE_EQ(call.at("median"), 50);
  EXPECT_DOUBLE_EQ(call.at("min"), 40);
  EXPECT_EQ(call.at("unit"), "us");
  EXPECT_DOUBLE_EQ(call.at("share_of_limit"), 0.25);
  EXPECT_DOUBLE_EQ(call.at("limit_flops"), 200e9);
  EXPECT_DOUBLE_EQ(call.at("compile_seconds"), 0.5);
  EXPECT_EQ(call.at("arena_bytes"), 3'000'000);
  EXPECT_EQ(call.at("peak_bytes"), 90'000'000);
  EXPECT_EQ(call.at("best_peer"), "torch.compile");
  ASSERT_EQ(call.at("peers").size(), 2U);
  EXPECT_EQ(call.at("peers")[0].at("peer"), "torch.eager");
  EXPECT_DOUBLE_EQ(call.at("peers")[0].at("median"), 200);
  EXPECT_DOUBLE_EQ(call.at("peers")[0].at("ratio"), 0.25);
  EXPECT_DOUBLE_EQ(call.at("peers")[1].at("ratio"), 0.5);
}

// Its own results are a peer's for the next run: of another version, or with other options.
TEST(Report, JsonIsReadAsAPeer) {
  const Peers peers = peers_of(json_lines(sample(), {}, kLimits));
  ASSERT_TRUE(best_peer(peers, "mlp_infer_b1"));
  EXPECT_EQ(best_peer(peers, "mlp_infer_b1")->name, "heddle");
  EXPECT_DOUBLE_EQ(best_peer(peers, "mlp_infer_b1")->median_seconds, 50e-6);
}

} // namespace
