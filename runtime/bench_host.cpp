#include "runtime/bench_host.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

/// The record that the non-Cash parameters of an import make, in order.
std::optional<Layout> parameter_layout(const Program& program, const Import& import, Type& record) {
    record.kind = TypeKind::Record;
    std::vector<Field> fields;
    for (const std::uint32_t type : import.params)
        if (program.module.types[type].kind != TypeKind::Cash) fields.push_back({"", type});
    record.fields = fields;
    return layout_of(record, program.facts.layouts);
}

std::string plural(const std::vector<Event>& events) {
    std::string out;
    for (const Event& event : events)
        out += (out.empty() ? "" : ", ") + event.name;
    return out.empty() ? "no event" : out;
}

} // namespace

Trap TestHost::fail(std::string message, u64 line) {
    if (message_.empty()) {
        message_ = std::move(message);
        line_ = static_cast<std::uint32_t>(line);
    }
    return Trap::TestFailed;
}

bool TestHost::end() {
    if (!too_dear_.empty()) static_cast<void>(fail(too_dear_));
    if (!too_dear_.empty()) return false;
    if (!expected_) return true;
    static_cast<void>(fail("a refusal was expected, but no transaction followed"));
    return false;
}

Trap TestHost::call(HostFn fn, const HostCall& args) {
    switch (fn) {
    case HostFn::Today: args.x[0] = static_cast<u64>(stage_.core().today()); return Trap::None;
    case HostFn::SelfId:
    case HostFn::Caller: args.x[0] = 0; return Trap::None;
    case HostFn::ParentOf: {
        const auto header = stage_.core().state().header(args.x[0]);
        args.x[0] = header ? header->parent : 0;
        return header ? Trap::None : Trap::NoSuchInstance;
    }
    case HostFn::TestParty: return party(args);
    case HostFn::TestSign: return sign(args.x[0]);
    case HostFn::TestCreate: return create(args);
    case HostFn::TestCall: return call_contract(args);
    case HostFn::TestCash:
        currency_ = static_cast<CurrencyCode>(args.x[0]);
        cash_.push_back({currency_, args.w[0]});
        return Trap::None;
    case HostFn::TestAdvance: return advance(static_cast<Date>(args.x[0]));
    case HostFn::TestExpectFail: return expect_fail(args);
    case HostFn::TestExpectEvent: return expect_event(args);
    case HostFn::TestExpect: return expect(args);
    case HostFn::TestPeek: return peek(args);
    case HostFn::TestBalance: return balance(args);
    case HostFn::TestGiven:
        discarded_ = args.x[0] != 1;
        return discarded_ ? Trap::TestFailed : Trap::None;
    case HostFn::TestBatch: batch_ = Batch{args.x[0] == 1, {}}; return Trap::None;
    case HostFn::TestBatchRun: return run_batch();
    case HostFn::TestConserved: return conserved(args);
    case HostFn::TestMigrate: {
        events_.clear();
        bool passed = false;
        return judge("migrate", stage_.core().migrate(args.x[0], static_cast<std::uint32_t>(args.x[1])), passed);
    }
    case HostFn::Fail: return refuse(args);
    default: return fail("a test is no contract: it has no state of its own");
    }
}

/// A function that the test calls itself refuses: that ends the test, and says with what.
Trap TestHost::refuse(const HostCall& args) {
    const auto& errors = program().module.errors;
    if (args.x[0] >= errors.size()) return Trap::BadArgument;
    const auto& error = errors[static_cast<std::size_t>(args.x[0])];
    std::string fields;
    if (error.record != none && args.x[1] != 0)
        if (const std::uint8_t* const at = args.arena->at(args.x[1], program().facts.layouts[error.record].size)) fields = " " + json_of(program(), error.record, at, names());
    return fail("a function that the test calls refuses with " + error.name + fields);
}

// ---- parties and money --------------------------------------------------------------------------

