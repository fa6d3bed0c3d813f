// The module: every function selected, allocated and laid out; numbers made final.
#include "compiler/emit/emit.hpp"

#include "compiler/emit/select.hpp"
#include "vm/bytecode/layout.hpp"
#include "vm/bytecode/limits.hpp"

#include <llvm/IR/Function.h>

#include <algorithm>

namespace tally {

namespace {

using namespace emit_detail;

/// Physical code of one function.
class Writer {
public:
    Writer(const MachineFunction& source, const Allocation& allocation, Function& out, std::map<std::uint32_t, BlockNotes>& notes)
        : source_(source), allocation_(allocation), out_(out), notes_(notes) {}

    void run() {
        window_x_ = allocation_.x_count;
        window_w_ = allocation_.w_count;
        starts_.assign(source_.blocks.size(), -1);
        for (std::size_t b = 0; b < source_.blocks.size(); ++b) block(b);
        for (const auto& [at, target] : fixups_) out_.code[at].imm = starts_[static_cast<std::size_t>(target)];
        out_.x_registers = static_cast<std::uint16_t>(std::max<int>(max_x_, window_x_));
        out_.w_registers = static_cast<std::uint16_t>(std::max<int>(max_w_, window_w_));
        out_.h_slots = std::max<std::uint16_t>(source_.h_slots, out_.h_params);
        out_.frame_bytes = (source_.frame_bytes + 15) / 16 * 16;
    }

private:
    [[nodiscard]] std::uint8_t physical(VReg reg) const {
        return reg < 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(std::max(0, allocation_.registers[static_cast<std::size_t>(reg)]));
    }
    void write(Instruction i) { out_.code.push_back(i); }
    void line(std::uint32_t number) {
        if (number == 0 || (!out_.lines.empty() && out_.lines.back().line == number)) return;
        const auto at = static_cast<std::uint32_t>(out_.code.size());
        if (!out_.lines.empty() && out_.lines.back().instruction == at) out_.lines.back().line = number;
        else out_.lines.push_back({at, number});
    }
    void head() {
        write({Op::Block, 0, 0, 0, 0});
        ++blocks_;
    }

    void block(std::size_t number) {
        starts_[number] = static_cast<std::int32_t>(blocks_);
        if (const auto& from = source_.blocks[number]; !from.loops.empty() || from.gas != 0) notes_[blocks_] = {from.loops, from.gas};
        head();
        const auto& code = source_.blocks[number].code;
        for (std::size_t k = 0; k < code.size(); ++k) {
            const auto& i = code[k];
            line(i.line);
            if (i.is_call) call(i);
            else if (i.op == Op::Jump) jump(i, number, k > 0 && op_is_branch(code[k - 1].op));
            else instruction(i);
            if (i.op == Op::TrapOp) break;
        }
    }

    void jump(const MachineInstr& i, std::size_t number, bool after_branch) {
        if (static_cast<std::size_t>(i.target) == number + 1) return; // falls through
        if (after_branch) head();                                     // a branch falls into a block
        fixups_.emplace_back(out_.code.size(), i.target);
        write({Op::Jump, 0, 0, 0, 0});
    }

    void instruction(const MachineInstr& i) {
        const auto& info = op_info(i.op);
        if ((i.op == Op::MoveX || i.op == Op::MoveW) && physical(i.a) == physical(i.b)) return;
        const auto operand = [&](Operand kind, VReg reg, std::uint8_t slot) {
            if (kind == Operand::Small) return static_cast<std::uint8_t>(i.small);
            return kind == Operand::HDst || kind == Operand::HSrc || kind == Operand::HUse ? slot : physical(reg);
        };
        Instruction out{i.op, operand(info.a, i.a, i.h[0]), operand(info.b, i.b, i.h[1]), operand(info.c, i.c, i.h[2]), i.imm};
        if (info.imm == Immediate::XReg || info.imm == Immediate::WReg) out.imm = physical(i.d);
        if (info.imm == Immediate::WRegMode) out.imm = physical(i.d) | (i.imm << 8);
        if (i.target >= 0) fixups_.emplace_back(out_.code.size(), i.target);
        write(out);
    }

