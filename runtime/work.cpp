// Transactions that run contracts: create and call, and questions, which are calls that leave
// nothing.
#include "runtime/core.hpp"

#include "runtime/parameters.hpp"
#include "runtime/watcher.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

/// How many instances with overdue clauses one transaction waits for.
constexpr std::size_t restarts_max = 64;

/// Parameters named like a role, constant or variable are in the field before `by` is asked, so
/// that a right may name the field.
void seed_fields(OpenInstance& self, const PreparedCall& call) {
    const auto& layouts = self.program().facts.layouts;
    for (std::size_t i = 0; i < call.entry.params.size(); ++i) {
        const Field& param = call.entry.params[i];
        for (std::size_t f = 0; f < self.contract->fields.size(); ++f) {
            const ContractField& field = self.contract->fields[f];
            if (field.kind > FieldKind::Var || field.name != param.name || field.type != param.type)
                continue;
            std::memcpy(self.record() + self.layout->offsets[f], call.params[i],
                        layouts[param.type].size);
        }
    }
}

/// The serial of a child: its first parameter, when it is a number of that name.
std::optional<i64> serial_of(const PreparedCall& call) {
    const auto& params = call.entry.params;
    if (params.empty() || params[0].name != "serial") return std::nullopt;
    if (call.self.program().module.types[params[0].type].kind != TypeKind::Int) return std::nullopt;
    return read_word<i64>(call.params[0]);
}

} // namespace

i64 Core::gas_of(const Transaction& tx) const { return std::clamp<i64>(tx.gas_limit, 0, state_.parameter(Parameter::TransactionGas)); }

void Core::fill(Receipt& receipt, Trap trap, Execution& execution) const {
    const TrapInfo* const info = trap_info(trap);
    const bool machine = info != nullptr && info->machine;
    receipt.trap = trap;
    receipt.gas_used = machine ? execution.request().gas : execution.gas_used();
    if (trap == Trap::None) {
        receipt.events = std::move(execution.events());
        return;
    }
    receipt.result.clear();
    receipt.created = 0;
    const Problem& problem = execution.problem();
    if (trap != Trap::Refused) return;
    receipt.error = problem.error;
    receipt.error_fields = problem.fields;
    receipt.error_code = problem.code;
    receipt.error_number = problem.number;
}

Core::Mark Core::mark() const {
    const Watcher* const watcher = state_.watcher();
    return {journal_.savepoint(), watcher == nullptr ? 0 : watcher->mark(), runs_.size()};
}

void Core::undo(const Mark& mark) {
    journal_.rollback(mark.rows);
    if (Watcher* const watcher = state_.watcher()) watcher->go_back(mark.told);
}

Receipt Core::run_work(const Work& work) {
    for (std::size_t restarts = 0;; ++restarts) {
        const Mark before = mark();
        InstanceId overdue = 0;
        Receipt receipt;
        {
            Execution ex(state_, caches_.arenas, {work.signers, today(), work.gas, true});
            Trap trap = work.body(ex, receipt);
            if (trap == Trap::None) trap = ex.finish();
            overdue = ex.overdue();
            fill(receipt, trap, ex);
            if (trap != Trap::None && overdue == 0)
                receipt.note = note_of(receipt, ex.problem(), ex.main_currency());
        }
        if (receipt.trap != Trap::None) undo(before);
        if (overdue == 0) return receipt;
        // Its clauses come first, each a transaction of its own; then everything from the
        // beginning.
        if (restarts < restarts_max && catch_up(overdue)) continue;
        receipt.note = plain_note(receipt.trap, "instance " + std::to_string(overdue));
        return receipt;
    }
}

Receipt Core::run_transaction(const Transaction& tx, const Create& made) {
    return run_work({actors_, gas_of(tx),
                     [&](Execution& ex, Receipt& receipt) { return create(ex, made, receipt); }});
}

Receipt Core::run_transaction(const Transaction& tx, const Call& asked) {
    return run_work({actors_, gas_of(tx),
                     [&](Execution& ex, Receipt& receipt) { return call(ex, asked, receipt); }});
}

// ---- money in and out ---------------------------------------------------------------------------

