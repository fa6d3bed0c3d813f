#include "runtime/execution.hpp"

#include "runtime/assert.hpp"
#include "runtime/call_frame.hpp"
#include "runtime/codec.hpp"
#include "runtime/keys.hpp"
#include "runtime/parties.hpp"
#include "runtime/watcher.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr u64 align16(u64 v) { return (v + 15) / 16 * 16; }

/// What opening an instance costs: its arena is cleared, 64 bytes a unit, and its rows are read.
constexpr i64 open_gas = 100;
constexpr i64 arena_unit = 64;

} // namespace

i64 opening_gas(const ContractPlan& plan) { return open_gas + static_cast<i64>(plan.arena_size) / arena_unit; }

Execution::Execution(State& state, ArenaPool& pool, const Request& request)
    : state_(state), pool_(pool), request_(request), assets_(state), gas_{request.gas},
      start_(state.journal().savepoint()) {
    if (Watcher* const watcher = state.watcher()) watcher->body_begins();
}

Execution::~Execution() {
    for (auto& [id, self] : open_)
        pool_.give(std::move(self->arena));
}

Trap Execution::refuse(Trap trap, std::string note) {
    if (problem_.note.empty()) problem_.note = std::move(note);
    return trap;
}

bool Execution::signed_by(PartyId party) const {
    const auto& signers = request_.signers;
    return std::find(signers.begin(), signers.end(), party) != signers.end();
}

Trap Execution::check_writes() {
    if (state_.journal().writes_since(start_) <= limits::storage_writes) return Trap::None;
    return refuse(Trap::LimitExceeded, "a transaction writes at most " +
                                           std::to_string(limits::storage_writes) + " entries");
}

Trap Execution::emit(Event event) {
    event_bytes_ += event.fields.size();
    if (events_.size() == limits::events || event_bytes_ > limits::event_bytes)
        return refuse(Trap::LimitExceeded, "too many events in one transaction");
    events_.push_back(std::move(event));
    return Trap::None;
}

// ---- instances ----------------------------------------------------------------------------------

OpenInstance* Execution::opened(InstanceId id) const {
    const auto found = open_.find(id);
    return found == open_.end() ? nullptr : found->second.get();
}

Trap Execution::load(InstanceId id, const InstanceHeader& header, const CodePtr& code,
                     OpenInstance*& out) {
    const ContractPlan& plan = code->plans[header.contract];
    if (!gas().charge(opening_gas(plan)))
        return Trap::OutOfGas;
    OpenInstance* parent = nullptr;
    if (plan.parent_at != 0)
        if (const Trap trap = open(header.parent, parent); trap != Trap::None) return trap;
    auto self = std::make_unique<OpenInstance>();
    tally::prepare(*self, id, header, code, pool_);
    self->parent = parent;
    out = self.get();
    open_.emplace(id, std::move(self));
    return Trap::None;
}

Trap Execution::open(InstanceId id, OpenInstance*& out) {
    out = opened(id);
    if (out != nullptr) return Trap::None;
    auto row = state_.instance(id);
    if (!row) return Trap::NoSuchInstance;
    const CodePtr code = state_.code(row->header.code);
    TALLY_ASSERT(code != nullptr, "an instance without its code");
    if (request_.clauses_first && row->schedule.next && is_overdue(*row->schedule.next, request_.today)) {
        overdue_ = id;
        return Trap::ClausePending;
    }
    if (const Trap trap = load(id, row->header, code, out); trap != Trap::None) return trap;
    TALLY_ASSERT(decode_record(*out, row->record), "a record of the state is damaged");
    TALLY_ASSERT(row->schedule.fired.size() == out->plan->clauses.size(), "a schedule of the state is damaged");
    out->schedule = out->saved_schedule = std::move(row->schedule);
    out->kept = out->saved = std::move(row->record);
    out->named = named_in(*out);
    return Trap::None;
}

Trap Execution::create(InstanceId id, const InstanceHeader& header, const CodePtr& code,
                       OpenInstance*& out) {
    if (const Trap trap = load(id, header, code, out); trap != Trap::None) return trap;
    out->created = true;
    out->state = out->contract->initial;
    out->schedule.fired.assign(out->plan->clauses.size(), INT64_MIN);
    out->saved_schedule = out->schedule;
    show_state(*out);
    return Trap::None;
}

