// The code of a function: blocks, operands, calls, holdings, gas. Each is one pass over its instructions.
#include "vm/bytecode/verify_state.hpp"

#include "vm/value/rounding.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

namespace tally::verify_detail {
namespace {

constexpr std::uint32_t slot_bit(unsigned slot) { return 1u << slot; }
constexpr std::uint32_t slot_run(std::size_t first, std::size_t count) {
    return ((1u << count) - 1u) << first;
}

/// Gas of an instruction as far as the code alone decides it.
i64 static_gas(const Module& module, const Instruction& in) {
    const i64 own = op_info(in.op).gas;
    if (in.op == Op::HostCall) return own + host_info(static_cast<HostFn>(in.imm)).gas;
    if (in.op != Op::Call) return own;
    return own + frame_gas(module.functions[static_cast<std::size_t>(in.imm)]);
}

bool is_call(Op op) {
    return op == Op::Call || op == Op::CallImport || op == Op::CallTable || op == Op::HostCall;
}

constexpr std::size_t operand_kinds = static_cast<std::size_t>(Operand::Small) + 1;

/// A row of the opcode table as this pass reads it: small, so that a function's rows stay near.
struct OpClass {
    std::uint8_t a, b, c, imm;
    bool is_call, terminates;
    bool leads_on; ///< branches and what ends a block
    std::int32_t gas;
};

const std::array<OpClass, op_count> op_classes = [] {
    std::array<OpClass, op_count> out{};
    for (std::size_t i = 0; i < op_count; ++i) {
        const auto op = static_cast<Op>(i);
        const OpInfo& info = op_info(op);
        const auto number = [](auto kind) { return static_cast<std::uint8_t>(kind); };
        out[i] = {number(info.a), number(info.b), number(info.c), number(info.imm), is_call(op), op_is_terminator(op),
                  op_is_branch(op) || op_is_terminator(op), static_cast<std::int32_t>(info.gas)};
    }
    return out;
}();

const std::array<Signature, host_count> host_signatures = [] {
    std::array<Signature, host_count> out{};
    for (std::size_t i = 0; i < host_count; ++i) {
        const HostInfo& info = host_info(static_cast<HostFn>(i));
        const char result = info.result();
        out[i] = {info.x_params(), info.w_params(), 0, result == 'x' ? ResultBank::X : result == 'w' ? ResultBank::W : ResultBank::None};
    }
    return out;
}();

class FunctionCheck {
public:
    FunctionCheck(State& state, std::uint32_t number)
        : s_(state), module_(state.module), f_(state.module.functions[number]), number_(number), heads_(state.heads), masks_(state.masks), flow_(state.flow) {
        heads_.clear();
        flow_.clear();
    }

    bool run() {
        at_ = none;
        if (header() && lines() && blocks() && operands() && holdings()) return true;
        s_.error.function = number_;
        s_.error.instruction = at_;
        return false;
    }

private:
    [[gnu::always_inline]] bool need(bool holds, const char* what) { return s_.need(holds, what); }

    bool header() {
        const std::size_t frame =
            module_.program.present ? limits::program_frame_bytes : limits::frame_bytes;
        return need(f_.x_registers <= limits::x_registers, "too many x registers") &&
               need(f_.w_registers <= limits::w_registers, "too many w registers") &&
               need(f_.h_slots <= limits::h_slots, "too many h slots") &&
               need(f_.x_params <= f_.x_registers, "more x parameters than registers") &&
               need(f_.w_params <= f_.w_registers, "more w parameters than registers") &&
               need(f_.h_params <= f_.h_slots, "more h parameters than slots") &&
               need(f_.frame_bytes <= frame, "the frame is too large") &&
               need(f_.frame_bytes % 16 == 0, "the frame is not a multiple of 16");
    }

    bool lines() {
        for (std::size_t i = 0; i < f_.lines.size(); ++i) {
            const bool ascends = i == 0 || f_.lines[i - 1].instruction < f_.lines[i].instruction;
            if (!need(ascends && f_.lines[i].instruction < f_.code.size(), "source lines out of order"))
                return false;
        }
        return true;
    }

