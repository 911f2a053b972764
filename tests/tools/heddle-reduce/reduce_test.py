"""heddle-reduce: what is left of a module is small, valid, and still fails in the same way."""
import unittest

from programs import BIN, SOURCE, ProgramTest

GPT = SOURCE / "tests/passes/models/gpt_train.mlir"
PLUGINS = BIN.parent / "lib"
REDUCE = BIN / "heddle-reduce"
OPT = BIN / "heddle-opt"


class Reduce(ProgramTest):
    def script(self, name, text):
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path

    def test_broken_pass(self):
        """Of a training step of 500 ops one is left: the one that the pass breaks."""
        small = self.folder / "small.mlir"
        command = [OPT, f"--load-pass-plugin={PLUGINS}/libheddle_broken_passes.so", "--validate",
                   "--pass-pipeline=builtin.module(func.func(test-move-epsilon))", "{}"]
        result = self.check_runs([REDUCE, GPT, "-o", small, "--", *command])
        self.assertIn("exit status 1 and prints 'error: test-move-epsilon changes result '", result.stderr)
        self.assertRegex(result.stderr, r"heddle-reduce: \d+ ops, without some ")
        self.assertIn("heddle-reduce: 1 op after", result.stderr)
        text = small.read_text()
        self.assertEqual(text.count("heddle."), 1, text)
        self.assertIn("heddle.layer_norm", text)
        self.assertNotIn("heddle.kind", text)
        command[-1] = small
        self.check_fails(command, 1, "test-move-epsilon changes result")

    def test_signal(self):
        """A crash stays that crash: failing otherwise, as on two functions without softmax, is not enough."""
        source = self.folder / "two.mlir"
        source.write_text("""
func.func @first(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = heddle.exp %x : tensor<4xf32>
  %1 = heddle.softmax %0 {dimension = 0 : i64} : tensor<4xf32>
  %2 = heddle.add %1, %y : tensor<4xf32>
  return %2, %0 : tensor<4xf32>, tensor<4xf32>
}
func.func @second(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
""")
        crash = self.script("crash", "grep -q heddle.softmax $1 && kill -SEGV $$\nexit 3\n")
        result = self.check_runs([REDUCE, source, "--", crash])
        self.assertIn("3 ops; the command ends with Segmentation fault", result.stderr)
        text = (self.folder / "two.reduced.mlir").read_text()
        self.assertEqual(self.check_runs([REDUCE, source, "-o", "-", "--", crash]).stdout, text)
        self.assertEqual(text.count("heddle."), 1, text)
        self.assertEqual(text.count("func.func"), 1, text)
        self.assertIn("func.func @first(%arg0: tensor<4xf32>) -> tensor<4xf32>", text)

    def test_message(self):
        """Only the failure that prints the text counts."""
        source = self.folder / "m.mlir"
        source.write_text("""
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.exp %x : tensor<4xf32>
  %1 = heddle.tanh %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}
""")
        both = self.script("both", "grep -q tanh $1 && echo 'about tanh' >&2\necho 'always' >&2\nexit 1\n")
        small = self.folder / "small.mlir"
        self.check_runs([REDUCE, source, "-o", small, "--message", "about tanh", "--", both, "{}"])
        self.assertIn("heddle.tanh", small.read_text())
        self.assertNotIn("heddle.exp", small.read_text())
        self.check_fails([REDUCE, source, "-o", small, "--message", "always", "--", both, "{}"], 1,
                         "does the same for an empty module", "always")
        self.check_fails([REDUCE, source, "-o", small, "--message", "never", "--", both, "{}"], 1,
                         "does not print 'never' on stderr; it prints:\nabout tanh\nalways")

    def test_errors(self):
        no_such = self.folder / "no.mlir"
        self.check_fails([REDUCE, no_such, "--", "false"], 1, "could not open input file")
        self.check_fails([REDUCE, GPT], 1, "no command is given")
        self.check_fails([REDUCE, GPT, OPT, "{}"], 1, "no command is given; expected it after the file")
        self.check_fails([REDUCE, GPT, "small.mlir", "--", OPT], 1, "expected one file before '--', got 2")
        self.check_fails([REDUCE, GPT, "--", OPT, "--no-such-pass", "{}"], 1,
                         "does the same for an empty module", "Unknown command line argument '--no-such-pass'")
        self.check_fails([REDUCE, GPT, "--", "no-such-command"], 1, "the command 'no-such-command' was not found")
        self.check_fails([REDUCE, GPT, "-o", self.folder / "small.mlir", "--", "true"], 1, "does not fail on")
        self.assertFalse((self.folder / "small.mlir").exists())
        found = self.script("found", "grep -q heddle.layer_norm $1 && exit 1\nexit 0\n")
        self.check_fails([REDUCE, GPT, "-o", "/no/such/folder/small.mlir", "--", found], 1, "No such file or directory")
        slow = self.script("slow", "exec sleep 20\n")
        self.check_fails([REDUCE, GPT, "--timeout", "1", "--", slow], 1, "takes longer than 1 second")


if __name__ == "__main__":
    unittest.main()