    void call(const MachineInstr& i) {
        int x = 0, w = 0;
        for (const auto& [bank, reg] : i.args) {
            if (bank == Bank::X) write({Op::MoveX, static_cast<std::uint8_t>(window_x_ + x++), physical(reg), 0, 0});
            else write({Op::MoveW, static_cast<std::uint8_t>(window_w_ + w++), physical(reg), 0, 0});
        }
        if (i.result >= 0) (i.result_bank == Bank::X ? x : w) = std::max(i.result_bank == Bank::X ? x : w, 1);
        max_x_ = std::max(max_x_, window_x_ + x);
        max_w_ = std::max(max_w_, window_w_ + w);
        // A base must lie inside the registers even when nothing is passed.
        write({i.op, x > 0 ? static_cast<std::uint8_t>(window_x_) : std::uint8_t{0}, w > 0 ? static_cast<std::uint8_t>(window_w_) : std::uint8_t{0},
               i.op == Op::HostCall ? std::uint8_t{0} : i.h_base, i.imm});
        if (i.result < 0 || allocation_.registers[static_cast<std::size_t>(i.result)] < 0) return;
        if (i.result_bank == Bank::X) write({Op::MoveX, physical(i.result), static_cast<std::uint8_t>(window_x_), 0, 0});
        else write({Op::MoveW, physical(i.result), static_cast<std::uint8_t>(window_w_), 0, 0});
    }

    const MachineFunction& source_;
    const Allocation& allocation_;
    Function& out_;
    std::map<std::uint32_t, BlockNotes>& notes_;
    std::vector<std::int32_t> starts_;
    std::vector<std::pair<std::size_t, int>> fixups_;
    std::uint32_t blocks_ = 0;
    int window_x_ = 0, window_w_ = 0, max_x_ = 0, max_w_ = 0;
};

void renumber(Auth& auth, const std::vector<std::uint32_t>& numbers) {
    if (auth.kind == AuthKind::Term && auth.root == AuthRoot::Function) auth.index = numbers[auth.index];
    for (auto& child : auth.children) renumber(child, numbers);
}

/// Drops unreached blocks? There are none: the order of blocks came from a walk from the entry.
void renumber(Module& module, const std::vector<std::uint32_t>& numbers) {
    for (auto& contract : module.contracts) {
        for (auto& entry : contract.entries) {
            entry.function = numbers[entry.function];
            renumber(entry.auth, numbers);
            if (entry.next_date != none) entry.next_date = numbers[entry.next_date];
        }
        for (auto& migration : contract.migrations) migration.function = numbers[migration.function];
        if (contract.invariants != none) contract.invariants = numbers[contract.invariants];
    }
    for (auto& test : module.tests) test.function = numbers[test.function];
    for (auto& place : module.program.table) place = numbers[place];
}

std::map<std::string, std::uint32_t> global_addresses(const Module& module) {
    std::map<std::string, std::uint32_t> out;
    const auto layouts_of_types = layouts(module.types);
    for (const auto& contract : module.contracts) {
        const auto record = record_layout(contract, layouts_of_types, module.types);
        out["tally.self." + contract.name] = self_address;
        out["tally.parent." + contract.name] = parent_address(record.size);
    }
    return out;
}

} // namespace

Module emit(const Ir& ir, Sink& sink, CostNotes& notes) {
    const auto& impl = *ir.impl;
    notes.loops = impl.loops;
    Module out = impl.interface;
    Pools pools;
    pools.globals = global_addresses(out);
    pools.renumbered.assign(impl.functions.size(), none);
    const auto frame_bytes_max = out.program.present ? limits::program_frame_bytes : limits::frame_bytes;
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < impl.functions.size(); ++i) {
        const auto* function = impl.functions[i].llvm;
        if (function == nullptr || function->isDeclaration()) continue; // inlined everywhere
        pools.functions[function] = next;
        pools.renumbered[i] = next++;
    }
    for (const auto& f : impl.functions) {
        if (f.llvm == nullptr || f.llvm->isDeclaration()) continue;
        std::string complaint;
        auto machine = select(f, impl, pools, complaint);
        if (!complaint.empty()) {
            sink.report(Diag::Internal, {}, {complaint + " in `" + f.shape.name + "`"});
            return out;
        }
        const auto allocation = allocate(machine);
        Function function = f.shape;
        notes.functions.emplace_back();
        Writer(machine, allocation, function, notes.functions.back()).run();
        if (function.code.size() > limits::function_instructions || function.x_registers > limits::x_registers ||
            function.w_registers > limits::w_registers || function.frame_bytes > frame_bytes_max) {
            sink.report(Diag::FunctionTooLarge, {}, {f.shape.name, std::to_string(function.code.size()) + " instructions, " +
                                                     std::to_string(function.frame_bytes) + " bytes of frame"});
            return out;
        }
        out.functions.push_back(std::move(function));
    }
    out.x_constants.resize(pools.x_constants.size());
    for (const auto& [value, number] : pools.x_constants) out.x_constants[number] = value;
    out.w_constants.resize(pools.w_constants.size());
    for (const auto& [value, number] : pools.w_constants) out.w_constants[number] = value;
    out.program.shapes = std::move(pools.shapes);
    renumber(out, pools.renumbered);
    return out;
}

} // namespace tally
