// Heddle's training library: runs on disk, their logs, and Ctrl-C. Everything that a user needs.
#pragma once

#include <heddle/training/interrupt.h>
#include <heddle/training/log.h>
#include <heddle/training/run.h>
