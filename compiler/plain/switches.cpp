// Switches: a table where the cases lie close together, halves where they do not.
#include "compiler/plain/translator.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally::plain_detail {

namespace {

using llvm::APInt;
using llvm::BasicBlock;
using llvm::Value;

struct Case {
    APInt value;
    const BasicBlock* to;
};

class Chooser {
public:
    Chooser(Translator& t, Value* of, const BasicBlock& from, const BasicBlock* otherwise) : t_(t), of_(of), from_(from), otherwise_(otherwise) {}

    void choose(std::vector<Case> cases) {
        std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.value.ult(b.value); });
        part(cases.data(), cases.data() + cases.size());
    }

private:
    /// A table at most four times as long as it has cases.
    static bool is_dense(const Case* first, const Case* last) {
        const auto span = (last - 1)->value - first->value;
        return last - first >= 4 && span.ult(limits::table_cases) && span.getZExtValue() < static_cast<std::uint64_t>(last - first) * 4;
    }

    BasicBlock* reach(const BasicBlock* to) {
        t_.edge(from_, *to, t_.b.GetInsertBlock());
        return t_.block(*to);
    }

    Value* constant(const APInt& v) { return llvm::ConstantInt::get(of_->getType(), v); }

    void part(const Case* first, const Case* last) {
        if (first == last) return void(t_.b.CreateBr(reach(otherwise_)));
        if (is_dense(first, last)) return table(first, last);
        constexpr std::ptrdiff_t few = 3;
        if (last - first <= few) return one_by_one(first, last);
        const auto* middle = first + (last - first) / 2;
        auto* const low = t_.new_block();
        auto* const high = t_.new_block();
        t_.b.CreateCondBr(t_.b.CreateICmpULT(of_, constant(middle->value)), low, high);
        t_.b.SetInsertPoint(low);
        part(first, middle);
        t_.b.SetInsertPoint(high);
        part(middle, last);
    }

    void one_by_one(const Case* first, const Case* last) {
        for (; first != last; ++first) {
            auto* const next = t_.new_block();
            auto* const same = t_.b.CreateICmpEQ(of_, constant(first->value));
            t_.b.CreateCondBr(same, reach(first->to), next);
            t_.b.SetInsertPoint(next);
        }
        t_.b.CreateBr(reach(otherwise_));
    }

    /// From 0 on, every number with a way of its own.
    void table(const Case* first, const Case* last) {
        auto* index = t_.b.CreateSub(of_, constant(first->value));
        if (index->getType()->isIntegerTy(bits_max)) { // what is too large for a table is too large for a word, but must stay so
            auto* const word = t_.b.CreateTrunc(index, t_.b.getInt64Ty());
            auto* const fits = t_.b.CreateICmpULT(index, llvm::ConstantInt::get(index->getType(), limits::table_cases));
            index = t_.b.CreateSelect(fits, word, t_.b.getInt64(~std::uint64_t{0}));
        }
        const auto count = ((last - 1)->value - first->value).getZExtValue() + 1;
        auto* const chosen = t_.b.CreateSwitch(index, reach(otherwise_), static_cast<unsigned>(count));
        const auto* next = first;
        for (std::uint64_t i = 0; i < count; ++i) {
            const bool named = next->value == first->value + i;
            chosen->addCase(t_.b.getInt64(i), reach(named ? next->to : otherwise_));
            if (named) ++next;
        }
    }

    Translator& t_;
    Value* of_;
    const BasicBlock& from_;
    const BasicBlock* otherwise_;
};

} // namespace

void translate_switch(Translator& t, const llvm::SwitchInst& i) {
    auto* const of = t.value(*i.getCondition());
    auto* const word = of->getType()->isIntegerTy(1) ? t.b.CreateZExt(of, t.b.getInt64Ty()) : of;
    std::vector<Case> cases;
    for (const auto& one : i.cases()) cases.push_back({one.getCaseValue()->getValue().zext(word->getType()->getIntegerBitWidth()), one.getCaseSuccessor()});
    Chooser(t, word, *i.getParent(), i.getDefaultDest()).choose(std::move(cases));
}

/// A jump to a label is a switch over the numbers of the labels that it may reach.
void translate_jump(Translator& t, const llvm::IndirectBrInst& i) {
    auto* const of = t.b.CreatePtrToInt(t.value(*i.getAddress()), t.b.getInt64Ty());
    if (i.getNumDestinations() == 0) return void(t.b.CreateUnreachable());
    std::vector<Case> cases;
    for (unsigned k = 0; k < i.getNumDestinations(); ++k) {
        const APInt label(64, t.label(*i.getDestination(k)));
        const bool had = std::any_of(cases.begin(), cases.end(), [&](const Case& c) { return c.value == label; });
        if (!had) cases.push_back({label, i.getDestination(k)});
    }
    const auto* otherwise = cases.back().to;
    cases.pop_back();
    Chooser(t, of, *i.getParent(), otherwise).choose(std::move(cases));
}

} // namespace tally::plain_detail
