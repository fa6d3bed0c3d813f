/* Blocks of memory: copied, filled, compared, given out. */
#include "words.h"

void *memcpy(void *to, const void *from, size_t n) { __builtin_memcpy(to, from, n); return to; }
void *memmove(void *to, const void *from, size_t n) { __builtin_memmove(to, from, n); return to; }
void *mempcpy(void *to, const void *from, size_t n) { __builtin_memcpy(to, from, n); return (char *)to + n; }
void *memset(void *to, int byte, size_t n) { __builtin_memset(to, byte, n); return to; }

int memcmp(const void *a, const void *b, size_t n) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; ++i)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}
int bcmp(const void *a, const void *b, size_t n) { return memcmp(a, b, n); }

void *memchr(const void *at, int byte, size_t n) {
    const unsigned char *x = at;
    for (size_t i = 0; i < n; ++i)
        if (x[i] == (unsigned char)byte) return (void *)(x + i);
    return 0;
}

/* Before each block stands its size, for realloc. Nothing is ever given back. */
static const size_t step = 16;

void *malloc(size_t n) {
    struct tally_words *w = &__tally_words;
    if (n > (size_t)(w->stack - w->heap) || (size_t)(w->stack - w->heap) - n < 2 * step) return 0;
    *(size_t *)w->heap = n;
    char *block = w->heap + step;
    w->heap = block + (n + step - 1) / step * step;
    return block;
}
void free(void *block) { (void)block; }
/* A block of moving size may have stood where the heap has come to. */
void *calloc(size_t count, size_t size) {
    size_t n;
    void *block = __builtin_mul_overflow(count, size, &n) ? 0 : malloc(n);
    return block ? memset(block, 0, n) : 0;
}
void *realloc(void *block, size_t n) {
    void *fresh = malloc(n);
    if (block == 0 || fresh == 0) return fresh;
    size_t old = *(size_t *)((char *)block - step);
    __builtin_memcpy(fresh, block, old < n ? old : n);
    return fresh;
}

/* A block of the caller's own, of a size known only when it is wanted. */
void *__tally_alloca(size_t n, size_t align) {
    struct tally_words *w = &__tally_words;
    if (n > (size_t)(w->stack - w->heap)) __builtin_trap();
    char *block = (char *)((size_t)(w->stack - n) & ~(align - 1));
    if (block < w->heap) __builtin_trap();
    w->stack = block;
    return block;
}