// ---- a call -------------------------------------------------------------------------------------

bool Execution::parties_exist(const Program& program, std::uint32_t type,
                              const std::uint8_t* at) const {
    return every_party(program, type, at, [this](PartyId party) {
        return state_.journal().has(keys::party(party));
    });
}

Trap Execution::place_parameters(PreparedCall& call, ByteView arguments) {
    const Program& program = call.self.program();
    ByteReader in(arguments);
    u64 at = call.self.plan->arguments_at;
    for (const Field& param : call.entry.params) {
        const TypeKind kind = program.module.types[param.type].kind;
        at = align16(at);
        const u64 size = program.facts.layouts[param.type].size;
        std::uint8_t* const value = call.self.arena.at(at, size);
        call.params.push_back(bank_of(kind) == ResultBank::H ? nullptr : value);
        if (!decode_value(program, param.type, in, value))
            return refuse(Trap::MalformedInput, "parameter `" + std::string(param.name) + "`");
        if (!parties_exist(program, param.type, value))
            return refuse(Trap::BadParty, "parameter `" + std::string(param.name) + "`");
        switch (bank_of(kind)) {
        case ResultBank::X:
            call.arguments.x.push_back(is_aggregate(kind) ? at : read_word<u64>(value));
            break;
        case ResultBank::W: call.arguments.w.push_back(read_word<i128>(value)); break;
        case ResultBank::H:
        case ResultBank::None: break;
        }
        at += size;
    }
    if (!in.done()) return refuse(Trap::MalformedInput, "more bytes than the parameters need");
    call.result_at = align16(at);
    return Trap::None;
}

Trap Execution::prepare(PreparedCall& call, ByteView arguments) {
    const Program& program = call.self.program();
    if (!gas().charge(static_cast<i64>(arguments.size()))) return Trap::OutOfGas;
    if (call.self.running)
        return refuse(Trap::CyclicCall, "instance " + std::to_string(call.self.id));
    copy_parent(call.self);
    const u64 area = argument_bytes(program, call.entry);
    std::memset(call.self.arena.at(call.self.plan->arguments_at, area), 0, area);
    if (const Trap trap = place_parameters(call, arguments); trap != Trap::None) return trap;
    u64 end = call.result_at;
    const std::uint32_t result = call.entry.result;
    if (result != none && is_aggregate(program.module.types[result].kind)) {
        call.arguments.x.push_back(call.result_at);
        end = align16(end + program.facts.layouts[result].size);
    }
    call.stack = static_cast<std::uint32_t>(end);
    return Trap::None;
}

Trap Execution::authorise(const PreparedCall& call) {
    const AuthoritySource source{state_,     request_.signers, call.self,
                                 call.entry, call.params,      call.caller,
                                 [&](std::uint32_t function, std::uint32_t type) { return compute(call, function, type); }};
    if (authorised(source)) return Trap::None;
    return refuse(Trap::NotAuthorised,
                  "`" + call.entry.name + "` needs " + authority_text(call.entry.auth));
}

/// A right that is a function of the entry's parameters. What it leaves behind is put back.
std::vector<std::uint8_t> Execution::compute(const PreparedCall& call, std::uint32_t function, std::uint32_t type) {
    const Program& program = call.self.program();
    const Function& code = program.module.functions[function];
    const TypeKind kind = program.module.types[type].kind;
    const u64 size = program.facts.layouts[type].size;
    Arguments arguments;
    const bool in_memory = is_aggregate(kind);
    const std::size_t words = code.x_params - (in_memory ? 1U : 0U);
    arguments.x.assign(call.arguments.x.begin(), call.arguments.x.begin() + static_cast<std::ptrdiff_t>(words));
    arguments.w = call.arguments.w;
    const u64 place = align16(call.stack);
    if (in_memory) arguments.x.push_back(place);
    Outcome outcome;
    const Run how{function, static_cast<std::uint32_t>(align16(place + (in_memory ? size : 0))), call.caller, true};
    if (machine(call.self, how, arguments, outcome) != Trap::None) return {};
    std::vector<std::uint8_t> out(size);
    const std::uint8_t* const at = in_memory ? call.self.arena.at(place, size) : nullptr;
    if (in_memory && at == nullptr) return {};
    if (in_memory) std::copy(at, at + size, out.begin());
    else write_word(out.data(), outcome.x);
    return out;
}

