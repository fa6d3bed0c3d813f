# The core for IBM Z, which is big-endian, to be run by qemu: see tests/determinism/s390x.sh. What it links is in
# TALLY_SYSROOT and is linked statically, so nothing of it is needed where it runs.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc-12)
set(CMAKE_CXX_COMPILER s390x-linux-gnu-g++-12)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(TALLY_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/s390x/sysroot")
set(CMAKE_FIND_ROOT_PATH "${TALLY_SYSROOT}")
set(CMAKE_LIBRARY_ARCHITECTURE s390x-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${TALLY_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR} "${TALLY_SYSROOT}/usr/lib/s390x-linux-gnu/pkgconfig")
include_directories(SYSTEM "${TALLY_SYSROOT}/usr/include" "${TALLY_SYSROOT}/usr/include/s390x-linux-gnu")
