// Calls and returns: values in pieces, structs through memory, functions by their place in the table.
#include "compiler/plain/translator.hpp"
#include "compiler/plain/words.hpp"

namespace tally::plain_detail {

using llvm::Value;

namespace {

/// The library's two ways out of a program.
Trap ending(const llvm::Function& f) {
    const std::string_view name(f.getName().data(), f.getName().size());
    return name == exit_name ? Trap::Exit : name == abort_name ? Trap::Abort : Trap::None;
}

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

/// What a `byval` argument stands for: the callee may write to it.
Value* Translator::own_copy(const llvm::CallInst& i, unsigned argument) {
    const auto bytes = layout().getTypeAllocSize(i.getParamByValType(argument)).getFixedValue();
    auto* const copy = slot(std::max<std::uint64_t>(bytes, 1), i.getParamAlign(argument).valueOrOne().value());
    if (bytes > 0) b.CreateMemCpy(copy, llvm::Align(1), value(*i.getArgOperand(argument)), llvm::Align(1), bytes);
    return copy;
}

Values Translator::arguments(const llvm::CallInst& i) {
    Values out;
    for (unsigned k = 0; k < i.arg_size(); ++k) {
        const Values parts = i.isByValArgument(k) ? Values{own_copy(i, k)} : values(*i.getArgOperand(k));
        out.insert(out.end(), parts.begin(), parts.end());
    }
    return out;
}

Value* Translator::call_known(llvm::Function& callee, const Values& arguments) {
    Values fit;
    for (const auto& parameter : callee.args())
        fit.push_back(fitted(b, parameter.getArgNo() < arguments.size() ? arguments[parameter.getArgNo()] : nullptr, parameter.getType()));
    return b.CreateCall(&callee, fit);
}

Value* Translator::call_by_place(const llvm::CallInst& i, const Values& arguments) {
    std::vector<llvm::Type*> types;
    for (const auto& argument : i.args()) types.push_back(argument->getType());
    return b.CreateCall(legal_signature(b, i.getType(), types, layout()), value(*i.getCalledOperand()), arguments);
}

Values Translator::taken(Value* out, Value* memory, const std::vector<Piece>& given) {
    switch (giving_of(given)) {
    case Giving::Nothing: return {};
    case Giving::One: return {fitted(b, out->getType()->isVoidTy() ? nullptr : out, given_type(b, given))};
    case Giving::Pair: return unpacked(fitted(b, out->getType()->isVoidTy() ? nullptr : out, given_type(b, given)), given);
    case Giving::Memory: break;
    }
    Values parts;
    for (std::size_t k = 0; k < given.size(); ++k) parts.push_back(load(memory, {given[k].bits, k * given_stride}));
    return parts;
}

void Translator::call(const llvm::CallInst& i) {
    if (i.isInlineAsm()) return translate_silent(*this, i);
    const auto* callee = llvm::dyn_cast<llvm::Function>(i.getCalledOperand()->stripPointerCastsAndAliases());
    if (const auto end = callee == nullptr ? Trap::None : ending(*callee); end != Trap::None)
        return void(machine("trap." + std::to_string(static_cast<int>(end)), b.getVoidTy(), {}));
    const auto given = pieces(i);
    Values all = arguments(i);
    Value* memory = nullptr;
    if (giving_of(given) == Giving::Memory) all.insert(all.begin(), memory = slot(given.size() * given_stride, given_stride));
    auto* const known = callee == nullptr ? nullptr : legal(*callee);
    define(i, taken(known != nullptr ? call_known(*known, all) : call_by_place(i, all), memory, given));
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
