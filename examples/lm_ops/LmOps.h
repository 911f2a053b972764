// The dialect lm: its C++ classes, made of LmOps.td.
#pragma once

#include <heddle/ir/Ops.h>

#include <LmOpsDialect.h.inc>

#define GET_OP_CLASSES
#include <LmOps.h.inc>
