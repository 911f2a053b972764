#include "Manifest.h"

#include "Testing.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace heddle::runtime {
namespace {

using nlohmann::json;
using testing::failureOf;

json goodManifest() {
  return json::parse(R"({
    "format": 2, "model": "mnist", "compiler": "heddle 0.1.0",
    "target": {"triple": "x86_64-linux-gnu", "cpu": "znver3", "features": "+avx2"}, "ir_hash": "00ff",
    "tensors": [
      {"name": "fc.weight", "role": "parameter", "dtype": "f32", "shape": [3, 2],
       "init": {"kind": "uniform", "low": -0.5, "high": 0.5}},
      {"name": "mean", "role": "buffer", "dtype": "i32", "shape": [2], "init": {"kind": "constant", "value": 7}},
      {"name": "fc.weight.m", "role": "optimizer", "dtype": "f32", "shape": [3, 2]},
      {"name": "rng", "role": "rng", "dtype": "i64", "shape": [2]},
      {"name": "step", "role": "step", "dtype": "i64", "shape": []}],
    "packed": [{"tensor": 0, "bytes": 128}],
    "functions": [
      {"name": "train", "inputs": [{"name": "x", "dtype": "f32", "shape": [4, 3]}],
       "outputs": [{"name": "loss", "dtype": "f32", "shape": []}],
       "state": [0, 2, 4], "updates": [2], "packed": [0], "arena_bytes": 1024,
       "contractions": [{"m": 4, "n": 2, "k": 3, "batch": [5], "bias": true, "dtype": "f32",
         "a": {"batch_strides": [12], "row": 3, "col": 1}, "b": {"batch_strides": [0], "row": 2, "col": 1},
         "c": {"batch_strides": [8], "row": 2, "col": 1}}]}]})");
}

TEST(Manifest, ReadsAll) {
  const Manifest manifest = parseManifest(goodManifest().dump().c_str());
  EXPECT_EQ(manifest.model, "mnist");
  EXPECT_EQ(manifest.triple, "x86_64-linux-gnu");
  EXPECT_EQ(manifest.cpu, "znver3");
  ASSERT_EQ(manifest.tensors.size(), 5U);
  EXPECT_EQ(manifest.tensors[0].bytes, 24U);
  EXPECT_EQ(manifest.tensors[0].init.kind, Initializer::Kind::Uniform);
  EXPECT_EQ(manifest.tensors[1].role, Role::Buffer);
  EXPECT_EQ(manifest.tensors[4].elements, 1);
  ASSERT_EQ(manifest.functions.size(), 1U);
  EXPECT_EQ(manifest.functions[0].state, (std::vector<size_t>{0, 2, 4}));
  EXPECT_EQ(manifest.functions[0].updates, (std::vector<size_t>{2}));
  EXPECT_EQ(manifest.functions[0].packed, (std::vector<size_t>{0}));
  EXPECT_EQ(manifest.packed[0].tensor, 0U);
  EXPECT_EQ(manifest.packed[0].bytes, 128U);
  EXPECT_EQ(manifest.functions[0].arenaBytes, 1024U);
  EXPECT_EQ(manifest.functions[0].contractions[0].b.batch, (std::vector<int64_t>{0}));
}

struct Mutation {
  const char *name;
  const char *pointer; // what is replaced (RFC 6901); null: removed
  const char *value;
  const char *message;
};

// Without it the test's listed name is the bytes of its pointers, new in every run.
void PrintTo(const Mutation &value, std::ostream *out) { *out << value.name; }

class HostileManifest : public ::testing::TestWithParam<Mutation> {};

TEST_P(HostileManifest, IsRefusedByPath) {
  const Mutation &mutation = GetParam();
  json manifest = goodManifest();
  const json::json_pointer pointer(mutation.pointer);
  if (mutation.value)
    manifest[pointer] = json::parse(mutation.value);
  else
    manifest[pointer.parent_pointer()].erase(pointer.back());
  EXPECT_EQ(failureOf([&] { parseManifest(manifest.dump().c_str()); }), mutation.message);
}

