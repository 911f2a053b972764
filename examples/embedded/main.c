/* Follows a signal with the compiled filter: predicts each sample, then learns from it. Plain C11.
 */
#include <filter.h>

#include <math.h>
#include <stdio.h>

static int fail(void) {
  fprintf(stderr, "embedded: %s\n", filter_error_message());
  return 1;
}

int main(void) {
  enum { SAMPLES = 4000, TAPS = FILTER_PREDICT_RECENT_ELEMENTS };
  float recent[TAPS] = {0};
  double first = 0, last = 0;
  filter *model;
  if (filter_create(&model) || filter_initialize(model, 1))
    return fail();
  for (int t = 0; t < SAMPLES; ++t) {
    const float sample = sinf(0.31F * (float)t) + 0.5F * sinf(0.83F * (float)t + 1);
    float predicted, loss;
    if (filter_predict(model, recent, &predicted) || filter_adapt(model, recent, &sample, &loss))
      return fail();
    const double error = fabs(predicted - sample);
    if (t < 100)
      first += error / 100;
    if (t >= SAMPLES - 100)
      last += error / 100;
    for (int i = TAPS - 1; i > 0; --i)
      recent[i] = recent[i - 1];
    recent[0] = sample;
  }
  filter_destroy(model);
  printf("mean error of the first hundred predictions %.4f, of the last %.4f\n", first, last);
  return last < 0.1 * first ? 0 : 1;
}
