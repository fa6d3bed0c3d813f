/// A run at work, as the interpreter and the template compiler's code share it: the frames, the
/// register stacks, and what a call does to them.
#pragma once

#include "vm/bytecode/limits.hpp"
#include "vm/engine/machine.hpp"

#include <array>
#include <memory>

namespace tally {

/// One function at work: its window into the register stacks and its frame in the arena.
struct Frame {
    const Function* function;
    const Decoded* code; ///< first instruction
    const Decoded* call; ///< where it stands while it waits for a callee
    u64* x;
    i128* w;
    Holding* h;
    u64 address;
    std::uint32_t number;
};

/// What the operations share beyond the registers that they are handed. Machine code knows where each member is.
struct Machine {
    const Program* program;
    Arena* arena;
    Gas* gas;
    Host* host;
    std::uint8_t* memory;  ///< the arena, above the null page
    std::array<u64, 5> last_offset; ///< the highest one there for an access of 1, 2, 4, 8 and 16 bytes
    Frame* frames;
    std::size_t depth = 0, depth_limit;
    Holding* h = nullptr;  ///< of the frame at work
    u64 frame_address = 0; ///< of the frame at work
    const i64* x_constants;
    const i128* w_constants;
    u64* x_end; ///< of the register stacks; asked by programs only
    i128* w_end;
    const Decoded* stopped = nullptr;
    Outcome result{};
    void* native_stack = nullptr; ///< machine code's, where C++ entered it
};

/// The register stacks of a run, and the frames of a program. One piece of memory, not cleared: every
/// call clears its own registers.
class Stacks {
public:
    Stacks(const Program& program, std::uint32_t function);
    [[nodiscard]] u64* x() const { return x_; }
    [[nodiscard]] i128* w() const { return w_; }
    [[nodiscard]] Holding* h() const { return h_; }
    [[nodiscard]] u64* x_end() const { return x_end_; }
    [[nodiscard]] i128* w_end() const { return w_end_; }
    [[nodiscard]] Frame* frames() { return frames_; }
    [[nodiscard]] std::size_t depth() const { return depth_; }

private:
    struct Release {
        void operator()(std::uint8_t* memory) const { operator delete[](memory, std::align_val_t{16}); }
    };
    std::size_t depth_;
    std::unique_ptr<std::uint8_t[], Release> memory_;
    i128 *w_, *w_end_;
    u64 *x_, *x_end_;
    Holding* h_;
    Frame* frames_;
    Frame shallow_[limits::call_depth]; // NOLINT: not cleared on purpose
};

/// Do the caller's promises hold: arguments of the function's shape, an arena with room for its frames?
[[nodiscard]] bool may_start(const Program& program, const Start& start);

/// The machine at the first instruction of a run that may start.
[[nodiscard]] Machine begin(const Program& program, const Start& start, Stacks& stacks);
/// What a run that stopped has to say. `stopped` is where, if it trapped.
[[nodiscard]] Outcome end(const Machine& m, const Start& start);

/// Parameters are copied out of x[0…] and w[0…], everything else of the callee starts at zero. False if
/// there is no room; the verifier proved that a contract has it.
[[nodiscard]] bool push(Machine* m, const Decoded* call, std::uint32_t number, const u64* x, const i128* w);
/// The result goes to whoever called, who is at work again. Gives the call.
const Decoded* pop(Machine* m);

/// The function at place `place` of the table, if it has the shape that the call wants.
[[nodiscard]] Trap from_table(const Machine* m, u64 place, std::int32_t shape, std::uint32_t& number);

} // namespace tally
