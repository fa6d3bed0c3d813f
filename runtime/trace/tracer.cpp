#include "runtime/trace/tracer.hpp"

#include "runtime/arguments.hpp"
#include "runtime/keys.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::size_t nodes_max = 200'000; ///< an item of a block may run for long; some 50 MiB
constexpr std::size_t places_max = 100'000; ///< of writes to records; later ones have none

bool in_record(FieldKind kind) { return kind != FieldKind::Vault && kind != FieldKind::Stored; }

} // namespace

Names Tracer::names_for(CurrencyCode currency) const { return {money_exponent(currency), party_}; }

Figures Tracer::figures_of_record(const OpenInstance& self) const {
    const Names names = names_for(self.header.currency);
    Figures out;
    for (std::size_t i = 0; i < self.contract->fields.size(); ++i) {
        const ContractField& field = self.contract->fields[i];
        const u64 at = self.layout->offsets[i];
        if (in_record(field.kind)) add_figures(self.program(), field.type, self.record() + at, field.name, self_address + at, names, out);
    }
    return out;
}

void Tracer::body_begins() {
    runs_.clear();
    memories_.clear();
    holdings_.clear();
    elements_.clear();
    body_after_ = postings_.size();
}

NodeId Tracer::add(LineageNode node) {
    if (!following()) return 0;
    if (nodes_.size() >= nodes_max) {
        cut_ = true;
        return 0;
    }
    nodes_.push_back(std::move(node));
    return static_cast<NodeId>(nodes_.size() - 1);
}

/// With the place that the machine is at.
NodeId Tracer::add_here(LineageNode node) {
    if (!runs_.empty() && runs_.back().busy) {
        const MachineStep& step = runs_.back().step;
        node.program = step.program;
        node.function = step.function;
        node.line = line_of(step.code(), step.instruction);
    }
    return add(std::move(node));
}

/// Its node, or a new one for what is no more than a number of the code.
NodeId Tracer::known(const Input& input, NumberUnit unit) {
    if (input.node != 0) return input.node;
    return add_here({.kind = LineageNode::Kind::Constant, .unit = unit, .value = input.value});
}

NumberUnit Tracer::unit_of(TypeKind kind) const {
    switch (kind) {
    case TypeKind::Money:
    case TypeKind::Amount: return NumberUnit::Money;
    case TypeKind::Rate:
    case TypeKind::Decimal: return NumberUnit::Scaled;
    default: return NumberUnit::Whole;
    }
}

// ---- memory -------------------------------------------------------------------------------------

Tracer::Memory& Tracer::memory_of(OpenInstance& self) {
    Memory& memory = memories_[self.id];
    if (memory.self == &self) return memory;
    memory = {};
    memory.self = &self;
    memory.cells.resize(self.arena.size() / cell_bytes + 2);
    memory.start.assign(self.record(), self.record() + self.plan->record_size);
    memory.figures = figures_of_record(self);
    codes_.push_back(self.code);
    return memory;
}

LineageNode Tracer::argument(const Memory& memory, const NamedFigure& figure, i128 value) const {
    const std::string what = memory.called.empty() ? figure.path : figure.path + "` of `" + memory.called;
    return {.kind = LineageNode::Kind::Argument, .unit = unit_of(figure.kind), .value = value, .what = what, .instance = memory.self->id};
}

/// What the runtime put there, if it is still that.
NodeId Tracer::at_start(Memory& memory, u64 address, i128 value) {
    OpenInstance& self = *memory.self;
    const ContractPlan& plan = *self.plan;
    if (plan.parent_at != 0 && self.parent != nullptr && address >= plan.parent_at && address < plan.parent_at + plan.parent_size)
        return load(memory_of(*self.parent), address - plan.parent_at + self_address, value);
    if (const auto found = memory.arguments.find(address); found != memory.arguments.end()) return add(argument(memory, found->second, value));
    const auto found = memory.figures.find(address);
    if (found == memory.figures.end() || figure_value(found->second, memory.start.data() + (address - self_address)) != value) return 0;
    const NamedFigure& figure = found->second;
    if (self.created) { // parameters are in the fields of their name before `create` runs
        for (const Field& param : self.contract->entries[self.plan->create].params)
            if (param.name == figure.path.substr(0, figure.path.find_first_of(".[ "))) return add(argument(memory, figure, value));
        return 0;
    }
    return add({.kind = LineageNode::Kind::Field, .unit = unit_of(figure.kind), .value = value, .what = figure.path, .instance = self.id, .row = keys::instance(self.id), .after = body_after_});
}

