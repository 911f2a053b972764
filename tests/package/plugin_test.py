"""The projects of the tutorials for pass writers, with the installed package and nothing else of Heddle."""
import json
import re
import unittest

from installed import InstalledTest
from programs import SOURCE


class Plugins(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sources = {name: cls.copy(SOURCE / "examples" / name) for name in ("fuse_attention", "lm_ops")}
        cls.fuse_attention, cls.lm_ops = [cls.build(source) for source in cls.sources.values()]
        cls.heddle = cls.prefix / "bin/heddle"

    def test_lit(self):
        for build in self.fuse_attention, self.lm_ops:
            self.check_runs(["ctest", "--test-dir", build, "--output-on-failure"])

    def arena(self, program):
        text = self.check_runs([program, "--describe"]).stdout
        return float(re.search(r"^16640 parameters .*, arena (\S+) MB$", text, re.MULTILINE)[1])

    def test_the_pass_in_a_model(self):
        # At least the scores are gone, of four texts, two heads, and 256 x 256 positions in f32.
        self.assertLess(self.arena(self.fuse_attention / "reader_run"),
                        self.arena(self.fuse_attention / "reader_plain_run") - 4 * 2 * 256 * 256 * 4 / 1e6)

        model, plugin = self.folder / "reader.mlir", self.fuse_attention / "libfuse_attention.so"
        self.check_runs([self.fuse_attention / "reader_compile", "--mlir", model])
        remarks = self.check_runs(
            [self.prefix / "bin/heddle-opt", model, f"--load-pass-plugin={plugin}", "-o", "/dev/null",
             "--pass-pipeline=builtin.module(func.func(fuse-attention))", "--remarks-filter=fuse-attention"]).stderr
        self.assertRegex(remarks, r'reader\.cpp:10:\d+: remark: \[Passed\] Fused \| .*Remark="attention is fused"\n')
        # The same for those who compile with it.
        self.assertRegex(self.check_runs([self.heddle, "compile", model, "-o", self.folder / "out", "--plugin", plugin,
                                          "--before", "differentiate=fuse-attention", "--remarks=fuse-attention"]).stderr,
                         r"reader\.cpp:10: passed: attention is fused \[fuse-attention, train\]\n")

        # The same numbers, whichever way attention is computed: both round the same sums, otherwise.
        def predicted(*options):
            text = self.check_runs([self.heddle, "run", model, "--function", "predict", "--random", *options]).stdout
            return [float(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]

        plain = predicted()
        fused = predicted("--plugin", plugin, "--before", "differentiate=fuse-attention")
        self.assertEqual(len(plain), len(fused))
        self.assertGreater(len(plain), 0)
        for a, b in zip(plain, fused):
            self.assertAlmostEqual(a, b, delta=1e-4)
        self.check_fails([self.heddle, "run", model, "--function", "predict", "--before", "melt=fuse-attention"], 1,
                         "names the phase 'melt', which does not exist; phases are differentiate, simplify, fuse")
        self.check_fails([self.heddle, "run", model, "--function", "predict", "--before", "fuse=fuse-attention"], 1,
                         "'fuse-attention' does not refer to a registered pass")

    def test_the_ops_in_a_model(self):
        learned = self.check_runs([self.lm_ops / "learn", self.lm_ops / "liblm_ops.so"]).stdout
        self.assertRegex(learned, r"\n(9\d|8\d) of 96 points in the right ring\n")
        self.assertRegex(learned, r"learn\.cpp:\d+: swiglu expects an even number of features .*4x7xf32")
        text = self.check_runs([self.lm_ops / "rings_run", "--describe"]).stdout
        self.assertIn("train(points f32 [96, 2], ring i32 [96])", text)

    def test_the_language_server_knows_the_ops(self):
        text = "func.func @f(%x: tensor<4x7xf32>) {\n  %y = lm.swiglu %x : tensor<4x7xf32>\n  return\n}\n"
        document = {"uri": "file:///f.mlir", "languageId": "mlir", "version": 1, "text": text}

        def message(method, params, **more):
            body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more})
            return f"Content-Length: {len(body)}\r\n\r\n{body}"

        said = message("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1)
        said += message("textDocument/didOpen", {"textDocument": document})
        said += message("shutdown", None, id=2) + message("exit", None)
        answer = self.check_runs([self.prefix / "bin/heddle-lsp-server",
                                  f"--load-dialect-plugin={self.lm_ops / 'liblm_ops.so'}"], input=said).stdout
        self.assertIn("swiglu expects an even number of features", answer)

    def check_mistake(self, message, call, *options):
        project = self.folder / "mistake"
        project.mkdir(exist_ok=True)
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(mistake LANGUAGES C CXX)\n"
            f"find_package(heddle 0.1 REQUIRED COMPONENTS passes)\n{call}\n")
        self.configure_fails(project, message, *options)

    def test_mistakes_in_cmake(self):
        self.check_mistake("heddle_plugin(p): SOURCES names no file", "heddle_plugin(p)")
        self.check_mistake("heddle_plugin(p): unknown arguments SOURCE;p.cpp", "heddle_plugin(p SOURCE p.cpp)")
        self.check_mistake("heddle_plugin(p): no value after OPS", "heddle_plugin(p SOURCES p.cpp DIALECT p OPS)")
        self.check_mistake("heddle_plugin(p): DIALECT names the dialect whose ops OPS defines; give both",
                           "heddle_plugin(p SOURCES p.cpp OPS p.td)")
        self.check_mistake("install libmlir-22-dev, mlir-22-tools and llvm-22-dev", "",
                           "-DCMAKE_DISABLE_FIND_PACKAGE_MLIR=ON")


if __name__ == "__main__":
    unittest.main()