Trap Core::pass_cash(Execution& ex, const std::vector<CashIn>& cash, PreparedCall& call) {
    const auto& types = call.self.program().module.types;
    const auto wanted =
        std::count_if(call.entry.params.begin(), call.entry.params.end(),
                      [&](const Field& p) { return types[p.type].kind == TypeKind::Cash; });
    if (static_cast<std::size_t>(wanted) != cash.size())
        return ex.refuse(Trap::MalformedInput, "`" + call.entry.name + "` takes " +
                                                   std::to_string(wanted) + " amounts of cash");
    for (const CashIn& in : cash) {
        const auto account = state_.account(in.account);
        if (!account)
            return ex.refuse(Trap::NoSuchAccount, "account " + std::to_string(in.account));
        if (!ex.signed_by(account->owner))
            return ex.refuse(Trap::NotAuthorised,
                             "the owner of account " + std::to_string(in.account) + " must sign");
        if (account->currency != call.self.header.currency)
            return ex.refuse(Trap::WrongCurrency, "account " + std::to_string(in.account) +
                                                      " is in " + currency_name(account->currency));
        Holding holding = 0;
        const Trap trap = ex.assets().from_account(in.account, in.amount, holding);
        if (trap != Trap::None) return ex.refuse(trap, "account " + std::to_string(in.account));
        call.arguments.h.push_back(holding);
    }
    return Trap::None;
}

Trap Core::pay_out(Execution& ex, const Call& call, const OpenInstance& self, Holding holding) {
    AccountId account = call.payout;
    if (account == 0 && !ex.request().signers.empty())
        account = state_.number_at(keys::account_of(ex.request().signers[0], self.header.currency))
                      .value_or(0);
    const Trap trap = ex.assets().to_account(account, holding);
    return trap == Trap::None ? trap : ex.refuse(trap, "the account for what comes back");
}

/// Each item is a transaction of its own with a part of the gas; in a batch of all, the first refusal
/// undoes what came before and is the batch's own.
Receipt Core::run_batch(const Transaction& tx, const Batch& batch) {
    Receipt receipt;
    if (batch.items.empty() || batch.items.size() > limits::batch_items) {
        receipt.trap = Trap::MalformedInput;
        receipt.note = plain_note(receipt.trap, "a batch has 1 to " + std::to_string(limits::batch_items) + " items");
        return receipt;
    }
    const Mark before = mark();
    Transaction item = tx;
    item.gas_limit = gas_of(tx) / static_cast<i64>(batch.items.size());
    std::size_t events = 0, event_bytes = 0;
    for (const auto& payload : batch.items) {
        const Mark here = mark();
        Receipt one = std::visit([&](const auto& p) { return run_transaction(item, p); }, payload);
        for (const Event& event : one.events) event_bytes += event.fields.size();
        events += one.events.size();
        if (one.trap == Trap::None && (events > limits::batch_events || event_bytes > limits::batch_event_bytes)) {
            go_back(here); // the batch's limit, not the item's
            const i64 used = one.gas_used;
            one = Receipt{};
            one.trap = Trap::LimitExceeded;
            one.gas_used = used;
            one.note = plain_note(one.trap, "too many events in one batch");
        }
        receipt.gas_used += one.gas_used;
        receipt.items.push_back(std::move(one));
        const Receipt& last = receipt.items.back();
        if (!batch.all || last.trap == Trap::None) continue;
        go_back(before);
        receipt.trap = last.trap;
        receipt.error = last.error;
        receipt.error_fields = last.error_fields;
        receipt.error_code = last.error_code;
        receipt.error_number = last.error_number;
        receipt.note = "item " + std::to_string(receipt.items.size()) + ": " + last.note;
        for (Receipt& undone : receipt.items) { // nothing of it happened
            undone.events.clear();
            undone.result.clear();
            undone.created = 0;
        }
        return receipt;
    }
    return receipt;
}

// ---- create -------------------------------------------------------------------------------------

/// Parent and currency of a new instance.
Trap Core::place_instance(Execution& ex, const Create& create, const CodePtr& code,
                          InstanceHeader& header) {
    const Contract& contract = code->program->module.contracts[header.contract];
    if (contract.parent == none) {
        const bool currency_fits =
            contract.generic ? currency_by_code(create.currency).has_value()
                             : create.currency == 0 || create.currency == contract.currency;
        if (create.parent != 0)
            return ex.refuse(Trap::BadArgument, contract.name + " has no parent");
        if (!currency_fits) return ex.refuse(Trap::WrongCurrency, contract.name);
        header.currency = contract.generic ? create.currency : contract.currency;
        return Trap::None;
    }
    OpenInstance* parent = nullptr;
    if (const Trap trap = ex.open(create.parent, parent); trap != Trap::None) return trap;
    if (parent->header.code != create.code || parent->header.contract != contract.parent)
        return ex.refuse(Trap::WrongContract, "the parent is a " + parent->contract->name);
    if (parent->in_final_state())
        return ex.refuse(Trap::WrongState,
                         "the parent is " + std::string(parent->contract->states[parent->state]));
    if (create.currency != 0 && create.currency != parent->header.currency)
        return ex.refuse(Trap::WrongCurrency, "the currency is the parent's");
    header.parent = create.parent;
    header.currency = contract.currency != 0 ? contract.currency : parent->header.currency;
    return Trap::None;
}