Trap TestHost::party(const HostCall& args) {
    const std::uint8_t* const at = args.arena->at(args.x[0], 8);
    const u64 count = at == nullptr ? limits::text_bytes + 1 : read_word<u64>(at);
    const std::uint8_t* const text =
        count > limits::text_bytes ? nullptr : args.arena->at(args.x[0] + 8, count);
    if (text == nullptr) return Trap::Bounds;
    const std::string name(as_text({text, static_cast<std::size_t>(count)}));
    args.x[0] = stage_.party(name);
    return args.x[0] != 0 ? Trap::None : fail("a party cannot be called \"" + name + "\"");
}

Trap TestHost::sign(u64 party) {
    if (party == 0)
        signers_.clear();
    else if (std::find(signers_.begin(), signers_.end(), party) == signers_.end())
        signers_.push_back(party);
    return Trap::None;
}

bool TestHost::take_cash(std::vector<CashIn>& out) {
    bool good = true;
    for (const Cash& cash : cash_)
        if (out.emplace_back(stage_.bring(signers_.empty() ? 1 : signers_[0], cash.currency, cash.amount)).account == 0)
            good = fail("test.cash: this amount cannot be issued: it is negative, or more than 10^24 units") == Trap::None;
    cash_.clear();
    return good;
}

Trap TestHost::balance(const HostCall& args) {
    const auto currency = static_cast<CurrencyCode>(args.x[1]);
    const auto account = stage_.core().state().number_at(keys::account_of(args.x[0], currency));
    args.w[0] = account ? stage_.core().state().account(*account)->balance : 0;
    currency_ = currency;
    return Trap::None;
}

// ---- transactions -------------------------------------------------------------------------------

const Import* TestHost::import(u64 number) const {
    const auto& imports = program().module.imports;
    return number < imports.size() ? &imports[number] : nullptr;
}

bool TestHost::arguments(const Import& import, const HostCall& args, u64 address, Bytes& out) {
    Type record;
    const auto layout = parameter_layout(program(), import, record);
    if (!layout || record.fields.empty()) return layout.has_value();
    const std::uint8_t* const at = args.arena->at(address, layout->size);
    ByteWriter bytes;
    for (std::size_t i = 0; at != nullptr && i < record.fields.size(); ++i)
        if (!encode_value(program(), record.fields[i].type, at + layout->offsets[i], bytes))
            return false;
    out = bytes.take();
    return at != nullptr;
}

bool TestHost::result(const Import& import, const HostCall& args, u64 address, const Bytes& bytes) {
    const bool none_wanted = address == 0 || import.result == none;
    if (none_wanted || program().module.types[import.result].kind == TypeKind::Cash) return true;
    const std::uint32_t size = program().facts.layouts[import.result].size;
    std::uint8_t* const at = args.arena->at(address, size);
    if (at == nullptr) return false;
    std::fill_n(at, size, std::uint8_t{0});
    ByteReader in(bytes);
    return decode_value(program(), import.result, in, at);
}

std::string TestHost::mismatch(const Receipt& receipt) const {
    const auto& errors = program().module.errors;
    if (expected_->error < 0) {
        const bool same = static_cast<u64>(receipt.trap) == expected_->trap;
        const TrapInfo* const info = trap_info(static_cast<Trap>(expected_->trap));
        return same || info == nullptr ? std::string() : "refused with " + std::string(info->name);
    }
    const auto number = static_cast<std::size_t>(expected_->error);
    if (number >= errors.size()) return "refused with an error of this module";
    if (receipt.trap != Trap::Refused || receipt.error != errors[number].name)
        return "refused with " + errors[number].name;
    if (!expected_->fields || *expected_->fields == receipt.error_fields) return {};
    return "refused with exactly these fields";
}

Trap TestHost::judge(const std::string& what, Receipt receipt, bool& passed) {
    passed = receipt.trap == Trap::None;
    events_.insert(events_.end(), receipt.events.begin(), receipt.events.end());
    if (!expected_) return passed ? Trap::None : fail(what + " was refused: " + receipt.note);
    const std::string problem = passed ? "refused" : mismatch(receipt);
    expected_.reset();
    if (problem.empty()) return Trap::None;
    return fail(what + " should have been " + problem + ", but " +
                (passed ? "it went through" : "got: " + receipt.note));
}

