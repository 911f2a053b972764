"""The command line: compile, inspect, run and bench, on a model and on what is none."""
import json
import os
import pathlib
import re
import struct
import unittest

from programs import BIN, ProgramTest

HEDDLE = BIN / "heddle"
LINE = pathlib.Path(__file__).with_name("line.mlir")


def safetensors(path, **tensors):
    """Writes one-dimensional f32 or i32 arrays."""
    header, data = {}, b""
    for name, (dtype, values) in tensors.items():
        packed = struct.pack(f"<{len(values)}{'f' if dtype == 'F32' else 'i'}", *values)
        header[name] = {"dtype": dtype, "shape": [len(values)], "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class Heddle(ProgramTest):
    def run_line(self, *options):
        return self.check_runs([HEDDLE, "run", LINE, *options]).stdout

    def test_run_computes(self):
        self.assertEqual(self.run_line("--function", "predict", "--input", "x=1,-2,0.5"), "y f32 [3]: 3, -3, 2\n")
        self.assertEqual(self.run_line("--function", "predict", "--input", "x=4"), "y f32 [3]: 9, 9, 9\n")
        self.assertEqual(self.run_line("--function", "pick", "--input", "i=2,0"), "picked f32 [2]: 1, 1\n")

    def test_run_reads_and_writes_safetensors(self):
        inputs, results, state = (self.folder / f"{name}.safetensors" for name in ("in", "out", "state"))
        safetensors(inputs, i=("I32", [2, 1]))
        self.run_line("--function", "pick", "--inputs", inputs, "--output", results, "--save", state)
        self.assertIn("picked f32 [2]", self.check_runs([HEDDLE, "inspect", results]).stdout)
        # The function has doubled b.
        self.assertEqual(self.run_line("--function", "pick", "--weights", state, "--input", "i=0"),
                         "picked f32 [2]: 2, 2\n")

    def test_random_inputs_are_valid_and_repeat(self):
        for function in "predict", "pick":
            options = ["--function", function, "--random", "--seed", 3]
            self.assertEqual(self.run_line(*options), self.run_line(*options))
        self.assertNotEqual(self.run_line("--function", "predict", "--random"),
                            self.run_line("--function", "predict", "--random", "--seed", 1))

    def test_compile_then_inspect(self):
        out = self.folder / "deep" / "out"
        self.check_runs([HEDDLE, "compile", LINE, "-o", out])
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         ["libline.a", "libline.so", "line.h", "line.json"])
        shown = [self.check_runs([HEDDLE, "inspect", path]).stdout
                 for path in (LINE, out / "line.json", out / "libline.so")]
        self.assertEqual(shown[0], shown[1])
        self.assertEqual(shown[0], shown[2])
        self.assertIn("model line, heddle ", shown[0])
        self.assertIn("4 parameters (16 B), other state 0 B, arena ", shown[0])
        self.assertIn("predict(x f32 [3]) -> (y f32 [3])", shown[0])
        self.assertIn("parameter  b f32 [3]", shown[0])
        self.assertIn("each in [0, 3)", (out / "line.h").read_text())
        self.check_runs([HEDDLE, "compile", LINE, "-o", self.folder / "a", "--no-shared", "--cpu", "x86-64-v3"])
        self.assertEqual(sorted(path.name for path in (self.folder / "a").iterdir()),
                         ["libline.a", "line.h", "line.json"])

    def test_packed_copies(self):
        source = self.folder / "rows.mlir"
        source.write_text('''module attributes {heddle.model = "rows"} {
  func.func @predict(%x: tensor<7x20xf32> {heddle.kind = "input", heddle.name = "x"},
                     %w: tensor<24x20xf32> {heddle.kind = "parameter", heddle.name = "w", heddle.init = {kind = "normal", mean = 0.0, std = 1.0}})
      -> (tensor<7x24xf32> {heddle.name = "y"}) {
    %0 = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<7x20xf32>, tensor<24x20xf32>
    %1 = heddle.tanh %0 : tensor<7x24xf32>
    return %1 : tensor<7x24xf32>
  }
}
''')
        run = [HEDDLE, "run", source, "--random", "--cpu", "x86-64-v3"]
        self.assertEqual(self.check_runs(run).stdout,
                         self.check_runs([*run, "--no-pack-parameters", "--no-fuse-epilogues"]).stdout)
        out = self.folder / "out"
        for flags, shown in (([], "other state 0 B, packed copies 3.07 kB, arena "),
                             (["--no-pack-parameters"], "other state 0 B, arena ")):
            self.check_runs([HEDDLE, "compile", source, "-o", out, "--cpu", "x86-64-v3", *flags])
            self.assertIn(shown, self.check_runs([HEDDLE, "inspect", out / "librows.so"]).stdout)

    def test_bench(self):
        result = json.loads(self.check_runs(
            [HEDDLE, "bench", LINE, "--function", "pick", "--seconds", 0.01, "--json"]).stdout)
        self.assertEqual(result["function"], "pick")
        self.assertGreaterEqual(result["calls"], 5)
        self.assertGreater(result["median_seconds"], 0)
        text = self.check_runs([HEDDLE, "bench", LINE, "--function", "predict", "--seconds", 0.01]).stdout
        self.assertRegex(text, r"^predict: median .* us, min .* us over \d+ calls; compiled in ")
        for provider in "auto", "generated", "library":
            self.check_runs([HEDDLE, "bench", LINE, "--function", "pick", "--seconds", 0.01, "--contractions", provider])

    def test_profile(self):
        predict = ["profile", LINE, "--function", "predict"]
        text = self.check_runs([HEDDLE, *predict]).stdout
        self.assertRegex(text, r"^predict: 1 launches; this machine: \d+ GFLOP/s, \d+\.\d GB/s\n")
        self.assertRegex(text, r"(?m)kernel_\w+  .*line\.mlir:\d+$")
        result = json.loads(self.check_runs([HEDDLE, *predict, "--json"]).stdout)
        (launch,) = result["launches"]
        # x, b and y are three floats each, a is one; a multiplication and an addition for each of y.
        self.assertEqual((launch["bytes"], launch["ops"]), (40, 6))
        self.assertGreater(launch["seconds"], 0)


    def test_remarks(self):
        out = ["compile", LINE, "-o", self.folder]
        self.assertEqual(self.check_runs([HEDDLE, *out]).stderr, "")
        said = self.check_runs([HEDDLE, *out, "--remarks"]).stderr
        # The flag takes no argument of its own.
        self.assertEqual(self.check_runs([HEDDLE, "compile", "--remarks", LINE, "-o", self.folder]).stderr, said)
        fused = "passed: one kernel of 2 ops: mul (line.mlir:8) and add (line.mlir:9) [heddle-fuse, predict]\n"
        self.assertIn("line.mlir:7: " + fused, said)
        self.assertNotIn(fused, self.check_runs([HEDDLE, *out, "--remarks=plan"]).stderr)
        for command in "run", "profile", "bench":
            options = ["--random"] if command == "run" else ["--seconds", "0.01"] if command == "bench" else []
            said = self.check_runs([HEDDLE, command, LINE, "--function", "predict", "--remarks=fuse", *options]).stderr
            self.assertIn(fused, said)
            self.assertNotIn("pick]", said)


