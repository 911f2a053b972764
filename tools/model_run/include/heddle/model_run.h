/* What the program <model>_run, which heddle_add_model() makes of every model, is made of. */
#ifndef HEDDLE_MODEL_RUN_H
#define HEDDLE_MODEL_RUN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of a generated header that are the same for every model; `model` is its handle. */
typedef struct hd_library {
  const char *name; /* the model's: the prefix of its functions */
  int (*create)(void **model);
  void (*destroy)(void *model);
  int (*initialize)(void *model, uint64_t seed);
  int (*load)(void *model, const char *path);
  int (*call)(void *model, const char *function, const void *const *inputs, size_t input_count,
              void *const *outputs, size_t output_count);
  const char *(*error_message)(void);
  const char *(*manifest)(void);
} hd_library;

/* The whole program: describes or times the model, as its arguments say. Returns its exit status:
 * 0, 1 for a failure, 2 for wrong arguments. */
int hd_run_library(int argc, char **argv, const hd_library *library);

#ifdef __cplusplus
}
#endif
#endif