void TestHost::look_at_gas(const Import& entry, const Hash& hash, const Receipt& receipt) {
    const TrapInfo* const info = trap_info(receipt.trap);
    if (!bound_ || (info != nullptr && info->machine) || !too_dear_.empty()) return; // the limit, not what was used
    const CodePtr code = stage_.core().state().code(hash);
    const auto bound = code == nullptr ? std::nullopt : bound_(code->program->module.name, entry.contract, entry.entry);
    if (!bound || static_cast<u64>(receipt.gas_used) <= *bound) return;
    too_dear_ = entry.contract + "." + entry.entry + " used " + std::to_string(receipt.gas_used) + " gas, its bound is " + std::to_string(*bound) + ": a fault of the compiler";
}

Trap TestHost::create(const HostCall& args) {
    const Import* const wanted = import(args.x[0]);
    if (wanted == nullptr) return Trap::BadArgument;
    Create create;
    const State& state = stage_.core().state();
    const auto latest =
        wanted->module.empty() ? std::optional(program().hash) : state.latest_code(wanted->module);
    if (!latest) return fail("no module `" + wanted->module + "`");
    create.code = *latest;
    create.contract = wanted->contract;
    create.parent = args.x[1];
    create.currency = static_cast<CurrencyCode>(args.x[2]);
    if (create.currency != 0) currency_ = create.currency;
    if (!arguments(*wanted, args, args.x[3], create.arguments)) return Trap::Bounds;
    if (!take_cash(create.cash)) return Trap::TestFailed;
    if (batch_) {
        batch_->items.emplace_back(std::move(create));
        args.x[0] = 0;
        return Trap::None;
    }
    events_.clear();
    bool passed = false;
    const Hash made = create.code;
    Receipt receipt = stage_.apply(signers_, std::move(create));
    look_at_gas(*wanted, made, receipt);
    args.x[0] = receipt.created;
    return judge("create " + wanted->contract, std::move(receipt), passed);
}

Trap TestHost::call_contract(const HostCall& args) {
    const Import* const wanted = import(args.x[0]);
    if (wanted == nullptr) return Trap::BadArgument;
    Call call;
    call.instance = args.x[1];
    call.entry = wanted->entry;
    if (!arguments(*wanted, args, args.x[2], call.arguments)) return Trap::Bounds;
    if (!take_cash(call.cash)) return Trap::TestFailed;
    if (const auto header = stage_.core().state().header(call.instance)) {
        if (header->currency != 0) currency_ = header->currency;
        const bool gives =
            wanted->result != none && program().module.types[wanted->result].kind == TypeKind::Cash;
        if (gives && !signers_.empty()) call.payout = stage_.account(signers_[0], header->currency);
    }
    if (batch_) {
        if (call.payout != 0) return fail("in a batch a call cannot give money back");
        batch_->items.emplace_back(std::move(call));
        return Trap::None;
    }
    events_.clear();
    bool passed = false;
    const u64 result_at = args.x[3];
    const auto header_before = stage_.core().state().header(call.instance);
    const Receipt receipt = stage_.apply(signers_, std::move(call));
    if (header_before) look_at_gas(*wanted, header_before->code, receipt);
    if (const Trap trap = judge(wanted->contract + "." + wanted->entry, receipt, passed);
        trap != Trap::None)
        return trap;
    return !passed || result(*wanted, args, result_at, receipt.result) ? Trap::None : Trap::Bounds;
}

/// Each for itself: a refusal among them is not the batch's.
Trap TestHost::run_batch() {
    if (!batch_) return Trap::BadArgument;
    const Batch batch = std::move(*batch_);
    batch_.reset();
    events_.clear();
    bool passed = false;
    Receipt receipt = stage_.apply(signers_, batch);
    for (Receipt& item : receipt.items) events_.insert(events_.end(), item.events.begin(), item.events.end());
    return judge("the batch", std::move(receipt), passed);
}

Trap TestHost::conserved(const HostCall& args) {
    std::string figures;
    if (stage_.conserved(static_cast<CurrencyCode>(args.x[0]), figures)) return Trap::None;
    return fail("money is not conserved: " + figures, args.x[1]);
}

