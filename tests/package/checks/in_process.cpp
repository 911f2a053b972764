// The installed library in a program's own process, and the data library beside it.
#include <heddle/data.h>
#include <heddle/heddle.h>

#include <cstdio>

using namespace heddle;

int main(int argc, char **argv) {
  const data::Table table = data::read_csv(argv[1]);
  Model m("twice");
  m.function("run", {{"x", f64, {3}}}, [](Tensor x) { return x + x; });
  Executable exe = compile(m);
  const Outputs out = exe.run("run", table.numbers("x"));
  std::printf("%g %g %g\n", out[0][0], out[0][1], out[0][2]);
  write_library(m, argv[2]);
}
