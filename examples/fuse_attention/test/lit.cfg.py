import os

import lit.formats

config.name = "fuse-attention"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_exec_root = lit_config.params["output"]
config.environment["PATH"] = os.pathsep.join([lit_config.params["llvm"], os.environ.get("PATH", "")])
config.substitutions += [("%heddle-opt", lit_config.params["heddle_opt"]), ("%plugin", lit_config.params["plugin"])]
