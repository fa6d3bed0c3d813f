/// Instruction selection: one LLVM function into instructions on virtual registers.
#pragma once

#include "compiler/emit/machine_ir.hpp"
#include "compiler/lower/ir_impl.hpp"

#include <map>

namespace tally::emit_detail {

/// Numbers of functions after the dead ones are gone, and the module's constants.
struct Pools {
    std::map<const llvm::Function*, std::uint32_t> functions;
    std::vector<std::uint32_t> renumbered; ///< by function number of the IR
    std::map<i64, std::uint32_t> x_constants;
    std::map<i128, std::uint32_t> w_constants;
    std::map<std::string, std::uint32_t> globals; ///< addresses of @tally.self.C and @tally.parent.C
    std::vector<CallShape> shapes;                ///< of the calls through the table
};

/// Throws nothing; what it cannot select is named in `complaint`.
[[nodiscard]] MachineFunction select(const IrFunction& function, const IrImpl& ir, Pools& pools, std::string& complaint);

} // namespace tally::emit_detail
