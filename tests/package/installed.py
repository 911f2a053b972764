"""The package in a fresh prefix, moved, and projects that have nothing else of Heddle."""
import pathlib
import shutil
import tempfile

from programs import BIN, ProgramTest, run


class InstalledTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="heddle-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.installed_to, cls.prefix = cls.root / "fresh", cls.root / "moved" / "deep"
        cls.check(["cmake", "--install", BIN.parent, "--prefix", cls.installed_to])
        cls.prefix.parent.mkdir()
        cls.installed_to.rename(cls.prefix)

    @classmethod
    def copy(cls, project):
        """A copy: nothing of the repository lies beside it."""
        return shutil.copytree(project, cls.root / project.name)

    @classmethod
    def configure(cls, source, build, *options):
        return ["cmake", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={cls.prefix}", "-DCMAKE_BUILD_TYPE=Release",
                *options]

    @classmethod
    def build(cls, source):
        """Builds a project in a folder of its own, and gives the folder."""
        build = cls.root / f"build-{source.name}"
        cls.check(cls.configure(source, build))
        cls.check(["cmake", "--build", build, "--parallel", "2"])
        return build

    @classmethod
    def check(cls, command):
        result = run(command)
        if result.returncode != 0:
            raise AssertionError(f"{command}\n{result.stdout}\n{result.stderr}")

    def configure_fails(self, source, message, *options):
        result = run(self.configure(source, self.root / "build-failed", *options))
        self.assertNotEqual(result.returncode, 0, options)
        # CMake breaks lines where it likes.
        self.assertIn(message, " ".join((result.stdout + result.stderr).split()))
