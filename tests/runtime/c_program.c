/* A program as a user writes it, in C: a model by hand, run, saved, loaded into a second one. */
#include <heddle/runtime.h>

#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, hd_error_message());      \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

static const char manifest[] =
    "{\"format\": 2, \"model\": \"line\", \"compiler\": \"by hand\","
    " \"tensors\": [{\"name\": \"w\", \"role\": \"parameter\", \"dtype\": \"f32\", \"shape\": [3, "
    "2],"
    "   \"init\": {\"kind\": \"uniform\", \"low\": -1, \"high\": 1}},"
    "  {\"name\": \"step\", \"role\": \"step\", \"dtype\": \"i64\", \"shape\": []}],"
    " \"functions\": [{\"name\": \"train\","
    "   \"inputs\": [{\"name\": \"x\", \"dtype\": \"f32\", \"shape\": [1, 3]}],"
    "   \"outputs\": [{\"name\": \"y\", \"dtype\": \"f32\", \"shape\": [1, 2]}],"
    "   \"state\": [0, 1], \"arena_bytes\": 64,"
    "   \"contractions\": [{\"m\": 1, \"n\": 2, \"k\": 3, \"batch\": [], \"bias\": false, "
    "\"dtype\": \"f32\","
    "     \"a\": {\"batch_strides\": [], \"row\": 3, \"col\": 1},"
    "     \"b\": {\"batch_strides\": [], \"row\": 2, \"col\": 1},"
    "     \"c\": {\"batch_strides\": [], \"row\": 2, \"col\": 1}}]}]}";

static void double_all(void *const *args, int64_t begin, int64_t end) {
  float *values = args[0];
  for (int64_t i = begin; i < end; ++i)
    values[i] *= 2;
}

/* buffers: x, y, w, step, arena. y = 2 (x . w), by way of the arena. */
static void train(hd_run *run, void *const *buffers) {
  void *arena = buffers[4];
  void *args[1];
  args[0] = arena;
  hd_contract(run, 0, buffers[0], buffers[2], NULL, arena);
  hd_parallel_for(run, double_all, args, 2, 1, 1);
  memcpy(buffers[1], arena, 2 * sizeof(float));
  ++*(int64_t *)buffers[3];
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "c_program.safetensors";
  const hd_entry entries[] = {train};
  const hd_program program = {sizeof program, manifest, entries, 1, NULL, 0};
  const float x[3] = {1, 2, 3};
  const void *inputs[] = {x};
  float first[2], second[2];
  void *outputs[1];
  hd_model *model = NULL, *copy = NULL;
  void *data = NULL;
  hd_tensor_info info = {sizeof info, NULL, HD_F32, 0, NULL, 0};

  CHECK(hd_model_create(&program, &model) == HD_OK);
  CHECK(hd_model_initialize(model, 1) == HD_OK);
  outputs[0] = first;
  CHECK(hd_model_run(model, "train", inputs, 1, outputs, 1) == HD_OK);
  CHECK(hd_model_find_tensor(model, "w", &info, &data) == HD_OK);
  CHECK(info.rank == 2 && info.bytes == 24);
  {
    const float *w = data;
    const float expected = 2 * (x[0] * w[0] + x[1] * w[2] + x[2] * w[4]);
    const float difference = first[0] - expected;
    CHECK(difference < 1e-5F && difference > -1e-5F);
  }
  CHECK(hd_model_save(model, path, HD_SAVE_CHECKPOINT) == HD_OK);
  CHECK(hd_model_create(&program, &copy) == HD_OK);
  CHECK(hd_model_load(copy, path) == HD_OK);
  CHECK(hd_model_find_tensor(copy, "step", NULL, &data) == HD_OK);
  CHECK(*(const int64_t *)data == 1);
  outputs[0] = second;
  CHECK(hd_model_run_index(copy, 0, inputs, 1, outputs, 1) == HD_OK);
  CHECK(memcmp(first, second, sizeof first) == 0);

  CHECK(hd_model_run(copy, "predict", inputs, 1, outputs, 1) == HD_INVALID_ARGUMENT);
  CHECK(strcmp(hd_error_message(), "model 'line' has no function 'predict'; it has 'train'") == 0);
  hd_model_destroy(copy);
  hd_model_destroy(model);
  hd_model_destroy(NULL);
  remove(path);
  return 0;
}
