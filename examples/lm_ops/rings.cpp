#include "rings.h"

HEDDLE_MODEL(rings)
