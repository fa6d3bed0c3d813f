/* Texts that end in a zero. */
#include "words.h"

size_t strlen(const char *s) {
    size_t n = 0;
    while (s[n]) ++n;
    return n;
}
size_t strnlen(const char *s, size_t most) {
    size_t n = 0;
    while (n < most && s[n]) ++n;
    return n;
}
char *strcpy(char *to, const char *from) {
    for (size_t i = 0;; ++i)
        if (!(to[i] = from[i])) return to;
}
char *stpcpy(char *to, const char *from) {
    for (size_t i = 0;; ++i)
        if (!(to[i] = from[i])) return to + i;
}
char *strncpy(char *to, const char *from, size_t n) {
    size_t i = 0;
    for (; i < n && from[i]; ++i) to[i] = from[i];
    for (; i < n; ++i) to[i] = 0;
    return to;
}
char *strcat(char *to, const char *from) { strcpy(to + strlen(to), from); return to; }
char *strncat(char *to, const char *from, size_t n) {
    char *end = to + strlen(to);
    size_t i = 0;
    for (; i < n && from[i]; ++i) end[i] = from[i];
    end[i] = 0;
    return to;
}
int strcmp(const char *a, const char *b) {
    for (; *a && *a == *b; ++a, ++b) {}
    return (int)(unsigned char)*a - (int)(unsigned char)*b;
}
int strncmp(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        int d = (int)(unsigned char)a[i] - (int)(unsigned char)b[i];
        if (d != 0 || a[i] == 0) return d;
    }
    return 0;
}
char *strchr(const char *s, int c) {
    for (;; ++s) {
        if (*s == (char)c) return (char *)s;
        if (!*s) return 0;
    }
}
char *strrchr(const char *s, int c) {
    const char *last = 0;
    for (;; ++s) {
        if (*s == (char)c) last = s;
        if (!*s) return (char *)last;
    }
}
size_t strspn(const char *s, const char *set) {
    size_t n = 0;
    while (s[n] && strchr(set, s[n])) ++n;
    return n;
}
size_t strcspn(const char *s, const char *set) {
    size_t n = 0;
    while (s[n] && !strchr(set, s[n])) ++n;
    return n;
}
char *strpbrk(const char *s, const char *set) {
    s += strcspn(s, set);
    return *s ? (char *)s : 0;
}
char *strstr(const char *s, const char *part) {
    size_t n = strlen(part);
    for (;; ++s) {
        if (strncmp(s, part, n) == 0) return (char *)s;
        if (!*s) return 0;
    }
}
