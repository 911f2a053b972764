"""heddle_bench: its options and its files. Not the times: those are for people to look at."""
import json
import unittest

from programs import BIN, ProgramTest

BENCH = BIN / "heddle_bench"


class Bench(ProgramTest):
    def test_json_and_ratios(self):
        results = self.folder / "results.json"
        self.check_runs([BENCH, "--only", "^mlp_infer_b1$", "--seconds", 0.05, "--json", results])
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        self.assertEqual([line["case"] for line in lines], ["mlp_infer_b1", "mlp_infer_b1/compile_seconds"])
        self.assertGreater(lines[0]["median"], 0)
        self.assertEqual(lines[0]["unit"], "us")
        result = self.check_runs([BENCH, "--only", "^mlp_infer_b1$", "--seconds", 0.05, "--peer-json", results])
        self.assertRegex(result.stdout, r"\d+\.\d\d x heddle")

    def test_list(self):
        names = self.check_runs([BENCH, "--list"]).stdout.split()
        self.assertIn("gpt_small_train_b16_t256", names)

    def test_write_mlir(self):
        self.check_runs([BENCH, "--only", "mlp_train", "--write-mlir", self.folder])
        shown = self.check_runs([BIN / "heddle", "inspect", self.folder / "mlp_train_b64.mlir"]).stdout
        self.assertIn("train(image f32 [64, 784], label i32 [64]) -> (loss f32 [])", shown)
        self.check_fails([BENCH, "--write-mlir", self.folder / "none"], 1, "cannot write")

    def test_errors(self):
        self.check_fails([BENCH, "--only", "nothing"], 1, "no case matches 'nothing'")
        self.check_fails([BENCH, "--only", "("], 1, "not a regular expression")
        self.check_fails([BENCH, "--peer-json", self.folder / "none"], 1, "cannot read")
        self.check_fails([BENCH, "--colour"], 2, "--colour")


if __name__ == "__main__":
    unittest.main()
