/* Writes text with the compiled GPT. Plain C11; all it needs is gpt.h, libgpt.so and two files:
 *
 *   cc -std=c11 generate.c -I. -L. -lgpt -Wl,-rpath,'$ORIGIN' -o generate
 *   ./generate --prompt "Once" --temperature 0.7 --top-k 40
 */
#include "gpt.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Writes text with the compiled GPT.\n\n"
    "usage: generate [options]\n"
    "  --prompt TEXT      what the text begins with; its characters must be in the vocabulary\n"
    "  --length N         pieces of words to write after it (default 200)\n"
    "  --temperature T    0: always the likeliest; 1: as the model has it (default 0.8)\n"
    "  --top-k K          draw from the K likeliest pieces only; 0: all (default 0)\n"
    "  --top-p P          draw from the likeliest that make up P of the probability; 1: all "
    "(default 1)\n"
    "  --seed N           the same seed gives the same text (default 0)\n"
    "  --weights FILE     default: weights.safetensors beside the program\n"
    "  --vocabulary FILE  default: vocab.txt beside the program\n";

struct options {
  const char *prompt, *weights, *vocabulary;
  long length, top_k;
  double temperature, top_p;
  uint64_t seed;
};

static void fail(const char *format, const char *detail) {
  fprintf(stderr, "generate: ");
  fprintf(stderr, format, detail);
  fprintf(stderr, "\n");
  exit(1);
}

static void check(int status) {
  if (status != 0)
    fail("%s", gpt_error_message());
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory)
    fail("%s", "out of memory");
  return memory;
}

/* ---- the vocabulary: line i of the file is token i, its log-probability and its bytes ---- */

struct piece {
  char *bytes;
  size_t length;
  double score;
};

struct vocabulary {
  struct piece *pieces;
  size_t count;
};

/* Turns \n, \t, \r, \s (space), \\ and \0 back into what they stand for, in place. The length, 0 if
 * that is not what it is. */
static size_t unescape(char *text) {
  size_t length = 0;
  for (const char *at = text; *at; ++at) {
    char c = *at;
    if (c == '\\') {
      const char *letters = "ntrs\\0", *meanings = "\n\t\r \\\0", *found = strchr(letters, *++at);
      if (!found || !*at)
        return 0;
      c = meanings[found - letters];
    }
    text[length++] = c;
  }
  return length;
}

static struct vocabulary read_vocabulary(const char *path) {
  struct vocabulary v = {NULL, 0};
  char line[1024];
  FILE *file = fopen(path, "r");
  if (!file)
    fail("cannot read the vocabulary %s; --vocabulary FILE names another", path);
  while (fgets(line, sizeof line, file)) {
    char *tab;
    struct piece p, *grown = realloc(v.pieces, (v.count + 1) * sizeof *grown);
    if (!grown)
      fail("%s", "out of memory");
    v.pieces = grown;
    line[strcspn(line, "\n")] = '\0';
    p.score = strtod(line, &tab);
    p.length = tab != line && *tab == '\t' ? unescape(tab + 1) : 0;
    if (p.length == 0)
      fail("%s is not a vocabulary: each line is to be a number, a tab and a piece of text", path);
    p.bytes = allocate(p.length, 1);
    memcpy(p.bytes, tab + 1, p.length);
    v.pieces[v.count++] = p;
  }
  fclose(file);
  return v;
}

static void free_vocabulary(struct vocabulary v) {
  for (size_t i = 0; i < v.count; ++i)
    free(v.pieces[i].bytes);
  free(v.pieces);
}

/* Cuts the text into the pieces whose probabilities have the largest product, and gives their
 * number. The best cut of every beginning of the text follows from those of the shorter ones. */
static size_t encode(const struct vocabulary *v, const char *text, int32_t *tokens) {
  const size_t length = strlen(text);
  double *score = allocate(length + 1, sizeof *score);
  int32_t *last =
      allocate(length + 1, sizeof *last); /* the piece that ends there, plus one; 0: none does */
  size_t reached = 0, count = 0;
  for (size_t at = 0; at < length; ++at)
    for (size_t i = 0; (at == 0 || last[at]) && i < v->count; ++i) {
      const struct piece *p = &v->pieces[i];
      const size_t end = at + p->length;
      if (end > length || memcmp(text + at, p->bytes, p->length) != 0)
        continue;
      if (!last[end] || score[at] + p->score > score[end]) {
        score[end] = score[at] + p->score;
        last[end] = (int32_t)i + 1;
      }
      reached = end > reached ? end : reached;
    }
  if (reached < length)
    fail("the model does not know the character that this begins with: '%s'; it was not in the "
         "text that it learned from",
         text + reached);
  for (size_t at = length; at > 0; at -= v->pieces[last[at] - 1].length)
    tokens[count++] = last[at] - 1;
  for (size_t i = 0; i < count / 2; ++i) {
    const int32_t swapped = tokens[i];
    tokens[i] = tokens[count - 1 - i];
    tokens[count - 1 - i] = swapped;
  }
  free(score);
  free(last);
  return count;
}

/* ---- the command line ---- */