NodeId Tracer::load(Memory& memory, u64 address, i128 value) {
    const u64 cell = address / cell_bytes;
    if (cell >= memory.cells.size()) return 0;
    if (memory.cells[cell] == 0) return memory.cells[cell] = at_start(memory, address, value);
    return nodes_[memory.cells[cell]].value == value ? memory.cells[cell] : 0;
}

void Tracer::wrote(Memory& memory, u64 address, u64 bytes) {
    if (address >= self_address + memory.self->plan->record_size || bytes == 0) return;
    const bool full = places_.size() >= places_max;
    if (!full) places_.push_back(places());
    for (u64 cell = address / cell_bytes; cell <= (address + bytes - 1) / cell_bytes; ++cell) {
        if (full) memory.written.erase(cell * cell_bytes);
        else memory.written[cell * cell_bytes] = places_.size() - 1;
    }
}

void Tracer::store(Memory& memory, u64 address, const Input& input, bool wide) {
    const u64 cell = address / cell_bytes;
    if (cell >= memory.cells.size()) return;
    // A word of the record that was written must not be taken for what it was at the start.
    const bool own = address < memory.self->plan->arguments_at;
    memory.cells[cell] = own || wide ? known(input) : input.node;
    wrote(memory, address, wide ? 16 : 8);
}

/// What is known of a value goes with it.
void Tracer::carry(Memory& from, u64 source, Memory& to, u64 target, u64 bytes) {
    if (source % cell_bytes != 0 || target % cell_bytes != 0) return;
    std::vector<NodeId> nodes(bytes / cell_bytes);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const u64 address = source + i * cell_bytes;
        if (address / cell_bytes >= from.cells.size()) return;
        nodes[i] = from.cells[address / cell_bytes];
        if (nodes[i] != 0) continue;
        const std::uint8_t* const at = from.self->arena.at(address, cell_bytes);
        if (at == nullptr) return;
        // Narrow and wide numbers differ in what is beside them: the start itself says which it was.
        const std::uint8_t* const wide = from.self->arena.at(address, 16);
        nodes[i] = wide == nullptr ? 0 : load(from, address, read_word<i128>(wide));
        if (nodes[i] == 0) nodes[i] = load(from, address, i128{read_word<i64>(at)});
    }
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (target / cell_bytes + i < to.cells.size()) to.cells[target / cell_bytes + i] = nodes[i];
}

// ---- runs ---------------------------------------------------------------------------------------

/// What the parameters are called, and what of them the caller knows more about.
void Tracer::arguments_of(Run& run, const Run* caller, const Arguments& arguments) {
    Memory& memory = *run.memory;
    const Program& program = memory.self->program();
    const Names names = names_for(memory.self->header.currency);
    const bool called = caller != nullptr && caller->busy && caller->step.at().op == Op::CallImport;
    std::size_t x = 0, w = 0;
    memory.called = called ? run.entry->name : std::string();
    Frame& frame = run.frames.front();
    for (const Field& param : run.entry->params) {
        const TypeKind kind = program.module.types[param.type].kind;
        const NamedFigure figure{std::string(param.name), kind};
        switch (bank_of(kind)) {
        case ResultBank::W: {
            const bool same = called && w < caller->ws.size() && caller->ws[w].node != 0 && caller->ws[w].value == arguments.w[w];
            frame.w[w] = same ? caller->ws[w].node : add(argument(memory, figure, arguments.w[w]));
            ++w;
            break;
        }
        case ResultBank::X: {
            const Input* const given = called && x + 1 < caller->xs.size() ? &caller->xs[x + 1] : nullptr; // the first is the instance
            if (is_aggregate(kind)) {
                const u64 size = program.facts.layouts[param.type].size, at = arguments.x[x];
                if (const std::uint8_t* const value = memory.self->arena.at(at, size)) add_figures(program, param.type, value, figure.path, at, names, memory.arguments);
                if (given != nullptr) carry(*caller->memory, static_cast<u64>(given->value), memory, at, size);
            } else {
                const i128 value = i128{static_cast<i64>(arguments.x[x])};
                const bool same = given != nullptr && given->node != 0 && given->value == value;
                frame.x[x] = same ? given->node : add(argument(memory, figure, value));
            }
            ++x;
            break;
        }
        default: break;
        }
    }
}