#define CONTRACTION "/functions/0/contractions/0"
INSTANTIATE_TEST_SUITE_P(
    Table, HostileManifest,
    ::testing::Values(
        Mutation{"Format", "/format", "1",
                 "manifest: format: this runtime reads format 2, the manifest has format 1; "
                 "compile the model and link "
                 "the runtime from the same release"},
        Mutation{"FormatKind", "/format", "\"1\"",
                 "manifest: format: expected an integer, got \"1\""},
        Mutation{"NoModel", "/model", nullptr, "manifest: expected a key 'model', found none"},
        Mutation{"NulInName", "/model", R"("a\u0000b")",
                 "manifest: model: a string must not contain a NUL character"},
        Mutation{"TargetKind", "/target/cpu", "7",
                 "manifest: target.cpu: expected a string, got 7"},
        Mutation{"TensorsKind", "/tensors", "{}",
                 "manifest: tensors: expected an array, got object"},
        Mutation{"Role", "/tensors/0/role", R"("weights")",
                 "manifest: tensors[0].role: expected parameter, buffer, optimizer, rng or step, "
                 "got 'weights'"},
        Mutation{"DType", "/tensors/0/dtype", R"("f8")",
                 "manifest: tensors[0].dtype: expected f32, f64, f16, bf16, i8, i32, i64 or i1, "
                 "got 'f8'"},
        Mutation{"NegativeDimension", "/tensors/0/shape/1", "-2",
                 "manifest: tensors[0].shape[1]: expected an integer of at least 0, got -2"},
        Mutation{"FractionalDimension", "/tensors/0/shape/1", "2.5",
                 "manifest: tensors[0].shape[1]: expected an integer, got 2.5"},
        Mutation{"DimensionBeyondI64", "/tensors/0/shape/1", "18446744073709551615",
                 "manifest: tensors[0].shape[1]: expected an integer, got 18446744073709551615"},
        Mutation{"ShapeOverflow", "/tensors/0/shape", "[4294967296, 4294967296]",
                 "manifest: tensors[0].shape: the size of shape [4294967296, 4294967296] overflows "
                 "64 bits"},
        Mutation{"ShapeOverflowBehindZero", "/tensors/0/shape", "[0, 4294967296, 4294967296]",
                 "manifest: tensors[0].shape: the size of shape [0, 4294967296, 4294967296] "
                 "overflows 64 bits"},
        Mutation{"BytesOverflow", "/tensors/0/shape", "[4611686018427387904]",
                 "manifest: tensors[0].shape: the size of shape [4611686018427387904] overflows 64 "
                 "bits"},
        Mutation{"Rank", "/tensors/0/shape", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
                 "manifest: tensors[0].shape: expected at most 16 dimensions, got 17"},
        Mutation{"DuplicateTensor", "/tensors/1/name", R"("fc.weight")",
                 "manifest: tensors[1].name: the name 'fc.weight' is taken by an earlier one"},
        Mutation{"NoInit", "/tensors/0/init", nullptr,
                 "manifest: tensors[0]: expected a key 'init', found none"},
        Mutation{"InitKind", "/tensors/0/init/kind", R"("xavier")",
                 "manifest: tensors[0].init.kind: expected zeros, ones, constant, uniform or "
                 "normal, got 'xavier'"},
        Mutation{"UniformOrder", "/tensors/0/init/low", "3",
                 "manifest: tensors[0].init: 'low' is 3, above 'high', which is 0.5"},
        Mutation{"NegativeStd", "/tensors/0/init", R"({"kind": "normal", "mean": 0, "std": -1})",
                 "manifest: tensors[0].init.std: expected at least 0, got -1"},
        Mutation{"ZeroRow", "/tensors/0/init", R"({"kind": "zeros", "zero_row": -1})",
                 "manifest: tensors[0].init.zero_row: expected an integer from 0 to 2, got -1"},
        Mutation{"IntegerConstant", "/tensors/1/init/value", "1.5",
                 "manifest: tensors[1].init.value: 1.5 is not a value of dtype i32"},
        Mutation{"IntegerUniform", "/tensors/1/init", R"({"kind": "uniform", "low": 0, "high": 1})",
                 "manifest: tensors[1].init.kind: 'uniform' needs a floating-point dtype, got i32"},
        Mutation{"RngShape", "/tensors/3/shape", "[3]",
                 "manifest: tensors[3]: a tensor of role rng is i64 [2] (seed, step counter), got "
                 "i64 [3]"},
        Mutation{"StepDType", "/tensors/4/dtype", R"("i32")",
                 "manifest: tensors[4]: a tensor of role step is i64 [], got i32 []"},
        Mutation{
            "StateRange", "/functions/0/state/1", "5",
            "manifest: functions[0].state[1]: index 5 is out of range: the model has 5 tensors"},
        Mutation{"StateTwice", "/functions/0/state/1", "0",
                 "manifest: functions[0].state[1]: tensor 0 is listed twice"},
        Mutation{"PackedOf", "/packed/0/tensor", "5",
                 "manifest: packed[0].tensor: index 5 is out of range: the model has 5 tensors"},
        Mutation{"PackedBytes", "/packed/0/bytes", "0",
                 "manifest: packed[0].bytes: expected an integer of at least 1, got 0"},
        Mutation{
            "PackedInPanels", "/tensors/0/panels", R"({"dimension": 0, "width": 3})",
            "manifest: packed[0].tensor: 'fc.weight' lies in panels; a packed tensor is made of "
            "one in row-major order"},
        Mutation{
            "PanelsOfAVector", "/tensors/1/panels", R"({"dimension": 0, "width": 2})",
            "manifest: tensors[1].panels: only a matrix of f32 lies in panels, this is i32 [2]"},
        Mutation{"PanelsAlong", "/tensors/2/panels", R"({"dimension": 2, "width": 2})",
                 "manifest: tensors[2].panels.dimension: expected an integer from 0 to 1, got 2"},
        Mutation{"PanelsOf", "/tensors/2/panels", R"({"dimension": 0, "width": 2})",
                 "manifest: tensors[2].panels.width: 3 is not a multiple of 2"},
        Mutation{"PanelsWidth", "/tensors/2/panels", R"({"dimension": 0, "width": 0})",
                 "manifest: tensors[2].panels.width: expected an integer of at least 1, got 0"},
        Mutation{"PackedRange", "/functions/0/packed/0", "1",
                 "manifest: functions[0].packed[0]: index 1 is out of range: the model has 1 "
                 "packed tensors"},
        Mutation{"UpdatesUntold", "/functions/0/updates", nullptr,
                 "manifest: functions[0]: expected a key 'updates', found none"},
        Mutation{"Arena", "/functions/0/arena_bytes", "-1",
                 "manifest: functions[0].arena_bytes: expected an integer of at least 0, got -1"},
        Mutation{
            "ContractionSize", CONTRACTION "/m", "-4",
            "manifest: functions[0].contractions[0].m: expected an integer of at least 0, got -4"},
        Mutation{"ContractionStrides", CONTRACTION "/b/batch_strides", "[]",
                 "manifest: functions[0].contractions[0].b.batch_strides: expected 1 strides, one "
                 "for each batch "
                 "dimension, got 0"},
        Mutation{"ContractionStride", CONTRACTION "/c/row", "-2",
                 "manifest: functions[0].contractions[0].c.row: expected an integer of at least 0, "
                 "got -2"},
        Mutation{"ContractionReach", CONTRACTION "/a/row", "4611686018427387904",
                 "manifest: functions[0].contractions[0].a: sizes and strides reach beyond 64-bit "
                 "addresses"},
        Mutation{"ContractionWork", CONTRACTION "/m", "4611686018427387904",
                 "manifest: functions[0].contractions[0]: batch * m * n * k overflows 64 bits"},
        Mutation{"ContractionBias", CONTRACTION "/bias", "1",
                 "manifest: functions[0].contractions[0].bias: expected true or false, got 1"}),
    [](const auto &info) { return info.param.name; });