static double number(const char *flag, const char *text, double low, double high) {
  char *end;
  errno = 0;
  const double value = strtod(text, &end);
  if (end == text || *end || errno || !(value >= low && value <= high)) {
    fprintf(stderr, "generate: %s expects a number from %g to %g, got '%s'; see --help\n", flag,
            low, high, text);
    exit(2);
  }
  return value;
}

static void parse(int argc, char **argv, struct options *o) {
  for (int i = 1; i < argc; ++i) {
    const char *flag = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    const char *known[] = {"--prompt", "--length", "--temperature", "--top-k",
                           "--top-p",  "--seed",   "--weights",     "--vocabulary"};
    size_t k = 0;
    if (strcmp(flag, "--help") == 0 || strcmp(flag, "-h") == 0) {
      fputs(usage, stdout);
      exit(0);
    }
    while (k < sizeof known / sizeof *known && strcmp(flag, known[k]) != 0)
      ++k;
    if (k == sizeof known / sizeof *known || !value) {
      fprintf(stderr,
              value || k == sizeof known / sizeof *known
                  ? "generate: unknown option '%s'; see --help\n"
                  : "generate: %s needs a value; see --help\n",
              flag);
      exit(2);
    }
    ++i;
    switch (k) {
    case 0:
      o->prompt = value;
      break;
    case 1:
      o->length = (long)number(flag, value, 0, 1e9);
      break;
    case 2:
      o->temperature = number(flag, value, 0, 100);
      break;
    case 3:
      o->top_k = (long)number(flag, value, 0, 1e9);
      break;
    case 4:
      o->top_p = number(flag, value, 1e-9, 1);
      break;
    case 5:
      o->seed = (uint64_t)number(flag, value, 0, 9e15);
      break;
    case 6:
      o->weights = value;
      break;
    default:
      o->vocabulary = value;
      break;
    }
  }
}

/* "folder/generate" and "vocab.txt" give "folder/vocab.txt". */
static char *beside(const char *program, const char *name) {
  const char *slash = strrchr(program, '/');
  const size_t folder = slash ? (size_t)(slash - program) + 1 : 0;
  char *path = allocate(folder + strlen(name) + 1, 1);
  memcpy(path, program, folder);
  strcpy(path + folder, name);
  return path;
}

/* ---- the model ---- */

enum { CONTEXT = GPT_PREFILL_TOKENS_ELEMENTS, VOCABULARY = GPT_DECODE_LOGITS_ELEMENTS };

/* Feeds the last `count` of tokens[0, end) and gives the logits that follow. */
static void start(gpt *model, const int32_t *tokens, size_t end, size_t count, float *logits) {
  int32_t window[CONTEXT] = {0};
  const int32_t length = (int32_t)count;
  memcpy(window, tokens + end - count, count * sizeof *window);
  check(gpt_prefill(model, window, &length, logits));
}

static void write_text(gpt *model, const struct vocabulary *v, const struct options *o) {
  if (v->count != VOCABULARY)
    fail("the model and the vocabulary %s do not have as many pieces; both are to be of one "
         "training",
         o->vocabulary);
  int32_t *tokens = allocate(strlen(o->prompt) + (size_t)o->length + 1, sizeof *tokens);
  float logits[VOCABULARY];
  size_t count = encode(v, o->prompt, tokens);
  if (count == 0) /* any piece will do to begin with */
    tokens[count++] = 0;
  size_t used = count < CONTEXT ? count : CONTEXT;
  fputs(o->prompt, stdout);
  if (o->length > 0)
    start(model, tokens, count, used, logits);
  for (long drawn = 0; drawn < o->length; ++drawn) {
    int32_t token;
    check(gpt_sample(logits, v->count, (float)o->temperature, (int32_t)o->top_k, (float)o->top_p,
                     o->seed, (uint64_t)drawn, &token));
    tokens[count++] = token;
    fwrite(v->pieces[token].bytes, 1, v->pieces[token].length, stdout);
    fflush(stdout);
    if (drawn + 1 == o->length)
      break;
    if (used < CONTEXT) {
      const int32_t position = (int32_t)used++;
      check(gpt_decode(model, &token, &position, logits));
    } else { /* the cache is full: go on from its newer half */
      used = CONTEXT > 1 ? CONTEXT / 2 : 1;
      start(model, tokens, count, used, logits);
    }
  }
  putchar('\n');
  free(tokens);
}

int main(int argc, char **argv) {
  struct options o = {.prompt = "", .length = 200, .temperature = 0.8, .top_p = 1};
  parse(argc, argv, &o);
  char *weights = beside(argv[0], "weights.safetensors"),
       *vocabulary = beside(argv[0], "vocab.txt");
  if (!o.weights)
    o.weights = weights;
  if (!o.vocabulary)
    o.vocabulary = vocabulary;
  struct vocabulary v = read_vocabulary(o.vocabulary);
  gpt *model;
  check(gpt_create(&model));
  check(gpt_load(model, o.weights));
  write_text(model, &v, &o);
  gpt_destroy(model);
  free_vocabulary(v);
  free(weights);
  free(vocabulary);
  return 0;
}