void Tracer::run_begins(OpenInstance& self, std::uint32_t function, bool read_only, const Arguments& arguments) {
    Memory& memory = memory_of(self);
    const auto first = static_cast<std::ptrdiff_t>(self.plan->arguments_at / cell_bytes);
    std::fill(memory.cells.begin() + first, memory.cells.end(), NodeId{0});
    memory.arguments.clear();
    const Function& code = self.program().module.functions[function];
    Run run{.memory = &memory, .read_only = read_only, .arguments = arguments};
    if (following()) run.frames.push_back({function, 0, std::vector<NodeId>(code.x_registers), std::vector<NodeId>(code.w_registers)});
    if (read_only) run.saved.assign(memory.cells.begin(), memory.cells.begin() + first);
    const auto& entries = self.contract->entries;
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& one) { return one.function == function; });
    runs_.push_back(std::move(run));
    if (entry == entries.end() || !following()) return;
    runs_.back().entry = &*entry;
    arguments_of(runs_.back(), runs_.size() > 1 ? &runs_[runs_.size() - 2] : nullptr, arguments);
}

void Tracer::run_ends(const Outcome& outcome) {
    if (runs_.empty()) return;
    Run& run = runs_.back();
    if (run.busy && outcome.trap == Trap::None) finish(run, nullptr);
    Memory& memory = *run.memory;
    if (run.read_only) std::copy(run.saved.begin(), run.saved.end(), memory.cells.begin());
    if (runs_.size() > 1) {
        Run& caller = runs_[runs_.size() - 2];
        caller.result = run.result;
        caller.result_in = &memory;
        caller.result_at = run.arguments.x.empty() ? 0 : run.arguments.x.back();
    }
    runs_.pop_back();
}

std::vector<CodePlace> Tracer::places() const {
    std::vector<CodePlace> out;
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
        const OpenInstance& self = *run->memory->self;
        for (auto frame = run->frames.rbegin(); frame != run->frames.rend(); ++frame) {
            const Function& code = self.program().module.functions[frame->function];
            out.push_back({self.id, &self.program(), self.contract, nullptr, frame->function, line_of(code, frame->instruction)});
        }
        if (!out.empty()) out.back().entry = run->entry;
    }
    return out;
}

// ---- holdings -----------------------------------------------------------------------------------

void Tracer::made(Holding holding, i128 amount) {
    if (!following()) return;
    const bool code = !runs_.empty() && runs_.back().busy;
    if (!code) {
        holdings_[holding] = add({.kind = LineageNode::Kind::Argument, .unit = NumberUnit::Money, .value = amount, .what = "cash"});
        return;
    }
    const auto& inputs = runs_.back().inputs;
    const auto given = std::find_if(inputs.begin(), inputs.end(), [&](const Input& one) { return one.value == amount && one.node != 0; });
    holdings_[holding] = given != inputs.end() ? given->node : known({0, amount}, NumberUnit::Money);
}

void Tracer::taken(Holding from, Holding out, i128 amount) {
    if (!following()) return;
    const NodeId whole = holdings_[from], part = holdings_[out]; // `made` knows what the amount is
    const i128 rest = nodes_[whole].value - amount;
    if (rest == 0) {
        holdings_[out] = whole;
        holdings_[from] = known({0, 0}, NumberUnit::Money);
        return;
    }
    holdings_[out] = add_here({.kind = LineageNode::Kind::Taken, .unit = NumberUnit::Money, .value = amount, .inputs = {part, whole}});
    holdings_[from] = add_here({.kind = LineageNode::Kind::Rest, .unit = NumberUnit::Money, .value = rest, .inputs = {whole, holdings_[out]}});
}

void Tracer::joined(Holding into, Holding from) {
    if (!following()) return;
    const NodeId a = holdings_[into], b = holdings_[from];
    const i128 sum = nodes_[a].value + nodes_[b].value;
    holdings_[into] = nodes_[a].value == 0   ? b
                      : nodes_[b].value == 0 ? a
                                             : add_here({.kind = LineageNode::Kind::Joined, .unit = NumberUnit::Money, .value = sum, .inputs = {a, b}});
}

} // namespace tally
