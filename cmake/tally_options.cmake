# Compilers, warnings, sanitizers: everything that every target shares.
option(TALLY_TESTS "build the test suites" ON)
option(TALLY_FUZZ "build the libFuzzer targets (clang only)" OFF)
option(TALLY_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(TALLY_PARANOID "the interpreter looks at every promise of the verifier again, at every instruction" OFF)
option(TALLY_CORE_ONLY "only what decides a root: vm, tree, runtime, proof and the node's formats; needs OpenSSL, libsodium, Boost's headers and, on x86-64, asmjit" OFF)
option(TALLY_TIDY "run clang-tidy-19 on every file" OFF)
option(TALLY_WERROR "warnings are errors" ON)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
    # ccache must be told that a precompiled header is safe to share between builds.
    set(CMAKE_PCH_INSTANTIATE_TEMPLATES OFF)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
    else()
        add_compile_options(-fpch-preprocess)
    endif()
endif()
find_program(LLD NAMES ld.lld-19)
if(LLD)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        add_link_options(--ld-path=${LLD})
    else()
        # g++ looks for a program called ld.lld in its -B folders.
        file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/lld")
        file(CREATE_LINK "${LLD}" "${CMAKE_BINARY_DIR}/lld/ld.lld" SYMBOLIC)
        add_link_options(-fuse-ld=lld "-B${CMAKE_BINARY_DIR}/lld")
    endif()
endif()

# Same bytes whatever folder the project is built in.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")

if(TALLY_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
    add_link_options(-fsanitize=address,undefined)
endif()
if(TALLY_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TALLY_TIDY)
    set(CMAKE_CXX_CLANG_TIDY clang-tidy-19 --quiet)
endif()

set(TALLY_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
    -Wold-style-cast -Wnon-virtual-dtor -Wimplicit-fallthrough)
if(TALLY_WERROR)
    list(APPEND TALLY_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # libstdc++ 12 uses its own deprecated get_temporary_buffer in std::stable_sort.
    list(APPEND TALLY_WARNINGS -Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees overflows in its own inlined std::string and std::vector that are not there
    # (GCC bugs 105329, 105651, 107852); clang checks the same code without a word.
    list(APPEND TALLY_WARNINGS -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