Trap Execution::check_state(const PreparedCall& call) {
    if ((call.entry.states >> call.self.state & 1) != 0) return Trap::None;
    return refuse(Trap::WrongState, "`" + call.entry.name + "` is not possible in state " +
                                        std::string(call.self.contract->states[call.self.state]));
}

Trap Execution::run(PreparedCall& call, CallResult& out) {
    const bool view = call.entry.kind == EntryKind::View;
    const Run how{call.entry.function, call.stack, call.caller, view || call.read_only};
    Outcome outcome;
    if (const Trap trap = machine(call.self, how, call.arguments, outcome); trap != Trap::None)
        return trap;
    return result_of(call, outcome, out);
}

Trap Execution::result_of(const PreparedCall& call, const Outcome& outcome, CallResult& out) {
    const std::uint32_t type = call.entry.result;
    if (type == none) return Trap::None;
    const Program& program = call.self.program();
    const TypeKind kind = program.module.types[type].kind;
    std::array<std::uint8_t, 16> scalar{};
    const std::uint8_t* at = scalar.data();
    switch (bank_of(kind)) {
    case ResultBank::None: return Trap::None;
    case ResultBank::H: out.holding = outcome.h; return Trap::None;
    case ResultBank::W: write_word(scalar.data(), outcome.w); break;
    case ResultBank::X:
        if (is_aggregate(kind))
            at = call.self.arena.at(call.result_at, program.facts.layouts[type].size);
        else
            write_word(scalar.data(), outcome.x);
        break;
    }
    ByteWriter bytes;
    if (!encode_value(program, type, at, bytes))
        return refuse(Trap::Bounds, "the result is no value of its type");
    out.value = bytes.take();
    return gas().charge(static_cast<i64>(out.value.size())) ? Trap::None : Trap::OutOfGas;
}

Trap Execution::machine(OpenInstance& self, const Run& how, const Arguments& arguments,
                        Outcome& outcome) {
    if (depth_ == limits::call_depth) return Trap::CallDepth;
    std::vector<std::uint8_t> before;
    if (how.read_only) before.assign(self.record(), self.record() + self.plan->record_size);
    self.running = true;
    ++depth_;
    CallFrame frame(*this, self, how.caller, how.read_only);
    Watcher* const watcher = state_.watcher();
    if (watcher != nullptr) watcher->run_begins(self, how.function, how.read_only, arguments);
    outcome =
        tally::run(self.program(), how.function, arguments, how.stack, self.arena, gas(), frame);
    if (watcher != nullptr) watcher->run_ends(outcome);
    --depth_;
    self.running = false;
    if (outcome.trap != Trap::None) note_where(self.program(), outcome);
    if (how.read_only) {
        std::copy(before.begin(), before.end(), self.record());
        return outcome.trap;
    }
    ++self.generation;
    self.wrote = true;
    if (outcome.trap != Trap::None) return outcome.trap;
    return state_untouched(self) ? Trap::None
                                 : refuse(Trap::BadTransition, "the code wrote over its state");
}

Trap Execution::run_plain(OpenInstance& self, std::uint32_t function, const std::vector<u64>& x,
                          bool read_only, u64& out) {
    copy_parent(self);
    Arguments arguments;
    arguments.x = x;
    Outcome outcome;
    const Run how{function, self.plan->arguments_at, nullptr, read_only};
    const Trap trap = machine(self, how, arguments, outcome);
    out = outcome.x;
    return trap;
}

/// The innermost place is the one that matters: the first to be noted stays.
void Execution::note_where(const Program& program, const Outcome& outcome) {
    if (!problem_.where.empty() || outcome.function >= program.module.functions.size()) return;
    const Function& function = program.module.functions[outcome.function];
    problem_.where = "at fn " + function.name;
    const std::uint32_t line = line_of(function, outcome.instruction);
    if (line != 0) problem_.where += " line " + std::to_string(line);
    problem_.where += " of " + program.module.name;
}

} // namespace tally
