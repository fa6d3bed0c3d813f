/// What `lower` hands to `emit`. Only these two folders include this.
#pragma once

#include "compiler/lower/cost_notes.hpp"
#include "compiler/lower/ir.hpp"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <vector>

namespace tally {

struct IrFunction {
    llvm::Function* llvm = nullptr;
    Function shape;             ///< name, parameters and result; the code is still missing
    std::uint8_t h_window = 0;  ///< first h slot for temporaries and for the holdings of calls
};

struct IrImpl {
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> module;
    std::vector<IrFunction> functions; ///< by function number
    Module interface;           ///< everything but `functions` and the constants
    std::vector<LoopBound> loops;
    std::uint32_t self_address = 0, parent_address = 0;
};

// How lowered IR names what LLVM must not know:
//   @tally.self.C      the record of contract C's instance, @tally.parent.C its parent's, at fixed addresses
//   @tally.MNEMONIC    an instruction on values; a rounding mode or a trap number is part of the name
//                      (`tally.muldiv.5`, `tally.trap.7`), because as an argument LLVM could merge it
//   @tally.h.MNEMONIC.…  an asset instruction; its slots and vault are part of the name for the same reason
//   @tally.host.NAME   a host function; @tally.import.N.hB a call of another contract, holdings from slot B
//   @tally.callh.N.hB  a call of function N that takes or gives a holding
//   @tally.loop.N      no code: a round of loop N passes here (IrImpl::loops)
// The metadata `tally.gas` on a call says how much it can charge beyond its fixed price.

} // namespace tally
