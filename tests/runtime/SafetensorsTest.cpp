#include "Safetensors.h"

#include "DType.h"
#include "Testing.h"

#include <algorithm>
#include <cstring>

namespace heddle::runtime {
namespace {

using testing::failureOf;
using testing::TempDir;

std::string fileOf(const std::string &header, size_t dataBytes) {
  std::string text(8, '\0');
  for (size_t i = 0; i < 8; ++i)
    text[i] = static_cast<char>(uint64_t{header.size()} >> (8 * i));
  return text + header + std::string(dataBytes, '\1');
}

// What a load of `bytes` fails with, without the path.
std::string errorFor(const std::string &bytes) {
  TempDir folder;
  const std::string path = folder.file("w.safetensors");
  testing::writeText(path, bytes);
  const std::string message = failureOf([&] { SafetensorsFile file(path.c_str()); });
  EXPECT_EQ(message.substr(0, path.size() + 2), path + ": ");
  return message.substr(std::min(message.size(), path.size() + 2));
}

struct Hostile {
  const char *name;
  std::string bytes;
  const char *message;
};

// Without it the test's listed name is the bytes of its pointers, new in every run.
void PrintTo(const Hostile &value, std::ostream *out) { *out << value.name; }

class HostileFile : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileFile, IsRefused) { EXPECT_EQ(errorFor(GetParam().bytes), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    Table, HostileFile,
    ::testing::Values(
        Hostile{"Empty", "",
                "expected a safetensors file, got one of 0 bytes, too short for its header length"},
        Hostile{"HugeHeader", std::string(8, '\xff') + "{}",
                "the header length is 18446744073709551615 bytes, expected at most 100000000; is "
                "it a safetensors "
                "file?"},
        Hostile{
            "HeaderBeyondTheFile", std::string("\x10\0\0\0\0\0\0\0{}", 10),
            "the header is 16 bytes long, the file has 2 after its length; the file is cut short"},
        Hostile{"EmptyHeader", fileOf("", 0),
                "the header does not start with '{'; is it a safetensors file?"},
        Hostile{"NotAnObject", fileOf("[1]", 0),
                "the header does not start with '{'; is it a safetensors file?"},
        Hostile{"TensorKind", fileOf(R"({"x":3})", 0), "x: expected an object, got 3"},
        Hostile{"NoDType", fileOf(R"({"x":{"shape":[1],"data_offsets":[0,4]}})", 4),
                "x: expected a key 'dtype', found none"},
        Hostile{"UnknownDType",
                fileOf(R"({"x":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", 4),
                "x.dtype: expected F32, F64, F16, BF16, I8, I32, I64 or BOOL, got 'F8_E4M3'; "
                "convert the file first"},
        Hostile{"NegativeShape",
                fileOf(R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4),
                "x.shape[0]: expected an integer of at least 0, got -1"},
        Hostile{"FractionalShape",
                fileOf(R"({"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4),
                "x.shape[0]: expected an integer, got 1.0"},
        Hostile{
            "ShapeOverflow",
            fileOf(R"({"x":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})",
                   4),
            "x.shape: the size of shape [4611686018427387905] overflows 64 bits"},
        Hostile{"OneOffset", fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4),
                "x.data_offsets: expected [begin, end], got 1 numbers"},
        Hostile{"OffsetsReversed",
                fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4),
                "x.data_offsets: expected begin <= end <= 4, the file's data bytes, got [4, 0]; "
                "the file may be cut "
                "short"},
        Hostile{"OffsetsBeyondTheFile",
                fileOf(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7),
                "x.data_offsets: expected begin <= end <= 7, the file's data bytes, got [0, 8]; "
                "the file may be cut "
                "short"},
        Hostile{"LengthAgainstShape",
                fileOf(R"({"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
                "x.data_offsets: shape [3] of F32 needs 12 bytes, the offsets give 8"},
        Hostile{"Overlap",
                fileOf(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                       R"("y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                       8),
                "tensor 'y' begins at data byte 4, expected 8: it overlaps the tensor before it"},
        Hostile{"Hole",
                fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                       R"("y":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
                       12),
                "tensor 'y' begins at data byte 8, expected 4: there is a hole before it"},
        Hostile{"BytesAfterTheEnd",
                fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5),
                "the tensors end at data byte 4, expected 5, the end of the file"},
        Hostile{"DuplicateName",
                fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                       R"("x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                       8),
                "the key 'x' is given twice in one object"},
        Hostile{"MetadataKind", fileOf(R"({"__metadata__":{"a":1}})", 0),
                "__metadata__.a: expected a string, got 1"},
        Hostile{"TooDeep", fileOf(R"({"x":[[[[[[[[[[1]]]]]]]]]]})", 0),
                "JSON is nested deeper than 8 levels"}),
    [](const auto &info) { return info.param.name; });

