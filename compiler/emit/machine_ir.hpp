/// Instructions on virtual registers: between selection and allocation.
#pragma once

#include "vm/bytecode/module.hpp"

#include <string>
#include <vector>

namespace tally::emit_detail {

using VReg = int; ///< −1: none. The bank follows from the operand's place in the instruction
enum class Bank : std::uint8_t { X, W };

/// Beyond the machine's instructions: a call with its arguments still in any registers. It becomes
/// moves into the call window, the call, and a move of the result.
struct MachineInstr {
    Op op = Op::Block;
    VReg a = -1, b = -1, c = -1, d = -1; ///< d: the fourth register (SelectX, SelectW, MulDiv)
    std::int32_t imm = 0;                ///< immediate; MulDiv: the rounding mode
    std::int8_t small = 0;               ///< the operand of kind Small
    std::uint8_t h[3] = {0, 0, 0};       ///< h slots by operand place
    int target = -1;                     ///< branches: machine block
    bool is_call = false;
    std::vector<std::pair<Bank, VReg>> args;
    Bank result_bank = Bank::X;
    VReg result = -1;
    std::uint8_t h_base = 0;
    std::uint32_t line = 0;
};

struct MachineBlock {
    std::vector<MachineInstr> code; ///< without its Block head
    std::vector<int> successors;
    std::vector<std::uint32_t> loops; ///< rounds that begin here
    i64 gas = 0;                      ///< beyond what the instructions say, at most
};

struct MachineFunction {
    std::vector<MachineBlock> blocks; ///< in layout order
    std::vector<Bank> banks;          ///< by virtual register
    std::vector<VReg> x_params, w_params;
    std::uint32_t frame_bytes = 0;
    std::uint8_t h_slots = 0;
    VReg fresh(Bank bank) {
        banks.push_back(bank);
        return static_cast<VReg>(banks.size()) - 1;
    }
};

/// The virtual registers that an instruction reads and writes.
void uses_of(const MachineInstr& i, std::vector<VReg>& out);
[[nodiscard]] VReg definition_of(const MachineInstr& i);
void replace_use(MachineInstr& i, VReg from, VReg to);
void replace_definition(MachineInstr& i, VReg to);

/// A physical register for every virtual one; what does not fit is spilled to the frame. Returns the
/// registers used per bank.
struct Allocation {
    std::vector<int> registers; ///< by virtual register; −1 for one that is never used
    int x_count = 0, w_count = 0;
};
[[nodiscard]] Allocation allocate(MachineFunction& function);

} // namespace tally::emit_detail
