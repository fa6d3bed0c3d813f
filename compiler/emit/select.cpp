#include "compiler/emit/select.hpp"

#include "vm/bytecode/limits.hpp"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

#include <algorithm>
#include <optional>

namespace tally::emit_detail {

namespace {

/// No host function counts more units in one call.
constexpr i64 host_units_max = static_cast<i64>(limits::value_bytes);

using llvm::BasicBlock;
using llvm::Value;

bool fits_immediate(i64 value) { return value >= INT32_MIN && value <= INT32_MAX; }

i128 value_of(const llvm::APInt& v) {
    const auto wide = v.sextOrTrunc(128);
    return from_halves(wide.getRawData()[0], wide.getRawData()[1]);
}

/// The parts of a name like `tally.h.hwithdraw.d3.v1` after a prefix.
std::vector<std::string> parts_of(llvm::StringRef name, std::size_t skip) {
    std::vector<std::string> out;
    std::string current;
    for (const char ch : name.drop_front(skip)) {
        if (ch == '.') {
            out.push_back(std::move(current));
            current.clear();
        } else {
            current += ch;
        }
    }
    out.push_back(std::move(current));
    return out;
}

class Selector {
public:
    Selector(const IrFunction& function, const IrImpl& ir, Pools& pools, std::string& complaint)
        : source_(function), ir_(ir), pools_(pools), complaint_(complaint), layout_(ir.module->getDataLayout()) {}

    MachineFunction run() {
        lay_out();
        out_.h_slots = static_cast<std::uint8_t>(std::max<int>(source_.shape.h_params, 0));
        for (auto& argument : source_.llvm->args()) {
            const auto reg = define(argument);
            (bank_of_type(argument.getType()) == Bank::X ? out_.x_params : out_.w_params).push_back(reg);
        }
        frame();
        for (const auto* block : order_) select_block(*block);
        thread_edges();
        return std::move(out_);
    }

private:
    static Bank bank_of_type(const llvm::Type* type) { return type->isIntegerTy(128) ? Bank::W : Bank::X; }
    void complain(const std::string& what) {
        if (complaint_.empty()) complaint_ = what;
    }

    // ---- blocks: reverse post-order, with a block of its own for each edge that needs moves
    void lay_out() {
        llvm::ReversePostOrderTraversal<llvm::Function*> order(source_.llvm);
        for (auto* block : order) order_.push_back(block);
        for (const auto* block : order_) {
            numbers_[block] = static_cast<int>(out_.blocks.size());
            out_.blocks.emplace_back();
            const auto* end = block->getTerminator();
            if (end->getNumSuccessors() < 2) continue;
            for (unsigned s = 0; s < end->getNumSuccessors(); ++s) {
                if (!llvm::isa<llvm::PHINode>(end->getSuccessor(s)->front())) continue;
                // The cases of a switch that lead to one block share the moves.
                const auto shared = llvm::isa<llvm::SwitchInst>(end) ? earlier_edge(*end, s) : s;
                if (shared != s) {
                    edges_[{block, s}] = edges_.at({block, shared});
                    continue;
                }
                edges_[{block, s}] = static_cast<int>(out_.blocks.size());
                out_.blocks.emplace_back();
            }
        }
    }

    static unsigned earlier_edge(const llvm::Instruction& end, unsigned successor) {
        unsigned first = 0;
        while (end.getSuccessor(first) != end.getSuccessor(successor)) ++first;
        return first;
    }

    void frame() {
        for (const auto& i : source_.llvm->getEntryBlock())
            if (const auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&i)) {
                out_.frame_bytes = (out_.frame_bytes + 15) / 16 * 16;
                frame_offsets_[slot] = static_cast<std::int32_t>(out_.frame_bytes);
                out_.frame_bytes += static_cast<std::uint32_t>(layout_.getTypeAllocSize(slot->getAllocatedType()).getFixedValue());
            }
        out_.frame_bytes = (out_.frame_bytes + 15) / 16 * 16;
    }

    // ---- emission
    MachineInstr& push(Op op, VReg a = -1, VReg b = -1, VReg c = -1, std::int32_t imm = 0) {
        MachineInstr i;
        i.op = op;
        i.a = a;
        i.b = b;
        i.c = c;
        i.imm = imm;
        i.line = line_;
        auto& code = out_.blocks[static_cast<std::size_t>(current_)].code;
        code.push_back(std::move(i));
        return code.back();
    }

    VReg define(const Value& v) {
        const auto [known, fresh] = registers_.emplace(&v, -1);
        if (fresh) known->second = out_.fresh(bank_of_type(v.getType()));
        return known->second;
    }