TEST(Safetensors, BrokenJsonIsRefused) {
  EXPECT_EQ(errorFor(fileOf("{", 0)).substr(0, 16), "not valid JSON: ");
  EXPECT_EQ(errorFor(fileOf("{} x", 0)).substr(0, 16), "not valid JSON: ");
  EXPECT_EQ(errorFor(fileOf("{\"\xff\":1}", 0)).substr(0, 16), "not valid JSON: ");
}

TEST(Safetensors, MissingFileIsAnIoError) {
  EXPECT_EQ(failureOf([] { SafetensorsFile file("/nonexistent/w"); }, HD_IO_ERROR),
            "/nonexistent/w: cannot open: No such file or directory");
  EXPECT_EQ(failureOf([] { SafetensorsFile file("/dev"); }, HD_IO_ERROR),
            "/dev: cannot read: it is not a regular file");
}

std::vector<TensorToSave> everyDType(const std::vector<char> &bytes) {
  std::vector<TensorToSave> tensors;
  for (int i = 0; i < 8; ++i) {
    const auto dtype = static_cast<hd_dtype>(i);
    tensors.push_back({std::string("t.") + hd_dtype_name(dtype),
                       dtype,
                       {3, 1},
                       bytes.data() + i,
                       3 * hd_dtype_size(dtype)});
  }
  tensors.push_back({"scalar", HD_I64, {}, bytes.data(), 8});
  tensors.push_back({"empty", HD_F32, {0, 5}, nullptr, 0});
  return tensors;
}

TEST(Safetensors, EveryDTypeRoundTrips) {
  TempDir folder;
  const std::string path = folder.file("w.safetensors");
  std::vector<char> bytes(64);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 7);
  const auto tensors = everyDType(bytes);
  writeSafetensors(path.c_str(), tensors, {{"format", "pt"}, {"note", "a \"quoted\" word"}});

  const SafetensorsFile file(path.c_str());
  EXPECT_EQ(file.entries().size(), tensors.size());
  for (const TensorToSave &saved : tensors) {
    auto found =
        std::find_if(file.entries().begin(), file.entries().end(),
                     [&](const SafetensorsEntry &entry) { return entry.name == saved.name; });
    ASSERT_NE(found, file.entries().end());
    EXPECT_EQ(found->dtype, saved.dtype);
    EXPECT_EQ(found->shape, saved.shape);
    ASSERT_EQ(found->bytes, saved.bytes);
    EXPECT_EQ(found->offset % hd_dtype_size(found->dtype), 0U)
        << "aligned for a reader that maps the file";
    std::vector<char> loaded(saved.bytes + 1);
    file.read(*found, 0, loaded.data(), saved.bytes);
    EXPECT_TRUE(saved.bytes == 0 || std::memcmp(loaded.data(), saved.data, saved.bytes) == 0)
        << saved.name;
  }
  uint64_t length = 0;
  std::memcpy(&length, testing::readText(path).data(), 8);
  EXPECT_EQ(length % 8, 0U);
}

// Any prefix of a good file is an error, and no flipped byte of the header does harm.
TEST(Safetensors, SurvivesCutsAndFlips) {
  TempDir folder;
  const std::string path = folder.file("w.safetensors");
  std::vector<char> bytes(64, 1);
  writeSafetensors(path.c_str(), everyDType(bytes), {});
  const std::string good = testing::readText(path);
  for (size_t length = 0; length < good.size(); ++length) {
    testing::writeText(path, good.substr(0, length));
    EXPECT_NE(failureOf([&] { SafetensorsFile file(path.c_str()); }), "");
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    testing::writeText(path, bad);
    failureOf([&] {
      SafetensorsFile file(path.c_str());
      for (const SafetensorsEntry &entry : file.entries()) {
        std::vector<char> data(entry.bytes);
        file.read(entry, 0, data.data(), data.size());
      }
    });
  }
}

TEST(Safetensors, ReservedNameIsRefused) {
  TempDir folder;
  const std::string path = folder.file("w");
  EXPECT_EQ(failureOf(
                [&] {
                  writeSafetensors(path.c_str(), {{"__metadata__", HD_F32, {0}, nullptr, 0}}, {});
                },
                HD_INVALID_ARGUMENT),
            path + ": a tensor cannot be named '__metadata__' in a safetensors file; rename it");
  EXPECT_TRUE(folder.list().empty());
}

} // namespace
} // namespace heddle::runtime
