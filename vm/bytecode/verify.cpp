#include "vm/bytecode/verify.hpp"


#include "vm/bytecode/codec.hpp"
#include "vm/value/currency.hpp"
#include "vm/value/rounding.hpp"

#include <algorithm>
#include <array>

namespace tally {
namespace {

// ---- counts, lengths, enum values
// ----------------------------------------------------------------

/// Walks a module along the grammar and asks only: would `decode` take it back?
class LimitCheck {
public:
    void text(const std::string& v, std::size_t max) { demand(v.size() <= max); }
    void bytes(const std::vector<std::uint8_t>& v, std::size_t max) { demand(v.size() <= max); }
    template <typename N> void number(N) {}
    void index(std::uint32_t) {}
    void word(u64) {}
    void flag(bool) {}
    template <typename E> void pick(E v, unsigned count) {
        demand(static_cast<unsigned>(v) < count);
    }
    void integer(i64) {}
    void wide(i128) {}
    void hash(const Hash&) {}
    void instruction(const Instruction& v) { demand(static_cast<std::size_t>(v.op) < op_count); }
    template <typename T, typename Each>
    void list(const std::vector<T>& v, std::size_t max, const Each& each) {
        demand(v.size() <= max);
        for (const T& item : v)
            each(*this, item);
    }
    bool enter(std::size_t max) {
        demand(depth_ < max);
        depth_ += ok_ ? 1 : 0;
        return ok_;
    }
    void leave() { --depth_; }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    void demand(bool holds) { ok_ = ok_ && holds; }
    bool ok_ = true;
    std::size_t depth_ = 0;
};

// ---- what verification carries along ------------------------------------------------------------

/// Registers that parameters take, and where a result comes back.
struct Signature {
    std::size_t x = 0, w = 0, h = 0;
    ResultBank result = ResultBank::None;
};

struct State {
    const Module& module;
    Verified facts;
    VerifyError error;
    std::vector<std::vector<std::uint32_t>> callees; ///< by function
    std::vector<Signature> imports;                      ///< by import
    std::vector<bool> vaults;                        ///< by field number: some contract has a vault there

    bool fail(std::string what) {
        error.what = std::move(what);
        return false;
    }
    bool need(bool holds, const char* what) { return holds || fail(what); }
};

bool is_collection(TypeKind kind) {
    return kind == TypeKind::List || kind == TypeKind::Map || kind == TypeKind::Set;
}

// ---- types --------------------------------------------------------------------------------------

class TypeCheck {
public:
    explicit TypeCheck(State& state) : s_(state), types_(state.module.types) {}

    bool run() {
        for (std::uint32_t i = 0; i < types_.size(); ++i) {
            if (!type(i)) {
                s_.error.what = "type " + std::to_string(i) + ": " + s_.error.what;
                return false;
            }
        }
        return true;
    }

private:
    bool type(std::uint32_t i) {
        const Type& t = types_[i];
        if (!members(t) || !parts(t, i)) return false;
        auto layout = layout_of(t, s_.facts.layouts);
        if (!layout) return s_.fail("larger than a value may be");
        s_.facts.layouts.push_back(std::move(*layout));
        depths_.push_back(depth(t));
        keys_.push_back(may_be_key(t, i));
        return s_.need(depths_.back() <= limits::type_depth, "nested too deeply") &&
               (t.kind != TypeKind::Map || s_.need(keys_[t.key], "not a key type")) &&
               (t.kind != TypeKind::Set || s_.need(keys_[t.element], "not a key type"));
    }

    /// Members that the kind does not use are empty, so that one type has one encoding.
    bool members(const Type& t) {
        const bool map = t.kind == TypeKind::Map;
        const bool holds = is_collection(t.kind) || t.kind == TypeKind::Optional;
        const bool bounded = is_collection(t.kind) || is_string(t.kind);
        const std::size_t max =
            is_string(t.kind) ? limits::text_bytes : limits::collection_elements;
        return s_.need(map || t.key == none, "a key where none belongs") &&
               s_.need(holds || t.element == none, "an element where none belongs") &&
               s_.need(bounded || t.max == 0, "a maximum where none belongs") &&
               s_.need(t.max <= max, "the maximum is too large") &&
               s_.need(has_fields(t.kind) || t.fields.empty(),
                       "fields where none belong") &&
               s_.need((t.kind == TypeKind::Enum) == !t.cases.empty(), "cases are for enums");
    }

