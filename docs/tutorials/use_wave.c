/* The C program of first-model.md. */
#include "wave.h"

#include <stdio.h>

int main(void) {
  wave *model;
  const float x = 0.5f;
  float y;
  if (wave_create(&model) || wave_load(model, "wave.safetensors") || wave_predict(model, &x, &y)) {
    fprintf(stderr, "use_wave: %s\n", wave_error_message());
    return 1;
  }
  printf("predict(0.5) = %.3f\n", y);
  wave_destroy(model);
  return 0;
}