    VReg constant_x(i64 value) {
        const auto [known, fresh] = x_cache_.emplace(value, -1);
        if (!fresh) return known->second;
        const VReg reg = known->second = out_.fresh(Bank::X);
        if (value >= INT32_MIN && value <= INT32_MAX) push(Op::LoadImmX, reg, -1, -1, static_cast<std::int32_t>(value));
        else push(Op::LoadConstX, reg, -1, -1, static_cast<std::int32_t>(pools_.x_constants.emplace(value, pools_.x_constants.size()).first->second));
        return reg;
    }
    VReg constant_w(i128 value) {
        const auto [known, fresh] = w_cache_.emplace(value, -1);
        if (!fresh) return known->second;
        const VReg reg = known->second = out_.fresh(Bank::W);
        if (value >= INT32_MIN && value <= INT32_MAX) push(Op::LoadImmW, reg, -1, -1, static_cast<std::int32_t>(value));
        else push(Op::LoadConstW, reg, -1, -1, static_cast<std::int32_t>(pools_.w_constants.emplace(value, pools_.w_constants.size()).first->second));
        return reg;
    }
    VReg frame_address(std::int32_t offset) {
        const auto [known, fresh] = frame_cache_.emplace(offset, -1);
        if (fresh) {
            known->second = out_.fresh(Bank::X);
            push(Op::FrameAddress, known->second, -1, -1, offset);
        }
        return known->second;
    }