    bool parts(const Type& t, std::uint32_t i) {
        for (const Field& field : t.fields)
            if (!part(field.type, i)) return false;
        if (t.kind == TypeKind::Variant && !variant(t)) return false;
        if (t.kind == TypeKind::Map) {
            if (!part(t.key, i)) return false;
            if (t.element < i && types_[t.element].kind == TypeKind::Cash) return true;
        }
        const bool holds = is_collection(t.kind) || t.kind == TypeKind::Optional;
        return !holds || part(t.element, i);
    }

    /// The case first, then fields that each belong to one of the cases.
    bool variant(const Type& t) {
        if (!s_.need(!t.fields.empty() && types_[t.fields[0].type].kind == TypeKind::Enum, "a variant starts with its case")) return false;
        const auto& cases = types_[t.fields[0].type].cases;
        for (std::size_t f = 1; f < t.fields.size(); ++f) {
            const bool owned = std::any_of(cases.begin(), cases.end(), [&](const auto& c) { return variant_field_alive(t, f, c); });
            if (!s_.need(owned, "a variant's field belongs to no case")) return false;
        }
        return true;
    }

    /// A part takes room: a type of n bytes then has at most n/8 leaves, which bounds every walk
    /// over a value. That also keeps Cash, and vaults, out of memory.
    bool part(std::uint32_t p, std::uint32_t i) {
        return s_.need(p < i, "refers to a type that is not before it") &&
               s_.need(s_.facts.layouts[p].size > 0, "a part that is never in memory") &&
               s_.need(types_[p].kind != TypeKind::Accrual, "an accrual is only a contract field");
    }

    std::size_t depth(const Type& t) const {
        std::size_t below = 0;
        for (const Field& field : t.fields)
            below = std::max(below, depths_[field.type]);
        if (t.key != none) below = std::max(below, depths_[t.key]);
        if (t.element != none) below = std::max(below, depths_[t.element]);
        return below + 1;
    }

    bool may_be_key(const Type& t, std::uint32_t i) const {
        if (s_.facts.layouts[i].size > limits::storage_key) return false;
        if (has_fields(t.kind))
            return !t.fields.empty() && std::all_of(t.fields.begin(), t.fields.end(),
                                                    [&](const Field& f) { return keys_[f.type]; });
        return (t.kind > TypeKind::Unit && t.kind <= TypeKind::Decimal) || t.kind >= TypeKind::Number;
    }

    State& s_;
    const std::vector<Type>& types_;
    std::vector<std::size_t> depths_;
    std::vector<bool> keys_;
};

// ---- signatures ---------------------------------------------------------------------------------

/// A type that a parameter or a result can have.
bool is_value_type(const Module& module, std::uint32_t type) {
    if (type >= module.types.size()) return false;
    const Type& t = module.types[type];
    if (t.kind == TypeKind::Map) return module.types[t.element].kind != TypeKind::Cash;
    return t.kind != TypeKind::Accrual;
}

void add_parameter(const Module& module, std::uint32_t type, Signature& signature) {
    switch (bank_of(module.types[type].kind)) {
    case ResultBank::None: return;
    case ResultBank::X: ++signature.x; return;
    case ResultBank::W: ++signature.w; return;
    case ResultBank::H: ++signature.h; return;
    }
}

void add_result(const Module& module, std::uint32_t type, Signature& signature) {
    if (type == none) return;
    const TypeKind kind = module.types[type].kind;
    if (is_aggregate(kind))
        ++signature.x;
    else
        signature.result = bank_of(kind);
}

bool has_signature(const Function& f, const Signature& want) {
    return f.x_params == want.x && f.w_params == want.w && f.h_params == want.h &&
           f.result == want.result;
}

Signature import_signature(const Module& module, const Import& import) {
    Signature signature;
    for (const std::uint32_t type : import.params)
        add_parameter(module, type, signature);
    add_result(module, import.result, signature);
    return signature;
}

// ---- code ---------------------------------------------------------------------------------------

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

class FunctionCheck {
public:
    FunctionCheck(State& state, std::uint32_t number)
        : s_(state), module_(state.module), f_(state.module.functions[number]), number_(number) {}