Trap TestHost::advance(Date to) {
    std::vector<ClauseRun> runs;
    events_.clear();
    if (!stage_.advance(to, runs))
        return fail("the business date is " + date_text(stage_.core().today()) +
                    " and cannot move to " + date_text(to));
    for (ClauseRun& run : runs) {
        bool passed = false;
        if (expected_ && run.receipt.trap == Trap::None) {
            events_.insert(events_.end(), run.receipt.events.begin(), run.receipt.events.end());
            continue;
        }
        const std::string what = "clause " + run.clause + " of instance " +
                                 std::to_string(run.instance) + " on " + date_text(run.date);
        if (const Trap trap = judge(what, std::move(run.receipt), passed); trap != Trap::None)
            return trap;
    }
    return Trap::None;
}

// ---- expectations -------------------------------------------------------------------------------

Trap TestHost::expect_fail(const HostCall& args) {
    Expected expected;
    expected.error = static_cast<i64>(args.x[0]);
    expected.trap = args.x[2];
    const auto& errors = program().module.errors;
    if (expected.error >= static_cast<i64>(errors.size())) return Trap::BadArgument;
    if (expected.error >= 0 && args.x[1] != 0) {
        const std::uint32_t type = errors[static_cast<std::size_t>(expected.error)].record;
        if (type == none) return Trap::BadArgument;
        const std::uint8_t* const at =
            args.arena->at(args.x[1], program().facts.layouts[type].size);
        ByteWriter fields;
        if (at == nullptr || !encode_value(program(), type, at, fields)) return Trap::Bounds;
        expected.fields = fields.take();
    }
    expected_ = std::move(expected);
    return Trap::None;
}

Trap TestHost::expect_event(const HostCall& args) {
    const auto& events = program().module.events;
    if (args.x[0] >= events.size()) return Trap::BadArgument;
    const NamedRecord& wanted = events[args.x[0]];
    ByteWriter fields;
    std::string shown;
    if (wanted.record != none) {
        const std::uint8_t* const at =
            args.arena->at(args.x[1], program().facts.layouts[wanted.record].size);
        if (at == nullptr || !encode_value(program(), wanted.record, at, fields))
            return Trap::Bounds;
        shown = " " + json_of(program(), wanted.record, at, names());
    }
    for (const Event& event : events_)
        if (event.name == wanted.name && event.fields == fields.data()) return Trap::None;
    std::string got = plural(events_);
    for (const Event& event : events_)
        if (event.name == wanted.name && wanted.record != none)
            got += " " + json_of_bytes(program(), wanted.record, event.fields, names());
    return fail("expected event " + wanted.name + shown + ", got " + got, args.x[2]);
}

Trap TestHost::expect(const HostCall& args) {
    if (args.x[0] == 1) return Trap::None;
    const u64 type = args.x[2], line = args.x[1];
    if (type >= program().module.types.size()) return fail("the expectation does not hold", line);
    const auto number = static_cast<std::uint32_t>(type);
    const std::uint32_t size = program().facts.layouts[number].size;
    const std::uint8_t* const left = args.arena->at(args.x[3], size);
    const std::uint8_t* const right = args.arena->at(args.x[4], size);
    if (left == nullptr || right == nullptr) return Trap::Bounds;
    return fail("the expectation does not hold: left is " +
                    json_of(program(), number, left, names()) + ", right is " +
                    json_of(program(), number, right, names()),
                line);
}

/// The record as code sees it; its size tells that the test means the same contract.
Trap TestHost::peek(const HostCall& args) {
    const auto self = stage_.core().look_at(args.x[1]);
    if (self == nullptr) return Trap::NoSuchInstance;
    if (self->plan->record_size != args.x[0]) return Trap::WrongContract;
    std::uint8_t* const at = args.arena->at(args.x[2], self->plan->record_size);
    if (at == nullptr) return Trap::Bounds;
    std::copy_n(self->record(), self->plan->record_size, at);
    return Trap::None;
}

} // namespace tally
