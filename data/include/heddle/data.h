// Heddle's data library: tables and texts from files, tokenizers, padding and batches. Everything
// that a user needs.
#pragma once

#include <heddle/data/clean.h>
#include <heddle/data/csv.h>
#include <heddle/data/error.h>
#include <heddle/data/files.h>
#include <heddle/data/json_lines.h>
#include <heddle/data/loader.h>
#include <heddle/data/pad.h>
#include <heddle/data/text.h>
#include <heddle/data/tokenizer.h>
