#include "compiler/emit/select.hpp"

#include "vm/bytecode/limits.hpp"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>

#include <algorithm>

namespace tally::emit_detail {

namespace {

/// No host function counts more units in one call.
constexpr i64 host_units_max = static_cast<i64>(limits::value_bytes);

using llvm::BasicBlock;
using llvm::Value;

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
            const auto* branch = llvm::dyn_cast<llvm::BranchInst>(block->getTerminator());
            if (branch == nullptr || branch->isUnconditional()) continue;
            for (unsigned s = 0; s < 2; ++s) {
                const auto* successor = branch->getSuccessor(s);
                if (!llvm::isa<llvm::PHINode>(successor->front())) continue;
                edges_[{block, s}] = static_cast<int>(out_.blocks.size());
                out_.blocks.emplace_back();
            }
        }
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
            complain("a constant expression");
            return constant_x(0);
        }
        return define(v);
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
        if (const auto* slot = llvm::dyn_cast<llvm::AllocaInst>(base); slot != nullptr && frame_offsets_.contains(slot)) return {use(*base), static_cast<std::int32_t>(offset)};
        if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(base)) return {constant_x(global_address(*global)), static_cast<std::int32_t>(offset)};
        return {use(*base), static_cast<std::int32_t>(offset)};
    }

    // ---- one block
    void select_block(const BasicBlock& block) {
        current_ = numbers_.at(&block);
        x_cache_.clear();
        w_cache_.clear();
        frame_cache_.clear();
        for (const auto& i : block) {
            if (const auto& at = i.getDebugLoc()) line_ = at.getLine();
            if (!llvm::isa<llvm::PHINode>(i)) select_instruction(i);
            else define(i);
        }
    }

    bool only_for_branch(const llvm::Instruction& i) const {
        if (!i.hasOneUse()) return false;
        const auto* user = llvm::dyn_cast<llvm::BranchInst>(*i.user_begin());
        return user != nullptr && user->getParent() == i.getParent();
    }

    void select_instruction(const llvm::Instruction& i) {
        using llvm::Instruction;
        switch (i.getOpcode()) {
        case Instruction::Alloca: return;
        case Instruction::Load: {
            const auto at = address(*i.getOperand(0));
            const bool wide = i.getType()->isIntegerTy(128);
            if (i.getType()->isIntegerTy(8)) push(Op::Load8, define(i), at.base, -1, at.offset);
            else push(wide ? Op::LoadW : Op::LoadX, define(i), at.base, -1, at.offset);
            return;
        }
        case Instruction::Store: {
            const auto value = use(*i.getOperand(0));
            const auto at = address(*i.getOperand(1));
            const auto* type = i.getOperand(0)->getType();
            push(type->isIntegerTy(8) ? Op::Store8 : type->isIntegerTy(128) ? Op::StoreW : Op::StoreX, value, at.base, -1, at.offset);
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
        case Instruction::Freeze: push(i.getType()->isIntegerTy(128) ? Op::MoveW : Op::MoveX, define(i), use(*i.getOperand(0))); return;
        case Instruction::ZExt: case Instruction::SExt: case Instruction::Trunc: return select_cast(i);
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
            push(Op::AddImmX, define(gep), use(*base), -1, static_cast<std::int32_t>(offset));
            return;
        }
        llvm::MapVector<Value*, llvm::APInt> moving;
        llvm::APInt fixed(64, 0);
        if (!gep.collectOffset(layout_, 64, moving, fixed)) return complain("an address");
        VReg at = use(*gep.getPointerOperand());
        for (const auto& [index, scale] : moving) {
            VReg step = use(*index);
            if (!scale.isOne()) {
                const auto scaled = out_.fresh(Bank::X);
                push(Op::MulX, scaled, step, constant_x(scale.getSExtValue()));
                step = scaled;
            }
            const auto next = out_.fresh(Bank::X);
            push(Op::AddX, next, at, step);
            at = next;
        }
        push(Op::AddImmX, define(gep), at, -1, static_cast<std::int32_t>(fixed.getSExtValue()));
    }

    void select_binary(const llvm::Instruction& i) {
        using llvm::Instruction;
        const bool wide = i.getType()->isIntegerTy(128);
        const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(i.getOperand(1));
        if (!wide && constant != nullptr && i.getType()->isIntegerTy(64) && (i.getOpcode() == Instruction::Add || i.getOpcode() == Instruction::Sub)) {
            const i128 signed_value = i.getOpcode() == Instruction::Add ? static_cast<i128>(constant->getSExtValue()) : -static_cast<i128>(constant->getSExtValue());
            if (signed_value >= INT32_MIN && signed_value <= INT32_MAX) {
                push(Op::AddImmX, define(i), use(*i.getOperand(0)), -1, static_cast<std::int32_t>(signed_value));
                return;
            }
        }
        static const std::map<unsigned, std::pair<Op, Op>> table{
            {Instruction::Add, {Op::AddX, Op::AddW}}, {Instruction::Sub, {Op::SubX, Op::SubW}}, {Instruction::Mul, {Op::MulX, Op::MulW}},
            {Instruction::And, {Op::AndX, Op::AndW}}, {Instruction::Or, {Op::OrX, Op::OrW}}, {Instruction::Xor, {Op::XorX, Op::XorW}},
            {Instruction::Shl, {Op::ShlX, Op::ShlW}}, {Instruction::LShr, {Op::ShrX, Op::ShrW}}, {Instruction::AShr, {Op::SarX, Op::SarW}}};
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
        const auto value = use(*i.getOperand(0));
        const auto result = define(i);
        if (i.getOpcode() == llvm::Instruction::Trunc) {
            VReg low = value;
            if (from->isIntegerTy(128)) {
                low = to->isIntegerTy(64) ? result : out_.fresh(Bank::X);
                push(Op::LowW, low, value);
            }
            if (to->isIntegerTy(1)) push(Op::AndX, result, low, constant_x(1));
            else if (to->isIntegerTy(8)) push(Op::AndX, result, low, constant_x(255));
            return;
        }
        const bool sign = i.getOpcode() == llvm::Instruction::SExt;
        if (from->isIntegerTy(64)) push(sign ? Op::WidenX : Op::WidenUX, result, value);
        else if (!sign) push(to->isIntegerTy(128) ? Op::WidenUX : Op::MoveX, result, value);
        else if (from->isIntegerTy(1)) { // 0 or −1
            const auto negative = to->isIntegerTy(128) ? out_.fresh(Bank::X) : result;
            push(Op::SubX, negative, constant_x(0), value);
            if (to->isIntegerTy(128)) push(Op::WidenX, result, negative);
        } else {
            complain("a sign extension of a byte");
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
            if (how.branch != Op::Block) {
                auto left = use(*compare->getOperand(0)), right = use(*compare->getOperand(1));
                if (how.swap) std::swap(left, right);
                push(how.branch, left, right).target = yes;
                return finish_branch(from, i, yes, no);
            }
        }
        push(Op::BranchNotZero, use(*i.getCondition())).target = yes;
        finish_branch(from, i, yes, no);
    }

    void finish_branch(const BasicBlock& from, const llvm::BranchInst& i, int yes, int no) {
        auto& block = out_.blocks[static_cast<std::size_t>(current_)];
        auto& jump = push(Op::Jump);
        jump.target = no;
        block.successors = {yes, no};
        for (unsigned s = 0; s < 2; ++s) {
            const auto edge = edges_.find({&from, s});
            if (edge == edges_.end()) continue;
            pending_edges_.push_back({edge->second, &from, i.getSuccessor(s), line_});
        }
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
        if (callee == nullptr) return complain("an indirect call");
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
            const auto a = use(*call.getArgOperand(0)), b = use(*call.getArgOperand(1));
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

    void select_window(const llvm::CallInst& call, Op op, std::int32_t imm, std::uint8_t h_base) {
        std::vector<std::pair<Bank, VReg>> args;
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
