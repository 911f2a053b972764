/* Says how far a throw goes: aim WEIGHTS SPEED ANGLE, in m/s and degrees. */
#include <flight.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: aim WEIGHTS SPEED ANGLE\n");
    return 2;
  }
  const float thrown[2] = {strtof(argv[2], NULL) / 20, strtof(argv[3], NULL) / 90};
  float distance;
  flight *model;
  if (flight_create(&model) || flight_load(model, argv[1]) ||
      flight_predict(model, thrown, &distance)) {
    fprintf(stderr, "aim: %s\n", flight_error_message());
    return 1;
  }
  printf("%.1f m\n", distance * 40.8f);
  flight_destroy(model);
  return 0;
}
