import os

import lit.formats

config.name = "heddle-passes"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.excludes = ["models", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.heddle_tools_dir, config.llvm_tools_dir, os.environ.get("PATH", "")]
)
config.environment.pop("HEDDLE_DUMP", None)
config.substitutions.append(("%plugins", config.heddle_lib_dir))
