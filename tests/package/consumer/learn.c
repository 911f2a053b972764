/* Trains the model on throws whose distance is known, and saves it. */
#include <flight.h>

#include <math.h>
#include <stdio.h>

enum { STEPS = 3000, BATCH = FLIGHT_TRAIN_DISTANCE_ELEMENTS };

static int fail(void) {
  fprintf(stderr, "learn: %s\n", flight_error_message());
  return 1;
}

/* From 0 to 1; the same numbers on every machine. */
static float draw(void) {
  static uint32_t state = 1;
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / (1 << 24);
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "flight.safetensors";
  flight *model;
  if (flight_create(&model) || flight_initialize(model, /*seed=*/1))
    return fail();
  for (int step = 1; step <= STEPS; ++step) {
    float thrown[BATCH][2], distance[BATCH], loss;
    for (int i = 0; i < BATCH; ++i) {
      const float speed = draw(), angle = draw(); /* of 20 m/s, and of a right angle */
      thrown[i][0] = speed;
      thrown[i][1] = angle;
      distance[i] = speed * speed * sinf(angle * 3.14159265f); /* of 40.8 m, the longest */
    }
    if (flight_train(model, &thrown[0][0], distance, &loss))
      return fail();
    if (step == 1 || step % 1000 == 0)
      printf("step %4d  loss %.2e\n", step, loss);
  }
  if (flight_save(model, path))
    return fail();
  flight_destroy(model);
  return 0;
}
