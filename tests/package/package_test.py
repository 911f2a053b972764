"""The installed package, in the hands of a project that has nothing else of Heddle: a fresh prefix, moved."""
import json
import math
import pathlib
import re
import unittest

from installed import InstalledTest
from programs import BIN, SOURCE, run

HERE = pathlib.Path(__file__).parent


def distance(speed, angle):
    """Of a throw without air, in metres, on the consumer's scale."""
    return 40.8 * (speed / 20) ** 2 * math.sin(2 * math.radians(angle))


class Package(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        consumer, checks, cls.errors = [cls.copy(HERE / name) for name in ("consumer", "checks", "errors")]
        cls.consumer, cls.checks = cls.build(consumer), cls.build(checks)

    def predicted(self, program, weights, speed, angle):
        return self.check_runs([program, weights, speed, angle]).stdout

    def test_train_save_load_predict(self):
        weights = self.folder / "flight.safetensors"
        learned = self.check_runs([self.consumer / "learn", weights]).stdout
        losses = [float(loss) for loss in re.findall(r"loss (\S+)", learned)]
        self.assertEqual(len(losses), 4)
        self.assertGreater(losses[0], 1e-2)
        self.assertLess(losses[-1], 1e-4)
        for speed, angle in (20, 45), (15, 30), (10, 60), (18, 75):
            text = self.predicted(self.consumer / "aim", weights, speed, angle)
            self.assertRegex(text, r"^-?\d+\.\d m\n$")
            self.assertAlmostEqual(float(text.split()[0]), distance(speed, angle), delta=1)
        # Linked statically, for another processor.
        static = self.checks / "aim_static"
        text = self.predicted(static, weights, 15, 30)
        self.assertAlmostEqual(float(text.split()[0]), distance(15, 30), delta=1)
        self.assertNotIn("libflight", self.check_runs(["ldd", static]).stdout)

        timed = self.bench("train", "--weights", weights, "--threads", 1)
        self.assertRegex(timed, r"^train: median .* us, min .* us over \d+ calls; 1 thread, arena ")

    def bench(self, *options):
        return self.check_runs([self.consumer / "flight_run", "--bench", *options, "--seconds", 0.01]).stdout

    def test_model_run(self):
        flight_run = self.consumer / "flight_run"
        text = self.check_runs([flight_run, "--describe"]).stdout
        self.assertRegex(text, r"^model flight, heddle \d+\.\d+\.\d+, for \S+ \(.*\)\n1185 parameters \(4.74 kB\), other ")
        self.assertIn("  predict(thrown f32 [1, 2]) -> (distance f32 [1, 1])\n", text)
        self.assertIn("  train(thrown f32 [64, 2], distance f32 [64, 1]) -> (loss f32 [])\n", text)
        self.assertIn("  parameter  fc1.weight f32 [32, 2]\n", text)
        self.assertEqual(text, self.check_runs(
            [self.prefix / "bin/heddle", "inspect", self.consumer / "flight_library/libflight.so"]).stdout)
        manifest = json.loads(self.check_runs([flight_run, "--describe", "--json"]).stdout)
        self.assertEqual([function["name"] for function in manifest["functions"]], ["predict", "train"])
        self.assertRegex(self.check_runs([self.checks / "flight_static_run", "--describe"]).stdout, ", for x86-64-v2 ")
        # One of train's products was faster by the library, says checks/tuning.json.
        self.assertEqual([len(function["contractions"]) for function in manifest["functions"]], [0, 0])
        tuned = json.loads(self.check_runs([self.checks / "flight_tuned_run", "--describe", "--json"]).stdout)
        self.assertEqual([len(function["contractions"]) for function in tuned["functions"]], [0, 1])

        lines = [json.loads(line) for line in self.bench("--json").splitlines()]
        self.assertEqual([line["function"] for line in lines], ["predict", "train"])
        for line in lines:
            self.assertGreaterEqual(line["calls"], 5)
            self.assertGreater(line["median_seconds"], 0)
        self.assertRegex(self.bench("predict", "--threads", 2), "; 2 threads, arena ")

    def test_model_run_errors(self):
        flight_run = self.consumer / "flight_run"
        self.check_fails([flight_run], 2, "--describe or --bench")
        self.check_fails([flight_run, "--describe", "--bench"], 2, "--describe", "excludes")
        self.check_fails([flight_run, "--describe", "--threads", 2], 2, "--bench")
        self.check_fails([flight_run, "--bench", "--threads", 0], 2, "--threads")
        self.check_fails([flight_run, "--bench", "land"], 1,
                         "flight_run: model 'flight' has no function 'land'; it has predict, train")
        self.check_fails([flight_run, "--bench", "train", "--weights", self.folder / "none.safetensors"], 1,
                         "flight_run: ", "none.safetensors")

    def test_ship(self):
        shipped = self.folder / "shipped"
        self.check_runs(["cmake", "--install", self.consumer, "--prefix", shipped])
        self.assertEqual(sorted(str(path.relative_to(shipped)) for path in shipped.rglob("*") if path.is_file()),
                         ["bin/aim", "lib/libflight.so"])
        weights = self.folder / "w.safetensors"
        self.check_runs([self.consumer / "learn", weights])
        self.assertRegex(self.predicted(shipped / "bin/aim", weights, 20, 45), r"^4\d\.\d m\n$")
        needed = self.check_runs(["ldd", shipped / "bin/aim"]).stdout
        self.assertIn(f"libflight.so => {shipped}/", needed)
        self.assertNotIn("LLVM", needed)
        self.assertNotIn("MLIR", needed)

    def test_moved(self):
        for file in self.prefix.rglob("*.cmake"):
            for place in self.installed_to, BIN.parent, SOURCE:
                self.assertNotIn(str(place), file.read_text(), file)
        for file in (self.prefix / "bin").iterdir():
            self.assertNotIn(str(BIN.parent), self.check_runs(["readelf", "-d", file]).stdout)
        # Nobody looks for the runtime in the build, which users do not have.
        built = re.compile(re.escape(bytes(BIN.parent)) + rb"[^\0]*libheddle_runtime\.a")
        for file in [*self.prefix.rglob("*.a"), *(self.prefix / "bin").iterdir()]:
            self.assertIsNone(built.search(file.read_bytes()), file)

    def test_in_process(self):
        table = self.folder / "x.csv"
        table.write_text("x\n1\n-2\n0.5\n")
        out = self.folder / "out"
        self.assertEqual(self.check_runs([self.checks / "in_process", table, out]).stdout, "2 -4 1\n")
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         ["libtwice.a", "libtwice.so", "twice.h", "twice.json"])

    def check_mistake(self, message, call="", find="0.1 REQUIRED", *options):
        self.configure_fails(self.errors, message, f"-DFIND={find}", f"-DCALL={call}", *options)

    def test_mistakes_in_cmake(self):
        self.check_mistake("heddle_add_model(m): SOURCES names no file", "heddle_add_model(m)")
        self.check_mistake("heddle_add_model(m): there is no file", "heddle_add_model(m SOURCES none.cpp)")
        self.check_mistake("heddle_add_model(m): unknown arguments SOURCE;m.cpp", "heddle_add_model(m SOURCE m.cpp)")
        self.check_mistake("heddle_add_model(m): no value after REMARKS",
                           "heddle_add_model(m SOURCES m.cpp REMARKS)")
        self.check_mistake("heddle_add_model(m): no value after TUNING",
                           "heddle_add_model(m SOURCES m.cpp TUNING)")
        self.check_mistake("TUNING names it, and heddle tune makes it",
                           f"heddle_add_model(m SOURCES {SOURCE / 'tests/package/consumer/flight.cpp'} TUNING none.json)")
        self.check_mistake("heddle_add_model(m): no value after CPU", "heddle_add_model(m SOURCES m.cpp CPU)")
        self.check_mistake("compatible with requested version \"1.0\"", find="1.0 REQUIRED")
        self.check_mistake("there is no component 'gpu'", find="0.1 REQUIRED COMPONENTS gpu")
        self.check_mistake("install libdnnl-dev", "", "0.1 REQUIRED COMPONENTS compiler",
                           "-UHEDDLE_DNNL_LIBRARY", "-DCMAKE_FIND_ROOT_PATH=/nowhere", "-DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY")

    def test_a_mistake_in_the_model(self):
        result = run(["cmake", "--build", self.checks, "--target", "broken_generate"])
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout + result.stderr, r"error: .*broken\.cpp:11: .*'fc' expects 3 .*got 2")
        self.assertEqual(list((self.checks / "broken/broken_library").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
