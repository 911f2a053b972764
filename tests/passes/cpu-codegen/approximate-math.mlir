// RUN: heddle-opt --heddle-cpu-approximate-math %s | FileCheck %s --check-prefixes=CHECK,FMA
// RUN: heddle-opt --heddle-cpu-approximate-math="fma=false" %s | FileCheck %s --check-prefixes=CHECK,SPLIT

// A polynomial, in vectors where its operand is one.
// CHECK-LABEL: func.func @exp
// CHECK-NOT: math.exp
// FMA-COUNT-9: math.fma %{{.*}} fastmath<contract> : vector<8xf32>
// FMA-NOT: math.fma
// SPLIT-NOT: math.fma
// SPLIT: arith.mulf %{{.*}} fastmath<contract> : vector<8xf32>
// SPLIT-NEXT: arith.addf %{{.*}} fastmath<contract> : vector<8xf32>
// SPLIT-NOT: math.fma
// CHECK: arith.shli %{{.*}} : vector<8xi32>
// CHECK: return
func.func @exp(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.exp %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// Of two polynomials, up to 4; the sign is put on last.
// CHECK-LABEL: func.func @erf
// CHECK-NOT: math.erf
// CHECK: math.absf
// FMA-COUNT-10: math.fma %{{.*}} fastmath<contract> : vector<8xf32>
// FMA-NOT: math.fma
// SPLIT-NOT: math.fma
// CHECK: arith.divf
// CHECK: math.copysign %{{.*}}, %arg0
// CHECK-NEXT: return
func.func @erf(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.erf %x : vector<8xf32>
  return %0 : vector<8xf32>
}

// Every op of the list.
// CHECK-LABEL: func.func @all
// CHECK-NOT: math.{{(exp|log|tan|erf|sin|cos|atan|asin|acos|cbrt|rsqrt)}}
// CHECK: return
func.func @all(%x: f32) -> f32 {
  %0 = math.expm1 %x : f32
  %1 = math.log %0 : f32
  %2 = math.log1p %1 : f32
  %3 = math.log2 %2 : f32
  %4 = math.tanh %3 : f32
  %5 = math.erf %4 : f32
  %6 = math.sin %5 : f32
  %7 = math.cos %6 : f32
  %8 = math.atan %7 : f32
  %9 = math.atan2 %8, %x : f32
  %10 = math.asin %9 : f32
  %11 = math.acos %10 : f32
  %12 = math.cbrt %11 : f32
  %13 = math.sinh %12 : f32
  %14 = math.cosh %13 : f32
  %15 = math.tan %14 : f32
  %16 = math.asinh %15 : f32
  %17 = math.acosh %16 : f32
  %18 = math.atanh %17 : f32
  %19 = math.exp2 %18 : f32
  %20 = math.rsqrt %19 : f32
  return %20 : f32
}

// By way of f32.
// CHECK-LABEL: func.func @half
// CHECK: arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
// CHECK-NOT: math.tanh
// CHECK: arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
// CHECK-NEXT: return
func.func @half(%x: vector<8xf16>) -> vector<8xf16> {
  %0 = math.tanh %x : vector<8xf16>
  return %0 : vector<8xf16>
}

// CHECK-LABEL: func.func @brain
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK-NOT: math.log
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK-NEXT: return
func.func @brain(%x: bf16) -> bf16 {
  %0 = math.log %x : bf16
  return %0 : bf16
}

// A multiply-add that was there before.
// CHECK-LABEL: func.func @fma
// FMA: math.fma %{{.*}}, %{{.*}}, %{{.*}} fastmath<contract> : vector<8xf32>
// SPLIT: %[[P:.*]] = arith.mulf %{{.*}}, %{{.*}} fastmath<contract> : vector<8xf32>
// SPLIT: arith.addf %[[P]], %{{.*}} fastmath<contract> : vector<8xf32>
// CHECK-NEXT: return
func.func @fma(%x: vector<8xf32>, %y: vector<8xf32>, %z: vector<8xf32>) -> vector<8xf32> {
  %0 = math.fma %x, %y, %z : vector<8xf32>
  return %0 : vector<8xf32>
}

// Other flags are kept; integer ops have none.
// CHECK-LABEL: func.func @flags
// CHECK-NEXT: arith.addf %{{.*}}, %{{.*}} fastmath<nnan,contract> : f32
// CHECK-NEXT: arith.addi %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: return
func.func @flags(%x: f32, %i: i32) -> (f32, i32) {
  %0 = arith.addf %x, %x fastmath<nnan> : f32
  %1 = arith.addi %i, %i : i32
  return %0, %1 : f32, i32
}

// LLVM has instructions for these.
// CHECK-LABEL: func.func @instructions
// CHECK-NEXT: math.sqrt %{{.*}} : vector<8xf32>
// CHECK-NEXT: math.floor %{{.*}} : vector<8xf32>
// CHECK-NEXT: math.absf %{{.*}} : vector<8xf32>
// CHECK-NEXT: math.copysign %{{.*}} : vector<8xf32>
// CHECK-NEXT: return
func.func @instructions(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.sqrt %x : vector<8xf32>
  %1 = math.floor %0 : vector<8xf32>
  %2 = math.absf %1 : vector<8xf32>
  %3 = math.copysign %2, %x : vector<8xf32>
  return %3 : vector<8xf32>
}

// For these there is no polynomial.
// CHECK-LABEL: func.func @library
// CHECK-NEXT: math.exp %{{.*}} : f64
// CHECK-NEXT: math.tanh %{{.*}} : vector<4xf64>
// CHECK-NEXT: math.powf %{{.*}} : f32
// CHECK-NEXT: return
func.func @library(%x: f64, %y: vector<4xf64>, %z: f32) -> (f64, vector<4xf64>, f32) {
  %0 = math.exp %x : f64
  %1 = math.tanh %y : vector<4xf64>
  %2 = math.powf %z, %z : f32
  return %0, %1, %2 : f64, vector<4xf64>, f32
}