    bool run() {
        at_ = none;
        if (header() && lines() && blocks() && operands() && holdings()) {
            gas();
            return true;
        }
        s_.error.function = number_;
        s_.error.instruction = at_;
        return false;
    }

private:
    bool need(bool holds, const char* what) { return s_.need(holds, what); }

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
            const bool ascends = i == 0 || f_.lines[i - 1].first < f_.lines[i].first;
            if (!need(ascends && f_.lines[i].first < f_.code.size(), "source lines out of order"))
                return false;
        }
        return true;
    }

    bool blocks() {
        if (!need(!f_.code.empty() && f_.code[0].op == Op::Block, "code starts with a block"))
            return false;
        for (at_ = 0; at_ < f_.code.size(); ++at_) {
            const Op op = f_.code[at_].op;
            const bool last = at_ + 1 == f_.code.size();
            const Op next = last ? Op::Block : f_.code[at_ + 1].op;
            if (op == Op::Block) heads_.push_back(at_);
            const bool ends = op_is_terminator(op) || op_is_branch(op);
            const bool goes_on = op == Op::Case && next == Op::Case;
            if (!need(!ends || next == Op::Block || goes_on, "an instruction after the end of its block") ||
                !need(next != Op::Case || op == Op::BranchTable || goes_on, "a case outside a table"))
                return false;
            if (!need(at_ - heads_.back() < limits::block_instructions, "the block is too long"))
                return false;
        }
        --at_;
        return need(op_is_terminator(f_.code.back().op), "code runs past its end") &&
               need(heads_.size() <= limits::function_blocks, "too many blocks");
    }

    // -- operands

    bool operands() {
        for (at_ = 0; at_ < f_.code.size(); ++at_) {
            const Instruction& in = f_.code[at_];
            const OpInfo& info = op_info(in.op);
            if (!operand(info.a, in.a) || !operand(info.b, in.b) || !operand(info.c, in.c) ||
                !immediate(info.imm, in.imm) || !window(in))
                return false;
        }
        return true;
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
        const HostInfo& info = host_info(static_cast<HostFn>(imm));
        const char result = info.result();
        return {info.x_params(), info.w_params(), 0,
                result == 'x'   ? ResultBank::X
                : result == 'w' ? ResultBank::W
                                : ResultBank::None};
    }

    static bool is_call(Op op) {
        return op == Op::Call || op == Op::CallImport || op == Op::CallTable || op == Op::HostCall;
    }

    bool window(const Instruction& in) {
        if (!is_call(in.op)) return true;
        const Signature want = signature_of(in);
        const auto fits = [](std::size_t base, std::size_t params, bool result, std::size_t count) {
            return base + params <= count && (!result || base < count);
        };
        if (in.op == Op::Call) s_.callees[number_].push_back(static_cast<std::uint32_t>(in.imm));
        return need(fits(in.a, want.x, want.result == ResultBank::X, f_.x_registers) &&
                        fits(in.b, want.w, want.result == ResultBank::W, f_.w_registers) &&
                        fits(in.c, want.h, want.result == ResultBank::H, f_.h_slots),
                    "the call's window leaves the registers");
    }

    // -- holdings: one pass in layout order, a mask of full slots at each block head