TEST(Manifest, RefusesWhatIsNoJson) {
  EXPECT_EQ(failureOf([] { parseManifest(""); }).substr(0, 26), "manifest: not valid JSON: ");
  EXPECT_EQ(failureOf([] { parseManifest("[1"); }).substr(0, 26), "manifest: not valid JSON: ");
  EXPECT_EQ(failureOf([] { parseManifest(R"({"format": 2e999})"); }).substr(0, 26),
            "manifest: not valid JSON: ");
  EXPECT_EQ(failureOf([] { parseManifest(R"({"format": 2, "format": 2})"); }),
            "manifest: the key 'format' is given twice in one object");
  EXPECT_EQ(failureOf([] { parseManifest("[]"); }), "manifest: expected an object, got array");
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_EQ(failureOf([&] { parseManifest(deep.c_str()); }),
            "manifest: JSON is nested deeper than 16 levels");
}

// Whatever single value of the manifest becomes whatever else, it is read or refused, and nothing
// else happens.
TEST(Manifest, SurvivesAnyReplacedValue) {
  const json flat = goodManifest().flatten();
  const std::vector<json> junk = {nullptr,
                                  true,
                                  -1,
                                  1e300,
                                  UINT64_MAX,
                                  "",
                                  "f32",
                                  json::array(),
                                  json::object(),
                                  json::array({json::array()})};
  for (const auto &item : flat.items())
    for (const json &value : junk) {
      json manifest = goodManifest();
      manifest[json::json_pointer(item.key())] = value;
      try {
        parseManifest(manifest.dump().c_str());
      } catch (const Failure &failure) {
        EXPECT_EQ(failure.status, HD_FORMAT_ERROR);
        EXPECT_EQ(failure.message.substr(0, 10), "manifest: ");
      }
    }
}

} // namespace
} // namespace heddle::runtime