Trap Core::create(Execution& ex, const Create& create, Receipt& receipt) {
    if (!state_.deployed(create.code)) return ex.refuse(Trap::NoSuchEntry, "no such module");
    const CodePtr code = state_.code(create.code);
    const std::uint32_t number = contract_number(code->program->module, create.contract);
    if (number == none || code->plans[number].create == none)
        return ex.refuse(Trap::NoSuchEntry, "contract `" + create.contract + "`");
    InstanceHeader header{create.code, number, 0, 0, today()};
    if (const Trap trap = place_instance(ex, create, code, header); trap != Trap::None) return trap;
    const InstanceId id = state_.take_number(keys::Meta::instances);
    OpenInstance* self = nullptr;
    if (const Trap trap = ex.create(id, header, code, self); trap != Trap::None) return trap;
    ex.set_main(*self);
    PreparedCall call{*self, self->contract->entries[self->plan->create], nullptr, false, {}, {}, 0,
                      0};
    if (const Trap trap = ex.prepare(call, create.arguments); trap != Trap::None) return trap;
    seed_fields(*self, call);
    if (const Trap trap = ex.authorise(call); trap != Trap::None) return trap;
    if (const auto serial = serial_of(call); serial && header.parent != 0) {
        const Bytes key = keys::child(header.parent, self->contract->name, *serial);
        if (journal_.has(key))
            return ex.refuse(Trap::AlreadyExists, "serial " + std::to_string(*serial));
        state_.put_number(key, id);
    }
    if (const Trap trap = pass_cash(ex, create.cash, call); trap != Trap::None) return trap;
    CallResult result;
    if (const Trap trap = ex.run(call, result); trap != Trap::None) return trap;
    receipt.created = id;
    return Trap::None;
}

// ---- call ---------------------------------------------------------------------------------------

Trap Core::call(Execution& ex, const Call& request, Receipt& receipt) {
    OpenInstance* self = nullptr;
    if (const Trap trap = ex.open(request.instance, self); trap != Trap::None) return trap;
    ex.set_main(*self);
    const std::uint32_t number = entry_number(*self->contract, request.entry);
    const Entry* const entry = number == none ? nullptr : &self->contract->entries[number];
    if (entry == nullptr || (entry->kind != EntryKind::Action && entry->kind != EntryKind::View))
        return ex.refuse(Trap::NoSuchEntry,
                         self->contract->name + " has no `" + request.entry + "`");
    PreparedCall call{*self, *entry, nullptr, false, {}, {}, 0, 0};
    if (const Trap trap = ex.prepare(call, request.arguments); trap != Trap::None) return trap;
    if (const Trap trap = ex.authorise(call); trap != Trap::None) return trap;
    if (const Trap trap = ex.check_state(call); trap != Trap::None) return trap;
    if (const Trap trap = pass_cash(ex, request.cash, call); trap != Trap::None) return trap;
    CallResult result;
    if (const Trap trap = ex.run(call, result); trap != Trap::None) return trap;
    receipt.result = std::move(result.value);
    return result.holding == 0 ? Trap::None : pay_out(ex, request, *self, result.holding);
}

Receipt Core::view(InstanceId instance, const std::string& entry, const Bytes& arguments) {
    const std::vector<PartyId> nobody;
    const Call request{instance, entry, arguments, {}, 0};
    return run_work({nobody, limits::transaction_gas, [&](Execution& ex, Receipt& receipt) {
                         OpenInstance* self = nullptr;
                         const Trap trap = ex.open(instance, self);
                         if (trap != Trap::None) return trap;
                         const std::uint32_t number = entry_number(*self->contract, entry);
                         if (number == none ||
                             self->contract->entries[number].kind != EntryKind::View)
                             return ex.refuse(Trap::NoSuchEntry, "no view `" + entry + "`");
                         return call(ex, request, receipt);
                     }});
}

Receipt Core::migrate(InstanceId instance, std::uint32_t from) {
    const std::vector<PartyId> nobody;
    return run_work({nobody, limits::transaction_gas, [&](Execution& ex, Receipt&) {
                         OpenInstance* self = nullptr;
                         if (const Trap trap = ex.open(instance, self); trap != Trap::None) return trap;
                         ex.set_main(*self);
                         const auto& all = self->contract->migrations;
                         const auto found = std::find_if(all.begin(), all.end(), [&](const Migration& m) { return m.from == from; });
                         if (found == all.end()) return ex.refuse(Trap::NoSuchEntry, "no migration from version " + std::to_string(from));
                         u64 nothing = 0;
                         return ex.run_plain(*self, found->function, {}, false, nothing);
                     }});
}

} // namespace tally