    bool holdings() {
        masks_.assign(heads_.size(), unreached);
        std::uint32_t mask = slot_run(0, f_.h_params);
        bool falls_in = true;
        std::size_t block = 0;
        for (at_ = 0; at_ < f_.code.size(); ++at_) {
            const Instruction& in = f_.code[at_];
            if (in.op == Op::Block) {
                if (falls_in && !reach(block, mask)) return false;
                if (!need(masks_[block] != unreached, "no earlier block leads here")) return false;
                mask = masks_[block++];
            } else if (!step(in, mask)) {
                return false;
            }
            falls_in = !op_is_terminator(in.op);
        }
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

    void gas() {
        std::vector<i64>& blocks = s_.facts.block_gas[number_];
        for (const Instruction& in : f_.code) {
            if (in.op == Op::Block) blocks.push_back(0);
            blocks.back() += static_gas(module_, in);
        }
    }

    static constexpr std::uint32_t unreached = 0xffffffff; // no mask: there are 16 slots

    State& s_;
    const Module& module_;
    const Function& f_;
    std::uint32_t number_;
    std::uint32_t at_ = none;
    std::vector<std::uint32_t> heads_, masks_;
};

std::vector<bool> vault_fields(const Module& module) {
    std::vector<bool> out(limits::fields, false);
    for (const Contract& c : module.contracts)
        for (std::size_t i = 0; i < c.fields.size(); ++i)
            if (c.fields[i].kind == FieldKind::Vault) out[i] = true;
    return out;
}

bool check_code(State& s) {
    s.vaults = vault_fields(s.module);
    for (const Import& import : s.module.imports)
        s.imports.push_back(import_signature(s.module, import));
    const auto& functions = s.module.functions;
    std::size_t instructions = 0;
    for (const Function& f : functions)
        instructions += f.code.size();
    if (!s.need(instructions <= limits::module_instructions, "too many instructions")) return false;
    s.callees.resize(functions.size());
    s.facts.block_gas.resize(functions.size());
    for (std::uint32_t i = 0; i < functions.size(); ++i)
        if (!FunctionCheck(s, i).run()) return false;
    return true;
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

/// Callees before callers: whoever cannot be ordered so is on a cycle.
bool check_chains(State& s) {
    if (s.module.program.present) return open_chains(s);
    const auto& functions = s.module.functions;
    const std::size_t count = functions.size();
    std::vector<std::vector<std::uint32_t>> callers(count);
    std::vector<std::size_t> waits(count), depth(count);
    std::vector<std::uint32_t> ready;
    for (std::uint32_t f = 0; f < count; ++f) {
        waits[f] = s.callees[f].size();
        if (waits[f] == 0) ready.push_back(f);
        for (const std::uint32_t callee : s.callees[f])
            callers[callee].push_back(f);
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
        for (const std::uint32_t caller : callers[f]) {
            for (auto* sums : {&bytes, &x, &w, &h})
                (*sums)[caller] = std::max((*sums)[caller], (*sums)[f]);
            depth[caller] = std::max(depth[caller], depth[f]);
            if (--waits[caller] == 0) ready.push_back(caller);
        }
    }
    const auto stuck =
        std::find_if(waits.begin(), waits.end(), [](std::size_t n) { return n > 0; });
    if (stuck == waits.end()) {
        s.error.function = none;
        return true;
    }
    s.error.function = static_cast<std::uint32_t>(stuck - waits.begin());
    return s.fail("the function can reach itself");
}

// ---- the interface ------------------------------------------------------------------------------

bool check_imports(State& s) {
    for (const Import& import : s.module.imports) {
        for (const std::uint32_t type : import.params)
            if (!s.need(is_value_type(s.module, type), "an import's parameter has no such type"))
                return false;
        if (!s.need(import.result == none || is_value_type(s.module, import.result),
                    "an import's result has no such type"))
            return false;
    }
    return true;
}

bool check_records(State& s, const std::vector<NamedRecord>& records) {
    return std::all_of(records.begin(), records.end(), [&](const NamedRecord& r) {
        const bool ok = r.record == none || (r.record < s.module.types.size() &&
                                             s.module.types[r.record].kind == TypeKind::Record);
        return s.need(ok, "an event or error carries what is not a record");
    });
}

bool check_function(State& s, std::uint32_t function, const Signature& want, const char* what) {
    return s.need(function < s.module.functions.size() &&
                      has_signature(s.module.functions[function], want),
                  what);
}

class ContractCheck {
public:
    ContractCheck(State& state, std::uint32_t number)
        : s_(state), module_(state.module), c_(state.module.contracts[number]), number_(number) {}

    bool run() {
        const Signature invariants{0, 0, 0, ResultBank::X};
        if (!lifecycle() || !fields()) return false;
        for (const Entry& e : c_.entries)
            if (!entry(e)) return false;
        for (const Migration& m : c_.migrations)
            if (!check_function(s_, m.function, {}, "a migration takes and gives nothing")) return false;
        return c_.invariants == none ||
               check_function(s_, c_.invariants, invariants, "the invariants take no parameters");
    }

private:
    bool need(bool holds, const char* what) { return s_.need(holds, what); }

    bool are_states(u64 mask) const {
        return c_.states.size() == limits::states || mask >> c_.states.size() == 0;
    }

    bool lifecycle() {
        if (!need(!c_.states.empty(), "a contract without states") ||
            !need(c_.parent == none || c_.parent < number_, "the parent is not before its child") ||
            !need(c_.currency == 0 || (!c_.generic && currency_by_code(c_.currency)), "no such currency") ||
            !need(c_.initial < c_.states.size(), "no such initial state") ||
            !need(are_states(c_.final_states), "no such final state") ||
            !need(c_.edges.size() == c_.states.size(), "edges of other states"))
            return false;
        return std::all_of(c_.edges.begin(), c_.edges.end(),
                           [&](u64 to) { return need(are_states(to), "an edge to no state"); });
    }

    bool fields() {
        for (const ContractField& f : c_.fields)
            if (!need(f.type < module_.types.size(), "a field has no such type") ||
                !need(are_states(f.states), "a field in no state") ||
                !need(kind_fits(f), "a field's kind and type do not agree"))
                return false;
        s_.facts.records.push_back(record_layout(c_, s_.facts.layouts, module_.types));
        return need(s_.facts.records.back().size <= limits::value_bytes, "the record is too large");
    }

    bool is_cash(std::uint32_t type) const { return module_.types[type].kind == TypeKind::Cash; }

    bool kind_fits(const ContractField& f) const {
        const Type& type = module_.types[f.type];
        const bool cash_map = type.kind == TypeKind::Map && is_cash(type.element);
        switch (f.kind) {
        case FieldKind::Role:
        case FieldKind::Const:
        case FieldKind::Var:
            return s_.facts.layouts[f.type].size > 0 && type.kind != TypeKind::Accrual;
        case FieldKind::Accrual: return type.kind == TypeKind::Accrual;
        case FieldKind::Vault: return is_cash(f.type) || cash_map;
        case FieldKind::Stored: return is_collection(type.kind) && !cash_map;
        }
        return false;
    }

    bool entry(const Entry& e) {
        Signature want;
        for (const Field& param : e.params) {
            if (!need(is_value_type(module_, param.type), "an entry's parameter has no such type"))
                return false;
            add_parameter(module_, param.type, want);
        }
        if (!need(e.result == none || is_value_type(module_, e.result),
                  "an entry's result has no such type"))
            return false;
        add_result(module_, e.result, want);
        return check_function(s_, e.function, want, "an entry's function has other parameters") &&
               need(are_states(e.states), "an entry in no state") && clause(e) && auth(e, e.auth);
    }

    bool clause(const Entry& e) {
        if (e.kind != EntryKind::Clause)
            return need(e.next_date == none, "only a clause has a next date");
        const Signature next{1, 0, 0, ResultBank::X};
        return need(e.params.empty() && e.result == none, "nobody calls a clause") &&
               (e.next_date == none ||
                check_function(s_, e.next_date, next, "the next date takes a date and gives one"));
    }

    // Nesting is bounded by limits::auth_depth.
    bool auth(const Entry& e, const Auth& a) {
        if (!need(a.kind != AuthKind::Quorum || (a.n >= 1 && a.n <= a.d), "an impossible quorum") ||
            !need(a.kind != AuthKind::KOf || a.n >= 1, "an impossible quorum"))
            return false;
        if (a.kind == AuthKind::Term) return term(e, a);
        return std::all_of(a.children.begin(), a.children.end(),
                           [&](const Auth& child) { return auth(e, child); });
    }

    bool term(const Entry& e, const Auth& a) {
        if (a.root == AuthRoot::Function) return computed(e, a);
        std::uint32_t type = root(e, a);
        if (!need(type != none, "a right starts nowhere")) return false;
        for (std::size_t i = 0; i < a.steps.size(); ++i) {
            std::uint32_t step = a.steps[i];
            if (step == index_field_step) {
                // The element of a list at the Int value of one of the contract's own fields.
                if (!need(++i < a.steps.size() && index_field(a.steps[i]) &&
                              module_.types[type].kind == TypeKind::List,
                          "a right indexes badly"))
                    return false;
                step = each_step;
            }
            type = next(module_.types[type], step);
            if (!need(type != none, "a right leads nowhere")) return false;
        }
        return true;
    }

    /// A function of the entry's parameters, money left out, that gives a party or parties.
    bool computed(const Entry& e, const Auth& a) {
        if (!need(a.steps.size() == 1 && is_value_type(module_, a.steps[0]), "a right computes nothing")) return false;
        const Type& type = module_.types[a.steps[0]];
        const bool several = (type.kind == TypeKind::List || type.kind == TypeKind::Set) && module_.types[type.element].kind == TypeKind::Party;
        Signature want;
        for (const Field& param : e.params)
            if (!is_cash(param.type)) add_parameter(module_, param.type, want);
        add_result(module_, a.steps[0], want);
        return need(several || type.kind == TypeKind::Party, "a right computes no party") &&
               check_function(s_, a.index, want, "a right's function has other parameters");
    }

    std::uint32_t root(const Entry& e, const Auth& a) const {
        if (a.root == AuthRoot::Parameter)
            return a.index < e.params.size() ? e.params[a.index].type : none;
        if (a.root == AuthRoot::ParentField && c_.parent == none) return none;
        const Contract& c = a.root == AuthRoot::Field ? c_ : module_.contracts[c_.parent];
        return a.index < c.fields.size() ? c.fields[a.index].type : none;
    }

    bool index_field(std::uint32_t field) const {
        if (field >= c_.fields.size()) return false;
        const ContractField& f = c_.fields[field];
        return f.kind != FieldKind::Vault && module_.types[f.type].kind == TypeKind::Int;
    }

    static std::uint32_t next(const Type& type, std::uint32_t step) {
        if (step != each_step) return step < type.fields.size() ? type.fields[step].type : none;
        if (type.kind == TypeKind::Map) return type.key;
        return type.kind == TypeKind::List || type.kind == TypeKind::Set ? type.element : none;
    }

    State& s_;
    const Module& module_;
    const Contract& c_;
    std::uint32_t number_;
};

bool check_contracts(State& s) {
    for (std::uint32_t i = 0; i < s.module.contracts.size(); ++i) {
        if (ContractCheck(s, i).run()) continue;
        s.error.what = "contract `" + s.module.contracts[i].name + "`: " + s.error.what;
        return false;
    }
    return true;
}

bool check_tests(State& s) {
    return std::all_of(s.module.tests.begin(), s.module.tests.end(), [&](const TestEntry& test) {
        Signature want;
        for (const Field& param : test.params) {
            if (!s.need(is_value_type(s.module, param.type) && s.module.types[param.type].kind != TypeKind::Cash, "a property's parameter has no such type")) return false;
            add_parameter(s.module, param.type, want);
        }
        return check_function(s, test.function, want, "a test takes its parameters and gives nothing");
    });
}

/// A program has memory, tables and nothing of a contract; a contract the other way round.
bool check_program(State& s) {
    const ProgramPart& p = s.module.program;
    const Module& m = s.module;
    if (!p.present)
        return s.need(p == ProgramPart{}, "a table or memory in a module that is no program");
    const auto& functions = m.functions;
    const auto holds = [](const Function& f) { return f.h_slots > 0; };
    const auto known = [&](std::uint32_t f) { return f < functions.size(); };
    return s.need(m.contracts.empty() && m.imports.empty() && m.tests.empty(), "a program has no contracts, imports or tests") &&
           s.need(std::none_of(functions.begin(), functions.end(), holds), "a program has no holdings") &&
           s.need(p.memory >= self_address && p.memory <= limits::program_memory && p.memory % 16 == 0, "a program's memory is too small, too large or not a multiple of 16") &&
           s.need(p.data.size() <= p.memory - self_address && (p.data.empty() || p.data.back() != 0), "a program's data leave its memory or end in zeros") &&
           s.need(std::all_of(p.table.begin(), p.table.end(), known), "no such function in the table");
}

bool check_limits(State& s) {
    LimitCheck check;
    codec::module(check, s.module);
    return s.need(check.ok(), "a count, a length or a kind is beyond its limit");
}

} // namespace

std::variant<Verified, VerifyError> verify(const Module& module) {
    State s{module, {}, {}, {}, {}, {}};
    const bool ok = check_limits(s) && TypeCheck(s).run() && check_imports(s) &&
                    check_records(s, module.events) && check_records(s, module.errors) &&
                    check_program(s) && check_code(s) && check_chains(s) && check_contracts(s) && check_tests(s);
    if (!ok) return std::move(s.error);
    return std::move(s.facts);
}

ResultBank bank_of(TypeKind kind) {
    switch (kind) {
    case TypeKind::Unit: return ResultBank::None;
    case TypeKind::Money:
    case TypeKind::Amount:
    case TypeKind::Rate:
    case TypeKind::Number:
    case TypeKind::Decimal: return ResultBank::W;
    case TypeKind::Cash: return ResultBank::H;
    default: return ResultBank::X;
    }
}

bool is_aggregate(TypeKind kind) {
    return (kind >= TypeKind::Fraction && kind <= TypeKind::Accrual) || kind == TypeKind::Blob || kind == TypeKind::Variant;
}

} // namespace tally