    /// The heads, and where control goes anywhere but on.
    bool blocks() {
        if (!need(!f_.code.empty() && f_.code[0].op == Op::Block, "code starts with a block"))
            return false;
        const std::size_t size = f_.code.size();
        for (at_ = 0; at_ < size; ++at_) {
            const Op op = f_.code[at_].op;
            const Op next = at_ + 1 == size ? Op::Block : f_.code[at_ + 1].op;
            const OpClass& kind = op_classes[static_cast<std::size_t>(op)];
            // Most instructions are none of these.
            if (!kind.leads_on && op != Op::Block && next != Op::Case) continue;
            const bool goes_on = op == Op::Case && next == Op::Case;
            if (!need(!kind.leads_on || next == Op::Block || goes_on, "an instruction after the end of its block") ||
                !need(next != Op::Case || op == Op::BranchTable || goes_on, "a case outside a table"))
                return false;
            if (op == Op::Block) {
                if (!heads_.empty() && !need(at_ - heads_.back() <= limits::block_instructions, "the block is too long")) return false;
                heads_.push_back(at_);
            }
            if (kind.leads_on || op == Op::Block) flow_.push_back(at_);
        }
        --at_;
        return need(size - heads_.back() <= limits::block_instructions, "the block is too long") &&
               need(op_is_terminator(f_.code.back().op), "code runs past its end") &&
               need(heads_.size() <= limits::function_blocks, "too many blocks");
    }

    // -- operands: nearly always in range, which the limits say at once; what is not is named by the slow way

    bool operands() {
        const OperandLimits below = operand_limits();
        i64 gas = 0;
        for (at_ = 0; at_ < f_.code.size(); ++at_) {
            const Instruction& in = f_.code[at_];
            const OpClass& op = op_classes[static_cast<std::size_t>(in.op)];
            const bool fits = in.a < below.operand[op.a] && in.b < below.operand[op.b] && in.c < below.operand[op.c] &&
                              static_cast<std::uint32_t>(in.imm) < below.immediate[op.imm];
            if (fits && !op.is_call) {
                gas += op.gas;
                if (in.op == Op::Block) open_block(gas);
                continue;
            }
            const OpInfo& info = op_info(in.op);
            if (!operand(info.a, in.a) || !operand(info.b, in.b) || !operand(info.c, in.c) ||
                !immediate(info.imm, in.imm) || !window(in))
                return false;
            gas += static_gas(module_, in);
        }
        s_.facts.block_gas.back() = gas;
        return true;
    }

    /// The gas so far was the last block's; the head's own, just added, is this one's.
    void open_block(i64& gas) {
        const i64 head = op_info(Op::Block).gas;
        if (at_ > 0) s_.facts.block_gas.back() = gas - head;
        s_.facts.block_gas.push_back(0);
        gas = head;
    }

    /// By kind: what a number must be below. 0 where a comparison cannot decide it.
    struct OperandLimits {
        std::array<std::uint32_t, operand_kinds> operand;
        ImmediateLimits immediate;
    };
    OperandLimits operand_limits() const {
        const std::uint32_t any = 256, x = f_.x_registers, w = f_.w_registers, h = f_.h_slots;
        OperandLimits out{{1, x, x, w, w, h, h, h, any, any, any, any}, s_.immediates};
        const auto set = [&](Immediate kind, u64 limit) { out.immediate[static_cast<std::size_t>(kind)] = limit; };
        set(Immediate::Target, heads_.size());
        set(Immediate::Frame, u64{f_.frame_bytes} + 1);
        set(Immediate::XReg, x);
        set(Immediate::WReg, w);
        return out;
    }

    bool operand(Operand kind, unsigned value) {
        switch (kind) {
        case Operand::None: return need(value == 0, "an unused operand is not zero");
        case Operand::XDst:
        case Operand::XSrc: return need(value < f_.x_registers, "no such x register");
        case Operand::WDst:
        case Operand::WSrc: return need(value < f_.w_registers, "no such w register");
        case Operand::HDst:
        case Operand::HSrc:
        case Operand::HUse: return need(value < f_.h_slots, "no such h slot");
        case Operand::Small: return true;
        case Operand::XBase:
        case Operand::WBase:
        case Operand::HBase: return true; // see `window`
        }
        return false;
    }

