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
    "  --length N         characters to write after it (default 400)\n"
    "  --temperature T    0: always the likeliest; 1: as the model has it (default 0.8)\n"
    "  --top-k K          draw from the K likeliest characters only; 0: all (default 0)\n"
    "  --top-p P          draw from the likeliest that make up P of the probability; 1: all (default 1)\n"
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

/* ---- the vocabulary: line i of the file is token i, as in "U+0061 a" ---- */

struct vocabulary {
  uint32_t *characters;
  size_t count;
};

static struct vocabulary read_vocabulary(const char *path) {
  struct vocabulary v = {NULL, 0};
  char line[64];
  FILE *file = fopen(path, "r");
  if (!file)
    fail("cannot read the vocabulary %s; --vocabulary FILE names another", path);
  while (fgets(line, sizeof line, file)) {
    unsigned code;
    uint32_t *grown = realloc(v.characters, (v.count + 1) * sizeof *grown);
    if (!grown || sscanf(line, "U+%x", &code) != 1 || code > 0x10ffff)
      fail("%s is not a vocabulary: each line is to begin as in 'U+0061 a'", path);
    v.characters = grown;
    v.characters[v.count++] = code;
  }
  fclose(file);
  return v;
}

/* The character at *text, which moves past it. Ends the program if the text is not UTF-8. */
static uint32_t next_character(const unsigned char **text) {
  const unsigned char *at = *text;
  const int more = at[0] < 0x80 ? 0 : at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : 1;
  uint32_t code = more ? at[0] & (0x3f >> more) : at[0];
  if ((at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
    fail("%s", "the prompt is not UTF-8");
  for (int i = 1; i <= more; ++i) {
    if ((at[i] & 0xc0) != 0x80)
      fail("%s", "the prompt is not UTF-8");
    code = code << 6 | (at[i] & 0x3f);
  }
  *text = at + 1 + more;
  return code;
}

static void print_character(uint32_t code) {
  if (code < 0x80) {
    putchar((int)code);
  } else if (code < 0x800) {
    printf("%c%c", 0xc0 | code >> 6, 0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    printf("%c%c%c", 0xe0 | code >> 12, 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f));
  } else {
    printf("%c%c%c%c", 0xf0 | code >> 18, 0x80 | (code >> 12 & 0x3f), 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f));
  }
}

static size_t encode(const struct vocabulary *v, const char *text, int32_t *tokens) {
  const unsigned char *at = (const unsigned char *)text;
  size_t count = 0;
  while (*at) {
    const char *here = (const char *)at;
    const uint32_t code = next_character(&at);
    size_t token = 0;
    while (token < v->count && v->characters[token] != code)
      ++token;
    if (token == v->count)
      fail("the model does not know the character that this begins with: '%s'; it was not in the text that it "
           "learned from",
           here);
    tokens[count++] = (int32_t)token;
  }
  return count;
}

/* ---- the command line ---- */

static double number(const char *flag, const char *text, double low, double high) {
  char *end;
  errno = 0;
  const double value = strtod(text, &end);
  if (end == text || *end || errno || !(value >= low && value <= high)) {
    fprintf(stderr, "generate: %s expects a number from %g to %g, got '%s'; see --help\n", flag, low, high, text);
    exit(2);
  }
  return value;
}

static void parse(int argc, char **argv, struct options *o) {
  for (int i = 1; i < argc; ++i) {
    const char *flag = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    const char *known[] = {"--prompt", "--length", "--temperature", "--top-k", "--top-p", "--seed", "--weights",
                           "--vocabulary"};
    size_t k = 0;
    if (strcmp(flag, "--help") == 0 || strcmp(flag, "-h") == 0) {
      fputs(usage, stdout);
      exit(0);
    }
    while (k < sizeof known / sizeof *known && strcmp(flag, known[k]) != 0)
      ++k;
    if (k == sizeof known / sizeof *known || !value) {
      fprintf(stderr, value || k == sizeof known / sizeof *known ? "generate: unknown option '%s'; see --help\n"
                                                                 : "generate: %s needs a value; see --help\n",
              flag);
      exit(2);
    }
    ++i;
    switch (k) {
    case 0: o->prompt = value; break;
    case 1: o->length = (long)number(flag, value, 0, 1e9); break;
    case 2: o->temperature = number(flag, value, 0, 100); break;
    case 3: o->top_k = (long)number(flag, value, 0, 1e9); break;
    case 4: o->top_p = number(flag, value, 1e-9, 1); break;
    case 5: o->seed = (uint64_t)number(flag, value, 0, 9e15); break;
    case 6: o->weights = value; break;
    default: o->vocabulary = value; break;
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
    fail("the model and the vocabulary %s do not have as many characters; both are to be of one training", o->vocabulary);
  int32_t *tokens = allocate(strlen(o->prompt) + (size_t)o->length + 1, sizeof *tokens);
  float logits[VOCABULARY];
  size_t count = encode(v, o->prompt, tokens);
  if (count == 0) /* any character will do to begin with */
    tokens[count++] = 0;
  size_t used = count < CONTEXT ? count : CONTEXT;
  fputs(o->prompt, stdout);
  if (o->length > 0)
    start(model, tokens, count, used, logits);
  for (long drawn = 0; drawn < o->length; ++drawn) {
    int32_t token;
    check(gpt_sample(logits, v->count, (float)o->temperature, (int32_t)o->top_k, (float)o->top_p, o->seed,
                     (uint64_t)drawn, &token));
    tokens[count++] = token;
    print_character(v->characters[token]);
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
  struct options o = {.prompt = "", .length = 400, .temperature = 0.8, .top_p = 1};
  parse(argc, argv, &o);
  char *weights = beside(argv[0], "weights.safetensors"), *vocabulary = beside(argv[0], "vocab.txt");
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
  free(v.characters);
  free(weights);
  free(vocabulary);
  return 0;
}
