// RUN: heddle-opt --heddle-validate="pipeline=func.func(heddle-simplify) tolerance=0 integer-limit=4" --verify-diagnostics --split-input-file %s

// Sums of sums become one, which rounds otherwise.
// expected-error-re @below {{result 0 differs by {{[0-9.]+}}e-{{[0-9]+}} after func.func(heddle-simplify)}}
func.func @rounding(%x: tensor<7x5x3xf64>) -> tensor<5xf64> {
  %0 = heddle.reduce_sum %x [2] : tensor<7x5x3xf64>
  %1 = heddle.reduce_sum %0 [0] : tensor<7x5xf64>
  return %1 : tensor<5xf64>
}

// -----

// What the passes leave alone is the same to the last bit.
func.func @same(%x: tensor<7xf64>) -> tensor<7xf64> {
  %0 = heddle.exp %x : tensor<7xf64>
  return %0 : tensor<7xf64>
}

// -----

// expected-error @below {{has an argument of type 'tensor<?xf32>', which random values cannot be made for}}
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

// Integers are drawn below integer-limit, here past the end of the table.
func.func @range(%t: tensor<1x2xf64>, %i: tensor<16xi32>) -> tensor<16x2xf64> {
  // expected-error-re @below {{'heddle.gather' op index {{[1-3]}} at position {{[0-9]+}} is out of range for a table of 1 rows}}
  %0 = heddle.gather %t, %i : tensor<1x2xf64>, tensor<16xi32>
  return %0 : tensor<16x2xf64>
}
