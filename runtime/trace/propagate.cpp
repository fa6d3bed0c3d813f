// What an instruction does to what is known of its operands. Which registers it reads and writes is in opcodes.def;
// what it gave is looked up in the machine once it has run, so no meaning of an instruction is written here again.
#include "runtime/keys.hpp"
#include "runtime/trace/tracer.hpp"
#include "vm/value/memory.hpp"

namespace tally {
namespace {

constexpr u64 wide_first = 16, wide_stride = 16; ///< a list of wide numbers: the count, then the elements

i128 signed_word(u64 word) { return i128{static_cast<i64>(word)}; }

bool is_pass(Op op) { return op == Op::MoveX || op == Op::MoveW || op == Op::WidenX || op == Op::WidenUX || op == Op::NarrowW || op == Op::LowW; }
bool is_constant(Op op) { return op == Op::LoadImmX || op == Op::LoadImmW || op == Op::LoadConstX || op == Op::LoadConstW || op == Op::FrameAddress; }

/// Gives 1 or 0: decides about money, is none.
bool is_comparison(Op op) { return (op >= Op::EqX && op <= Op::LeUX) || (op >= Op::EqW && op <= Op::LeUW); }

/// With the code's own zero they may give their other operand back: `0 + x`, `max(x, 0)`.
bool may_change_nothing(Op op) { return op == Op::AddCheckedW || op == Op::AddW || op == Op::SubCheckedW || op == Op::SubW || op == Op::MaxW || op == Op::MinW; }

bool is_load(Op op) { return op == Op::LoadX || op == Op::LoadW || op == Op::Load8 || op == Op::Load16 || op == Op::Load32; }
bool is_store(Op op) { return op == Op::StoreX || op == Op::StoreW || op == Op::Store8 || op == Op::Store16 || op == Op::Store32; }

/// Which x parameter of a host function is the rounding mode.
std::optional<std::size_t> mode_parameter(HostFn fn) {
    switch (fn) {
    case HostFn::MulDiv3:
    case HostFn::Power:
    case HostFn::Root:
    case HostFn::DecimalFused:
    case HostFn::AccrualRound: return 1;
    case HostFn::Annuity: return 2;
    default: return std::nullopt;
    }
}

std::optional<Rounding> mode_of(i128 number) { return number >= 0 && number < rounding_count ? std::optional(static_cast<Rounding>(number)) : std::nullopt; }

} // namespace

// ---- before an instruction ----------------------------------------------------------------------

void Tracer::before(const MachineStep& step) {
    if (runs_.empty()) return;
    Run& run = runs_.back();
    if (run.busy) finish(run, &step);
    look(run, step);
}

void Tracer::add_input(Run& run, Operand kind, std::size_t number) {
    const Frame& frame = run.frames.back();
    const auto add = [&](NodeId node, i128 value) { run.inputs.push_back({node != 0 && nodes_[node].value == value ? node : 0, value}); };
    if (kind == Operand::WSrc) add(frame.w[number], run.step.w[number]);
    if (kind == Operand::XSrc) add(frame.x[number], signed_word(run.step.x[number]));
}

/// The registers that a call hands over.
void Tracer::windows(Run& run, const Instruction& in) {
    const Module& module = run.step.program->module;
    std::size_t x = 0, w = 0;
    if (in.op == Op::Call) {
        const Function& callee = module.functions[static_cast<std::size_t>(in.imm)];
        x = callee.x_params, w = callee.w_params;
    } else if (in.op == Op::HostCall) {
        const HostInfo& info = host_info(static_cast<HostFn>(in.imm));
        x = info.x_params(), w = info.w_params();
    } else {
        const Import& import = module.imports[static_cast<std::size_t>(in.imm)];
        x = 1; // the instance
        for (const std::uint32_t type : import.params) {
            x += bank_of(module.types[type].kind) == ResultBank::X ? 1U : 0U;
            w += bank_of(module.types[type].kind) == ResultBank::W ? 1U : 0U;
        }
        if (import.result != none && is_aggregate(module.types[import.result].kind)) ++x;
    }
    run.inputs.clear();
    for (std::size_t i = 0; i < x; ++i) add_input(run, Operand::XSrc, in.a + i);
    run.xs = std::move(run.inputs);
    run.inputs = {};
    for (std::size_t i = 0; i < w; ++i) add_input(run, Operand::WSrc, in.b + i);
    run.ws = std::move(run.inputs);
    run.inputs = {};
}

void Tracer::look(Run& run, const MachineStep& step) {
    const Instruction& in = step.at();
    const OpInfo& info = op_info(in.op);
    run.step = step;
    run.busy = true;
    run.frames.back().instruction = step.instruction;
    run.inputs.clear();
    if (in.op == Op::Call || in.op == Op::HostCall || in.op == Op::CallImport) windows(run, in);
    add_input(run, info.a, in.a);
    add_input(run, info.b, in.b);
    add_input(run, info.c, in.c);
    const auto fourth = static_cast<std::size_t>(in.imm);
    if (info.imm == Immediate::WReg) add_input(run, Operand::WSrc, fourth);
    if (info.imm == Immediate::WRegMode) add_input(run, Operand::WSrc, fourth & 0xff);
    if (info.imm == Immediate::XReg) add_input(run, Operand::XSrc, fourth);
    const bool table = in.op == Op::HostCall && (static_cast<HostFn>(in.imm) == HostFn::MapInsert || static_cast<HostFn>(in.imm) == HostFn::MapRemove);
    run.table.clear();
    if (!table || static_cast<u64>(run.xs[0].value) >= step.program->module.types.size()) return;
    const u64 size = step.program->facts.layouts[static_cast<std::size_t>(run.xs[0].value)].size;
    if (const std::uint8_t* const at = step.arena->at(static_cast<u64>(run.xs[1].value), size)) run.table.assign(at, at + size);
}

// ---- once it has run ----------------------------------------------------------------------------

void Tracer::finish(Run& run, const MachineStep* next) {
    const Instruction& in = run.step.at();
    switch (in.op) {
    case Op::Call: if (next != nullptr) enter(run, *next); break;
    case Op::Return:
    case Op::ReturnX:
    case Op::ReturnW:
    case Op::ReturnH: leave(run); break;
    case Op::CallImport: returned(run, in); break;
    case Op::HostCall: asked(run, in); break;
    case Op::Copy: copied(run); break;
    default: assign(run, in);
    }
    run.busy = false;
}

void Tracer::enter(Run& run, const MachineStep& next) {
    const Function& callee = next.code();
    Frame frame{next.function, 0, std::vector<NodeId>(callee.x_registers), std::vector<NodeId>(callee.w_registers)};
    for (std::size_t i = 0; i < run.xs.size(); ++i) frame.x[i] = run.xs[i].node;
    for (std::size_t i = 0; i < run.ws.size(); ++i) frame.w[i] = run.ws[i].node;
    for (u64 at = next.frame_address; at < next.frame_address + callee.frame_bytes; at += cell_bytes) set_cell(*run.memory, at, 0);
    run.frames.push_back(std::move(frame));
}

void Tracer::leave(Run& run) {
    const Input result = run.inputs.empty() ? Input{} : run.inputs[0];
    const ResultBank bank = run.step.code().result;
    if (run.frames.size() == 1) {
        run.result = result;
        return;
    }
    run.frames.pop_back();
    Frame& caller = run.frames.back();
    const Instruction& call = run.step.program->module.functions[caller.function].code[caller.instruction];
    if (bank == ResultBank::X) caller.x[call.a] = result.node;
    if (bank == ResultBank::W) caller.w[call.b] = result.node;
}

void Tracer::set_cell(Memory& memory, u64 address, NodeId node) {
    if (address / cell_bytes < memory.cells.size()) memory.cells[address / cell_bytes] = node;
}

void Tracer::assign(Run& run, const Instruction& in) {
    const OpInfo& info = op_info(in.op);
    if (is_store(in.op)) {
        const u64 address = static_cast<u64>(run.inputs[1].value) + static_cast<u64>(i64{in.imm});
        const bool whole = in.op == Op::StoreW || in.op == Op::StoreX;
        return store(*run.memory, address, whole ? run.inputs[0] : Input{0, run.inputs[0].value}, in.op == Op::StoreW);
    }
    const bool wide = info.a == Operand::WDst;
    if (!wide && info.a != Operand::XDst) return;
    NodeId& target = wide ? run.frames.back().w[in.a] : run.frames.back().x[in.a];
    const i128 value = wide ? run.step.w[in.a] : signed_word(run.step.x[in.a]);
    NodeId node = 0;
    if (is_load(in.op)) {
        if (in.op == Op::LoadX || wide) node = load(*run.memory, static_cast<u64>(run.inputs[0].value) + static_cast<u64>(i64{in.imm}), value);
        if (node == 0 && wide && value != 0) node = add_here({.kind = LineageNode::Kind::Unknown, .value = value});
    } else if (is_pass(in.op)) {
        node = run.inputs[0].node;
    } else if (in.op == Op::SelectX || in.op == Op::SelectW) {
        node = (run.inputs[0].value != 0 ? run.inputs[1] : run.inputs[2]).node;
    } else if (in.op == Op::HAmount) {
        const auto found = holdings_.find(run.step.h[in.b]);
        node = found == holdings_.end() ? 0 : found->second;
    } else if (!is_constant(in.op) && !is_comparison(in.op)) {
        return operate(run, in);
    }
    target = node != 0 && nodes_[node].value == value ? node : 0;
}

/// Money stays money when it is added, compared or scaled by a plain number.
NumberUnit Tracer::unit_of(const LineageNode& node) const {
    const auto unit = [&](std::size_t i) { return nodes_[node.inputs[i]].unit; };
    const auto counts = [](NumberUnit u) { return u == NumberUnit::Money ? 1 : 0; };
    switch (node.op) {
    case Op::MulDiv: {
        const int left = counts(unit(0)) + counts(unit(1)) - counts(unit(2));
        return left == 1 ? NumberUnit::Money : NumberUnit::Unknown;
    }
    case Op::MulCheckedW:
    case Op::MulW: {
        const bool scaled = unit(0) == NumberUnit::Scaled || unit(1) == NumberUnit::Scaled;
        return !scaled && counts(unit(0)) + counts(unit(1)) == 1 ? NumberUnit::Money : NumberUnit::Unknown;
    }
    case Op::Rescale: return NumberUnit::Unknown;
    default: break;
    }
    for (const NodeId input : node.inputs)
        if (nodes_[input].unit != NumberUnit::Unknown && nodes_[input].kind != LineageNode::Kind::Constant) return nodes_[input].unit;
    return NumberUnit::Unknown;
}

void Tracer::operate(Run& run, const Instruction& in) {
    const bool wide = op_info(in.op).a == Operand::WDst;
    Frame& frame = run.frames.back();
    NodeId& target = wide ? frame.w[in.a] : frame.x[in.a];
    const i128 value = wide ? run.step.w[in.a] : signed_word(run.step.x[in.a]);
    target = 0;
    if (std::all_of(run.inputs.begin(), run.inputs.end(), [](const Input& one) { return one.node == 0; })) return;
    for (std::size_t i = 0; may_change_nothing(in.op) && i < 2; ++i) {
        const Input &zero = run.inputs[i], &other = run.inputs[1 - i];
        if (zero.node != 0 || zero.value != 0 || other.node == 0 || other.value != value) continue;
        target = other.node;
        return;
    }
    LineageNode node{.kind = LineageNode::Kind::Operation, .op = in.op, .value = value};
    for (const Input& input : run.inputs) node.inputs.push_back(known(input));
    if (in.op == Op::MulDiv) node.mode = static_cast<Rounding>(in.imm >> 8);
    if (in.op == Op::Rescale) {
        node.mode = static_cast<Rounding>(in.imm);
        node.index = in.c;
    }
    node.unit = unit_of(node);
    target = add_here(std::move(node));
}

void Tracer::copied(Run& run) {
    const auto to = static_cast<u64>(run.inputs[0].value), from = static_cast<u64>(run.inputs[1].value), bytes = static_cast<u64>(run.inputs[2].value);
    carry(*run.memory, from, *run.memory, to, bytes);
    wrote(*run.memory, to, bytes);
}

// ---- host functions -----------------------------------------------------------------------------

void Tracer::asked(Run& run, const Instruction& in) {
    const auto fn = static_cast<HostFn>(in.imm);
    const HostInfo& info = host_info(fn);
    Frame& frame = run.frames.back();
    if (info.result() == 'x') frame.x[in.a] = 0;
    switch (fn) {
    case HostFn::Split:
    case HostFn::Share: return shared_out(run, fn);
    case HostFn::MapInsert:
    case HostFn::MapRemove: return table_changed(run, fn);
    case HostFn::StoredGet:
    case HostFn::StoredNext: return stored_read(run, fn);
    case HostFn::AccrualAdd:
    case HostFn::AccrualTake: return accrued(run, fn);
    default: break;
    }
    if (info.result() != 'w') return;
    LineageNode node{.kind = LineageNode::Kind::Call, .fn = fn, .value = run.step.w[in.b]};
    Memory& memory = *run.memory;
    if (fn == HostFn::VaultAmount) {
        node.kind = LineageNode::Kind::Balance;
        node.unit = NumberUnit::Money;
        node.what = memory.self->contract->fields[static_cast<std::size_t>(run.xs[0].value)].name;
        node.instance = memory.self->id;
        frame.w[in.b] = add_here(std::move(node));
        return;
    }
    const auto mode = mode_parameter(fn);
    if (mode) node.mode = mode_of(run.xs[*mode].value);
    if (fn == HostFn::AccrualRound) {
        const auto address = static_cast<u64>(run.xs[0].value);
        if (const std::uint8_t* const at = memory.self->arena.at(address, 16))
            if (const NodeId sum = load(memory, address, read_word<i128>(at)); sum != 0) node.inputs.push_back(sum);
        node.unit = NumberUnit::Money;
    } else {
        node.unit = run.ws.empty() || run.ws[0].node == 0 ? NumberUnit::Unknown : nodes_[run.ws[0].node].unit;
    }
    for (const Input& input : run.ws) node.inputs.push_back(known(input));
    if (fn != HostFn::AccrualRound)
        for (std::size_t i = 0; i < run.xs.size(); ++i)
            if (!mode || i != *mode) node.inputs.push_back(known(run.xs[i], NumberUnit::Whole));
    frame.w[in.b] = add_here(std::move(node));
}

void Tracer::shared_out(Run& run, HostFn fn) {
    Memory& memory = *run.memory;
    const bool carried = fn == HostFn::Share;
    const auto weights = static_cast<u64>(run.xs[0].value), parts = static_cast<u64>(run.xs[carried ? 2 : 1].value);
    const Arena& arena = memory.self->arena;
    const std::uint8_t* const head = arena.at(parts, wide_first);
    const u64 count = head == nullptr ? 0 : read_word<u64>(head);
    std::vector<NodeId> inputs{known(run.ws[0], NumberUnit::Money)};
    for (u64 i = 0; i < count; ++i) {
        const u64 at = weights + wide_first + i * wide_stride;
        const i128 value = read_word<i128>(arena.at(at, wide_stride));
        inputs.push_back(known({load(memory, at, value), value}, NumberUnit::Whole));
    }
    const bool first = !carried || (run.xs[1].value == 0 && run.xs[3].value == 0);
    for (u64 i = 0; i < count; ++i) {
        const u64 at = parts + wide_first + i * wide_stride;
        LineageNode node{.kind = LineageNode::Kind::Part, .unit = nodes_[inputs[0]].unit, .fn = fn, .index = static_cast<std::uint32_t>(i), .count = static_cast<std::uint32_t>(count), .value = read_word<i128>(arena.at(at, wide_stride)), .inputs = inputs};
        node.what = first ? "a tie goes to the first" : carried && run.xs[1].value != 0 ? "what rounding owes is carried on" : "a tie goes to row " + std::to_string(static_cast<u64>(run.xs[3].value));
        set_cell(memory, at, add_here(std::move(node)));
    }
    wrote(memory, parts, wide_first + count * wide_stride);
}

/// An entry came in between the others, or went away: what is known of those behind it moves along.
void Tracer::table_changed(Run& run, HostFn fn) {
    if (run.table.empty()) return;
    Memory& memory = *run.memory;
    const auto address = static_cast<u64>(run.xs[1].value);
    const Layout& layout = run.step.program->facts.layouts[static_cast<std::size_t>(run.xs[0].value)];
    const std::uint8_t* const now = memory.self->arena.at(address, run.table.size());
    const u64 before = read_word<u64>(run.table.data()), after = read_word<u64>(now);
    if (before == after || layout.stride % cell_bytes != 0) return;
    const auto [was, is] = std::mismatch(run.table.begin() + layout.first, run.table.end(), now + layout.first);
    // An entry of zeros at the end differs from no entry by the count alone.
    const auto index = std::min({static_cast<u64>(was - run.table.begin() - static_cast<std::ptrdiff_t>(layout.first)) / layout.stride, before, after});
    const u64 stride = layout.stride / cell_bytes, place = (address + layout.first) / cell_bytes + index * stride;
    const u64 most = std::max(before, after), end = (address + layout.first) / cell_bytes + most * stride;
    if (end > memory.cells.size()) return;
    // What the runtime put there has no node yet and would be looked up at another place: it is named first.
    for (u64 cell = place; cell < end; ++cell)
        if (memory.cells[cell] == 0)
            if (const auto found = memory.figures.find(cell * cell_bytes); found != memory.figures.end())
                (void)load(memory, cell * cell_bytes, figure_value(found->second, memory.start.data() + (cell * cell_bytes - self_address)));
    const auto first = memory.cells.begin() + static_cast<std::ptrdiff_t>(place), last = memory.cells.begin() + static_cast<std::ptrdiff_t>(end);
    const auto step = static_cast<std::ptrdiff_t>(stride);
    if (fn == HostFn::MapInsert) {
        std::move_backward(first, last - step, last);
        std::fill(first, first + step, NodeId{0});
    } else {
        std::move(first + step, last, first);
        std::fill(last - step, last, NodeId{0});
    }
    wrote(memory, address + layout.first, most * layout.stride);
}

void Tracer::stored_read(Run& run, HostFn fn) {
    const bool next = fn == HostFn::StoredNext;
    const auto key_at = static_cast<u64>(run.xs[next ? 3 : 2].value), value_at = static_cast<u64>(run.xs[next ? 4 : 3].value);
    if (run.step.x[run.step.at().a] != 1 || value_at == 0) return;
    Memory& memory = *run.memory;
    const OpenInstance& holder = run.xs[1].value != 0 ? *memory.self->parent : *memory.self;
    const Program& program = holder.program();
    const auto field = static_cast<std::uint32_t>(run.xs[0].value);
    const Type& type = program.module.types[holder.contract->fields[field].type];
    if (type.kind == TypeKind::Set) return;
    const std::uint32_t key_type = type.kind == TypeKind::Map ? type.key : none;
    const std::uint8_t* const key = memory.self->arena.at(key_at, key_type == none ? 8 : program.facts.layouts[key_type].size);
    ByteWriter index;
    if (key_type == none) index.i64be(read_word<i64>(key));
    const Bytes row = keys::element(holder.id, field, key_type == none ? Bytes(index.take()) : key_bytes(program, key_type, key));
    const Names names = names_for(holder.header.currency);
    Figures figures;
    const std::uint8_t* const value = memory.self->arena.at(value_at, program.facts.layouts[type.element].size);
    add_figures(program, type.element, value, element_path(holder, field, key_type, row, names), 0, names, figures);
    const auto written = elements_.find(row);
    for (const auto& [offset, figure] : figures) {
        const i128 number = figure_value(figure, value + offset);
        NodeId node = 0;
        if (written == elements_.end())
            node = add({.kind = LineageNode::Kind::Element, .unit = unit_of(figure.kind), .value = number, .what = figure.path, .instance = holder.id, .row = row, .after = body_after_});
        else if (const auto found = written->second.find(offset); found != written->second.end())
            node = found->second;
        set_cell(memory, value_at + offset, node);
    }
}

/// 256 bits, of which the lower half stands for the whole here.
void Tracer::accrued(Run& run, HostFn fn) {
    Memory& memory = *run.memory;
    const auto address = static_cast<u64>(run.xs[0].value);
    const std::uint8_t* const at = memory.self->arena.at(address, 32);
    if (at == nullptr) return;
    LineageNode node{.kind = LineageNode::Kind::Accrued, .fn = fn, .value = read_word<i128>(at)};
    NodeId before = address / cell_bytes < memory.cells.size() ? memory.cells[address / cell_bytes] : 0;
    if (const auto found = memory.figures.find(address); before == 0 && found != memory.figures.end())
        before = at_start(memory, address, figure_value(found->second, memory.start.data() + (address - self_address)));
    if (before != 0 && nodes_[before].value != 0) node.inputs.push_back(before);
    for (const Input& input : run.ws) node.inputs.push_back(known(input));
    if (run.xs.size() > 1) node.inputs.push_back(known(run.xs[1], NumberUnit::Whole));
    set_cell(memory, address, add_here(std::move(node)));
    wrote(memory, address, 32);
}

// ---- other contracts ----------------------------------------------------------------------------

void Tracer::returned(Run& run, const Instruction& in) {
    const Module& module = run.step.program->module;
    const Import& import = module.imports[static_cast<std::size_t>(in.imm)];
    const Input result = std::exchange(run.result, Input{});
    if (import.result == none) return;
    const TypeKind kind = module.types[import.result].kind;
    Frame& frame = run.frames.back();
    const auto same = [&](i128 value) { return result.node != 0 && result.value == value ? result.node : 0; };
    if (bank_of(kind) == ResultBank::W) frame.w[in.b] = same(run.step.w[in.b]);
    if (bank_of(kind) == ResultBank::X && !is_aggregate(kind)) frame.x[in.a] = same(signed_word(run.step.x[in.a]));
    if (is_aggregate(kind) && run.result_in != nullptr && !run.xs.empty())
        carry(*run.result_in, run.result_at, *run.memory, static_cast<u64>(run.xs.back().value), run.step.program->facts.layouts[import.result].size);
}

} // namespace tally
