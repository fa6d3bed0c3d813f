// Machine code as such: what it may be in memory, what happens where there is none, how deep it may call.
#include "tests/unit/engine/machine_kit.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/engine/native/code_memory.hpp"

#include <fstream>
#include <pthread.h>

using namespace tally;
using namespace tally::test;

namespace {

/// A loop over so many divisions of money, each with a long way round: the most code for an instruction.
std::string divisions(std::size_t count) {
    std::string text = "fn f(x1 w3 h0) -> w regs x1 w3 h0 frame 0 {\nb0:\n";
    for (std::size_t i = 0; i < count; ++i) text += " muldiv w0, w0, w1, w2, half_even\n";
    return text + " addi x0, x0, -1\n brnz x0, b0\nb1:\n retw w0\n}\n";
}

/// Functions 0…n-1, each calling the next.
std::string chain(std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) {
        text += "fn f(x1 w0 h0) -> x regs x256 w0 h0 frame 16 {\nb0:\n";
        if (i + 1 < n) text += " call x0, w0, h0, @" + std::to_string(i + 1) + "\n";
        text += " addi x0, x0, 1\n retx x0\n}\n";
    }
    return text;
}

struct OnSmallStack {
    ProgramRef program;
    u64 result = 0;
    static void* run(void* self) {
        auto& me = *static_cast<OnSmallStack*>(self);
        Arena arena(8192);
        Gas gas{1'000'000};
        TestHost host;
        me.result = tally::run(*me.program, 0, {{0}, {}, {}}, 1024, arena, gas, host).x;
        return nullptr;
    }
};

/// On a thread with 256 KiB of stack.
u64 result_on_small_stack(const ProgramRef& program) {
    OnSmallStack work{program};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
    pthread_t thread{};
    REQUIRE(pthread_create(&thread, &attributes, OnSmallStack::run, &work) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    return work.result;
}

} // namespace

TEST_CASE("code memory is never writable and executable at once") {
    const ProgramRef native = on_native_code(must_load(must_assemble(divisions(1))));
    std::ifstream maps("/proc/self/maps");
    std::string line;
    std::size_t executable = 0;
    while (std::getline(maps, line)) {
        CAPTURE(line);
        CHECK(line.find("rwx") == std::string::npos);
        if (line.find("r-xp") != std::string::npos) ++executable;
    }
    CHECK(executable > 0);
    const auto refused = CodeMemory::make(4096, [](std::uint8_t*) { return false; });
    CHECK(refused == nullptr);
    const auto endless = CodeMemory::make(std::size_t{1} << 62, [](std::uint8_t*) { return true; });
    CHECK(endless == nullptr);
}

TEST_CASE("code beyond its bound is not used, and the results are the same") {
    const ProgramRef small = must_load(must_assemble(divisions(2)));
    const ProgramRef large = must_load(must_assemble(divisions(2000)));
#if defined(__x86_64__)
    CHECK(native_code_bytes(*on_native_code(small)) > 0);
#endif
    const ProgramRef tried = on_native_code(large);
    CHECK(native_code_bytes(*tried) == 0);
    CHECK((tried->engine == interpret));
    Arena arena(4096);
    Gas gas{1'000'000};
    TestHost host;
    CHECK((run(*tried, 0, {{2}, {7, 10, 10}, {}}, 1024, arena, gas, host).w == 7));
}

TEST_CASE("the deepest chain of calls fits a small stack of the processor") {
    const ProgramRef program = must_load(must_assemble(chain(limits::call_depth)));
    CHECK(result_on_small_stack(program) == limits::call_depth);
    CHECK(result_on_small_stack(on_native_code(program)) == limits::call_depth);
}
