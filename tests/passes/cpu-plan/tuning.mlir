// What heddle tune measured decides where contractions is auto, and nowhere else.
// RUN: heddle-opt --heddle-cpu-plan=tuning=%S/Inputs/tuning.json %s | FileCheck %s
// RUN: heddle-opt --heddle-cpu-plan="contractions=generated tuning=%S/Inputs/tuning.json" %s | FileCheck %s --check-prefix=GENERATED
// RUN: not heddle-opt --heddle-cpu-plan=tuning=%t.none %s 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: echo '{"format": "heddle-tuning", "version": 2}' > %t.2.json
// RUN: not heddle-opt --heddle-cpu-plan=tuning=%t.2.json %s 2>&1 | FileCheck %s --check-prefix=VERSION
// RUN: echo '{"format": "heddle-tuning", "version": 1, "products": {"1x1x1": {"generated": 1}}}' > %t.3.json
// RUN: not heddle-opt --heddle-cpu-plan=tuning=%t.3.json %s 2>&1 | FileCheck %s --check-prefix=SECONDS
// RUN: echo 'none' > %t.4.json
// RUN: not heddle-opt --heddle-cpu-plan=tuning=%t.4.json %s 2>&1 | FileCheck %s --check-prefix=JSON

// RUN: echo '{"format": "heddle-tuning", "version": 1, "products": {}, "functions": {"f": {"library": 1}}}' > %t.5.json
// RUN: not heddle-opt --heddle-cpu-plan=tuning=%t.5.json %s 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: echo '{"format": "heddle-tuning", "version": 1, "products": {}, "functions": []}' > %t.6.json
// RUN: not heddle-opt --heddle-cpu-plan=tuning=%t.6.json %s 2>&1 | FileCheck %s --check-prefix=OBJECT

// MISSING: error: the tuning file '{{.*}}.none' cannot be read: No such file or directory
// VERSION: error: the tuning file '{{.*}}.2.json' is not of version 1; expected what heddle tune wrote
// SECONDS: error: the tuning file '{{.*}}.3.json' lacks the seconds of the product '1x1x1'; expected what heddle tune wrote
// JSON: error: the tuning file '{{.*}}.4.json' is no JSON
// OBJECT: error: the tuning file '{{.*}}.6.json' has "functions" that are no object; expected what heddle tune wrote
// FUNCTION: error: the tuning file '{{.*}}.5.json' lacks the seconds of the function 'f'; expected what heddle tune wrote

// The first was faster by the library; the second, of which nothing is known, goes where it would anyway; so does the
// third, with a vector, that was faster by a kernel.
// CHECK-LABEL: func.func @fn.products
// CHECK: call @hd_contract
// CHECK: call @hd_parallel_for
// CHECK: call @hd_parallel_for
// CHECK-NOT: call @hd_
// CHECK-LABEL: func.func @fn.slower_with_the_library
// GENERATED-NOT: call @hd_contract
func.func @products(%x: tensor<12x16xf32> {heddle.name = "x", heddle.kind = "input"},
                    %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"},
                    %v: tensor<1x16xf32> {heddle.name = "v", heddle.kind = "input"})
    -> (tensor<12x16xf32>, tensor<12x16xf32>, tensor<1x16xf32>) {
  %0 = heddle.contraction %x, %y batch [] x [] contract [1] x [0] : (tensor<12x16xf32>, tensor<16x16xf32>) -> tensor<12x16xf32>
  %1 = heddle.contraction %x, %y batch [] x [] contract [1] x [1] : (tensor<12x16xf32>, tensor<16x16xf32>) -> tensor<12x16xf32>
  %2 = heddle.contraction %v, %y batch [] x [] contract [1] x [1] : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  return %0, %1, %2 : tensor<12x16xf32>, tensor<12x16xf32>, tensor<1x16xf32>
}

// The same product, in a function that was slower with it than without.
// CHECK: call @hd_parallel_for
// CHECK-NOT: call @hd_
func.func @slower_with_the_library(%x: tensor<12x16xf32> {heddle.name = "x", heddle.kind = "input"},
                                   %y: tensor<16x16xf32> {heddle.name = "y", heddle.kind = "input"}) -> tensor<12x16xf32> {
  %0 = heddle.contraction %x, %y batch [] x [] contract [1] x [0] : (tensor<12x16xf32>, tensor<16x16xf32>) -> tensor<12x16xf32>
  return %0 : tensor<12x16xf32>
}

// A parameter of such a product lies in rows, as the library reads them.
// CHECK-LABEL: func.func @fn.parameter
// CHECK-NOT: heddle.panels
// CHECK: call @hd_contract
// GENERATED: heddle.panels
func.func @parameter(%x: tensor<12x16xf32> {heddle.name = "x", heddle.kind = "input"},
                     %w: tensor<16x16xf32> {heddle.name = "w", heddle.kind = "parameter"}) -> tensor<12x16xf32> {
  %0 = heddle.contraction %x, %w batch [] x [] contract [1] x [0] : (tensor<12x16xf32>, tensor<16x16xf32>) -> tensor<12x16xf32>
  return %0 : tensor<12x16xf32>
}
