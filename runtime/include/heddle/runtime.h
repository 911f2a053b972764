/* The C runtime that every compiled model is linked with.
 *
 * Two users: programs, which create a model, load weights, run its functions and save; and
 * generated code, which calls the few functions under "called by generated code". There are no
 * process globals: two models live side by side. A handle may be used from any thread, by one
 * thread at a time.
 *
 * Every function that can fail returns hd_status; hd_error_message() then says what was wrong, what
 * was expected, and what to do. Nothing is printed, and no C++ exception crosses this boundary.
 */
#ifndef HEDDLE_RUNTIME_H
#define HEDDLE_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

/* Visible in a shared library that the runtime is merged into, while the rest of the runtime is
 * hidden. */
#if defined(__GNUC__)
#define HD_API __attribute__((visibility("default")))
#else
#define HD_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hd_status {
  HD_OK = 0,
  HD_INVALID_ARGUMENT = 1, /* a null pointer, an unknown name, a wrong size or dtype */
  HD_IO_ERROR = 2,         /* a file cannot be opened, read or written */
  HD_FORMAT_ERROR = 3,     /* a file or manifest is not what it should be */
  HD_OUT_OF_MEMORY = 4,
  HD_INTERNAL_ERROR = 5
} hd_status;

/* The message of the last failed call on this thread; "" if none failed. Valid until the next
 * failure. */
HD_API const char *hd_error_message(void);

typedef enum hd_dtype {
  HD_F32 = 0,
  HD_F64 = 1,
  HD_F16 = 2,
  HD_BF16 = 3,
  HD_I8 = 4,
  HD_I32 = 5,
  HD_I64 = 6,
  HD_I1 = 7 /* one byte an element, 0 or 1 */
} hd_dtype;

/* Bytes of one element. */
HD_API size_t hd_dtype_size(hd_dtype dtype);
/* "f32", "i64", ...; null for a value that is no dtype. */
HD_API const char *hd_dtype_name(hd_dtype dtype);

typedef struct hd_model hd_model;
typedef struct hd_run hd_run; /* what generated code is handed during a call */

/* One function of a model. `buffers` holds, in this order: inputs, outputs, state tensors, packed
 * tensors, then the arena. All but inputs and outputs are 64-byte aligned; those are the caller's,
 * and need only be aligned to their elements. */
typedef void (*hd_entry)(hd_run *run, void *const *buffers);

/* Makes a packed tensor: writes `tensor` to `packed` in the order in which kernels read it. */
typedef void (*hd_packer)(hd_run *run, const void *tensor, void *packed);

/* A compiled model as data: its manifest (JSON, see docs/manifest.md), and its functions' entries
 * and its packed tensors' packers in the manifest's order. All must outlive every hd_model made
 * from them. */
typedef struct hd_program {
  size_t size; /* sizeof(hd_program) of the caller */
  const char *manifest;
  const hd_entry *entries;
  size_t entry_count;
  const hd_packer *packers; /* null if there are none */
  size_t packer_count;
} hd_program;

/* Makes a model: allocates its parameters and state, its arenas, and the contraction primitives of
 * every function. Functions that use parameters are an error until the model is initialised or
 * loaded, or the caller asks where a tensor lies, to fill it. */
HD_API hd_status hd_model_create(const hd_program *program, hd_model **model);
HD_API void hd_model_destroy(hd_model *model); /* null is allowed */

/* Fills every tensor as its initialiser says, from a counter-based generator: the same seed gives
 * the same values on any number of threads. The random state becomes (seed, 0), optimiser moments
 * and step counts zero. */
HD_API hd_status hd_model_initialize(hd_model *model, uint64_t seed);

/* Which tensors a file holds. */
typedef enum hd_save_what {
  HD_SAVE_PARAMETERS = 0, /* parameters and buffers: what inference needs */
  HD_SAVE_CHECKPOINT = 1  /* also optimiser state, step and random state: what resuming needs */
} hd_save_what;

/* Writes a safetensors file: to a temporary name beside `path`, synced, then renamed, so that
 * `path` is whole or untouched. A symbolic link is followed; anything else that is not a regular
 * file is refused. */
HD_API hd_status hd_model_save(hd_model *model, const char *path, hd_save_what what);

/* Reads a safetensors file by tensor names. All of it is checked before any tensor changes. f16,
 * bf16 and f64 files are converted to the model's dtype. Every parameter must be in the file;
 * buffers, optimiser and random state are taken if present and keep their values if not; names the
 * model does not have are an error that lists them. */
HD_API hd_status hd_model_load(hd_model *model, const char *path);