    bool immediate(Immediate kind, std::int32_t imm) {
        const auto value = static_cast<std::uint32_t>(imm); // a negative one is beyond every limit
        switch (kind) {
        case Immediate::None: return need(value == 0, "an unused immediate is not zero");
        case Immediate::I32:
        case Immediate::Offset: return true;
        case Immediate::Target: return need(value < heads_.size(), "no such block");
        case Immediate::Fn: return need(value < module_.functions.size(), "no such function");
        case Immediate::Import: return need(value < module_.imports.size(), "no such import");
        case Immediate::Host: return host(value);
        case Immediate::ConstX: return need(value < module_.x_constants.size(), "no such constant");
        case Immediate::ConstW: return need(value < module_.w_constants.size(), "no such constant");
        case Immediate::Vault: return need(is_vault(value), "no such vault");
        case Immediate::Frame: return need(value <= f_.frame_bytes, "outside the frame");
        case Immediate::TrapNo: return need(is_trap(value), "no such trap");
        case Immediate::XReg: return need(value < f_.x_registers, "no such x register");
        case Immediate::WReg: return need(value < f_.w_registers, "no such w register");
        case Immediate::WRegMode:
            return need((value & 0xff) < f_.w_registers, "no such w register") &&
                   need(value >> 8 < rounding_count, "no such rounding mode");
        case Immediate::Mode: return need(value < rounding_count, "no such rounding mode");
        case Immediate::Cases: return cases(value);
        case Immediate::CallShape:
            return need(value < module_.program.shapes.size(), "no such shape of a call");
        }
        return false;
    }

    /// Exactly so many `case` words stand behind a `brtab`.
    bool cases(std::uint32_t count) {
        const std::size_t next = std::size_t{at_} + 1;
        if (!need(count >= 1 && count <= limits::table_cases, "a table of no size, or too large a one") ||
            !need(count < f_.code.size() - next, "the table is cut short"))
            return false;
        const auto from = f_.code.begin() + static_cast<std::ptrdiff_t>(next);
        const auto is_case = [](const Instruction& in) { return in.op == Op::Case; };
        return need(std::all_of(from, from + count, is_case) && !is_case(from[count]),
                    "the table's length is not the number of its cases");
    }

    bool host(std::uint32_t value) {
        if (!need(value < host_count, "no such host function")) return false;
        const bool test = host_info(static_cast<HostFn>(value)).kind == HostKind::Test;
        return need(!test || !module_.tests.empty(), "a test function in a module without tests");
    }

    static bool is_trap(std::uint32_t value) {
        return value > 0 && value <= 0xffff && trap_info(static_cast<Trap>(value)) != nullptr;
    }

    /// Code belongs to no contract, so this asks whether any has that vault; the runtime asks the
    /// contract that runs.
    bool is_vault(std::uint32_t field) const { return field < s_.vaults.size() && s_.vaults[field]; }

    // -- calls

    Signature signature_of(const Instruction& in) const {
        const auto imm = static_cast<std::size_t>(in.imm);
        if (in.op == Op::CallImport) {
            Signature shape = s_.imports[imm];
            ++shape.x; // the instance
            return shape;
        }
        if (in.op == Op::CallTable) {
            const CallShape& called = module_.program.shapes[imm];
            return {called.x_params + 1u, called.w_params, 0, called.result};
        }
        if (in.op == Op::Call) {
            const Function& f = module_.functions[imm];
            return {f.x_params, f.w_params, f.h_params, f.result};
        }
        return host_signatures[imm];
    }

    bool window(const Instruction& in) {
        if (!is_call(in.op)) return true;
        const Signature want = signature_of(in);
        const auto fits = [](std::size_t base, std::size_t params, bool result, std::size_t count) {
            return base + params <= count && (!result || base < count);
        };
        if (in.op == Op::Call) s_.callees.push_back(static_cast<std::uint32_t>(in.imm));
        return need(fits(in.a, want.x, want.result == ResultBank::X, f_.x_registers) &&
                        fits(in.b, want.w, want.result == ResultBank::W, f_.w_registers) &&
                        fits(in.c, want.h, want.result == ResultBank::H, f_.h_slots),
                    "the call's window leaves the registers");
    }

    // -- holdings: one pass in layout order, a mask of full slots at each block head

    bool holdings() {
        masks_.assign(heads_.size(), unreached);
        mask_ = slot_run(0, f_.h_params);
        falls_in_ = true;
        block_ = 0;
        if (f_.h_slots == 0) { // only the ways between blocks matter
            for (const std::uint32_t at : flow_)
                if (!follow(at)) return false;
            return true;
        }
        for (std::uint32_t at = 0; at < f_.code.size(); ++at)
            if (!follow(at)) return false;
        return true;
    }

