// Inline assembly with no instruction in it: `asm ("" : "+r" (x))`. It changes nothing and only keeps the
// optimiser from knowing a value, so what goes in comes out.
#include "compiler/plain/translator.hpp"

#include <llvm/IR/InlineAsm.h>

namespace tally::plain_detail {

bool is_silent(const llvm::CallInst& i) {
    const auto* text = llvm::dyn_cast<llvm::InlineAsm>(i.getCalledOperand());
    return text != nullptr && llvm::StringRef(text->getAsmString()).trim().empty();
}

void translate_silent(Translator& t, const llvm::CallInst& i) {
    const auto constraints = llvm::cast<llvm::InlineAsm>(i.getCalledOperand())->ParseConstraints();
    // The operands of the call, by constraint: outputs in memory and inputs have one, in order.
    std::vector<const llvm::Value*> operands(constraints.size());
    unsigned next = 0;
    for (std::size_t k = 0; k < constraints.size(); ++k)
        if (constraints[k].hasArg()) operands[k] = i.getArgOperand(next++);
    Values out;
    const auto given = t.pieces(i);
    for (std::size_t k = 0; k < constraints.size(); ++k) {
        const auto& one = constraints[k];
        if (one.Type != llvm::InlineAsm::isOutput) continue;
        const auto* same = one.MatchingInput < 0 ? nullptr : operands[static_cast<std::size_t>(one.MatchingInput)];
        if (one.isIndirect) {
            if (same != nullptr) t.store(t.value(*same), t.value(*operands[k]), t.pieces(*same)[0]);
        } else {
            out.push_back(same != nullptr ? t.value(*same) : llvm::Constant::getNullValue(legal_type(t.b, given[out.size()])));
        }
    }
    t.define(i, std::move(out));
}

} // namespace tally::plain_detail
