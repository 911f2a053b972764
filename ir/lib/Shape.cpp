#include "heddle/ir/Ops.h"