/* Runs function `name`. inputs[i] and outputs[i] are dense row-major arrays in the manifest's order
 * and dtypes, and must not overlap. An output pointer may be null: the result is dropped. The
 * number of threads is that of OpenMP (OMP_NUM_THREADS) at hd_model_create. The others are the
 * library's own, made by a thread's first call for all models that it runs (fewer, if the system
 * gives no more), ended with it, and asleep a millisecond after a call; a function with
 * contractions for oneDNN uses OpenMP's, as all do if OpenMP binds threads to cores. Kernels keep
 * their scratch on the stack, mostly 1 or 2 MB, never more than 5: a thread that calls this, and
 * OpenMP's (OMP_STACKSIZE), need that much beside their own. */
HD_API hd_status hd_model_run(hd_model *model, const char *name, const void *const *inputs,
                              size_t input_count, void *const *outputs, size_t output_count);
/* The same by the function's index in the manifest. */
HD_API hd_status hd_model_run_index(hd_model *model, size_t function, const void *const *inputs,
                                    size_t input_count, void *const *outputs, size_t output_count);

/* The same as hd_model_run_index, and seconds[i] becomes the time that launch i took: of a kernel
 * on all its threads, or a contraction. `launch_count` is the length of the function's "launches"
 * in the manifest, which code compiled in process has. */
HD_API hd_status hd_model_profile(hd_model *model, size_t function, const void *const *inputs,
                                  size_t input_count, void *const *outputs, size_t output_count,
                                  double *seconds, size_t launch_count);

typedef struct hd_tensor_info {
  size_t size; /* sizeof(hd_tensor_info) of the caller */
  const char *name;
  hd_dtype dtype;
  size_t rank;
  const int64_t *shape;
  size_t bytes;
} hd_tensor_info;

/* What the model is made of; strings and shapes live as long as the model. */
HD_API const char *hd_model_name(const hd_model *model);
HD_API const char *hd_model_manifest(const hd_model *model);
HD_API size_t hd_model_tensor_count(const hd_model *model); /* parameters and state */
/* `info` and `data` may be null. A tensor whose address was asked for lies there in row-major order
 * between calls. It is taken to change between any two of them, and what is made of it in advance,
 * or the order in which functions want it, is made anew in each: to read or write values once, use
 * the two functions below. */
HD_API hd_status hd_model_tensor(hd_model *model, size_t index, hd_tensor_info *info, void **data);
HD_API hd_status hd_model_find_tensor(hd_model *model, const char *name, hd_tensor_info *info,
                                      void **data);
/* Copy the whole of tensor `name` to or from a dense array of `bytes`. Elements of i1 must be 0 or
 * 1. */
HD_API hd_status hd_model_read_tensor(const hd_model *model, const char *name, void *to,
                                      size_t bytes);
HD_API hd_status hd_model_write_tensor(hd_model *model, const char *name, const void *from,
                                       size_t bytes);
HD_API size_t hd_model_function_count(const hd_model *model);
HD_API const char *hd_model_function_name(const hd_model *model, size_t function);
HD_API hd_status hd_model_find_function(hd_model *model, const char *name, size_t *function);
HD_API size_t hd_model_input_count(const hd_model *model, size_t function);
HD_API size_t hd_model_output_count(const hd_model *model, size_t function);
HD_API hd_status hd_model_input(const hd_model *model, size_t function, size_t index,
                                hd_tensor_info *info);
HD_API hd_status hd_model_output(const hd_model *model, size_t function, size_t index,
                                 hd_tensor_info *info);
/* Bytes of the scratch arena that the functions of the model share. */
HD_API size_t hd_model_arena_bytes(const hd_model *model);

/* ---- generation ---- */

typedef struct hd_sampling {
  size_t size;       /* sizeof(hd_sampling) of the caller */
  float temperature; /* 0: greedy */
  int32_t top_k;     /* 0: all */
  float top_p;       /* 1: all; the smallest set of tokens whose probability reaches top_p */
} hd_sampling;

/* Draws a token from `logits` [count]. `seed` and `position` name the draw: the same pair gives the
 * same token for the same logits. Logits that are NaN, or all -inf, are HD_INVALID_ARGUMENT. +inf
 * outweighs every finite logit. */
HD_API hd_status hd_sample(const float *logits, size_t count, const hd_sampling *sampling,
                           uint64_t seed, uint64_t position, int32_t *token);

/* ---- called by generated code ---- */

typedef void (*hd_task)(void *const *args, int64_t begin, int64_t end);

/* Runs task over [0, count) on all threads, in parts of at least `part`, or shorter ones where that
 * would leave a thread without one, but of at least `grain`; threads that are done take more of
 * them. Inside a task it runs inline. */
HD_API void hd_parallel_for(hd_run *run, hd_task task, void *const *args, int64_t count,
                            int64_t grain, int64_t part);

/* Runs contraction `index` of the function's manifest: c = a . b (+ bias). `bias` may be null where
 * the manifest declares none. Call it from the entry, not from inside a task: a primitive's
 * scratchpad is one. A failure is recorded in the run, and hd_model_run returns it. */
HD_API void hd_contract(hd_run *run, int32_t index, const void *a, const void *b, const void *bias,
                        void *c);

#ifdef __cplusplus
}
#endif
#endif