class HeddleErrors(ProgramTest):
    def check_error(self, command, message, status=1):
        self.check_fails([HEDDLE, *command], status, message)

    def test_arguments(self):
        predict = ["run", LINE, "--function", "predict"]
        self.check_error(["run", LINE], "heddle: model 'line' has 2 functions (predict, pick); choose one with --function")
        self.check_error(["run", LINE, "--function", "train"],
                         "heddle: model 'line' has no function 'train'; it has predict, pick")
        self.check_error(predict, "heddle: function 'predict' takes x f32 [3], and 'x' is not given; use --input "
                                  "x=VALUES, --inputs FILE or --random")
        self.check_error([*predict, "--input", "x"], "heddle: --input 'x': expected NAME=VALUE or NAME=VALUE,VALUE,...")
        self.check_error([*predict, "--input", "x=1,2"],
                         "heddle: input x f32 [3] needs 3 values, or one for all; got 2")
        self.check_error([*predict, "--input", "x=1,two,3"], "heddle: input 'x': 'two' is not a value of dtype f32")
        self.check_error([*predict, "--input", "z=1"],
                         "heddle: --input names 'z', which is no input of function 'predict'; it takes x f32 [3]")
        self.check_error([*predict, "--input", "x=1", "--input", "x=2"], "heddle: input 'x' is given twice")
        self.check_error(["run", LINE, "--function", "pick", "--input", "i=0,3"],
                         "heddle: function 'pick': input 0 'i' holds 3 at [1]; expected an index in [0, 3)")
        self.check_error(["run", LINE, "--function", "pick", "--input", "i=99999999999"],
                         "heddle: input 'i': '99999999999' is not a value of dtype i32")
        self.check_error(["run", LINE, "--colour"], "--colour", 2)
        self.check_error([], "A subcommand is required", 2)
        self.check_error(["compile", LINE, "-o", self.folder, "-O", 4], "--opt-level: Value 4 not in range 0 to 3", 2)
        self.check_error(["compile", LINE, "-o", self.folder, "--cpu", "z80"], "z80")
        self.check_error(["compile", LINE, "-o", self.folder, "--remarks=("],
                         "the passes to remark on are '(', which is no regular expression: ")
        self.check_error(["compile", LINE, "-o", self.folder, "--contractions", "onednn"],
                         "--contractions: onednn not in {auto,generated,library}", 2)

    def test_files(self):
        weights = self.folder / "w.safetensors"
        safetensors(weights, a=("F32", [1.0]))
        predict = ["run", LINE, "--function", "predict", "--input", "x=1"]
        self.check_error([*predict, "--weights", weights], "parameters that the file does not have: 'b'")
        self.check_error([*predict, "--weights", self.folder / "none"], "none")
        self.check_error([*predict, "--output", self.folder / "no" / "out.safetensors"], "out.safetensors")
        safetensors(weights, x=("F32", [1.0, 2.0]))
        self.check_error(["run", LINE, "--function", "predict", "--inputs", weights],
                         "input x f32 [3] is given as f32 [2]")
        self.check_error(["inspect", self.folder / "none.so"], "heddle: there is no file '")
        self.check_error(["inspect", self.folder], "is of no kind that can be inspected")
        for name, text in (("a.json", "{"), ("b.json", "{}"), ("c.safetensors", "x"), ("libd.so", "x"), ("e.so", "x")):
            path = self.folder / name
            path.write_text(text)
            self.check_error(["inspect", path], "heddle: ")
        taken = self.folder / "taken"
        taken.write_text("")
        self.check_error(["compile", LINE, "-o", taken], "taken")

    def check_model(self, text, message):
        path = self.folder / "model.mlir"
        path.write_text(text)
        for command in ["compile", path, "-o", self.folder / "out"], ["inspect", path], ["run", path, "--function", "predict", "--random"]:
            self.check_error(command, message)
        self.assertFalse((self.folder / "out").exists())

    def check_kernels(self, source, tuning, kernels):
        profile = json.loads(self.check_runs([HEDDLE, "profile", source, "--function", "f", "--tuning", tuning, "--json"]).stdout)
        self.assertEqual([launch["kernel"] for launch in profile["launches"]], kernels)

    def test_tune(self):
        """Both providers are timed, and profile shows that the faster one is taken."""
        source = self.folder / "products.mlir"
        source.write_text("""
module attributes {heddle.model = "m"} {
  func.func @f(%x: tensor<8x16xf32> {heddle.name = "x", heddle.kind = "input"},
               %y: tensor<16x32xf32> {heddle.name = "y", heddle.kind = "input"})
      -> (tensor<8x32xf32> {heddle.name = "z"}) {
    %0 = heddle.dot_general %x, %y batch [] x [] contract [1] x [0] : tensor<8x16xf32>, tensor<16x32xf32>
    return %0 : tensor<8x32xf32>
  }
  func.func @g(%v: tensor<1x16xf32> {heddle.name = "v", heddle.kind = "input"},
               %y: tensor<16x32xf32> {heddle.name = "y", heddle.kind = "input"})
      -> (tensor<1x32xf32> {heddle.name = "z"}) {
    %0 = heddle.dot_general %v, %y batch [] x [] contract [1] x [0] : tensor<1x16xf32>, tensor<16x32xf32>
    return %0 : tensor<1x32xf32>
  }
}
""")
        tuning, key = self.folder / "tuning.json", "8x32x16 a[16,1] b[32,1] c[32,1]"
        result = self.check_runs([HEDDLE, "tune", source, "-o", tuning])
        self.assertIn(key, result.stdout)
        tuned = json.loads(tuning.read_text())
        if any(time["library"] < time["generated"] for time in tuned["products"].values()):
            self.assertEqual(set(tuned["functions"]), {"f", "g"}) # all are timed with the library and without
        self.assertEqual(set(json.loads(tuning.read_text())["products"]), {key, "1x32x16 a[16,1] b[32,1] c[32,1]"})
        self.check_runs([HEDDLE, "tune", source, "-o", tuning, "--function", "f"])
        text = json.loads(tuning.read_text())
        self.assertEqual(list(text["products"]), [key])
        for faster, kernel in ("library", "contraction"), ("generated", "matmul_0"):
            text["products"][key] = {"generated": 1, "library": 1, faster: 0.5}
            text["functions"] = {}
            tuning.write_text(json.dumps(text))
            self.check_kernels(source, tuning, [kernel])
        # A function that is slower with the library than without does not use it.
        text["products"][key] = {"generated": 1, "library": 0.5}
        text["functions"] = {"f": {"generated": 1, "library": 1.5}}
        tuning.write_text(json.dumps(text))
        self.check_kernels(source, tuning, ["matmul_0"])
        tuning.write_text("[]")
        self.check_fails([HEDDLE, "compile", source, "-o", self.folder / "out", "--tuning", tuning], 1,
                         "has no \"format\": \"heddle-tuning\"; expected what heddle tune wrote")
        # What tune decides is not for the user to say; and a table does not compile.
        self.check_fails([HEDDLE, "tune", source, "--contractions", "library"], 2, "--contractions")
        self.check_fails([HEDDLE, "inspect", source, "--tuning", tuning], 2, "--tuning requires --html")
        self.check_fails([HEDDLE, "inspect", source, "--remarks"], 2, "--remarks requires --html")
        self.check_fails([HEDDLE, "tune", source, "-o", "/no/such/folder/t.json"], 1,
                         "cannot write /no/such/folder/t.json: there is no folder '/no/such/folder'")
        self.check_fails([HEDDLE, "tune", LINE, "--function", "predict"], 1, "has no matrix product to tune")

    def test_reproducer(self):
        """HEDDLE_REPRODUCER: a file with the pass that failed, on what it found."""
        source = self.folder / "floor.mlir"
        source.write_text("""
module attributes {heddle.model = "m"} {
  func.func @f(%x: tensor<f32> {heddle.name = "x", heddle.kind = "input"}) -> (tensor<f32> {heddle.name = "y"}) {
    %0 = heddle.floor %x : tensor<f32>
    %1 = heddle.gradient %0 wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
    return %1 : tensor<f32>
  }
}
""")
        reproducer = self.folder / "reproducer.mlir"
        self.check_fails([HEDDLE, "run", source], 1, "'heddle.floor' has no derivative",
                         env={**os.environ, "HEDDLE_REPRODUCER": str(reproducer)})
        self.assertIn("heddle-differentiate", reproducer.read_text())
        self.check_fails([BIN / "heddle-opt", "--run-reproducer", reproducer], 1, "'heddle.floor' has no derivative")
        self.check_fails([HEDDLE, "run", source], 1, "/no/such/folder/r.mlir",
                         env={**os.environ, "HEDDLE_REPRODUCER": "/no/such/folder/r.mlir"})

    def test_reproducer_of_a_crash(self):
        source, reproducer = self.folder / "tanh.mlir", self.folder / "reproducer.mlir"
        source.write_text("""
module attributes {heddle.model = "m"} {
  func.func @f(%x: tensor<2xf32> {heddle.name = "x", heddle.kind = "input"}) -> (tensor<2xf32> {heddle.name = "y"}) {
    %0 = heddle.exp %x : tensor<2xf32>
    %1 = heddle.tanh %0 : tensor<2xf32>
    return %1 : tensor<2xf32>
  }
}
""")
        plugin = BIN.parent / "lib/libheddle_broken_passes.so"
        self.check_fails([HEDDLE, "run", source, "--plugin", plugin, "--before", "fuse=test-crash"], 1, str(reproducer),
                         env={**os.environ, "HEDDLE_REPRODUCER": str(reproducer)})
        self.assertIn("test-crash", reproducer.read_text())
        again = [BIN / "heddle-opt", f"--load-pass-plugin={plugin}", "--run-reproducer", "{}"]
        small = self.folder / "small.mlir"
        self.check_runs([BIN / "heddle-reduce", reproducer, "-o", small, "--", *again])
        self.assertEqual(small.read_text().count("heddle."), 1, small.read_text())

    def test_what_is_no_model(self):
        line = LINE.read_text()
        self.check_model("", "model.mlir:1: the module has no attribute heddle.model, which names the model")
        self.check_model("module {", "model.mlir:1: ")
        self.check_model('module attributes {heddle.model = "a b"} {}', "a model")
        self.check_model('module attributes {heddle.model = "empty"} {}', "")
        def changed(old, new):
            self.assertIn(old, line)
            return line.replace(old, new, 1)

        predict, pick = "model function 'predict': ", "model function 'pick': "
        self.check_model(changed('heddle.name = "x"', 'heddle.name = 3 : i32'),
                         predict + 'argument 0 has no heddle.name; expected heddle.name = "..."')
        self.check_model(changed('heddle.kind = "input"', 'heddle.kind = "guess"'),
                         predict + "argument 0 'x' expects a heddle.kind that is one of input, parameter, buffer, "
                                   'optimizer, rng, step; got "guess"')
        self.check_model(changed('heddle.name = "a"', 'heddle.name = "x"'),
                         predict + "argument 1 is the second one that is named 'x'")
        self.check_model(changed(', heddle.init = {kind = "ones"}', ""),
                         predict + "argument 2 'b' is a parameter without heddle.init; expected heddle.init = {kind = "
                                   '"normal", mean = 0.0, std = 0.02}, or another')
        self.check_model(changed('"constant", value = 2.0', '"wonky", value = 2.0'), "argument 1 'a' expects a heddle.init")
        self.check_model(changed(', value = 2.0 : f64', ""),
                         predict + "argument 1 'a' has a heddle.init of kind constant without the number 'value'")
        self.check_model(changed('heddle.updates = "b"', 'heddle.updates = "c"'),
                         pick + "result 1 updates 'c', which is no argument of the function")
        self.check_model(changed('heddle.updates = "b"', 'heddle.updates = "i"'),
                         pick + "result 1 updates 'i', which is an input; only state can be updated")
        self.check_model(changed('heddle.name = "picked"', 'heddle.updates = "b"'),
                         pick + "result 0 updates 'b' with 'tensor<2xf32>'; expected 'tensor<3xf32>'")
        self.check_model(changed('heddle.name = "picked"', 'heddle.name = "p", heddle.updates = "b"'),
                         pick + "result 0 expects either heddle.name")
        self.check_model(line.replace("tensor<3xf32>", "tensor<?xf32>"),
                         predict + "argument 0 is 'tensor<?xf32>'; expected a tensor with all its sizes known")
        self.check_model(changed("heddle.add %1, %b", "heddle.sum %1, %b"), "heddle.sum")
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
