/* What the library and the compiler agree on: see compiler/plain/words.hpp. */
struct tally_words {
    long status;         /* what `exit` was given */
    char *stack, *heap;  /* blocks of moving size go down from the one, `malloc` up from the other */
};
extern struct tally_words __tally_words;

extern void __tally_exit(void) __attribute__((noreturn));
extern void __tally_abort(void) __attribute__((noreturn));

typedef unsigned long size_t;
