// Calls and returns: values in pieces, structs through memory, functions by their place in the table.
#include "compiler/plain/translator.hpp"
#include "compiler/plain/words.hpp"

namespace tally::plain_detail {

using llvm::Value;

namespace {

std::string_view name_of(const llvm::Value& v) { return {v.getName().data(), v.getName().size()}; }

/// What a call finds in place of what it did not give, or gave otherwise: C lets a program say so, and means nothing by it.
Value* fitted(Builder& b, Value* given, llvm::Type* want) {
    if (given == nullptr) return llvm::Constant::getNullValue(want);
    auto* const have = given->getType();
    if (have == want) return given;
    if (have->isPointerTy()) return fitted(b, b.CreatePtrToInt(given, b.getInt64Ty()), want);
    if (want->isPointerTy()) return b.CreateIntToPtr(fitted(b, given, b.getInt64Ty()), want);
    return b.CreateZExtOrTrunc(given, want);
}

} // namespace

void Translator::call(const llvm::CallInst& i) {
    if (i.isInlineAsm()) return translate_silent(*this, i);
    const auto* callee = llvm::dyn_cast<llvm::Function>(i.getCalledOperand()->stripPointerCastsAndAliases());
    if (callee != nullptr && name_of(*callee) == exit_name) return void(machine("trap." + std::to_string(static_cast<int>(Trap::Exit)), b.getVoidTy(), {}));
    if (callee != nullptr && name_of(*callee) == abort_name) return void(machine("trap." + std::to_string(static_cast<int>(Trap::Abort)), b.getVoidTy(), {}));

    const auto given = pieces(i);
    Values arguments;
    Value* result = nullptr;
    if (giving_of(given) == Giving::Memory) arguments.push_back(result = slot(given.size() * given_stride, given_stride));
    std::vector<llvm::Type*> types;
    for (unsigned k = 0; k < i.arg_size(); ++k) {
        Values parts = values(*i.getArgOperand(k));
        types.push_back(i.getArgOperand(k)->getType());
        if (i.isByValArgument(k)) { // the callee's own copy
            const auto bytes = layout().getTypeAllocSize(i.getParamByValType(k)).getFixedValue();
            auto* const copy = slot(std::max<std::uint64_t>(bytes, 1), i.getParamAlign(k).valueOrOne().value());
            if (bytes > 0) b.CreateMemCpy(copy, llvm::Align(1), parts[0], llvm::Align(1), bytes);
            parts = {copy};
        }
        arguments.insert(arguments.end(), parts.begin(), parts.end());
    }

    auto* const known = callee == nullptr ? nullptr : legal(*callee);
    Value* out = nullptr;
    if (known != nullptr) {
        Values fit;
        for (const auto& parameter : known->args())
            fit.push_back(fitted(b, parameter.getArgNo() < arguments.size() ? arguments[parameter.getArgNo()] : nullptr, parameter.getType()));
        out = b.CreateCall(known, fit);
        if (!given.empty() && result == nullptr && out->getType() != given_type(b, given)) out = fitted(b, out->getType()->isVoidTy() ? nullptr : out, given_type(b, given));
    } else {
        auto* const address = value(*i.getCalledOperand());
        out = b.CreateCall(legal_signature(b, i.getType(), types, layout()), address, arguments);
    }

    switch (giving_of(given)) {
    case Giving::Nothing: return define(i, {});
    case Giving::One: return define(i, {out});
    case Giving::Pair: return define(i, unpacked(out, given));
    case Giving::Memory: break;
    }
    Values parts;
    for (std::size_t k = 0; k < given.size(); ++k) parts.push_back(load(result, {given[k].bits, k * given_stride}));
    define(i, std::move(parts));
}

void Translator::give_back(const llvm::ReturnInst& i) {
    if (stack_before_ != nullptr) b.CreateStore(stack_before_, word_at(stack_word));
    if (i.getReturnValue() == nullptr) return void(b.CreateRetVoid());
    const Values parts = values(*i.getReturnValue());
    const auto given = pieces(*i.getReturnValue());
    switch (giving_of(given)) {
    case Giving::Nothing: return void(b.CreateRetVoid());
    case Giving::One: return void(b.CreateRet(parts[0]));
    case Giving::Pair: return void(b.CreateRet(packed(as_word(parts[0]), as_word(parts[1]))));
    case Giving::Memory: break;
    }
    for (std::size_t k = 0; k < parts.size(); ++k) store(parts[k], result_address_, {given[k].bits, k * given_stride});
    b.CreateRetVoid();
}

} // namespace tally::plain_detail