    bool follow(std::uint32_t at) {
        at_ = at;
        const Instruction& in = f_.code[at];
        if (in.op == Op::Block) {
            if (falls_in_ && !reach(block_, mask_)) return false;
            if (!need(masks_[block_] != unreached, "no earlier block leads here")) return false;
            mask_ = masks_[block_++];
        } else if (!step(in, mask_)) {
            return false;
        }
        falls_in_ = !op_classes[static_cast<std::size_t>(in.op)].terminates;
        return true;
    }

    bool reach(std::size_t block, std::uint32_t mask) {
        if (masks_[block] == unreached) masks_[block] = mask;
        return need(masks_[block] == mask, "holdings differ on two ways into a block");
    }

    bool step(const Instruction& in, std::uint32_t& mask) {
        const OpInfo& info = op_info(in.op);
        std::uint32_t fills = 0, empties = 0, uses = 0;
        for (const auto& [kind, slot] :
             {std::pair{info.a, in.a}, std::pair{info.b, in.b}, std::pair{info.c, in.c}}) {
            if (kind == Operand::HDst) fills |= slot_bit(slot);
            if (kind == Operand::HSrc) empties |= slot_bit(slot);
            if (kind == Operand::HUse) uses |= slot_bit(slot);
        }
        if (!need((mask & fills) == 0, "the slot is full already")) return false;
        if (!need((mask & empties) == empties && (mask & uses) == uses, "the slot is empty"))
            return false;
        if (!need((empties & uses) == 0, "one holding used twice")) return false;
        mask = (mask & ~empties) | fills;
        if (is_call(in.op) && !call(in, mask)) return false;
        if (op_is_branch(in.op)) return reach(static_cast<std::size_t>(in.imm), mask);
        return leave(in.op, mask);
    }

    bool call(const Instruction& in, std::uint32_t& mask) {
        const Signature want = signature_of(in);
        const std::uint32_t given = want.h == 0 ? 0 : slot_run(in.c, want.h);
        if (!need((mask & given) == given, "the slot is empty")) return false;
        mask &= ~given;
        if (want.result != ResultBank::H) return true;
        if (!need((mask & slot_bit(in.c)) == 0, "the slot is full already")) return false;
        mask |= slot_bit(in.c);
        return true;
    }

    bool leave(Op op, std::uint32_t mask) {
        const auto returns = [&](ResultBank bank) {
            return need(f_.result == bank, "the result is of another bank") &&
                   need(mask == 0, "a holding is left at the return");
        };
        switch (op) {
        case Op::Return: return returns(ResultBank::None);
        case Op::ReturnX: return returns(ResultBank::X);
        case Op::ReturnW: return returns(ResultBank::W);
        case Op::ReturnH: return returns(ResultBank::H);
        default: return true;
        }
    }

    static constexpr std::uint32_t unreached = 0xffffffff; // no mask: there are 16 slots

