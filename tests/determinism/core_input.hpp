/// What a core on any processor is given to run, made once by what has the compiler and the generators.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally::core {

/// What the tests of one source file run on: its imports, then the module that has the tests.
struct TestedModule {
    std::string path;
    std::vector<Bytes> modules;
};

/// A program of the farm (tests/tri) and calls of its functions.
struct CalledModule {
    struct Call {
        std::uint32_t function = 0;
        Arguments arguments;
        i64 gas = 0;
        u64 seed = 0;
    };
    Bytes module;
    std::vector<Call> calls;
};

struct Input {
    std::vector<TestedModule> tested;
    std::vector<CalledModule> called;
};

[[nodiscard]] Bytes encode(const Input& input);
/// False when the bytes are no such file.
[[nodiscard]] bool decode(ByteView bytes, Input& out);

} // namespace tally::core
