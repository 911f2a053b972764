// RUN: not heddle-opt --heddle-validate="pipeline=func.func(heddle-fussy)" %s 2>&1 | FileCheck %s
// CHECK: error: option 'pipeline': {{.*}} 'heddle-fussy' does not refer to a registered pass or pass pipeline
module {}