    /// The register of a value, brought into one here if it is a constant or an address.
    VReg use(const Value& v) {
        if (const auto* c = llvm::dyn_cast<llvm::ConstantInt>(&v)) {
            if (c->getType()->isIntegerTy(128)) return constant_w(value_of(c->getValue()));
            // A true condition is 1, not all ones.
            return constant_x(c->getType()->isIntegerTy(1) ? static_cast<i64>(c->getZExtValue()) : c->getSExtValue());
        }
        if (llvm::isa<llvm::UndefValue>(&v) || llvm::isa<llvm::ConstantPointerNull>(&v))
            return bank_of_type(v.getType()) == Bank::W ? constant_w(0) : constant_x(0);
        if (const auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&v)) {
            const auto known = frame_offsets_.find(slot);
            if (known == frame_offsets_.end()) return complain("a frame that grows"), constant_x(0);
            return frame_address(known->second);
        }
        if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(&v)) return constant_x(global_address(*global));
        if (const auto* gep = llvm::dyn_cast<llvm::ConstantExpr>(&v)) {
            i64 offset = 0;
            const Value* base = strip(*gep, offset);
            if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(base)) return constant_x(global_address(*global) + offset);
            if (const auto number = number_of(v)) return constant_x(*number);
            complain("a constant expression");
            return constant_x(0);
        }
        return define(v);
    }

    /// A constant of one word that is known as a number, address or not.
    std::optional<i64> number_of(const Value& v) {
        using llvm::Instruction;
        if (llvm::isa<llvm::ConstantPointerNull>(v)) return 0;
        if (const auto* number = llvm::dyn_cast<llvm::ConstantInt>(&v)) return number->getBitWidth() <= 64 ? std::optional(number->getSExtValue()) : std::nullopt;
        const auto* computed = llvm::dyn_cast<llvm::ConstantExpr>(&v);
        if (computed == nullptr) return std::nullopt;
        i64 offset = 0;
        if (const Value* base = strip(v, offset); base != &v) {
            const auto at = number_of(*base);
            return at ? std::optional(*at + offset) : std::nullopt;
        }
        const auto left = number_of(*computed->getOperand(0));
        const bool same = computed->getOpcode() == Instruction::IntToPtr || computed->getOpcode() == Instruction::PtrToInt;
        if (!left || same) return left;
        const auto right = computed->getNumOperands() == 2 ? number_of(*computed->getOperand(1)) : std::nullopt;
        if (right && computed->getOpcode() == Instruction::Add) return static_cast<i64>(static_cast<u64>(*left) + static_cast<u64>(*right));
        if (right && computed->getOpcode() == Instruction::Sub) return static_cast<i64>(static_cast<u64>(*left) - static_cast<u64>(*right));
        return std::nullopt;
    }

    i64 global_address(const llvm::GlobalVariable& global) {
        const auto known = pools_.globals.find(global.getName().str());
        if (known == pools_.globals.end()) return complain("the global " + global.getName().str()), 0;
        return known->second;
    }

    /// Walks constant offsets off an address.
    const Value* strip(const Value& address, i64& offset) {
        const Value* at = &address;
        while (const auto* gep = llvm::dyn_cast<llvm::GEPOperator>(at)) {
            llvm::APInt step(64, 0);
            if (!gep->accumulateConstantOffset(layout_, step)) break;
            offset += step.getSExtValue();
            at = gep->getPointerOperand();
        }
        return at;
    }

    struct Address {
        VReg base;
        std::int32_t offset;
    };
    Address address(const Value& pointer) {
        i64 offset = 0;
        const Value* base = strip(pointer, offset);
        if (const auto number = llvm::isa<llvm::Constant>(base) ? number_of(*base) : std::nullopt; number && fits_immediate(*number + offset)) return {constant_x(0), static_cast<std::int32_t>(*number + offset)};
        if (fits_immediate(offset)) return {use(*base), static_cast<std::int32_t>(offset)};
        const auto at = out_.fresh(Bank::X);
        push(Op::AddX, at, use(*base), constant_x(offset));
        return {at, 0};
    }

    // ---- one block
    void select_block(const BasicBlock& block) {
        current_ = numbers_.at(&block);
        x_cache_.clear();
        w_cache_.clear();
        frame_cache_.clear();
        for (const auto& i : block) {
            if (const llvm::DILocation* const at = i.getDebugLoc()) line_ = own_line(at);
            if (!llvm::isa<llvm::PHINode>(i)) select_instruction(i);
            else define(i);
        }
    }

    /// Of code of another file (the library's, put into this function): the line that asked for it.
    std::uint32_t own_line(const llvm::DILocation* at) const {
        const auto* const own = source_.llvm->getSubprogram();
        while (own != nullptr && at->getFile() != own->getFile() && at->getInlinedAt() != nullptr) at = at->getInlinedAt();
        return at->getLine();
    }

    bool only_for_branch(const llvm::Instruction& i) const {
        if (!i.hasOneUse()) return false;
        const auto* user = llvm::dyn_cast<llvm::BranchInst>(*i.user_begin());
        return user != nullptr && user->getParent() == i.getParent();
    }

    struct Access {
        Op load, store;
    };
    static Access access_of(const llvm::Type* type) {
        static const std::map<unsigned, Access> table{
            {8, {Op::Load8, Op::Store8}}, {16, {Op::Load16, Op::Store16}}, {32, {Op::Load32, Op::Store32}}, {128, {Op::LoadW, Op::StoreW}}};
        const auto found = table.find(type->isIntegerTy() ? type->getIntegerBitWidth() : 64);
        return found == table.end() ? Access{Op::LoadX, Op::StoreX} : found->second;
    }

    /// A number of 1, 2 or 4 bytes that is cut off another one, for whoever looks at those bytes only.
    static const Value& only_low_bits(const Value& v) {
        const auto* cut = llvm::dyn_cast<llvm::TruncInst>(&v);
        return cut != nullptr && !v.getType()->isIntegerTy(1) && cut->getOperand(0)->getType()->isIntegerTy(64) ? *cut->getOperand(0) : v;
    }
    static bool only_low_bits_wanted(const llvm::Instruction& cut) {
        return &only_low_bits(cut) != &cut && std::all_of(cut.user_begin(), cut.user_end(), [](const auto* user) { return llvm::isa<llvm::StoreInst>(user) || llvm::isa<llvm::SExtInst>(user); });
    }

    /// The value under another type: in the same register, for a constant in one of its own.
    void same(const llvm::Instruction& i) {
        const Value& from = *i.getOperand(0);
        const auto reg = use(from);
        if (!llvm::isa<llvm::Constant>(from)) registers_[&i] = reg;
        else push(bank_of_type(i.getType()) == Bank::W ? Op::MoveW : Op::MoveX, define(i), reg);
    }

    void select_instruction(const llvm::Instruction& i) {
        using llvm::Instruction;
        switch (i.getOpcode()) {
        case Instruction::Alloca: return;
        case Instruction::Load: {
            const auto at = address(*i.getOperand(0));
            push(access_of(i.getType()).load, define(i), at.base, -1, at.offset);
            return;
        }
        case Instruction::Store: {
            const auto value = use(only_low_bits(*i.getOperand(0)));
            const auto at = address(*i.getOperand(1));
            push(access_of(i.getOperand(0)->getType()).store, value, at.base, -1, at.offset);
            return;
        }
        case Instruction::GetElementPtr: return select_gep(llvm::cast<llvm::GetElementPtrInst>(i));
        case Instruction::ICmp: return select_compare(llvm::cast<llvm::ICmpInst>(i));
        case Instruction::Select: {
            const bool wide = i.getType()->isIntegerTy(128);
            const auto condition = use(*i.getOperand(0)), yes = use(*i.getOperand(1)), no = use(*i.getOperand(2));
            push(wide ? Op::SelectW : Op::SelectX, define(i), condition, yes).d = no;
            return;
        }
        case Instruction::Freeze: case Instruction::PtrToInt: case Instruction::IntToPtr: return same(i);
        case Instruction::ZExt: case Instruction::SExt: case Instruction::Trunc: return select_cast(i);
        case Instruction::Switch: return select_switch(llvm::cast<llvm::SwitchInst>(i));
        case Instruction::Call: return select_call(llvm::cast<llvm::CallInst>(i));
        case Instruction::Br: return select_branch(llvm::cast<llvm::BranchInst>(i));
        case Instruction::Ret: return select_return(llvm::cast<llvm::ReturnInst>(i));
        case Instruction::Unreachable: {
            const auto& code = out_.blocks[static_cast<std::size_t>(current_)].code;
            if (code.empty() || code.back().op != Op::TrapOp) push(Op::TrapOp, -1, -1, -1, static_cast<std::int32_t>(Trap::Unreachable));
            return;
        }
        default:
            if (i.isBinaryOp()) return select_binary(i);
            complain(std::string("the instruction ") + i.getOpcodeName());
        }
    }

    void select_gep(const llvm::GetElementPtrInst& gep) {
        i64 offset = 0;
        const Value* base = strip(gep, offset);
        if (base != &gep) {
            // Addresses are folded into loads and stores; this one is also wanted as a value.
            bool needed = false;
            for (const auto* user : gep.users())
                needed = needed || !((llvm::isa<llvm::LoadInst>(user)) || (llvm::isa<llvm::StoreInst>(user) && user->getOperand(1) == &gep && user->getOperand(0) != &gep) ||
                                     llvm::isa<llvm::GetElementPtrInst>(user));
            for (const auto* user : gep.users()) // a gep with a moving index needs its base
                if (const auto* next = llvm::dyn_cast<llvm::GetElementPtrInst>(user)) {
                    llvm::APInt step(64, 0);
                    needed = needed || !next->accumulateConstantOffset(layout_, step);
                }
            if (!needed) return;
            if (fits_immediate(offset)) push(Op::AddImmX, define(gep), use(*base), -1, static_cast<std::int32_t>(offset));
            else push(Op::AddX, define(gep), use(*base), constant_x(offset));
            return;
        }
        llvm::MapVector<Value*, llvm::APInt> moving;
        llvm::APInt fixed(64, 0);
        if (!gep.collectOffset(layout_, 64, moving, fixed)) return complain("an address");
        VReg at = use(*gep.getPointerOperand());
        std::size_t left = fixed.isZero() ? moving.size() : moving.size() + 1;
        for (const auto& [index, scale] : moving) {
            VReg step = use(*index);
            if (!scale.isOne()) {
                const auto scaled = out_.fresh(Bank::X);
                push(Op::MulX, scaled, step, constant_x(scale.getSExtValue()));
                step = scaled;
            }
            const auto next = --left == 0 ? define(gep) : out_.fresh(Bank::X);
            push(Op::AddX, next, at, step);
            at = next;
        }
        if (left > 0) push(Op::AddImmX, define(gep), at, -1, static_cast<std::int32_t>(fixed.getSExtValue()));
    }

    /// Of 64 bits, with a constant that fits into the instruction.
    bool select_immediate(const llvm::Instruction& i) {
        using llvm::Instruction;
        const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(i.getOperand(1));
        if (constant == nullptr || !i.getType()->isIntegerTy(64)) return false;
        const i64 value = constant->getSExtValue();
        const auto imm = static_cast<std::int32_t>(value);
        const Value& left = *i.getOperand(0);
        if (i.isShift()) {
            static const std::map<unsigned, Op> shifts{{Instruction::Shl, Op::ShlImmX}, {Instruction::LShr, Op::ShrImmX}, {Instruction::AShr, Op::SarImmX}};
            push(shifts.at(i.getOpcode()), define(i), use(left)).small = static_cast<std::int8_t>(value & 63);
            return true;
        }
        static const std::map<unsigned, Op> table{{Instruction::Add, Op::AddImmX}, {Instruction::And, Op::AndImmX}, {Instruction::Mul, Op::MulImmX}};
        if (i.getOpcode() == Instruction::And && value == 0xffffffff) return push(Op::Zero32X, define(i), use(left)), true;
        if (i.getOpcode() == Instruction::Sub && value > INT32_MIN && value <= INT32_MAX) return push(Op::AddImmX, define(i), use(left), -1, -imm), true;
        const auto found = table.find(i.getOpcode());
        if (found == table.end() || !fits_immediate(value)) return false;
        push(found->second, define(i), use(left), -1, imm);
        return true;
    }

    void select_binary(const llvm::Instruction& i) {
        using llvm::Instruction;
        const bool wide = i.getType()->isIntegerTy(128);
        const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(i.getOperand(1));
        static const std::map<unsigned, std::pair<Op, Op>> table{
            {Instruction::Add, {Op::AddX, Op::AddW}}, {Instruction::Sub, {Op::SubX, Op::SubW}}, {Instruction::Mul, {Op::MulX, Op::MulW}},
            {Instruction::And, {Op::AndX, Op::AndW}}, {Instruction::Or, {Op::OrX, Op::OrW}}, {Instruction::Xor, {Op::XorX, Op::XorW}},
            {Instruction::Shl, {Op::ShlX, Op::ShlW}}, {Instruction::LShr, {Op::ShrX, Op::ShrW}}, {Instruction::AShr, {Op::SarX, Op::SarW}},
            {Instruction::SDiv, {Op::DivX, Op::DivW}}, {Instruction::SRem, {Op::RemX, Op::RemW}},
            {Instruction::UDiv, {Op::DivUX, Op::DivUW}}, {Instruction::URem, {Op::RemUX, Op::RemUW}}};
        if (select_immediate(i)) return;
        const auto found = table.find(i.getOpcode());
        if (found == table.end()) return complain(std::string("the instruction ") + i.getOpcodeName());
        const bool shift = i.isShift();
        if (shift && !wide && !i.getType()->isIntegerTy(64)) return complain("a shift of a narrow value");
        const auto left = use(*i.getOperand(0));
        VReg right = -1;
        if (shift && wide) {
            if (constant != nullptr) right = constant_x(static_cast<i64>(constant->getZExtValue()));
            else {
                right = out_.fresh(Bank::X);
                push(Op::LowW, right, use(*i.getOperand(1)));
            }
        } else {
            right = use(*i.getOperand(1));
        }
        push(wide ? found->second.second : found->second.first, define(i), left, right);
    }

    void select_cast(const llvm::Instruction& i) {
        const auto* from = i.getOperand(0)->getType();
        const auto* to = i.getType();
        if (i.getOpcode() == llvm::Instruction::Trunc && only_low_bits_wanted(i)) return;
        if (i.getOpcode() == llvm::Instruction::ZExt && bank_of_type(to) == Bank::X) return same(i);
        const auto value = use(i.getOpcode() == llvm::Instruction::SExt ? only_low_bits(*i.getOperand(0)) : *i.getOperand(0));
        const auto result = define(i);
        if (i.getOpcode() == llvm::Instruction::Trunc) {
            VReg low = value;
            if (from->isIntegerTy(128)) {
                low = to->isIntegerTy(64) ? result : out_.fresh(Bank::X);
                push(Op::LowW, low, value);
            }
            if (to->isIntegerTy(32)) push(Op::Zero32X, result, low);
            else if (!to->isIntegerTy(64)) push(Op::AndImmX, result, low, -1, (1 << to->getIntegerBitWidth()) - 1);
            return;
        }
        const bool sign = i.getOpcode() == llvm::Instruction::SExt;
        if (from->isIntegerTy(64)) push(sign ? Op::WidenX : Op::WidenUX, result, value);
        else if (!sign) push(Op::WidenUX, result, value);
        else if (from->isIntegerTy(1)) { // 0 or −1
            const auto negative = to->isIntegerTy(128) ? out_.fresh(Bank::X) : result;
            push(Op::SubX, negative, constant_x(0), value);
            if (to->isIntegerTy(128)) push(Op::WidenX, result, negative);
        } else {
            static const std::map<unsigned, Op> table{{8, Op::Extend8X}, {16, Op::Extend16X}, {32, Op::Extend32X}};
            const auto extended = to->isIntegerTy(128) ? out_.fresh(Bank::X) : result;
            push(table.at(from->getIntegerBitWidth()), extended, value);
            if (to->isIntegerTy(128)) push(Op::WidenX, result, extended);
        }
    }

    struct Comparison {
        Op set, branch;
        bool swap;
    };
    Comparison comparison(llvm::CmpInst::Predicate predicate, bool wide) {
        using P = llvm::CmpInst;
        switch (predicate) {
        case P::ICMP_EQ: return wide ? Comparison{Op::EqW, Op::WBranchEq, false} : Comparison{Op::EqX, Op::BranchEq, false};
        case P::ICMP_NE: return wide ? Comparison{Op::NeW, Op::WBranchNe, false} : Comparison{Op::NeX, Op::BranchNe, false};
        case P::ICMP_SLT: case P::ICMP_SGT:
            return wide ? Comparison{Op::LtW, Op::WBranchLt, predicate == P::ICMP_SGT} : Comparison{Op::LtX, Op::BranchLt, predicate == P::ICMP_SGT};
        case P::ICMP_SLE: case P::ICMP_SGE:
            return wide ? Comparison{Op::LeW, Op::WBranchLe, predicate == P::ICMP_SGE} : Comparison{Op::LeX, Op::BranchLe, predicate == P::ICMP_SGE};
        case P::ICMP_ULT: case P::ICMP_UGT:
            return wide ? Comparison{Op::LtUW, Op::Block, predicate == P::ICMP_UGT} : Comparison{Op::LtUX, Op::BranchLtU, predicate == P::ICMP_UGT};
        default: return wide ? Comparison{Op::LeUW, Op::Block, predicate == P::ICMP_UGE} : Comparison{Op::LeUX, Op::BranchLeU, predicate == P::ICMP_UGE};
        }
    }

    void select_compare(const llvm::ICmpInst& i) {
        const bool wide = i.getOperand(0)->getType()->isIntegerTy(128);
        const auto how = comparison(i.getPredicate(), wide);
        if (only_for_branch(i) && how.branch != Op::Block) return; // the branch does it
        auto left = use(*i.getOperand(0)), right = use(*i.getOperand(1));
        if (how.swap) std::swap(left, right);
        push(how.set, define(i), left, right);
    }

    void select_return(const llvm::ReturnInst& i) {
        if (source_.shape.result == ResultBank::H) {
            push(Op::ReturnH).h[0] = source_.h_window;
            holds(source_.h_window);
        } else if (i.getReturnValue() == nullptr) push(Op::Return);
        else push(i.getReturnValue()->getType()->isIntegerTy(128) ? Op::ReturnW : Op::ReturnX, use(*i.getReturnValue()));
    }

    // ---- branches and the moves of their edges
    int target_of(const BasicBlock& from, unsigned successor, const BasicBlock& to) {
        const auto edge = edges_.find({&from, successor});
        return edge == edges_.end() ? numbers_.at(&to) : edge->second;
    }

    void select_branch(const llvm::BranchInst& i) {
        const auto& from = *i.getParent();
        auto& block = out_.blocks[static_cast<std::size_t>(current_)];
        if (i.isUnconditional()) {
            moves(from, *i.getSuccessor(0));
            auto& jump = push(Op::Jump);
            jump.target = numbers_.at(i.getSuccessor(0));
            block.successors.push_back(jump.target);
            return;
        }
        const int yes = target_of(from, 0, *i.getSuccessor(0)), no = target_of(from, 1, *i.getSuccessor(1));
        const auto* compare = llvm::dyn_cast<llvm::ICmpInst>(i.getCondition());
        if (compare != nullptr && only_for_branch(*compare)) {
            const auto how = comparison(compare->getPredicate(), compare->getOperand(0)->getType()->isIntegerTy(128));
            if (branch_by_immediate(*compare, yes)) return finish_branch(from, yes, no);
            if (how.branch != Op::Block) {
                auto left = use(*compare->getOperand(0)), right = use(*compare->getOperand(1));
                if (how.swap) std::swap(left, right);
                push(how.branch, left, right).target = yes;
                return finish_branch(from, yes, no);
            }
        }
        push(Op::BranchNotZero, use(*i.getCondition())).target = yes;
        finish_branch(from, yes, no);
    }

    /// Against a small constant: `<=` and `>=` are `<` and `>` of its neighbour.
    bool branch_by_immediate(const llvm::ICmpInst& compare, int yes) {
        using P = llvm::CmpInst;
        struct Row {
            Op op;
            i64 neighbour;
        };
        static const std::map<P::Predicate, Row> table{{P::ICMP_EQ, {Op::BranchEqImm, 0}},  {P::ICMP_NE, {Op::BranchNeImm, 0}},  {P::ICMP_SLT, {Op::BranchLtImm, 0}},
                                                       {P::ICMP_SGT, {Op::BranchGtImm, 0}}, {P::ICMP_SLE, {Op::BranchLtImm, 1}}, {P::ICMP_SGE, {Op::BranchGtImm, -1}}};
        const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(compare.getOperand(1));
        const auto row = table.find(compare.getPredicate());
        if (constant == nullptr || !constant->getType()->isIntegerTy(64) || row == table.end() || !constant->getValue().isSignedIntN(32)) return false;
        const i64 value = constant->getSExtValue() + row->second.neighbour;
        if (value < INT8_MIN || value > INT8_MAX) return false;
        auto& branch = push(row->second.op, use(*compare.getOperand(0)));
        branch.small = static_cast<std::int8_t>(value);
        branch.target = yes;
        return true;
    }

    /// The cases are numbered from 0 without a gap; they share what leads to one block.
    void select_switch(const llvm::SwitchInst& i) {
        const auto& from = *i.getParent();
        std::vector<int> targets(i.getNumCases());
        for (const auto& one : i.cases()) {
            const auto value = one.getCaseValue()->getZExtValue();
            if (value >= targets.size()) return complain("a switch with gaps");
            targets[value] = target_of(from, one.getSuccessorIndex(), *one.getCaseSuccessor());
        }
        const int otherwise = target_of(from, 0, *i.getDefaultDest());
        push(Op::BranchTable, use(*i.getCondition()), -1, -1, static_cast<std::int32_t>(targets.size()));
        for (const int target : targets) push(Op::Case).target = target;
        push(Op::Jump).target = otherwise;
        auto& successors = out_.blocks[static_cast<std::size_t>(current_)].successors;
        successors = targets;
        successors.push_back(otherwise);
        edges_from(from);
    }

    /// What the ways out of a block have to move, later, each in a block of its own.
    void edges_from(const BasicBlock& from) {
        const auto* end = from.getTerminator();
        for (unsigned s = 0; s < end->getNumSuccessors(); ++s) {
            const auto edge = edges_.find({&from, s});
            if (edge == edges_.end() || (llvm::isa<llvm::SwitchInst>(end) && earlier_edge(*end, s) != s)) continue;
            pending_edges_.push_back({edge->second, &from, end->getSuccessor(s), line_});
        }
    }

    void finish_branch(const BasicBlock& from, int yes, int no) {
        auto& block = out_.blocks[static_cast<std::size_t>(current_)];
        auto& jump = push(Op::Jump);
        jump.target = no;
        block.successors = {yes, no};
        edges_from(from);
    }

    void thread_edges() {
        for (const auto& edge : pending_edges_) {
            current_ = edge.block;
            line_ = edge.line;
            x_cache_.clear();
            w_cache_.clear();
            frame_cache_.clear();
            moves(*edge.from, *edge.to);
            auto& jump = push(Op::Jump);
            jump.target = numbers_.at(edge.to);
            out_.blocks[static_cast<std::size_t>(current_)].successors.push_back(jump.target);
        }
    }

    /// The phis of `to` as one parallel move, made sequential: a register is overwritten only when
    /// nobody waits for its old value.
    void moves(const BasicBlock& from, const BasicBlock& to) {
        std::vector<std::pair<VReg, VReg>> waiting; // destination, source
        for (const auto& phi : to.phis()) {
            const auto source = use(*phi.getIncomingValueForBlock(&from));
            const auto destination = define(phi);
            if (source != destination) waiting.emplace_back(destination, source);
        }
        const auto move = [&](VReg destination, VReg source) {
            push(out_.banks[static_cast<std::size_t>(destination)] == Bank::W ? Op::MoveW : Op::MoveX, destination, source);
        };
        while (!waiting.empty()) {
            const auto free = std::find_if(waiting.begin(), waiting.end(), [&](const auto& m) {
                return std::none_of(waiting.begin(), waiting.end(), [&](const auto& other) { return other.second == m.first; });
            });
            if (free != waiting.end()) {
                move(free->first, free->second);
                waiting.erase(free);
                continue;
            }
            // A ring: one value steps aside.
            const auto aside = out_.fresh(out_.banks[static_cast<std::size_t>(waiting[0].second)]);
            const auto source = waiting[0].second;
            move(aside, source);
            for (auto& m : waiting)
                if (m.second == source) m.second = aside;
        }
    }

    // ---- gas that the code alone does not show
    /// What lowering said of the call; where LLVM lost it, the most that can be.
    void charge(const llvm::Instruction& i, i64 otherwise) {
        i64 gas = otherwise;
        if (const auto* note = i.getMetadata("tally.gas"))
            gas = static_cast<i64>(llvm::mdconst::extract<llvm::ConstantInt>(note->getOperand(0))->getZExtValue());
        out_.blocks[static_cast<std::size_t>(current_)].gas += gas;
    }
    void charge_bytes(const llvm::IntrinsicInst& i) {
        const auto* length = llvm::dyn_cast<llvm::ConstantInt>(i.getArgOperand(2));
        if (length == nullptr) return charge(i, static_cast<i64>(limits::value_bytes / 64 + 1));
        out_.blocks[static_cast<std::size_t>(current_)].gas += static_cast<i64>((length->getZExtValue() + 63) / 64);
    }

    // ---- calls
    void holds(int slot) { out_.h_slots = std::max<std::uint8_t>(out_.h_slots, static_cast<std::uint8_t>(slot + 1)); }

    void select_call(const llvm::CallInst& call) {
        const auto* callee = call.getCalledFunction();
        if (callee == nullptr) return select_table_call(call);
        if (callee->isIntrinsic()) return select_intrinsic(llvm::cast<llvm::IntrinsicInst>(call));
        const auto name = callee->getName();
        if (name.starts_with("tally.loop.")) {
            out_.blocks[static_cast<std::size_t>(current_)].loops.push_back(static_cast<std::uint32_t>(std::stoul(name.drop_front(11).str())));
            return;
        }
        if (name.starts_with("tally.h.")) return select_asset(call, parts_of(name, 8));
        if (name.starts_with("tally.host.")) {
            const auto fn = host_by_name(name.drop_front(11).str());
            if (!fn) return complain(name.str());
            charge(call, host_info(*fn).gas_unit == 0 ? 0 : host_units_max * host_info(*fn).gas_unit);
            select_window(call, Op::HostCall, static_cast<std::int32_t>(*fn), 0);
            if (*fn == HostFn::Fail) push(Op::TrapOp, -1, -1, -1, static_cast<std::int32_t>(Trap::Unreachable));
            return;
        }
        if (name.starts_with("tally.import.") || name.starts_with("tally.callh.")) {
            const bool import = name.starts_with("tally.import.");
            const auto parts = parts_of(name, import ? 13 : 12);
            const auto number = static_cast<std::uint32_t>(std::stoul(parts[0]));
            const auto base = static_cast<std::uint8_t>(std::stoul(parts[1].substr(1)));
            if (import) count_import_holdings(number, base);
            else {
                const auto& shape = ir_.functions[number].shape;
                for (int h = 0; h < std::max<int>(shape.h_params, shape.result == ResultBank::H ? 1 : 0); ++h) holds(base + h);
            }
            select_window(call, import ? Op::CallImport : Op::Call, static_cast<std::int32_t>(import ? number : pools_.renumbered[number]), base);
            return;
        }
        if (name.starts_with("tally.trap.")) {
            push(Op::TrapOp, -1, -1, -1, static_cast<std::int32_t>(std::stoul(name.drop_front(11).str())));
            return;
        }
        if (name.starts_with("tally.muldiv.")) {
            const auto a = use(*call.getArgOperand(0)), b = use(*call.getArgOperand(1)), c = use(*call.getArgOperand(2));
            push(Op::MulDiv, define(call), a, b, static_cast<std::int32_t>(std::stoul(name.drop_front(13).str()))).d = c;
            return;
        }
        if (name.starts_with("tally.")) {
            const auto op = op_by_mnemonic(name.drop_front(6).str());
            if (!op) return complain(name.str());
            const auto a = use(*call.getArgOperand(0)), b = call.arg_size() > 1 ? use(*call.getArgOperand(1)) : -1;
            push(*op, define(call), a, b);
            return;
        }
        const auto number = pools_.functions.find(callee);
        if (number == pools_.functions.end()) return complain("a call of " + name.str());
        select_window(call, Op::Call, static_cast<std::int32_t>(number->second), source_.h_window);
    }

    void count_import_holdings(std::uint32_t number, int base) {
        const auto& import = ir_.interface.imports[number];
        int count = 0;
        for (const auto type : import.params) count += ir_.interface.types[type].kind == TypeKind::Cash ? 1 : 0;
        if (import.result != none && ir_.interface.types[import.result].kind == TypeKind::Cash) count = std::max(count, 1);
        for (int h = 0; h < count; ++h) holds(base + h);
    }

    /// Through a function pointer: its place goes before the parameters.
    void select_table_call(const llvm::CallInst& call) {
        CallShape shape;
        for (const auto& argument : call.args()) ++(bank_of_type(argument->getType()) == Bank::W ? shape.w_params : shape.x_params);
        if (!call.getType()->isVoidTy()) shape.result = bank_of_type(call.getType()) == Bank::W ? ResultBank::W : ResultBank::X;
        auto& all = pools_.shapes;
        const auto known = std::find(all.begin(), all.end(), shape);
        const auto number = known - all.begin();
        if (known == all.end()) all.push_back(shape);
        select_window(call, Op::CallTable, static_cast<std::int32_t>(number), source_.h_window);
    }

    void select_window(const llvm::CallInst& call, Op op, std::int32_t imm, std::uint8_t h_base) {
        std::vector<std::pair<Bank, VReg>> args;
        if (op == Op::CallTable) args.emplace_back(Bank::X, use(*call.getCalledOperand()));
        for (const auto& argument : call.args()) args.emplace_back(bank_of_type(argument->getType()), use(*argument));
        auto& i = push(op, -1, -1, -1, imm);
        i.is_call = true;
        i.args = std::move(args);
        i.h_base = h_base;
        if (!call.getType()->isVoidTy()) {
            i.result_bank = bank_of_type(call.getType());
            // `define` may grow the table: take the reference again.
            const auto reg = define(call);
            out_.blocks[static_cast<std::size_t>(current_)].code.back().result = reg;
        }
    }

    void select_asset(const llvm::CallInst& call, const std::vector<std::string>& parts) {
        const auto op = op_by_mnemonic(parts[0]);
        if (!op) return complain("tally.h." + parts[0]);
        const auto& info = op_info(*op);
        std::size_t next_part = 1;
        unsigned next_arg = 0;
        MachineInstr i;
        i.op = *op;
        const auto operand = [&](Operand kind, VReg& reg, std::uint8_t& slot) {
            switch (kind) {
            case Operand::HDst: case Operand::HSrc: case Operand::HUse:
                slot = static_cast<std::uint8_t>(std::stoul(parts[next_part++].substr(1)));
                holds(slot);
                break;
            case Operand::XSrc: case Operand::WSrc: reg = use(*call.getArgOperand(next_arg++)); break;
            case Operand::XDst: case Operand::WDst: reg = define(call); break;
            default: break;
            }
        };
        operand(info.a, i.a, i.h[0]);
        operand(info.b, i.b, i.h[1]);
        operand(info.c, i.c, i.h[2]);
        if (info.imm == Immediate::Vault) i.imm = static_cast<std::int32_t>(std::stoul(parts[next_part].substr(1)));
        i.line = line_;
        out_.blocks[static_cast<std::size_t>(current_)].code.push_back(std::move(i));
    }

    void select_intrinsic(const llvm::IntrinsicInst& i) {
        namespace I = llvm::Intrinsic;
        const bool wide = i.getType()->isIntegerTy(128);
        switch (i.getIntrinsicID()) {
        case I::smin: push(wide ? Op::MinW : Op::MinX, define(i), use(*i.getArgOperand(0)), use(*i.getArgOperand(1))); return;
        case I::smax: push(wide ? Op::MaxW : Op::MaxX, define(i), use(*i.getArgOperand(0)), use(*i.getArgOperand(1))); return;
        case I::umin: case I::umax: {
            const auto a = use(*i.getArgOperand(0)), b = use(*i.getArgOperand(1));
            const auto less = out_.fresh(Bank::X);
            push(wide ? Op::LtUW : Op::LtUX, less, a, b);
            const bool smaller = i.getIntrinsicID() == I::umin;
            push(wide ? Op::SelectW : Op::SelectX, define(i), less, smaller ? a : b).d = smaller ? b : a;
            return;
        }
        case I::abs: {
            const auto a = use(*i.getArgOperand(0));
            const auto negative = out_.fresh(wide ? Bank::W : Bank::X);
            push(wide ? Op::SubW : Op::SubX, negative, wide ? constant_w(0) : constant_x(0), a);
            push(wide ? Op::MaxW : Op::MaxX, define(i), a, negative);
            return;
        }
        case I::memcpy: case I::memmove: case I::memset: charge_bytes(i); break;
        default: break;
        }
        switch (i.getIntrinsicID()) {
        case I::memcpy: case I::memmove: push(Op::Copy, use(*i.getArgOperand(0)), use(*i.getArgOperand(1)), use(*i.getArgOperand(2))); return;
        case I::memset: push(Op::Fill, use(*i.getArgOperand(0)), use(*i.getArgOperand(1)), use(*i.getArgOperand(2))); return;
        default: return; // lifetimes, assumptions, debug: nothing to do
        }
    }

    struct PendingEdge {
        int block;
        const BasicBlock *from, *to;
        std::uint32_t line;
    };

    const IrFunction& source_;
    const IrImpl& ir_;
    Pools& pools_;
    std::string& complaint_;
    const llvm::DataLayout& layout_;
    MachineFunction out_;
    std::vector<const BasicBlock*> order_;
    std::map<const BasicBlock*, int> numbers_;
    std::map<std::pair<const BasicBlock*, unsigned>, int> edges_;
    std::vector<PendingEdge> pending_edges_;
    std::map<const Value*, VReg> registers_;
    std::map<const llvm::AllocaInst*, std::int32_t> frame_offsets_;
    std::map<i64, VReg> x_cache_;
    std::map<i128, VReg> w_cache_;
    std::map<std::int32_t, VReg> frame_cache_;
    int current_ = 0;
    std::uint32_t line_ = 0;
};

} // namespace

MachineFunction select(const IrFunction& function, const IrImpl& ir, Pools& pools, std::string& complaint) {
    return Selector(function, ir, pools, complaint).run();
}

} // namespace tally::emit_detail
