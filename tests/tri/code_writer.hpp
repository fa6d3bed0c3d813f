/// Writes the code of one function so that it verifies, whatever the dice say: registers in range, blocks that end and are
/// reached, slots full where they must be. Operands come from the table of opcodes, so a new row of it is written too.
#pragma once

#include "tests/tri/interface.hpp"

#include <functional>

namespace tally::tri {

class CodeWriter {
public:
    /// The headers of all functions of `module` are there; this one may call those behind it, and in a program any.
    CodeWriter(Module& module, std::uint32_t number, Dice& dice);
    void write();

    // ---- for those who write arguments of host functions
    Dice& dice() { return dice_; }
    /// In braces, so that the dice for its parts are thrown from left to right by every compiler.
    struct Parts {
        Op op;
        unsigned a = 0, b = 0, c = 0;
        i64 imm = 0;
    };
    void put(const Parts& in);
    void set_x(unsigned to, u64 value);
    void set_w(unsigned to, i128 value);
    /// A register with an address where some hundred bytes are.
    [[nodiscard]] unsigned good_base();
    /// A register that may be written.
    [[nodiscard]] unsigned scratch_x();
    [[nodiscard]] unsigned scratch_w();
    [[nodiscard]] unsigned any_x();
    [[nodiscard]] unsigned any_w();
    [[nodiscard]] bool has_w() const { return f_.w_registers > 0; }

private:
    using Body = std::function<void()>;

    // ---- statements
    void statements(i64 count);
    void statement();
    void operation();
    void branch_over(const Body& body);
    void either(const Body& first, const Body& second);
    void loop();
    void table();
    void stop_or_return();
    void give_back();

    // ---- blocks: a label is a list of instructions that wait for its number
    using Label = std::vector<std::size_t>;
    void open_block();
    void open_block(Label& label);
    void branch_to(Label& label);
    void conditional(Label& label);

    // ---- single instructions
    [[nodiscard]] bool possible(Op op) const;
    void random_operands(Op op);
    void edge_operands(Op op);
    void rescaled_tie(unsigned v);
    void divided_tie(unsigned v, unsigned w, unsigned third);
    bool tamed(Op op);
    bool tamed_numbers(Op op);
    bool tamed_memory(Op op);
    [[nodiscard]] unsigned operand(Operand kind, Op op);
    [[nodiscard]] i64 immediate(Immediate kind);
    void follow_slots(const Instruction& in);

    // ---- calls
    void call();
    void call_table();
    void host_call();
    void import_call();
    void fuelled(const Body& body);
    [[nodiscard]] bool window(std::size_t xs, std::size_t ws, bool gives_x, unsigned& a, unsigned& b);
    [[nodiscard]] bool slot_window(std::size_t hs, bool gives, unsigned& c);

    // ---- holdings
    [[nodiscard]] bool full(unsigned slot) const { return (slots_ >> slot & 1) != 0; }
    [[nodiscard]] std::vector<unsigned> slots_that_are(bool full) const;
    void fill(unsigned slot);
    void empty(unsigned slot);
    void restore(std::uint32_t slots);

    Module& module_;
    std::uint32_t number_;
    Function& f_;
    Dice& dice_;
    bool program_;
    unsigned first_x_ = 0, end_x_ = 0;     ///< registers that may be written
    unsigned frame_ = 0, low_ = 0, counter_ = 0; ///< registers that are kept: two addresses, the counters of loops
    std::uint32_t slots_ = 0;              ///< those that are full, here
    std::int32_t blocks_ = 0;
    i64 depth_ = 0, loops_ = 0;
};

inline constexpr unsigned kept_registers = 4;

/// Loads the parameters of a host function, from x[a] and w[b] on, so that it mostly has something to do.
void write_host_arguments(CodeWriter& code, HostFn fn, unsigned a, unsigned b);

} // namespace tally::tri
