/* What a program of csmith needs beside its own text, written anew: the package's header prints with `printf`, which
   takes any number of arguments, and the machine has no such functions. Here the checksum is what the program gives to
   `exit`; a native one (-DNATIVE) prints it, since a shell sees the low 8 bits only. */
#pragma once

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

extern void exit(int) __attribute__((noreturn));

#ifdef NATIVE
#include <stdio.h>
static void checksum_print(uint32_t sum) { printf("%u\n", sum); }
#else
static void checksum_print(uint32_t sum) { (void)sum; }
#endif
#define printf(...) ((void)0) /* the parts of a checksum, for people */

/* The checked arithmetic comes from the package; these are the words it is written in. */
#define STATIC static
#define UNDEFINED(value) (value)
#define LOG_INDEX
#define LOG_EXEC
#define FUNC_NAME(name) (safe_##name)
#include <csmith/safe_math.h>

/* CRC-32 of IEEE 802.3, a byte at a time. */
static uint32_t crc32_tab[256];
static uint32_t crc32_context = 0xFFFFFFFFu;

static void crc32_gentab(void) {
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t rest = i;
        for (int bit = 0; bit < 8; ++bit) rest = rest & 1 ? rest >> 1 ^ 0xEDB88320u : rest >> 1;
        crc32_tab[i] = rest;
    }
}

static void crc32_byte(uint8_t byte) { crc32_context = crc32_context >> 8 ^ crc32_tab[(crc32_context ^ byte) & 0xFF]; }

/* Called for every global: as a part of `main` it would make that larger than a function may be. */
__attribute__((noinline)) static void transparent_crc(uint64_t value, char *name, int flag) {
    (void)name, (void)flag;
    for (int i = 0; i < 64; i += 8) crc32_byte((uint8_t)(value >> i));
}

__attribute__((noinline)) static void transparent_crc_bytes(char *at, int count, char *name, int flag) {
    (void)name, (void)flag;
    for (int i = 0; i < count; ++i) crc32_byte((uint8_t)at[i]);
}

static void platform_main_begin(void) {}

static void platform_main_end(uint32_t sum, int flag) {
    (void)flag;
    checksum_print(sum);
    exit((int)sum);
}
