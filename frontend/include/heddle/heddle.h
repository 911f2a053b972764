// Heddle: define a model in C++, train it and ship it as compiled code. Everything that a user
// needs.
#pragma once

#include <heddle/attention.h>
#include <heddle/compile.h>
#include <heddle/error.h>
#include <heddle/generate.h>
#include <heddle/host_array.h>
#include <heddle/init.h>
#include <heddle/loss.h>
#include <heddle/model.h>
#include <heddle/nn.h>
#include <heddle/ops.h>
#include <heddle/optim.h>
#include <heddle/plugin.h>
#include <heddle/pretrained.h>
#include <heddle/remarks.h>
#include <heddle/safetensors.h>
#include <heddle/schedule.h>
#include <heddle/tensor.h>
#include <heddle/transformer.h>
