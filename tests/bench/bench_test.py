"""heddle_bench: its options and its files. Not the times: those are for people to look at."""
import json
import unittest

from programs import BIN, ProgramTest

BENCH = BIN / "heddle_bench"
QUICK = [BENCH, "--only", "^mlp_infer_b(1|64)$", "--seconds", 0.05]


class Bench(ProgramTest):
    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_results(self):
        results, picture = self.folder / "results.json", self.folder / "bars.svg"
        text = self.check_runs([*QUICK, "--json", results]).stdout
        self.assertRegex(text, r"^this machine, measured: \d+ GFLOP/s, \d+\.\d GB/s; \d+ threads?\n")
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        self.assertEqual([line["case"] for line in lines],
                         ["mlp_infer_b1", "mlp_infer_b1/compile_seconds", "mlp_infer_b64", "mlp_infer_b64/compile_seconds"])
        for line in lines[::2]:
            self.assertEqual(line["unit"], "us")
            for key in "median", "min", "share_of_limit", "compile_seconds", "arena_bytes", "peak_bytes":
                self.assertGreater(line[key], 0, key)

        # Twice itself and once a faster one: the best is printed, all are in the JSON.
        faster = self.folder / "faster.json"
        faster.write_text('{"case": "mlp_infer_b1", "peer": "light", "median": 0.001, "unit": "us"}\n')
        text = self.check_runs([*QUICK, "--peer-json", results, "--peer-json", faster, "--json", results,
                                "--picture", picture]).stdout
        self.assertRegex(text, r"(?m)^mlp_infer_b1 .* x light \(0\.00 us\)$")
        self.assertRegex(text, r"(?m)^mlp_infer_b64 .*\d\.\d\d x heddle \(")
        line = json.loads(results.read_text().splitlines()[0])
        self.assertEqual([peer["peer"] for peer in line["peers"]], ["heddle", "light"])
        self.assertEqual(line["best_peer"], "light")
        self.assertAlmostEqual(line["peers"][1]["ratio"], line["median"] / 0.001, delta=1e-6 * line["median"] / 0.001)
        self.assertIn("</svg>", picture.read_text())
        self.assertEqual(self.files(), ["bars.svg", "faster.json", "results.json"])

    def test_list(self):
        names = self.check_runs([BENCH, "--list"]).stdout.split()
        for name in "gpt_small_train_b16_t256", "bert_base_128_b8", "k_sdpa_causal_4x12x512x64_backward":
            self.assertIn(name, names)

    def test_write_mlir(self):
        self.check_runs([BENCH, "--only", "mlp_train", "--write-mlir", self.folder])
        shown = self.check_runs([BIN / "heddle", "inspect", self.folder / "mlp_train_b64.mlir"]).stdout
        self.assertIn("train(image f32 [64, 784], label i32 [64]) -> (loss f32 [])", shown)
        self.check_fails([BENCH, "--write-mlir", self.folder / "none"], 1, "cannot write")

    def test_flags(self):
        self.check_fails([BENCH, "--only", "nothing"], 1, "no case matches 'nothing'")
        self.check_fails([BENCH, "--only", "("], 1, "not a regular expression")
        self.check_fails([BENCH, "--colour"], 2, "--colour")
        self.check_fails([BENCH, "--seconds", "-1"], 2, "--seconds")
        self.check_fails([BENCH, "--list", "--json", "a"], 2, "--json excludes --list")

    def test_files_are_checked_before_anything_is_timed(self):
        def check(message, *options):
            result = self.check_fails([*QUICK, *options], 1, message)
            self.assertEqual(result.stdout, "")

        check("cannot read", "--peer-json", self.folder / "none")
        check("cannot read", "--peer-json", self.folder)
        broken = self.folder / "broken.json"
        broken.write_text('{"case": "mlp_infer_b1", "median": 3\n')
        check("broken.json, line 1: not JSON", "--peer-json", broken)
        missing = self.folder / "none" / "results"
        check("cannot write", "--json", missing)
        check("it is a folder", "--json", self.folder)
        check("there is no folder", "--picture", f"{missing}.png")
        check("expected the extension .svg or .png, got '.gif'", "--picture", self.folder / "bars.gif",
              "--json", self.folder / "results.json")
        self.assertEqual(self.files(), ["broken.json"])


if __name__ == "__main__":
    unittest.main()