    State& s_;
    const Module& module_;
    const Function& f_;
    std::uint32_t number_;
    std::uint32_t at_ = none;
    std::vector<std::uint32_t>&heads_, &masks_, &flow_;
    std::uint32_t mask_ = 0; ///< full slots
    bool falls_in_ = true;
    std::size_t block_ = 0;
};

/// Those that are the same for every function of a module.
ImmediateLimits module_limits(const Module& module) {
    ImmediateLimits out{};
    const auto set = [&](Immediate kind, u64 limit) { out[static_cast<std::size_t>(kind)] = limit; };
    set(Immediate::None, 1);
    set(Immediate::I32, u64{1} << 32);
    set(Immediate::Offset, u64{1} << 32);
    set(Immediate::Fn, module.functions.size());
    set(Immediate::Import, module.imports.size());
    set(Immediate::ConstX, module.x_constants.size());
    set(Immediate::ConstW, module.w_constants.size());
    set(Immediate::Mode, rounding_count);
    set(Immediate::CallShape, module.program.shapes.size());
    return out;
}

std::vector<bool> vault_fields(const Module& module) {
    std::vector<bool> out(limits::fields, false);
    for (const Contract& c : module.contracts)
        for (std::size_t i = 0; i < c.fields.size(); ++i)
            if (c.fields[i].kind == FieldKind::Vault) out[i] = true;
    return out;
}

/// The calls of a program may recurse, so nothing bounds a chain but the engine's own count: room for
/// the largest there may be.
bool open_chains(State& s) {
    const auto& functions = s.module.functions;
    for (std::uint32_t f = 0; f < functions.size(); ++f) {
        s.facts.stack_bytes.push_back(functions[f].frame_bytes);
        s.facts.stack_x.push_back(limits::program_registers);
        s.facts.stack_w.push_back(limits::program_registers);
        s.facts.stack_h.push_back(0);
    }
    return true;
}

} // namespace

bool check_code(State& s) {
    s.immediates = module_limits(s.module);
    s.vaults = vault_fields(s.module);
    s.imports.reserve(s.module.imports.size());
    for (const Import& import : s.module.imports)
        s.imports.push_back(import_signature(s.module, import));
    const auto& functions = s.module.functions;
    std::size_t instructions = 0;
    for (const Function& f : functions)
        instructions += f.code.size();
    if (!s.need(instructions <= limits::module_instructions, "too many instructions")) return false;
    s.callees.reserve(functions.size());
    s.facts.block_gas.reserve(functions.size());
    for (std::uint32_t i = 0; i < functions.size(); ++i) {
        s.callees.open();
        s.facts.block_gas.open();
        if (!FunctionCheck(s, i).run()) return false;
    }
    return true;
}

/// The same calls, by callee.
class Callers {
public:
    explicit Callers(const Rows<std::uint32_t>& callees) : begins_(callees.size() + 1), all_(callees.all().size()) {
        for (const std::uint32_t callee : callees.all()) ++begins_[callee];
        std::partial_sum(begins_.begin(), begins_.end(), begins_.begin()); // now where each row ends: it is filled from there
        for (std::size_t caller = callees.size(); caller-- > 0;)
            for (const std::uint32_t callee : callees[caller]) all_[--begins_[callee]] = static_cast<std::uint32_t>(caller);
    }
    [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t callee) const {
        return std::span(all_).subspan(begins_[callee], begins_[callee + 1] - begins_[callee]);
    }

private:
    std::vector<std::uint32_t> begins_, all_;
};

/// Callees before callers: whoever cannot be ordered so is on a cycle.
bool check_chains(State& s) {
    if (s.module.program.present) return open_chains(s);
    const auto& functions = s.module.functions;
    const std::size_t count = functions.size();
    const Callers callers(s.callees);
    std::vector<std::uint32_t> waits(count), depth(count), ready;
    ready.reserve(count);
    for (std::uint32_t f = 0; f < count; ++f) {
        waits[f] = static_cast<std::uint32_t>(s.callees[f].size());
        if (waits[f] == 0) ready.push_back(f);
    }
    // Sums stay small: a chain that grows past its limit ends the check.
    auto& [layouts, records, gas, bytes, x, w, h] = s.facts;
    for (auto* sums : {&bytes, &x, &w, &h})
        sums->assign(count, 0);
    for (std::size_t i = 0; i < ready.size(); ++i) {
        const std::uint32_t f = ready[i];
        bytes[f] += functions[f].frame_bytes;
        x[f] += functions[f].x_registers;
        w[f] += functions[f].w_registers;
        h[f] += functions[f].h_slots;
        s.error.function = f;
        s.error.size = true;
        if (!s.need(++depth[f] <= limits::call_depth, "calls are nested too deeply") ||
            !s.need(bytes[f] <= limits::frame_bytes, "the frames of a call chain are too large"))
            return false;
        s.error.size = false;
        for (const std::uint32_t caller : callers.of(f)) {
            for (auto* sums : {&bytes, &x, &w, &h})
                (*sums)[caller] = std::max((*sums)[caller], (*sums)[f]);
            depth[caller] = std::max(depth[caller], depth[f]);
            if (--waits[caller] == 0) ready.push_back(caller);
        }
    }
    const auto stuck =
        std::find_if(waits.begin(), waits.end(), [](std::uint32_t n) { return n > 0; });
    if (stuck == waits.end()) {
        s.error.function = none;
        return true;
    }
    s.error.function = static_cast<std::uint32_t>(stuck - waits.begin());
    return s.fail("the function can reach itself");
}

} // namespace tally::verify_detail
